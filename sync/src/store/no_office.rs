//! Stands in for `office` and `enrol` in a browser, which counts nobody and has no credential.

use ed25519_dalek::SigningKey;
use redb::ReadTransaction;

use super::write::Writer;
use super::{Request, Response, StoreError};

const NO_OFFICE: StoreError = StoreError::NotAllowed("a browser is no office");

pub(super) const fn answer(_: &ReadTransaction, _: &SigningKey, _: &Request) -> Result<Response, StoreError> {
    Err(NO_OFFICE)
}

impl Writer<'_> {
    #[expect(clippy::unused_self, reason = "as in `enrol`")]
    pub(super) const fn serve(&mut self, _: &Request) -> Result<Response, StoreError> {
        Err(NO_OFFICE)
    }
}
