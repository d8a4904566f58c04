//! Where a log stops counting because its device signed two versions of it.
//!
//! Both versions count up to where they part, and nothing after. Who holds one version learns of the other
//! from a peer that offers it, or from a [`Fork`], which proves itself and is told on with the log. A log known
//! to have forked is still taken up to where that was, so that all nodes count the same; of what comes after
//! nothing more is taken. If a third version parts earlier, that earlier point is what counts.

use redb::{ReadTransaction, ReadableTable};

use super::StoreError;
use super::ingest::{Stop, walk_whole};
use super::read::log_key;
use super::rows::LogRow;
use super::tables::{self, ChangeKind};
use super::walk::Held;
use super::write::Writer;
use crate::id::LogId;
use crate::log::{BRANCH_BLOCKS_MAX, Block, Branch, Fork, Tail};
use crate::session::{Extension, Rejection};
use crate::wire::codec::Reader;
use crate::wire::frame::{decode_fork, encode_fork};

impl Writer<'_> {
    /// What came does not continue what is held. Only the whole log shows whether its device signed two, and
    /// is asked for unless it came; if it did not, what was `found` stands.
    pub(super) fn parted(&mut self, extension: &Extension, found: Rejection) -> Result<Rejection, Stop> {
        let log = extension.log;
        if extension.from == 0 {
            return Ok(self.fork(extension)?.unwrap_or(found));
        }
        let held = self.log_row(&log)?.tail.length;
        Ok(Rejection::Diverged { log, held })
    }

    /// Compares a whole log with what is held. If its device signed both and they part, counting stops
    /// there; a device that finds it of itself begins anew.
    fn fork(&mut self, extension: &Extension) -> Result<Option<Rejection>, Stop> {
        let log = extension.log;
        let mut row = self.log_row(&log)?;
        let other = walk_whole(extension)?;
        let held = self.blocks(&row)?;
        let same = held.iter().zip(&other).take_while(|(held, other)| held == other).count();
        let common = same as u64;
        if same == held.len().min(other.len()) {
            return Ok(None);
        }
        if let Some(known) = row.fork.filter(|known| *known <= common) {
            return Ok(Some(Rejection::Forked { log, common: known }));
        }
        let mut tail = Tail::start(&log);
        held[..same].iter().for_each(|block| tail.push_block(block));
        let branch = |blocks: &[Block], signature| Branch { blocks: blocks[same..].to_vec(), signature };
        let branches = [branch(&held, row.signature), branch(&other, extension.signature)];
        self.keep_fork(&Fork { log, common: tail, branches })?;
        self.count_to(&log, &mut row, common)?;
        if log == self.own_log() {
            self.begin_anew()?;
        }
        Ok(Some(Rejection::Forked { log, common }))
    }

    /// A peer proves that a log forked. If it is this device's own, there is a clone of the device, or was;
    /// what it says from now on stands in another log.
    pub(super) fn forked_elsewhere(&mut self, fork: &Fork) -> Result<(), StoreError> {
        if fork.verify().is_err() {
            return Ok(());
        }
        self.learn_fork(fork)?;
        if fork.log == self.own_log() && self.log(&fork.log)?.is_some() {
            self.begin_anew()?;
        }
        Ok(())
    }

    /// Keeps a proof, and lets the log count up to there. If what is held here is neither version, it parts
    /// from both before, and who offers one of them shows where.
    fn learn_fork(&mut self, fork: &Fork) -> Result<(), StoreError> {
        let Fork { log, common, .. } = fork;
        if self.known_fork(log)?.is_some_and(|known| known <= common.length) {
            return Ok(());
        }
        let Some(mut row) = self.log(log)? else { return self.keep_fork(fork) };
        let marked = row.fork.is_some_and(|known| known <= common.length);
        let long = row.tail.length >= common.length;
        if marked || long && self.tail_at(log, &row, common.length)? != *common {
            return Ok(());
        }
        self.keep_fork(fork)?;
        self.count_to(log, &mut row, common.length)
    }

    fn keep_fork(&mut self, fork: &Fork) -> Result<(), StoreError> {
        if fork.branches.iter().all(|branch| branch.blocks.len() <= BRANCH_BLOCKS_MAX) {
            let mut proof = Vec::new();
            encode_fork(&mut proof, fork);
            self.forks.insert(&log_key(&fork.log), &proof[..])?;
        }
        Ok(())
    }

    /// Up to where a log counts that a proof was kept of.
    pub(super) fn known_fork(&self, log: &LogId) -> Result<Option<u64>, StoreError> {
        let row = self.forks.get(&log_key(log))?;
        row.map(|row| Ok(read(row.value(), log)?.common.length)).transpose()
    }

    /// Lets a log count up to an index only.
    fn count_to(&mut self, log: &LogId, row: &mut LogRow, common: u64) -> Result<(), StoreError> {
        let learners = self.learners_from(row, common)?;
        self.uncount_from(row, common)?;
        row.fork = Some(common);
        self.touch(row, ChangeKind::Grew)?;
        self.save_log(log, row)?;
        self.recount(&learners)
    }

    /// Takes the entries from an index on out of their communes' days.
    fn uncount_from(&mut self, row: &LogRow, from: u64) -> Result<(), StoreError> {
        let mut held = Held::default();
        for first in self.chunks(row.number)? {
            let (_, entries) = self.held_chunk(row.number, first, &mut held)?;
            for entry in entries.iter().filter(|entry| (from..row.counted()).contains(&entry.index)) {
                self.uncount_day(&entry.step);
            }
        }
        Ok(())
    }

    /// What every entry of a held log adds to its chain.
    fn blocks(&self, row: &LogRow) -> Result<Vec<Block>, StoreError> {
        let mut held = Held::default();
        let mut blocks = Vec::new();
        for first in self.chunks(row.number)? {
            let (chunk, entries) = self.held_chunk(row.number, first, &mut held)?;
            blocks.extend(entries.into_iter().map(|entry| entry.step.block(&chunk[entry.payload])));
        }
        Ok(blocks)
    }
}

/// The proof that a log forked, if one was kept.
pub(super) fn fork_of(txn: &ReadTransaction, log: &LogId) -> Result<Option<Fork>, StoreError> {
    txn.open_table(tables::FORKS)?.get(&log_key(log))?.map(|row| read(row.value(), log)).transpose()
}

pub(super) fn read(row: &[u8], log: &LogId) -> Result<Fork, StoreError> {
    decode_fork(&mut Reader::new(row), *log).map_err(StoreError::row("forks_v1"))
}
