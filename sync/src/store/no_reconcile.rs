//! Stands in for `reconcile` in a browser, whose node is told of its own logs only.

use redb::{ReadTransaction, WriteTransaction};

use super::StoreError;
use super::write::Writer;
use crate::session::{Answer, Half, Query};
use crate::wire::frame::Scope;

#[expect(clippy::unnecessary_wraps, reason = "as `reconcile`")]
pub(super) const fn holds(_: &ReadTransaction, _: &Scope) -> Result<Option<u64>, StoreError> {
    Ok(None)
}

#[expect(clippy::unnecessary_wraps, reason = "as `reconcile`")]
pub(super) fn answer(_: &ReadTransaction, _: &Query) -> Result<Answer, StoreError> {
    Ok(Answer::Failed("no sketches are kept here".to_owned()))
}

#[expect(clippy::unnecessary_wraps, reason = "as `reconcile`")]
pub(super) const fn renew_tables(_: &WriteTransaction) -> Result<[&'static str; 0], StoreError> {
    Ok([])
}

#[expect(clippy::unnecessary_wraps, reason = "as `reconcile`")]
impl Writer<'_> {
    pub(super) const fn keep_sketches(&mut self) -> Result<(), StoreError> {
        _ = self.txn;
        Ok(())
    }

    pub(super) fn sketch(&mut self, _: &Scope, _: Half) -> Result<Answer, StoreError> {
        _ = self.txn;
        Ok(Answer::Failed("no sketches are kept here".to_owned()))
    }
}
