//! What a log says: one entry is one fact that a device vouches for.
//!
//! # Bytes of a payload
//!
//! ```text
//! head   1 B   kind in the high four bits, slot in the low four:
//!                0–13   that slot
//!                14     a varint slot follows
//!                15     no learner (kinds that concern none)
//! body         by kind
//!
//! kind  name        body
//! 0     —           reserved: an erased payload's digest
//! 1     Joined      learner 16 B · key 16 B · commune varint · day varint
//! 2     LessonDone  course varint · lesson varint · score 1 B · day difference, zigzag varint
//! 3     —           reserved: Practised
//! 4     —           reserved: Attested
//! 5     —           reserved: SessionHeld
//! 6     —           reserved: Withdrawn
//! 7–15  —           free
//! ```
//!
//! `Joined` declares the next slot of its log: the first has slot 0. Later entries name the learner by
//! slot. Day differences count from the day in that slot's `Joined`. A completion on the first slots
//! within two months of joining so takes five bytes: head, course, lesson, score, day.

use thiserror::Error;

use crate::id::{CommuneCode, Day, LearnerId, LearnerKey, LessonRef, Score, Slot};
use crate::wire::codec::{DecodeError, Fault, Reader, put_varint, unzigzag, zigzag};

/// Bound of one payload: a `Joined` with the longest numbers takes 48 bytes.
pub const PAYLOAD_BYTES_MAX: usize = 64;
/// Bound of the learners that one log may declare: a hub that gathers for a whole commune stays far below.
pub const LOG_LEARNERS_MAX: u32 = 65_536;
/// Bound of a commune code: five decimal digits.
pub const COMMUNE_CODE_MAX: u32 = 99_999;
/// Bound of a day: 2149-06-06, the last one in 16 bits.
pub const DAY_MAX: u32 = 65_535;

const KIND_JOINED: u8 = 1;
const KIND_LESSON_DONE: u8 = 2;
const SLOT_FOLLOWS: u8 = 14;

/// One fact in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entry {
    /// A learner takes part, with consent, and lives in this commune. Said again after a move.
    Joined(Joined),
    /// A learner finished a lesson.
    LessonDone(LessonDone),
}

/// See [`Entry::Joined`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joined {
    /// Who.
    pub learner: LearnerId,
    /// Keys the digests of this learner's entries in this log.
    pub key: LearnerKey,
    /// Where the learner says to live.
    pub commune: CommuneCode,
    /// The day of consent.
    pub day: Day,
}

/// See [`Entry::LessonDone`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LessonDone {
    /// Who, by the slot of this log.
    pub slot: Slot,
    /// Which lesson.
    pub lesson: LessonRef,
    /// Share of questions answered right at the first try.
    pub score: Score,
    /// When.
    pub day: Day,
}

/// What the decoder must know of a slot that was declared earlier in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotInfo {
    /// Whose slot it is.
    pub learner: LearnerId,
    /// The key of that learner's digests.
    pub key: LearnerKey,
    /// The commune declared with it.
    pub commune: CommuneCode,
    /// Days count from here.
    pub since: Day,
}

/// An entry names a slot that its log did not declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("slot {} was not declared before in this log", .0.0)]
pub struct UnknownSlot(pub Slot);

/// Why a payload could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EntryError {
    /// The bytes are not those of an entry.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The slot is not there.
    #[error(transparent)]
    UnknownSlot(#[from] UnknownSlot),
}

impl From<Joined> for SlotInfo {
    fn from(joined: Joined) -> Self {
        Self { learner: joined.learner, key: joined.key, commune: joined.commune, since: joined.day }
    }
}

impl Entry {
    /// Appends the payload. `since` is the joining day of the entry's slot; for `Joined` it is not used.
    pub fn encode(&self, since: Day, out: &mut Vec<u8>) {
        match self {
            Self::Joined(joined) => {
                out.push(KIND_JOINED << 4);
                out.extend_from_slice(&joined.learner.0);
                out.extend_from_slice(&joined.key.0);
                put_varint(out, u64::from(joined.commune.0));
                put_varint(out, u64::from(joined.day.0));
            }
            Self::LessonDone(done) => {
                put_head(out, KIND_LESSON_DONE, done.slot);
                put_varint(out, u64::from(done.lesson.course));
                put_varint(out, u64::from(done.lesson.lesson));
                out.push(done.score.percent());
                put_varint(out, zigzag(i64::from(done.day.0) - i64::from(since.0)));
            }
        }
    }

    /// Reads one payload from the front. `slot_info` finds what the log declared so far.
    ///
    /// # Errors
    /// [`EntryError`], with the offset in the reader's input, or what `slot_info` returns.
    pub fn decode<E: From<EntryError>>(
        reader: &mut Reader<'_>,
        slot_info: impl FnOnce(Slot) -> Result<SlotInfo, E>,
    ) -> Result<Self, E> {
        let start = reader.position();
        match RawEntry::decode(reader).map_err(EntryError::from)? {
            RawEntry::Joined(joined) => Ok(Self::Joined(joined)),
            RawEntry::LessonDone { slot, lesson, score, day_difference } => {
                let since = slot_info(slot)?.since;
                let day = u32::try_from(i64::from(since.0) + day_difference).ok().filter(|day| *day <= DAY_MAX);
                let day = day.map(Day).ok_or_else(|| {
                    let found = day_difference.unsigned_abs();
                    EntryError::from(Reader::fault(
                        start,
                        Fault::TooLarge { what: "day difference", found, max: u64::from(DAY_MAX) },
                    ))
                })?;
                Ok(Self::LessonDone(LessonDone { slot, lesson, score, day }))
            }
        }
    }

    /// Passes over one payload without looking at what its log declared.
    ///
    /// # Errors
    /// [`DecodeError`] as [`decode`](Self::decode).
    pub fn skip(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        RawEntry::decode(reader).map(drop)
    }
}

/// A payload as its bytes say it, before the slot's joining day is added.
enum RawEntry {
    Joined(Joined),
    LessonDone { slot: Slot, lesson: LessonRef, score: Score, day_difference: i64 },
}

impl RawEntry {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let start = reader.position();
        let head = reader.byte("entry")?;
        match head >> 4 {
            KIND_JOINED if head == KIND_JOINED << 4 => Ok(Self::Joined(Joined {
                learner: LearnerId(reader.array("learner")?),
                key: LearnerKey(reader.array("learner key")?),
                commune: CommuneCode(reader.varint("commune", u64::from(COMMUNE_CODE_MAX))? as u32),
                day: Day(reader.varint("day", u64::from(DAY_MAX))? as u32),
            })),
            KIND_LESSON_DONE => Ok(Self::LessonDone {
                slot: take_slot(reader, start, head & 0xf)?,
                lesson: LessonRef {
                    course: reader.varint("course", u64::from(u16::MAX))? as u16,
                    lesson: reader.varint("lesson", u64::from(u16::MAX))? as u16,
                },
                score: take_score(reader)?,
                day_difference: unzigzag(reader.varint("day difference", 2 * u64::from(DAY_MAX) + 1)?),
            }),
            kind => Err(Reader::fault(start, Fault::Unknown { what: "kind of entry", found: u64::from(kind) })),
        }
    }
}

/// Writes kind and slot; a slot that does not fit into the head follows it.
fn put_head(out: &mut Vec<u8>, kind: u8, slot: Slot) {
    if slot.0 < u32::from(SLOT_FOLLOWS) {
        out.push(kind << 4 | slot.0 as u8);
    } else {
        out.push(kind << 4 | SLOT_FOLLOWS);
        put_varint(out, u64::from(slot.0));
    }
}

fn take_slot(reader: &mut Reader<'_>, start: usize, low: u8) -> Result<Slot, DecodeError> {
    match low {
        SLOT_FOLLOWS => {
            let slot = reader.varint("slot", u64::from(LOG_LEARNERS_MAX - 1))?;
            if slot < u64::from(SLOT_FOLLOWS) {
                return Err(Reader::fault(start, Fault::Varint("slot")));
            }
            Ok(Slot(slot as u32))
        }
        15 => Err(Reader::fault(start, Fault::Unknown { what: "slot", found: 15 })),
        _ => Ok(Slot(u32::from(low))),
    }
}

fn take_score(reader: &mut Reader<'_>) -> Result<Score, DecodeError> {
    let at = reader.position();
    let percent = reader.byte("score")?;
    let found = u64::from(percent);
    Score::new(percent).ok_or(Reader::fault(at, Fault::TooLarge { what: "score", found, max: 100 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SINCE: Day = Day(20_779);

    #[expect(clippy::unnecessary_wraps, reason = "has the shape of a look-up that can fail")]
    fn info(_: Slot) -> Result<SlotInfo, EntryError> {
        Ok(SlotInfo { learner: LearnerId([0; 16]), key: LearnerKey([0; 16]), commune: CommuneCode(1), since: SINCE })
    }

    fn done(slot: u32, day: u32) -> Entry {
        Entry::LessonDone(LessonDone {
            slot: Slot(slot),
            lesson: LessonRef { course: 2, lesson: 1 },
            score: Score::MAX,
            day: Day(day),
        })
    }

    #[test]
    fn golden_bytes() {
        let joined = Entry::Joined(Joined {
            learner: LearnerId([0xaa; 16]),
            key: LearnerKey([0xbb; 16]),
            commune: CommuneCode(30_307),
            day: SINCE,
        });
        let mut expected = vec![0x10];
        expected.extend([0xaa; 16]);
        expected.extend([0xbb; 16]);
        expected.extend([0xe3, 0xec, 0x01]); // 30307
        expected.extend([0xab, 0xa2, 0x01]); // 20779
        let cases: &[(Entry, &[u8])] = &[
            (joined, &expected),
            (done(0, SINCE.0), &[0x20, 2, 1, 100, 0]),
            (done(13, SINCE.0 + 3), &[0x2d, 2, 1, 100, 6]),
            (done(14, SINCE.0 - 1), &[0x2e, 14, 2, 1, 100, 1]),
        ];
        for (entry, bytes) in cases {
            let mut out = Vec::new();
            entry.encode(SINCE, &mut out);
            assert_eq!(&out, bytes);
            let mut reader = Reader::new(bytes);
            assert_eq!(Entry::decode(&mut reader, info), Ok(*entry));
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn reserved_kinds_and_slots_are_refused() {
        for head in [0x00, 0x11, 0x2f, 0x30, 0x40, 0x50, 0x60, 0x70, 0xf0] {
            let bytes = [head; PAYLOAD_BYTES_MAX];
            let result: Result<Entry, EntryError> = Entry::decode(&mut Reader::new(&bytes), info);
            assert!(matches!(result, Err(EntryError::Decode(DecodeError { at: 0, .. }))), "{head:#x}: {result:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..PAYLOAD_BYTES_MAX)) {
            let mut reader = Reader::new(&bytes);
            if let Ok(entry) = Entry::decode::<EntryError>(&mut reader, info) {
                let mut out = Vec::new();
                entry.encode(SINCE, &mut out);
                prop_assert_eq!(&out[..], reader.since(0));
            }
        }
    }
}
