//! Remembers what storage said last, because redb passes on that something failed, as text.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use app::protocol::Failure;

/// The first failure of a backend. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fault {
    failure: Arc<Mutex<Option<Failure>>>,
}

impl Fault {
    /// Remembers a failure; the first one counts, the others follow from it.
    pub(crate) fn set(&self, failure: Failure) {
        let mut first = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(failure);
    }

    /// What failed first.
    pub(crate) fn get(&self) -> Option<Failure> {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers an error of the file system and returns it.
    pub(crate) fn note(&self, error: io::Error) -> io::Error {
        let full = error.kind() == io::ErrorKind::StorageFull;
        self.set(if full { Failure::Full } else { Failure::Storage });
        error
    }
}
