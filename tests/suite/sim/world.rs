//! A world of phones, hubs and a province in virtual time, with the real core and the real store.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sync::entry::{Entry, Joined};
use sync::log::HeadSignature;
use sync::session::{Answer, Config, Event, Output, Query, Session, View};
use sync::store::{Done, NewLearner, Request, Response, Seed, Store};
use sync::wire::frame::{Changes, Entries, Frame, Hello, Offer, Presented, Receipt, Role, Scope};
use sync::{CommuneCode, Day, DeviceId, LearnerId, LearnerKey, LessonRef, LogId, Minutes, Score, StoreId};

use super::chance::Chance;
use super::disk::Disk;

/// Where virtual time begins, and how far a clock may be off: about five years.
const EPOCH: u64 = 29_900_000;
const CLOCK_OFF_MAX: usize = 2_600_000;
const LESSONS: usize = 8;
const COMMUNES: usize = 3;
/// Bound of the deliveries after which a healed world must be quiet.
const QUIET_MAX: u32 = 200_000;
/// How much a hostile device remembers.
const SEEN_MAX: usize = 64;

/// What a phone's learner did, in the simulator's own words.
#[derive(Debug, Default)]
struct Facts {
    /// What the phone said is saved.
    saved: BTreeSet<u16>,
    /// What was tried, saved or not.
    tried: BTreeSet<u16>,
    /// What the phone said has arrived.
    arrived: BTreeSet<u16>,
}

struct Node {
    disk: Disk,
    store: Option<Store>,
    seed: Seed,
    role: Role,
    clock: u64,
    facts: Facts,
    /// A copy of the disk, made earlier.
    backup: Option<Vec<u8>>,
}

/// A connection: two sessions and the bytes between them. The first node reports to the second.
struct Link {
    nodes: [usize; 2],
    sessions: [Session; 2],
    wires: [VecDeque<Vec<u8>>; 2],
}

/// What went wrong, for the report of a seed.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Faults {
    pub(super) crashes: u32,
    pub(super) full_disks: u32,
    pub(super) cuts: u32,
    pub(super) forged: u32,
    pub(super) set_back: u32,
    pub(super) deliveries: u32,
}

pub(super) struct World {
    chance: Chance,
    minutes: u64,
    nodes: Vec<Node>,
    links: Vec<Link>,
    /// What went over the wires last, for a hostile device to replay.
    seen: VecDeque<Vec<u8>>,
    pub(super) faults: Faults,
}

/// Whether a query makes the store change, so that its sessions must be told.
const fn writes(query: &Query) -> bool {
    matches!(query, Query::Ingest { .. } | Query::Credit { .. } | Query::CreditTo { .. })
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let phones = 1 + chance.below(4);
        let hubs = 1 + chance.below(3);
        let mut nodes = Vec::new();
        for index in 0..=phones + hubs {
            let role = match index {
                _ if index < phones => Role::Phone,
                _ if index < phones + hubs => Role::Hub,
                _ => Role::Province,
            };
            let seed = Seed { secret: chance.bytes(), store: chance.bytes() };
            let clock = EPOCH + chance.below(CLOCK_OFF_MAX) as u64;
            let facts = Facts::default();
            nodes.push(Node { disk: Disk::new(), store: None, seed, role, clock, facts, backup: None });
        }
        let mut world =
            Self { chance, minutes: 0, nodes, links: Vec::new(), seen: VecDeque::new(), faults: Faults::default() };
        for node in 0..world.nodes.len() {
            world.boot(node);
        }
        world
    }

    /// Does one thing that chance chooses, then looks whether what must hold still does.
    pub(super) fn step(&mut self) {
        self.minutes += self.chance.below(30) as u64;
        match self.chance.below(100) {
            0..55 => self.deliver(),
            55..67 => self.connect(),
            67..79 => self.learn(),
            79..84 => self.consent(),
            84..87 => self.cut(),
            87..91 => self.forge(),
            91 => self.set_back(),
            92..95 => self.crash(),
            _ => self.fill(),
        }
        self.check();
    }

    /// No more faults: everyone talks until nobody has anything new to say.
    pub(super) fn heal(&mut self) {
        self.links.clear();
        for node in 0..self.nodes.len() {
            self.restart(node);
        }
        // Along the chain, three times: up with the records, down with the receipts, and once more.
        for _ in 0..3 {
            for node in 0..self.nodes.len() - 1 {
                self.open(node, self.upstream(node));
                self.quiet();
            }
            self.links.clear();
        }
        self.check();
    }

    /// A phone reports to a hub, hubs in a row, the last one to the province.
    fn upstream(&self, node: usize) -> usize {
        let phones = self.nodes.iter().filter(|node| node.role == Role::Phone).count();
        if node < phones { phones + node % (self.nodes.len() - 1 - phones) } else { node + 1 }
    }

    fn quiet(&mut self) {
        for _ in 0..QUIET_MAX {
            let Some((link, side)) = self.waiting().first().copied() else { return };
            self.deliver_to(link, side, usize::MAX);
        }
        panic!("a healed world does not come to rest");
    }

    fn now(&self, node: usize) -> Minutes {
        Minutes(self.nodes[node].clock + self.minutes)
    }

    fn boot(&mut self, node: usize) {
        self.nodes[node].seed.store = self.chance.bytes();
        let Node { disk, seed, .. } = &self.nodes[node];
        let store = Store::open(disk.open(), seed).expect("a crash leaves a store that opens");
        self.nodes[node].store = Some(store);
    }

    fn restart(&mut self, node: usize) {
        self.nodes[node].store = None;
        self.links.retain(|link| !link.nodes.contains(&node));
        self.boot(node);
    }

    fn execute(&mut self, node: usize, request: Request) -> Response {
        let store = self.nodes[node].store.as_ref().expect("a node is up");
        store.execute(&[request]).pop().expect("one answer for one request")
    }

    fn learn(&mut self) {
        let node = self.chance.below(self.nodes.len());
        if self.nodes[node].role != Role::Phone {
            return;
        }
        let lesson = self.chance.below(LESSONS) as u16;
        let score = Score::new(self.chance.below(101) as u8).unwrap_or(Score::MAX);
        let now = self.now(node);
        let done = Done { lesson: LessonRef { course: 1, lesson }, score, day: now.day() };
        let new = NewLearner { secret: self.chance.bytes(), key: self.chance.bytes() };
        self.nodes[node].facts.tried.insert(lesson);
        if let Response::Kept(_) = self.execute(node, Request::Keep { learner: None, done, new, now }) {
            self.nodes[node].facts.saved.insert(lesson);
        }
        self.changed(node);
    }

    fn consent(&mut self) {
        let node = self.chance.below(self.nodes.len());
        if self.nodes[node].role != Role::Phone {
            return;
        }
        let commune = CommuneCode(30_000 + self.chance.below(COMMUNES) as u32);
        let now = self.now(node);
        let new = NewLearner { secret: self.chance.bytes(), key: self.chance.bytes() };
        self.execute(node, Request::Consent { learner: None, commune, day: now.day(), new, now });
        self.changed(node);
    }

    fn connect(&mut self) {
        let first = self.chance.below(self.nodes.len());
        let second = self.chance.below(self.nodes.len());
        let talk = first != second && self.nodes[second].role != Role::Phone;
        if talk && !self.links.iter().any(|link| link.nodes == [first, second]) {
            self.open(first, second);
        }
    }

    fn open(&mut self, first: usize, second: usize) {
        let device = |node: usize| self.nodes[node].store.as_ref().map(Store::device).expect("a node is up");
        let session = |me: usize, peer: usize, upstream: bool| {
            let role = self.nodes[me].role;
            let scope = if role == Role::Phone { Scope::Own } else { Scope::All };
            Session::new(Config { device: device(me), peer: device(peer), role, scope, upstream })
        };
        let sessions = [session(first, second, true), session(second, first, false)];
        self.links.push(Link { nodes: [first, second], sessions, wires: Default::default() });
        let link = self.links.len() - 1;
        self.event(link, 0, Event::Opened);
        self.event(link, 1, Event::Opened);
    }

    /// Every session of a node is told that its store changed.
    fn changed(&mut self, node: usize) {
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
    fn waiting(&self) -> Vec<(usize, usize)> {
        let sides = (0..self.links.len()).flat_map(|link| [(link, 0), (link, 1)]);
        sides.filter(|(link, side)| !self.links[*link].wires[1 - side].is_empty()).collect()
    }

    fn deliver(&mut self) {
        let waiting = self.waiting();
        if !waiting.is_empty() {
            let (link, side) = waiting[self.chance.below(waiting.len())];
            let limit = if self.chance.per_mille(200) { 1 + self.chance.below(64) } else { usize::MAX };
            self.deliver_to(link, side, limit);
        }
    }

    /// Delivers the oldest bytes, or only the first `limit` of them.
    fn deliver_to(&mut self, link: usize, side: usize, limit: usize) {
        let wire = &mut self.links[link].wires[1 - side];
        let Some(mut bytes) = wire.pop_front() else { return };
        if bytes.len() > limit {
            wire.push_front(bytes.split_off(limit));
        }
        self.faults.deliveries += 1;
        self.event(link, side, Event::Received(&bytes));
    }

    fn cut(&mut self) {
        if !self.links.is_empty() {
            let link = self.chance.below(self.links.len());
            self.links.swap_remove(link);
            self.faults.cuts += 1;
        }
    }

    /// A hostile device connects to a node: it replays what it saw on other wires, changed, cut, doubled or
    /// mixed with noise.
    fn forge(&mut self) {
        let node = self.chance.below(self.nodes.len());
        let Node { store: Some(store), role, .. } = &self.nodes[node] else { return };
        let scope = if *role == Role::Phone { Scope::Own } else { Scope::All };
        let (device, peer) = (store.device(), DeviceId(self.chance.bytes()));
        let mut session = Session::new(Config { device, peer, role: *role, scope, upstream: false });
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
        Entry::Joined(Joined { learner, key, commune, day }).encode(day, &mut payloads);
        let hello = Hello {
            store: StoreId(self.chance.bytes()),
            role: Role::Hub,
            wants_receipts: true,
            scope: Scope::All,
            cursor: None,
            credential: Presented::Nothing,
            epoch: None,
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

    fn crash(&mut self) {
        let node = self.chance.below(self.nodes.len());
        self.nodes[node].disk.crash(&mut self.chance);
        self.restart(node);
        self.faults.crashes += 1;
    }

    /// A hub's laptop is backed up, or set back to its backup.
    fn set_back(&mut self) {
        let node = self.chance.below(self.nodes.len());
        if self.nodes[node].role != Role::Hub {
            return;
        }
        match self.nodes[node].backup.take() {
            None => self.nodes[node].backup = Some(self.nodes[node].disk.copy()),
            Some(backup) => {
                self.nodes[node].disk.set_back(backup);
                self.restart(node);
                self.faults.set_back += 1;
            }
        }
    }

    /// The disk of a node fills up amid what it does next; the process fails and is started again.
    fn fill(&mut self) {
        let node = self.chance.below(self.nodes.len());
        self.nodes[node].disk.fill_after(self.chance.below(12) as u32);
        for _ in 0..4 {
            self.deliver();
            if self.nodes[node].role == Role::Phone {
                self.learn();
            }
        }
        self.nodes[node].disk.crash(&mut self.chance);
        self.restart(node);
        self.faults.full_disks += 1;
    }

    /// What must hold at every moment, whatever went wrong.
    fn check(&mut self) {
        for phone in 0..self.nodes.len() {
            if self.nodes[phone].role == Role::Phone {
                self.check_phone(phone);
            }
        }
    }

    fn check_phone(&mut self, phone: usize) {
        let learners = match self.execute(phone, Request::Own) {
            Response::Own(learners) => learners,
            other => panic!("{other:?}"),
        };
        assert!(learners.len() <= 1, "one person became two");
        let done = learners.first().map_or(&[][..], |learner| &learner.done);
        let held: BTreeSet<u16> = done.iter().map(|done| done.done.lesson.lesson).collect();
        let arrived = done.iter().filter(|done| done.arrived).map(|done| done.done.lesson.lesson);
        self.nodes[phone].facts.arrived.extend(arrived);
        let facts = &self.nodes[phone].facts;
        assert!(facts.saved.is_subset(&held), "saved and then lost: {:?} of {held:?}", facts.saved);
        assert!(held.is_subset(&facts.tried), "nobody did {held:?}");
        if !facts.arrived.is_empty() {
            let province = self.nodes.len() - 1;
            let device = self.nodes[phone].store.as_ref().map(Store::device).expect("a node is up");
            let view = View::Device(device);
            let query = Query::Changes { view, since: 0, receipts: false };
            let Response::Session(Answer::Changes { offers, .. }) = self.execute(province, Request::Session(query))
            else {
                panic!("the province does not answer")
            };
            let length = offers.first().map_or(0, |offer| offer.length);
            let needed = self.nodes[phone].facts.arrived.len() as u64 + 1;
            assert!(length >= needed, "arrived was said of {needed} entries, and the province holds {length}");
        }
    }

    /// What the province counts: learners and lessons by commune, without communes that were left.
    pub(super) fn counts(&mut self) -> BTreeMap<u32, (u64, u64)> {
        let province = self.nodes.len() - 1;
        let Response::Totals(totals) = self.execute(province, Request::Totals) else { panic!("no answer") };
        let counts = totals.iter().map(|total| (total.commune.0, (total.learners, total.lessons)));
        counts.filter(|(_, total)| *total != (0, 0)).collect()
    }

    /// What should be counted: the learners who agreed, in the commune of the latest agreement, with what
    /// their phones hold.
    pub(super) fn expected(&mut self) -> BTreeMap<u32, (u64, u64)> {
        let mut expected: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for phone in 0..self.nodes.len() {
            if self.nodes[phone].role != Role::Phone {
                continue;
            }
            let Response::Own(learners) = self.execute(phone, Request::Own) else { panic!("no answer") };
            for learner in learners {
                assert!(
                    learner.commune.is_none() || learner.done.iter().all(|done| done.sent && done.arrived),
                    "phone {phone}: {learner:?}"
                );
                if let Some(commune) = learner.commune {
                    let total = expected.entry(commune.0).or_default();
                    total.0 += 1;
                    total.1 += learner.done.len() as u64;
                }
            }
        }
        expected
    }
}
