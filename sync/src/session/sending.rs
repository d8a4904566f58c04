//! The half of a session that tells the peer what changed here.

use std::collections::{HashMap, VecDeque};

use super::reconcile::Telling;
use super::{End, OPEN_MIN, OPEN_SHARE, Query, SEND_BYTES_MAX, Session, Span, SpanWanted, WANTED_MAX, WINDOW};
use crate::id::LogId;
use crate::log::Fork;
use crate::wire::frame::{
    Ack, Changes, Cursor, ENTRIES_BYTES_MAX, Entries, Frame, OFFERS_MAX, Offer, Receipt, WITHDRAWALS_MAX, Want,
};

/// State of the sending half.
#[derive(Debug, Default)]
pub(super) struct Sending {
    /// Everything up to this position was told.
    pub(super) scanned: u64,
    /// The peer's cursor, if it is one into this store's past.
    pub(super) credited: Option<Cursor>,
    /// The store may have changes after it.
    pub(super) stale: bool,
    /// A question for changes is open.
    pub(super) scanning: bool,
    /// How far a peer is whose cursor is lost.
    pub(super) telling: Telling,
    /// Number of the next offer.
    next_offer: u64,
    /// The offers of each `Changes` that awaits its `Want`.
    unanswered: VecDeque<Vec<(u64, Receipt)>>,
    /// Offers that the peer wants and has not acknowledged.
    wanted: HashMap<u64, LogId>,
    /// Offers that the peer is done with.
    done: usize,
    /// Spans to read, in order.
    queue: VecDeque<SpanWanted>,
    /// A question for spans is open.
    reading: bool,
    /// Bytes handed out and not yet on the network.
    pub(super) unsent: usize,
    /// Logs that came from this peer, and their lengths: not offered back to it.
    pub(super) peer_has: HashMap<LogId, u64>,
    /// Whether the peer was told that it is up to date.
    told: Option<u64>,
}

impl Sending {
    /// Bound of the offers that the peer is not done with. It grows with what the peer has finished, so that
    /// a session that is cut wastes a small share of what it brought.
    fn open_max(&self) -> usize {
        (OPEN_MIN + self.done / OPEN_SHARE).min(WANTED_MAX)
    }

    fn open(&self) -> usize {
        self.unanswered.iter().map(Vec::len).sum::<usize>() + self.wanted.len()
    }
}

impl Session {
    /// Asks for changes, when there may be some and the peer keeps up.
    pub(super) fn scan(&mut self) {
        let sending = &self.sending;
        let most = (sending.open_max() / WINDOW).clamp(1, OFFERS_MAX);
        let keeps_up = sending.unanswered.len() < WINDOW && sending.open() + most <= sending.open_max();
        if !self.is_judged() || sending.scanning || !keeps_up || self.reconcile() || !self.sending.stale {
            return;
        }
        let Some(peer) = &self.peer else { return };
        let (view, since, receipts) = (self.view(peer), self.sending.scanned, peer.wants_receipts);
        self.sending.scanning = true;
        self.sending.stale = false;
        self.ask(Query::Changes { view, since, receipts, most });
    }

    /// Sends what changed.
    pub(super) fn scanned(
        &mut self,
        offers: Vec<Offer>,
        receipts: Vec<Receipt>,
        withdrawals: &[Vec<u8>],
        upto: u64,
        more: bool,
    ) {
        self.tell_withdrawals(withdrawals);
        let sending = &mut self.sending;
        sending.scanning = false;
        sending.stale |= more;
        sending.scanned = upto;
        self.tell(offers, receipts, upto);
        if !more {
            self.sending.peer_has.clear();
        }
        self.scan();
    }

    pub(super) fn tell_withdrawals(&mut self, withdrawals: &[Vec<u8>]) {
        for withdrawals in withdrawals.chunks(WITHDRAWALS_MAX) {
            self.send(&Frame::Withdrawn(withdrawals.to_vec()));
        }
    }

    /// Tells which logs forked, before they are offered.
    pub(super) fn tell_forks(&mut self, forks: Vec<Fork>) {
        for fork in forks {
            self.send(&Frame::Forked(Box::new(fork)));
        }
    }

    /// Tells of logs and receipts. Logs that the peer gave us are passed over, but the position is told, so
    /// that the peer does not ask for them again.
    pub(super) fn tell(&mut self, offers: Vec<Offer>, receipts: Vec<Receipt>, upto: u64) {
        let sending = &mut self.sending;
        let mut told = Vec::new();
        for offer in offers {
            if sending.peer_has.remove(&offer.log).is_none_or(|length| length < offer.length) {
                told.push(offer);
            }
        }
        if told.is_empty() && receipts.is_empty() && sending.told == Some(upto) {
            return;
        }
        sending.told = Some(upto);
        if !told.is_empty() {
            let first = sending.next_offer;
            sending.next_offer += told.len() as u64;
            let numbered = (first..).zip(&told);
            let held = numbered.map(|(number, offer)| (number, Receipt { log: offer.log, length: offer.length }));
            sending.unanswered.push_back(held.collect());
        }
        self.send(&Frame::Changes(Changes { upto, offers: told, receipts }));
    }

    /// The peer says what it wants of the oldest offers; what it leaves out, it has.
    pub(super) fn wanted(&mut self, wants: &[Want]) -> Result<(), End> {
        let Some(offers) = self.sending.unanswered.pop_front() else {
            return Err(self.out_of_turn("Want answers no Changes"));
        };
        let first = offers[0].0;
        let mut held: Vec<Option<Receipt>> = offers.into_iter().map(|(_, receipt)| Some(receipt)).collect();
        for want in wants {
            let index = want.offer.checked_sub(first).and_then(|index| usize::try_from(index).ok());
            let slot = index.and_then(|index| held.get_mut(index));
            let Some(Receipt { log, length }) = slot.and_then(Option::take) else {
                return Err(self.out_of_turn("Want names an offer that is not open"));
            };
            if want.from > length {
                return Err(self.out_of_turn("Want starts after the end of the log"));
            }
            self.sending.wanted.insert(want.offer, log);
            self.sending.queue.push_back(SpanWanted { offer: want.offer, log, from: want.from });
        }
        let held: Vec<Receipt> = held.into_iter().flatten().collect();
        self.sending.done += held.len();
        self.credit(held);
        self.read_more();
        self.scan();
        Ok(())
    }

    /// The peer found that a log diverged, and asks for all of it to see where.
    pub(super) fn wanted_again(&mut self, want: &Want) -> Result<(), End> {
        let Some(log) = self.sending.wanted.get(&want.offer).copied() else {
            return Err(self.out_of_turn("Again names an offer that was not wanted"));
        };
        if self.sending.queue.iter().any(|queued| queued.offer == want.offer) {
            return Err(self.out_of_turn("Again names an offer that is being sent"));
        }
        self.sending.queue.push_back(SpanWanted { offer: want.offer, log, from: want.from });
        self.read_more();
        Ok(())
    }

    /// The peer holds these offers durably.
    pub(super) fn acked(&mut self, acks: &[Ack]) -> Result<(), End> {
        let mut receipts = Vec::with_capacity(acks.len());
        for ack in acks {
            let Some(log) = self.sending.wanted.remove(&ack.offer) else {
                return Err(self.out_of_turn("Ack names an offer that was not wanted"));
            };
            receipts.push(Receipt { log, length: ack.length });
        }
        self.sending.done += acks.len();
        self.credit(receipts);
        self.scan();
        Ok(())
    }

    /// Remembers what a peer that this node reports to holds.
    fn credit(&mut self, receipts: Vec<Receipt>) {
        if self.config.upstream && !receipts.is_empty() {
            let delivered = self.speaks_for_province();
            self.ask(Query::Credit { receipts, delivered });
        }
    }

    /// Reads for the peer, as far as the network takes it.
    pub(super) fn read_more(&mut self) {
        let sending = &mut self.sending;
        if sending.reading || sending.queue.is_empty() || sending.unsent >= SEND_BYTES_MAX {
            return;
        }
        sending.reading = true;
        let wanted = sending.queue.iter().take(WANTED_MAX).copied().collect();
        self.ask(Query::Read { wanted, budget: SEND_BYTES_MAX });
    }

    /// Sends spans. A span that ends before its log's head goes on with the next reading.
    pub(super) fn spans(&mut self, spans: Vec<Span>) {
        self.sending.reading = false;
        for Span { wanted, count, payloads, signature } in spans {
            self.sending.queue.pop_front();
            debug_assert!(payloads.len() <= ENTRIES_BYTES_MAX);
            if signature.is_none() {
                self.sending.queue.push_front(SpanWanted { from: wanted.from + count, ..wanted });
            }
            let (offer, from) = (wanted.offer, wanted.from);
            self.send(&Frame::Entries(Entries { offer, from, count, payloads, signature }));
        }
        self.read_more();
    }
}
