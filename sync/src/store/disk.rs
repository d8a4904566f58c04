//! Storage for tests: counts what is done to it, fails from any point on, forgets what was not synced, and
//! tells what any crash would have left.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What of the changes since the last sync is there after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Survival {
    Nothing,
    Everything,
    /// The second change, the fourth, and so on.
    EveryOther,
    /// The first half of each write.
    Torn,
    /// The later half of the changes, without the earlier.
    Late,
    /// Changes of the length, and no write.
    Lengths,
    /// Writes, and no change of the length; a write past the end makes the file longer.
    Writes,
}

impl Survival {
    /// A file: writes go out in any order, and in parts.
    pub(super) const FILE: [Self; 4] = [Self::Nothing, Self::Everything, Self::EveryOther, Self::Torn];
    /// An access handle of the origin private file system: nothing is said of what is not flushed, and the
    /// length is a matter of its own.
    pub(super) const OPFS: [Self; 4] = [Self::Late, Self::Lengths, Self::Writes, Self::EveryOther];
}

/// A disk; clones are the same disk.
#[derive(Clone)]
pub(super) struct Disk(Arc<Mutex<Image>>);

#[derive(Clone, Default)]
struct Image {
    /// What survives a crash for certain.
    synced: Vec<u8>,
    /// What a running process reads.
    current: Vec<u8>,
    /// Changes since the last sync, in order.
    pending: Vec<Change>,
    /// Writes, changes of the length and syncs so far.
    operations: usize,
    /// The number of the operation that fails, as all after it do.
    kill_at: Option<usize>,
    /// Counts openings: a process that was killed cannot write any more.
    opening: u32,
    /// Everything done so far, if that is recorded.
    journal: Option<Vec<Operation>>,
}

#[derive(Clone)]
enum Change {
    Length(u64),
    Write(u64, Vec<u8>),
}

/// What was done to a disk.
#[derive(Clone)]
pub(super) struct Operation(Option<Change>);

/// Goes through a journal, and tells at each point what a crash there would leave.
pub(super) struct Replay {
    synced: Vec<u8>,
    pending: Vec<Change>,
}

impl Replay {
    /// Begins where the disk held these bytes.
    pub(super) fn new(synced: Vec<u8>) -> Self {
        Self { synced, pending: Vec::new() }
    }

    pub(super) fn push(&mut self, operation: Operation) {
        match operation.0 {
            Some(change) => self.pending.push(change),
            None => self.pending.drain(..).for_each(|change| apply(&mut self.synced, &change, usize::MAX)),
        }
    }

    pub(super) fn crash(&self, survival: Survival) -> Vec<u8> {
        surviving(self.synced.clone(), &self.pending, survival)
    }
}

impl Disk {
    pub(super) fn holding(bytes: Vec<u8>) -> Self {
        let image = Image { synced: bytes.clone(), current: bytes, ..Image::default() };
        Self(Arc::new(Mutex::new(image)))
    }

    /// Records from here on what is done to this disk.
    pub(super) fn recording(self) -> Self {
        self.image().journal = Some(Vec::new());
        self
    }

    fn image(&self) -> MutexGuard<'_, Image> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn journal(&self) -> Vec<Operation> {
        self.image().journal.clone().unwrap_or_default()
    }

    /// A backend for one process.
    pub(super) fn open(&self) -> Backend {
        let mut image = self.image();
        image.opening += 1;
        Backend { disk: self.clone(), opening: image.opening }
    }

    /// What a running process reads.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.image().current.clone()
    }

    pub(super) fn operations(&self) -> usize {
        self.image().operations
    }

    /// Makes the operation of this number fail, and all after it.
    pub(super) fn kill_at(&self, operation: usize) {
        self.image().kill_at = Some(operation);
    }

    /// The power goes. The process that had the disk open can do nothing more.
    pub(super) fn crash(&self, survival: Survival) {
        let mut image = self.image();
        let synced = std::mem::take(&mut image.synced);
        let bytes = surviving(synced, &image.pending, survival);
        let opening = image.opening + 1;
        *image = Image { synced: bytes.clone(), current: bytes, opening, ..Image::default() };
    }
}

fn surviving(mut bytes: Vec<u8>, pending: &[Change], survival: Survival) -> Vec<u8> {
    for (index, change) in pending.iter().enumerate() {
        survive(&mut bytes, change, index, pending.len(), survival);
    }
    bytes
}

fn survive(bytes: &mut Vec<u8>, change: &Change, index: usize, count: usize, survival: Survival) {
    let whole = match survival {
        Survival::Nothing => false,
        Survival::Everything => true,
        Survival::EveryOther => index % 2 == 1,
        Survival::Late => index >= count / 2,
        Survival::Lengths => matches!(change, Change::Length(_)),
        Survival::Writes => matches!(change, Change::Write(..)),
        Survival::Torn => match change {
            Change::Length(_) => true,
            Change::Write(_, data) => return apply(bytes, change, data.len() / 2),
        },
    };
    if whole {
        apply(bytes, change, usize::MAX);
    }
}

/// Applies a change, of a write only the first `limit` bytes.
fn apply(bytes: &mut Vec<u8>, change: &Change, limit: usize) {
    match change {
        Change::Length(length) => bytes.resize(*length as usize, 0),
        Change::Write(offset, data) => {
            let data = &data[..data.len().min(limit)];
            let end = *offset as usize + data.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[*offset as usize..end].copy_from_slice(data);
        }
    }
}

/// One process's hold of a disk.
pub(super) struct Backend {
    disk: Disk,
    opening: u32,
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Backend({})", self.opening)
    }
}

impl Backend {
    fn image(&self) -> io::Result<MutexGuard<'_, Image>> {
        let image = self.disk.image();
        if image.opening == self.opening { Ok(image) } else { Err(io::Error::other("the process was killed")) }
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let mut image = self.image()?;
        image.operate(Some(&change))?;
        apply(&mut image.current, &change, usize::MAX);
        image.pending.push(change);
        Ok(())
    }
}

impl Image {
    fn operate(&mut self, change: Option<&Change>) -> io::Result<()> {
        if self.kill_at.is_some_and(|kill_at| self.operations >= kill_at) {
            return Err(io::Error::other("the power is gone"));
        }
        self.operations += 1;
        if let Some(journal) = &mut self.journal {
            journal.push(Operation(change.cloned()));
        }
        Ok(())
    }
}

impl redb::StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        Ok(self.image()?.current.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let image = self.image()?;
        let start = offset as usize;
        let bytes = image.current.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Change::Length(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut image = self.image()?;
        image.operate(None)?;
        for change in std::mem::take(&mut image.pending) {
            apply(&mut image.synced, &change, usize::MAX);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Change::Write(offset, data.to_vec()))
    }
}
