//! What both halves of a session do when a cursor is lost: find what differs from sketches.
//!
//! ```text
//! sending   Due ─▶ Sketch? ─▶ Withdrawals? ─▶ Sketch.. ◀─▶ Items(more) ─▶ Items(lacking) ─▶ Lacking? ─▶ Changes
//!                                                │                                          (page by page)
//!                                                └─▶ Items(too many) ─▶ everything, from position 0
//! receiving Sketch ─▶ Sketch? ─▶ Items           (x? is a query to the store beside the session)
//! ```
//!
//! The sender fixes a position with its sketch. It tells every withdrawal up to there, then the logs that
//! the receiver lacks, and then what changed since the position, as to anybody whose cursor stands there.
//! A log that moved after the position is left to those changes. Until all was offered, the `Changes` say
//! position 0: a session cut before starts over, and finds less to differ.
//!
//! It is worth it while less than about half of the logs differ: an offer takes 48 bytes, and each log that
//! differs about 26 more for its symbols and its item. A peer that says that it holds less than half of them
//! is told everything outright, as is one that lacks more than a sketch can tell.
//!
//! Measured, in bytes of whole sessions, both greetings, both directions and the entries included: two stores
//! of 5,000 logs with both cursors lost take 1,962 if nothing differs, 2,149 if one lacks a log and 9,045 if it
//! lacks 30; the offers of 5,000 logs alone are 210,000. With 100,000 logs of which one lacks 1,000, the blocks
//! of both directions are 49,699 and the items 8,050, of 231,936 in all.
//!
//! Which withdrawals a peer knows cannot be told from its logs, so it is told all; they are few. Receipts
//! are told of the logs that it lacked and of its own: of a log that both hold, it learns again what the
//! province has when that grows.

use super::{Answer, End, Half, Query, SKETCH_WINDOW, Session, View};
use crate::sketch::{Decoder, Item, Progress, SKETCH_ITEMS_MAX, Sketch, TakeError, block_after};
use crate::wire::frame::{self, Frame, Items, OFFERS_MAX, Offer, Receipt, Scope};

/// Items in one question to the store: an item stands for two logs if their device looked for it through
/// 2^32 states, and for as many as would overflow a frame of offers not in this world.
const LACKING_MAX: usize = OFFERS_MAX / 2;

/// Logs that are offered outright: their offers are as long as the first blocks.
const TOLD_OUTRIGHT: u64 = 16;

/// How far the sending half is with a peer whose cursor is lost.
#[derive(Debug, Default)]
pub(super) enum Telling {
    /// There is nothing to reconcile, or no more.
    #[default]
    Over,
    /// To be begun when the peer was judged, which holds so many logs.
    Due { theirs: u64 },
    /// The store makes the sketch.
    Asked { theirs: u64 },
    /// Withdrawals come before everything else.
    Withdrawals(Blocks),
    /// The peer takes blocks.
    Blocks(Blocks),
    /// What the peer lacks is looked up and offered.
    Lacking { items: Vec<Item>, position: u64 },
}

/// A sketch on its way to the peer.
#[derive(Debug)]
pub(super) struct Blocks {
    sketch: Sketch,
    logs: u64,
    position: u64,
    /// Symbols sent.
    sent: usize,
    /// Blocks sent and not answered.
    unanswered: usize,
}

/// How far the receiving half is, if its cursor is lost.
#[derive(Debug, Default)]
pub(super) enum Asking {
    /// No block has come.
    #[default]
    Open,
    /// The store makes the sketch; blocks wait.
    Asked { theirs: u64, blocks: Vec<Vec<u8>> },
    /// Blocks are taken as they come.
    Decoding(Decoder),
    /// The peer was answered; so many blocks may still be on the way.
    Over { late: usize },
}

impl Session {
    /// The peer's cursor says nothing about this store. If it holds logs, and is told of a scope and not of
    /// one device's logs, what differs is found from sketches.
    pub(super) fn cursor_lost(&mut self) {
        let Some(peer) = &self.peer else { return };
        if let (Some(_), Some(theirs), View::Scope(_)) = (self.holds, peer.holds, self.view(peer)) {
            self.sending.telling = Telling::Due { theirs };
        }
    }

    /// Goes on with a peer whose cursor is lost. Returns whether there is such a thing to do.
    pub(super) fn reconcile(&mut self) -> bool {
        match &self.sending.telling {
            Telling::Over => return false,
            Telling::Due { theirs } => self.ask_for_sketch(*theirs),
            Telling::Lacking { .. } => self.look_up(),
            Telling::Asked { .. } | Telling::Withdrawals(_) | Telling::Blocks(_) => {}
        }
        true
    }

    fn ask_for_sketch(&mut self, theirs: u64) {
        let Some(peer) = &self.peer else { return };
        let scope = peer.scope.clone();
        self.sending.telling = Telling::Asked { theirs };
        self.ask(Query::Sketch { scope, half: Half::Sending });
    }

    /// The store answers one of the questions asked here.
    pub(super) fn reconciling(&mut self, answer: Answer) -> Result<(), End> {
        match answer {
            Answer::Sketch { sketch, logs, position, half: Half::Sending } => {
                self.sketched(Blocks { sketch, logs, position, sent: 0, unanswered: 0 });
            }
            Answer::Sketch { sketch, logs, half: Half::Receiving, .. } => return self.decode(sketch, logs),
            Answer::Withdrawals { withdrawals, next } => self.withdrawals(&withdrawals, next),
            Answer::Lacking { offers, receipts, forks } => {
                self.tell_forks(forks);
                self.lacking(offers, receipts);
            }
            _ => {}
        }
        Ok(())
    }

    /// The sketch of what the peer is told of is made: begins with it, if it may be worth it.
    fn sketched(&mut self, blocks: Blocks) {
        let Telling::Asked { theirs } = self.sending.telling else { return };
        let lacks = blocks.logs.saturating_sub(theirs);
        if blocks.logs <= TOLD_OUTRIGHT || lacks > blocks.logs / 2 || lacks > SKETCH_ITEMS_MAX as u64 {
            self.tell_everything();
        } else {
            self.sending.telling = Telling::Withdrawals(blocks);
            self.ask(Query::Withdrawals { since: 0 });
        }
    }

    fn tell_everything(&mut self) {
        self.sending.telling = Telling::Over;
        self.sending.stale = true;
        self.scan();
    }

    /// Tells withdrawals, and when that is done sends the first blocks.
    fn withdrawals(&mut self, withdrawals: &[Vec<u8>], next: Option<u64>) {
        self.tell_withdrawals(withdrawals);
        if let Some(since) = next {
            self.ask(Query::Withdrawals { since });
        } else if let Telling::Withdrawals(blocks) = std::mem::take(&mut self.sending.telling) {
            self.sending.telling = Telling::Blocks(blocks);
            self.send_blocks();
        }
    }

    fn send_blocks(&mut self) {
        while let Telling::Blocks(blocks) = &mut self.sending.telling
            && blocks.unanswered < SKETCH_WINDOW
            && let Some(symbols) = block_after(blocks.sent)
        {
            blocks.sent = symbols.end;
            blocks.unanswered += 1;
            let sketch = frame::Sketch { logs: blocks.logs, block: blocks.sketch.encode_block(symbols) };
            self.send(&Frame::Sketch(sketch));
        }
    }

    /// The peer answers the oldest block.
    pub(super) fn items(&mut self, items: Items) -> Result<(), End> {
        let Telling::Blocks(blocks) = &mut self.sending.telling else {
            return Err(self.out_of_turn("Items answers no Sketch"));
        };
        match items {
            Items::More => {
                blocks.unanswered -= 1;
                self.send_blocks();
                if matches!(self.sending.telling, Telling::Blocks(Blocks { unanswered: 0, .. })) {
                    return Err(self.out_of_turn("Items asks for more than a sketch has"));
                }
            }
            Items::Lacking(items) => {
                self.sending.telling = Telling::Lacking { items, position: blocks.position };
                self.scan();
            }
            Items::TooMany => self.tell_everything(),
        }
        Ok(())
    }

    /// Looks up some of the items that the peer lacks; after the last, nothing but its own receipts.
    fn look_up(&mut self) {
        let (Telling::Lacking { items, position }, Some(peer)) = (&mut self.sending.telling, &self.peer) else {
            return;
        };
        let rest = items.split_off(items.len().min(LACKING_MAX));
        let now = std::mem::replace(items, rest);
        let own = (items.is_empty() && peer.wants_receipts).then_some(self.config.peer);
        let query = Query::Lacking {
            items: now,
            scope: peer.scope.clone(),
            upto: *position,
            receipts: peer.wants_receipts,
            device: own,
        };
        self.sending.scanning = true;
        self.ask(query);
    }

    /// Offers logs that the peer lacks. With the last of them its cursor moves to the sketch's position.
    fn lacking(&mut self, offers: Vec<Offer>, receipts: Vec<Receipt>) {
        self.sending.scanning = false;
        let Telling::Lacking { items, position } = &self.sending.telling else { return };
        let position = *position;
        if items.is_empty() {
            self.sending.telling = Telling::Over;
            self.sending.scanned = position;
            self.sending.stale = true;
            self.tell(offers, receipts, position);
        } else if !offers.is_empty() {
            self.tell(offers, receipts, 0);
        }
        self.scan();
    }

    /// A block of the peer's sketch came.
    pub(super) fn sketch(&mut self, sketch: frame::Sketch) -> Result<(), End> {
        match &mut self.receiving.asking {
            Asking::Open if self.holds.is_some() && self.config.scope != Scope::Own => {
                let blocks = vec![sketch.block];
                self.receiving.asking = Asking::Asked { theirs: sketch.logs, blocks };
                self.ask(Query::Sketch { scope: self.config.scope.clone(), half: Half::Receiving });
                Ok(())
            }
            Asking::Open => Err(self.out_of_turn("Sketch was not asked for")),
            Asking::Asked { blocks, .. } if blocks.len() < SKETCH_WINDOW => {
                blocks.push(sketch.block);
                Ok(())
            }
            Asking::Asked { .. } => Err(self.out_of_turn("more of a Sketch than may await Items")),
            Asking::Decoding(_) | Asking::Over { .. } => self.block(&sketch.block),
        }
    }

    /// The sketch of what is here is made: takes the blocks that waited for it.
    fn decode(&mut self, ours: Sketch, logs: u64) -> Result<(), End> {
        let Asking::Asked { theirs, blocks } = std::mem::take(&mut self.receiving.asking) else { return Ok(()) };
        self.receiving.asking = Asking::Decoding(Decoder::new(ours));
        let mut blocks = blocks.iter();
        if theirs.abs_diff(logs) > SKETCH_ITEMS_MAX as u64 {
            blocks.next();
            self.answer_sketch(Items::TooMany);
        }
        blocks.try_for_each(|block| self.block(block))
    }

    /// Takes a block and answers it, unless the peer has had its answer.
    fn block(&mut self, block: &[u8]) -> Result<(), End> {
        let decoder = match &mut self.receiving.asking {
            Asking::Decoding(decoder) => decoder,
            Asking::Over { late: late @ 1.. } => {
                *late -= 1;
                return Ok(());
            }
            _ => return Err(self.out_of_turn("more of a Sketch after its answer than was on the way")),
        };
        let items = match decoder.take(block) {
            Ok(Progress::More) => Items::More,
            Ok(Progress::Done { theirs, .. }) => Items::Lacking(theirs),
            // Two items of one sum contradict each other in honest sketches too: no reason to part.
            Ok(Progress::TooMany) | Err(TakeError::Contradiction { .. }) => Items::TooMany,
            Err(TakeError::Block(error)) => return Err(self.unreadable(error)),
            Err(TakeError::OutOfOrder { .. }) => return Err(self.out_of_turn("Sketch does not follow the one before")),
        };
        self.answer_sketch(items);
        Ok(())
    }

    fn answer_sketch(&mut self, items: Items) {
        if items != Items::More {
            self.receiving.asking = Asking::Over { late: SKETCH_WINDOW - 1 };
        }
        self.send(&Frame::Items(items));
    }
}
