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
//! 0     Erased      digest 28 B; with slot 15, an erased declaration:
//!                   learner 16 B · commune varint · inner digest 32 B
//! 1     Joined      learner 16 B · key 16 B · commune varint · day varint      (slot bits 0)
//! 2     LessonDone  course varint · lesson varint · score 1 B · day difference, zigzag varint
//! 3     —           reserved: Practised
//! 4     Attested    course varint · day difference, zigzag varint
//! 5     —           reserved: SessionHeld
//! 6     —           reserved: a withdrawal is no entry, see `authority::withdrawal`
//! 7     Introduced  as Joined
//! 8     Credential  credential chain: length varint and bytes                  (slot 15)
//! 9–15  —           free
//! ```
//!
//! `Joined` and `Introduced` declare the next slot of their log: the first has slot 0. Later entries name
//! the learner by slot. Day differences count from the day of that slot's declaration. A completion on the
//! first slots within two months of joining so takes five bytes: head, course, lesson, score, day.
//!
//! An erased entry keeps its slot and its digest, an erased declaration the learner's id and commune, and
//! the digest of the rest: the log's chain (see [`log`](crate::log)) binds all of them, so that nobody can
//! pass off one learner's entries as another's to have them erased.

use thiserror::Error;

use crate::id::{CommuneCode, Day, LearnerId, LearnerKey, LessonRef, Score, Slot};
use crate::wire::codec::{DecodeError, Fault, Reader, put_slice, put_varint, unzigzag, zigzag};

/// Bound of the credential chain in an entry: four credentials, the widest of them naming every commune.
pub const CREDENTIAL_BYTES_MAX: usize = 2048;
/// Bound of the learners that one log may declare: a hub that gathers for a whole commune stays far below.
pub const LOG_LEARNERS_MAX: u32 = 65_536;
/// Bound of a commune code: five decimal digits.
pub const COMMUNE_CODE_MAX: u32 = 99_999;
/// Bound of a day: 2149-06-06, the last one in 16 bits.
pub const DAY_MAX: u32 = 65_535;

const KIND_ERASED: u8 = 0;
const KIND_JOINED: u8 = 1;
const KIND_LESSON_DONE: u8 = 2;
const KIND_ATTESTED: u8 = 4;
const KIND_INTRODUCED: u8 = 7;
const KIND_CREDENTIAL: u8 = 8;
const SLOT_FOLLOWS: u8 = 14;
const NO_SLOT: u8 = 15;

/// One fact in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Entry {
    /// An entry of a learner who withdrew.
    Erased(Slot, Digest),
    /// The declaration of a learner who withdrew.
    ErasedDeclaration(ErasedDeclaration),
    /// A learner takes part, with consent, and lives in this commune. Said again after a move.
    Joined(Joined),
    /// A learner finished a lesson.
    LessonDone(LessonDone),
    /// The device saw a learner do what a course teaches.
    Attested(Attested),
    /// Declares a learner of another device, whom this one attests.
    Introduced(Joined),
    /// The device's credential chain from here on, as [`authority`](crate::authority) writes it.
    Credential(Vec<u8>),
}

/// What a payload is replaced by: the first 28 bytes of its keyed digest. 224 bits leave 112 against a
/// collision, and leave room for the slot in one block of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest(pub [u8; 28]);

/// See [`Entry::ErasedDeclaration`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasedDeclaration {
    /// Who.
    pub learner: LearnerId,
    /// The commune that was declared: says which hubs the log concerns.
    pub commune: CommuneCode,
    /// Keyed digest of the whole payload.
    pub inner: [u8; 32],
}

/// See [`Entry::Attested`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attested {
    /// Who, by the slot of this log.
    pub slot: Slot,
    /// Number of the course.
    pub course: u16,
    /// When.
    pub day: Day,
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
    /// The key of that learner's digests; none once the learner has withdrawn.
    pub key: Option<LearnerKey>,
    /// The commune declared with it.
    pub commune: CommuneCode,
    /// Days count from here.
    pub since: Day,
    /// Whether the learner joined in this log, and was not only introduced.
    pub joined: bool,
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

impl Joined {
    /// The slot that it declares.
    pub const fn declares(&self, joined: bool) -> SlotInfo {
        SlotInfo { learner: self.learner, key: Some(self.key), commune: self.commune, since: self.day, joined }
    }

    fn encode(&self, kind: u8, out: &mut Vec<u8>) {
        out.push(kind << 4);
        out.extend_from_slice(&self.learner.0);
        out.extend_from_slice(&self.key.0);
        put_varint(out, u64::from(self.commune.0));
        put_varint(out, u64::from(self.day.0));
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            learner: LearnerId(reader.array("learner")?),
            key: LearnerKey(reader.array("learner key")?),
            commune: take_commune(reader)?,
            day: Day(reader.varint("day", u64::from(DAY_MAX))? as u32),
        })
    }
}

impl ErasedDeclaration {
    /// The slot that it declares.
    pub const fn declares(&self) -> SlotInfo {
        SlotInfo { learner: self.learner, key: None, commune: self.commune, since: Day(0), joined: false }
    }
}

impl Entry {
    /// Appends the payload. `since` is the declaring day of the entry's slot; declarations do not use it.
    pub fn encode(&self, since: Day, out: &mut Vec<u8>) {
        match self {
            Self::Erased(slot, digest) => {
                put_head(out, KIND_ERASED, *slot);
                out.extend_from_slice(&digest.0);
            }
            Self::ErasedDeclaration(declaration) => {
                out.push(KIND_ERASED << 4 | NO_SLOT);
                out.extend_from_slice(&declaration.learner.0);
                put_varint(out, u64::from(declaration.commune.0));
                out.extend_from_slice(&declaration.inner);
            }
            Self::Joined(joined) => joined.encode(KIND_JOINED, out),
            Self::Introduced(joined) => joined.encode(KIND_INTRODUCED, out),
            Self::LessonDone(done) => {
                put_head(out, KIND_LESSON_DONE, done.slot);
                put_varint(out, u64::from(done.lesson.course));
                put_varint(out, u64::from(done.lesson.lesson));
                out.push(done.score.percent());
                put_day(out, done.day, since);
            }
            Self::Attested(attested) => {
                put_head(out, KIND_ATTESTED, attested.slot);
                put_varint(out, u64::from(attested.course));
                put_day(out, attested.day, since);
            }
            Self::Credential(chain) => {
                out.push(KIND_CREDENTIAL << 4 | NO_SLOT);
                put_slice(out, chain);
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
        let (mut entry, difference) = Self::decode_relative(reader).map_err(EntryError::from)?;
        if let Some(slot) = entry.slot() {
            let since = slot_info(slot)?.since;
            if let Some(day) = entry.day_mut() {
                *day = add_days(start, since, difference).map_err(EntryError::from)?;
            }
        }
        Ok(entry)
    }

    /// Passes over one payload without looking at what its log declared.
    ///
    /// # Errors
    /// [`DecodeError`] as [`decode`](Self::decode).
    pub fn skip(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        Self::decode_relative(reader).map(drop)
    }

    /// Passes over one payload, and returns whom it declares.
    ///
    /// # Errors
    /// [`DecodeError`] as [`decode`](Self::decode).
    pub fn declared(reader: &mut Reader<'_>) -> Result<Option<LearnerId>, DecodeError> {
        Self::decode_relative(reader).map(|(entry, _)| entry.declares().map(|info| info.learner))
    }

    /// Reads a payload as its bytes say it: day 0 and the difference, before the slot's day is added.
    fn decode_relative(reader: &mut Reader<'_>) -> Result<(Self, i64), DecodeError> {
        const DAY: Day = Day(0);
        let start = reader.position();
        let head = reader.byte("entry")?;
        let (kind, low) = (head >> 4, head & 0xf);
        match (kind, low) {
            (KIND_ERASED, NO_SLOT) => {
                let (learner, commune) = (LearnerId(reader.array("learner")?), take_commune(reader)?);
                let inner = reader.array("inner digest")?;
                Ok((Self::ErasedDeclaration(ErasedDeclaration { learner, commune, inner }), 0))
            }
            (KIND_ERASED, _) => {
                let slot = take_slot(reader, start, low)?;
                Ok((Self::Erased(slot, Digest(reader.array("digest")?)), 0))
            }
            (KIND_JOINED, 0) => Ok((Self::Joined(Joined::decode(reader)?), 0)),
            (KIND_INTRODUCED, 0) => Ok((Self::Introduced(Joined::decode(reader)?), 0)),
            (KIND_LESSON_DONE, _) => {
                let slot = take_slot(reader, start, low)?;
                let course = reader.varint("course", u64::from(u16::MAX))? as u16;
                let lesson = reader.varint("lesson", u64::from(u16::MAX))? as u16;
                let (lesson, score) = (LessonRef { course, lesson }, take_score(reader)?);
                Ok((Self::LessonDone(LessonDone { slot, lesson, score, day: DAY }), take_difference(reader)?))
            }
            (KIND_ATTESTED, _) => {
                let slot = take_slot(reader, start, low)?;
                let course = reader.varint("course", u64::from(u16::MAX))? as u16;
                Ok((Self::Attested(Attested { slot, course, day: DAY }), take_difference(reader)?))
            }
            (KIND_CREDENTIAL, NO_SLOT) => {
                Ok((Self::Credential(reader.slice("credential chain", CREDENTIAL_BYTES_MAX)?.to_vec()), 0))
            }
            _ => Err(Reader::fault(start, Fault::Unknown { what: "head of an entry", found: u64::from(head) })),
        }
    }

    /// The slot that the entry names; none of declarations, which make one.
    pub const fn slot(&self) -> Option<Slot> {
        match self {
            Self::Erased(slot, _) => Some(*slot),
            Self::LessonDone(done) => Some(done.slot),
            Self::Attested(attested) => Some(attested.slot),
            Self::ErasedDeclaration(_) | Self::Joined(_) | Self::Introduced(_) | Self::Credential(_) => None,
        }
    }

    /// What the entry declares of the next slot.
    pub const fn declares(&self) -> Option<SlotInfo> {
        match self {
            Self::Joined(joined) => Some(joined.declares(true)),
            Self::Introduced(joined) => Some(joined.declares(false)),
            Self::ErasedDeclaration(declaration) => Some(declaration.declares()),
            _ => None,
        }
    }

    /// The day that the entry bears, if it bears one.
    pub const fn day(&self) -> Option<Day> {
        match self {
            Self::Joined(joined) | Self::Introduced(joined) => Some(joined.day),
            Self::LessonDone(done) => Some(done.day),
            Self::Attested(attested) => Some(attested.day),
            Self::Erased(..) | Self::ErasedDeclaration(_) | Self::Credential(_) => None,
        }
    }

    /// The day of an entry that names a slot.
    const fn day_mut(&mut self) -> Option<&mut Day> {
        match self {
            Self::LessonDone(done) => Some(&mut done.day),
            Self::Attested(attested) => Some(&mut attested.day),
            _ => None,
        }
    }
}

fn put_day(out: &mut Vec<u8>, day: Day, since: Day) {
    put_varint(out, zigzag(i64::from(day.0) - i64::from(since.0)));
}

fn take_difference(reader: &mut Reader<'_>) -> Result<i64, DecodeError> {
    Ok(unzigzag(reader.varint("day difference", 2 * u64::from(DAY_MAX) + 1)?))
}

fn add_days(start: usize, since: Day, difference: i64) -> Result<Day, DecodeError> {
    let day = u32::try_from(i64::from(since.0) + difference).ok().filter(|day| *day <= DAY_MAX);
    let (found, max) = (difference.unsigned_abs(), u64::from(DAY_MAX));
    day.map(Day).ok_or(Reader::fault(start, Fault::TooLarge { what: "day difference", found, max }))
}

fn take_commune(reader: &mut Reader<'_>) -> Result<CommuneCode, DecodeError> {
    Ok(CommuneCode(reader.varint("commune", u64::from(COMMUNE_CODE_MAX))? as u32))
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
        NO_SLOT => Err(Reader::fault(start, Fault::Unknown { what: "slot", found: u64::from(NO_SLOT) })),
        _ => Ok(Slot(u32::from(low))),
    }
}

fn take_score(reader: &mut Reader<'_>) -> Result<Score, DecodeError> {
    let at = reader.position();
    let percent = reader.byte("score")?;
    let found = u64::from(percent);
    Score::new(percent).ok_or(Reader::fault(at, Fault::TooLarge { what: "score", found, max: 100 }))
}

#[cfg(any(test, feature = "golden"))]
pub(crate) mod tests {
    use super::*;
    #[cfg(test)]
    use proptest::prelude::*;

    const SINCE: Day = Day(20_779);
    #[cfg(test)]
    const BYTES_MAX: usize = 80;

    #[expect(clippy::unnecessary_wraps, reason = "has the shape of a look-up that can fail")]
    fn info(_: Slot) -> Result<SlotInfo, EntryError> {
        let (learner, commune) = (LearnerId([0; 16]), CommuneCode(1));
        Ok(SlotInfo { learner, key: None, commune, since: SINCE, joined: true })
    }

    fn done(slot: u32, day: u32) -> Entry {
        let lesson = LessonRef { course: 2, lesson: 1 };
        Entry::LessonDone(LessonDone { slot: Slot(slot), lesson, score: Score::MAX, day: Day(day) })
    }

    #[cfg_attr(test, test)]
    pub(crate) fn golden_bytes() {
        let (learner, commune) = (LearnerId([0xaa; 16]), CommuneCode(30_307));
        let joined = Joined { learner, key: LearnerKey([0xbb; 16]), commune, day: SINCE };
        let erased = ErasedDeclaration { learner, commune, inner: [0xcc; 32] };
        let long = [0xe3, 0xec, 0x01]; // 30307
        let day = [0xab, 0xa2, 0x01]; // 20779
        let attested = Attested { slot: Slot(1), course: 3, day: Day(SINCE.0 + 1) };
        let cases: Vec<(Entry, Vec<Vec<u8>>)> = vec![
            (Entry::Joined(joined), vec![vec![0x10], vec![0xaa; 16], vec![0xbb; 16], long.to_vec(), day.to_vec()]),
            (Entry::Introduced(joined), vec![vec![0x70], vec![0xaa; 16], vec![0xbb; 16], long.to_vec(), day.to_vec()]),
            (done(0, SINCE.0), vec![vec![0x20, 2, 1, 100, 0]]),
            (done(13, SINCE.0 + 3), vec![vec![0x2d, 2, 1, 100, 6]]),
            (done(14, SINCE.0 - 1), vec![vec![0x2e, 14, 2, 1, 100, 1]]),
            (Entry::Attested(attested), vec![vec![0x41, 3, 2]]),
            (Entry::Erased(Slot(2), Digest([0xdd; 28])), vec![vec![0x02], vec![0xdd; 28]]),
            (Entry::ErasedDeclaration(erased), vec![vec![0x0f], vec![0xaa; 16], long.to_vec(), vec![0xcc; 32]]),
            (Entry::Credential(vec![9, 8]), vec![vec![0x8f, 2, 9, 8]]),
        ];
        for (entry, parts) in cases {
            let bytes = parts.concat();
            let mut out = Vec::new();
            entry.encode(SINCE, &mut out);
            assert_eq!(out, bytes);
            let mut reader = Reader::new(&bytes);
            assert_eq!(Entry::decode(&mut reader, info), Ok(entry));
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn reserved_kinds_and_slots_are_refused() {
        for head in [0x11, 0x1f, 0x2f, 0x30, 0x4f, 0x50, 0x60, 0x71, 0x80, 0x90, 0xf0] {
            let bytes = [head; BYTES_MAX];
            let result: Result<Entry, EntryError> = Entry::decode(&mut Reader::new(&bytes), info);
            assert!(matches!(result, Err(EntryError::Decode(DecodeError { at: 0, .. }))), "{head:#x}: {result:?}");
        }
    }

    #[cfg(test)]
    proptest! {
        #[test]
        fn what_is_accepted_is_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..BYTES_MAX)) {
            let mut reader = Reader::new(&bytes);
            if let Ok(entry) = Entry::decode::<EntryError>(&mut reader, info) {
                let mut out = Vec::new();
                entry.encode(SINCE, &mut out);
                prop_assert_eq!(&out[..], reader.since(0));
            }
        }
    }
}
