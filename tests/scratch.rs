//! Folders that live as long as a test.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context as _;

static MADE: AtomicU32 = AtomicU32::new(0);

/// A new empty folder, removed when dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a folder with `name` in its name.
    ///
    /// # Errors
    ///
    /// When the system's temporary folder cannot be written.
    pub fn new(name: &str) -> anyhow::Result<Self> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("bdhv-{}-{number}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own clean-up.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
