//! The rows of the tables, byte by byte. Numbers are varints unless a width is given.
//!
//! ```text
//! log row          number · length · chain 32 B · signature 64 B · slots · first index of the last chunk ·
//!                  grew at · receipt at (0: never) · sent · delivered · fork + 1 (0: none) ·
//!                  index of the last credential + 1 (0: none) · communes: count, codes
//! slot row         learner 16 B · state 1 B (0 erased, 1 introduced, 2 joined) · [key 16 B if not erased] ·
//!                  commune · declaring day
//! learner row      placed 1 B · [log number · slot · joining day · commune if placed] ·
//!                  count × (course · lesson · score 1 B · day) · count × (course · day) · count × log number
//! totals row       learners · lessons · confirmed · last day · received (minutes)
//! fork row         as in the frame `Forked`, without the log
//! peer row         store 16 B · position · shown 8 B (0: nothing) · scope as in Hello
//! contact row      epoch + 1 (0: none) · credential chain
//! own learner row  key 16 B · made · slot + 1 (0: not joined) · commune + 1 (0: none) · consent day ·
//!                  [secret 16 B, unless the learner came from elsewhere]
//! own done row     score 1 B · day · index of its entry + 1 (0: not in the log)
//! ```
//!
//! `made` counts the device's learners from 0. A learner is placed by the `Joined` with the latest day.
//! Lessons in a learner row are sorted by course and lesson, attestations by course; its log numbers are
//! those of the logs that declare the learner and were not erased for it.

use crate::entry::SlotInfo;
use crate::id::{CommuneCode, Day, LearnerId, LearnerKey, LearnerSecret, LessonRef, Score, Slot, StoreId};
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
    /// After how many entries the log forked: what follows is kept as proof and not counted.
    pub(super) fork: Option<u64>,
    /// Index of the last `Credential` entry.
    pub(super) credential: Option<u64>,
    pub(super) communes: Vec<CommuneCode>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ContactRow {
    pub(super) epoch: Option<u64>,
    pub(super) chain: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct LearnerRow {
    pub(super) placed: Option<Placed>,
    pub(super) done: Vec<(LessonRef, Score, Day)>,
    pub(super) attested: Vec<(u16, Day)>,
    pub(super) logs: Vec<u64>,
}

/// Where the `Joined` stands that places a learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) log: u64,
    pub(super) slot: Slot,
    pub(super) joined: Day,
    pub(super) commune: CommuneCode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TotalsRow {
    pub(super) learners: u64,
    pub(super) lessons: u64,
    pub(super) confirmed: u64,
    pub(super) last_day: u32,
    pub(super) received: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PeerRow {
    pub(super) cursor: Cursor,
    pub(super) shown: Option<[u8; 8]>,
    pub(super) scope: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnLearnerRow {
    pub(super) secret: Option<LearnerSecret>,
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
        put_optional(&mut out, self.fork);
        put_optional(&mut out, self.credential);
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
            fork: optional(reader, "fork")?,
            credential: optional(reader, "credential")?,
            communes: {
                let count = small(reader, "communes")?;
                (0..count).map(|_| small(reader, "commune").map(CommuneCode)).collect::<Result<_, _>>()?
            },
        })
    }
}

impl Row for SlotInfo {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(41);
        out.extend(self.learner.0);
        out.push(if self.key.is_none() { 0 } else { 1 + u8::from(self.joined) });
        out.extend(self.key.iter().flat_map(|key| key.0));
        put_varint(&mut out, self.commune.0.into());
        put_varint(&mut out, self.since.0.into());
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let learner = LearnerId(reader.array("learner")?);
        let at = reader.position();
        let (key, joined) = match reader.byte("state of a slot")? {
            0 => (None, false),
            state @ 1..=2 => (Some(LearnerKey(reader.array("key")?)), state == 2),
            found => return Err(Reader::fault(at, Fault::Unknown { what: "state of a slot", found: found.into() })),
        };
        let commune = CommuneCode(small(reader, "commune")?);
        Ok(Self { learner, key, commune, since: Day(small(reader, "day")?), joined })
    }
}

impl Row for LearnerRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(24 + self.done.len() * 8);
        out.push(u8::from(self.placed.is_some()));
        if let Some(placed) = &self.placed {
            put_varint(&mut out, placed.log);
            for value in [placed.slot.0, placed.joined.0, placed.commune.0] {
                put_varint(&mut out, value.into());
            }
        }
        put_varint(&mut out, self.done.len() as u64);
        for (lesson, score, day) in &self.done {
            put_varint(&mut out, lesson.course.into());
            put_varint(&mut out, lesson.lesson.into());
            out.push(score.percent());
            put_varint(&mut out, day.0.into());
        }
        put_varint(&mut out, self.attested.len() as u64);
        for (course, day) in &self.attested {
            put_varint(&mut out, (*course).into());
            put_varint(&mut out, day.0.into());
        }
        put_varint(&mut out, self.logs.len() as u64);
        for log in &self.logs {
            put_varint(&mut out, *log);
        }
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let placed = match reader.byte("placed")? {
            0 => None,
            _ => Some(Placed {
                log: number(reader, "log number")?,
                slot: Slot(small(reader, "slot")?),
                joined: Day(small(reader, "joining day")?),
                commune: CommuneCode(small(reader, "commune")?),
            }),
        };
        let lesson = |reader: &mut Reader<'_>| {
            let lesson = LessonRef { course: short(reader, "course")?, lesson: short(reader, "lesson")? };
            Ok((lesson, score(reader)?, Day(small(reader, "day")?)))
        };
        let course = |reader: &mut Reader<'_>| Ok((short(reader, "course")?, Day(small(reader, "day")?)));
        Ok(Self {
            placed,
            done: list(reader, "lessons", lesson)?,
            attested: list(reader, "attestations", course)?,
            logs: list(reader, "logs", |reader| number(reader, "log number"))?,
        })
    }
}

fn list<T>(
    reader: &mut Reader<'_>,
    what: &'static str,
    item: impl Fn(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let count = small(reader, what)?;
    (0..count).map(|_| item(reader)).collect()
}

impl Row for ContactRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_optional(&mut out, self.epoch);
        out.extend(&self.chain);
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { epoch: optional(reader, "epoch")?, chain: reader.rest().to_vec() })
    }
}

impl Row for TotalsRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16);
        for value in [self.learners, self.lessons, self.confirmed, self.last_day.into(), self.received] {
            put_varint(&mut out, value);
        }
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            learners: number(reader, "learners")?,
            lessons: number(reader, "lessons")?,
            confirmed: number(reader, "confirmed")?,
            last_day: small(reader, "last day")?,
            received: number(reader, "received")?,
        })
    }
}

impl Row for PeerRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = self.cursor.store.0.to_vec();
        put_varint(&mut out, self.cursor.position);
        out.extend(self.shown.unwrap_or_default());
        out.extend(&self.scope);
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let store = StoreId(reader.array("store")?);
        let cursor = Cursor { store, position: number(reader, "position")? };
        let shown = Some(reader.array("shown")?).filter(|shown| *shown != [0; 8]);
        Ok(Self { cursor, shown, scope: reader.rest().to_vec() })
    }
}

impl Row for OwnLearnerRow {
    fn encode(&self) -> Vec<u8> {
        let mut out = self.key.0.to_vec();
        put_varint(&mut out, self.made.into());
        put_optional(&mut out, self.slot.map(|slot| slot.0.into()));
        put_optional(&mut out, self.commune.map(|commune| commune.0.into()));
        put_varint(&mut out, self.consent.0.into());
        out.extend(self.secret.iter().flat_map(|secret| secret.0));
        out
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            key: LearnerKey(reader.array("key")?),
            made: small(reader, "made")?,
            slot: optional(reader, "slot")?.map(|slot| Slot(slot as u32)),
            commune: optional(reader, "commune")?.map(|commune| CommuneCode(commune as u32)),
            consent: Day(small(reader, "consent day")?),
            secret: if reader.is_empty() { None } else { Some(LearnerSecret(reader.array("secret")?)) },
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
