//! Checks the extensions of one commit on a second thread, while the first writes those checked before.
//!
//! Most of what a new log costs is its signature. The second thread knows no table: it checks every
//! extension as if its log were new here and not revoked, and hands over what is in order. The writer uses
//! that where it is so, and checks the others itself; what is taken or refused, and why, is the same.

use std::sync::mpsc::sync_channel;
use std::thread::{Builder, scope};

use super::ingest::{Checked, check};
use crate::log::LOG_ENTRIES_MAX;
use crate::session::Extension;

/// Fewer extensions are not worth a thread.
const THREAD_MIN: usize = 16;
/// Bound of the extensions that are checked and wait for the writer.
const WAITING_MAX: usize = 16;
/// Bound of their payload bytes, each: longer ones the writer checks itself, so that little memory waits.
const PAYLOAD_BYTES_MAX: usize = 64 * 1024;

/// Gives `take` each extension in order, with what its check found if that was done ahead, and returns
/// what it returns.
pub(super) fn each_checked<'a, T, E>(
    extensions: &'a [Extension],
    mut take: impl FnMut(&'a Extension, Option<Checked<'a>>) -> Result<T, E>,
) -> Result<Vec<T>, E> {
    if extensions.len() < THREAD_MIN {
        return extensions.iter().map(|extension| take(extension, None)).collect();
    }
    scope(|scope| {
        let (sender, checked) = sync_channel(WAITING_MAX);
        let check_all = move || extensions.iter().try_for_each(|extension| sender.send(check_new(extension)));
        // Without a thread nothing is received, and the writer checks everything.
        Builder::new().name("check".to_owned()).spawn_scoped(scope, check_all).ok();
        extensions.iter().map(|extension| take(extension, checked.recv().ok().flatten())).collect()
    })
}

/// Checks an extension as if nothing were held of its log.
fn check_new(extension: &Extension) -> Option<Checked<'_>> {
    let small = extension.payloads.len() <= PAYLOAD_BYTES_MAX && extension.count <= LOG_ENTRIES_MAX;
    if extension.from > 0 || !small {
        return None;
    }
    check(extension, None, None, &mut |_| Ok(None)).ok()
}
