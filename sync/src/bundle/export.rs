//! Drives a [`Writer`] from a store, by the queries of a session.

use std::collections::VecDeque;

use ed25519_dalek::SigningKey;
use thiserror::Error;

use super::{Head, Writer};
use crate::id::{LogId, Minutes};
use crate::log::device_of;
use crate::session::{Answer, Query, SEND_BYTES_MAX, Span, SpanWanted, UNSIGNED_BYTES_MAX, View};
use crate::wire::frame::{Cursor, OFFERS_MAX, Offer, Scope};

/// What to export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whose logs.
    pub scope: Scope,
    /// Head of an earlier bundle: only what changed since. Its receiver must have imported that one.
    pub since: Option<Head>,
    /// Now.
    pub made: Minutes,
}

/// Why nothing is exported, or no more.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The earlier bundle is not of this store's past.
    #[error("the earlier bundle was not made from this store, or the store was set back since")]
    OtherStore,
    /// The earlier bundle leaves out communes that are wanted now.
    #[error("the earlier bundle does not hold every commune that is asked for now")]
    OtherScope,
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(String),
}

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exported {
    /// Logs.
    pub logs: u64,
    /// Their entries.
    pub entries: u64,
    /// Withdrawals.
    pub withdrawals: u64,
    /// Epoch of the revocation list that is in it.
    pub epoch: Option<u64>,
    /// Logs longer than a bundle carries; they are left out.
    pub too_long: u64,
}

/// Writes a store into a bundle. Holds neither store nor file: the driver asks each [`next`](Self::next)
/// query, and writes what [`answered`](Self::answered) appends.
#[derive(Debug)]
pub struct Export {
    secret: SigningKey,
    plan: Plan,
    head: Option<Head>,
    writer: Option<Writer>,
    /// Up to where changes were told; none once all were.
    scanned: Option<u64>,
    /// Spans to read, in order.
    queue: VecDeque<SpanWanted>,
    /// Payload bytes written of the first log in `queue`.
    written: usize,
    exported: Exported,
}

impl Export {
    /// Prepares an export from the store of the device with this secret key.
    pub fn new(secret: &[u8; 32], plan: Plan) -> Self {
        Self {
            secret: SigningKey::from_bytes(secret),
            plan,
            head: None,
            writer: None,
            scanned: None,
            queue: VecDeque::new(),
            written: 0,
            exported: Exported::default(),
        }
    }

    /// The head of the bundle, once the first query was answered.
    pub const fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// What was exported until now.
    pub const fn exported(&self) -> &Exported {
        &self.exported
    }

    /// What to ask the store next; none when the bundle is whole.
    pub fn next(&self) -> Option<Query> {
        let scope = self.plan.scope.clone();
        if self.head.is_none() {
            return Some(Query::Begin { peer: device_of(&self.secret), scope });
        }
        self.writer.as_ref()?;
        Some(if self.queue.is_empty() {
            Query::Changes { view: View::Scope(scope), since: self.scanned?, receipts: false, most: OFFERS_MAX }
        } else {
            Query::Read { wanted: self.queue.iter().copied().collect(), budget: SEND_BYTES_MAX }
        })
    }

    /// Takes the store's answer, and appends bytes of the file to `out`.
    ///
    /// # Errors
    /// [`ExportError`]. The file is of no use then.
    pub fn answered(&mut self, answer: Answer, out: &mut Vec<u8>) -> Result<(), ExportError> {
        match answer {
            Answer::Begin { openings, standing, .. } => {
                let head = self.headed(&openings)?;
                let mut writer = Writer::start(&head, &self.secret, out);
                self.scanned = Some(head.since.unwrap_or(0));
                self.head = Some(head);
                if let Some(revocations) = standing.revocations {
                    let mut bytes = Vec::new();
                    revocations.encode(&mut bytes);
                    writer.revocations(bytes, out);
                    self.exported.epoch = Some(revocations.epoch);
                }
                self.writer = Some(writer);
                Ok(())
            }
            Answer::Changes { offers, withdrawals, upto, more, .. } => {
                self.changed(offers, &withdrawals, upto, out);
                self.scanned = more.then_some(upto);
                self.end_if_whole(out);
                Ok(())
            }
            Answer::Read(spans) => {
                for span in spans {
                    self.span(span, out);
                }
                self.end_if_whole(out);
                Ok(())
            }
            Answer::Failed(why) => Err(ExportError::Store(why)),
            other => Err(ExportError::Store(format!("it answered something else: {other:?}"))),
        }
    }

    fn headed(&self, openings: &[Cursor]) -> Result<Head, ExportError> {
        let Cursor { store, position } = *openings.last().ok_or(ExportError::OtherStore)?;
        if let Some(earlier) = &self.plan.since {
            let known =
                openings.iter().any(|opening| opening.store == earlier.store && earlier.position <= opening.position);
            if !known {
                return Err(ExportError::OtherStore);
            }
            if !covers(&earlier.scope, &self.plan.scope) {
                return Err(ExportError::OtherScope);
            }
        }
        Ok(Head {
            device: device_of(&self.secret),
            store,
            position,
            since: self.plan.since.as_ref().map(|earlier| earlier.position),
            scope: self.plan.scope.clone(),
            made: self.plan.made,
        })
    }

    fn changed(&mut self, offers: Vec<Offer>, withdrawals: &[Vec<u8>], upto: u64, out: &mut Vec<u8>) {
        let Some(writer) = &mut self.writer else { return };
        self.exported.withdrawals += withdrawals.len() as u64;
        writer.withdrawals(withdrawals, out);
        // A log that was cut to nothing has nothing to show.
        let offers: Vec<Offer> = offers.into_iter().filter(|offer| offer.length > 0).collect();
        if offers.is_empty() {
            return;
        }
        let logs: Vec<LogId> = offers.iter().map(|offer| offer.log).collect();
        let first = writer.offers(upto, offers, out);
        self.queue.extend((first..).zip(logs).map(|(offer, log)| SpanWanted { offer, log, from: 0 }));
    }

    fn span(&mut self, span: Span, out: &mut Vec<u8>) {
        let (Some(writer), Some(wanted)) = (&mut self.writer, self.queue.pop_front()) else { return };
        let whole = span.signature.is_some();
        self.written += span.payloads.len();
        self.exported.entries += span.count;
        if self.written > UNSIGNED_BYTES_MAX {
            self.written = 0;
            self.exported.too_long += 1;
            return;
        }
        if whole {
            self.written = 0;
            self.exported.logs += 1;
        } else {
            self.queue.push_front(SpanWanted { from: wanted.from + span.count, ..wanted });
        }
        writer.span(span, out);
    }

    /// Writes the end after the last log of the last changes.
    fn end_if_whole(&mut self, out: &mut Vec<u8>) {
        if self.queue.is_empty()
            && self.scanned.is_none()
            && let Some(writer) = self.writer.take()
        {
            writer.end(&self.secret, out);
        }
    }
}

/// Whether a bundle of `earlier` has everything of `scope`.
fn covers(earlier: &Scope, scope: &Scope) -> bool {
    match (earlier, scope) {
        (Scope::All, _) => true,
        (Scope::Communes(earlier), Scope::Communes(communes)) => communes.iter().all(|code| earlier.contains(code)),
        (earlier, scope) => earlier == scope,
    }
}
