//! Takes extensions of logs: checks first, and only then writes.

use std::collections::BTreeSet;

use redb::ReadableTable;

use super::StoreError;
use super::read::{entry_key, in_scope, log_key};
use super::rows::{LogRow, Row};
use super::tables::{ChangeKind, SlotKey, key};
use super::write::Writer;
use crate::authority::Cut;
use crate::entry::{Entry, SlotInfo};
use crate::id::{DeviceId, LearnerId, LogId, Minutes, Slot};
use crate::log::{Block, LOG_ENTRIES_MAX, Step, Tail, WalkError, Walker, device_of};
use crate::session::{Extension, Rejection};
use crate::wire::codec::Reader;
use crate::wire::frame::Scope;

/// A chunk of entries is filled up to about this many bytes: few rows for long logs, and little written
/// again when one entry is added.
const CHUNK_BYTES: usize = 2048;

/// Why an extension stops: the peer's fault, or the store's.
pub(super) enum Stop {
    Rejected(Rejection),
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// A walk error does not know its log; it is added where the walk is called.
pub(super) struct StepStop(Result<WalkError, StoreError>);

impl From<WalkError> for StepStop {
    fn from(error: WalkError) -> Self {
        Self(Ok(error))
    }
}

/// Follows a log that came whole, and verifies its signature. Returns what each entry adds to the chain.
pub(super) fn walk_whole(extension: &Extension) -> Result<Vec<Block>, Rejection> {
    let log = extension.log;
    let mut reader = Reader::new(&extension.payloads);
    let mut walker = Walker::new(Tail::start(&log), 0);
    let mut blocks = Vec::new();
    while !reader.is_empty() {
        let start = reader.position();
        let step = walker.step::<WalkError>(&mut reader, &mut |_| Ok(None));
        let step = step.map_err(|error| Rejection::Entry { log, error })?;
        blocks.push(step.block(reader.since(start)));
    }
    walker.tail().verify(&log, &extension.signature)?;
    if walker.tail().length == extension.count {
        Ok(blocks)
    } else {
        Err(Rejection::Count { log, count: extension.count })
    }
}

/// What an extension adds, after it was checked.
pub(super) struct Checked<'a> {
    pub(super) tail: Tail,
    steps: Vec<Step>,
    declared: Vec<SlotInfo>,
    /// The new payloads, cut into chunks; each with the index of its first entry.
    chunks: Vec<(u64, &'a [u8])>,
}

/// Reads every entry and verifies the signature over the result, or finds the result in the revocation
/// list, which the province signed. `known` finds slots declared in what is held.
fn check<'a>(
    extension: &'a Extension,
    held: Option<&LogRow>,
    cut: Option<Cut>,
    known: &mut impl FnMut(Slot) -> Result<Option<SlotInfo>, StepStop>,
) -> Result<Checked<'a>, Stop> {
    let log = extension.log;
    let checked = follow(extension, held, known)?;
    let tail = checked.tail;
    let vouched = cut.is_some_and(|cut| (cut.length, cut.chain) == (tail.length, tail.chain));
    if !vouched {
        tail.verify(&log, &extension.signature).map_err(|bad| match held {
            Some(row) if row.tail.length > 0 => Rejection::Diverged { log, held: row.tail.length },
            _ => Rejection::Signature(bad),
        })?;
    }
    Ok(checked)
}

/// Reads every entry, and looks at no signature.
pub(super) fn follow<'a>(
    extension: &'a Extension,
    held: Option<&LogRow>,
    known: &mut impl FnMut(Slot) -> Result<Option<SlotInfo>, StepStop>,
) -> Result<Checked<'a>, Stop> {
    let log = extension.log;
    let (tail, slots) = held.map_or((Tail::start(&log), 0), |row| (row.tail, row.slots));
    let entry_error = |error| Stop::Rejected(Rejection::Entry { log, error });
    let mut reader = Reader::new(&extension.payloads);
    for index in extension.from..tail.length.min(extension.from + extension.count) {
        Entry::skip(&mut reader).map_err(|error| entry_error(WalkError::Entry { index, error: error.into() }))?;
    }
    let mut walker = Walker::new(tail, slots);
    let mut steps = Vec::new();
    let mut chunks = Vec::new();
    let (mut chunk_start, mut chunk_first) = (reader.position(), tail.length);
    while walker.tail().length < extension.from + extension.count && !reader.is_empty() {
        steps.push(walker.step(&mut reader, known).map_err(|StepStop(stop)| match stop {
            Ok(error) => entry_error(error),
            Err(error) => Stop::Store(error),
        })?);
        if reader.since(chunk_start).len() >= CHUNK_BYTES {
            chunks.push((chunk_first, reader.since(chunk_start)));
            (chunk_start, chunk_first) = (reader.position(), walker.tail().length);
        }
    }
    if walker.tail().length != extension.from + extension.count || !reader.is_empty() {
        return Err(Rejection::Count { log, count: extension.count }.into());
    }
    if !reader.since(chunk_start).is_empty() {
        chunks.push((chunk_first, reader.since(chunk_start)));
    }
    Ok(Checked { tail: walker.tail(), steps, declared: walker.declared().to_vec(), chunks })
}

impl Writer<'_> {
    /// Takes an extension wholly, or not at all. Returns how many entries are held then; an extension
    /// that brings nothing new is taken too. Of logs that neither `peer` nor this device wrote, only those in
    /// `scope`.
    pub(super) fn ingest(
        &mut self,
        extension: &Extension,
        ahead: Option<Checked<'_>>,
        peer: DeviceId,
        scope: &Scope,
        now: Minutes,
    ) -> Result<Result<u64, Rejection>, StoreError> {
        let scope = (![peer, device_of(self.secret)].contains(&extension.log.device)).then_some(scope);
        let held = self.log(&extension.log)?;
        let whole = self.unstage(&peer, extension, held.as_ref().map_or(0, |row| row.tail.length))?;
        match self.take(whole.as_ref().unwrap_or(extension), ahead, held, scope, now) {
            Ok(length) => Ok(Ok(length)),
            // What was staged may be to blame: the log is asked for anew.
            Err(Stop::Rejected(_)) if whole.is_some() => {
                Ok(Err(Rejection::Diverged { log: extension.log, held: extension.from }))
            }
            Err(Stop::Rejected(rejection)) => Ok(Err(rejection)),
            Err(Stop::Store(error)) => Err(error),
        }
    }

    fn take(
        &mut self,
        extension: &Extension,
        ahead: Option<Checked<'_>>,
        held: Option<LogRow>,
        scope: Option<&Scope>,
        now: Minutes,
    ) -> Result<u64, Stop> {
        let log = extension.log;
        let length = extension.from.saturating_add(extension.count);
        if length > LOG_ENTRIES_MAX {
            return Err(Rejection::TooLong { log, length }.into());
        }
        let cut = self.standing.revocations.as_ref().and_then(|revocations| revocations.cut(&log));
        if let Some(cut) = cut.filter(|cut| cut.length < length) {
            return Err(Rejection::Revoked { log, length: cut.length }.into());
        }
        let held_length = held.as_ref().map_or(0, |row| row.tail.length);
        if extension.from > held_length {
            return Err(Rejection::Gap { log, held: held_length, from: extension.from }.into());
        }
        if let Some(held) = held.as_ref().filter(|held| length < held.tail.length) {
            return match self.tail_at(&log, held, length)?.verify(&log, &extension.signature) {
                Ok(()) => Ok(held_length),
                Err(_) => Err(self.parted(extension, Rejection::Diverged { log, held: held_length })?.into()),
            };
        }
        // Of a log that forked, what all versions share is taken; of the rest only a version that parts earlier
        // would matter, which a whole log shows.
        if let Some(held) = held.as_ref().filter(|held| held.fork.is_some_and(|common| common <= held_length)) {
            let common = held.fork.unwrap_or_default();
            return Err(self.parted(extension, Rejection::Forked { log, common })?.into());
        }
        let checked = match self.checked(extension, ahead, held.as_ref(), cut) {
            // Entries of another version need not make sense after what is held: slots that are not declared
            // here, days before they were, learners who were erased.
            Err(Stop::Rejected(found @ (Rejection::Diverged { .. } | Rejection::Entry { .. }))) if held_length > 0 => {
                return Err(self.parted(extension, found)?.into());
            }
            checked => checked?,
        };
        if checked.tail.length == held_length {
            return Ok(held_length);
        }
        self.may_be_erased(&log, held.as_ref(), &checked.steps)?;
        if let Some(scope) = scope
            && !in_scope(scope, checked.declared.iter().map(|info| info.commune))
        {
            return Err(Rejection::OutOfScope { log }.into());
        }
        self.store(&log, held, extension, &checked, now)?;
        Ok(length)
    }

    /// Checks an extension, unless that was done ahead and nothing is held that it did not know of.
    fn checked<'a>(
        &self,
        extension: &'a Extension,
        ahead: Option<Checked<'a>>,
        held: Option<&LogRow>,
        cut: Option<Cut>,
    ) -> Result<Checked<'a>, Stop> {
        match (ahead, held, cut) {
            (Some(checked), None, None) => Ok(checked),
            (_, None, cut) => check(extension, None, cut, &mut |_| Ok(None)),
            (_, Some(row), cut) => check(extension, Some(row), cut, &mut |slot| {
                self.slot(row.number, slot).map_err(|error| StepStop(Err(error)))
            }),
        }
    }

    fn store(
        &mut self,
        log: &LogId,
        held: Option<LogRow>,
        extension: &Extension,
        checked: &Checked<'_>,
        now: Minutes,
    ) -> Result<(), StoreError> {
        let mut grant = held.as_ref().map(|row| self.last_grant(log, row)).transpose()?.flatten();
        let mut row = match held {
            Some(row) => row,
            None => self.new_log(log)?,
        };
        for (slot, info) in (row.slots..).zip(&checked.declared) {
            self.save_slot(row.number, Slot(slot), info)?;
            if !row.communes.contains(&info.commune) {
                row.communes.push(info.commune);
            }
        }
        self.append(&mut row, &checked.chunks)?;
        for (index, step) in (row.tail.length..).zip(&checked.steps) {
            if row.fork.is_some_and(|common| index >= common) {
                break;
            }
            if let Entry::Credential(chain) = &step.entry {
                grant = self.grant(log, chain);
                row.credential = Some(index);
            }
            self.count(log, &row, step, grant.as_ref(), now)?;
        }
        row.tail = checked.tail;
        row.signature = extension.signature;
        row.slots += checked.declared.len() as u32;
        self.touch(&mut row, ChangeKind::Grew)?;
        self.save_log(log, &row)?;
        let declared: BTreeSet<LearnerId> = checked.declared.iter().map(|info| info.learner).collect();
        self.erase_if_withdrawn(log, &declared)
    }

    pub(super) fn save_slot(&mut self, log: u64, slot: Slot, info: &SlotInfo) -> Result<(), StoreError> {
        let key: SlotKey = key(&log.to_be_bytes(), &slot.0.to_be_bytes());
        self.slots.insert(&key, &info.encode()[..])?;
        Ok(())
    }

    fn new_log(&mut self, log: &LogId) -> Result<LogRow, StoreError> {
        let number = self.log_ids.last()?.map_or(0, |(number, _)| number.value() + 1);
        self.log_ids.insert(number, &log_key(log)[..])?;
        Ok(LogRow {
            number,
            tail: Tail::start(log),
            signature: crate::log::HeadSignature([0; 64]),
            slots: 0,
            last_chunk: 0,
            grew_at: 0,
            receipt_at: 0,
            sent: 0,
            delivered: 0,
            fork: self.known_fork(log)?,
            credential: None,
            communes: Vec::new(),
        })
    }

    /// Adds payloads: to the last chunk while it is small, then as chunks of their own.
    fn append(&mut self, row: &mut LogRow, chunks: &[(u64, &[u8])]) -> Result<(), StoreError> {
        let mut chunks = chunks.iter();
        let last_key = entry_key(row.number, row.last_chunk);
        let last = self.entries.get(&last_key)?.map(|guard| guard.value().to_vec());
        if let Some(mut last) = last.filter(|last| last.len() < CHUNK_BYTES)
            && let Some((_, payloads)) = chunks.next()
        {
            last.extend_from_slice(payloads);
            self.entries.insert(&last_key, &last[..])?;
        }
        for (first, payloads) in chunks {
            self.entries.insert(&entry_key(row.number, *first), *payloads)?;
            row.last_chunk = *first;
        }
        Ok(())
    }
}
