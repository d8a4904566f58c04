//! Stores that talk: sessions over the real core and the real store, with the network left out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use redb::backends::InMemoryBackend;

use super::*;
use crate::authority::{Area, Chain, Credential, Rank, Rights, Terms};
use crate::entry::{Entry, Joined};
use crate::id::{LearnerKey, LessonRef, Score};
use crate::log::{HeadSignature, Tail, WalkError, Walker};
use crate::session::{Config, Event, Extension, Notice, Output, Rejection, Session};
use crate::wire::codec::Reader;
use crate::wire::frame::{Frame, RefuseReason, Role, Scope, split_frame};

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

#[test]
fn what_is_checked_ahead_is_taken_and_refused_as_one_by_one() {
    let mut extensions: Vec<Extension> = (100..140).map(|n| extension(n, u16::from(n % 5))).collect();
    extensions[3].signature.0[7] ^= 1;
    extensions[5].payloads.truncate(20);
    extensions[8].count += 1;
    extensions[13].from = 1;
    extensions[21] = extensions[20].clone();
    extensions[34] = extension(133, 6);
    let (together, apart) = (Device::new(2, Role::Hub), Device::new(3, Role::Hub));
    // The second time everything is held, and what was checked as if it were not is not used.
    for _ in 0..2 {
        let results = ingest(&together, extensions.clone());
        let alone = extensions.iter().flat_map(|extension| ingest(&apart, vec![extension.clone()]));
        assert_eq!(results, alone.collect::<Vec<_>>());
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 4);
        assert_eq!(together.totals(), apart.totals());
    }
}

#[test]
fn nothing_enters_the_log_before_consent_and_everything_after() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::new(2, Role::Hub));
    phone.keep(2, 1, 50);
    phone.keep(2, 2, 100);
    sync(&phone, &hub);
    assert!(hub.totals().is_empty());
    assert_eq!(phone.own().done.len(), 2);
    phone.consent(30_307);
    phone.keep(2, 3, 100);
    sync(&phone, &hub);
    assert_eq!(hub.totals(), BTreeMap::from([(30_307, (1, 3))]));
    assert!(phone.own().done.iter().all(|done| done.sent && !done.arrived));
}

#[test]
fn a_repetition_changes_nothing_and_a_better_score_does() {
    let phone = Device::new(1, Role::Phone);
    let changed = |response| matches!(response, Response::Kept(Kept { changed: true, .. }));
    assert!(changed(phone.keep(2, 1, 50)));
    assert!(!changed(phone.keep(2, 1, 50)));
    assert!(changed(phone.consent(30_307)));
    assert!(!changed(phone.consent(30_307)));
    assert!(!changed(phone.keep(2, 1, 40)));
    assert!(changed(phone.keep(2, 1, 100)));
    assert_eq!(phone.totals(), BTreeMap::from([(30_307, (1, 1))]));
    assert_eq!(phone.own().done[0].done.score, Score::MAX);
}

#[test]
fn a_learner_who_is_not_here_does_not_spoil_the_batch() {
    let phone = Device::new(1, Role::Phone);
    let keep = |learner| {
        let done = Done { lesson: LessonRef { course: 2, lesson: 1 }, score: Score::MAX, day: TODAY };
        Request::Keep { learner, done, new: phone.new_learner(), now: NOW }
    };
    let responses = phone.store.execute(&[keep(Some(LearnerId([7; 16]))), keep(None)]);
    assert!(matches!(responses[..], [Response::Failed(_), Response::Kept(_)]), "{responses:?}");
    assert_eq!(phone.store.failure(), None);
    assert_eq!(phone.own().done.len(), 1);
}

#[test]
fn what_the_province_has_comes_back_along_the_path() {
    let phone = Device::new(1, Role::Phone);
    let (a, b, province) = (Device::new(2, Role::Hub), Device::new(3, Role::Hub), Device::new(4, Role::Province));
    phone.keep(2, 1, 100);
    phone.consent(30_307);
    sync(&phone, &a);
    sync(&a, &b);
    sync(&b, &province);
    assert_eq!(province.totals(), BTreeMap::from([(30_307, (1, 1))]));
    assert!(!phone.own().done[0].arrived);
    sync(&a, &b);
    sync(&phone, &a);
    assert!(phone.own().done[0].arrived);
}

#[test]
fn a_lost_acknowledgement_is_made_up_for() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::new(2, Role::Province));
    phone.keep(2, 1, 100);
    phone.consent(30_307);
    let mut talk = Talk::start(&phone, &hub);
    while hub.totals().is_empty() {
        assert!(talk.step());
    }
    drop(talk);
    assert!(!phone.own().done[0].sent);
    sync(&phone, &hub);
    assert!(phone.own().done[0].sent && phone.own().done[0].arrived);
}

#[test]
fn a_commune_is_left_when_another_is_named() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::new(2, Role::Hub));
    phone.keep(2, 1, 100);
    phone.consent(30_307);
    sync(&phone, &hub);
    phone.consent(30_292);
    phone.keep(2, 2, 100);
    sync(&phone, &hub);
    assert_eq!(hub.totals(), BTreeMap::from([(30_292, (1, 2)), (30_307, (0, 0))]));
}

#[test]
fn bytes_are_within_budget() {
    let (hub, province) = (Device::new(2, Role::Hub), Device::new(4, Role::Province));
    let learners = 200;
    let results = ingest(&hub, (10..10 + learners).map(|n| extension(n, 42)).collect());
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let fresh: usize = sync(&hub, &province).iter().sum();
    let records = usize::from(learners) * 42;
    assert!(fresh <= records * 10, "{fresh} bytes for {records} records");
    let nothing: usize = sync(&hub, &province).iter().sum();
    assert!(nothing <= 300, "{nothing} bytes for nothing new");
    ingest(&hub, vec![extension(250, 1)]);
    let one: usize = sync(&hub, &province).iter().sum();
    assert!(one <= 600, "{one} bytes for one new record");
    assert_eq!(hub.totals(), province.totals());
}

#[test]
fn a_hub_asks_only_for_its_communes() {
    let (all, mut some) = (Device::new(2, Role::Hub), Device::new(3, Role::Hub));
    some.scope = Scope::Communes(vec![CommuneCode(30_011)]);
    ingest(&all, (10..15).map(|n| extension(n, 2)).collect());
    sync(&some, &all);
    assert_eq!(some.totals(), BTreeMap::from([(30_011, (1, 2))]));
}

#[test]
fn a_session_cut_anywhere_loses_and_doubles_nothing() {
    let fresh = || {
        let (hub, province) = (Device::new(2, Role::Hub), Device::new(4, Role::Province));
        ingest(&hub, (10..14).map(|n| extension(n, 300)).collect());
        (hub, province)
    };
    let (hub, province) = fresh();
    let mut talk = Talk::start(&hub, &province);
    let steps = std::iter::from_fn(|| talk.step().then_some(())).count();
    let expected = hub.totals();
    for cut in 0..steps {
        let (hub, province) = fresh();
        let mut talk = Talk::start(&hub, &province);
        for _ in 0..cut {
            talk.step();
        }
        drop(talk);
        sync(&hub, &province);
        assert_eq!(province.totals(), expected, "cut after {cut} of {steps} deliveries");
    }
}

#[test]
fn a_new_change_is_pushed_while_the_session_is_open() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::new(2, Role::Hub));
    phone.consent(30_307);
    let mut talk = Talk::start(&phone, &hub).finish();
    phone.keep(2, 1, 100);
    talk.event(0, Event::Changed);
    talk.finish();
    assert_eq!(hub.totals(), BTreeMap::from([(30_307, (1, 1))]));
    assert!(phone.own().done[0].sent);
}

#[test]
fn a_log_is_not_told_back_to_who_brought_it_however_commits_are_grouped() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::new(2, Role::Hub));
    phone.consent(30_307);
    phone.keep(2, 1, 100);
    let mut talk = Talk::start(&phone, &hub);
    talk.waiting = Some(Default::default());
    let mut told = 0;
    loop {
        told += talk.wires[1].iter().filter(|bytes| offers(bytes)).count();
        if talk.step() {
            // As if another session had changed the store just then.
            talk.event(1, Event::Changed);
        } else if !talk.settle() {
            break;
        }
    }
    assert_eq!(hub.totals(), BTreeMap::from([(30_307, (1, 1))]));
    assert_eq!(told, 0, "frames that offer the phone its own log");
}

/// Whether a frame offers logs.
fn offers(bytes: &[u8]) -> bool {
    let (frame, _) = split_frame(bytes).unwrap().unwrap();
    matches!(Frame::decode(frame).unwrap(), Frame::Changes(changes) if !changes.offers.is_empty())
}

#[test]
fn what_its_signature_does_not_cover_is_refused_whole() {
    let hub = Device::new(2, Role::Hub);
    let good = extension(10, 3);
    let mut forged = good.clone();
    forged.signature = HeadSignature([1; 64]);
    let mut changed = good.clone();
    *changed.payloads.last_mut().unwrap() ^= 1;
    let mut short = good.clone();
    short.count -= 1;
    let mut other = good.clone();
    other.log.incarnation = 1;
    let results = ingest(&hub, vec![forged, changed, short, other]);
    assert!(
        matches!(
            results[..],
            [
                Err(Rejection::Signature(_)),
                Err(Rejection::Signature(_)),
                Err(Rejection::Count { .. }),
                Err(Rejection::Signature(_))
            ]
        ),
        "{results:?}"
    );
    assert!(hub.totals().is_empty());
    assert_eq!(ingest(&hub, vec![good.clone()]), vec![Ok(4)]);
    let gap = Extension { from: 9, ..good.clone() };
    assert!(matches!(ingest(&hub, vec![gap])[..], [Err(Rejection::Gap { held: 4, from: 9, .. })]));
    let long = Extension { from: u64::MAX - 1, ..good };
    assert!(matches!(ingest(&hub, vec![long])[..], [Err(Rejection::TooLong { .. })]));
}

#[test]
fn clones_of_a_phone_find_out_and_nothing_of_either_is_lost() {
    let (one, two) = (Device::new(9, Role::Phone), Device::with_store(9, 8, Role::Phone));
    for phone in [&one, &two] {
        phone.consent(30_307);
    }
    let hub = Device::new(2, Role::Hub);
    one.keep(2, 1, 100);
    sync(&one, &hub);
    two.keep(2, 2, 100);
    let notices = sync_all(&two, &hub).notices;
    let forked = Notice::Rejected(Rejection::Forked { log: one.store.own_log().unwrap(), common: 1 });
    assert!(notices.contains(&forked), "{notices:?}");
    // What both signed before they parted counts once; the second phone has said the rest again.
    assert_eq!(hub.totals(), BTreeMap::from([(30_307, (1, 1))]));
    sync(&one, &hub);
    sync(&two, &hub);
    assert_eq!(hub.totals(), BTreeMap::from([(30_307, (1, 2))]));
    for phone in [&one, &two] {
        assert_ne!(phone.store.own_log().unwrap().incarnation, 0);
        assert!(phone.own().done.iter().all(|done| done.sent));
    }
    let Response::Forks(forks) = hub.one(Request::Forks) else { panic!() };
    assert_eq!(forks.len(), 1);
    forks[0].verify().unwrap();
}

#[test]
fn a_version_that_makes_no_sense_after_what_is_held_is_a_fork_too() {
    let (one, two) = (Device::new(9, Role::Phone), Device::with_store(9, 8, Role::Phone));
    let hub = Device::new(2, Role::Hub);
    one.consent(30_307);
    one.keep(2, 1, 100);
    sync(&one, &hub);
    // The clone moves, which declares its learner again: its next entry names a slot that the hub's version lacks.
    two.consent(30_307);
    two.consent(30_316);
    two.keep(2, 2, 100);
    let notices = sync_all(&two, &hub).notices;
    let forked = Notice::Rejected(Rejection::Forked { log: one.store.own_log().unwrap(), common: 1 });
    assert!(notices.contains(&forked), "{notices:?}");
    sync_all(&two, &hub);
    assert_ne!(two.store.own_log().unwrap().incarnation, 0);
    assert_eq!(hub.totals()[&30_316], (1, 1));
}

#[test]
fn word_of_a_fork_reaches_who_holds_one_version() {
    let (one, two) = (Device::new(9, Role::Phone), Device::with_store(9, 8, Role::Phone));
    for phone in [&one, &two] {
        phone.consent(30_307);
    }
    let [first, second, third] = [2, 3, 5].map(|n| Device::new(n, Role::Hub));
    let late = Device::new(6, Role::Hub);
    one.keep(2, 1, 100);
    two.keep(2, 2, 100);
    sync(&one, &first);
    sync(&two, &second);
    // One version goes on before anybody knows of the other.
    sync(&first, &third);
    assert_eq!(third.totals(), BTreeMap::from([(30_307, (1, 1))]));
    sync(&second, &first);
    assert_eq!(first.totals(), BTreeMap::from([(30_307, (1, 0))]));
    // Who has the other version, one of them, or none hears of it, with a cursor and without.
    for hub in [&second, &third, &late] {
        sync(&first, hub);
        assert_eq!(hub.totals(), first.totals());
        let Response::Forks(forks) = hub.one(Request::Forks) else { panic!() };
        assert_eq!(forks.len(), 1);
        forks[0].verify().unwrap();
    }
    // And the phones begin anew, so that nothing of either is lost.
    for (phone, hub) in [(&one, &third), (&two, &late), (&one, &third), (&two, &late)] {
        sync_all(phone, hub);
        sync(hub, &first);
    }
    assert_eq!(first.totals(), BTreeMap::from([(30_307, (1, 2))]));
    for hub in [&second, &third, &late] {
        sync(&first, hub);
        assert_eq!(hub.totals(), first.totals());
    }
}

#[test]
fn a_restored_phone_takes_its_own_log_back() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::new(2, Role::Hub));
    phone.keep(2, 1, 50);
    phone.consent(30_307);
    phone.keep(2, 2, 100);
    sync(&phone, &hub);
    let restored = Device::with_store(1, 7, Role::Phone);
    sync(&restored, &hub);
    assert_eq!(restored.own().done.len(), 2);
    restored.keep(2, 3, 100);
    sync(&restored, &hub);
    assert_eq!(hub.totals(), BTreeMap::from([(30_307, (1, 3))]));
    assert_eq!(restored.store.own_log().unwrap().incarnation, 0);
}

#[test]
fn a_peer_that_breaks_the_protocol_is_refused_with_a_reason() {
    let inputs: &[(&[u8], &str)] = &[
        (&[0x81, 0x80, 0x04], "length of a frame is 65537"),
        (
            b"GET / HTTP/1.1\r\n\r\n this is a page that was sent to the wrong door, and long enough to be a frame",
            "tag",
        ),
        (&[4, 3, 1, 0, 0], "the first frame is not Hello"),
        (&[2, 1, 9], "version 9 is not known here"),
    ];
    let (hub, other) = (Device::new(2, Role::Hub), Device::new(3, Role::Hub));
    for (input, expected) in inputs {
        let mut talk = Talk::start(&other, &hub);
        talk.wires = Default::default();
        talk.event(1, Event::Received(input));
        let text = talk.notices.iter().map(ToString::to_string).collect::<String>();
        assert!(text.contains(expected), "{text}");
        assert!(talk.sessions[1].is_closed());
        let refusal = talk.wires[1].pop_back().unwrap();
        assert!(matches!(Frame::decode(&refusal[2..]).or(Frame::decode(&refusal[1..])), Ok(Frame::Refuse(_))));
    }
}

#[test]
fn a_newer_file_is_refused_with_both_versions() {
    let path = std::env::temp_dir().join(format!("bdhv-newer-{}.redb", std::process::id()));
    let seed = Seed { secret: [1; 32], store: [1; 16] };
    drop(Store::open_file(&path, &seed).unwrap());
    {
        let db = Database::open(&path).unwrap();
        let txn = db.begin_write().unwrap();
        txn.open_table(tables::META).unwrap().insert(tables::META_FORMAT, &7u32.to_le_bytes()[..]).unwrap();
        txn.commit().unwrap();
    }
    let error = Store::open_file(&path, &seed).unwrap_err().to_string();
    std::fs::remove_file(&path).unwrap();
    assert!(error.contains("format 7") && error.contains("up to 1"), "{error}");
}

#[test]
fn a_file_has_one_owner_and_keeps_its_identity() {
    let path = std::env::temp_dir().join(format!("bdhv-owner-{}.redb", std::process::id()));
    let seed = Seed { secret: [1; 32], store: [1; 16] };
    let first = Store::open_file(&path, &seed).unwrap();
    assert!(matches!(Store::open_file(&path, &seed), Err(OpenError::InUse)));
    drop(first);
    let again = Store::open_file(&path, &Seed { secret: [2; 32], store: [2; 16] }).unwrap();
    assert_eq!((again.secret(), again.id()), ([1; 32], StoreId([2; 16])));
    drop(again);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_store_set_back_to_a_copy_tells_everything_again() {
    let folder = std::env::temp_dir();
    let path = |name: &str| folder.join(format!("bdhv-{name}-{}.redb", std::process::id()));
    let (file, copy) = (path("set-back"), path("copy"));
    let open = |n: u8| Device {
        store: Store::open_file(&file, &Seed { secret: [1; 32], store: [n; 16] }).unwrap(),
        role: Role::Hub,
        scope: Scope::All,
        n: 1,
    };
    let province = Device::new(4, Role::Province);
    let hub = open(1);
    assert_eq!(hub.one(hub.enrolment(Rank::Team, Area::Everywhere)), Response::Done);
    ingest(&hub, vec![extension(10, 1)]);
    // Copied while it is open: the copy shares its opening with what the province is told next.
    std::fs::copy(&file, &copy).unwrap();
    ingest(&hub, vec![extension(11, 1), extension(12, 1)]);
    sync(&hub, &province);
    drop(hub);
    std::fs::rename(&copy, &file).unwrap();
    let hub = open(3);
    ingest(&hub, vec![extension(13, 1), extension(14, 1)]);
    sync(&hub, &province);
    assert_eq!(province.totals().len(), 5);
    assert_eq!(hub.totals(), province.totals());
    drop(hub);
    std::fs::remove_file(&file).unwrap();
}

/// What can happen among three phones, two hubs and the province.
#[derive(Debug, Clone)]
enum Act {
    Keep { phone: usize, lesson: u16, percent: u8 },
    Consent { phone: usize, commune: u32 },
    Sync { first: usize, second: usize, deliveries: usize },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (0..3usize, 0..6u16, 0..=100u8).prop_map(|(phone, lesson, percent)| Act::Keep { phone, lesson, percent }),
        1 => (0..3usize, 30_000..30_003u32).prop_map(|(phone, commune)| Act::Consent { phone, commune }),
        4 => (0..6usize, 3..6usize, 0..40usize)
            .prop_map(|(first, second, deliveries)| Act::Sync { first, second, deliveries }),
    ];
    proptest::collection::vec(act, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever happens in whatever order, cut or whole: once everyone has talked, everyone counts what a
    /// plain set of facts says.
    #[test]
    fn nodes_converge_to_the_set_of_facts(acts in acts()) {
        let devices: Vec<Device> = (0..6u8)
            .map(|n| Device::new(n + 1, match n { 0..3 => Role::Phone, 3..5 => Role::Hub, _ => Role::Province }))
            .collect();
        let mut lessons: BTreeMap<usize, BTreeSet<u16>> = BTreeMap::new();
        let mut communes: BTreeMap<usize, u32> = BTreeMap::new();
        for act in acts {
            match act {
                Act::Keep { phone, lesson, percent } => {
                    devices[phone].keep(1, lesson, percent);
                    lessons.entry(phone).or_default().insert(lesson);
                }
                Act::Consent { phone, commune } => {
                    devices[phone].consent(commune);
                    communes.insert(phone, commune);
                }
                Act::Sync { first, second, .. } if first == second => {}
                Act::Sync { first, second, deliveries } => {
                    let mut talk = Talk::start(&devices[first], &devices[second]);
                    for _ in 0..deliveries {
                        talk.step();
                    }
                }
            }
        }
        for (first, second) in [(0, 3), (1, 4), (2, 3), (3, 4), (4, 5), (3, 4), (0, 3), (1, 4), (2, 3)] {
            sync(&devices[first], &devices[second]);
        }
        let mut expected: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for (phone, commune) in &communes {
            let total = expected.entry(*commune).or_default();
            total.0 += 1;
            total.1 += lessons.get(phone).map_or(0, |lessons| lessons.len() as u64);
        }
        for device in &devices[3..] {
            let mut totals = device.totals();
            totals.retain(|_, total| *total != (0, 0));
            prop_assert_eq!(&totals, &expected);
        }
        for phone in communes.keys() {
            prop_assert!(devices[*phone].own().done.iter().all(|done| done.sent && done.arrived));
        }
    }
}
