//! Messages between the page and its worker.
//!
//! The page shows lessons; the worker keeps what was learnt and sends it on. They are two bundles, so
//! a page that a browser kept from an older visit may meet a newer worker. Every message therefore
//! starts with a version, and neither side trusts the other's bytes:
//!
//! ```text
//! message = version (1 byte, PROTOCOL_VERSION) ‖ postcard of ToWorker or FromWorker
//! ```
//!
//! A message travels by `postMessage` as a `Uint8Array`. Variants and fields are only ever appended.
//!
//! # Example
//!
//! ```
//! use app::protocol::{FromWorker, decode, encode};
//!
//! let bytes = encode(&FromWorker::Kept { nonce: 7 });
//! assert_eq!(decode::<FromWorker>(&bytes), Ok(FromWorker::Kept { nonce: 7 }));
//! ```

use core::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Version of the messages; the first byte of each.
pub const PROTOCOL_VERSION: u8 = 1;

/// Largest message either side accepts, in bytes.
///
/// A phone with [`LEARNERS_MAX`] learners who each did [`DONE_MAX`] lessons stays below it.
pub const MESSAGE_BYTES_MAX: usize = 256 * 1024;

/// Most learners on one phone. A family or a hall's shared phone has fewer.
pub const LEARNERS_MAX: usize = 32;

/// Most done lessons the worker reports for one learner; courses have a few dozen lessons in all.
pub const DONE_MAX: usize = 512;

/// Highest score: every question was answered right at the first try.
pub const SCORE_MAX: u8 = 100;

/// Latest day of a record, as in `sync`: in the year 2149.
pub const DAY_MAX: u32 = 65_535;

/// Random identity of a learner, made on the phone.
pub type LearnerBytes = [u8; 16];

/// Stands in [`PhoneState::learners`] for whoever withdrew last: nothing is told but whether a hub
/// ([`LearnerState::sent`]) and the province ([`LearnerState::arrived`]) have erased.
pub const WITHDRAWN: LearnerBytes = [0; 16];

/// What the page tells the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToWorker {
    /// Opens the conversation. The worker answers with [`FromWorker::State`].
    Hello {
        /// The page's [`PROTOCOL_VERSION`].
        version: u32,
    },
    /// A learner finished a lesson. Repeats with the same nonce change nothing and are answered again.
    Done {
        /// Names this item in [`FromWorker::Kept`]; random, so that two tabs do not collide.
        nonce: u64,
        /// Who learnt; `None` is the phone's first learner, made by the worker on first use.
        learner: Option<LearnerBytes>,
        /// Course number from the catalogue.
        course: u16,
        /// Lesson number within the course.
        lesson: u16,
        /// Share of questions right at the first try, 0 to [`SCORE_MAX`].
        score: u8,
        /// Day in Vietnam (UTC+7), counted from 1970-01-01.
        day: u32,
    },
    /// A learner chose a commune and agreed that progress leaves the phone, or changed the commune.
    Consent {
        /// Names this item in [`FromWorker::Kept`].
        nonce: u64,
        /// Who agreed; `None` is the phone's first learner.
        learner: Option<LearnerBytes>,
        /// Official commune code, five digits.
        commune: u32,
        /// Day in Vietnam (UTC+7), counted from 1970-01-01.
        day: u32,
    },
    /// A learner was made by the page, or comes from another phone.
    Add {
        /// Names this item in [`FromWorker::Kept`].
        nonce: u64,
        /// What the learner's identity is made of.
        secret: [u8; 16],
        /// What keys the learner's records.
        key: [u8; 16],
    },
    /// A learner leaves this phone. What was sent, or agreed to be sent, stays.
    Leave {
        /// Names this item in [`FromWorker::Kept`].
        nonce: u64,
        /// Who.
        learner: LearnerBytes,
    },
    /// A learner withdraws the consent: everything is erased, here and wherever it arrived.
    Withdraw {
        /// Names this item in [`FromWorker::Kept`].
        nonce: u64,
        /// Who.
        learner: LearnerBytes,
    },
    /// Asks for what takes a learner to another phone. The worker answers with [`FromWorker::Passed`].
    Pass {
        /// Names this question in the answer.
        nonce: u64,
        /// Who.
        learner: LearnerBytes,
    },
}

impl ToWorker {
    /// Returns the nonce of an item that must be kept until the worker confirms it.
    pub fn nonce(&self) -> Option<u64> {
        match self {
            Self::Hello { .. } => None,
            Self::Done { nonce, .. }
            | Self::Consent { nonce, .. }
            | Self::Add { nonce, .. }
            | Self::Leave { nonce, .. }
            | Self::Withdraw { nonce, .. }
            | Self::Pass { nonce, .. } => Some(*nonce),
        }
    }

    /// Returns the learner whose item it is; `None` for the phone's first learner without a name yet.
    pub fn learner(&self) -> Option<LearnerBytes> {
        match self {
            Self::Hello { .. } | Self::Add { .. } => None,
            Self::Done { learner, .. } | Self::Consent { learner, .. } => *learner,
            Self::Leave { learner, .. } | Self::Withdraw { learner, .. } | Self::Pass { learner, .. } => Some(*learner),
        }
    }
}

/// What the worker tells the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromWorker {
    /// Everything the page shows about progress; sent after `Hello` and after every change.
    State(PhoneState),
    /// The item is durable: it survives a crash of the browser.
    Kept {
        /// Nonce of the item.
        nonce: u64,
    },
    /// Something could not be done. The page keeps the item and says so in plain words.
    Failed {
        /// The item concerned, or `None` when the worker as a whole failed.
        nonce: Option<u64>,
        /// Why.
        reason: Failure,
    },
    /// What takes a learner to another phone, besides what [`FromWorker::State`] tells.
    Passed {
        /// Nonce of the question.
        nonce: u64,
        /// What the learner's identity is made of.
        secret: [u8; 16],
        /// What keys the learner's records.
        key: [u8; 16],
        /// Day of agreeing; meaningless for who has not.
        consent: u32,
    },
}

/// What the phone holds and how it is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneState {
    /// Where the records lie.
    pub storage: Storage,
    /// Whether this tab's worker owns the database; others talk to the owner.
    pub owner: bool,
    /// Connection to a hub.
    pub link: Link,
    /// At most [`LEARNERS_MAX`] learners, in the order they were made.
    pub learners: Vec<LearnerState>,
}

/// Where the worker keeps records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Storage {
    /// Origin-private files; needs a secure context.
    Opfs,
    /// `IndexedDB`; a page from a LAN address has only this.
    IndexedDb,
}

/// Connection to a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// No hub answers; the worker tries again by itself.
    Offline,
    /// A connection is being made.
    Connecting,
    /// A sync session is open.
    Connected,
}

/// One learner's progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnerState {
    /// Random identity.
    pub id: LearnerBytes,
    /// Official commune code; `None` until the learner agreed. Nothing leaves the phone before.
    pub commune: Option<u32>,
    /// At most [`DONE_MAX`] lessons, each once.
    pub done: Vec<DoneLesson>,
    /// How many of the done lessons are durable on this phone.
    pub saved: u32,
    /// How many of them a hub has acknowledged.
    pub sent: u32,
    /// How many of them the province has acknowledged.
    pub arrived: u32,
}

/// A finished lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneLesson {
    /// Course number.
    pub course: u16,
    /// Lesson number within the course.
    pub lesson: u16,
    /// Best score so far, 0 to [`SCORE_MAX`].
    pub score: u8,
    /// Day it was first finished, counted from 1970-01-01 in UTC+7.
    pub day: u32,
}

/// Why the worker could not do something. The page has words for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// Neither OPFS nor `IndexedDB` can be opened (private mode, blocked by the user).
    NoStorage,
    /// The phone's storage is full.
    Full,
    /// The store was written by a newer release and is left untouched.
    Newer {
        /// Format found.
        found: u32,
        /// Newest format this worker reads.
        supported: u32,
    },
    /// The store could not be read or written.
    Storage,
    /// The item names a learner this phone does not have.
    UnknownLearner,
    /// The item breaks a bound (score, day, commune, number of learners or lessons).
    Bounds,
    /// A message could not be read, or page and worker speak different versions.
    Protocol,
    /// The learner's secret is on another phone, or the learner has withdrawn.
    Elsewhere,
}

/// Why bytes are not a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// No byte at all.
    Empty,
    /// Larger than [`MESSAGE_BYTES_MAX`].
    TooLarge {
        /// Size found, in bytes.
        bytes: usize,
    },
    /// Another version of the messages.
    Version {
        /// Version found.
        found: u8,
    },
    /// The body is not the postcard of the expected message.
    Body,
    /// A list or a number is past its bound.
    Bounds,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the message is empty"),
            Self::TooLarge { bytes } => {
                write!(f, "the message has {bytes} bytes, at most {MESSAGE_BYTES_MAX} are read")
            }
            Self::Version { found } => {
                write!(f, "the message has version {found}, only {PROTOCOL_VERSION} is read")
            }
            Self::Body => f.write_str("the message body cannot be read"),
            Self::Bounds => f.write_str("the message has a list or number past its bound"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// A message with bounds beyond its encoding.
pub trait Message: Serialize + DeserializeOwned {
    /// Returns whether every list and number is within its bound.
    fn bounded(&self) -> bool;
}

impl Message for ToWorker {
    fn bounded(&self) -> bool {
        match self {
            Self::Done { score, .. } => *score <= SCORE_MAX,
            _ => true,
        }
    }
}

impl Message for FromWorker {
    fn bounded(&self) -> bool {
        let Self::State(phone) = self else {
            return true;
        };
        phone.learners.len() <= LEARNERS_MAX
            && phone.learners.iter().all(|learner| {
                learner.done.len() <= DONE_MAX && learner.done.iter().all(|done| done.score <= SCORE_MAX)
            })
    }
}

/// Encodes a message with its version.
pub fn encode<M: Message>(message: &M) -> Vec<u8> {
    let start = vec![PROTOCOL_VERSION];
    // Encoding into a growing vector fails only for types that cannot be encoded; ours can.
    postcard::to_extend(message, start).unwrap_or_default()
}

/// Decodes a message of the expected direction.
///
/// # Errors
///
/// See [`DecodeError`]; nothing is allocated past [`MESSAGE_BYTES_MAX`].
pub fn decode<M: Message>(bytes: &[u8]) -> Result<M, DecodeError> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(DecodeError::TooLarge { bytes: bytes.len() });
    }
    let (&version, body) = bytes.split_first().ok_or(DecodeError::Empty)?;
    if version != PROTOCOL_VERSION {
        return Err(DecodeError::Version { found: version });
    }
    let (message, rest) = postcard::take_from_bytes::<M>(body).map_err(|_| DecodeError::Body)?;
    if !rest.is_empty() {
        return Err(DecodeError::Body);
    }
    if message.bounded() { Ok(message) } else { Err(DecodeError::Bounds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> FromWorker {
        FromWorker::State(PhoneState {
            storage: Storage::IndexedDb,
            owner: true,
            link: Link::Connected,
            learners: vec![LearnerState {
                id: [9; 16],
                commune: Some(30292),
                done: vec![DoneLesson { course: 1, lesson: 2, score: 75, day: 20_780 }],
                saved: 1,
                sent: 1,
                arrived: 0,
            }],
        })
    }

    #[test]
    fn messages_to_the_worker_round_trip() {
        let learner = Some([3; 16]);
        for message in [
            ToWorker::Hello { version: 1 },
            ToWorker::Done { nonce: 1, learner: None, course: 1, lesson: 2, score: 100, day: 20_780 },
            ToWorker::Consent { nonce: u64::MAX, learner, commune: 31_108, day: 20_780 },
            ToWorker::Add { nonce: 2, secret: [4; 16], key: [5; 16] },
            ToWorker::Leave { nonce: 3, learner: [3; 16] },
            ToWorker::Withdraw { nonce: 4, learner: [3; 16] },
            ToWorker::Pass { nonce: 5, learner: [3; 16] },
        ] {
            assert_eq!(decode(&encode(&message)), Ok(message));
        }
    }

    #[test]
    fn messages_from_the_worker_round_trip() {
        for message in [
            state(),
            FromWorker::Kept { nonce: 5 },
            FromWorker::Failed { nonce: None, reason: Failure::Newer { found: 9, supported: 1 } },
            FromWorker::Failed { nonce: Some(5), reason: Failure::Full },
            FromWorker::Failed { nonce: Some(5), reason: Failure::Elsewhere },
            FromWorker::Passed { nonce: 5, secret: [4; 16], key: [5; 16], consent: 20_780 },
        ] {
            assert_eq!(decode(&encode(&message)), Ok(message));
        }
    }

    #[test]
    fn bytes_of_each_direction_stay_as_they_are() {
        let done = ToWorker::Done { nonce: 1, learner: None, course: 2, lesson: 3, score: 100, day: 300 };
        assert_eq!(encode(&done), [1, 1, 1, 0, 2, 3, 100, 0xac, 0x02]);
        assert_eq!(encode(&FromWorker::Kept { nonce: 300 }), [1, 1, 0xac, 0x02]);
        let add = ToWorker::Add { nonce: 1, secret: [2; 16], key: [3; 16] };
        assert_eq!(encode(&add), [&[1, 3, 1][..], &[2; 16], &[3; 16]].concat());
        let learner = [7; 16];
        for (kind, item) in [
            (4, ToWorker::Leave { nonce: 1, learner }),
            (5, ToWorker::Withdraw { nonce: 1, learner }),
            (6, ToWorker::Pass { nonce: 1, learner }),
        ] {
            assert_eq!(encode(&item), [&[1, kind, 1][..], &learner].concat());
        }
        let passed = FromWorker::Passed { nonce: 1, secret: [2; 16], key: [3; 16], consent: 300 };
        assert_eq!(encode(&passed), [&[1, 3, 1][..], &[2; 16], &[3; 16], &[0xac, 0x02]].concat());
        let elsewhere = FromWorker::Failed { nonce: None, reason: Failure::Elsewhere };
        assert_eq!(encode(&elsewhere), [1, 2, 0, 7]);
    }

    #[test]
    fn damage_is_named_and_never_a_panic() {
        let bytes = encode(&state());
        assert_eq!(decode::<FromWorker>(&[]), Err(DecodeError::Empty));
        assert_eq!(decode::<FromWorker>(&[2]), Err(DecodeError::Version { found: 2 }));
        assert_eq!(
            decode::<FromWorker>(&vec![1; MESSAGE_BYTES_MAX + 1]),
            Err(DecodeError::TooLarge { bytes: MESSAGE_BYTES_MAX + 1 })
        );
        for end in 1..bytes.len() {
            assert_eq!(decode::<FromWorker>(&bytes[..end]), Err(DecodeError::Body));
        }
        let mut longer = bytes;
        longer.push(0);
        assert_eq!(decode::<FromWorker>(&longer), Err(DecodeError::Body));
    }

    #[test]
    fn lists_and_scores_past_their_bounds_are_refused() {
        let done = ToWorker::Done { nonce: 1, learner: None, course: 1, lesson: 1, score: 101, day: 0 };
        assert_eq!(decode::<ToWorker>(&encode(&done)), Err(DecodeError::Bounds));
        let FromWorker::State(mut phone) = state() else { unreachable!() };
        phone.learners = vec![phone.learners[0].clone(); LEARNERS_MAX + 1];
        let message = FromWorker::State(phone);
        assert_eq!(decode::<FromWorker>(&encode(&message)), Err(DecodeError::Bounds));
    }

    #[test]
    fn a_full_phone_fits() {
        let FromWorker::State(mut phone) = state() else { unreachable!() };
        let done = DoneLesson { course: u16::MAX, lesson: u16::MAX, score: 100, day: 100_000 };
        phone.learners[0].done = vec![done; DONE_MAX];
        phone.learners = vec![phone.learners[0].clone(); LEARNERS_MAX];
        let message = FromWorker::State(phone);
        let bytes = encode(&message);
        assert!(bytes.len() <= MESSAGE_BYTES_MAX, "{} bytes", bytes.len());
        assert_eq!(decode(&bytes), Ok(message));
    }
}
