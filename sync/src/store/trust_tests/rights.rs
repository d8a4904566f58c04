//! What a credential lets its holder do, and what is refused without it.

use std::collections::VecDeque;

use super::*;
use crate::authority::Statement;
use crate::entry::{Attested, Joined};
use crate::id::{LearnerKey, Slot};
use crate::session::{Config, Event, Output, Session};
use crate::wire::frame::{Changes, Frame, Hello, Presented};

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
