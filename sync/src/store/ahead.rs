//! Checks the extensions of one commit with two threads, of which one also writes those checked before.
//!
//! Most of what a new log costs is its signature. Here no table is known: every extension is checked as if its
//! log were new and not revoked, many signatures at once, and what is in order is handed over. The writer uses
//! that where it is so, and checks the others itself; what is taken or refused, and why, is the same.

use std::collections::BTreeMap;
use std::iter::from_fn;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, scope};

use super::ingest::{Checked, follow};
use crate::log::LOG_ENTRIES_MAX;
use crate::session::Extension;
use crate::signature;

/// Fewer extensions are not worth a thread.
const THREAD_MIN: usize = 16;
/// Bound of the signatures that are checked at once: of so many each costs half, and of eight times as many
/// a seventh less (measured in [`signature`]), but then the two threads cannot share them evenly.
const BATCH_MAX: usize = 32;
/// Bound of the payload bytes of a batch, before its last extension.
const BATCH_BYTES_MAX: usize = 256 * 1024;
/// Bound of the batches that are checked and wait for the writer.
const WAITING_MAX: usize = 1;
/// Bound of the batches that the writer checks while the other thread is not through an earlier one.
const READY_MAX: usize = 3;
/// Bound of the payload bytes of an extension: longer ones the writer checks itself, so that little memory
/// waits.
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
    let batches = Mutex::new(Batches { rest: extensions, cut: 0 });
    scope(|scope| {
        let (sender, done) = sync_channel(WAITING_MAX);
        let mut claimed = from_fn(|| claim(&batches));
        let check_all = move || claimed.try_for_each(|(number, batch)| sender.send((number, check(batch))));
        // Without a thread the writer checks everything.
        Builder::new().name("check".to_owned()).spawn_scoped(scope, check_all).ok();
        let mut checked = Ahead { batches: &batches, done, ready: BTreeMap::new(), next: 0 }.flatten();
        extensions.iter().map(|extension| take(extension, checked.next().flatten())).collect()
    })
}

/// Takes the next batch that nobody checks yet, with its number.
fn claim<'a>(batches: &Mutex<Batches<'a>>) -> Option<(usize, &'a [Extension])> {
    batches.lock().unwrap_or_else(PoisonError::into_inner).next()
}

type Found<'a> = Vec<Option<Checked<'a>>>;

/// What was found of each batch, in order. Checks one itself where the other thread is not as far.
struct Ahead<'a, 'b> {
    batches: &'b Mutex<Batches<'a>>,
    done: Receiver<(usize, Found<'a>)>,
    ready: BTreeMap<usize, Found<'a>>,
    next: usize,
}

impl<'a> Iterator for Ahead<'a, '_> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let number = self.next;
        self.next += 1;
        loop {
            if let Some(found) = self.ready.remove(&number) {
                return Some(found);
            }
            let (number, found) = self.done.try_recv().ok().or_else(|| self.check_next())?;
            self.ready.insert(number, found);
        }
    }
}

impl<'a> Ahead<'a, '_> {
    /// Checks a batch, or waits for one of the other thread: when it checks the last, or lags far behind.
    fn check_next(&self) -> Option<(usize, Found<'a>)> {
        let claimed = if self.ready.len() < READY_MAX { claim(self.batches) } else { None };
        claimed.map(|(number, batch)| (number, check(batch))).or_else(|| self.done.recv().ok())
    }
}

/// Cuts extensions into batches, and numbers them.
struct Batches<'a> {
    rest: &'a [Extension],
    cut: usize,
}

impl<'a> Iterator for Batches<'a> {
    type Item = (usize, &'a [Extension]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = 0;
        let fits = |extension: &&Extension| {
            let fits = bytes < BATCH_BYTES_MAX;
            bytes += extension.payloads.len().min(PAYLOAD_BYTES_MAX);
            fits
        };
        let count = self.rest.iter().take(BATCH_MAX).take_while(fits).count();
        let (batch, rest) = self.rest.split_at(count);
        (self.rest, self.cut) = (rest, self.cut + 1);
        (count > 0).then_some((self.cut - 1, batch))
    }
}

/// Checks extensions as if nothing were held of their logs.
fn check(batch: &[Extension]) -> Found<'_> {
    let mut checked: Vec<_> = batch.iter().map(follow_new).collect();
    let followed = || batch.iter().zip(&checked).filter_map(|(extension, new)| Some((extension, new.as_ref()?)));
    let claims: Vec<_> = followed()
        .map(|(extension, new)| (extension.log.device, new.tail.message(&extension.log), extension.signature))
        .collect();
    if !signature::verify_all(&claims) {
        for (extension, new) in batch.iter().zip(&mut checked) {
            new.take_if(|new| new.tail.verify(&extension.log, &extension.signature).is_err());
        }
    }
    checked
}

fn follow_new(extension: &Extension) -> Option<Checked<'_>> {
    let small = extension.payloads.len() <= PAYLOAD_BYTES_MAX && extension.count <= LOG_ENTRIES_MAX;
    if extension.from > 0 || !small {
        return None;
    }
    follow(extension, None, &mut |_| Ok(None)).ok()
}
