//! Who may do what, and what becomes of it: credentials, scopes, withdrawals, revocations.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use redb::backends::InMemoryBackend;

use super::disk::Disk;
use super::tests::{Device, NOW, TODAY, Talk, extension, ingest, province, province_key, sync, sync_all};
use super::*;
use crate::authority::{
    Area, Chain, Credential, Cut, Rank, Revocations, Revoked, Rights, Statement, Terms, Withdrawal,
};
use crate::entry::{Attested, Entry, ErasedDeclaration, Joined};
use crate::id::{LearnerKey, Slot};
use crate::log::{Tail, WalkError, Walker};
use crate::session::{Config, Event, Extension, Notice, Output, Rejection, Session};
use crate::wire::codec::Reader;
use crate::wire::frame::{Changes, Frame, Hello, OFFERS_MAX, Offer, Presented, RefuseReason, Role, Scope};

const LONG_XUYEN: u32 = 30_307;
const ELSEWHERE: u32 = 30_313;

fn learner_of(phone: &Device) -> LearnerId {
    phone.own().id
}

fn attest(hub: &Device, learner: LearnerId, course: u16) -> Response {
    hub.one(Request::Attest { learner, course, day: TODAY, key: [hub.n; 16], now: NOW })
}

fn confirmed(device: &Device) -> u64 {
    match device.one(Request::Totals) {
        Response::Totals(totals) => totals.iter().map(|total| total.confirmed).sum(),
        other => panic!("{other:?}"),
    }
}

fn learners(device: &Device) -> usize {
    match device.one(Request::Learners) {
        Response::Learners(learners) => learners.len(),
        other => panic!("{other:?}"),
    }
}

/// A phone with one learner of a commune, and a lesson.
fn phone(n: u8, commune: u32) -> Device {
    let phone = Device::new(n, Role::Phone);
    phone.keep(2, 1, 100);
    phone.consent(commune);
    phone
}

/// A log of hand-made entries.
fn signed(n: u8, incarnation: u32, entries: &[Entry]) -> Extension {
    let secret = SigningKey::from_bytes(&[n; 32]);
    let log = LogId { device: device_of(&secret), incarnation };
    let mut payloads = Vec::new();
    for entry in entries {
        entry.encode(TODAY, &mut payloads);
    }
    let mut walker = Walker::new(Tail::start(&log), 0);
    let mut reader = Reader::new(&payloads);
    while !reader.is_empty() {
        walker.step::<WalkError>(&mut reader, &mut |_| Ok(None)).unwrap();
    }
    let signature = walker.tail().sign(&log, &secret);
    Extension { log, from: 0, count: entries.len() as u64, payloads, signature }
}

/// The log that a device holds of itself, as a cut to its length.
fn head(holder: &Device, log: &LogId) -> Cut {
    let view = crate::session::View::Device(log.device);
    let query = Query::Changes { view, since: 0, receipts: false, most: OFFERS_MAX };
    let Response::Session(Answer::Changes { offers, .. }) = holder.one(Request::Session(query)) else { panic!() };
    let length = offers.iter().find(|offer| offer.log == *log).expect("the log is held").length;
    let wanted = vec![crate::session::SpanWanted { offer: 0, log: *log, from: 0 }];
    let query = Query::Read { wanted, budget: usize::MAX };
    let Response::Session(Answer::Read(spans)) = holder.one(Request::Session(query)) else { panic!() };
    let mut walker = Walker::new(Tail::start(log), 0);
    let mut reader = Reader::new(&spans[0].payloads);
    while !reader.is_empty() {
        walker.step::<WalkError>(&mut reader, &mut |_| Ok(None)).unwrap();
    }
    assert_eq!(walker.tail().length, length);
    Cut { incarnation: log.incarnation, length, chain: walker.tail().chain }
}

fn revoke(at: &Device, epoch: u64, revoked: Vec<Revoked>) -> Answer {
    let mut revocations = Vec::new();
    Revocations::sign(&province(), epoch, revoked).unwrap().encode(&mut revocations);
    match at.one(Request::Session(Query::Revoke { revocations, now: NOW })) {
        Response::Session(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn refused(talk: &Talk<'_>, reason: RefuseReason) -> bool {
    talk.notices.iter().any(|notice| matches!(notice, Notice::Refused { reason: found, .. } if *found == reason))
}

#[test]
fn an_attestation_counts_wherever_it_arrives_and_only_with_the_right() {
    let (phone, hub) = (phone(1, LONG_XUYEN), Device::hub_of(2, &[LONG_XUYEN]));
    let other = Device::hub_of(3, &[ELSEWHERE]);
    let (far, province) = (Device::new(5, Role::Hub), Device::new(4, Role::Province));
    sync(&phone, &hub);
    sync(&phone, &other);
    assert!(matches!(attest(&other, learner_of(&phone), 2), Response::Failed(why) if why.contains("credential")));
    assert_eq!(attest(&hub, learner_of(&phone), 2), Response::Done);
    assert_eq!(confirmed(&hub), 1);
    // The attestation arrives before the learner's own log does, and counts when that comes too.
    sync(&hub, &far);
    sync(&far, &province);
    assert_eq!((confirmed(&far), confirmed(&province)), (1, 1));

    let joined =
        Joined { learner: learner_of(&phone), key: LearnerKey([9; 16]), commune: CommuneCode(LONG_XUYEN), day: TODAY };
    let attested = Entry::Attested(Attested { slot: Slot(0), course: 3, day: TODAY });
    let fresh = Device::new(6, Role::Hub);
    sync(&phone, &fresh);
    let uncredentialed = signed(77, 0, &[Entry::Introduced(joined), attested]);
    assert!(ingest(&fresh, vec![uncredentialed])[0].is_ok());
    assert_eq!(confirmed(&fresh), 0);
}

#[test]
fn nothing_of_one_commune_reaches_the_hub_of_another() {
    let (here, there) = (phone(1, LONG_XUYEN), phone(2, ELSEWHERE));
    let both = phone(3, LONG_XUYEN);
    let second = LearnerId([33; 16]);
    let gatherer = Device::new(4, Role::Hub);
    for phone in [&here, &there] {
        sync(phone, &gatherer);
    }
    both.consent(ELSEWHERE);
    sync(&both, &gatherer);
    assert_ne!(learner_of(&both), second);
    let hub = Device::hub_of(5, &[LONG_XUYEN]);
    let talk = sync_all(&hub, &gatherer);
    assert_eq!(hub.totals(), BTreeMap::from([(LONG_XUYEN, (1, 1))]), "{:?}", talk.notices);
    // A log that a greedy peer brings all the same is not taken.
    let foreign = extension(90, 1);
    let query =
        Query::Ingest { peer: gatherer.store.device(), scope: hub.scope.clone(), extensions: vec![foreign], now: NOW };
    let Response::Session(Answer::Ingest(results)) = hub.one(Request::Session(query)) else { panic!() };
    assert!(matches!(results[..], [Err(Rejection::OutOfScope { .. })]), "{results:?}");
}

#[test]
fn who_asks_for_more_than_a_credential_covers_is_refused() {
    let gatherer = Device::new(4, Role::Hub);
    sync(&phone(1, LONG_XUYEN), &gatherer);
    let mut greedy = Device::hub_of(5, &[LONG_XUYEN]);
    greedy.scope = Scope::All;
    let talk = sync_all(&greedy, &gatherer);
    assert!(refused(&talk, RefuseReason::Scope), "{:?}", talk.notices);
    assert!(greedy.totals().is_empty());

    let seed = Seed { secret: [6; 32], store: [6; 16] };
    let stranger =
        |role| Device { store: Store::open(InMemoryBackend::new(), &seed).unwrap(), role, scope: Scope::All, n: 6 };
    for role in [Role::Phone, Role::Hub, Role::Province] {
        let stranger = stranger(role);
        let talk = sync_all(&stranger, &gatherer);
        let said = |why: &str| why.contains("asks for communes, and it shows no credential");
        let untrusted = |notice: &Notice| matches!(notice, Notice::Untrusted(why) if said(why));
        assert!(talk.notices.iter().any(untrusted), "{role:?}: {:?}", talk.notices);
        assert!(stranger.totals().is_empty());
    }
    let old = stranger(Role::Hub);
    let terms = Terms {
        rank: Rank::Team,
        team: 0,
        area: Area::Everywhere,
        rights: Rights::COLLECT,
        from: Day(0),
        until: Day(TODAY.0 - 1),
    };
    let mut chain = Vec::new();
    Chain(vec![Credential::issue(&province(), old.store.device(), terms)]).encode(&mut chain);
    assert_eq!(old.one(Request::Enrol { chain, now: NOW }), Response::Done);
    let talk = sync_all(&old, &gatherer);
    assert!(refused(&talk, RefuseReason::Credential), "{:?}", talk.notices);
    assert!(old.totals().is_empty());
}

/// Plays a peer that speaks the protocol by hand.
fn play(at: &Device, frames: &[Frame]) -> Vec<Notice> {
    let scripted = Device::new(99, Role::Phone);
    let mut talk = Talk::start(&scripted, at);
    talk.wires[0].clear();
    for frame in frames {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        talk.event(1, Event::Received(&bytes));
    }
    std::mem::take(&mut talk.notices)
}

fn hello(credential: Presented, epoch: Option<u64>) -> Frame {
    Frame::Hello(Hello {
        store: StoreId([9; 16]),
        role: Role::Hub,
        wants_receipts: false,
        scope: Scope::Own,
        cursor: None,
        credential,
        epoch,
        holds: None,
    })
}

#[test]
fn only_who_may_collect_brings_the_logs_of_others() {
    let hub = Device::new(4, Role::Hub);
    let offer = Offer { log: extension(10, 1).log, length: 2, chain: [0; 8] };
    let changes = Changes { upto: 1, offers: vec![offer], receipts: Vec::new() };
    let notices = play(&hub, &[hello(Presented::Nothing, None), Frame::Changes(changes)]);
    assert!(matches!(&notices[..], [.., Notice::Untrusted(why)] if why.contains("not its own")), "{notices:?}");
}

#[test]
fn a_newer_revocation_list_is_not_withheld() {
    let hub = Device::new(4, Role::Hub);
    let changes = Changes { upto: 1, offers: Vec::new(), receipts: Vec::new() };
    let notices = play(&hub, &[hello(Presented::Nothing, Some(8)), Frame::Changes(changes)]);
    assert!(matches!(&notices[..], [.., Notice::Untrusted(why)] if why.contains("newer revocation")), "{notices:?}");
    // A list that the province did not sign is none.
    let mut forged = Vec::new();
    Revocations::sign(&SigningKey::from_bytes(&[66; 32]), 8, Vec::new()).unwrap().encode(&mut forged);
    let notices = play(&hub, &[hello(Presented::Nothing, Some(8)), Frame::Revocations(forged)]);
    assert!(matches!(&notices[..], [.., Notice::Untrusted(why)] if why.contains("not signed")), "{notices:?}");
}

#[test]
fn a_confirmation_says_what_was_attested_and_is_signed_by_who_may() {
    let (phone, hub) = (Device::new(1, Role::Phone), Device::hub_of(2, &[30_307]));
    phone.keep(2, 1, 100);
    phone.consent(30_307);
    sync(&phone, &hub);
    let learner = phone.own().id;
    // Says what it was shown: ten for a lesson, one for a course.
    let judge = Judge(|done, attested| (done.len() * 10 + attested.len()) as u32);
    let confirm = |device: &Device, learner| {
        device.one(Request::Confirm { learner, holder: "Bà Sáu".to_owned(), judge, day: TODAY })
    };
    let refused = |response, why: &str| {
        let Response::Failed(said) = response else { panic!("{response:?}") };
        assert!(said.contains(why), "{said}");
    };
    refused(confirm(&hub, learner), "nobody has attested this learner yet");
    refused(confirm(&hub, LearnerId([9; 16])), "no such learner");
    assert_eq!(hub.one(Request::Attest { learner, course: 2, day: TODAY, key: [7; 16], now: NOW }), Response::Done);
    let Response::Confirmation(bytes) = confirm(&hub, learner) else { panic!() };
    let statement = Statement::decode(&bytes).unwrap();
    statement.verify(Some(&province_key()), None, TODAY).unwrap();
    let confirmed = statement.confirmed().unwrap();
    assert_eq!(
        (confirmed.learner, confirmed.commune, &confirmed.courses[..], confirmed.criteria),
        (learner, CommuneCode(30_307), &[2][..], 11)
    );
    // A hub of another commune holds nothing of the learner; a phone has no right.
    refused(confirm(&Device::hub_of(3, &[30_292]), learner), "no such learner");
    refused(confirm(&phone, learner), "nobody has attested");
}

#[test]
fn a_revoked_hub_is_cut_off_where_the_province_says_and_its_honest_records_stay() {
    let phones = [phone(1, LONG_XUYEN), phone(2, LONG_XUYEN)];
    let (rogue, hub) = (Device::new(5, Role::Hub), Device::new(6, Role::Hub));
    let province = Device::new(4, Role::Province);
    for phone in &phones {
        sync(phone, &rogue);
    }
    attest(&rogue, learner_of(&phones[0]), 2);
    sync(&rogue, &province);
    let cut = head(&province, &rogue.store.own_log().unwrap());
    attest(&rogue, learner_of(&phones[1]), 2);
    sync(&rogue, &hub);
    assert_eq!((confirmed(&province), confirmed(&hub)), (1, 2));
    let log = rogue.store.own_log().unwrap();
    let wanted = vec![crate::session::SpanWanted { offer: 0, log, from: 0 }];
    let query = Query::Read { wanted, budget: usize::MAX };
    let Response::Session(Answer::Read(spans)) = rogue.one(Request::Session(query)) else { panic!() };
    let crate::session::Span { count, payloads, signature, .. } = spans[0].clone();
    let whole = Extension { log, from: 0, count, payloads, signature: signature.unwrap() };

    let revoked = vec![Revoked { device: rogue.store.device(), cuts: vec![cut] }];
    assert!(matches!(revoke(&province, 1, revoked.clone()), Answer::Standing(_)));
    let talk = sync_all(&rogue, &province);
    assert!(talk.notices.iter().any(|notice| matches!(notice, Notice::Untrusted(why) if why.contains("revoked"))));
    assert_eq!(confirmed(&province), 1);
    // The hub learns of it before any record, and drops what came after the cut.
    sync(&hub, &province);
    assert_eq!((confirmed(&province), confirmed(&hub)), (1, 1));
    assert_eq!(hub.totals(), province.totals());
    // What was cut is not taken from anybody again, and what stays travels on without the device.
    assert!(matches!(ingest(&hub, vec![whole.clone()])[..], [Err(Rejection::Revoked { .. })]));
    assert!(matches!(ingest(&province, vec![whole])[..], [Err(Rejection::Revoked { .. })]));
    assert_eq!((confirmed(&province), confirmed(&hub)), (1, 1));
    let fresh = Device::new(7, Role::Hub);
    sync(&fresh, &hub);
    assert_eq!((confirmed(&fresh), fresh.totals()), (1, hub.totals()));

    assert!(matches!(revoke(&province, 1, Vec::new()), Answer::NotRevoked(_)));
    assert!(matches!(revoke(&province, 2, Vec::new()), Answer::NotRevoked(_)));
    assert!(matches!(revoke(&province, 2, revoked), Answer::Standing(_)));
}

#[test]
fn nothing_counts_under_a_chain_whose_issuer_was_revoked() {
    let learner = phone(1, LONG_XUYEN);
    let team = SigningKey::from_bytes(&[150; 32]);
    let seed = Seed { secret: [8; 32], store: [8; 16] };
    let hub =
        Device { store: Store::open(InMemoryBackend::new(), &seed).unwrap(), role: Role::Hub, scope: Scope::All, n: 8 };
    let terms =
        |rank| Terms { rank, team: 7, area: Area::Everywhere, rights: Rights::ALL, from: Day(0), until: Day(60_000) };
    let mut chain = Vec::new();
    let links = vec![
        Credential::issue(&province(), device_of(&team), terms(Rank::Team)),
        Credential::issue(&team, hub.store.device(), terms(Rank::Device)),
    ];
    Chain(links).encode(&mut chain);
    assert_eq!(hub.one(Request::Enrol { chain, now: NOW }), Response::Done);
    let province = Device::new(4, Role::Province);
    sync(&learner, &hub);
    attest(&hub, learner_of(&learner), 2);
    sync(&hub, &province);
    assert_eq!(confirmed(&province), 1);
    revoke(&province, 1, vec![Revoked { device: device_of(&team), cuts: Vec::new() }]);
    assert_eq!(confirmed(&province), 0);
    let talk = sync_all(&hub, &province);
    assert!(talk.notices.iter().any(|notice| matches!(notice, Notice::Untrusted(why) if why.contains("revoked"))));
    // With a cut of its own the hub's earlier records count again.
    let cut = head(&province, &hub.store.own_log().unwrap());
    let mut revoked = vec![Revoked { device: device_of(&team), cuts: Vec::new() }];
    revoked.push(Revoked { device: hub.store.device(), cuts: vec![cut] });
    revoke(&province, 2, revoked);
    assert_eq!(confirmed(&province), 1);
}

#[test]
fn a_withdrawal_erases_everywhere_and_the_logs_still_hold() {
    let (mut phone, neighbour) = (phone(1, LONG_XUYEN), phone(2, LONG_XUYEN));
    let (hub, away) = (Device::new(5, Role::Hub), Device::new(6, Role::Hub));
    let province = Device::new(4, Role::Province);
    for phone in [&phone, &neighbour] {
        sync(phone, &hub);
    }
    attest(&hub, learner_of(&phone), 2);
    sync(&hub, &away);
    sync(&away, &province);
    let learner = learner_of(&phone);
    assert_eq!((province.totals(), confirmed(&province)), (BTreeMap::from([(LONG_XUYEN, (2, 2))]), 1));

    assert_eq!(phone.one(Request::WithdrawOwn { learner }), Response::Done);
    assert_eq!(phone.one(Request::Own), Response::Own(Vec::new()));
    sync(&phone, &hub);
    sync(&hub, &province);
    for device in [&hub, &province] {
        assert_eq!((device.totals(), confirmed(device)), (BTreeMap::from([(LONG_XUYEN, (1, 1))]), 0));
        assert_eq!(learners(device), 1);
    }
    // Who was away meanwhile, and offers what it had, is told, and resurrects nothing.
    sync(&away, &hub);
    assert_eq!((away.totals(), confirmed(&away)), (hub.totals(), 0));
    assert_eq!(hub.totals(), province.totals());
    // Who was never told gets the reason before the digests, and the chain holds.
    let fresh = Device::new(7, Role::Hub);
    let talk = sync_all(&fresh, &away);
    assert_eq!(fresh.totals(), hub.totals(), "{:?}", talk.notices);
    // The phone learns on, as somebody new.
    phone.n = 101;
    phone.keep(2, 2, 100);
    phone.consent(LONG_XUYEN);
    assert_ne!(learner_of(&phone), learner);
}

#[test]
fn no_byte_of_who_withdrew_is_left_in_any_file() {
    let on_disk = |n: u8, role| {
        let disk = Disk::holding(Vec::new());
        let store = Store::open(disk.open(), &Seed { secret: [n; 32], store: [n; 16] }).unwrap();
        let scope = if role == Role::Phone { Scope::Own } else { Scope::All };
        let device = Device { store, role, scope, n };
        let request = match role {
            Role::Phone => Request::Pin { province: super::tests::province_key() },
            _ => device.enrolment(Rank::Team, Area::Everywhere),
        };
        assert_eq!(device.one(request), Response::Done);
        (device, disk)
    };
    let (phone, phone_disk) = on_disk(1, Role::Phone);
    let (hub, hub_disk) = on_disk(2, Role::Hub);
    let neighbours: Vec<Extension> = (40..90).map(|n| extension(n, 30)).collect();
    ingest(&hub, neighbours);
    for lesson in 1..30 {
        phone.keep(3, lesson, 77);
    }
    phone.consent(LONG_XUYEN);
    sync(&phone, &hub);
    let learner = learner_of(&phone);
    attest(&hub, learner, 3);
    // The learner's key, of which no part is repeated elsewhere; a payload and the beginning of the next.
    let secrets: [&[u8]; 2] = [&[1 ^ 0xff; 16], &[0x20, 3, 7, 77, 0, 0x20]];
    let holds = |disk: &Disk, secret: &[u8]| disk.bytes().windows(secret.len()).any(|window| window == secret);
    assert!(secrets.iter().all(|secret| holds(&hub_disk, secret) && holds(&phone_disk, secret)));
    phone.one(Request::WithdrawOwn { learner });
    sync(&phone, &hub);
    for disk in [&phone_disk, &hub_disk] {
        for secret in secrets {
            assert!(!holds(disk, secret), "{secret:?}");
        }
    }
    assert_eq!(hub.totals().len(), 51);
    assert_eq!(hub.totals()[&LONG_XUYEN], (0, 0));
}

#[test]
fn a_team_withdraws_in_its_communes_and_an_offline_phone_does_not_undo_it() {
    let phone = phone(1, LONG_XUYEN);
    let (hub, other) = (Device::hub_of(5, &[LONG_XUYEN]), Device::hub_of(6, &[ELSEWHERE]));
    let province = Device::new(4, Role::Province);
    sync(&phone, &hub);
    sync(&phone, &province);
    let learner = learner_of(&phone);
    // The other team's withdrawal has no force here.
    assert_eq!(other.one(Request::WithdrawFor { learner, day: TODAY }), Response::Done);
    sync(&other, &province);
    assert_eq!(province.totals(), BTreeMap::from([(LONG_XUYEN, (1, 1))]));
    assert_eq!(hub.one(Request::WithdrawFor { learner, day: TODAY }), Response::Done);
    sync(&hub, &province);
    assert_eq!(province.totals(), BTreeMap::from([(LONG_XUYEN, (0, 0))]));
    // The phone did more meanwhile.
    phone.keep(2, 5, 100);
    sync(&phone, &hub);
    sync(&phone, &province);
    assert_eq!(phone.one(Request::Own), Response::Own(Vec::new()));
    for device in [&hub, &province] {
        assert_eq!(device.totals(), BTreeMap::from([(LONG_XUYEN, (0, 0))]));
        assert_eq!(learners(device), 0);
    }
    let own = phone.store.own_log().unwrap();
    assert_eq!(head(&phone, &own), head(&province, &own));
}

#[test]
fn a_phone_hears_of_a_withdrawal_that_came_before_its_log_wherever_it_was_cut_off() {
    for cut in 0..12 {
        let phone = phone(1, LONG_XUYEN);
        let (first, second) = (Device::new(5, Role::Hub), Device::new(6, Role::Hub));
        sync(&phone, &first);
        let learner = learner_of(&phone);
        assert_eq!(first.one(Request::WithdrawFor { learner, day: TODAY }), Response::Done);
        // Only the withdrawal reaches the second hub: the log that it erased stays behind.
        let mut withdrawal = Vec::new();
        let chain = Chain::decode(&standing(&first).chain).unwrap();
        Withdrawal::sign(&SigningKey::from_bytes(&[5; 32]), learner, TODAY, chain).encode(&mut withdrawal);
        second.one(Request::Session(Query::Withdraw { withdrawals: vec![withdrawal], now: NOW }));
        let mut talk = Talk::start(&phone, &second);
        for _ in 0..cut {
            talk.step();
        }
        drop(talk);
        sync(&phone, &second);
        assert_eq!(phone.one(Request::Own), Response::Own(Vec::new()), "cut after {cut} deliveries");
        assert_eq!(learners(&second), 0);
    }
}

fn standing(device: &Device) -> crate::session::Standing {
    match device.one(Request::Session(Query::Standing)) {
        Response::Session(Answer::Standing(standing)) => standing,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nobody_is_erased_who_has_not_withdrawn() {
    let hub = Device::new(5, Role::Hub);
    let honest = extension(10, 0);
    let declared = ErasedDeclaration { learner: LearnerId([10; 16]), commune: CommuneCode(30_010), inner: [1; 32] };
    let erased = signed(10, 0, &[Entry::ErasedDeclaration(declared)]);
    assert!(matches!(ingest(&hub, vec![erased])[..], [Err(Rejection::NotWithdrawn { .. })]));
    assert!(ingest(&hub, vec![honest])[0].is_ok());
    assert_eq!(learners(&hub), 1);
}

/// What can happen among three phones, two hubs and the province.
#[derive(Debug, Clone)]
enum Act {
    Keep { phone: usize, lesson: u16 },
    Consent { phone: usize },
    WithdrawOwn { phone: usize },
    WithdrawFor { phone: usize },
    Attest { hub: usize, phone: usize, course: u16 },
    Revoke { told: usize },
    Sync { first: usize, second: usize, deliveries: usize },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (0..3usize, 0..6u16).prop_map(|(phone, lesson)| Act::Keep { phone, lesson }),
        3 => (0..3usize).prop_map(|phone| Act::Consent { phone }),
        1 => (0..3usize).prop_map(|phone| Act::WithdrawOwn { phone }),
        1 => (0..3usize).prop_map(|phone| Act::WithdrawFor { phone }),
        3 => (3..5usize, 0..3usize, 1..4u16).prop_map(|(hub, phone, course)| Act::Attest { hub, phone, course }),
        1 => (4..6usize).prop_map(|told| Act::Revoke { told }),
        8 => (0..6usize, 3..6usize, 0..40usize)
            .prop_map(|(first, second, deliveries)| Act::Sync { first, second, deliveries }),
    ];
    proptest::collection::vec(act, 0..60)
}

/// Everything that was said, as plain sets. Learners are named by their ids.
#[derive(Debug, Default)]
struct Model {
    /// Lessons of each learner who agreed.
    lessons: BTreeMap<[u8; 16], BTreeSet<u16>>,
    withdrawn: BTreeSet<[u8; 16]>,
    /// Who was attested by the hub that is never revoked, and by the other with the place in its log.
    attested: BTreeSet<[u8; 16]>,
    attested_by_rogue: Vec<(u64, [u8; 16])>,
    /// The first hub's cut, once it is revoked.
    cut: Option<Revoked>,
}

impl Model {
    fn counts(&self) -> (u64, u64, u64) {
        let cut = self.cut.as_ref().map_or(u64::MAX, |revoked| revoked.cuts.first().map_or(0, |cut| cut.length));
        let by_rogue = self.attested_by_rogue.iter().filter(|(index, _)| *index < cut).map(|(_, learner)| *learner);
        let attested: BTreeSet<[u8; 16]> = self.attested.iter().copied().chain(by_rogue).collect();
        let here = self.lessons.iter().filter(|(learner, _)| !self.withdrawn.contains(*learner));
        here.fold((0, 0, 0), |(learners, lessons, confirmed), (learner, done)| {
            (learners + 1, lessons + done.len() as u64, confirmed + u64::from(attested.contains(learner)))
        })
    }
}

fn counts(device: &Device) -> (u64, u64, u64) {
    let Response::Totals(totals) = device.one(Request::Totals) else { panic!() };
    totals.iter().fold((0, 0, 0), |(learners, lessons, confirmed), total| {
        (learners + total.learners, lessons + total.lessons, confirmed + total.confirmed)
    })
}

struct Scene {
    /// Phones 0 to 2, hubs 3 and 4, the province; hub 3 is revoked some day.
    devices: Vec<Device>,
    /// How many learners each phone has had.
    turns: [u8; 3],
    model: Model,
}

impl Scene {
    fn new() -> Self {
        let role = |n: u8| match n {
            0..3 => Role::Phone,
            5 => Role::Province,
            _ => Role::Hub,
        };
        let devices = (0..6).map(|n| Device::new(n + 1, role(n))).collect();
        Self { devices, turns: [0; 3], model: Model::default() }
    }

    fn own(&self, phone: usize) -> Option<OwnLearner> {
        match self.devices[phone].one(Request::Own) {
            Response::Own(learners) => learners.into_iter().next(),
            other => panic!("{other:?}"),
        }
    }

    /// Whoever learns on a phone after a withdrawal is somebody new.
    fn someone_new(&mut self, phone: usize) {
        if self.own(phone).is_none() {
            self.turns[phone] += 1;
            self.devices[phone].n = phone as u8 + 10 * self.turns[phone];
        }
    }

    /// The phone's learner, as far as others may know.
    fn say(&mut self, phone: usize) {
        if let Some(own) = self.own(phone).filter(|own| own.commune.is_some()) {
            let lessons = own.done.iter().map(|done| done.done.lesson.lesson);
            self.model.lessons.entry(own.id.0).or_default().extend(lessons);
        }
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Keep { phone, lesson } => {
                self.someone_new(phone);
                self.devices[phone].keep(1, lesson, 100);
                self.say(phone);
            }
            Act::Consent { phone } => {
                self.someone_new(phone);
                self.devices[phone].consent(LONG_XUYEN);
                self.say(phone);
            }
            Act::WithdrawOwn { phone } => {
                if let Some(own) = self.own(phone) {
                    assert_eq!(self.devices[phone].one(Request::WithdrawOwn { learner: own.id }), Response::Done);
                    self.model.withdrawn.insert(own.id.0);
                }
            }
            // By the hub that is never revoked: nobody listens to the other any more.
            Act::WithdrawFor { phone } => {
                if let Some(own) = self.own(phone)
                    && self.devices[4].one(Request::WithdrawFor { learner: own.id, day: TODAY }) == Response::Done
                {
                    self.model.withdrawn.insert(own.id.0);
                }
            }
            Act::Attest { hub, phone, course } => {
                let Some(own) = self.own(phone) else { return };
                if attest(&self.devices[hub], own.id, course) == Response::Done {
                    match hub {
                        3 => {
                            let length = head(&self.devices[3], &self.devices[3].store.own_log().unwrap()).length;
                            self.model.attested_by_rogue.push((length - 1, own.id.0));
                        }
                        _ => drop(self.model.attested.insert(own.id.0)),
                    }
                }
            }
            Act::Revoke { told } => {
                let (device, log) = (self.devices[3].store.device(), self.devices[3].store.own_log().unwrap());
                let offers = vec![Offer { log, length: 1, chain: [0; 8] }];
                let held = self.devices[5].one(Request::Session(Query::Missing { peer: device, offers }));
                let held = !matches!(held, Response::Session(Answer::Missing(missing)) if missing == [Some(0)]);
                let cuts = if held { vec![head(&self.devices[5], &log)] } else { Vec::new() };
                let revoked = self.model.cut.get_or_insert(Revoked { device, cuts }).clone();
                revoke(&self.devices[told], 1, vec![revoked]);
            }
            Act::Sync { first, second, deliveries } if first != second => {
                let mut talk = Talk::start(&self.devices[first], &self.devices[second]);
                for _ in 0..deliveries {
                    talk.step();
                }
            }
            Act::Sync { .. } => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Convergence, idempotence, order, no resurrection, and nothing of a revoked device after its cut.
    #[test]
    fn what_is_counted_is_what_a_set_of_facts_says(acts in acts()) {
        let mut scene = Scene::new();
        for act in &acts {
            scene.act(act);
        }
        let [.., rogue, hub, province] = &scene.devices[..] else { panic!() };
        for _ in 0..3 {
            for phone in &scene.devices[..3] {
                sync(phone, hub);
            }
            sync(rogue, hub);
            sync(hub, province);
        }
        // A learner who was withdrawn before anybody had heard of them was never counted either.
        prop_assert_eq!(counts(hub), scene.model.counts());
        prop_assert_eq!(counts(province), scene.model.counts());
        let position = province.store.position().unwrap();
        sync(hub, province);
        prop_assert_eq!(province.store.position().unwrap(), position, "a repetition changed something");
    }
}

#[test]
fn however_many_empty_changes_come_they_take_no_room_and_end_nothing() {
    let hub = Device::new(4, Role::Hub);
    let peer = extension(10, 1).log.device;
    let config = Config { device: hub.store.device(), peer, role: Role::Hub, scope: Scope::All, upstream: false };
    let mut session = Session::new(config);
    let mut bytes = Vec::new();
    hello(Presented::Nothing, None).encode(&mut bytes);
    let changes = |upto, offers| Frame::Changes(Changes { upto, offers, receipts: Vec::new() });
    changes(70, vec![Offer { log: extension(10, 1).log, length: 2, chain: [0; 8] }]).encode(&mut bytes);
    for upto in 71..271 {
        changes(upto, Vec::new()).encode(&mut bytes);
    }
    let mut outputs = VecDeque::from(session.handle(Event::Opened, NOW));
    outputs.extend(session.handle(Event::Received(&bytes), NOW));
    // The store is slow: of all that it is asked it has answered only the first.
    while let Some(output) = outputs.pop_front() {
        assert!(!matches!(output, Output::Notice(Notice::Broken(_)) | Output::Close), "{output:?}");
        if let Output::Ask(query @ Query::Begin { .. }) = output {
            let Response::Session(answer) = hub.one(Request::Session(query)) else { panic!() };
            outputs.extend(session.handle(Event::Answer(answer), NOW));
        }
    }
}
