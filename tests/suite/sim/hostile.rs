//! Devices that forge, replay, change and invent what goes over the wires.

use std::collections::VecDeque;

use sync::entry::{Entry, ErasedDeclaration, Joined};
use sync::log::HeadSignature;
use sync::session::{Config, Event, Output, Session};
use sync::store::{Request, Response, Store};
use sync::wire::frame::{Changes, Entries, Frame, Hello, Offer, Presented, Receipt, Role, Scope};
use sync::{CommuneCode, Day, DeviceId, LearnerId, LearnerKey, LogId, StoreId};

use super::world::{Part, World, writes};

impl World {
    /// A hostile device connects to a node: it replays what it saw on other wires, changed, cut, doubled or
    /// mixed with noise.
    pub(super) fn forge(&mut self) {
        let node = self.chance.below(self.nodes.len());
        let (role, scope) = (self.nodes[node].role(), self.nodes[node].scope());
        let device = self.nodes[node].store.as_ref().map(Store::device).expect("a node is up");
        // The connection proves who the peer is: a key of its own, or one stolen from a phone.
        let stolen = self.chance.per_mille(300).then(|| self.chance.below(self.nodes.len()));
        let stolen = stolen.filter(|other| self.nodes[*other].part == Part::Phone);
        let stolen = stolen.and_then(|other| self.nodes[other].store.as_ref().map(Store::device));
        let peer = stolen.unwrap_or(DeviceId(self.chance.bytes()));
        let mut session = Session::new(Config { device, peer, role, scope, upstream: false });
        let mut wrote = self.hostile(node, &mut session, Event::Opened);
        let script = if self.chance.per_mille(500) {
            (0..=self.chance.below(6)).map(|_| self.hostile_bytes()).collect()
        } else {
            self.invented_log()
        };
        for bytes in script {
            wrote |= self.hostile(node, &mut session, Event::Received(&bytes));
        }
        if wrote {
            self.changed(node);
        }
        self.faults.forged += 1;
    }

    fn hostile_bytes(&mut self) -> Vec<u8> {
        let noise: [u8; 40] = self.chance.bytes();
        if self.seen.is_empty() {
            return noise.to_vec();
        }
        let mut bytes = self.seen[self.chance.below(self.seen.len())].clone();
        let place = self.chance.below(bytes.len());
        match self.chance.below(6) {
            0 => bytes[place] ^= noise[0] | 1,
            1 => bytes.truncate(place),
            2 => bytes.extend_from_within(..),
            3 => bytes.splice(0..0, noise).for_each(drop),
            _ => {}
        }
        bytes
    }

    /// A well-formed session that brings entries nobody signed, in the name of a phone.
    fn invented_log(&mut self) -> Vec<Vec<u8>> {
        let phone = self.chance.below(self.nodes.len());
        let device = self.nodes[phone].store.as_ref().map(Store::device).expect("a node is up");
        let log = LogId { device, incarnation: 0 };
        let commune = CommuneCode(30_000);
        let (learner, key) = (LearnerId(self.chance.bytes()), LearnerKey(self.chance.bytes()));
        let day = Day(20_000);
        let mut payloads = Vec::new();
        let erased = ErasedDeclaration { learner, commune, inner: self.chance.bytes() };
        match self.chance.below(2) {
            0 => Entry::Joined(Joined { learner, key, commune, day }).encode(day, &mut payloads),
            _ => Entry::ErasedDeclaration(erased).encode(day, &mut payloads),
        }
        let hello = Hello {
            store: StoreId(self.chance.bytes()),
            role: Role::Hub,
            wants_receipts: true,
            scope: Scope::All,
            cursor: None,
            credential: Presented::Nothing,
            epoch: None,
            holds: None,
        };
        let offer = Offer { log, length: 1, chain: self.chance.bytes() };
        let signature = Some(HeadSignature(self.chance.bytes()));
        let entries = Entries { offer: 0, from: 0, count: 1, payloads, signature };
        let frames = [
            Frame::Hello(hello),
            Frame::Changes(Changes { upto: 1, offers: vec![offer], receipts: vec![Receipt { log, length: 1 }] }),
            Frame::Entries(entries),
        ];
        let bytes = |frame: &Frame| {
            let mut out = Vec::new();
            frame.encode(&mut out);
            out
        };
        frames.iter().map(bytes).collect()
    }

    /// One event of a hostile session, whose answers nobody reads. Returns whether the store changed.
    fn hostile(&mut self, node: usize, session: &mut Session, event: Event<'_>) -> bool {
        let now = self.now(node);
        let mut outputs = VecDeque::from(session.handle(event, now));
        let mut wrote = false;
        while let Some(output) = outputs.pop_front() {
            if let Output::Ask(query) = output {
                wrote |= writes(&query);
                if let Response::Session(answer) = self.execute(node, Request::Session(query)) {
                    outputs.extend(session.handle(Event::Answer(answer), now));
                }
            }
        }
        wrote
    }
}
