//! Who may do what, and what becomes of it: credentials, scopes, withdrawals, revocations.

mod facts;
mod revoked;
mod rights;
mod withdrawn;

use std::collections::BTreeMap;

use redb::backends::InMemoryBackend;

use super::tests::{Device, NOW, TODAY, Talk, extension, ingest, province, province_key, sync, sync_all};
use super::*;
use crate::authority::{Area, Chain, Credential, Cut, Rank, Revocations, Revoked, Rights, Terms};
use crate::entry::Entry;
use crate::log::{Tail, WalkError, Walker};
use crate::session::{Extension, Notice, Rejection};
use crate::wire::codec::Reader;
use crate::wire::frame::{OFFERS_MAX, Offer, RefuseReason, Role, Scope};

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
