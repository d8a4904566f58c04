//! Remembers why storage failed, because redb and the replica pass a failure on as text.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use app::protocol::Failure;

use crate::tabs::Epoch;

#[derive(Debug, Clone, Copy)]
enum Cause {
    Failure(Failure),
    /// Another tab has the lease, with this epoch.
    Fenced(Epoch),
}

/// The first failure of a store's backend. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fault {
    // A backend must be `Send`, so no `Cell`.
    cause: Arc<Mutex<Option<Cause>>>,
}

impl Fault {
    /// Remembers a failure; the first one counts, the others follow from it.
    pub(crate) fn set(&self, failure: Failure) {
        self.remember(Cause::Failure(failure));
    }

    /// Remembers that another tab has the lease.
    pub(crate) fn fence(&self, epoch: Epoch) {
        self.remember(Cause::Fenced(epoch));
    }

    /// Remembers an error of the file system and returns it.
    pub(crate) fn note(&self, error: io::Error) -> io::Error {
        let full = error.kind() == io::ErrorKind::StorageFull;
        self.set(if full { Failure::Full } else { Failure::Storage });
        error
    }

    /// What failed first, in the page's terms.
    pub(crate) fn get(&self) -> Failure {
        match self.cause() {
            Some(Cause::Failure(failure)) => failure,
            Some(Cause::Fenced(_)) | None => Failure::Storage,
        }
    }

    /// Whether nothing failed.
    pub(crate) fn is_clear(&self) -> bool {
        self.cause().is_none()
    }

    /// The epoch of the tab that has the lease now, if that is what failed.
    pub(crate) fn fenced(&self) -> Option<Epoch> {
        match self.cause() {
            Some(Cause::Fenced(epoch)) => Some(epoch),
            Some(Cause::Failure(_)) | None => None,
        }
    }

    fn remember(&self, cause: Cause) {
        self.cause.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(cause);
    }

    fn cause(&self) -> Option<Cause> {
        *self.cause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
