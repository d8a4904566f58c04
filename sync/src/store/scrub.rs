//! Overwrites what was erased: after a scrub no byte of a row that is gone is left in the store's image.
//!
//! redb never writes over what is in use. A change copies pages; the old ones are freed with their bytes,
//! and hold them until they are needed again. Three places outlive a removed or overwritten row:
//!
//! ```text
//! free page     ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒   an older version of the row, in any number of pages
//! leaf page     live rows │ ▒▒▒▒▒▒   what was moved or cut behind the live rows by a change in place; a
//!                                    copy for a value of the same length takes it along
//! branch page   child │ ▒▒▒ │ child  a removed key, or its beginning, as the border of two children
//! ```
//!
//! A scrub takes four steps. Each is of whole transactions, so a crash leaves the store as it was or as it
//! should be; readers and writers find the same rows throughout.
//!
//! 1. **Renew**: copies every table, row by row, to a new one that takes its name. From here on everything
//!    live was built from rows that are there now.
//! 2. **Settle**: two empty commits make redb release the pages of the old tables; those at the end of the
//!    file are cut off, as far as redb does that.
//! 3. **Fill**: rows of zeros in tables of their own take the free pages, until none is left that still
//!    holds what it held before. redb does not say which these are. [`Watch`] does, for it sits between
//!    redb and its storage: a page is fresh if it was written since the first step began, or came with a
//!    growth of the file, and all that redb wrote since comes from live rows. So the end is not estimated,
//!    it is observed: **no page is stale**, but for the header, which holds no rows.
//! 4. **Finish**: drops the rows of zeros. The last of these transactions removes `scrub` from `meta_v1`,
//!    where the erasing transaction put it; a store that is opened with it there scrubs first, from the
//!    beginning.
//!
//! **Cost**: everything live is read and written once, and what is free is written once. It does not
//! depend on how much was erased: erase much, then scrub once. While it runs the file needs room for a
//! second copy of what is live and may grow to twice its length; a storage that refuses that length is
//! left as it was ([`StoreError::NoRoom`]). It takes about twenty commits. redb cuts a
//! file only at its end, so one that is scrubbed often is two to four times as long as what is live; the
//! rest is zeros. Measured on two cores: 8 ms for a phone's store, 2 s for a file of 135 MB, 29 s for one of
//! 2.2 GB.
//!
//! **Not covered**: copies that file system, flash or browser make below the image (journals, wear
//! levelling, the log of the database under IndexedDB), backups, and the memory of the process.

#[cfg(test)]
mod tests;
mod watch;

use redb::{
    Database, Key, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition, TableHandle, Value,
    WriteTransaction,
};

use super::write::Writer;
use super::{StoreError, reconcile, stage, tables};
pub(super) use watch::Watch;

/// Takes a table's rows, then its name.
const COPY: &str = "scrub_copy_v1";
/// Rows of zeros, of the first round and of those after.
const FILLERS: [TableDefinition<'_, u64, &[u8]>; 2] =
    [TableDefinition::new("scrub_filler_v1"), TableDefinition::new("scrub_rest_v1")];

/// A row of zeros: two do not fit in a page of 4,096 bytes, so each takes one of its own.
const FILLER_BYTES: usize = 4032;
/// Pages that the first round leaves for those in which redb notes its own affairs: a commit takes about
/// ten, and one more for each 400 pages of rows; branch pages come one for each hundred.
const MARGIN_PAGES: u64 = 32;
/// Bound of the rounds. Measured: 5 to 9, for files of 0.3 to 37 MB.
const ROUNDS_MAX: u32 = 64;

impl Writer<'_> {
    /// Makes a scrub due, as part of the transaction that erases.
    pub(super) fn owe_scrub(&mut self) -> Result<(), StoreError> {
        self.meta.insert(tables::META_SCRUB, &[][..])?;
        Ok(())
    }
}

/// Whether something was erased since the last scrub.
pub(super) fn is_due(db: &Database) -> Result<bool, StoreError> {
    Ok(db.begin_read()?.open_table(tables::META)?.get(tables::META_SCRUB)?.is_some())
}

/// Scrubs, whether it is due or not.
pub(super) fn scrub(db: &Database, watch: &Watch) -> Result<(), StoreError> {
    watch.check_room()?;
    let result = scrub_watched(db, watch);
    watch.stop();
    result
}

fn scrub_watched(db: &Database, watch: &Watch) -> Result<(), StoreError> {
    renew(db, watch)?;
    settle(db, watch)?;
    let filled = fill(db, watch);
    if filled.is_ok() {
        finish(db)?;
        settle(db, watch)?;
    }
    filled
}

fn renew(db: &Database, watch: &Watch) -> Result<(), StoreError> {
    let txn = db.try_begin_write()?;
    watch.start();
    for filler in FILLERS {
        txn.delete_table(filler)?;
    }
    renew_tables(&txn)?;
    txn.commit()?;
    Ok(())
}

/// Copies every table; returns their names.
fn renew_tables(txn: &WriteTransaction) -> Result<Vec<&'static str>, StoreError> {
    let mut renewed = vec![
        renew_table(txn, &tables::META)?,
        renew_table(txn, &tables::LOGS)?,
        renew_table(txn, &tables::LOG_IDS)?,
        renew_table(txn, &tables::ENTRIES)?,
        renew_table(txn, &tables::SLOTS)?,
        renew_table(txn, &tables::CHANGES)?,
        renew_table(txn, &tables::WITHDRAWALS)?,
        renew_table(txn, &tables::WITHDRAWN)?,
        renew_table(txn, &tables::LEARNERS)?,
        renew_table(txn, &tables::COMMUNES)?,
        renew_table(txn, &tables::DAYS)?,
        renew_table(txn, &tables::FORKS)?,
        renew_table(txn, &tables::PEERS)?,
        renew_table(txn, &tables::CONTACTS)?,
        renew_table(txn, &tables::CREDITED)?,
        renew_table(txn, &tables::OWN_LEARNERS)?,
        renew_table(txn, &tables::OWN_DONE)?,
    ];
    renewed.extend(reconcile::renew_tables(txn)?);
    renewed.extend(stage::renew_tables(txn)?);
    Ok(renewed)
}

pub(super) fn renew_table<K: Key, V: Value>(
    txn: &WriteTransaction,
    table: &'static TableDefinition<'static, K, V>,
) -> Result<&'static str, StoreError> {
    let copy = TableDefinition::<K, V>::new(COPY);
    {
        let old = txn.open_table(*table)?;
        let mut new = txn.open_table(copy)?;
        for row in old.iter()? {
            let (key, value) = row?;
            new.insert(key.value(), value.value())?;
        }
    }
    txn.delete_table(*table)?;
    txn.rename_table(copy, *table)?;
    Ok(table.name())
}

/// Commits until redb has released what it can: the first commit frees the old tables' pages, the second
/// those of its notes on that; each cuts off half of what is free at the end of the file.
fn settle(db: &Database, watch: &Watch) -> Result<(), StoreError> {
    let mut before = u64::MAX;
    for _ in 0..ROUNDS_MAX {
        db.try_begin_write()?.commit()?;
        db.try_begin_write()?.commit()?;
        let length = watch.len()?;
        if length >= before {
            break;
        }
        before = length;
    }
    Ok(())
}

/// Fills free pages until none is stale.
fn fill(db: &Database, watch: &Watch) -> Result<(), StoreError> {
    let length_max = watch.len()? * 2;
    for round in 0..ROUNDS_MAX {
        let stale = watch.stale_pages()?;
        if stale == 0 {
            return Ok(());
        }
        // What stays stale through a growth is not free: someone reads an older version of the tables.
        if watch.len()? > length_max {
            break;
        }
        fill_round(db, round, stale)?;
    }
    Err(redb::Error::TransactionInProgress.into())
}

/// Takes fewer free pages than are stale, so that the file need not grow; at the end one at a time.
fn fill_round(db: &Database, round: u32, stale: u64) -> Result<(), StoreError> {
    let most = stale.saturating_sub(stale / 64 + MARGIN_PAGES);
    let txn = db.try_begin_write()?;
    {
        let mut filler = txn.open_table(FILLERS[usize::from(round > 0)])?;
        let first = filler.last()?.map_or(0, |(row, _)| row.value() + 1);
        for row in 0..most.max(stale.min(MARGIN_PAGES) / 2).max(1) {
            filler.insert(first + row, &[0; FILLER_BYTES][..])?;
        }
    }
    txn.commit()?;
    Ok(())
}

/// Drops the rows of zeros, the few first: redb needs pages to note what it frees.
fn finish(db: &Database) -> Result<(), StoreError> {
    let txn = db.try_begin_write()?;
    txn.delete_table(FILLERS[1])?;
    txn.commit()?;
    let txn = db.try_begin_write()?;
    txn.delete_table(FILLERS[0])?;
    txn.open_table(tables::META)?.remove(tables::META_SCRUB)?;
    txn.commit()?;
    Ok(())
}
