//! Crashes at every point of a script of requests.
//!
//! The script runs once on a disk that records each write, each change of the length and each sync. A
//! crash at a point leaves the synced bytes and some part of those after; each such image is opened again:
//! all that was answered before the crash is there, the batch in flight is there wholly or not at all, and
//! the rest of the script leads to the same end. Images and not runs are repeated, so nothing hangs on two
//! runs doing the same.
//!
//! "Is there" means every row of every table, as the run without a crash had them after that batch; that
//! run's totals are those of a plain set of facts. In a script of its own the device's learner withdraws:
//! then no crash leaves that learner's key in the image, once the store is open again.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use redb::{ReadableDatabase, ReadableTable, TableDefinition, TableError};

use super::disk::{Disk, Operation, Replay, Survival};
use super::paged::Paged;
use super::*;
use crate::entry::{Entry, Joined, LessonDone};
use crate::id::{LearnerKey, LearnerSecret, LessonRef, Score, Slot};
use crate::log::{HeadSignature, Tail, WalkError, Walker};
use crate::session::{Answer, Extension};
use crate::wire::codec::Reader;
use crate::wire::frame::{Cursor, Receipt, Scope};

const NOW: Minutes = Minutes(29_922_000);
const TODAY: Day = Day(20_779);
const SEED: Seed = Seed { secret: [1; 32], store: [2; 16] };

/// A phone whose log comes in pieces: one learner, who finishes lessons 1, 2, 3 and so on.
struct Phone {
    secret: SigningKey,
    log: LogId,
    commune: u32,
    payloads: Vec<Vec<u8>>,
    /// The log's end after each entry.
    tails: Vec<Tail>,
}

impl Phone {
    fn new(n: u8, commune: u32, lessons: u16) -> Self {
        let secret = SigningKey::from_bytes(&[n; 32]);
        let log = LogId { device: device_of(&secret), incarnation: 0 };
        let (learner, key) = (LearnerId([n; 16]), LearnerKey([n ^ 0xff; 16]));
        let joined = Joined { learner, key, commune: CommuneCode(commune), day: TODAY };
        let done = (1..=lessons).map(|lesson| {
            let lesson = LessonRef { course: 1, lesson };
            Entry::LessonDone(LessonDone { slot: Slot(0), lesson, score: Score::MAX, day: TODAY })
        });
        let mut phone = Self { secret, log, commune, payloads: Vec::new(), tails: vec![Tail::start(&log)] };
        let mut walker = Walker::new(Tail::start(&log), 0);
        for entry in std::iter::once(Entry::Joined(joined)).chain(done) {
            let mut payload = Vec::new();
            entry.encode(TODAY, &mut payload);
            walker.step::<WalkError>(&mut Reader::new(&payload), &mut |_| Ok(None)).unwrap();
            phone.payloads.push(payload);
            phone.tails.push(walker.tail());
        }
        phone
    }

    fn entries(&self, from: usize, to: usize) -> Extension {
        let payloads = self.payloads[from..to].concat();
        let signature = self.tails[to].sign(&self.log, &self.secret);
        Extension { log: self.log, from: from as u64, count: (to - from) as u64, payloads, signature }
    }
}

type Script = fn(&[Phone; 3]) -> Vec<Step>;

/// One call of the store, or a new opening of it.
enum Step {
    Batch(Vec<Request>),
    Reopen,
}

fn keep(lesson: u16, percent: u8) -> Request {
    let lesson = LessonRef { course: 1, lesson };
    let done = Done { lesson, score: Score::new(percent).unwrap(), day: TODAY };
    Request::Keep { learner: None, done, new: NEW_LEARNER, now: NOW }
}

const NEW_LEARNER: NewLearner = NewLearner { secret: *b"a learner secret", key: *b"the learner key!" };

fn consent(commune: u32) -> Request {
    Request::Consent { learner: None, commune: CommuneCode(commune), day: TODAY, new: NEW_LEARNER, now: NOW }
}

fn withdraw() -> Request {
    Request::WithdrawOwn { learner: LearnerSecret(NEW_LEARNER.secret).id() }
}

fn ingest(extensions: Vec<Extension>) -> Request {
    Request::Session(Query::Ingest { peer: DeviceId([0; 32]), scope: Scope::All, extensions, now: NOW })
}

fn credit(log: LogId, length: u64, delivered: bool) -> Request {
    Request::Session(Query::Credit { receipts: vec![Receipt { log, length }], delivered })
}

fn script(phones: &[Phone; 3]) -> Vec<Step> {
    let [a, b, c] = phones;
    let own = LogId { device: device_of(&SigningKey::from_bytes(&SEED.secret)), incarnation: 0 };
    let peer = b.log.device;
    let cursor = Cursor { store: StoreId([9; 16]), position: 3 };
    let mut forged = a.entries(10, 12);
    forged.signature = HeadSignature([0; 64]);
    vec![
        Step::Batch(vec![keep(1, 50)]),
        Step::Batch(vec![keep(2, 80), ingest(vec![a.entries(0, 3)])]),
        Step::Batch(vec![consent(1)]),
        Step::Batch(vec![keep(3, 100), Request::Totals]),
        Step::Batch(vec![ingest(vec![a.entries(3, 10), b.entries(0, 5)])]),
        Step::Batch(vec![credit(own, 3, false)]),
        Step::Batch(vec![ingest(vec![c.entries(0, 400)])]),
        Step::Batch(vec![credit(own, 4, true), credit(b.log, 5, true)]),
        Step::Batch(vec![
            Request::Session(Query::SaveCursor { peer, scope: Scope::All, cursor, shown: None }),
            Request::Session(Query::CreditTo { peer, position: 5, scope: Scope::All, delivered: true }),
        ]),
        Step::Reopen,
        Step::Batch(vec![keep(1, 90), ingest(vec![forged]), keep(4, 70)]),
        Step::Batch(vec![ingest(vec![b.entries(0, 9), c.entries(400, 420)])]),
        Step::Batch(vec![consent(3)]),
        Step::Batch(vec![ingest(vec![a.entries(10, 40)]), keep(5, 60), credit(a.log, 40, true)]),
    ]
}

/// A learner's whole life on a device, with the withdrawal and the scrub that follows it.
fn withdrawal([a, ..]: &[Phone; 3]) -> Vec<Step> {
    vec![
        Step::Batch(vec![keep(1, 50), consent(1), ingest(vec![a.entries(0, 10)])]),
        Step::Batch(vec![withdraw()]),
        Step::Batch(vec![ingest(vec![a.entries(10, 20)])]),
    ]
}

fn phones() -> [Phone; 3] {
    [Phone::new(11, 1, 60), Phone::new(12, 2, 60), Phone::new(13, 2, 500)]
}

/// Every row of the tables, each as key and value. The store's own description changes with each
/// opening, but for its position.
type Rows = BTreeMap<&'static str, BTreeMap<Vec<u8>, Vec<u8>>>;

fn table_rows<K: redb::Key, V: redb::Value>(
    store: &Store,
    table: TableDefinition<'static, K, V>,
) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let table = match store.db.begin_read().unwrap().open_table(table) {
        Err(TableError::TableDoesNotExist(_)) => return BTreeMap::new(),
        opened => opened.unwrap(),
    };
    let bytes = |row: Result<_, _>| {
        let (key, value): (redb::AccessGuard<'_, K>, redb::AccessGuard<'_, V>) = row.unwrap();
        let key = K::as_bytes(&key.value()).as_ref().to_vec();
        (key, V::as_bytes(&value.value()).as_ref().to_vec())
    };
    table.iter().unwrap().map(bytes).collect()
}

fn rows(store: &Store) -> Rows {
    let mut meta = table_rows(store, tables::META);
    meta.retain(|name, _| name == tables::META_POSITION.as_bytes());
    BTreeMap::from([
        ("meta", meta),
        ("logs", table_rows(store, tables::LOGS)),
        ("log ids", table_rows(store, tables::LOG_IDS)),
        ("entries", table_rows(store, tables::ENTRIES)),
        ("slots", table_rows(store, tables::SLOTS)),
        ("changes", table_rows(store, tables::CHANGES)),
        ("learners", table_rows(store, tables::LEARNERS)),
        ("communes", table_rows(store, tables::COMMUNES)),
        ("days", table_rows(store, tables::DAYS)),
        ("withdrawals", table_rows(store, tables::WITHDRAWALS)),
        ("withdrawn", table_rows(store, tables::WITHDRAWN)),
        ("forks", table_rows(store, tables::FORKS)),
        ("contacts", table_rows(store, tables::CONTACTS)),
        ("peers", table_rows(store, tables::PEERS)),
        ("credited", table_rows(store, tables::CREDITED)),
        ("own learners", table_rows(store, tables::OWN_LEARNERS)),
        ("own done", table_rows(store, tables::OWN_DONE)),
    ])
}

/// What is known after some steps, as plain sets; communes with their learners and lessons.
#[derive(Default)]
struct Facts {
    own_commune: Option<u32>,
    own_lessons: BTreeSet<u16>,
    lengths: BTreeMap<LogId, u64>,
}

impl Facts {
    fn learn(&mut self, request: &Request) {
        match request {
            Request::Keep { done, .. } => drop(self.own_lessons.insert(done.lesson.lesson)),
            Request::Consent { commune, .. } => self.own_commune = Some(commune.0),
            Request::WithdrawOwn { .. } => self.own_commune = None,
            Request::Session(Query::Ingest { extensions, .. }) => {
                for extension in extensions.iter().filter(|extension| extension.signature.0 != [0; 64]) {
                    self.lengths.insert(extension.log, extension.from + extension.count);
                }
            }
            _ => {}
        }
    }

    fn totals(&self, phones: &[Phone]) -> BTreeMap<u32, (u64, u64)> {
        let commune_of = |log: &LogId| phones.iter().find(|phone| phone.log == *log).unwrap().commune;
        let own = self.own_commune.map(|commune| (commune, self.own_lessons.len() as u64));
        let others = self.lengths.iter().map(|(log, length)| (commune_of(log), length - 1));
        let mut totals = BTreeMap::<u32, (u64, u64)>::new();
        for (commune, lessons) in own.into_iter().chain(others) {
            let total = totals.entry(commune).or_default();
            *total = (total.0 + 1, total.1 + lessons);
        }
        totals
    }
}

fn totals(store: &Store) -> BTreeMap<u32, (u64, u64)> {
    let Some(Response::Totals(totals)) = store.execute(&[Request::Totals]).pop() else { panic!("no totals") };
    let totals = totals.iter().map(|total| (total.commune.0, (total.learners, total.lessons)));
    totals.filter(|(_, total)| *total != (0, 0)).collect()
}

const fn failed(response: &Response) -> bool {
    matches!(response, Response::Failed(_) | Response::Session(Answer::Failed(_)))
}

/// Storage that a store can be opened on again and again.
trait Medium {
    fn store(&self) -> Store;
    /// Called before a batch is acknowledged.
    fn settle(&self) {}
    /// Every byte that is stored.
    fn bytes(&self) -> Vec<u8>;
}

impl Medium for Disk {
    fn store(&self) -> Store {
        Store::open(self.open(), &SEED).expect("what a crash leaves opens")
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes()
    }
}

/// Runs steps on a medium; after each, `then` sees the store.
fn run(medium: &impl Medium, store: Store, steps: &[Step], mut then: impl FnMut(&Store)) -> Store {
    let mut store = store;
    for step in steps {
        match step {
            Step::Batch(requests) => {
                let responses = store.execute(requests);
                // A repeated withdrawal finds no learner any more.
                let repeated = *requests == [withdraw()] && rows(&store)["withdrawals"].len() == 1;
                assert!(repeated || !responses.iter().any(failed), "{responses:?}");
            }
            Step::Reopen => {
                drop(store);
                store = medium.store();
            }
        }
        medium.settle();
        then(&store);
    }
    store
}

/// The run without a crash: the rows at the beginning and after each step.
struct Truth {
    steps: Vec<Step>,
    rows: Vec<Rows>,
    /// Pages that were searched: few differ from image to image.
    clean: RefCell<HashSet<blake3::Hash>>,
}

impl Truth {
    /// Runs the script, holding its totals against plain facts; `then` is called at the beginning and
    /// after each step.
    fn learn(medium: &impl Medium, script: Script, mut then: impl FnMut()) -> Self {
        let phones = phones();
        let steps = script(&phones);
        let mut facts = Facts::default();
        let store = medium.store();
        medium.settle();
        then();
        let mut truth = Self { rows: vec![rows(&store)], steps: Vec::new(), clean: RefCell::default() };
        let mut taken = steps.iter();
        run(medium, store, &steps, |store| {
            if let Some(Step::Batch(requests)) = taken.next() {
                for request in requests {
                    facts.learn(request);
                }
            }
            assert_eq!(totals(store), facts.totals(&phones));
            truth.rows.push(rows(store));
            then();
        });
        truth.steps = steps;
        truth
    }

    /// Checks a medium on which `answered` steps were answered before a crash; `None` if that was while
    /// the store was made.
    fn check(&self, medium: &impl Medium, answered: Option<usize>, place: &str) {
        let store = medium.store();
        medium.settle();
        let after = answered.unwrap_or(0);
        let found = rows(&store);
        let before_or_after = answered.map_or(after, |after| (after + 1).min(self.steps.len()));
        assert!(found == self.rows[after] || found == self.rows[before_or_after], "{place}: {found:?}");
        if found["withdrawals"].len() == 1 {
            assert!(!self.reveals(&medium.bytes()), "{place}");
        }
        let store = run(medium, store, &self.steps[after..], |_| ());
        assert_eq!(rows(&store), self.rows[self.steps.len()], "{place}: the end");
        if self.rows[self.steps.len()]["withdrawals"].len() == 1 {
            assert!(!self.reveals(&medium.bytes()), "{place}: the end");
        }
    }

    /// Whether an image holds the key of the device's learner, with which payloads could be guessed. The
    /// learner's secret is told by the withdrawal itself.
    fn reveals(&self, image: &[u8]) -> bool {
        let mut clean = self.clean.borrow_mut();
        (0..image.len()).step_by(4096).any(|start| {
            let page = &image[start..image.len().min(start + 4096 + 15)];
            let found = !clean.contains(&blake3::hash(page)) && page.windows(16).any(|bytes| bytes == NEW_LEARNER.key);
            if !found {
                clean.insert(blake3::hash(page));
            }
            found
        })
    }
}

/// Counts crashes, and the images they leave: each is looked at once for the steps answered before it.
#[derive(Default)]
struct Wreckage {
    crashes: usize,
    images: HashSet<(Option<usize>, blake3::Hash)>,
}

impl Wreckage {
    /// Crashes at every operation of a run from `start` on, and after the last: what was answered last is
    /// synced. `look` sees each new image, with where it comes from.
    fn crash(
        &mut self,
        start: Vec<u8>,
        journal: Vec<Operation>,
        survivals: &[Survival],
        answered: impl Fn(usize) -> Option<usize>,
        mut look: impl FnMut(Vec<u8>, Option<usize>, &str),
    ) {
        let (mut replay, operations) = (Replay::new(start), journal.len());
        for (done, operation) in journal.into_iter().map(Some).chain([None]).enumerate() {
            for survival in survivals {
                self.crashes += 1;
                let (image, answered) = (replay.crash(*survival), answered(done));
                if self.images.insert((answered, blake3::hash(&image))) {
                    look(image, answered, &format!("crash after {done} of {operations} operations, {survival:?}"));
                }
            }
            if let Some(operation) = operation {
                replay.push(operation);
            }
        }
    }
}

/// Crashes at every operation on a disk, and opens every image that leaves. Of one in `again`, crashes
/// again at every operation of that opening.
fn crash_everywhere(name: &str, script: Script, survivals: &[Survival], again: Option<usize>) {
    let disk = Disk::holding(Vec::new()).recording();
    let mut answered_at = Vec::new();
    let truth = Truth::learn(&disk, script, || answered_at.push(disk.operations()));
    let answered = |done| answered_at.iter().filter(|at| **at <= done).count().checked_sub(1);
    let (mut once, mut twice, mut nth) = (Wreckage::default(), Wreckage::default(), 0);
    once.crash(Vec::new(), disk.journal(), survivals, answered, |image, answered, place| {
        truth.check(&Disk::holding(image.clone()), answered, place);
        nth += 1;
        if again.is_some_and(|again| nth % again == 1) {
            let disk = Disk::holding(image.clone()).recording();
            disk.store();
            twice.crash(
                image,
                disk.journal(),
                &survivals[..2],
                |_| answered,
                |image, answered, then| {
                    truth.check(&Disk::holding(image), answered, &format!("{place}, then {then}"));
                },
            );
        }
    });
    let [(first, images), (second, images_twice)] = [once, twice].map(|of| (of.crashes, of.images.len()));
    println!("{name}: {first} crashes, {images} images; {second} crashes while opening, {images_twice} images");
}

#[test]
fn a_file_survives_a_crash_anywhere() {
    crash_everywhere("file", script, &Survival::FILE, Some(16));
}

#[test]
fn an_access_handle_survives_a_crash_anywhere() {
    crash_everywhere("access handle", script, &Survival::OPFS, Some(16));
}

#[test]
fn a_withdrawal_survives_a_crash_anywhere() {
    crash_everywhere("withdrawal", withdrawal, &[Survival::Nothing, Survival::Torn], None);
}

/// Storage that begins like an unfinished database but holds something is not taken for one.
#[test]
fn only_a_database_that_held_nothing_is_begun_again() {
    let mut image = vec![0; 100_000];
    drop(Store::open(Disk::holding(image.clone()).open(), &SEED).unwrap());
    image[99_999] = 1;
    let disk = Disk::holding(image.clone());
    assert!(Store::open(disk.open(), &SEED).is_err());
    assert_eq!(disk.bytes(), image);
}

/// Fails at every operation: what the disk refused is never answered as done, and is there wholly or not
/// at all when the disk works again.
#[test]
fn a_disk_that_fails_anywhere_is_not_told_as_saved() {
    let whole = Disk::holding(Vec::new());
    let truth = Truth::learn(&whole, script, || ());
    let opening = {
        let disk = Disk::holding(Vec::new());
        disk.store();
        disk.operations()
    };
    let (mut failures, mut operation) = (0, opening);
    while fail_at(&truth, operation) {
        (failures, operation) = (failures + 1, operation + 1);
    }
    assert!(failures > 100, "{failures}");
    println!("disk: {failures} failures");
}

/// Runs the script on a disk that fails from an operation on; returns whether it came to that.
fn fail_at(truth: &Truth, operation: usize) -> bool {
    let disk = Disk::holding(Vec::new());
    disk.kill_at(operation);
    let Ok(mut store) = Store::open(disk.open(), &SEED) else { return true };
    let mut answered = 0;
    for step in &truth.steps {
        match step {
            Step::Batch(requests) => {
                let responses = store.execute(requests);
                let changes = || responses.iter().zip(requests).filter(|(_, request)| request.changes_something());
                if changes().any(|(response, _)| failed(response)) {
                    assert!(changes().all(|(response, _)| failed(response)), "{responses:?}");
                    assert!(store.failure().is_some());
                    break;
                }
            }
            Step::Reopen => {
                drop(store);
                let Ok(again) = Store::open(disk.open(), &SEED) else { break };
                store = again;
            }
        }
        answered += 1;
    }
    let failed = answered < truth.steps.len();
    truth.check(&Disk::holding(disk.bytes()), Some(answered), &format!("failure at operation {operation}"));
    failed
}

/// IndexedDB: the length and the pages of the image, changed by whole transactions.
#[derive(Clone, Default)]
struct Stored {
    len: u64,
    pages: BTreeMap<u32, Vec<u8>>,
}

/// A worker: the image in memory, and what is stored of it.
#[derive(Default)]
struct Worker {
    image: Mutex<Paged>,
    stored: Mutex<Stored>,
}

impl Worker {
    fn holding(stored: Stored) -> Self {
        Self { stored: Mutex::new(stored), ..Self::default() }
    }

    fn stored(&self) -> Stored {
        self.stored.lock().unwrap().clone()
    }
}

impl Medium for Worker {
    fn store(&self) -> Store {
        let Stored { len, pages } = self.stored();
        let image = Paged::load(len, pages).unwrap();
        *self.image.lock().unwrap() = image.clone();
        Store::open(image, &SEED).expect("whole commits open")
    }

    fn settle(&self) {
        let Some(commit) = self.image.lock().unwrap().take_dirty() else { return };
        let mut stored = self.stored.lock().unwrap();
        stored.len = commit.len;
        stored.pages.retain(|page, _| *page < commit.keep);
        stored.pages.extend(commit.pages);
    }

    fn bytes(&self) -> Vec<u8> {
        self.stored().pages.into_values().flatten().collect()
    }
}

/// Ends the worker before each transaction of IndexedDB completes, and after, before anyone was told.
/// What redb writes in between is in memory alone: every point between two transactions is the same crash.
#[test]
fn an_image_in_indexeddb_survives_a_crash_anywhere() {
    let worker = Worker::default();
    let mut stored = vec![Stored::default()];
    let truth = Truth::learn(&worker, script, || stored.push(worker.stored()));
    let mut crashes = 0;
    for (transactions, kept) in stored.iter().enumerate() {
        // Told of all that is stored, or not yet of the last.
        for answered in [transactions.checked_sub(1), transactions.checked_sub(2)] {
            let place = format!("indexeddb: crash after {transactions} transactions, {answered:?} answered");
            truth.check(&Worker::holding(kept.clone()), answered, &place);
            crashes += 1;
        }
    }
    println!("indexeddb: {crashes} crashes at {} transactions", stored.len() - 1);
}

/// An image that storage refused to take is given up: from there on nothing is told as saved.
#[test]
fn an_image_that_indexeddb_refused_is_not_told_as_saved() {
    let phones = phones();
    for (step, refused) in script(&phones).iter().enumerate() {
        let Step::Batch(requests) = refused else { continue };
        let worker = Worker::default();
        let store = worker.store();
        worker.settle();
        let store = run(&worker, store, &script(&phones)[..step], |_| ());
        worker.image.lock().unwrap().shut();
        let responses = store.execute(requests);
        let changed = responses.iter().zip(requests).filter(|(_, request)| request.changes_something());
        assert!(changed.into_iter().all(|(response, _)| failed(response)), "{responses:?}");
        assert!(store.failure().is_some());
    }
}
