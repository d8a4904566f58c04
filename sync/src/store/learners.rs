//! What is counted: learners and their lessons, by commune.
//!
//! Counts depend only on which logs are held, not on the order in which they came: a learner is placed in
//! the commune of the latest `Joined` (day, then log, then slot); a lesson keeps its best score and first
//! day; the last day of a commune is that of any entry made under it.

use redb::{ReadTransaction, ReadableTable};

use super::read::log_id;
use super::rows::{LearnerRow, LogRow, Row, TotalsRow};
use super::write::Writer;
use super::{StoreError, row, tables};
use crate::entry::{Entry, Joined, LessonDone, SlotInfo};
use crate::id::{CommuneCode, Day, LearnerId, LogId, Minutes, Slot};

/// What is counted of one commune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommuneTotals {
    /// The commune.
    pub commune: CommuneCode,
    /// Learners whose latest joining names it.
    pub learners: u64,
    /// Lessons they finished, each counted once a learner.
    pub lessons: u64,
    /// The latest day that any entry made under it bears.
    pub last_day: Day,
    /// When the newest of them came here; differs from node to node.
    pub received: Option<Minutes>,
}

pub(super) fn totals(txn: &ReadTransaction) -> Result<Vec<CommuneTotals>, StoreError> {
    let communes = txn.open_table(tables::COMMUNES)?;
    let mut totals = Vec::new();
    for item in communes.iter()? {
        let (commune, value) = item?;
        let row = TotalsRow::from_bytes(value.value()).map_err(StoreError::row("communes_v1"))?;
        totals.push(CommuneTotals {
            commune: CommuneCode(commune.value()),
            learners: row.learners,
            lessons: row.lessons,
            last_day: Day(row.last_day),
            received: row.received(),
        });
    }
    Ok(totals)
}

impl Writer<'_> {
    /// Counts one entry that is new in the log of `log_row`.
    pub(super) fn count(
        &mut self,
        log: &LogId,
        log_row: &LogRow,
        entry: &Entry,
        info: &SlotInfo,
        next_slot: &mut Slot,
        now: Minutes,
    ) -> Result<(), StoreError> {
        let day = match entry {
            Entry::Joined(joined) => {
                self.count_joined(log, log_row.number, joined, *next_slot)?;
                next_slot.0 += 1;
                joined.day
            }
            Entry::LessonDone(done) => {
                self.count_lesson(info.learner, done)?;
                done.day
            }
        };
        let totals = self.totals(info.commune)?;
        totals.last_day = totals.last_day.max(day.0);
        totals.received = totals.received.max(now.0);
        Ok(())
    }

    fn count_joined(&mut self, log: &LogId, number: u64, joined: &Joined, slot: Slot) -> Result<(), StoreError> {
        let Some(mut row) = self.learner(joined.learner)? else {
            self.totals(joined.commune)?.learners += 1;
            let (commune, joined_day) = (joined.commune, joined.day);
            let row = LearnerRow { log: number, slot, joined: joined_day, commune, done: Vec::new() };
            self.learner_rows.insert(joined.learner, row);
            return Ok(());
        };
        let placed_by = self.log_ids.get(row.log)?.map(|id| log_id(id.value()));
        let placed_by = placed_by.ok_or(StoreError::Missing { table: "log_ids_v1" })?;
        if (joined.day, *log, slot) <= (row.joined, placed_by, row.slot) {
            return Ok(());
        }
        if row.commune != joined.commune {
            let lessons = row.done.len() as u64;
            let left = self.totals(row.commune)?;
            left.learners = left.learners.saturating_sub(1);
            left.lessons = left.lessons.saturating_sub(lessons);
            let entered = self.totals(joined.commune)?;
            entered.learners += 1;
            entered.lessons += lessons;
        }
        row.log = number;
        row.slot = slot;
        row.joined = joined.day;
        row.commune = joined.commune;
        self.learner_rows.insert(joined.learner, row);
        Ok(())
    }

    fn count_lesson(&mut self, learner: LearnerId, done: &LessonDone) -> Result<(), StoreError> {
        let mut row = self.learner(learner)?.ok_or(StoreError::Missing { table: "learners_v1" })?;
        match row.done.binary_search_by_key(&done.lesson, |(lesson, _, _)| *lesson) {
            Ok(index) => {
                let (_, score, day) = &mut row.done[index];
                *score = (*score).max(done.score);
                *day = (*day).min(done.day);
            }
            Err(index) => {
                row.done.insert(index, (done.lesson, done.score, done.day));
                self.totals(row.commune)?.lessons += 1;
            }
        }
        self.learner_rows.insert(learner, row);
        Ok(())
    }

    /// Takes a learner's row out of what was gathered, or reads it.
    fn learner(&mut self, learner: LearnerId) -> Result<Option<LearnerRow>, StoreError> {
        match self.learner_rows.remove(&learner) {
            Some(row) => Ok(Some(row)),
            None => row(&self.learners, "learners_v1", &learner.0),
        }
    }

    fn totals(&mut self, commune: CommuneCode) -> Result<&mut TotalsRow, StoreError> {
        if !self.totals_rows.contains_key(&commune) {
            let row = row(&self.communes, "communes_v1", commune.0)?.unwrap_or_default();
            self.totals_rows.insert(commune, row);
        }
        Ok(self.totals_rows.entry(commune).or_default())
    }
}
