//! What must hold, against a plain model of what people did.

use std::collections::{BTreeMap, BTreeSet};

use sync::authority::{Area, Withdrawal};
use sync::session::{Answer, Query, View};
use sync::store::{CommuneTotals, Request, Response, Store};
use sync::wire::frame::{OFFERS_MAX, Offer, Scope};
use sync::{LearnerId, ProvinceKey};

use super::world::{Part, SCOPED_COMMUNE, World};

impl World {
    /// What must hold at every moment, whatever went wrong.
    pub(super) fn check(&mut self) {
        for node in 0..self.nodes.len() {
            match self.nodes[node].part {
                Part::Phone => self.check_phone(node),
                Part::Scoped => self.check_scope(node),
                Part::Hub | Part::Rogue | Part::Province => self.check_cut(node),
            }
        }
    }

    /// The logs that a node holds, and the withdrawals.
    fn holds(&mut self, node: usize, view: View) -> (Vec<Offer>, Vec<Vec<u8>>) {
        let query = Query::Changes { view, since: 0, receipts: false, most: OFFERS_MAX };
        match self.execute(node, Request::Session(query)) {
            Response::Session(Answer::Changes { offers, withdrawals, .. }) => (offers, withdrawals),
            other => panic!("{other:?}"),
        }
    }

    fn phone_of(&self, offer: &Offer) -> Option<usize> {
        let device = |node: &usize| self.nodes[*node].store.as_ref().map(Store::device) == Some(offer.log.device);
        (0..self.nodes.len()).find(device).filter(|node| self.nodes[*node].part == Part::Phone)
    }

    /// A hub that works for one commune holds no log of another, unless its phone came to it.
    fn check_scope(&mut self, hub: usize) {
        let (offers, _) = self.holds(hub, View::Scope(Scope::All));
        for offer in offers {
            let Some(phone) = self.phone_of(&offer) else { continue };
            let communes = &self.nodes[phone].facts.communes;
            assert!(
                self.met.contains(&(phone, hub)) || communes.contains(&SCOPED_COMMUNE),
                "a log of {communes:?} reached the hub of {SCOPED_COMMUNE}"
            );
        }
    }

    /// Where the revocation list has arrived, nothing after the cut is held.
    fn check_cut(&mut self, node: usize) {
        let Some((_, revoked)) = self.revoked.clone() else { return };
        let Response::Session(Answer::Standing(standing)) = self.execute(node, Request::Session(Query::Standing))
        else {
            panic!("no answer")
        };
        if standing.epoch().is_none() {
            return;
        }
        for offer in self.holds(node, View::Device(revoked.device)).0 {
            let cut = revoked.cuts.iter().find(|cut| cut.incarnation == offer.log.incarnation);
            let length = cut.map_or(0, |cut| cut.length);
            assert!(offer.length <= length, "{} entries are held, and {length} count", offer.length);
        }
    }

    fn check_phone(&mut self, phone: usize) {
        let learners = match self.execute(phone, Request::Own) {
            Response::Own(learners) => learners,
            other => panic!("{other:?}"),
        };
        // A phone that was set back, and begun again, finds its former learner when it meets a hub.
        assert!(learners.len() <= 1 || self.nodes[phone].facts.set_back, "one person became two");
        let now = learners.first().map(|learner| learner.id);
        let done = || learners.iter().flat_map(|learner| &learner.done);
        let held: BTreeSet<u16> = done().map(|done| done.done.lesson.lesson).collect();
        let arrived = done().filter(|done| done.arrived).map(|done| done.done.lesson.lesson);
        let facts = &mut self.nodes[phone].facts;
        if let Some(before) = facts.learner.filter(|before| Some(*before) != now) {
            // Who withdrew, or was withdrawn, is gone; whoever learns now is somebody else.
            assert!(self.withdrawn.contains(&before) || facts.set_back, "a learner vanished");
            facts.saved.clear();
            facts.arrived.clear();
            facts.saved.extend(&held);
        }
        facts.learner = now;
        facts.arrived.extend(arrived);
        assert!(facts.saved.is_subset(&held), "saved and then lost: {:?} of {held:?}", facts.saved);
        assert!(held.is_subset(&facts.tried), "nobody did {held:?}");
        if !facts.arrived.is_empty() {
            let needed = facts.arrived.len() as u64 + 1;
            let device = self.nodes[phone].store.as_ref().map(Store::device).expect("a node is up");
            let (offers, _) = self.holds(self.nodes.len() - 1, View::Device(device));
            let length: u64 = offers.iter().map(|offer| offer.length).sum();
            assert!(length >= needed, "arrived was said of {needed} entries, and the province holds {length}");
        }
    }

    /// Who has certainly gone: their withdrawal is at a node, and has force everywhere.
    fn withdrawn_at(&mut self, node: usize) -> BTreeSet<LearnerId> {
        let Response::Session(Answer::Standing(standing)) = self.execute(node, Request::Session(Query::Standing))
        else {
            panic!("no answer")
        };
        let (_, withdrawals) = self.holds(node, View::Scope(Scope::All));
        let province: Option<ProvinceKey> = standing.province;
        let gone = withdrawals.iter().filter_map(|bytes| {
            let withdrawal = Withdrawal::decode(bytes).expect("what is kept can be read");
            let reach = withdrawal.reach(province.as_ref()).expect("what is kept has force");
            (reach.area == Area::Everywhere).then(|| withdrawal.learner())
        });
        gone.collect()
    }

    /// Once all is healed: every node on the way shows the same numbers, and holds no byte of who withdrew.
    pub(super) fn check_healed(&mut self) {
        let province = self.nodes.len() - 1;
        let expected = self.totals(province);
        for node in self.hubs().into_iter().chain([province]) {
            assert_eq!(self.totals(node), expected, "node {node} and the province differ");
            let gone = self.withdrawn_at(node);
            let image = self.nodes[node].disk.copy();
            for (learner, key) in self.keys.iter().filter(|(learner, _)| gone.contains(learner)) {
                assert!(!image.windows(16).any(|bytes| bytes == key), "node {node} still holds the key of {learner:?}");
            }
        }
        for node in 0..self.nodes.len() {
            let Response::Forks(forks) = self.execute(node, Request::Forks) else { panic!("no answer") };
            self.faults.forks += forks.len() as u32;
            assert!(forks.iter().all(|fork| fork.verify().is_ok()));
        }
    }

    /// What a node counts, without when it came and communes that were left.
    fn totals(&mut self, node: usize) -> Vec<CommuneTotals> {
        let Response::Totals(totals) = self.execute(node, Request::Totals) else { panic!("no answer") };
        let kept = totals.into_iter().map(|total| CommuneTotals { received: None, ..total });
        kept.filter(|total| total.learners > 0).collect()
    }

    /// What the province counts: learners and lessons by commune, without communes that were left.
    pub(super) fn counts(&mut self) -> BTreeMap<u32, (u64, u64)> {
        let province = self.nodes.len() - 1;
        let Response::Totals(totals) = self.execute(province, Request::Totals) else { panic!("no answer") };
        let counts = totals.iter().map(|total| (total.commune.0, (total.learners, total.lessons)));
        counts.filter(|(_, total)| *total != (0, 0)).collect()
    }

    /// What should be counted: the learners who agreed, in the commune of the latest agreement, with what
    /// their phones hold.
    pub(super) fn expected(&mut self) -> BTreeMap<u32, (u64, u64)> {
        let mut expected: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for phone in 0..self.nodes.len() {
            if self.nodes[phone].part != Part::Phone {
                continue;
            }
            let Response::Own(learners) = self.execute(phone, Request::Own) else { panic!("no answer") };
            for learner in learners {
                assert!(
                    learner.commune.is_none() || learner.done.iter().all(|done| done.sent && done.arrived),
                    "phone {phone}: {learner:?}"
                );
                if let Some(commune) = learner.commune {
                    let total = expected.entry(commune.0).or_default();
                    total.0 += 1;
                    total.1 += learner.done.len() as u64;
                }
            }
        }
        expected
    }
}
