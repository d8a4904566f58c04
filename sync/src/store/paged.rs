//! A database image held in memory as pages, with what changed since the last commit.
//!
//! IndexedDB is asynchronous and redb is not, so where a browser offers nothing better the whole
//! image lives in memory: redb reads and writes here, and after each of its commits the owner takes
//! the changed pages with [`Paged::take_dirty`] and writes them in one IndexedDB transaction. What
//! was not taken, or whose transaction did not complete, is as lost as unsynced bytes of a file.
//!
//! The image at any commit is a state redb's own crash recovery accepts, because a commit is taken
//! whole: all pages changed since the one before, and the length.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes a page: redb's own page, so that a commit writes no more than redb did.
pub const PAGE_BYTES: usize = 4096;

/// Largest image in bytes. A phone holds its own log, about a megabyte; a 2 GB phone bears this.
pub const IMAGE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What must reach storage, all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Length of the image in bytes.
    pub len: u64,
    /// Stored pages numbered `keep` or higher are removed before `pages` are written.
    pub keep: u32,
    /// Changed pages by number, ascending, each of [`PAGE_BYTES`] bytes. A page that is in no
    /// commit is all zeros.
    pub pages: Vec<(u32, Vec<u8>)>,
}

/// Why stored pages are no image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The length is over [`IMAGE_BYTES_MAX`].
    #[error("stored image of {len} bytes is over the bound of {IMAGE_BYTES_MAX}")]
    TooLong {
        /// Length in bytes that was found.
        len: u64,
    },
    /// A page is numbered past the length.
    #[error("stored page {page} lies past the image's {len} bytes")]
    PastEnd {
        /// The page's number.
        page: u32,
        /// Length of the image in bytes.
        len: u64,
    },
    /// A page has not [`PAGE_BYTES`] bytes.
    #[error("stored page {page} has {bytes} bytes instead of {PAGE_BYTES}")]
    WrongSize {
        /// The page's number.
        page: u32,
        /// Bytes that were found.
        bytes: usize,
    },
}

/// A [`redb::StorageBackend`] over pages in memory. Clones share one image.
///
/// # Example
///
/// ```
/// use redb::StorageBackend;
/// use sync::store::paged::Paged;
///
/// let image = Paged::default();
/// image.set_len(8192)?;
/// image.write(4096, b"saved")?;
/// let commit = image.take_dirty().expect("something changed");
/// assert_eq!((commit.len, commit.pages.len()), (8192, 1));
/// assert_eq!(image.take_dirty(), None);
///
/// let reopened = Paged::load(commit.len, commit.pages).expect("what was taken loads");
/// let mut bytes = [0; 5];
/// reopened.read(4096, &mut bytes)?;
/// assert_eq!(&bytes, b"saved");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Paged {
    image: Arc<Mutex<Image>>,
}

/// The pages and what is not yet taken of them.
#[derive(Default)]
struct Image {
    len: u64,
    /// By page number; `None` is a page of zeros.
    pages: Vec<Option<Box<[u8]>>>,
    dirty: BTreeSet<u32>,
    /// Fewest pages the image had since the last commit was taken; those at and after it changed.
    keep: u32,
    /// The length changed since the last commit was taken.
    resized: bool,
    /// Nothing may be read or written any more.
    closed: bool,
}

impl Paged {
    /// Rebuilds an image from its stored length in bytes and pages.
    ///
    /// # Errors
    ///
    /// [`LoadError`] where the pages do not form an image.
    pub fn load(len: u64, pages: impl IntoIterator<Item = (u32, Vec<u8>)>) -> Result<Self, LoadError> {
        if len > IMAGE_BYTES_MAX {
            return Err(LoadError::TooLong { len });
        }
        let mut image = Image::default();
        image.resize(len);
        for (page, bytes) in pages {
            if bytes.len() != PAGE_BYTES {
                return Err(LoadError::WrongSize { page, bytes: bytes.len() });
            }
            let slot = image.pages.get_mut(page as usize);
            *slot.ok_or(LoadError::PastEnd { page, len })? = Some(bytes.into_boxed_slice());
        }
        image.taken();
        Ok(Self { image: Arc::new(Mutex::new(image)) })
    }

    /// Takes what changed since the last call, or `None` where nothing did.
    ///
    /// Whoever takes a commit stores it before the next one; where that fails, this image is ahead
    /// of storage and is to be shut with [`Paged::shut`] and loaded again.
    pub fn take_dirty(&self) -> Option<Commit> {
        let mut image = self.lock();
        if image.dirty.is_empty() && !image.resized {
            return None;
        }
        let pages = image.dirty.iter().map(|&page| (page, image.page_bytes(page))).collect();
        let commit = Commit { len: image.len, keep: image.keep, pages };
        image.taken();
        Some(commit)
    }

    /// Ends this image: every later read and write fails, so that nothing is told to be saved
    /// that is in memory only.
    pub fn shut(&self) {
        let mut image = self.lock();
        *image = Image { closed: true, ..Image::default() };
    }

    fn lock(&self) -> MutexGuard<'_, Image> {
        self.image.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> io::Result<MutexGuard<'_, Image>> {
        let image = self.lock();
        if image.closed {
            return Err(io::Error::new(
                io::ErrorKind::BrokenPipe,
                "the image in memory was given up, because storage refused a commit",
            ));
        }
        Ok(image)
    }
}

impl Image {
    fn page_bytes(&self, page: u32) -> Vec<u8> {
        let bytes = self.pages.get(page as usize).and_then(Option::as_deref);
        bytes.map_or_else(|| vec![0; PAGE_BYTES], <[u8]>::to_vec)
    }

    fn taken(&mut self) {
        self.dirty.clear();
        self.keep = self.pages.len() as u32;
        self.resized = false;
    }

    fn resize(&mut self, len: u64) {
        let count = len.div_ceil(PAGE_BYTES as u64) as usize;
        if len < self.len {
            self.keep = self.keep.min(count as u32);
            self.dirty.retain(|&page| (page as usize) < count);
            self.zero_tail(len);
        }
        self.resized |= len != self.len;
        self.pages.resize(count, None);
        self.len = len;
    }

    /// Zeros what a page kept in part holds past `len`, for a later growth to find zeros there.
    fn zero_tail(&mut self, len: u64) {
        let (page, within) = locate(len);
        if let Some(Some(bytes)) = self.pages.get_mut(page as usize)
            && within > 0
        {
            bytes[within..].fill(0);
            self.dirty.insert(page);
        }
    }

    fn check(&self, offset: u64, bytes: usize) -> io::Result<()> {
        match offset.checked_add(bytes as u64) {
            Some(end) if end <= self.len => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("{bytes} bytes at {offset} reach past the image's {} bytes", self.len),
            )),
        }
    }
}

/// Page and offset within it.
fn locate(offset: u64) -> (u32, usize) {
    let page = offset / PAGE_BYTES as u64;
    (page as u32, (offset % PAGE_BYTES as u64) as usize)
}

/// Pieces of `bytes` bytes at `offset`, none across a page: page, offset within it, range of the
/// whole.
fn pieces(offset: u64, bytes: usize) -> impl Iterator<Item = (u32, usize, std::ops::Range<usize>)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let (page, within) = locate(offset + done as u64);
        let piece = (bytes - done).min(PAGE_BYTES - within);
        let range = done..done + piece;
        done = range.end;
        (piece > 0).then_some((page, within, range))
    })
}

impl redb::StorageBackend for Paged {
    fn len(&self) -> io::Result<u64> {
        Ok(self.open()?.len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let image = self.open()?;
        image.check(offset, out.len())?;
        for (page, within, range) in pieces(offset, out.len()) {
            let out = &mut out[range];
            match &image.pages[page as usize] {
                Some(bytes) => out.copy_from_slice(&bytes[within..within + out.len()]),
                None => out.fill(0),
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut image = self.open()?;
        if len > IMAGE_BYTES_MAX {
            return Err(io::Error::new(
                io::ErrorKind::StorageFull,
                format!("{len} bytes are over the bound of {IMAGE_BYTES_MAX} bytes"),
            ));
        }
        image.resize(len);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        // Storage is asynchronous: what redb commits is saved when the commit taken after it is.
        self.open().map(drop)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut image = self.open()?;
        image.check(offset, data.len())?;
        for (page, within, range) in pieces(offset, data.len()) {
            let data = &data[range];
            let bytes = image.pages[page as usize].get_or_insert_with(|| vec![0; PAGE_BYTES].into_boxed_slice());
            let bytes = &mut bytes[within..within + data.len()];
            if bytes != data {
                bytes.copy_from_slice(data);
                image.dirty.insert(page);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Paged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let image = self.lock();
        f.debug_struct("Paged")
            .field("len", &image.len)
            .field("dirty", &image.dirty.len())
            .field("closed", &image.closed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition};

    use super::*;

    /// What `IndexedDB` would hold: whole commits, in order.
    #[derive(Debug, Clone, Default)]
    struct Disk {
        len: u64,
        pages: BTreeMap<u32, Vec<u8>>,
    }

    impl Disk {
        fn apply(&mut self, commit: Commit) {
            self.len = commit.len;
            self.pages.retain(|&page, _| page < commit.keep);
            self.pages.extend(commit.pages);
        }

        fn load(&self) -> Paged {
            Paged::load(self.len, self.pages.clone()).expect("whole commits load")
        }
    }

    fn bytes(image: &Paged) -> Vec<u8> {
        let mut bytes = vec![0xaa; image.len().unwrap() as usize];
        image.read(0, &mut bytes).unwrap();
        bytes
    }

    #[derive(Debug, Clone)]
    enum Step {
        Write(u64, Vec<u8>),
        SetLen(u64),
        Commit,
        Crash,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        const REACH: u64 = 5 * PAGE_BYTES as u64;
        let data =
            (0..3_usize, 0..2 * PAGE_BYTES, any::<u8>()).prop_map(|(kind, len, byte)| vec![byte; [1, 64, len][kind]]);
        let step = prop_oneof![
            6 => (0..REACH, data).prop_map(|(offset, data)| Step::Write(offset, data)),
            2 => (0..REACH).prop_map(Step::SetLen),
            1 => (0..5_u64).prop_map(|pages| Step::SetLen(pages * PAGE_BYTES as u64)),
            2 => Just(Step::Commit),
            1 => Just(Step::Crash),
        ];
        proptest::collection::vec(step, 0..40)
    }

    proptest! {
        #[test]
        fn behaves_as_a_vector_and_a_crash_leaves_the_last_commit(steps in steps()) {
            let (mut image, mut disk) = (Paged::default(), Disk::default());
            let (mut model, mut saved) = (Vec::new(), Vec::new());
            for step in steps {
                match step {
                    Step::Write(offset, data) => {
                        let end = offset as usize + data.len();
                        let written = image.write(offset, &data);
                        prop_assert_eq!(written.is_ok(), end <= model.len());
                        if end <= model.len() {
                            model[offset as usize..end].copy_from_slice(&data);
                        }
                    }
                    Step::SetLen(len) => {
                        image.set_len(len).unwrap();
                        model.resize(len as usize, 0);
                    }
                    Step::Commit => {
                        if let Some(commit) = image.take_dirty() {
                            disk.apply(commit);
                        }
                        saved.clone_from(&model);
                    }
                    Step::Crash => {
                        image = disk.load();
                        model.clone_from(&saved);
                    }
                }
                prop_assert_eq!(&bytes(&image), &model);
            }
        }
    }

    const NUMBERS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("numbers");

    fn database(image: &Paged) -> Database {
        let mut builder = Database::builder();
        builder.set_cache_size(1024 * 1024);
        builder.create_with_backend(image.clone()).unwrap()
    }

    fn insert(database: &Database, number: u64) {
        let write = database.try_begin_write().unwrap();
        let mut table = write.open_table(NUMBERS).unwrap();
        table.insert(number, [number as u8; 40].as_slice()).unwrap();
        drop(table);
        write.commit().unwrap();
    }

    fn numbers(database: &Database) -> Vec<u64> {
        let Ok(table) = database.begin_read().unwrap().open_table(NUMBERS) else {
            return Vec::new();
        };
        table.iter().unwrap().map(|entry| entry.unwrap().0.value()).collect()
    }

    #[test]
    fn a_database_killed_at_any_point_reopens_at_its_last_stored_commit() {
        let image = Paged::default();
        let running = database(&image);
        let mut disk = Disk::default();
        disk.apply(image.take_dirty().unwrap());
        for number in 0..40 {
            insert(&running, number);
            let before = disk.clone();
            assert_eq!(numbers(&database(&before.load())), (0..number).collect::<Vec<_>>());
            disk.apply(image.take_dirty().unwrap());
            assert_eq!(numbers(&database(&disk.load())), (0..=number).collect::<Vec<_>>());
        }
    }

    /// Pages taken in the middle of a redb transaction are still an image redb opens.
    #[test]
    fn a_commit_taken_during_a_transaction_holds_what_was_committed_before_it() {
        let image = Paged::default();
        let running = database(&image);
        let mut disk = Disk::default();
        insert(&running, 1);
        let write = running.try_begin_write().unwrap();
        let mut table = write.open_table(NUMBERS).unwrap();
        table.insert(2, [2; 3000].as_slice()).unwrap();
        disk.apply(image.take_dirty().unwrap());
        drop(table);
        assert_eq!(numbers(&database(&disk.load())), [1]);
        write.commit().unwrap();
        disk.apply(image.take_dirty().unwrap());
        assert_eq!(numbers(&database(&disk.load())), [1, 2]);
    }

    #[test]
    fn a_small_commit_writes_few_pages() {
        let image = Paged::default();
        let running = database(&image);
        insert(&running, 0);
        image.take_dirty();
        for number in 1..200 {
            insert(&running, number);
            let pages = image.take_dirty().unwrap().pages.len();
            // Measured: 5 to 7 pages of redb's header, its trees' paths and allocator state.
            assert!(pages <= 12, "{pages} pages for one row");
        }
    }

    #[test]
    fn rewriting_the_same_bytes_is_no_change() {
        let image = Paged::default();
        image.set_len(PAGE_BYTES as u64).unwrap();
        image.write(10, &[1, 2]).unwrap();
        image.take_dirty().unwrap();
        image.write(10, &[1, 2]).unwrap();
        assert_eq!(image.take_dirty(), None);
    }

    #[test]
    fn what_is_past_a_bound_is_refused() {
        let image = Paged::default();
        let full = image.set_len(IMAGE_BYTES_MAX + 1).unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        image.set_len(10).unwrap();
        assert!(image.read(u64::MAX, &mut [0; 2]).is_err());
        assert!(image.write(9, &[0; 2]).is_err());
        let load = |len, page, bytes| Paged::load(len, [(page, vec![0; bytes])]).unwrap_err();
        let len = IMAGE_BYTES_MAX + 1;
        assert_eq!(load(len, 0, PAGE_BYTES), LoadError::TooLong { len });
        assert_eq!(load(10, 1, PAGE_BYTES), LoadError::PastEnd { page: 1, len: 10 });
        assert_eq!(load(10, 0, 7), LoadError::WrongSize { page: 0, bytes: 7 });
    }

    #[test]
    fn a_shut_image_refuses_everything() {
        let image = Paged::default();
        image.set_len(10).unwrap();
        image.shut();
        assert!(image.len().is_err());
        assert!(image.set_len(0).is_err());
        assert!(image.read(0, &mut []).is_err());
        assert!(image.write(0, &[]).is_err());
        assert!(image.sync_data().is_err());
        assert_eq!(image.take_dirty(), None);
    }
}
