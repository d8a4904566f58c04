//! A disk that forgets what was not synced, tears writes, and fills up.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::chance::Chance;

/// A disk; clones are the same disk. The store that has it open is gone when its process is.
#[derive(Clone)]
pub(super) struct Disk(Arc<Mutex<Image>>);

struct Image {
    /// What survives a crash for certain.
    synced: Vec<u8>,
    /// What a running process reads.
    current: Vec<u8>,
    /// Changes since the last sync, in order.
    pending: Vec<Change>,
    /// Writes and syncs that still succeed; `None` for any number.
    budget: Option<u32>,
    /// Counts openings: a process that was killed cannot write any more.
    opening: u32,
}

enum Change {
    Length(u64),
    Write(u64, Vec<u8>),
}

impl Disk {
    pub(super) fn new() -> Self {
        let image = Image { synced: Vec::new(), current: Vec::new(), pending: Vec::new(), budget: None, opening: 0 };
        Self(Arc::new(Mutex::new(image)))
    }

    fn image(&self) -> MutexGuard<'_, Image> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A backend for one process.
    pub(super) fn open(&self) -> Backend {
        let mut image = self.image();
        image.opening += 1;
        image.budget = None;
        Backend { disk: self.clone(), opening: image.opening }
    }

    /// Lets this many more writes and syncs succeed; then the disk is full.
    pub(super) fn fill_after(&self, operations: u32) {
        self.image().budget = Some(operations);
    }

    /// A copy of what is synced.
    pub(super) fn copy(&self) -> Vec<u8> {
        self.image().synced.clone()
    }

    /// Sets the disk back to a copy. The process that had it open can do nothing more.
    pub(super) fn set_back(&self, copy: Vec<u8>) {
        let mut image = self.image();
        image.opening += 1;
        image.pending.clear();
        image.current.clone_from(&copy);
        image.synced = copy;
    }

    /// A few bits flip, anywhere.
    pub(super) fn rot(&self, chance: &mut Chance) {
        let mut image = self.image();
        for _ in 0..=chance.below(3) {
            let at = chance.below(image.synced.len().max(1));
            if let Some(byte) = image.synced.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
        let synced = image.synced.clone();
        image.current = synced;
    }

    /// The power goes. Of what was not synced, chance keeps any part: each change whole, torn, or not at
    /// all. The process that had the disk open can do nothing more.
    pub(super) fn crash(&self, chance: &mut Chance) {
        let mut image = self.image();
        image.opening += 1;
        let mut survived = std::mem::take(&mut image.synced);
        for change in std::mem::take(&mut image.pending) {
            match chance.below(3) {
                0 => {}
                1 => apply(&mut survived, &change, usize::MAX),
                _ => apply(&mut survived, &change, chance.below(8192)),
            }
        }
        image.current.clone_from(&survived);
        image.synced = survived;
        image.budget = None;
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
        image.spend()?;
        apply(&mut image.current, &change, usize::MAX);
        image.pending.push(change);
        Ok(())
    }
}

impl Image {
    fn spend(&mut self) -> io::Result<()> {
        match &mut self.budget {
            Some(0) => Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is full")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
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
        image.spend()?;
        image.pending.clear();
        let Image { synced, current, .. } = &mut *image;
        synced.clone_from(current);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Change::Write(offset, data.to_vec()))
    }
}
