//! Sessions that are cut at half, and what is staged of a log until its signature comes.

use super::tests::{Device, TODAY, Talk, extension, ingest, sync};
use super::*;
use crate::entry::{Entry, LessonDone};
use crate::id::{LessonRef, Score, Slot};
use crate::wire::frame::{Offer, Role};

/// A hub with some logs, and a province that was cut off after about half of the bytes.
fn half_told(logs: u8, lessons: u16) -> (Device, Device, usize) {
    let fresh = || {
        let (hub, province) = (Device::new(2, Role::Hub), Device::new(4, Role::Province));
        ingest(&hub, (10..10 + logs).map(|n| extension(n, lessons)).collect());
        (hub, province)
    };
    let (hub, province) = fresh();
    let whole: usize = sync(&hub, &province).iter().sum();
    let (hub, province) = fresh();
    let mut talk = Talk::start(&hub, &province);
    while talk.delivered < whole / 2 {
        talk.step();
    }
    (hub, province, whole)
}

#[test]
fn a_session_cut_at_half_resumes_there() {
    // Many logs, and one that has a single signature at its end.
    for (logs, lessons) in [(200, 42), (1, 30_000)] {
        let (hub, province, whole) = half_told(logs, lessons);
        let rest: usize = sync(&hub, &province).iter().sum();
        assert_eq!(hub.totals(), province.totals());
        assert!(rest * 100 <= whole * 55, "{rest} of {whole} bytes again, of {logs} logs");
        assert_eq!(province.one(Request::Forks), Response::Forks(Vec::new()));
    }
}

#[test]
fn what_was_staged_and_is_not_signed_is_asked_for_anew() {
    let (hub, province, _) = half_told(1, 8_000);
    let log = extension(10, 0).log;
    let peer = hub.store.device();
    let missing = |from| {
        let query = Query::Missing { peer: from, offers: vec![Offer { log, length: 8_001, chain: [0; 8] }] };
        match province.one(Request::Session(query)) {
            Response::Session(Answer::Missing(missing)) => missing[0],
            other => panic!("{other:?}"),
        }
    };
    let reached = missing(peer).unwrap();
    assert!(reached > 3_000, "{reached} entries are staged");
    assert_eq!(missing(DeviceId([7; 32])), Some(0), "who brought nothing is asked for everything");
    // The peer brought lies: they are well-formed, and the signature does not cover them.
    let mut payloads = Vec::new();
    let lie = LessonDone { slot: Slot(0), lesson: LessonRef { course: 9, lesson: 9 }, score: Score::MAX, day: TODAY };
    Entry::LessonDone(lie).encode(TODAY, &mut payloads);
    let stage = Query::Stage { peer, log, from: reached, count: 1, payloads };
    assert_eq!(province.one(Request::Session(stage)), Response::Session(Answer::Staged));
    assert_eq!(missing(peer), Some(reached + 1));
    sync(&hub, &province);
    assert_eq!(hub.totals(), province.totals());
}

#[test]
fn a_withdrawal_drops_what_is_staged() {
    let (hub, province, _) = half_told(1, 8_000);
    let offers = vec![Offer { log: extension(10, 0).log, length: 8_001, chain: [0; 8] }];
    let query = Query::Missing { peer: hub.store.device(), offers };
    let missing = || province.one(Request::Session(query.clone()));
    assert_ne!(missing(), Response::Session(Answer::Missing(vec![Some(0)])));
    let withdraw = Request::WithdrawFor { learner: LearnerId([77; 16]), day: TODAY };
    assert_eq!(province.one(withdraw), Response::Done);
    assert_eq!(missing(), Response::Session(Answer::Missing(vec![Some(0)])));
}
