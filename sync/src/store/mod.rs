//! The store: what a node holds, in redb, over a file or any other backend.
//!
//! Every change is one transaction of immediate durability. [`Store::execute`] takes a batch of requests
//! and commits all that they change at once, so that three hundred phones cost one write to disk. The
//! layout is drawn in `tables.rs` and `rows.rs`.

#[cfg(not(target_family = "wasm"))]
mod ahead;
#[cfg(target_family = "wasm")]
#[path = "no_ahead.rs"]
mod ahead;
// A browser attests nobody, and revokes nobody.
#[cfg(not(target_family = "wasm"))]
mod confirm;
#[cfg(test)]
mod crash_tests;
#[cfg(not(target_family = "wasm"))]
mod cuts;
#[cfg(test)]
mod disk;
#[cfg(not(target_family = "wasm"))]
mod enrol;
mod erase;
mod error;
mod forks;
#[cfg(any(test, feature = "golden"))]
pub(crate) mod golden;
mod ingest;
mod learners;
#[cfg(not(target_family = "wasm"))]
mod office;
#[cfg(target_family = "wasm")]
#[path = "no_office.rs"]
mod office;
mod own;
#[cfg(test)]
mod own_tests;
pub mod paged;
mod read;
// Phones never reconcile, and download every byte of this crate.
#[cfg(not(target_family = "wasm"))]
mod reconcile;
#[cfg(target_family = "wasm")]
#[path = "no_reconcile.rs"]
mod reconcile;
#[cfg(test)]
mod reconcile_tests;
mod revoke;
mod rows;
mod scrub;
// A phone's logs are short, and its peers' are none of its business.
#[cfg(not(target_family = "wasm"))]
mod stage;
#[cfg(target_family = "wasm")]
#[path = "no_stage.rs"]
mod stage;
#[cfg(test)]
mod stage_tests;
mod tables;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trust_tests;
mod walk;
mod write;

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ed25519_dalek::SigningKey;
use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend};

pub use error::{OpenError, StoreError};
pub use learners::{CommuneTotals, CountedLearner};
pub use own::{Done, Kept, NewLearner, OWN_LEARNERS_MAX, OwnDone, OwnLearner, Withdrew};
pub use tables::FORMAT;

use crate::authority::Revoked;
use crate::id::{CommuneCode, Day, DeviceId, LearnerId, LessonRef, LogId, Minutes, ProvinceKey, Score, StoreId};
use crate::log::{Fork, device_of};
use crate::session::{Answer, Query};
use scrub::Watch;
use write::Writer;

/// Stores up to this size overwrite what was erased before they answer: about four seconds at most, measured
/// at 2.1 s for 135 MB. Larger ones do it when they are opened next.
const SCRUB_NOW_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Cache of a store's file on a laptop, in bytes.
#[cfg(not(target_arch = "wasm32"))]
const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// Cache on a phone, in bytes.
#[cfg(target_arch = "wasm32")]
const CACHE_BYTES: usize = 4 * 1024 * 1024;

/// Random bytes for opening a store, new ones each time. They come from outside: the store draws none
/// itself.
#[derive(Clone)]
pub struct Seed {
    /// Becomes the device's secret key if the store is new.
    pub secret: [u8; 32],
    /// Becomes the store's id until it is opened again.
    pub store: [u8; 16],
}

impl core::fmt::Debug for Seed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Seed(secret)")
    }
}

/// A request to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Of a session.
    Session(Query),
    /// A learner on this device finished a lesson. Repeating it changes nothing.
    Keep {
        /// Who; `None` for the only or first learner.
        learner: Option<LearnerId>,
        /// What.
        done: Done,
        /// Used if the device has no learner yet.
        new: NewLearner,
        /// Now, for the totals.
        now: Minutes,
    },
    /// A learner on this device agrees that progress leaves it, as of this commune. Repeating it changes
    /// nothing.
    Consent {
        /// Who; `None` for the only or first learner.
        learner: Option<LearnerId>,
        /// Where the learner lives.
        commune: CommuneCode,
        /// When.
        day: Day,
        /// Used if the device has no learner yet.
        new: NewLearner,
        /// Now, for the totals.
        now: Minutes,
    },
    /// Takes a credential chain for this device, encoded, and trusts the province that it begins with.
    Enrol {
        /// The chain.
        chain: Vec<u8>,
        /// Now, for the totals.
        now: Minutes,
    },
    /// Trusts a province. A store trusts one, for ever.
    Pin {
        /// Its public key.
        province: ProvinceKey,
    },
    /// This device attests that a learner can do what a course teaches.
    Attest {
        /// Who.
        learner: LearnerId,
        /// Number of the course.
        course: u16,
        /// When.
        day: Day,
        /// Random bytes: key the learner's entries in this device's log, if it has none yet.
        key: [u8; 16],
        /// Now, for the totals.
        now: Minutes,
    },
    /// A learner who was made elsewhere, by the page or on another device of theirs, learns here too.
    /// Repeating it changes nothing.
    Enlist {
        /// Who.
        new: NewLearner,
    },
    /// This device keeps nothing more of a learner of its own. What its log says of them stays, and goes
    /// on its way: only a withdrawal erases that.
    Leave {
        /// Who.
        learner: LearnerId,
    },
    /// A learner of this device withdraws: everything about them is erased, here and wherever the
    /// withdrawal arrives.
    WithdrawOwn {
        /// Who.
        learner: LearnerId,
    },
    /// This device withdraws a learner who asked for it.
    WithdrawFor {
        /// Who.
        learner: LearnerId,
        /// When.
        day: Day,
    },
    /// Signs for a learner to show what was attested of them.
    Confirm {
        /// Who.
        learner: LearnerId,
        /// The name to be shown in it; it is kept nowhere. May be empty.
        holder: String,
        /// Which criteria are met.
        judge: Judge,
        /// When.
        day: Day,
    },
    /// The learners on this device.
    Own,
    /// How far this device's latest withdrawal of one of its own came.
    Withdrew,
    /// What is counted, by commune.
    Totals,
    /// Every learner that is counted.
    Learners,
    /// The logs that forked, with the proofs.
    Forks,
    /// What to list to revoke a device without losing its earlier records.
    Cuts {
        /// Whose rights end.
        device: DeviceId,
    },
}

/// Finds the version of the criteria that a learner meets, 0 for none, from the lessons done and the courses
/// attested. What the criteria are is not known to the store.
#[derive(Clone, Copy)]
pub struct Judge(pub Judging);

/// From the lessons done and the courses attested to the version of the criteria.
pub type Judging = fn(&[(LessonRef, Score, Day)], &[(u16, Day)]) -> u32;

impl core::fmt::Debug for Judge {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Judge")
    }
}

impl PartialEq for Judge {
    fn eq(&self, other: &Self) -> bool {
        core::ptr::fn_addr_eq(self.0, other.0)
    }
}

impl Eq for Judge {}

/// What the store answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// To [`Request::Session`].
    Session(Answer),
    /// To [`Request::Keep`], [`Request::Consent`] and [`Request::Enlist`].
    Kept(Kept),
    /// To [`Request::Confirm`]: a statement, encoded.
    Confirmation(Vec<u8>),
    /// To [`Request::Own`].
    Own(Vec<OwnLearner>),
    /// To [`Request::Withdrew`]; `None` if nobody withdrew.
    Withdrew(Option<Withdrew>),
    /// To [`Request::Totals`].
    Totals(Vec<CommuneTotals>),
    /// To [`Request::Learners`].
    Learners(Vec<CountedLearner>),
    /// To [`Request::Forks`].
    Forks(Vec<Fork>),
    /// To [`Request::Cuts`]: the device, and every one whose credential runs through it.
    Cuts(Vec<Revoked>),
    /// To any request that changes something and has nothing to tell.
    Done,
    /// The store could not; nothing was changed.
    Failed(String),
}

impl Request {
    pub(crate) const fn changes_something(&self) -> bool {
        match self {
            Self::Keep { .. }
            | Self::Consent { .. }
            | Self::Enrol { .. }
            | Self::Pin { .. }
            | Self::Attest { .. }
            | Self::Enlist { .. }
            | Self::Leave { .. }
            | Self::WithdrawOwn { .. }
            | Self::WithdrawFor { .. } => true,
            Self::Session(query) => !matches!(
                query,
                Query::Begin { .. }
                    | Query::Changes { .. }
                    | Query::Withdrawals { .. }
                    | Query::Lacking { .. }
                    | Query::Missing { .. }
                    | Query::Read { .. }
                    | Query::Standing
            ),
            Self::Own
            | Self::Withdrew
            | Self::Totals
            | Self::Learners
            | Self::Forks
            | Self::Cuts { .. }
            | Self::Confirm { .. } => false,
        }
    }

    fn fail(&self, error: &StoreError) -> Response {
        match self {
            Self::Session(_) => Response::Session(Answer::Failed(error.to_string())),
            _ => Response::Failed(error.to_string()),
        }
    }
}

/// A node's store. One process, and in it one owner, has it open.
#[derive(Debug)]
pub struct Store {
    db: Database,
    watch: Watch,
    id: StoreId,
    secret: SigningKey,
    /// Why the last commit failed, if the storage is to blame.
    failure: Mutex<Option<String>>,
}

impl Store {
    /// Opens the file at `path`, or makes it.
    ///
    /// # Errors
    /// [`OpenError`]; a file of a newer release or in use elsewhere is left as it is.
    pub fn open_file(path: &Path, seed: &Seed) -> Result<Self, OpenError> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        Self::open(FileBackend::new(file.map_err(redb::Error::from)?)?, seed)
    }

    /// Opens what a backend holds, or makes a store in it if it is empty. Finishes a scrub that is due.
    ///
    /// # Errors
    /// [`OpenError`], as [`open_file`](Self::open_file).
    pub fn open(backend: impl StorageBackend, seed: &Seed) -> Result<Self, OpenError> {
        let watch = Watch::new(backend);
        let db = Database::builder().set_cache_size(CACHE_BYTES).create_with_backend(watch.clone())?;
        let found = read::secret(&db)?;
        write::begin(&db, seed, found.is_none())?;
        let (id, secret) = (StoreId(seed.store), found.unwrap_or(seed.secret));
        let store = Self { db, watch, id, secret: SigningKey::from_bytes(&secret), failure: Mutex::default() };
        match store.scrub_if_due() {
            // Better a store that holds more than it should than none: what comes next may make room.
            Ok(_) | Err(StoreError::NoRoom { .. }) => Ok(store),
            Err(error) => Err(error.into()),
        }
    }

    /// Overwrites what was erased, if something was since the last scrub: afterwards nothing of it is left
    /// in the store's file or image. Returns whether it did. The cost is that of writing all that the
    /// store holds, however much was erased.
    ///
    /// # Errors
    /// [`StoreError`]; the scrub stays due, and the next opening of the store does it.
    pub fn scrub_if_due(&self) -> Result<bool, StoreError> {
        let due = scrub::is_due(&self.db)?;
        if due {
            scrub::scrub(&self.db, &self.watch)?;
        }
        Ok(due)
    }

    /// The store's id since it was opened.
    pub const fn id(&self) -> StoreId {
        self.id
    }

    /// The device that this store belongs to.
    pub fn device(&self) -> DeviceId {
        device_of(&self.secret)
    }

    /// The device's secret key, which is also that of its iroh endpoint.
    pub fn secret(&self) -> [u8; 32] {
        self.secret.to_bytes()
    }

    /// The log that this device writes.
    ///
    /// # Errors
    /// [`StoreError`] if its number cannot be read.
    pub fn own_log(&self) -> Result<LogId, StoreError> {
        let meta = self.db.begin_read()?.open_table(tables::META)?;
        Ok(LogId { device: self.device(), incarnation: read::incarnation(&meta)? })
    }

    /// Why the storage failed under a commit, if it did: a full or broken disk. redb refuses everything
    /// after that until the store is opened anew.
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The position of the newest change.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub fn position(&self) -> Result<u64, StoreError> {
        let meta = self.db.begin_read()?.open_table(tables::META)?;
        read::position(&meta)
    }

    /// Does a batch of requests: questions before the first change as things stood, then every change in
    /// one durable commit, then the other questions. Answers are in the order of the requests. If the
    /// commit fails, nothing is changed and every change is answered so.
    pub fn execute(&self, requests: &[Request]) -> Vec<Response> {
        let first_change = requests.iter().position(Request::changes_something);
        let mut responses: Vec<Option<Response>> = requests.iter().map(|_| None).collect();
        let before = first_change.unwrap_or(requests.len());
        self.read_all(&requests[..before], &mut responses[..before]);
        self.write_all(&requests[before..], &mut responses[before..]);
        self.read_all(&requests[before..], &mut responses[before..]);
        responses.into_iter().flatten().collect()
    }

    fn write_all(&self, requests: &[Request], responses: &mut [Option<Response>]) {
        if requests.is_empty() {
            return;
        }
        let result = self.commit(|writer| {
            let changes = requests.iter().zip(responses.iter_mut()).filter(|(request, _)| request.changes_something());
            for (request, response) in changes {
                *response = Some(match writer.apply(request) {
                    // Seen before anything was written: the others of the batch are not to blame.
                    Err(error) if error.is_askers() => request.fail(&error),
                    applied => applied?,
                });
            }
            Ok(())
        });
        if let Err(error) = result {
            self.note_failure(&error);
            for (request, response) in requests.iter().zip(responses) {
                if request.changes_something() {
                    *response = Some(request.fail(&error));
                }
            }
        } else if self.watch.len().is_ok_and(|length| length <= SCRUB_NOW_BYTES_MAX)
            && let Err(error) = self.scrub_if_due()
        {
            // The changes are durable and so is the debt: the next opening pays it.
            self.note_failure(&error);
        }
    }

    /// Remembers that the storage failed, if it did.
    fn note_failure(&self, error: &StoreError) {
        if let StoreError::Storage(storage) = error {
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(storage.to_string());
        }
    }

    fn commit(&self, change: impl FnOnce(&mut Writer<'_>) -> Result<(), StoreError>) -> Result<(), StoreError> {
        // Never waits: this store has one owner, and a browser's worker could not.
        let txn = self.db.try_begin_write()?;
        let mut writer = Writer::open(&txn, &self.secret)?;
        change(&mut writer)?;
        writer.finish()?;
        txn.commit()?;
        Ok(())
    }

    fn read_all(&self, requests: &[Request], responses: &mut [Option<Response>]) {
        for (request, response) in requests.iter().zip(responses) {
            if response.is_none() {
                *response = Some(self.read(request).unwrap_or_else(|error| request.fail(&error)));
            }
        }
    }

    fn read(&self, request: &Request) -> Result<Response, StoreError> {
        let txn = self.db.begin_read()?;
        match request {
            Request::Session(query) => read::answer(&txn, query, self.id).map(Response::Session),
            Request::Own => own::view(&txn, &self.own_log()?).map(Response::Own),
            Request::Withdrew => own::withdrew(&txn, &self.own_log()?).map(Response::Withdrew),
            _ => office::answer(&txn, &self.secret, request),
        }
    }
}

/// Reads and decodes one row.
fn row<K: redb::Key + 'static, R: rows::Row>(
    table: &impl ReadableTable<K, &'static [u8]>,
    name: &'static str,
    key: K::SelfType<'_>,
) -> Result<Option<R>, StoreError> {
    table.get(key)?.map(|guard| R::from_bytes(guard.value()).map_err(StoreError::row(name))).transpose()
}
