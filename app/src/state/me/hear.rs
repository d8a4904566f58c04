//! What the worker says about learners: whom the store has, has no more, or does not let in.

use super::super::people::{Person, learner_id};
use super::super::{App, Effect, Moment, Own};
use super::{Arrival, Draw, Passed};
use crate::{
    protocol::{Failure, FromWorker, LearnerBytes, ToWorker},
    route::{Pane, Route},
};

impl App {
    /// Takes what the worker says about learners; what is left is for the progress.
    pub(in super::super) fn hear(&mut self, message: FromWorker, moment: Moment) -> Vec<Effect> {
        match message {
            FromWorker::Passed { secret, key, consent, .. } => {
                // Whichever question it answers.
                let mine = self.people.me().id == Some(learner_id(&secret));
                self.me.passed = mine.then_some(Passed { secret, key, consent }).or(self.me.passed);
                Vec::new()
            }
            FromWorker::Failed { nonce: Some(nonce), .. } if self.me.asking == Some(nonce) => Vec::new(),
            FromWorker::Failed { nonce: Some(nonce), reason: Failure::UnknownLearner } => self.unknown(nonce),
            FromWorker::Failed { nonce: Some(nonce), reason: Failure::Elsewhere } => self.is_elsewhere(nonce, moment),
            message => {
                let state = matches!(message, FromWorker::State(_));
                let mut effects: Vec<Effect> = self.progress.hear(message).map(Effect::Forget).into_iter().collect();
                if state
                    && let Some(phone) = &self.progress.phone
                    && self.people.meet(phone)
                {
                    self.know_me();
                    effects.push(self.keep_people());
                }
                if state {
                    effects.extend(self.forget_lost());
                    effects.extend(self.look_again());
                }
                effects
            }
        }
    }

    /// The store refuses what is of a learner it does not know: the browser has lost it, or another phone withdrew.
    /// What waits is kept, for the same person under a new id; where the worker's latest word has them, or they are
    /// on the way, it waits for them as they are.
    fn unknown(&mut self, nonce: u64) -> Vec<Effect> {
        let Some(item) = self.progress.outbox.iter().find(|item| item.nonce() == Some(nonce)).cloned() else {
            return vec![Effect::Forget(nonce)];
        };
        let whose = self.people.all.iter().find(|person| person.id.is_some() && person.id == item.learner());
        match whose.map(|person| person.number) {
            Some(_) if !item.learner().is_some_and(|id| self.progress.lacks(id)) => {
                self.progress.unclear.push(nonce);
                Vec::new()
            }
            Some(number) if self.me.reborn.contains(&number) => Vec::new(),
            Some(number) => {
                self.me.reborn.push(number);
                vec![Effect::Draw(Draw::Learner(number))]
            }
            None => self.drop_item(&item).into_iter().collect(),
        }
    }

    /// Looks again, with the worker's latest word, at what the store refused before that told whether it has the
    /// learner: gives it again where it has, and else makes somebody anew.
    fn look_again(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for nonce in std::mem::take(&mut self.progress.unclear) {
            let Some(item) = self.progress.outbox.iter().find(|item| item.nonce() == Some(nonce)).cloned() else {
                continue;
            };
            if item.learner().is_some_and(|id| self.progress.has(id)) {
                effects.push(Effect::Send(item));
            } else {
                effects.extend(self.unknown(nonce));
            }
        }
        effects
    }

    /// Keeps nothing of what the store told of learners whom it has no more: the browser has lost it, or they withdrew
    /// on another phone. What they do here goes on, and what waits is not lost.
    fn forget_lost(&mut self) -> Vec<Effect> {
        let lost = |person: &&Person| person.id.is_some_and(|id| self.progress.lacks(id));
        let lost: Vec<u32> = self.people.all.iter().filter(lost).map(|person| person.number).collect();
        if lost.contains(&self.people.current) {
            self.progress.remembered.clear();
            self.me.passed = None;
        }
        lost.into_iter().map(|number| Effect::EraseOwn(Own::Told(number))).collect()
    }

    /// The store cannot do it by itself: a withdrawal is for the team then, and this phone forgets at least.
    fn is_elsewhere(&mut self, nonce: u64, moment: Moment) -> Vec<Effect> {
        let item = self.progress.outbox.iter().find(|item| item.nonce() == Some(nonce)).cloned();
        let mut effects = vec![Effect::Forget(nonce)];
        self.progress.outbox.retain(|item| item.nonce() != Some(nonce));
        match item {
            Some(ToWorker::Withdraw { learner, .. }) => {
                self.me.elsewhere = true;
                effects.extend(self.put(ToWorker::Leave { nonce: moment.nonce, learner }));
            }
            Some(ToWorker::Add { secret, .. }) => effects.extend(self.turn_away(learner_id(&secret))),
            _ => {}
        }
        effects
    }

    /// Lets nobody back in who came from another phone and has withdrawn: what came with them is not theirs to bring
    /// again, the consent least of all.
    fn turn_away(&mut self, id: LearnerBytes) -> Vec<Effect> {
        if !self.progress.lacks(id) {
            return Vec::new();
        }
        let theirs: Vec<ToWorker> =
            self.progress.outbox.iter().filter(|item| item.learner() == Some(id)).cloned().collect();
        let mut effects: Vec<Effect> = theirs.iter().filter_map(|item| self.drop_item(item)).collect();
        let Some(person) = self.people.all.iter().find(|person| person.id == Some(id)).copied() else {
            return effects;
        };
        let was_me = self.people.current == person.number;
        self.people.forget(person.number);
        effects.extend([self.keep_people(), Effect::EraseOwn(Own::All(person.number))]);
        if was_me {
            effects.extend(self.move_on());
        }
        if self.route == Some(Route::Me(Pane::Move)) {
            self.me.arrival = Arrival::Withdrawn;
            effects.push(Effect::FocusHeading);
        } else if was_me {
            effects.extend(self.go_me(Route::Me(Pane::People)));
        }
        effects.extend(self.without_ids());
        effects
    }
}
