//! A learner is taken along to another phone, and comes from another one.

use super::super::people::learner_id;
use super::super::ticket::{Ticket, TicketError};
use super::super::{App, Effect, Moment, OUTBOX_MAX};
use super::Me;
use crate::{
    protocol::{LearnerBytes, ToWorker},
    route::{Pane, Route},
};

/// What the worker told for a learner to take along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    pub(super) secret: [u8; 16],
    pub(super) key: [u8; 16],
    pub(super) consent: u32,
}

/// What came from another phone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Arrival {
    /// Nothing.
    #[default]
    Nothing,
    /// A learner, not taken over yet.
    Here(Ticket),
    /// Something that is no learner.
    Bad(TicketError),
    /// A learner, taken over.
    Taken,
    /// A learner who was taken over, and has withdrawn.
    Withdrawn,
}

/// How often the worker is asked on one screen for what to take along; it answers the first time, or cannot.
const ASKED_MAX: u32 = 8;

impl Arrival {
    /// Reads what came: a link, or a file.
    pub fn of(text: &str) -> Self {
        Ticket::from_text(text).map_or_else(Self::Bad, Self::Here)
    }
}

impl App {
    /// Returns what takes the learner in front of the phone to another phone; `None` until the worker told.
    pub fn ticket(&self) -> Option<Ticket> {
        let Passed { secret, key, consent } = self.me.passed?;
        let learner = self.progress.learner();
        Some(Ticket {
            secret,
            key,
            picture: self.people.me().picture,
            consent: learner.and_then(|learner| learner.commune).map(|commune| (commune, consent)),
            done: learner.map(|learner| learner.done.clone()).unwrap_or_default(),
        })
    }

    /// Asks the worker for what the screens about oneself show, once it runs.
    pub(super) fn ask_to_pass(&mut self, moment: Moment) -> Option<Effect> {
        let here = self.me.passed.is_none() && self.me.asking.is_none() && self.me.asked_along < ASKED_MAX;
        let learner = self.progress.learner().filter(|_| here)?.id;
        self.me.asking = Some(moment.nonce);
        self.me.asked_along += 1;
        Some(Effect::Ask(ToWorker::Pass { nonce: moment.nonce, learner }))
    }

    pub(super) fn came(&mut self, text: &str) -> Vec<Effect> {
        self.me = Me { arrival: Arrival::of(text), ..Me::default() };
        if self.route == Some(Route::Me(Pane::Move)) {
            return vec![Effect::FocusHeading];
        }
        self.route = Some(Route::Me(Pane::Move));
        vec![Effect::Visit(Route::Me(Pane::Move))]
    }

    /// Takes over who came from another phone. Twice is once: everything in it is a fact about one learner. What has no
    /// room among what waits is still to be taken over, and is once more offered.
    pub(super) fn take_over(&mut self, moment: Moment) -> Vec<Effect> {
        let Arrival::Here(ticket) = &self.me.arrival else {
            return Vec::new();
        };
        let ticket = ticket.clone();
        let id = learner_id(&ticket.secret);
        let known = self.people.all.iter().find(|person| person.id == Some(id)).map(|person| person.number);
        // Nobody is here without what makes them known to the store, and what they agreed to.
        let room = self.progress.outbox.len() + 2 <= OUTBOX_MAX;
        let number = match known.filter(|_| room) {
            Some(number) => number,
            None if room && self.people.has_room() => self.settle(&ticket, id),
            None => return Vec::new(),
        };
        let mut effects = vec![self.keep_people()];
        effects.extend(self.turn_to(number));
        let items = self.entrusted(&ticket, id, moment);
        let all = items.len();
        let sent: Vec<Effect> = items.into_iter().map_while(|item| self.put(item)).collect();
        let arrival = if sent.len() == all { Arrival::Taken } else { Arrival::Here(ticket) };
        effects.extend(sent);
        self.me = Me { arrival, ..Me::default() };
        effects.push(Effect::FocusHeading);
        effects
    }

    /// Gives who came a place: that of the phone's first learner, if nobody has used it. Beside others they look
    /// like none of them.
    fn settle(&mut self, ticket: &Ticket, id: LearnerBytes) -> u32 {
        let me = self.people.me();
        let unused = self.people.all.len() == 1 && me.id.is_none() && me.pin.is_none() && !self.progress.any_done();
        if unused && let Some(person) = self.people.find_mut(me.number) {
            (person.id, person.picture) = (Some(id), ticket.picture);
            return me.number;
        }
        self.people.add(self.people.picture_for(ticket.picture), Some(id))
    }

    /// Lists what is to be said to the worker of who came, the most needed first.
    fn entrusted(&self, ticket: &Ticket, id: LearnerBytes, moment: Moment) -> Vec<ToWorker> {
        let Ticket { secret, key, .. } = *ticket;
        let mut nonce = moment.nonce;
        let mut items = vec![ToWorker::Add { nonce, secret, key }];
        let learner = Some(id);
        if let Some((commune, day)) = ticket.consent {
            nonce += 1;
            items.push(ToWorker::Consent { nonce, learner, commune, day });
        }
        let kept = self.progress.learner().map_or(&[][..], |learner| &learner.done);
        for done in ticket.done.iter().filter(|done| !kept.contains(done)) {
            nonce += 1;
            let (course, lesson, score, day) = (done.course, done.lesson, done.score, done.day);
            items.push(ToWorker::Done { nonce, learner, course, lesson, score, day });
        }
        items
    }
}
