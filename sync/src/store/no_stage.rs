//! Stands in for `stage` in a browser: a phone's logs are short, and it brings no others.

use redb::{ReadTransaction, WriteTransaction};

use super::StoreError;
use super::write::Writer;
use crate::id::{DeviceId, LogId};
use crate::session::Extension;

#[expect(clippy::unnecessary_wraps, reason = "as `stage`")]
pub(super) const fn reached(_: &ReadTransaction, _: &DeviceId, _: &LogId, held: u64) -> Result<u64, StoreError> {
    Ok(held)
}

#[expect(clippy::unnecessary_wraps, reason = "as `stage`")]
pub(super) const fn any(_: &WriteTransaction) -> Result<bool, StoreError> {
    Ok(false)
}

#[expect(clippy::unnecessary_wraps, reason = "as `stage`")]
pub(super) const fn renew_tables(_: &WriteTransaction) -> Result<[&'static str; 0], StoreError> {
    Ok([])
}

#[expect(clippy::unnecessary_wraps, reason = "as `stage`")]
impl Writer<'_> {
    pub(super) const fn stage(&mut self, _: &DeviceId, _: &LogId, _: u64, _: u64, _: &[u8]) -> Result<(), StoreError> {
        _ = self.staged;
        Ok(())
    }

    pub(super) const fn unstage(
        &mut self,
        _: &DeviceId,
        _: &Extension,
        _: u64,
    ) -> Result<Option<Extension>, StoreError> {
        _ = self.staged;
        Ok(None)
    }

    pub(super) const fn drop_staged(&mut self) -> Result<(), StoreError> {
        _ = self.staged;
        Ok(())
    }
}
