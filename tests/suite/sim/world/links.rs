//! Connections between the nodes, and what goes over them.

use std::collections::VecDeque;

use sync::session::{Config, Event, Output, Session};
use sync::store::{Request, Response, Store};

use super::{Link, Part, SEEN_MAX, World, writes};

impl World {
    pub(super) fn connect(&mut self) {
        let first = self.chance.below(self.nodes.len());
        let second = self.chance.below(self.nodes.len());
        let talk = first != second && self.nodes[second].part != Part::Phone;
        if talk && !self.links.iter().any(|link| link.nodes == [first, second]) {
            self.open(first, second);
        }
    }

    pub(super) fn open(&mut self, first: usize, second: usize) {
        self.met.insert((first, second));
        let device = |node: usize| self.nodes[node].store.as_ref().map(Store::device).expect("a node is up");
        let session = |me: usize, peer: usize, upstream: bool| {
            let (role, scope) = (self.nodes[me].role(), self.nodes[me].scope());
            Session::new(Config { device: device(me), peer: device(peer), role, scope, upstream })
        };
        let sessions = [session(first, second, true), session(second, first, false)];
        self.links.push(Link { nodes: [first, second], sessions, wires: Default::default(), deaf: None });
        let link = self.links.len() - 1;
        self.event(link, 0, Event::Opened);
        self.event(link, 1, Event::Opened);
    }

    /// Every session of a node is told that its store changed.
    pub(in crate::sim) fn changed(&mut self, node: usize) {
        for link in 0..self.links.len() {
            for side in 0..2 {
                if self.links[link].nodes[side] == node {
                    self.event(link, side, Event::Changed);
                }
            }
        }
    }

    fn event(&mut self, link: usize, side: usize, event: Event<'_>) {
        let node = self.links[link].nodes[side];
        let now = self.now(node);
        let mut outputs = VecDeque::from(self.links[link].sessions[side].handle(event, now));
        let mut wrote = false;
        while let Some(output) = outputs.pop_front() {
            match output {
                Output::Send(bytes) => {
                    let sent = Event::Sent(bytes.len());
                    if self.seen.len() == SEEN_MAX {
                        self.seen.pop_front();
                    }
                    self.seen.push_back(bytes.clone());
                    self.links[link].wires[side].push_back(bytes);
                    outputs.extend(self.links[link].sessions[side].handle(sent, now));
                }
                Output::Ask(query) => {
                    wrote |= writes(&query);
                    let answer = match self.execute(node, Request::Session(query)) {
                        Response::Session(answer) => answer,
                        other => panic!("a session was answered {other:?}"),
                    };
                    outputs.extend(self.links[link].sessions[side].handle(Event::Answer(answer), now));
                }
                Output::Notice(_) | Output::Close => {}
            }
        }
        if wrote {
            self.changed(node);
        }
    }

    /// Sides that have bytes on the way to them.
    pub(super) fn waiting(&self) -> Vec<(usize, usize)> {
        let sides = (0..self.links.len()).flat_map(|link| [(link, 0), (link, 1)]);
        let hears = |(link, side): &(usize, usize)| {
            self.links[*link].deaf != Some(*side) && !self.links[*link].wires[1 - side].is_empty()
        };
        sides.filter(hears).collect()
    }

    pub(super) fn deliver(&mut self) {
        let waiting = self.waiting();
        if !waiting.is_empty() {
            let (link, side) = waiting[self.chance.below(waiting.len())];
            let limit = if self.chance.per_mille(200) { 1 + self.chance.below(64) } else { usize::MAX };
            self.deliver_to(link, side, limit);
        }
    }

    /// Delivers the oldest bytes, or only the first `limit` of them.
    pub(super) fn deliver_to(&mut self, link: usize, side: usize, limit: usize) {
        let wire = &mut self.links[link].wires[1 - side];
        let Some(mut bytes) = wire.pop_front() else { return };
        if bytes.len() > limit {
            wire.push_front(bytes.split_off(limit));
        }
        self.faults.deliveries += 1;
        self.event(link, side, Event::Received(&bytes));
    }
}
