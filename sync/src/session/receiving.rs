//! The half of a session that takes what the peer has.

use std::collections::{HashMap, HashSet, VecDeque};

use super::reconcile::Asking;
use super::{
    End, Extension, Notice, PENDING_BYTES_MIN, PENDING_SHARE, Query, RECEIVE_BYTES_MAX, Rejection, Session,
    UNSIGNED_BYTES_MAX, WINDOW,
};
use crate::id::{LogId, Minutes};
use crate::wire::frame::{Ack, Changes, Cursor, Entries, Frame, OFFERS_MAX, Offer, Receipt, Role, Want};

/// State of the receiving half.
#[derive(Debug, Default)]
pub(super) struct Receiving {
    /// How far the peer's changes were taken.
    pub(super) cursor: Option<Cursor>,
    /// How far the peer's sketch is taken, if the cursor is lost.
    pub(super) asking: Asking,
    /// Number of the peer's next offer.
    next_offer: u64,
    /// `Changes` whose offers are being looked up; the first is the one asked about.
    checking: VecDeque<Checking>,
    /// `Changes` that were looked up, oldest first.
    batches: VecDeque<Batch>,
    /// Number of the oldest batch.
    first_batch: u64,
    /// Offers wanted, whose entries have not all come.
    incoming: HashMap<u64, Incoming>,
    /// Payload bytes in `incoming`.
    unsigned: usize,
    /// Those of them that are not staged.
    unstaged: usize,
    /// Whole extensions that wait for the store.
    ready: Vec<(Wanted, Extension)>,
    /// Payload bytes in `ready`.
    ready_bytes: usize,
    /// Withdrawals that came.
    pub(super) withdrawals: usize,
    /// Extensions that the store is taking.
    ingesting: Vec<(Wanted, LogId)>,
    /// Payload bytes that the store is taking or staging.
    taking: usize,
    /// The store stages entries.
    staging: bool,
    /// Payload bytes that are durable.
    durable: usize,
}

#[derive(Debug)]
struct Checking {
    upto: u64,
    first: u64,
    offers: Vec<Offer>,
    /// Of logs among the offers.
    receipts: Vec<Receipt>,
}

#[derive(Debug)]
struct Batch {
    upto: u64,
    outstanding: usize,
    /// Of logs of the batch: they say nothing before these are here.
    receipts: Vec<Receipt>,
}

/// A wanted offer and the batch it belongs to.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    offer: u64,
    batch: u64,
    from: u64,
}

#[derive(Debug)]
struct Incoming {
    wanted: Wanted,
    log: LogId,
    count: u64,
    payloads: Vec<u8>,
    /// How many of the entries, and of their bytes, are staged.
    staged: (u64, usize),
}

impl Incoming {
    const fn new(wanted: Wanted, log: LogId) -> Self {
        Self { wanted, log, count: 0, payloads: Vec::new(), staged: (0, 0) }
    }
}

impl Receiving {
    /// Bound of the bytes that are not durable.
    fn pending_max(&self) -> usize {
        (PENDING_BYTES_MIN + self.durable / PENDING_SHARE).min(RECEIVE_BYTES_MAX)
    }

    const fn is_busy(&self) -> bool {
        self.staging || !self.ingesting.is_empty()
    }

    /// How many bytes may be read, beside those in `inbox`. The store has something to do when none may.
    pub(super) fn room(&self, inbox: usize) -> usize {
        if self.is_busy() {
            self.pending_max().saturating_sub(self.taking + self.ready_bytes + self.unstaged + inbox)
        } else {
            self.pending_max()
        }
    }
}

impl Session {
    /// The peer tells what changed there.
    pub(super) fn offered(&mut self, changes: Changes) -> Result<(), End> {
        self.may_offer(&changes.offers)?;
        let offered: HashSet<LogId> = changes.offers.iter().map(|offer| offer.log).collect();
        let (later, now) = changes.receipts.into_iter().partition(|receipt| offered.contains(&receipt.log));
        self.receipts(now);
        if changes.offers.is_empty() && self.told_further(changes.upto) {
            return Ok(());
        }
        if self.receiving.checking.len() >= WINDOW {
            return Err(self.out_of_turn("more Changes than may await their Want"));
        }
        let first = self.receiving.next_offer;
        self.receiving.next_offer += changes.offers.len() as u64;
        self.receiving.checking.push_back(Checking {
            upto: changes.upto,
            first,
            offers: changes.offers,
            receipts: later,
        });
        if self.receiving.checking.len() == 1 {
            self.check();
        }
        Ok(())
    }

    /// Nothing more was offered: moves the position of the `Changes` before, if one is still open, so that
    /// however many of these come they take no room.
    fn told_further(&mut self, position: u64) -> bool {
        let checking = self.receiving.checking.back_mut().map(|checking| &mut checking.upto);
        let open = checking.or_else(|| self.receiving.batches.back_mut().map(|batch| &mut batch.upto));
        open.map(|upto| *upto = position).is_some()
    }

    /// The peer tells what the province has.
    fn receipts(&mut self, receipts: Vec<Receipt>) {
        if self.config.upstream && !receipts.is_empty() && self.relays_receipts() {
            self.ask(Query::Credit { receipts, delivered: true });
        }
    }

    /// Looks up the oldest offers.
    fn check(&mut self) {
        while let Some(checking) = self.receiving.checking.front() {
            if !checking.offers.is_empty() {
                let offers = checking.offers.clone();
                self.ask(Query::Missing { peer: self.config.peer, offers });
                return;
            }
            let upto = checking.upto;
            self.receiving.checking.pop_front();
            self.receiving.batches.push_back(Batch { upto, outstanding: 0, receipts: Vec::new() });
            self.settle();
        }
    }

    /// The store says what is missing: asks the peer for it.
    pub(super) fn missing(&mut self, missing: &[Option<u64>]) {
        let Some(checking) = self.receiving.checking.pop_front() else { return };
        let batch = self.receiving.first_batch + self.receiving.batches.len() as u64;
        let mut wants = Vec::new();
        for ((offer, Offer { log, .. }), from) in (checking.first..).zip(&checking.offers).zip(missing) {
            if let Some(from) = *from {
                wants.push(Want { offer, from });
                let wanted = Wanted { offer, batch, from };
                self.receiving.incoming.insert(offer, Incoming::new(wanted, *log));
            }
        }
        let (upto, receipts) = (checking.upto, checking.receipts);
        self.receiving.batches.push_back(Batch { upto, outstanding: wants.len(), receipts });
        self.send(&Frame::Want(wants));
        self.settle();
        self.check();
    }

    /// Entries arrived. Those of one offer come in order; the last bring the signature.
    pub(super) fn entries(&mut self, entries: &Entries, now: Minutes) -> Result<(), End> {
        let Some(mut incoming) = self.receiving.incoming.remove(&entries.offer) else {
            return Err(self.out_of_turn("Entries of an offer that was not wanted"));
        };
        if entries.from != incoming.wanted.from + incoming.count {
            return Err(self.out_of_turn("Entries do not follow the ones before"));
        }
        incoming.count += entries.count;
        self.receiving.unsigned += entries.payloads.len();
        self.receiving.unstaged += entries.payloads.len();
        incoming.payloads.extend_from_slice(&entries.payloads);
        let Some(signature) = entries.signature else {
            if self.receiving.unsigned > UNSIGNED_BYTES_MAX {
                return Err(self.out_of_turn("more entries without a signature than are kept"));
            }
            self.receiving.incoming.insert(entries.offer, incoming);
            self.stage(entries.offer);
            return Ok(());
        };
        let Incoming { wanted, log, count, payloads, staged } = incoming;
        self.receiving.unsigned -= payloads.len();
        self.receiving.unstaged -= payloads.len() - staged.1;
        self.receiving.ready_bytes += payloads.len();
        self.receiving.ready.push((wanted, Extension { log, from: wanted.from, count, payloads, signature }));
        self.ingest(now);
        Ok(())
    }

    /// Gives the store all that is ready, one commit at a time.
    fn ingest(&mut self, now: Minutes) {
        let receiving = &mut self.receiving;
        if receiving.is_busy() || receiving.ready.is_empty() {
            return;
        }
        receiving.taking = std::mem::take(&mut receiving.ready_bytes);
        let (wanted, extensions): (Vec<Wanted>, Vec<Extension>) = receiving.ready.drain(..).unzip();
        // From now on: the store may tell of these logs before it answers.
        let brought = extensions.iter().map(|extension| (extension.log, extension.from + extension.count));
        self.sending.peer_has.extend(brought);
        receiving.ingesting = wanted.into_iter().zip(extensions.iter().map(|extension| extension.log)).collect();
        let (peer, scope) = (self.config.peer, self.config.scope.clone());
        self.ask(Query::Ingest { peer, scope, extensions, now });
    }

    /// The store took extensions, durably, or refused some.
    pub(super) fn ingested(&mut self, results: &[Result<u64, Rejection>], now: Minutes) -> Result<(), End> {
        let taken = std::mem::take(&mut self.receiving.ingesting);
        self.receiving.durable += std::mem::take(&mut self.receiving.taking);
        let mut acks = Vec::new();
        let mut end = Ok(());
        for ((wanted, log), result) in taken.into_iter().zip(results) {
            // What was staged may be wrong, or gone since it was asked for what comes after it.
            let from_start = matches!(result, Err(Rejection::Diverged { .. } | Rejection::Gap { .. }));
            if from_start && wanted.from > 0 {
                self.again(wanted, log);
                continue;
            }
            let batch = wanted.batch.checked_sub(self.receiving.first_batch);
            if let Some(batch) = batch.and_then(|index| self.receiving.batches.get_mut(index as usize)) {
                batch.outstanding -= 1;
            }
            match *result {
                Ok(length) => {
                    acks.push(Ack { offer: wanted.offer, length });
                    self.sending.peer_has.insert(log, length);
                }
                Err(rejection) if rejection.is_forgivable() => {
                    // Nothing of it is held, and nothing more is awaited.
                    acks.push(Ack { offer: wanted.offer, length: 0 });
                    self.notice(Notice::Rejected(rejection));
                }
                Err(rejection) => end = Err(End::Rejection(rejection)),
            }
        }
        for acks in acks.chunks(OFFERS_MAX) {
            self.send(&Frame::Ack(acks.to_vec()));
        }
        end?;
        self.settle();
        self.ingest(now);
        Ok(())
    }

    /// Has the store keep what came of a log whose signature is still far, so that a session that is cut
    /// need not bring it again. A phone's logs are short.
    fn stage(&mut self, offer: u64) {
        let receiving = &mut self.receiving;
        let enough = receiving.unstaged >= receiving.pending_max() / 2;
        if receiving.is_busy() || !enough || self.config.role == Role::Phone {
            return;
        }
        let Some(incoming) = receiving.incoming.get_mut(&offer) else { return };
        let (entries, bytes) = incoming.staged;
        let payloads = incoming.payloads[bytes..].to_vec();
        incoming.staged = (incoming.count, incoming.payloads.len());
        receiving.unstaged -= payloads.len();
        receiving.taking = payloads.len();
        receiving.staging = true;
        let (log, from, count) = (incoming.log, incoming.wanted.from + entries, incoming.count - entries);
        self.ask(Query::Stage { peer: self.config.peer, log, from, count, payloads });
    }

    /// The store has staged.
    pub(super) fn staged(&mut self, now: Minutes) {
        self.receiving.staging = false;
        self.receiving.durable += std::mem::take(&mut self.receiving.taking);
        self.ingest(now);
    }

    /// Asks for the whole of a log that does not continue what is held: forged, or forked.
    fn again(&mut self, wanted: Wanted, log: LogId) {
        let wanted = Wanted { from: 0, ..wanted };
        self.receiving.incoming.insert(wanted.offer, Incoming::new(wanted, log));
        self.send(&Frame::Again(Want { offer: wanted.offer, from: 0 }));
    }

    /// Moves the cursor past the batches of which nothing is missing any more.
    fn settle(&mut self) {
        let (mut upto, mut receipts) = (None, Vec::new());
        while let Some(batch) = self.receiving.batches.pop_front_if(|batch| batch.outstanding == 0) {
            self.receiving.first_batch += 1;
            upto = Some(batch.upto);
            receipts.extend(batch.receipts);
        }
        self.receipts(receipts);
        let (Some(position), Some(peer)) = (upto, &self.peer) else { return };
        let cursor = Cursor { store: peer.store, position };
        if self.receiving.cursor != Some(cursor) {
            self.receiving.cursor = Some(cursor);
            let (peer, scope, shown) = (self.config.peer, self.config.scope.clone(), self.shown());
            self.ask(Query::SaveCursor { peer, scope, cursor, shown });
        }
        self.notice(Notice::CaughtUp { position });
    }
}
