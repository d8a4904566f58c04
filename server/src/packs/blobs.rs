//! Lessons and pictures on disk, by the hash of their bytes.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use content::pack::Hash;
use sync::wire::packs::BLOB_BYTES_MAX;

/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;
/// Ending of the beginning of a blob.
const PART: &str = "part";
/// Ending of a blob that is being written.
const NEW: &str = "new";
/// Endings of a blob's compressed forms.
const FORMS: [&str; 2] = ["br", "gz"];
/// Age from which on a file that a killed process left half written is taken for abandoned.
const ABANDONED: Duration = Duration::from_hours(1);

/// The folder of blobs.
#[derive(Debug)]
pub(crate) struct Blobs {
    folder: PathBuf,
    used: AtomicU64,
}

/// The beginning of a blob, which grows.
#[derive(Debug)]
pub(crate) struct Part {
    path: PathBuf,
    file: File,
    hash: Hash,
    running: blake3::Hasher,
    length: u64,
    /// What was there before.
    began: u64,
}

/// What became of a part that has all its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    /// It is the blob, and kept as such.
    Whole,
    /// It is not, and all of it came this time: whoever gave it lies.
    Wrong,
    /// It is not, and its beginning had been there before: nobody can tell who lied.
    Mixed,
}

impl Blobs {
    /// Opens the folder; makes it on first use.
    ///
    /// # Errors
    ///
    /// When it cannot be read or made.
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let mut used = 0;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if is_whole(&entry.path()) {
                used += entry.metadata()?.len();
            }
        }
        Ok(Self { folder, used: AtomicU64::new(used) })
    }

    /// How many bytes the whole blobs have.
    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Where a blob lies, if it is here.
    pub(crate) fn path(&self, hash: Hash) -> PathBuf {
        self.folder.join(hash.to_string())
    }

    fn with_ending(&self, hash: Hash, ending: &str) -> PathBuf {
        self.folder.join(format!("{hash}.{ending}"))
    }

    /// How many bytes a blob has; `None` if it is not here.
    pub(crate) fn size(&self, hash: Hash) -> Option<u64> {
        fs::metadata(self.path(hash)).ok().map(|found| found.len())
    }

    /// Reads a blob; `None` if it is not here.
    ///
    /// # Errors
    ///
    /// When the disk fails, or the file has more bytes than a blob.
    pub(crate) fn read(&self, hash: Hash) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.path(hash)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.take(BLOB_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > BLOB_BYTES_MAX { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(Some(bytes)) }
    }

    /// Removes a blob whose bytes are not those of its name, and what was made of it. Tells whether it is here and whole.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn check(&self, hash: Hash) -> io::Result<bool> {
        let whole = match self.read(hash) {
            Ok(None) => return Ok(false),
            Ok(Some(bytes)) => Hash::of(&bytes) == hash,
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => false,
            Err(error) => return Err(error),
        };
        if !whole {
            self.remove(&self.path(hash))?;
            for form in FORMS.map(|ending| self.with_ending(hash, ending)).iter().filter(|form| form.exists()) {
                self.remove(form)?;
            }
        }
        Ok(whole)
    }

    /// Keeps a blob whose hash was checked.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn put(&self, hash: Hash, bytes: &[u8]) -> io::Result<()> {
        let new = self.with_ending(hash, NEW);
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, self.path(hash))?;
        self.used.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Finds a compressed form of a blob; `pack` makes it when it is first asked for. `None` without the blob,
    /// or if it has no such form.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn form(
        &self,
        hash: Hash,
        ending: &'static str,
        pack: impl Fn(&[u8]) -> Option<Vec<u8>>,
    ) -> io::Result<Option<PathBuf>> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        debug_assert!(FORMS.contains(&ending), "{ending} would be taken for something else");
        let path = self.with_ending(hash, ending);
        if path.exists() {
            return Ok(Some(path));
        }
        let Some(packed) = self.read(hash)?.and_then(|bytes| pack(&bytes)) else { return Ok(None) };
        // Of two who make it at once either may be the last: both write the same.
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let new = self.folder.join(format!("{hash}.{ending}-{number}.{NEW}"));
        fs::write(&new, packed)?;
        fs::rename(&new, &path)?;
        Ok(Some(path))
    }

    /// Opens the beginning of a blob, to go on with it.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn part(&self, hash: Hash) -> io::Result<Part> {
        let path = self.with_ending(hash, PART);
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
        let mut running = blake3::Hasher::new();
        let mut buffer = vec![0; READ_BYTES];
        let mut length = 0;
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                return Ok(Part { path, file, hash, running, length, began: length });
            }
            running.update(&buffer[..read]);
            length += read as u64;
        }
    }

    /// Checks a part that has all its bytes. Kept under the blob's name if it is the blob, and else removed.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn finish(&self, part: Part) -> io::Result<Finish> {
        if Hash(*part.running.finalize().as_bytes()) != part.hash {
            let finish = if part.began == 0 { Finish::Wrong } else { Finish::Mixed };
            part.discard()?;
            return Ok(finish);
        }
        part.file.sync_all()?;
        fs::rename(&part.path, self.path(part.hash))?;
        self.used.fetch_add(part.length, Ordering::Relaxed);
        Ok(Finish::Whole)
    }

    /// Waits until the names of all files are on the disk.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn sync(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }

    /// Removes blobs that nothing names, and beginnings of those that nothing awaits. Returns how many
    /// files, and their bytes.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn collect(&self, named: &BTreeSet<Hash>, awaited: &BTreeSet<Hash>) -> io::Result<(usize, u64)> {
        let (mut files, mut bytes) = (0, 0);
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let (path, found) = (entry.path(), entry.metadata()?);
            if !is_kept(&path, &found, named, awaited) {
                self.remove(&path)?;
                files += 1;
                bytes += found.len();
            }
        }
        Ok((files, bytes))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let bytes = fs::metadata(path)?.len();
        fs::remove_file(path)?;
        if is_whole(path) {
            self.used.fetch_sub(bytes, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Tells whether a file has the name of a whole blob.
fn is_whole(path: &Path) -> bool {
    path.extension().is_none()
}

fn is_kept(path: &Path, found: &fs::Metadata, named: &BTreeSet<Hash>, awaited: &BTreeSet<Hash>) -> bool {
    let hash = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<Hash>().ok());
    match (hash, path.extension().and_then(|ending| ending.to_str())) {
        (Some(hash), None) => named.contains(&hash),
        (Some(hash), Some(ending)) if FORMS.contains(&ending) => named.contains(&hash),
        (Some(hash), Some(PART)) => awaited.contains(&hash),
        _ => !is_abandoned(found),
    }
}

/// Tells whether nobody can be writing a file any more.
pub(super) fn is_abandoned(found: &fs::Metadata) -> bool {
    let age = found.modified().ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
    age.is_some_and(|age| age > ABANDONED)
}

impl Part {
    /// How many bytes are there.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// How many of them were there when it was opened.
    pub(crate) fn began(&self) -> u64 {
        self.began
    }

    /// Adds bytes.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.running.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Removes it.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn discard(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}
