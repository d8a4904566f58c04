//! Lost cursors: what two stores say to each other then, and what it costs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;

use super::tests::{Device, NOW, TODAY, Talk, cut_everywhere, ingest, sync, sync_all};
use super::*;
use crate::entry::{Entry, Joined, LessonDone};
use crate::id::{LearnerKey, LessonRef, Score, Slot};
use crate::log::{Tail, WalkError, Walker};
use crate::session::{Config, Event, Extension, Half, Notice, Output, Rejection, SKETCH_WINDOW, Session, View};
use crate::sketch::{Item, Sketch, block_after};
use crate::wire::codec::Reader;
use crate::wire::frame::{self, Changes, Cursor, Frame, Hello, Items, OFFERS_MAX, Presented, Role, Scope, split_frame};

const HERE: u32 = 30_307;
const THERE: u32 = 30_313;
const ELSEWHERE: u32 = 30_292;

/// A log of learners, one of each commune, and some lessons of the first.
fn log(n: u32, communes: &[u32], lessons: u16) -> Extension {
    let mut secret = [7; 32];
    secret[..4].copy_from_slice(&n.to_le_bytes());
    let secret = SigningKey::from_bytes(&secret);
    let log = LogId { device: device_of(&secret), incarnation: 0 };
    let mut payloads = Vec::new();
    for (slot, commune) in communes.iter().enumerate() {
        let (learner, key) = (LearnerId(learner(n, slot)), LearnerKey([slot as u8 + 1; 16]));
        Entry::Joined(Joined { learner, key, commune: CommuneCode(*commune), day: TODAY }).encode(TODAY, &mut payloads);
    }
    for lesson in 1..=lessons {
        let lesson = LessonRef { course: 1, lesson };
        Entry::LessonDone(LessonDone { slot: Slot(0), lesson, score: Score::MAX, day: TODAY })
            .encode(TODAY, &mut payloads);
    }
    let mut walker = Walker::new(Tail::start(&log), 0);
    let mut reader = Reader::new(&payloads);
    while !reader.is_empty() {
        walker.step::<WalkError>(&mut reader, &mut |_| Ok(None)).unwrap();
    }
    let Tail { length, .. } = walker.tail();
    Extension { log, from: 0, count: length, payloads, signature: walker.tail().sign(&log, &secret) }
}

fn learner(n: u32, slot: usize) -> [u8; 16] {
    let mut learner = [slot as u8; 16];
    learner[..4].copy_from_slice(&n.to_le_bytes());
    learner
}

fn logs(range: std::ops::Range<u32>) -> Vec<Extension> {
    range.map(|n| log(n, &[HERE], 1)).collect()
}

fn take(device: &Device, extensions: Vec<Extension>) {
    let results = ingest(device, extensions);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

fn ask(device: &Device, query: Query) -> Answer {
    match device.one(Request::Session(query)) {
        Response::Session(answer) => answer,
        other => panic!("{other:?}"),
    }
}

/// The logs of a scope with their lengths and chains, found without a sketch.
fn held(device: &Device, scope: &Scope) -> BTreeMap<LogId, (u64, [u8; 8])> {
    let (mut held, mut since) = (BTreeMap::new(), 0);
    loop {
        let query = Query::Changes { view: View::Scope(scope.clone()), since, receipts: false, most: OFFERS_MAX };
        let Answer::Changes { offers, upto, more, .. } = ask(device, query) else { panic!() };
        held.extend(offers.iter().map(|offer| (offer.log, (offer.length, offer.chain))));
        if !more {
            return held;
        }
        since = upto;
    }
}

/// Makes each forget how far it had read the other.
fn lose_cursors(one: &Device, two: &Device) {
    for (device, peer) in [(one, two), (two, one)] {
        let (peer, scope) = (peer.store.device(), device.scope.clone());
        let cursor = Cursor { store: StoreId([0xee; 16]), position: 5 };
        assert_eq!(ask(device, Query::SaveCursor { peer, scope, cursor, shown: None }), Answer::Done);
    }
}

fn rejected(talk: &Talk<'_>) -> bool {
    talk.notices.iter().any(|notice| !matches!(notice, Notice::Greeted { .. } | Notice::CaughtUp { .. }))
}

/// A hub and a province that hold the same logs.
fn agreed(logs: &[Extension]) -> (Device, Device) {
    let (hub, province) = (Device::new(2, Role::Hub), Device::new(4, Role::Province));
    take(&hub, logs.to_vec());
    take(&province, logs.to_vec());
    (hub, province)
}

#[test]
fn a_lost_cursor_costs_what_differs() {
    let (hub, province) = agreed(&logs(0..5_000));
    sync(&hub, &province);
    // What telling everything takes: an offer of 5,000 logs, of 42 bytes and more, in one direction.
    let everything = 5_000 * 42;
    let mut next = 5_000;
    for (differ, most) in [(0, 2_200), (1, 2_500), (30, 9_500)] {
        take(&hub, logs(next..next + differ));
        next += differ;
        lose_cursors(&hub, &province);
        let talk = sync_all(&hub, &province);
        assert!(!rejected(&talk), "{:?}", talk.notices);
        let bytes: usize = talk.bytes.iter().sum();
        assert!(bytes <= most && bytes * 20 < everything, "{bytes} bytes for {differ} logs");
        assert_eq!(held(&hub, &Scope::All), held(&province, &Scope::All));
        let again: usize = sync(&hub, &province).iter().sum();
        assert!(again <= 300, "{again} bytes once the cursors stand again");
    }
}

#[test]
fn a_log_that_grew_costs_its_new_entries() {
    let (hub, province) = agreed(&logs(0..500));
    sync(&hub, &province);
    take(&province, (0..5).map(|n| log(n, &[HERE], 9)).collect());
    lose_cursors(&hub, &province);
    let bytes: usize = sync(&hub, &province).iter().sum();
    assert!(bytes <= 4_000, "{bytes} bytes");
    assert_eq!(held(&hub, &Scope::All), held(&province, &Scope::All));
}

#[test]
fn both_sides_learn_what_they_lack() {
    let (hub, province) = agreed(&logs(0..300));
    take(&hub, logs(300..320));
    take(&province, logs(320..335));
    let talk = sync_all(&hub, &province);
    assert!(!rejected(&talk), "{:?}", talk.notices);
    let union = held(&hub, &Scope::All);
    assert_eq!(union, held(&province, &Scope::All));
    // And the logs in which the two say who they are.
    assert_eq!(union.len(), 335 + 2);
}

#[test]
fn too_much_for_a_sketch_is_told_whole() {
    let (hub, province) = agreed(&logs(0..1_700));
    take(&hub, logs(1_700..3_300));
    take(&province, logs(3_300..4_900));
    let talk = sync_all(&hub, &province);
    assert!(!rejected(&talk), "{:?}", talk.notices);
    assert_eq!(held(&hub, &Scope::All).len(), 4_902);
    assert_eq!(held(&hub, &Scope::All), held(&province, &Scope::All));
}

#[test]
fn withdrawals_come_before_what_was_erased_for_them() {
    let (hub, province) = agreed(&logs(0..60));
    take(&province, logs(60..70));
    // One is held by both, the other by the province alone.
    for n in [7, 65] {
        let withdraw = Request::WithdrawFor { learner: LearnerId(learner(n, 0)), day: TODAY };
        assert_eq!(province.one(withdraw), Response::Done);
    }
    let talk = sync_all(&hub, &province);
    assert!(!rejected(&talk), "{:?}", talk.notices);
    assert_eq!(held(&hub, &Scope::All), held(&province, &Scope::All));
    assert_eq!(hub.totals(), province.totals());
    assert_eq!(hub.totals()[&HERE], (68, 68));
}

#[test]
fn a_hub_reconciles_its_communes_and_logs_of_several() {
    let (hub, province) = (Device::hub_of(2, &[HERE, THERE]), Device::new(4, Role::Province));
    let of = |first: u32, communes: &[u32]| (first..first + 20).map(|n| log(n, communes, 1)).collect::<Vec<_>>();
    let inside = [of(0, &[HERE]), of(100, &[THERE]), of(200, &[HERE, THERE])].concat();
    let outside = [of(300, &[ELSEWHERE]), of(400, &[HERE, ELSEWHERE])].concat();
    take(&province, [inside.clone(), outside].concat());
    take(&hub, inside.iter().filter(|extension| extension.log.device.0[0] % 8 != 0).cloned().collect());
    let talk = sync_all(&hub, &province);
    assert!(!rejected(&talk), "{:?}", talk.notices);
    let scope = hub.scope.clone();
    assert_eq!(held(&hub, &scope), held(&province, &scope));
    let brought: BTreeSet<LogId> = held(&hub, &Scope::All).into_keys().collect();
    assert!(inside.iter().all(|extension| brought.contains(&extension.log)));
    assert_eq!(brought.len(), 60 + 2);
}

#[test]
fn receipts_come_with_what_was_lacking_and_for_the_peer_itself() {
    let (hub, other) = (Device::new(2, Role::Hub), Device::new(3, Role::Hub));
    take(&hub, logs(0..40));
    take(&other, logs(0..41));
    let lacked = log(40, &[HERE], 1).log;
    let own = hub.store.own_log().unwrap();
    sync(&hub, &other);
    for (log, length) in [(lacked, 2), (own, 1)] {
        let receipts = vec![frame::Receipt { log, length }];
        assert_eq!(ask(&other, Query::Credit { receipts, delivered: true }), Answer::Done);
    }
    let again = Device::new(2, Role::Hub);
    take(&again, logs(0..40));
    sync(&again, &other);
    let query = Query::Changes { view: View::Scope(Scope::All), since: 0, receipts: true, most: OFFERS_MAX };
    let Answer::Changes { receipts, .. } = ask(&again, query) else { panic!() };
    let told: BTreeSet<LogId> = receipts.iter().map(|receipt| receipt.log).collect();
    assert_eq!(told, BTreeSet::from([lacked, own]));
}

#[test]
fn a_reconciliation_cut_anywhere_is_made_up_for() {
    let fresh = || {
        let (hub, province) = agreed(&logs(0..40));
        take(&hub, logs(40..45));
        take(&province, logs(45..50));
        (hub, province)
    };
    let (hub, province) = fresh();
    Talk::start(&hub, &province).finish();
    let expected = held(&hub, &Scope::All);
    cut_everywhere(fresh, |hub, province, cut| {
        sync_all(hub, province);
        for device in [hub, province] {
            assert_eq!(held(device, &Scope::All), expected, "{cut}");
        }
    });
}

/// A session of a device with a peer played by hand.
struct Played<'a> {
    device: &'a Device,
    session: Session,
    sent: VecDeque<Frame>,
    notices: Vec<Notice>,
}

impl<'a> Played<'a> {
    /// A hub with a credential, which says that it holds some logs and lost its cursor.
    fn start(device: &'a Device, holds: Option<u64>) -> Self {
        let peer = Device::new(9, Role::Hub);
        let config = Config {
            device: device.store.device(),
            peer: peer.store.device(),
            role: device.role,
            scope: device.scope.clone(),
            upstream: false,
        };
        let mut played = Self { device, session: Session::new(config), sent: VecDeque::new(), notices: Vec::new() };
        played.event(Event::Opened);
        let query = Query::Begin { peer: device.store.device(), scope: Scope::All };
        let Answer::Begin { standing, .. } = ask(&peer, query) else { panic!() };
        played.say(&Frame::Hello(Hello {
            store: StoreId([9; 16]),
            role: Role::Hub,
            wants_receipts: false,
            scope: Scope::All,
            cursor: None,
            credential: Presented::Chain(standing.chain),
            epoch: None,
            holds,
        }));
        played
    }

    fn event(&mut self, event: Event<'_>) {
        let mut outputs = VecDeque::from(self.session.handle(event, NOW));
        while let Some(output) = outputs.pop_front() {
            match output {
                Output::Send(bytes) => {
                    let (body, _) = split_frame(&bytes).unwrap().unwrap();
                    self.sent.push_back(Frame::decode(body).unwrap());
                }
                Output::Ask(query) => {
                    let answer = ask(self.device, query);
                    outputs.extend(self.session.handle(Event::Answer(answer), NOW));
                }
                Output::Notice(notice) => self.notices.push(notice),
                Output::Close => {}
            }
        }
    }

    fn say(&mut self, frame: &Frame) {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        self.event(Event::Received(&bytes));
    }

    fn sketches(&self) -> usize {
        self.sent.iter().filter(|frame| matches!(frame, Frame::Sketch(_))).count()
    }

    fn last_items(&self) -> Option<&Items> {
        self.sent.iter().rev().find_map(|frame| if let Frame::Items(items) = frame { Some(items) } else { None })
    }

    fn broken(&self, why: &str) -> bool {
        self.session.is_closed() && self.notices.iter().any(|notice| notice.to_string().contains(why))
    }
}

fn block(sketch: &Sketch, symbols: std::ops::Range<usize>) -> Frame {
    Frame::Sketch(frame::Sketch { logs: 100, block: sketch.encode_block(symbols) })
}

#[test]
fn only_so_many_blocks_are_on_the_way_and_no_more_are_given_than_there_are() {
    let hub = Device::new(2, Role::Hub);
    take(&hub, logs(0..100));
    let mut played = Played::start(&hub, Some(100));
    assert_eq!(played.sketches(), SKETCH_WINDOW);
    let blocks = std::iter::successors(block_after(0), |block| block_after(block.end)).count();
    for answered in 1..blocks {
        played.say(&Frame::Items(Items::More));
        assert!(!played.session.is_closed());
        assert_eq!(played.sketches(), (answered + SKETCH_WINDOW).min(blocks));
    }
    played.say(&Frame::Items(Items::More));
    assert!(played.broken("asks for more than a sketch has"), "{:?}", played.notices);
}

#[test]
fn items_out_of_turn_end_the_session_and_items_of_nothing_do_no_harm() {
    let hub = Device::new(2, Role::Hub);
    take(&hub, logs(0..100));
    for holds in [None, Some(1)] {
        let mut played = Played::start(&hub, holds);
        assert_eq!(played.sketches(), 0, "a peer that holds next to nothing is told outright");
        played.say(&Frame::Items(Items::More));
        assert!(played.broken("answers no Sketch"), "{:?}", played.notices);
    }
    let mut played = Played::start(&hub, Some(100));
    let made_up = (1..=4_096u64).filter_map(|n| Item::from_bytes(n.to_le_bytes())).collect();
    played.say(&Frame::Items(Items::Lacking(made_up)));
    assert!(!played.session.is_closed(), "{:?}", played.notices);
    let position = hub.store.position().unwrap();
    let expected = Changes { upto: position, offers: Vec::new(), receipts: Vec::new() };
    assert_eq!(played.sent.back(), Some(&Frame::Changes(expected)));
    played.say(&Frame::Items(Items::TooMany));
    assert!(played.broken("answers no Sketch"), "{:?}", played.notices);
}

#[test]
fn a_sketch_of_noise_ends_in_telling_everything() {
    let hub = Device::new(2, Role::Hub);
    take(&hub, logs(0..100));
    let mut played = Played::start(&hub, Some(100));
    let mut noise = vec![0; 4_096 * 12];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    let mut first = 0;
    while played.last_items().is_none_or(|items| *items == Items::More) {
        let symbols = block_after(first).expect("an answer comes at the last block");
        let mut block = Vec::new();
        crate::wire::codec::put_varint(&mut block, symbols.start as u64);
        block.extend(&noise[symbols.start * 12..symbols.end * 12]);
        first = symbols.end;
        played.say(&Frame::Sketch(frame::Sketch { logs: 100, block }));
    }
    assert!(!played.session.is_closed(), "{:?}", played.notices);
    assert_eq!(played.last_items(), Some(&Items::TooMany));
}

#[test]
fn blocks_out_of_turn_end_the_session() {
    let hub = Device::new(2, Role::Hub);
    let sketch = Sketch::new();
    take(&hub, logs(0..100));
    let mut skipped = Played::start(&hub, Some(100));
    skipped.say(&block(&sketch, 0..1));
    skipped.say(&block(&sketch, 2..3));
    assert!(skipped.broken("does not follow"), "{:?}", skipped.notices);
    let mut cut = Played::start(&hub, Some(100));
    cut.say(&Frame::Sketch(frame::Sketch { logs: 100, block: vec![0, 1, 2] }));
    assert!(cut.broken("symbol"), "{:?}", cut.notices);
    // A set too small to compare is answered at once, and what may be on the way then is not taken.
    let mut late = Played::start(&hub, Some(100));
    for n in 0..SKETCH_WINDOW {
        late.say(&Frame::Sketch(frame::Sketch { logs: 1 << 40, block: sketch.encode_block(n..n + 1) }));
        assert_eq!((late.session.is_closed(), late.last_items()), (false, Some(&Items::TooMany)));
    }
    late.say(&block(&sketch, SKETCH_WINDOW..SKETCH_WINDOW + 1));
    assert!(late.broken("than was on the way"), "{:?}", late.notices);
    let phone = Device::new(5, Role::Phone);
    phone.consent(HERE);
    let mut played = Played::start(&phone, Some(100));
    played.say(&block(&sketch, 0..1));
    assert!(played.broken("was not asked for"), "{:?}", played.notices);
}

/// The sketch of a scope, made from nothing.
fn from_nothing(device: &Device, scope: &Scope) -> (Sketch, u64) {
    let held = held(device, scope);
    let Response::Forks(forks) = device.one(Request::Forks) else { panic!() };
    let mut sketch = Sketch::new();
    for (log, (length, chain)) in &held {
        sketch.add(match forks.iter().find(|fork| fork.log == *log) {
            None => Item::of(log, *length, chain),
            Some(fork) => Item::of_forked(log, *length, chain, fork.common.length),
        });
    }
    (sketch, held.len() as u64)
}

fn kept(device: &Device, scope: &Scope) -> (Sketch, u64) {
    match ask(device, Query::Sketch { scope: scope.clone(), half: Half::Sending }) {
        Answer::Sketch { sketch, logs, .. } => (sketch, logs),
        other => panic!("{other:?}"),
    }
}

/// Communes of a log: of one, of several, of one that is in no scope.
fn communes() -> impl Strategy<Value = Vec<u32>> {
    prop_oneof![4 => Just(vec![HERE]), 2 => Just(vec![THERE]), 1 => Just(vec![ELSEWHERE]),
        1 => Just(vec![HERE, THERE]), 1 => Just(vec![THERE, ELSEWHERE])]
}

/// Which of two stores has a log, and how many lessons of it: each, one or none.
fn split() -> impl Strategy<Value = Vec<(Vec<u32>, [Option<u16>; 2])>> {
    let lessons = || prop_oneof![3 => Just(Some(3)), 1 => (0..6u16).prop_map(Some), 1 => Just(None)];
    proptest::collection::vec((communes(), [lessons(), lessons()]), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However the logs are split, both hold all of them after one session, at their greater lengths.
    #[test]
    fn reconciled_stores_hold_the_union(split in split(), deliveries in 0..60usize) {
        let (hub, province) = (Device::new(2, Role::Hub), Device::new(4, Role::Province));
        let mut union = BTreeMap::new();
        for (n, (communes, lessons)) in split.iter().enumerate() {
            for (device, lessons) in [&hub, &province].into_iter().zip(lessons) {
                let Some(lessons) = lessons else { continue };
                let extension = log(n as u32, communes, *lessons);
                let length = union.entry(extension.log).or_insert(0);
                *length = extension.count.max(*length);
                take(device, vec![extension]);
            }
        }
        let mut cut = Talk::start(&hub, &province);
        for _ in 0..deliveries {
            cut.step();
        }
        drop(cut);
        lose_cursors(&hub, &province);
        sync(&hub, &province);
        union.extend([&hub, &province].map(|device| (device.store.own_log().unwrap(), 1)));
        for device in [&hub, &province] {
            let held: BTreeMap<_, _> = held(device, &Scope::All).into_iter().map(|(log, (n, _))| (log, n)).collect();
            prop_assert_eq!(&held, &union);
        }
    }

    /// Whenever it is asked for, a kept sketch is that of the logs in its scope.
    #[test]
    fn kept_sketches_are_those_of_the_logs(
        acts in proptest::collection::vec((0..8u32, communes(), 0..5u16, any::<bool>()), 0..30)
    ) {
        let hub = Device::new(2, Role::Hub);
        let scopes = [Scope::All, Scope::Communes(vec![CommuneCode(HERE)]),
            Scope::Communes(vec![CommuneCode(HERE), CommuneCode(THERE)])];
        for (n, communes, lessons, look) in acts {
            // The same device with other communes is another log, which forks the one held.
            let results = ingest(&hub, vec![log(n, &communes, lessons)]);
            let parted = matches!(results[..], [Ok(_) | Err(Rejection::Forked { .. })]);
            prop_assert!(parted, "{:?}", results);
            for scope in scopes.iter().filter(|_| look) {
                prop_assert_eq!(kept(&hub, scope), from_nothing(&hub, scope));
            }
        }
    }
}
