//! What can go wrong with a store.

use thiserror::Error;

use crate::session::Rejection;
use crate::wire::codec::DecodeError;

/// Why a store could not be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file was written by a newer release.
    #[error("the store has format {found}, and this release reads up to {supported}: use the newer release")]
    NewerFormat {
        /// Format of the file.
        found: u32,
        /// Newest format read here.
        supported: u32,
    },
    /// Another process has the file open.
    #[error("the store is in use by another process")]
    InUse,
    /// The file is not a store, or could not be read or written.
    #[error("the store could not be opened: {0}")]
    Storage(#[source] redb::Error),
    /// What the file says of itself cannot be read.
    #[error("the store's description of itself is damaged: {0}")]
    Damaged(&'static str),
}

/// Why a store could not do what was asked. Nothing of it was done.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Reading or writing failed.
    #[error("storage: {0}")]
    Storage(#[source] redb::Error),
    /// A stored row cannot be read.
    #[error("table {table}: {error}")]
    Row {
        /// Which table.
        table: &'static str,
        /// What is wrong with the row.
        error: DecodeError,
    },
    /// A row that another row refers to is not there.
    #[error("table {table} lacks a row that others refer to")]
    Missing {
        /// Which table.
        table: &'static str,
    },
    /// The device's own log takes nothing more: it was revoked, or withdrawn from.
    #[error("this device can say nothing more: {0}")]
    OwnLog(#[source] Rejection),
    /// The device may not do this: it has no credential for it.
    #[error("this device may not do this: {0}")]
    NotAllowed(&'static str),
    /// A learner whose secret is on another device.
    #[error("this learner began on another device: ask the team or the province to withdraw")]
    Elsewhere,
    /// A credential cannot be used here.
    #[error("the credential: {0}")]
    Credential(String),
    /// A learner who is not on this device.
    #[error("this device has no such learner")]
    UnknownLearner,
    /// What was erased cannot be overwritten yet: that takes a second copy of the store for a while.
    #[error("no room to overwrite what was erased: the storage refuses {bytes} bytes: {source}")]
    NoRoom {
        /// Length in bytes that the storage refused.
        bytes: u64,
        /// Why it did.
        source: std::io::Error,
    },
}

impl StoreError {
    /// Whether who asked is to blame, and nothing was written: the others of the batch go on.
    pub(super) const fn is_askers(&self) -> bool {
        matches!(
            self,
            Self::UnknownLearner | Self::NotAllowed(_) | Self::Elsewhere | Self::Credential(_) | Self::OwnLog(_)
        )
    }

    /// Names the table of a row that cannot be read.
    pub(super) fn row(table: &'static str) -> impl Fn(DecodeError) -> Self {
        move |error| Self::Row { table, error }
    }
}

impl<E: Into<redb::Error>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

impl From<redb::DatabaseError> for OpenError {
    fn from(error: redb::DatabaseError) -> Self {
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen => Self::InUse,
            other => Self::Storage(other.into()),
        }
    }
}

impl From<redb::Error> for OpenError {
    fn from(error: redb::Error) -> Self {
        Self::Storage(error)
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Storage(error) => Self::Storage(error),
            _ => Self::Damaged("a row of its tables"),
        }
    }
}
