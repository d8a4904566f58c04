//! Stands in for `confirm` in a browser, which attests nobody.

use ed25519_dalek::SigningKey;
use redb::ReadTransaction;

use super::{Judge, Response, StoreError};
use crate::id::{Day, LearnerId};

pub(super) const fn confirm(
    _: &ReadTransaction,
    _: &SigningKey,
    _: LearnerId,
    _: &str,
    _: Judge,
    _: Day,
) -> Result<Response, StoreError> {
    Err(StoreError::NotAllowed("a browser attests nobody"))
}
