//! Checks nothing ahead: a browser's worker is one thread.

use super::ingest::Checked;
use crate::session::Extension;

/// Gives `take` each extension in order.
pub(super) fn each_checked<'a, T, E>(
    extensions: &'a [Extension],
    mut take: impl FnMut(&'a Extension, Option<Checked<'a>>) -> Result<T, E>,
) -> Result<Vec<T>, E> {
    extensions.iter().map(|extension| take(extension, None)).collect()
}
