//! What people do: learn, consent, attest, withdraw, revoke.

use sync::authority::{Cut, Revocations, Revoked};
use sync::log::{Tail, WalkError, Walker};
use sync::session::{Answer, Query, SpanWanted, View};
use sync::store::{Done, NewLearner, Request, Response, Store};
use sync::wire::codec::Reader;
use sync::wire::frame::OFFERS_MAX;
use sync::{CommuneCode, DeviceId, LearnerId, LearnerSecret, LessonRef, LogId, Score};

use super::{COMMUNES, LESSONS, Part, SCOPED_COMMUNE, World};

impl World {
    pub(super) fn learn(&mut self) {
        let node = self.chance.below(self.nodes.len());
        if self.nodes[node].part == Part::Phone {
            self.learn_on(node);
        }
    }

    pub(super) fn learn_on(&mut self, node: usize) {
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
    pub(super) fn attest(&mut self) {
        let node = self.chance.below(self.nodes.len());
        let Some(learner) = self.some_learner(node) else { return };
        let (course, key, now) = (1 + self.chance.below(3) as u16, self.chance.bytes(), self.now(node));
        let attest = Request::Attest { learner, course, day: now.day(), key, now };
        if self.execute(node, attest) == Response::Done {
            self.faults.attested += 1;
        }
        self.changed(node);
    }

    pub(super) fn withdraw_own(&mut self) {
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

    pub(super) fn withdraw_for(&mut self) {
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
    pub(super) fn revoke(&mut self) {
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
    fn heads(&mut self, node: usize, device: DeviceId) -> Vec<Cut> {
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

    pub(super) fn consent(&mut self) {
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
}
