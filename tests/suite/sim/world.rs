//! A world of phones, hubs and a province in virtual time, with the real core and the real store.

use std::collections::{BTreeSet, VecDeque};

use ed25519_dalek::SigningKey;
use sync::authority::{Area, Chain, Credential, Cut, Rank, Revocations, Revoked, Rights, Terms};
use sync::log::{Tail, WalkError, Walker, device_of};
use sync::session::{Answer, Config, Event, Output, Query, Session, SpanWanted, View};
use sync::store::{Done, NewLearner, Request, Response, Seed, Store};
use sync::wire::codec::Reader;
use sync::wire::frame::{OFFERS_MAX, Role, Scope};
use sync::{CommuneCode, Day, LearnerId, LearnerSecret, LessonRef, LogId, Minutes, ProvinceKey, Score};

use super::chance::Chance;
use super::disk::Disk;

/// Where virtual time begins, and how far a clock may be off: about five years.
const EPOCH: u64 = 29_900_000;
const CLOCK_OFF_MAX: usize = 2_600_000;
const LESSONS: usize = 8;
const COMMUNES: usize = 3;
/// The commune of the hub that works for one only.
pub(super) const SCOPED_COMMUNE: u32 = 30_000;
/// Bound of the deliveries after which a healed world must be quiet.
const QUIET_MAX: u32 = 200_000;
/// How much a hostile device remembers.
pub(super) const SEEN_MAX: usize = 64;

/// What a phone's learner did, in the simulator's own words.
#[derive(Debug, Default, Clone)]
pub(super) struct Facts {
    /// Who it was last.
    pub(super) learner: Option<LearnerId>,
    /// What the phone said is saved.
    pub(super) saved: BTreeSet<u16>,
    /// What was tried, saved or not.
    pub(super) tried: BTreeSet<u16>,
    /// What the phone said has arrived.
    pub(super) arrived: BTreeSet<u16>,
    /// The communes that were named.
    pub(super) communes: BTreeSet<u32>,
    /// Whether the phone was ever set back to a backup.
    pub(super) set_back: bool,
}

/// What a node is for in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Phone,
    /// A hub on the way to the province.
    Hub,
    /// A hub that works for one commune.
    Scoped,
    /// A hub that is revoked some day.
    Rogue,
    Province,
}

pub(super) struct Node {
    pub(super) disk: Disk,
    pub(super) store: Option<Store>,
    pub(super) seed: Seed,
    pub(super) part: Part,
    clock: u64,
    pub(super) facts: Facts,
    /// A copy of the disk, made earlier, and what was known then.
    backup: Option<(Vec<u8>, Facts)>,
}

impl Node {
    pub(super) const fn role(&self) -> Role {
        match self.part {
            Part::Phone => Role::Phone,
            Part::Hub | Part::Scoped | Part::Rogue => Role::Hub,
            Part::Province => Role::Province,
        }
    }

    pub(super) fn scope(&self) -> Scope {
        match self.part {
            Part::Phone => Scope::Own,
            Part::Scoped => Scope::Communes(vec![CommuneCode(SCOPED_COMMUNE)]),
            Part::Hub | Part::Rogue | Part::Province => Scope::All,
        }
    }
}

/// A connection: two sessions and the bytes between them. The first node reports to the second.
struct Link {
    nodes: [usize; 2],
    sessions: [Session; 2],
    wires: [VecDeque<Vec<u8>>; 2],
    /// Nothing arrives at this side any more.
    deaf: Option<usize>,
}

/// What went wrong, for the report of a seed.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Faults {
    pub(super) crashes: u32,
    pub(super) full_disks: u32,
    pub(super) rotten_disks: u32,
    pub(super) cuts: u32,
    pub(super) deaf: u32,
    pub(super) forged: u32,
    pub(super) set_back: u32,
    pub(super) attested: u32,
    pub(super) withdrawn: u32,
    pub(super) revoked: u32,
    pub(super) forks: u32,
    pub(super) deliveries: u32,
}

impl Faults {
    /// Sums the reports of many seeds.
    pub(super) const fn add(&mut self, other: &Self) {
        self.crashes += other.crashes;
        self.full_disks += other.full_disks;
        self.rotten_disks += other.rotten_disks;
        self.cuts += other.cuts;
        self.deaf += other.deaf;
        self.forged += other.forged;
        self.set_back += other.set_back;
        self.attested += other.attested;
        self.withdrawn += other.withdrawn;
        self.revoked += other.revoked;
        self.forks += other.forks;
        self.deliveries += other.deliveries;
    }
}

pub(super) struct World {
    pub(super) chance: Chance,
    province: SigningKey,
    minutes: u64,
    pub(super) nodes: Vec<Node>,
    links: Vec<Link>,
    /// What went over the wires last, for a hostile device to replay.
    pub(super) seen: VecDeque<Vec<u8>>,
    /// Phone and hub that were ever connected.
    pub(super) met: BTreeSet<(usize, usize)>,
    /// The newest revocation list.
    pub(super) revoked: Option<(u64, Revoked)>,
    /// Learners whom somebody tried to withdraw.
    pub(super) withdrawn: BTreeSet<LearnerId>,
    /// Keys of learners.
    pub(super) keys: Vec<(LearnerId, [u8; 16])>,
    pub(super) faults: Faults,
}

/// Whether a query makes the store change, so that its sessions must be told.
pub(super) const fn writes(query: &Query) -> bool {
    matches!(
        query,
        Query::Ingest { .. }
            | Query::Credit { .. }
            | Query::CreditTo { .. }
            | Query::Revoke { .. }
            | Query::Withdraw { .. }
            | Query::Forked(_)
    )
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let phones = 1 + chance.below(4);
        let hubs = 1 + chance.below(3);
        let mut parts = vec![Part::Phone; phones];
        parts.extend(vec![Part::Hub; hubs]);
        parts.extend([Part::Scoped, Part::Rogue, Part::Province]);
        let province = SigningKey::from_bytes(&chance.bytes());
        let node = |part: Part, chance: &mut Chance| {
            let seed = Seed { secret: chance.bytes(), store: chance.bytes() };
            let clock = EPOCH + chance.below(CLOCK_OFF_MAX) as u64;
            Node { disk: Disk::new(), store: None, seed, part, clock, facts: Facts::default(), backup: None }
        };
        let nodes = parts.into_iter().map(|part| node(part, &mut chance)).collect();
        let mut world = Self {
            chance,
            province,
            minutes: 0,
            nodes,
            links: Vec::new(),
            seen: VecDeque::new(),
            met: BTreeSet::new(),
            revoked: None,
            withdrawn: BTreeSet::new(),
            keys: Vec::new(),
            faults: Faults::default(),
        };
        for node in 0..world.nodes.len() {
            world.boot(node);
        }
        world
    }

    /// Does one thing that chance chooses, then looks whether what must hold still does.
    pub(super) fn step(&mut self) {
        self.minutes += self.chance.below(30) as u64;
        match self.chance.below(120) {
            0..55 => self.deliver(),
            55..67 => self.connect(),
            67..79 => self.learn(),
            79..84 => self.consent(),
            84..87 => self.cut(),
            87..91 => self.forge(),
            91..95 => self.set_back(),
            95..98 => self.crash(),
            98..103 => self.fill(),
            103 => self.rot(),
            104 => self.deafen(),
            105..113 => self.attest(),
            113..115 => self.withdraw_own(),
            115..117 => self.withdraw_for(),
            _ => self.revoke(),
        }
        self.check();
    }

    /// No more faults: everyone talks until nobody has anything new to say.
    pub(super) fn heal(&mut self) {
        self.links.clear();
        for node in 0..self.nodes.len() {
            self.restart(node);
        }
        // Along the chain: up with the records, down with the receipts and with what others brought, one
        // step a round; and a round more for what a fork makes its device say again.
        for _ in 0..self.hubs().len() + 4 {
            for node in 0..self.nodes.len() - 1 {
                self.open(node, self.upstream(node));
                self.quiet();
                // A credential that is to be shown again makes a session end at once.
                self.links.clear();
                self.open(node, self.upstream(node));
                self.quiet();
            }
            self.links.clear();
        }
        self.check();
    }

    /// A phone reports to a hub, hubs in a row, the last one to the province; so do the others.
    fn upstream(&self, node: usize) -> usize {
        let hubs = self.hubs();
        match self.nodes[node].part {
            Part::Phone => hubs[node % hubs.len()],
            Part::Hub if Some(&node) != hubs.last() => node + 1,
            _ => self.nodes.len() - 1,
        }
    }

    pub(super) fn hubs(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].part == Part::Hub).collect()
    }

    fn quiet(&mut self) {
        for _ in 0..QUIET_MAX {
            let Some((link, side)) = self.waiting().first().copied() else { return };
            self.deliver_to(link, side, usize::MAX);
        }
        panic!("a healed world does not come to rest");
    }

    pub(super) fn now(&self, node: usize) -> Minutes {
        Minutes(self.nodes[node].clock + self.minutes)
    }

    fn boot(&mut self, node: usize) {
        self.nodes[node].seed.store = self.chance.bytes();
        let Node { disk, seed, .. } = &self.nodes[node];
        let store = Store::open(disk.open(), seed).expect("a crash leaves a store that opens");
        self.nodes[node].store = Some(store);
        self.enrol(node);
    }

    /// Gives a node its credential, or a phone the province's key. On a full disk it fails, and is done
    /// when the node starts again.
    fn enrol(&mut self, node: usize) {
        let (rank, area) = match self.nodes[node].part {
            Part::Phone => {
                let province = ProvinceKey(device_of(&self.province).0);
                self.execute(node, Request::Pin { province });
                return;
            }
            Part::Province => (Rank::Province, Area::Everywhere),
            Part::Scoped => (Rank::Team, Area::of(vec![CommuneCode(SCOPED_COMMUNE)]).expect("one commune")),
            Part::Hub | Part::Rogue => (Rank::Team, Area::Everywhere),
        };
        let rights = Rights::COLLECT.with(Rights::ATTEST);
        let terms = Terms { rank, team: 0, area, rights, from: Day(0), until: Day(65_535) };
        let device = self.nodes[node].store.as_ref().map(Store::device).expect("a node is up");
        let mut chain = Vec::new();
        Chain(vec![Credential::issue(&self.province, device, terms)]).encode(&mut chain);
        let now = self.now(node);
        self.execute(node, Request::Enrol { chain, now });
    }

    fn restart(&mut self, node: usize) {
        self.nodes[node].store = None;
        self.links.retain(|link| !link.nodes.contains(&node));
        self.boot(node);
    }

    pub(super) fn execute(&mut self, node: usize, request: Request) -> Response {
        let store = self.nodes[node].store.as_ref().expect("a node is up");
        store.execute(&[request]).pop().expect("one answer for one request")
    }

    fn learn(&mut self) {
        let node = self.chance.below(self.nodes.len());
        if self.nodes[node].part == Part::Phone {
            self.learn_on(node);
        }
    }

    fn learn_on(&mut self, node: usize) {
        let lesson = self.chance.below(LESSONS) as u16;
        let score = Score::new(self.chance.below(101) as u8).unwrap_or(Score::MAX);
        let now = self.now(node);
        let done = Done { lesson: LessonRef { course: 1, lesson }, score, day: now.day() };
        let new = self.new_learner();
        self.nodes[node].facts.tried.insert(lesson);
        if let Response::Kept(_) = self.execute(node, Request::Keep { learner: None, done, new, now }) {
            self.nodes[node].facts.saved.insert(lesson);
        }
        self.changed(node);
    }

    fn new_learner(&mut self) -> NewLearner {
        let new = NewLearner { secret: self.chance.bytes(), key: self.chance.bytes() };
        self.keys.push((LearnerSecret(new.secret).id(), new.key));
        new
    }

    /// A hub attests a learner whom it counts.
    fn attest(&mut self) {
        let node = self.chance.below(self.nodes.len());
        let Some(learner) = self.some_learner(node) else { return };
        let (course, key, now) = (1 + self.chance.below(3) as u16, self.chance.bytes(), self.now(node));
        let attest = Request::Attest { learner, course, day: now.day(), key, now };
        if self.execute(node, attest) == Response::Done {
            self.faults.attested += 1;
        }
        self.changed(node);
    }

    fn withdraw_own(&mut self) {
        let node = self.chance.below(self.nodes.len());
        if self.nodes[node].part != Part::Phone {
            return;
        }
        let Response::Own(learners) = self.execute(node, Request::Own) else { panic!("no answer") };
        let Some(learner) = learners.first().map(|learner| learner.id) else { return };
        self.withdrawn.insert(learner);
        if self.execute(node, Request::WithdrawOwn { learner }) == Response::Done {
            self.faults.withdrawn += 1;
        }
        self.changed(node);
    }

    fn withdraw_for(&mut self) {
        let node = self.chance.below(self.nodes.len());
        let Some(learner) = self.some_learner(node) else { return };
        let day = self.now(node).day();
        self.withdrawn.insert(learner);
        if self.execute(node, Request::WithdrawFor { learner, day }) == Response::Done {
            self.faults.withdrawn += 1;
        }
        self.changed(node);
    }

    /// A learner that a hub or the province counts.
    fn some_learner(&mut self, node: usize) -> Option<LearnerId> {
        if self.nodes[node].part == Part::Phone {
            return None;
        }
        let Response::Learners(learners) = self.execute(node, Request::Learners) else { panic!("no answer") };
        (!learners.is_empty()).then(|| learners[self.chance.below(learners.len())].id)
    }

    /// The province revokes the rogue, up to what it holds of its log; some hub is told.
    fn revoke(&mut self) {
        let Some(rogue) = (0..self.nodes.len()).find(|node| self.nodes[*node].part == Part::Rogue) else { return };
        let device = self.nodes[rogue].store.as_ref().map(Store::device).expect("a node is up");
        if self.revoked.is_none() {
            let cuts = self.heads(self.nodes.len() - 1, device);
            self.revoked = Some((1, Revoked { device, cuts }));
        }
        let Some((epoch, revoked)) = self.revoked.clone() else { return };
        let mut revocations = Vec::new();
        Revocations::sign(&self.province, epoch, vec![revoked]).expect("a list of one").encode(&mut revocations);
        let node = self.chance.below(self.nodes.len());
        let now = self.now(node);
        self.execute(node, Request::Session(Query::Revoke { revocations, now }));
        self.faults.revoked += 1;
        self.changed(node);
    }

    /// The logs of a device as a node holds them.
    fn heads(&mut self, node: usize, device: sync::DeviceId) -> Vec<Cut> {
        let query = Query::Changes { view: View::Device(device), since: 0, receipts: false, most: OFFERS_MAX };
        let Response::Session(Answer::Changes { offers, .. }) = self.execute(node, Request::Session(query)) else {
            panic!("no answer")
        };
        offers.iter().map(|offer| self.head(node, offer.log)).collect()
    }

    fn head(&mut self, node: usize, log: LogId) -> Cut {
        let query = Query::Read { wanted: vec![SpanWanted { offer: 0, log, from: 0 }], budget: usize::MAX };
        let Response::Session(Answer::Read(spans)) = self.execute(node, Request::Session(query)) else {
            panic!("no answer")
        };
        let mut walker = Walker::new(Tail::start(&log), 0);
        let mut reader = Reader::new(&spans[0].payloads);
        while !reader.is_empty() {
            walker.step::<WalkError>(&mut reader, &mut |_| Ok(None)).expect("what is held can be read");
        }
        Cut { incarnation: log.incarnation, length: walker.tail().length, chain: walker.tail().chain }
    }

    fn consent(&mut self) {
        let node = self.chance.below(self.nodes.len());
        if self.nodes[node].part != Part::Phone {
            return;
        }
        let commune = CommuneCode(SCOPED_COMMUNE + self.chance.below(COMMUNES) as u32);
        let now = self.now(node);
        let new = self.new_learner();
        self.nodes[node].facts.communes.insert(commune.0);
        self.execute(node, Request::Consent { learner: None, commune, day: now.day(), new, now });
        self.changed(node);
    }

    fn connect(&mut self) {
        let first = self.chance.below(self.nodes.len());
        let second = self.chance.below(self.nodes.len());
        let talk = first != second && self.nodes[second].part != Part::Phone;
        if talk && !self.links.iter().any(|link| link.nodes == [first, second]) {
            self.open(first, second);
        }
    }

    fn open(&mut self, first: usize, second: usize) {
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
    pub(super) fn changed(&mut self, node: usize) {
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
        let hears = |(link, side): &(usize, usize)| {
            self.links[*link].deaf != Some(*side) && !self.links[*link].wires[1 - side].is_empty()
        };
        sides.filter(hears).collect()
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

    fn crash(&mut self) {
        let node = self.chance.below(self.nodes.len());
        self.nodes[node].disk.crash(&mut self.chance);
        self.restart(node);
        self.faults.crashes += 1;
    }

    /// A phone or laptop is backed up, or set back to its backup.
    fn set_back(&mut self) {
        let node = self.chance.below(self.nodes.len());
        if self.nodes[node].part == Part::Province {
            return;
        }
        match self.nodes[node].backup.take() {
            None => self.nodes[node].backup = Some((self.nodes[node].disk.copy(), self.nodes[node].facts.clone())),
            Some((backup, facts)) => {
                self.nodes[node].disk.set_back(backup);
                let Facts { learner, saved, .. } = facts;
                self.nodes[node].facts = Facts { learner, saved, set_back: true, ..self.nodes[node].facts.clone() };
                self.restart(node);
                self.faults.set_back += 1;
                // Who goes on learning before anybody is met says two things under one number.
                if self.nodes[node].part == Part::Phone {
                    self.learn_on(node);
                }
            }
        }
    }

    /// Bits of a hub's disk flip while it is off. It opens as it was at some commit, or is replaced.
    fn rot(&mut self) {
        let node = self.chance.below(self.nodes.len());
        if self.nodes[node].part != Part::Hub {
            return;
        }
        self.nodes[node].disk.crash(&mut self.chance);
        self.nodes[node].disk.rot(&mut self.chance);
        let opened = Store::open(self.nodes[node].disk.open(), &self.nodes[node].seed);
        if opened.is_err() {
            self.nodes[node].disk = Disk::new();
        }
        drop(opened);
        self.restart(node);
        self.faults.rotten_disks += 1;
    }

    /// One side of a connection hears nothing any more, and does not know it.
    fn deafen(&mut self) {
        if !self.links.is_empty() {
            let link = self.chance.below(self.links.len());
            self.links[link].deaf = Some(self.chance.below(2));
            self.faults.deaf += 1;
        }
    }

    /// The disk of a node fills up amid what it does next; the process fails and is started again.
    fn fill(&mut self) {
        let node = self.chance.below(self.nodes.len());
        self.nodes[node].disk.fill_after(self.chance.below(12) as u32);
        for _ in 0..4 {
            self.deliver();
            if self.nodes[node].part == Part::Phone {
                self.learn();
            }
        }
        self.nodes[node].disk.crash(&mut self.chance);
        self.restart(node);
        self.faults.full_disks += 1;
    }
}
