//! Stands in for `reconcile` in a browser, whose node is told of its own logs only.

use super::{Answer, End, Session};
use crate::wire::frame::{Items, Sketch};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Telling;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asking;

#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as `reconcile`")]
impl Session {
    pub(super) const fn cursor_lost(&mut self) {}

    pub(super) const fn reconcile(&mut self) -> bool {
        (Telling, Asking) = (self.sending.telling, self.receiving.asking);
        false
    }

    pub(super) fn reconciling(&mut self, _: Answer) -> Result<(), End> {
        Ok(())
    }

    pub(super) fn items(&mut self, _: Items) -> Result<(), End> {
        Err(self.out_of_turn("Items answers no Sketch"))
    }

    pub(super) fn sketch(&mut self, _: Sketch) -> Result<(), End> {
        Err(self.out_of_turn("Sketch was not asked for"))
    }
}
