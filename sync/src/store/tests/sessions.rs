//! What goes over a session, whole and cut: records, receipts, news, as many bytes as they may take.

use super::*;
use crate::wire::frame::{Frame, split_frame};

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
    Talk::start(&hub, &province).finish();
    let expected = hub.totals();
    cut_everywhere(fresh, |hub, province, cut| {
        sync(hub, province);
        assert_eq!(province.totals(), expected, "{cut}");
    });
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
