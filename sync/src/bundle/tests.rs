//! Bundles between real stores.

use std::collections::BTreeMap;

use redb::backends::InMemoryBackend;

use super::*;
use crate::authority::{Area, Chain, Credential, Cut, Rank, RevocationError, Revocations, Revoked, Rights, Terms};
use crate::id::{CommuneCode, Day, LearnerId, LessonRef, ProvinceKey, Score};
use crate::session::{Answer, Query, Rejection};
use crate::store::{Done, NewLearner, Request, Response, Seed, Store};
use crate::wire::frame::{Frame, split_frame};

const NOW: Minutes = Minutes(29_922_000);
const TODAY: Day = Day(20_779);
const LONG_XUYEN: u32 = 30_307;
const CHAU_DOC: u32 = 30_316;

fn province() -> SigningKey {
    SigningKey::from_bytes(&[200; 32])
}

struct Node(Store);

impl Node {
    fn blank(n: u8) -> Self {
        Self(Store::open(InMemoryBackend::new(), &Seed { secret: [n; 32], store: [n; 16] }).unwrap())
    }

    /// A team's node that works for every commune.
    fn enrolled(n: u8) -> Self {
        let node = Self::blank(n);
        let rights = Rights::COLLECT.with(Rights::ATTEST);
        let terms =
            Terms { rank: Rank::Team, team: 0, area: Area::Everywhere, rights, from: Day(0), until: Day(30_000) };
        let mut chain = Vec::new();
        Chain(vec![Credential::issue(&province(), node.0.device(), terms)]).encode(&mut chain);
        assert_eq!(node.one(Request::Enrol { chain, now: NOW }), Response::Done);
        node
    }

    /// A hub with a learner of its own, who finished some lessons.
    fn hub(n: u8, commune: u32, lessons: u16) -> Self {
        let hub = Self::enrolled(n);
        hub.consent(n, commune);
        hub.learn(n, 1..=lessons);
        hub
    }

    fn one(&self, request: Request) -> Response {
        self.0.execute(&[request]).pop().unwrap()
    }

    fn consent(&self, n: u8, commune: u32) {
        let (commune, new) = (CommuneCode(commune), new_learner(n));
        let response = self.one(Request::Consent { learner: None, commune, day: TODAY, new, now: NOW });
        assert!(matches!(response, Response::Kept(_)), "{response:?}");
    }

    fn learn(&self, n: u8, lessons: std::ops::RangeInclusive<u16>) {
        let keep = |lesson| {
            let done = Done { lesson: LessonRef { course: 1, lesson }, score: Score::MAX, day: TODAY };
            Request::Keep { learner: None, done, new: new_learner(n), now: NOW }
        };
        let responses = self.0.execute(&lessons.map(keep).collect::<Vec<_>>());
        assert!(responses.iter().all(|response| matches!(response, Response::Kept(_))), "{responses:?}");
    }

    fn learner(&self) -> LearnerId {
        match self.one(Request::Own) {
            Response::Own(learners) => learners[0].id,
            other => panic!("{other:?}"),
        }
    }

    fn ask(&self, query: Query) -> Answer {
        match self.one(Request::Session(query)) {
            Response::Session(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    fn totals(&self) -> BTreeMap<u32, (u64, u64)> {
        match self.one(Request::Totals) {
            Response::Totals(totals) => {
                let counted = totals.iter().filter(|total| total.learners > 0);
                counted.map(|total| (total.commune.0, (total.learners, total.lessons))).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn export(&self, scope: Scope, since: Option<Head>) -> Result<(Vec<u8>, Exported), ExportError> {
        let mut export = Export::new(&self.0.secret(), Plan { scope, since, made: NOW });
        let mut out = Vec::new();
        while let Some(query) = export.next() {
            export.answered(self.ask(query), &mut out)?;
        }
        Ok((out, export.exported().clone()))
    }

    fn bundle(&self) -> Vec<u8> {
        self.export(Scope::All, None).unwrap().0
    }

    fn import(&self, bytes: &[u8]) -> Report {
        self.import_in(bytes, Scope::All)
    }

    fn import_in(&self, bytes: &[u8], scope: Scope) -> Report {
        let mut import = Import::new(scope, NOW);
        for piece in bytes.chunks(1000) {
            import.push(piece);
            while let Some(query) = import.next() {
                import.answered(self.ask(query)).unwrap();
            }
        }
        import.finish();
        while let Some(query) = import.next() {
            import.answered(self.ask(query)).unwrap();
        }
        import.report()
    }
}

fn new_learner(n: u8) -> NewLearner {
    NewLearner { secret: [n; 16], key: [n ^ 0xff; 16] }
}

/// What a report counts: new, grown, unchanged, refused, and where it broke.
fn counts(report: &Report) -> (u64, u64, u64, u64, Option<u64>) {
    let refused = report.refused.values().sum();
    (report.new, report.grown, report.unchanged, refused, report.damage.as_ref().map(|damage| damage.at))
}

fn head_of(bundle: &[u8]) -> Head {
    let mut reader = Reader::new();
    reader.push(bundle);
    match reader.next() {
        Ok(Some(Item::Head(head))) => head,
        other => panic!("{other:?}"),
    }
}

/// Where each record starts, and the end.
fn boundaries(bundle: &[u8]) -> Vec<usize> {
    let mut at = START_BYTES;
    let mut starts = vec![at];
    while let Some((_, length)) = split_frame(&bundle[at..]).unwrap_or_default() {
        at += length + CHECK_BYTES;
        starts.push(at);
    }
    assert_eq!(at, bundle.len());
    starts
}

/// A node that holds what three hubs gathered, by their bundles.
fn carrier() -> Node {
    let carrier = Node::enrolled(10);
    for (n, commune, lessons) in [(1, LONG_XUYEN, 3), (2, LONG_XUYEN, 5), (3, CHAU_DOC, 40)] {
        let report = carrier.import(&Node::hub(n, commune, lessons).bundle());
        assert_eq!(counts(&report), (1, 0, 0, 0, None), "{report:?}");
    }
    carrier
}

#[test]
fn what_three_hubs_gathered_arrives_and_arrives_once() {
    let (carrier, other) = (carrier(), Node::enrolled(11));
    assert_eq!(carrier.totals(), BTreeMap::from([(LONG_XUYEN, (2, 8)), (CHAU_DOC, (1, 40))]));
    let (bundle, exported) = carrier.export(Scope::All, None).unwrap();
    let report = other.import(&bundle);
    assert_eq!((exported.logs, exported.entries), (4, 4 + 3 + 48), "{exported:?}");
    assert_eq!(counts(&report), (4, 0, 0, 0, None), "{report:?}");
    assert_eq!(other.totals(), carrier.totals());

    let position = other.0.position().unwrap();
    assert_eq!(counts(&other.import(&bundle)), (0, 0, 4, 0, None));
    assert_eq!(other.0.position().unwrap(), position);
}

#[test]
fn a_bundle_torn_after_any_record_leaves_what_came_and_the_rest_follows() {
    let carrier = carrier();
    let bundle = carrier.bundle();
    let starts = boundaries(&bundle);
    for cut in &starts[..starts.len() - 1] {
        let other = Node::enrolled(11);
        let report = other.import(&bundle[..*cut]);
        assert_eq!(report.damage.map(|damage| damage.at), Some(*cut as u64));
        let rest = other.import(&bundle);
        assert_eq!(counts(&rest), (4 - report.new, 0, report.new, 0, None), "cut at {cut}");
        assert_eq!(other.totals(), carrier.totals());
    }
}

#[test]
fn only_what_changed_since_an_earlier_bundle_is_carried_in_any_order() {
    let hub = Node::hub(1, LONG_XUYEN, 3);
    let other = Node::hub(2, CHAU_DOC, 2);
    hub.import(&other.bundle());
    let first = hub.bundle();
    hub.learn(1, 4..=9);
    let (second, exported) = hub.export(Scope::All, Some(head_of(&first))).unwrap();
    assert_eq!(exported.logs, 1);
    assert_eq!(head_of(&second).since, Some(head_of(&first).position));

    let forward = Node::enrolled(11);
    assert_eq!(counts(&forward.import(&first)), (2, 0, 0, 0, None));
    assert_eq!(counts(&forward.import(&second)), (0, 1, 0, 0, None));
    let backward = Node::enrolled(12);
    assert_eq!(counts(&backward.import(&second)), (1, 0, 0, 0, None));
    assert_eq!(counts(&backward.import(&first)), (1, 0, 1, 0, None));
    assert_eq!(forward.totals(), hub.totals());
    assert_eq!(backward.totals(), hub.totals());
}

#[test]
fn an_earlier_bundle_must_be_of_this_store_and_of_these_communes() {
    let hub = Node::hub(1, LONG_XUYEN, 3);
    let since = |head: Head| hub.export(Scope::All, Some(head)).map(drop);
    assert_eq!(since(head_of(&Node::hub(2, LONG_XUYEN, 1).bundle())), Err(ExportError::OtherStore));
    let head = head_of(&hub.bundle());
    assert_eq!(since(Head { position: head.position + 1, ..head.clone() }), Err(ExportError::OtherStore));
    let communes = Scope::Communes(vec![CommuneCode(LONG_XUYEN)]);
    assert_eq!(since(Head { scope: communes.clone(), ..head.clone() }), Err(ExportError::OtherScope));
    assert!(hub.export(communes, Some(head)).is_ok());
}

#[test]
fn logs_of_other_communes_stay_out_at_both_ends() {
    let carrier = carrier();
    let long_xuyen = Scope::Communes(vec![CommuneCode(LONG_XUYEN)]);
    let (bundle, _) = carrier.export(long_xuyen.clone(), None).unwrap();
    let other = Node::enrolled(11);
    other.import(&bundle);
    assert_eq!(other.totals(), BTreeMap::from([(LONG_XUYEN, (2, 8))]));

    let scoped = Node::enrolled(12);
    let report = scoped.import_in(&carrier.bundle(), long_xuyen);
    assert_eq!(counts(&report), (3, 0, 0, 1, None));
    assert_eq!(report.refused, BTreeMap::from([("out of scope", 1)]));
    assert!(matches!(report.refusals[..], [Refusal::Rejected(Rejection::OutOfScope { .. })]));
    assert_eq!(scoped.totals(), other.totals());
}

#[test]
fn a_withdrawal_travels_before_what_it_erased() {
    let hub = Node::hub(1, LONG_XUYEN, 3);
    let other = Node::enrolled(11);
    let before = hub.bundle();
    other.import(&before);
    assert_eq!(other.totals(), BTreeMap::from([(LONG_XUYEN, (1, 3))]));
    assert_eq!(hub.one(Request::WithdrawOwn { learner: hub.learner() }), Response::Done);
    let after = hub.bundle();
    let report = other.import(&after);
    assert_eq!((report.withdrawals, counts(&report)), (1, (0, 1, 0, 0, None)));
    assert_eq!(other.totals(), BTreeMap::new());

    let fresh = Node::enrolled(12);
    let report = fresh.import(&after);
    assert_eq!((report.withdrawals, counts(&report)), (1, (1, 0, 0, 0, None)));
    assert_eq!(counts(&fresh.import(&before)), (0, 0, 1, 0, None));
    assert_eq!(fresh.totals(), BTreeMap::new());
}

#[test]
fn a_revocation_list_comes_first_and_needs_the_province() {
    let hub = Node::hub(1, LONG_XUYEN, 3);
    let cuts = vec![Cut { incarnation: 0, length: 0, chain: [0; 32] }];
    let revoked = vec![Revoked { device: hub.0.device(), cuts }];
    let mut revocations = Vec::new();
    Revocations::sign(&province(), 4, revoked).unwrap().encode(&mut revocations);
    let carrier = Node::enrolled(10);
    carrier.import(&hub.bundle());
    carrier.ask(Query::Revoke { revocations, now: NOW });
    let bundle = carrier.bundle();
    let second = boundaries(&bundle)[1];
    let (frame, _) = split_frame(&bundle[second..]).unwrap().unwrap();
    assert!(matches!(Frame::decode(frame), Ok(Frame::Revocations(_))));

    let other = Node::enrolled(11);
    other.import(&hub.bundle());
    assert_eq!(other.import(&bundle).epoch, Some(4));
    assert_eq!(other.totals(), BTreeMap::new());
    assert_eq!(other.import(&hub.bundle()).refused, BTreeMap::from([("revoked", 1)]));

    let stranger = Node::blank(12);
    let report = stranger.import(&bundle);
    assert_eq!(report.refusals, [Refusal::Revocations(RevocationError::NoProvince)]);
    assert_eq!((report.epoch, report.new), (None, 1));
    assert_eq!(stranger.one(Request::Pin { province: ProvinceKey(device_of(&province()).0) }), Response::Done);
    assert_eq!(stranger.import(&bundle).epoch, Some(4));
}

#[test]
fn a_log_longer_than_a_frame_arrives_whole() {
    let hub = Node::hub(1, LONG_XUYEN, 9_000);
    let bundle = hub.bundle();
    assert!(boundaries(&bundle).len() > 5, "the log takes more than one span");
    let other = Node::enrolled(11);
    assert_eq!(counts(&other.import(&bundle)), (1, 0, 0, 0, None));
    assert_eq!(other.totals(), hub.totals());

    let torn = Node::enrolled(12);
    let starts = boundaries(&bundle);
    assert_eq!(torn.import(&bundle[..starts[starts.len() - 2] - 1]).new, 0);
    assert_eq!(torn.totals(), BTreeMap::new());
    assert_eq!(torn.import(&bundle).new, 1);
    assert_eq!(torn.totals(), hub.totals());
}

#[test]
fn a_forged_record_is_refused_and_the_rest_is_taken() {
    let (hub, other) = (Node::hub(1, LONG_XUYEN, 3), Node::hub(2, CHAU_DOC, 2));
    hub.import(&other.bundle());
    // A carrier that writes checks and a head of its own, and alters one entry.
    let forger = SigningKey::from_bytes(&[66; 32]);
    let mut reader = Reader::new();
    reader.push(&hub.bundle());
    let (mut out, mut writer, mut number) = (Vec::new(), None, 0);
    while let Some(item) = reader.next().unwrap() {
        match item {
            Item::Head(head) => {
                let head = Head { device: device_of(&forger), ..head };
                writer = Some(Writer::start(&head, &forger, &mut out));
            }
            Item::Offers(offers) => drop(writer.as_mut().unwrap().offers(1, offers, &mut out)),
            Item::Log(extension) => {
                let crate::session::Extension { log, from, count, mut payloads, signature } = extension;
                let last = payloads.len() - 2;
                payloads[last] -= u8::from(number == 0);
                let wanted = crate::session::SpanWanted { offer: number, log, from };
                let span = crate::session::Span { wanted, count, payloads, signature: Some(signature) };
                writer.as_mut().unwrap().span(span, &mut out);
                number += 1;
            }
            _ => {}
        }
    }
    writer.unwrap().end(&forger, &mut out);
    let node = Node::enrolled(11);
    let report = node.import(&out);
    assert_eq!(report.refused, BTreeMap::from([("signature", 1)]));
    assert_eq!(counts(&report), (1, 0, 0, 1, None));
    assert_eq!(node.totals(), BTreeMap::from([(CHAU_DOC, (1, 2))]));
}
