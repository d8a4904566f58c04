//! Wakes one task when something changed, however often it did.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// A flag that a task can wait for.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    raised: Cell<bool>,
    closed: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Signal {
    /// Something changed.
    pub(crate) fn raise(&self) {
        self.raised.set(true);
        self.wake();
    }

    /// Nothing will change any more.
    pub(crate) fn close(&self) {
        self.closed.set(true);
        self.wake();
    }

    /// Waits until it was raised since the last time, or closed; returns whether it is still open.
    pub(crate) async fn raised(&self) -> bool {
        poll_fn(|context| {
            if self.raised.take() || self.closed.get() {
                return Poll::Ready(());
            }
            *self.waiting.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
        !self.closed.get()
    }

    fn wake(&self) {
        let waiting = self.waiting.borrow_mut().take();
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}
