//! A storage backend that passes everything on, and can tell which pages were written since it was asked
//! to look. The scrub observes with it what redb does not tell.
//!
//! One thing it sets right on the way: a crash while redb makes a new database leaves storage that redb
//! then takes for something else than a database, and refuses for good. redb writes its magic number last,
//! after a header and before anything more. So where that number and all behind the header are zeros
//! nothing was ever kept, and the storage is emptied.

use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{BackendError, StorageBackend};

use crate::store::StoreError;

/// redb's page.
const PAGE_BYTES: u64 = 4096;
/// Length of redb's magic number, with which a database begins.
const MAGIC_BYTES: usize = 9;

/// A backend under observation. Clones share it: redb owns one, the store asks another.
#[derive(Debug, Clone)]
pub(in crate::store) struct Watch {
    storage: Arc<dyn StorageBackend>,
    fresh: Arc<Mutex<Option<Fresh>>>,
    /// Whether redb looked at the length, as it does first when it has locked the storage.
    opened: Arc<AtomicBool>,
}

/// Pages that hold nothing from before: a bit a page, 64 KB for a file of 2 GB. What lies past the end of
/// `bits` is not fresh.
#[derive(Debug, Default)]
struct Fresh {
    bits: Vec<u64>,
}

impl Fresh {
    /// Marks the whole pages between two offsets.
    fn mark(&mut self, start: u64, end: u64) {
        for page in start.div_ceil(PAGE_BYTES)..end / PAGE_BYTES {
            let word = (page / 64) as usize;
            if self.bits.len() <= word {
                self.bits.resize(word + 1, 0);
            }
            self.bits[word] |= 1 << (page % 64);
        }
    }

    fn has(&self, page: u64) -> bool {
        self.bits.get((page / 64) as usize).is_some_and(|word| word & 1 << (page % 64) != 0)
    }
}

impl Watch {
    pub(in crate::store) fn new(storage: impl StorageBackend) -> Self {
        Self { storage: Arc::new(storage), fresh: Arc::default(), opened: Arc::default() }
    }

    fn fresh(&self) -> MutexGuard<'_, Option<Fresh>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks that the storage would bear twice its length. redb could not go on where it is refused, so
    /// it is asked behind its back; a length that a crash leaves there is one redb knows from its own
    /// crashes.
    pub(super) fn check_room(&self) -> Result<(), StoreError> {
        let len = self.len()?;
        let bytes = len * 2;
        let grown = self.storage.set_len(bytes);
        self.storage.set_len(len)?;
        grown.map_err(|source| StoreError::NoRoom { bytes, source })
    }

    /// Forgets what was written, and looks from here on.
    pub(super) fn start(&self) {
        *self.fresh() = Some(Fresh::default());
    }

    /// Looks no more.
    pub(super) fn stop(&self) {
        *self.fresh() = None;
    }

    /// How many pages still hold what they held at the start. The first is redb's header, which holds no
    /// rows and is not counted.
    pub(super) fn stale_pages(&self) -> io::Result<u64> {
        let pages = self.len()?.div_ceil(PAGE_BYTES);
        let fresh = self.fresh();
        Ok((1..pages).filter(|page| !fresh.as_ref().is_some_and(|fresh| fresh.has(*page))).count() as u64)
    }
}

/// Whether storage of this length is what a crash leaves of a database that was being made.
fn is_unfinished(storage: &dyn StorageBackend, len: u64) -> io::Result<bool> {
    let mut page = [0; PAGE_BYTES as usize];
    for start in (0..len).step_by(page.len()) {
        let page = &mut page[..(len - start).min(PAGE_BYTES) as usize];
        storage.read(start, page)?;
        let looked_at = if start == 0 { page.len().min(MAGIC_BYTES) } else { page.len() };
        if page[..looked_at].iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
    }
    Ok(true)
}

impl StorageBackend for Watch {
    fn len(&self) -> io::Result<u64> {
        let len = self.storage.len()?;
        if !self.opened.swap(true, Ordering::Relaxed) && len > 0 && is_unfinished(&*self.storage, len)? {
            self.storage.set_len(0)?;
        }
        self.storage.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.storage.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let before = self.storage.len()?;
        self.storage.set_len(len)?;
        if let Some(fresh) = &mut *self.fresh() {
            // What a file grows by is zeros.
            fresh.mark(before, len);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.storage.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.storage.write(offset, data)?;
        if let Some(fresh) = &mut *self.fresh() {
            fresh.mark(offset, offset + data.len() as u64);
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.storage.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.storage.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.storage.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.storage.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.storage.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.storage.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.storage.query_lock_range(start, end)
    }
}
