//! Stores that talk: sessions over the real core and the real store, with the network left out.

mod facts;
mod files;
mod forks;
mod ingest;
mod learning;
mod sessions;

use std::collections::{BTreeMap, VecDeque};

use redb::backends::InMemoryBackend;

use super::*;
use crate::authority::{Area, Chain, Credential, Rank, Rights, Terms};
use crate::entry::{Entry, Joined};
use crate::id::{LearnerKey, LessonRef, Score};
use crate::log::{Tail, WalkError, Walker};
use crate::session::{Config, Event, Extension, Notice, Output, Rejection, Session};
use crate::wire::codec::Reader;
use crate::wire::frame::{RefuseReason, Role, Scope};

pub(super) const NOW: Minutes = Minutes(29_922_000);
pub(super) const TODAY: Day = Day(20_779);

pub(super) fn province() -> SigningKey {
    SigningKey::from_bytes(&[200; 32])
}

pub(super) fn province_key() -> ProvinceKey {
    ProvinceKey(device_of(&province()).0)
}

pub(super) struct Device {
    pub(super) store: Store,
    pub(super) role: Role,
    pub(super) scope: Scope,
    pub(super) n: u8,
}

impl Device {
    pub(super) fn new(n: u8, role: Role) -> Self {
        Self::with_store(n, n, role)
    }

    pub(super) fn with_store(n: u8, store: u8, role: Role) -> Self {
        let scope = if role == Role::Phone { Scope::Own } else { Scope::All };
        let seed = Seed { secret: [n; 32], store: [store; 16] };
        let device = Self { store: Store::open(InMemoryBackend::new(), &seed).unwrap(), role, scope, n };
        let request = match role {
            Role::Phone => Request::Pin { province: province_key() },
            Role::Hub => device.enrolment(Rank::Team, Area::Everywhere),
            Role::Province => device.enrolment(Rank::Province, Area::Everywhere),
        };
        assert_eq!(device.one(request), Response::Done);
        device
    }

    /// A hub that works for some communes.
    pub(super) fn hub_of(n: u8, communes: &[u32]) -> Self {
        let communes: Vec<CommuneCode> = communes.iter().copied().map(CommuneCode).collect();
        let seed = Seed { secret: [n; 32], store: [n; 16] };
        let scope = Scope::Communes(communes.clone());
        let hub = Self { store: Store::open(InMemoryBackend::new(), &seed).unwrap(), role: Role::Hub, scope, n };
        assert_eq!(hub.one(hub.enrolment(Rank::Team, Area::of(communes).unwrap())), Response::Done);
        hub
    }

    pub(super) fn enrolment(&self, rank: Rank, area: Area) -> Request {
        let rights = Rights::COLLECT.with(Rights::ATTEST);
        let terms = Terms { rank, team: 0, area, rights, from: Day(0), until: Day(TODAY.0 + 365) };
        let mut chain = Vec::new();
        Chain(vec![Credential::issue(&province(), self.store.device(), terms)]).encode(&mut chain);
        Request::Enrol { chain, now: NOW }
    }

    pub(super) fn one(&self, request: Request) -> Response {
        self.store.execute(&[request]).pop().unwrap()
    }

    pub(super) fn new_learner(&self) -> NewLearner {
        NewLearner { secret: [self.n; 16], key: [self.n ^ 0xff; 16] }
    }

    pub(super) fn keep(&self, course: u16, lesson: u16, percent: u8) -> Response {
        let lesson = LessonRef { course, lesson };
        let done = Done { lesson, score: Score::new(percent).unwrap(), day: TODAY };
        self.one(Request::Keep { learner: None, done, new: self.new_learner(), now: NOW })
    }

    pub(super) fn consent(&self, commune: u32) -> Response {
        let commune = CommuneCode(commune);
        self.one(Request::Consent { learner: None, commune, day: TODAY, new: self.new_learner(), now: NOW })
    }

    pub(super) fn own(&self) -> OwnLearner {
        match self.one(Request::Own) {
            Response::Own(mut learners) => learners.remove(0),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn totals(&self) -> BTreeMap<u32, (u64, u64)> {
        match self.one(Request::Totals) {
            Response::Totals(totals) => {
                totals.iter().map(|total| (total.commune.0, (total.learners, total.lessons))).collect()
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A session between two devices; `wires[0]` leads to the second.
pub(super) struct Talk<'a> {
    devices: [&'a Device; 2],
    sessions: [Session; 2],
    pub(super) wires: [VecDeque<Vec<u8>>; 2],
    pub(super) bytes: [usize; 2],
    /// Bytes that arrived.
    pub(super) delivered: usize,
    pub(super) notices: Vec<Notice>,
    /// Queries of each side that wait to be done as one batch, if they are not done at once.
    waiting: Option<[Vec<Query>; 2]>,
}

impl<'a> Talk<'a> {
    /// The first device reports to the second.
    pub(super) fn start(first: &'a Device, second: &'a Device) -> Self {
        let devices = [first, second];
        let session = |me: usize| {
            Session::new(Config {
                device: devices[me].store.device(),
                peer: devices[1 - me].store.device(),
                role: devices[me].role,
                scope: devices[me].scope.clone(),
                upstream: me == 0,
            })
        };
        let mut talk = Self {
            devices,
            sessions: [session(0), session(1)],
            wires: Default::default(),
            bytes: [0; 2],
            delivered: 0,
            notices: Vec::new(),
            waiting: None,
        };
        talk.event(0, Event::Opened);
        talk.event(1, Event::Opened);
        talk
    }

    /// Does what waits as one batch of each store, behind a change that somebody else asks for.
    fn settle(&mut self) -> bool {
        let Some(waiting) = &mut self.waiting else { return false };
        let waiting = std::mem::take(waiting);
        let some = waiting.iter().any(|queries| !queries.is_empty());
        for (side, queries) in waiting.into_iter().enumerate() {
            let changes = queries.iter().any(|query| Request::Session(query.clone()).changes_something());
            let other = Query::Forget { peer: DeviceId([9; 32]) };
            let requests: Vec<Request> = std::iter::once(other).chain(queries).map(Request::Session).collect();
            let responses = self.devices[side].store.execute(&requests);
            if changes {
                self.event(side, Event::Changed);
            }
            for response in responses.into_iter().skip(1) {
                let Response::Session(answer) = response else { panic!("a session was answered {response:?}") };
                self.event(side, Event::Answer(answer));
            }
        }
        some
    }

    pub(super) fn event(&mut self, side: usize, event: Event<'_>) {
        let mut outputs = VecDeque::from(self.sessions[side].handle(event, NOW));
        while let Some(output) = outputs.pop_front() {
            match output {
                Output::Send(bytes) => {
                    outputs.extend(self.sessions[side].handle(Event::Sent(bytes.len()), NOW));
                    self.bytes[side] += bytes.len();
                    self.wires[side].push_back(bytes);
                }
                Output::Ask(query) if let Some(waiting) = &mut self.waiting => waiting[side].push(query),
                Output::Ask(query) => {
                    let changes = Request::Session(query.clone()).changes_something();
                    let Response::Session(answer) = self.devices[side].one(Request::Session(query)) else {
                        panic!("a session was answered something else")
                    };
                    if changes {
                        outputs.extend(self.sessions[side].handle(Event::Changed, NOW));
                    }
                    outputs.extend(self.sessions[side].handle(Event::Answer(answer), NOW));
                }
                Output::Notice(notice) => self.notices.push(notice),
                Output::Close => self.wires[1 - side].clear(),
            }
        }
    }

    /// Delivers the oldest bytes on the way to one side. Returns whether there were any.
    pub(super) fn step(&mut self) -> bool {
        for side in 0..2 {
            if let Some(bytes) = self.wires[1 - side].pop_front() {
                self.delivered += bytes.len();
                self.event(side, Event::Received(&bytes));
                return true;
            }
        }
        false
    }

    pub(super) fn finish(mut self) -> Self {
        while self.step() {}
        self
    }
}

/// Cuts a session of the same two devices after each of its deliveries; `then` is told where.
pub(super) fn cut_everywhere(fresh: impl Fn() -> (Device, Device), then: impl Fn(&Device, &Device, &str)) {
    let (first, second) = fresh();
    let mut whole = Talk::start(&first, &second);
    let steps = std::iter::from_fn(|| whole.step().then_some(())).count();
    assert_ne!(steps, 0, "nothing is delivered");
    for cut in 0..steps {
        let (first, second) = fresh();
        let mut talk = Talk::start(&first, &second);
        for _ in 0..cut {
            talk.step();
        }
        drop(talk);
        then(&first, &second, &format!("cut after {cut} of {steps} deliveries"));
    }
}

pub(super) fn sync(first: &Device, second: &Device) -> [usize; 2] {
    sync_all(first, second).bytes
}

/// A session until nothing more is said, and another if a credential was to be shown again.
pub(super) fn sync_all<'a>(first: &'a Device, second: &'a Device) -> Talk<'a> {
    let talk = Talk::start(first, second).finish();
    let again = |notice: &Notice| matches!(notice, Notice::Refused { reason: RefuseReason::Credential, .. });
    if talk.notices.iter().any(again) { Talk::start(first, second).finish() } else { talk }
}

/// A learner's log as another device wrote it, with one learner and `lessons` completions.
pub(super) fn extension(n: u8, lessons: u16) -> Extension {
    let secret = SigningKey::from_bytes(&[n; 32]);
    let log = LogId { device: device_of(&secret), incarnation: 0 };
    let commune = CommuneCode(30_000 + u32::from(n));
    let joined = Joined { learner: LearnerId([n; 16]), key: LearnerKey([n; 16]), commune, day: TODAY };
    let mut payloads = Vec::new();
    Entry::Joined(joined).encode(TODAY, &mut payloads);
    for lesson in 0..lessons {
        let lesson = LessonRef { course: 1 + lesson / 100, lesson: 1 + lesson % 100 };
        let done = crate::entry::LessonDone { slot: crate::Slot(0), lesson, score: Score::MAX, day: TODAY };
        Entry::LessonDone(done).encode(TODAY, &mut payloads);
    }
    let mut walker = Walker::new(Tail::start(&log), 0);
    let mut reader = Reader::new(&payloads);
    while !reader.is_empty() {
        walker.step::<WalkError>(&mut reader, &mut |_| Ok(None)).unwrap();
    }
    let signature = walker.tail().sign(&log, &secret);
    Extension { log, from: 0, count: 1 + u64::from(lessons), payloads, signature }
}

pub(super) fn ingest(device: &Device, extensions: Vec<Extension>) -> Vec<Result<u64, Rejection>> {
    let (peer, scope) = (device.store.device(), Scope::All);
    match device.one(Request::Session(Query::Ingest { peer, scope, extensions, now: NOW })) {
        Response::Session(Answer::Ingest(results)) => results,
        other => panic!("{other:?}"),
    }
}
