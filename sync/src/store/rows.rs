//! The rows of the tables, byte by byte. Numbers are varints unless a width is given.
//!
//! ```text
//! log row          number · length · chain 32 B · signature 64 B · slots · first index of the last chunk ·
//!                  grew at · receipt at (0: never) · sent · delivered · communes: count, codes
//! slot row         learner 16 B · key 16 B · commune · joining day
//! learner row      log number · slot · joining day · commune · count × (course · lesson · score 1 B · day)
//! totals row       learners · lessons · last day · received (minutes)
//! peer row         store 16 B · position · scope as in Hello
//! own learner row  key 16 B · made · slot + 1 (0: not joined) · commune + 1 (0: none) · consent day
//! own done row     score 1 B · day · index of its entry + 1 (0: not in the log)
//! ```
//!
//! `made` counts the device's learners from 0. Lessons in a learner row are sorted by course and lesson.

use crate::entry::SlotInfo;
use crate::id::{CommuneCode, Day, LearnerId, LearnerKey, LessonRef, Minutes, Score, Slot, StoreId};
use crate::log::{HeadSignature, Tail};
use crate::wire::codec::{DecodeError, Fault, Reader, put_varint};
use crate::wire::frame::Cursor;

/// A stored value with its bytes.
pub(super) trait Row: Sized {
    fn encode(&self) -> Vec<u8>;
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;

    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let row = Self::decode(&mut reader)?;
        reader.finish()?;
        Ok(row)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogRow {
    pub(super) number: u64,
    pub(super) tail: Tail,
    pub(super) signature: HeadSignature,
    pub(super) slots: u32,
    pub(super) last_chunk: u64,
    pub(super) grew_at: u64,
    pub(super) receipt_at: u64,
    pub(super) sent: u64,
    pub(super) delivered: u64,
    pub(super) communes: Vec<CommuneCode>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LearnerRow {
    /// Where the `Joined` stands that places the learner: the one with the latest day.
    pub(super) log: u64,
    pub(super) slot: Slot,
    pub(super) joined: Day,
    pub(super) commune: CommuneCode,
    pub(super) done: Vec<(LessonRef, Score, Day)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TotalsRow {
    pub(super) learners: u64,
    pub(super) lessons: u64,
    pub(super) last_day: u32,
    pub(super) received: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PeerRow {
    pub(super) cursor: Cursor,
    pub(super) scope: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnLearnerRow {
    pub(super) key: LearnerKey,
    pub(super) made: u32,
    pub(super) slot: Option<Slot>,
    pub(super) commune: Option<CommuneCode>,
    pub(super) consent: Day,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OwnDoneRow {
    pub(super) score: Score,
    pub(super) day: Day,
    pub(super) entry: Option<u64>,
}

fn number(reader: &mut Reader<'_>, what: &'static str) -> Result<u64, DecodeError> {
    reader.varint(what, u64::MAX)
}

fn small(reader: &mut Reader<'_>, what: &'static str) -> Result<u32, DecodeError> {
    reader.varint(what, u64::from(u32::MAX)).map(|value| value as u32)
}

fn short(reader: &mut Reader<'_>, what: &'static str) -> Result<u16, DecodeError> {
    reader.varint(what, u64::from(u16::MAX)).map(|value| value as u16)
}

fn score(reader: &mut Reader<'_>) -> Result<Score, DecodeError> {
    let at = reader.position();
    let found = reader.byte("score")?;
    Score::new(found).ok_or(Reader::fault(at, Fault::TooLarge { what: "score", found: found.into(), max: 100 }))
}

/// Writes `value + 1`, or 0 for none.
fn put_optional(out: &mut Vec<u8>, value: Option<u64>) {
    put_varint(out, value.map_or(0, |value| value + 1));
}

fn optional(reader: &mut Reader<'_>, what: &'static str) -> Result<Option<u64>, DecodeError> {
    number(reader, what).map(|value| value.checked_sub(1))
}

impl Row for LogRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        put_varint(&mut out, self.number);
        put_varint(&mut out, self.tail.length);
        out.extend(self.tail.chain);
        out.extend(self.signature.0);
        for value in [self.slots.into(), self.last_chunk, self.grew_at, self.receipt_at, self.sent, self.delivered] {
            put_varint(&mut out, value);
        }
        put_varint(&mut out, self.communes.len() as u64);
        for commune in &self.communes {
            put_varint(&mut out, commune.0.into());
        }
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let number_ = number(reader, "log number")?;
        let tail = Tail { length: number(reader, "length")?, chain: reader.array("chain")? };
        let signature = HeadSignature(reader.array("signature")?);
        Ok(Self {
            number: number_,
            tail,
            signature,
            slots: small(reader, "slots")?,
            last_chunk: number(reader, "last chunk")?,
            grew_at: number(reader, "grew at")?,
            receipt_at: number(reader, "receipt at")?,
            sent: number(reader, "sent")?,
            delivered: number(reader, "delivered")?,
            communes: {
                let count = small(reader, "communes")?;
                (0..count).map(|_| small(reader, "commune").map(CommuneCode)).collect::<Result<_, _>>()?
            },
        })
    }
}

impl Row for SlotInfo {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(40);
        out.extend(self.learner.0);
        out.extend(self.key.0);
        put_varint(&mut out, self.commune.0.into());
        put_varint(&mut out, self.since.0.into());
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            learner: LearnerId(reader.array("learner")?),
            key: LearnerKey(reader.array("key")?),
            commune: CommuneCode(small(reader, "commune")?),
            since: Day(small(reader, "day")?),
        })
    }
}

impl Row for LearnerRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.done.len() * 8);
        put_varint(&mut out, self.log);
        for value in [self.slot.0, self.joined.0, self.commune.0, self.done.len() as u32] {
            put_varint(&mut out, value.into());
        }
        for (lesson, score, day) in &self.done {
            put_varint(&mut out, lesson.course.into());
            put_varint(&mut out, lesson.lesson.into());
            out.push(score.percent());
            put_varint(&mut out, day.0.into());
        }
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            log: number(reader, "log number")?,
            slot: Slot(small(reader, "slot")?),
            joined: Day(small(reader, "joining day")?),
            commune: CommuneCode(small(reader, "commune")?),
            done: {
                let count = small(reader, "lessons")?;
                let lesson = |reader: &mut Reader<'_>| {
                    let lesson = LessonRef { course: short(reader, "course")?, lesson: short(reader, "lesson")? };
                    Ok((lesson, score(reader)?, Day(small(reader, "day")?)))
                };
                (0..count).map(|_| lesson(reader)).collect::<Result<_, _>>()?
            },
        })
    }
}

impl Row for TotalsRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16);
        for value in [self.learners, self.lessons, self.last_day.into(), self.received] {
            put_varint(&mut out, value);
        }
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            learners: number(reader, "learners")?,
            lessons: number(reader, "lessons")?,
            last_day: small(reader, "last day")?,
            received: number(reader, "received")?,
        })
    }
}

impl Row for PeerRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = self.cursor.store.0.to_vec();
        put_varint(&mut out, self.cursor.position);
        out.extend(&self.scope);
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let store = StoreId(reader.array("store")?);
        let cursor = Cursor { store, position: number(reader, "position")? };
        Ok(Self { cursor, scope: reader.rest().to_vec() })
    }
}

impl Row for OwnLearnerRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = self.key.0.to_vec();
        put_varint(&mut out, self.made.into());
        put_optional(&mut out, self.slot.map(|slot| slot.0.into()));
        put_optional(&mut out, self.commune.map(|commune| commune.0.into()));
        put_varint(&mut out, self.consent.0.into());
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            key: LearnerKey(reader.array("key")?),
            made: small(reader, "made")?,
            slot: optional(reader, "slot")?.map(|slot| Slot(slot as u32)),
            commune: optional(reader, "commune")?.map(|commune| CommuneCode(commune as u32)),
            consent: Day(small(reader, "consent day")?),
        })
    }
}

impl Row for OwnDoneRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.score.percent()];
        put_varint(&mut out, self.day.0.into());
        put_optional(&mut out, self.entry);
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { score: score(reader)?, day: Day(small(reader, "day")?), entry: optional(reader, "entry")? })
    }
}

impl TotalsRow {
    /// When data of the commune last came, `None` before the first.
    pub(super) const fn received(&self) -> Option<Minutes> {
        if self.received == 0 { None } else { Some(Minutes(self.received)) }
    }
}
