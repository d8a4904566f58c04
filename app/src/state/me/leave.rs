//! A learner leaves this phone, for now or for good, or withdraws everywhere.

use super::super::people::Person;
use super::super::{App, Effect, Moment, NONCE_RANDOM_BITS, Own};
use super::{Draw, Me, MeAction};
use crate::{
    protocol::{LearnerBytes, ToWorker, WITHDRAWN},
    route::{Pane, Route},
};

/// How long after a removal a tap may be the same finger's second one: browsers take 300 ms for a double tap, and
/// hands that shake need more.
const SECOND_TAP_MS: u64 = 800;

/// A removal that can be undone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Removal {
    /// When, in milliseconds.
    at: u64,
    /// Who was made because nobody else was left.
    spare: Option<u32>,
}

/// How far the latest withdrawal on this phone came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// It is on its way into the store.
    Here,
    /// Erased here; a hub does not know yet.
    Waiting,
    /// A hub has erased.
    Sent,
    /// The province has erased.
    Arrived,
}

impl App {
    pub(super) fn withdraw(&mut self, moment: Moment) -> Vec<Effect> {
        let me = self.people.me();
        let mut effects = self.drop_mine();
        if let Some(learner) = me.id {
            effects.extend(self.put(ToWorker::Withdraw { nonce: moment.nonce, learner }));
            self.forget_state(learner);
        }
        if let Some(person) = self.people.find_mut(me.number) {
            person.id = None;
        }
        effects.push(Effect::EraseOwn(Own::All(me.number)));
        effects.extend(self.turn_to(me.number));
        self.me = Me::default();
        self.declined = true;
        effects.extend([Effect::RememberDeclined(true), self.keep_people(), Effect::FocusHeading]);
        // Who goes on is somebody new; the first learner too, who else would be taken for the one before.
        if me.number == 0 && me.id.is_some() {
            effects.push(Effect::Draw(Draw::Learner(0)));
        }
        effects
    }

    /// Shows nothing more of a learner, whatever the worker's latest word still holds.
    fn forget_state(&mut self, learner: LearnerBytes) {
        if let Some(phone) = &mut self.progress.phone {
            phone.learners.retain(|state| state.id != learner);
        }
    }

    pub(super) fn remove(&mut self, moment: Moment) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut removal = Removal { at: milliseconds(moment), spare: None };
        let me = self.people.me();
        if let Some(person) = self.people.find_mut(me.number) {
            person.gone = true;
        }
        let next = self.people.here().next().copied();
        match next {
            Some(next) if next.pin.is_none() => effects.extend(self.turn_to(next.number)),
            Some(_) => self.people.locked = true,
            None => {
                let number = self.people.add(me.picture + 1, None);
                removal.spare = Some(number);
                effects.extend(self.turn_to(number));
            }
        }
        self.me = Me::default();
        effects.push(self.keep_people());
        effects.extend(self.go_me(Route::Me(Pane::People)));
        self.me.removed = Some(removal);
        effects
    }

    /// Tells whether this may be a second tap of the finger that removed somebody: what it hits has just come under
    /// it, and would end the offer to take them back.
    pub(super) fn is_second_tap(&self, action: &MeAction, moment: Moment) -> bool {
        let soon = |removal: Removal| milliseconds(moment).wrapping_sub(removal.at) < SECOND_TAP_MS;
        matches!(action, MeAction::Choose(_) | MeAction::Add(_)) && self.me.removed.is_some_and(soon)
    }

    pub(super) fn take_back(&mut self, moment: Moment) -> Vec<Effect> {
        let Some(gone) = self.people.gone() else {
            return Vec::new();
        };
        if let Some(person) = self.people.find_mut(gone.number) {
            person.gone = false;
        }
        let mut effects = vec![self.keep_people()];
        // Whoever taps may be somebody else by now.
        effects.extend(self.give_to(gone.number));
        let spare = self.me.removed.and_then(|removal| self.people.find(removal.spare?));
        if let Some(spare) = spare.filter(|spare| !self.is_used(*spare)) {
            effects.extend(self.let_leave(spare, moment));
        }
        effects.extend(self.go_me(Route::Me(Pane::Own)));
        effects
    }

    /// Who was removed before the last action is removed for good.
    pub fn settle_gone(&mut self, moment: Moment) -> Vec<Effect> {
        let Some(gone) = self.people.gone() else {
            return Vec::new();
        };
        let mut effects = self.let_leave(gone, moment);
        effects.extend(self.without_ids());
        effects
    }

    /// Lets a learner leave this phone for good.
    fn let_leave(&mut self, person: Person, moment: Moment) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.people.forget(person.number);
        if let Some(learner) = person.id {
            effects.extend(self.put(ToWorker::Leave { nonce: moment.nonce, learner }));
            self.forget_state(learner);
        }
        effects.extend([self.keep_people(), Effect::EraseOwn(Own::All(person.number))]);
        self.know_me();
        effects
    }

    /// Returns whether a learner has done anything, here or in another tab.
    fn is_used(&self, person: Person) -> bool {
        let learners = self.progress.phone.as_ref().map_or(&[][..], |phone| &phone.learners);
        let told = learners
            .iter()
            .any(|learner| Some(learner.id) == person.id && (learner.commune.is_some() || !learner.done.is_empty()));
        told || person.pin.is_some()
            || self.progress.outbox.iter().any(|item| item.learner() == person.id && person.id.is_some())
    }

    /// Tells how far the latest withdrawal came, if there was one.
    pub fn erasure(&self) -> Option<Erasure> {
        if self.progress.outbox.iter().any(|item| matches!(item, ToWorker::Withdraw { .. })) {
            return Some(Erasure::Here);
        }
        let told = self.progress.phone.as_ref()?.learners.iter().find(|learner| learner.id == WITHDRAWN)?;
        Some(match (told.sent, told.arrived) {
            (0, _) => Erasure::Waiting,
            (_, 0) => Erasure::Sent,
            _ => Erasure::Arrived,
        })
    }
}

fn milliseconds(moment: Moment) -> u64 {
    moment.nonce >> NONCE_RANDOM_BITS
}
