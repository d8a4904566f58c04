//! What learners do with what is theirs: take turns, lock, look, take along, leave, withdraw.

mod hear;
mod leave;
mod transfer;

pub use leave::Erasure;
use leave::Removal;
pub use transfer::{Arrival, Passed};

use super::people::{Pin, learner_id};
use super::ticket;
use super::{App, Choice, Effect, Moment, Progress, Reading, Revision};
use crate::{
    protocol::{FromWorker, ToWorker},
    route::{Pane, Route},
};

/// What is open on the screens about oneself.
#[derive(Debug, Clone, Default)]
pub struct Me {
    /// Whose PIN is asked for.
    pub asked: Option<u32>,
    /// Digits typed so far.
    pub typed: String,
    /// Whether the digits typed before were not the PIN.
    pub wrong: bool,
    /// Whether a learner forgot the PIN and reads what to do.
    pub forgot: bool,
    /// What the worker told for taking along; asked for on these screens only.
    pub passed: Option<Passed>,
    /// What came from another phone.
    pub arrival: Arrival,
    /// Whether only the team can withdraw, for another phone has the secret.
    pub elsewhere: bool,
    /// Number of the question for what to take along, until the worker's next word.
    asking: Option<u64>,
    /// How often it was asked.
    asked_along: u32,
    /// The removal that can be undone, on this visit.
    removed: Option<Removal>,
    /// Who was made anew because the store did not know them any more.
    reborn: Vec<u32>,
}

/// What random bytes are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draw {
    /// A learner, by number.
    Learner(u32),
    /// The salt of the PIN that was typed.
    Pin,
}

/// What a learner does with what is theirs.
#[derive(Debug, Clone)]
pub enum MeAction {
    /// A link was tapped.
    Go(Route),
    /// The browser went back or forward.
    Moved(Option<Route>),
    /// Somebody else learns now.
    Choose(u32),
    /// A learner is added, with this picture.
    Add(u8),
    /// Digits of a PIN were typed.
    Typed(String),
    /// The PIN is forgotten.
    Forgot,
    /// The digits typed become the PIN.
    SetPin,
    /// No PIN any more.
    DropPin,
    /// Random bytes came.
    Drawn(Draw, [u8; 32]),
    /// The consent is withdrawn and everything erased.
    Withdraw,
    /// The learner leaves this phone.
    Remove,
    /// The learner is taken back.
    TakeBack,
    /// Saves everything as a file.
    SaveFile(&'static str),
    /// A link or a file came from another phone.
    Came(String),
    /// What came is taken over.
    TakeOver,
    /// What came is left.
    LeaveIt,
    /// Another tab changed the list of learners.
    Changed(String),
}

impl App {
    /// Takes one action on the learner's own page and returns what the browser shall do. The page of lessons
    /// does without: what is here and not used there is no part of its bundle.
    pub fn update_me(&mut self, action: MeAction, moment: Moment) -> Vec<Effect> {
        if self.is_second_tap(&action, moment) {
            return Vec::new();
        }
        let ends_undo = !matches!(action, MeAction::TakeBack | MeAction::Drawn(..) | MeAction::Changed(_));
        let mut effects = if ends_undo { self.settle_gone(moment) } else { Vec::new() };
        effects.extend(self.with_me(action, moment));
        self.know_me();
        effects.extend(self.without_ids());
        effects.extend(self.ask_to_pass(moment));
        effects
    }

    /// Takes the worker's word on the learner's own page.
    pub fn hear_me(&mut self, message: FromWorker, moment: Moment) -> Vec<Effect> {
        // A question that this word does not answer may be lost: with a worker that was made anew, or refused.
        if matches!(message, FromWorker::State(_)) {
            self.me.asking = None;
        }
        let mut effects = self.hear(message, moment);
        effects.extend(self.ask_to_pass(moment));
        effects
    }

    fn with_me(&mut self, action: MeAction, moment: Moment) -> Vec<Effect> {
        match action {
            MeAction::Go(route) => self.go_me(route),
            MeAction::Moved(route) => {
                self.me_moved(route);
                Vec::new()
            }
            MeAction::Choose(number) => self.choose_person(number),
            MeAction::Add(picture) => self.add_person(picture),
            MeAction::Typed(digits) => self.typed(digits),
            MeAction::Forgot => {
                self.me.forgot = true;
                Vec::new()
            }
            MeAction::SetPin if self.me.typed.len() == super::people::PIN_DIGITS => vec![Effect::Draw(Draw::Pin)],
            MeAction::SetPin => {
                self.me.wrong = true;
                Vec::new()
            }
            MeAction::DropPin => self.keep_pin(None),
            MeAction::Drawn(Draw::Pin, random) => {
                let [salt @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = random;
                let pin = Pin::of(&self.me.typed, salt);
                self.me.wrong = pin.is_none();
                if pin.is_some() { self.keep_pin(pin) } else { Vec::new() }
            }
            MeAction::Drawn(Draw::Learner(number), random) => self.made(number, &random, moment),
            MeAction::Withdraw => self.withdraw(moment),
            MeAction::Remove => self.remove(moment),
            MeAction::TakeBack => self.take_back(moment),
            MeAction::SaveFile(picture) => vec![Effect::SaveFile(ticket::file(self, picture))],
            MeAction::Came(text) => self.came(&text),
            MeAction::TakeOver => self.take_over(moment),
            MeAction::LeaveIt => self.go_me(Route::Home),
            MeAction::Changed(text) => self.changed(&text),
        }
    }

    /// Shows another part of the learner's own page, or another page.
    fn go_me(&mut self, route: Route) -> Vec<Effect> {
        self.me_moved(Some(route));
        vec![Effect::Visit(route)]
    }

    /// Lets the progress shown be that of who is in front of the phone.
    pub(super) fn know_me(&mut self) {
        let me = self.people.me();
        self.progress.who = me.id;
        self.progress.other = me.number != 0;
    }

    /// Another part is shown: what was half done on the one before is put away.
    fn me_moved(&mut self, route: Option<Route>) {
        self.route = route;
        let asked = self.me.asked.filter(|_| self.people.locked);
        let passed = self.me.passed;
        let reborn = std::mem::take(&mut self.me.reborn);
        let arrival = std::mem::take(&mut self.me.arrival);
        self.me = Me { asked, passed, reborn, ..Me::default() };
        if route == Some(Route::Me(Pane::Move)) && arrival != Arrival::Taken {
            self.me.arrival = arrival;
        }
    }

    /// Asks for random bytes for those who have no id and get none from the worker.
    pub(super) fn without_ids(&self) -> Vec<Effect> {
        let without = self.people.here().filter(|person| person.number != 0 && person.id.is_none());
        without.map(|person| Effect::Draw(Draw::Learner(person.number))).collect()
    }

    fn keep_people(&self) -> Effect {
        Effect::KeepPeople(self.people.to_text())
    }

    fn choose_person(&mut self, number: u32) -> Vec<Effect> {
        let Some(person) = self.people.find(number).filter(|person| !person.gone) else {
            return Vec::new();
        };
        let ready = number == self.people.current && !self.people.locked;
        if person.pin.is_some() && !ready {
            let arrival = std::mem::take(&mut self.me.arrival);
            self.me = Me { asked: Some(number), arrival, ..Me::default() };
            return vec![Effect::FocusHeading];
        }
        self.face(number)
    }

    /// Puts a learner in front of the phone, and shows what is to be learnt; or who came from another phone, if that
    /// is still to be looked at.
    fn face(&mut self, number: u32) -> Vec<Effect> {
        let mut effects = self.turn_to(number);
        let arrival = std::mem::take(&mut self.me.arrival);
        self.me = Me::default();
        if matches!(arrival, Arrival::Here(_)) {
            self.me.arrival = arrival;
            effects.extend(self.go_me(Route::Me(Pane::Move)));
        } else {
            effects.push(Effect::Visit(Route::Home));
        }
        effects
    }

    /// Makes a learner the one in front of the phone; what belongs to the one before is put away.
    fn turn_to(&mut self, number: u32) -> Vec<Effect> {
        self.people.locked = false;
        self.people.current = number;
        self.lessons.clear();
        self.kept_answers.clear();
        self.choice = Choice::default();
        self.declined = false;
        self.later = false;
        (self.reading, self.whole_once, self.last) = (Reading::default(), None, None);
        self.aloud.slow = false;
        self.review = Revision::default();
        self.progress.remembered.clear();
        (self.me.passed, self.me.asking, self.me.asked_along) = (None, None, 0);
        self.know_me();
        vec![Effect::Face(number)]
    }

    /// Lets a learner be the one in front of the phone: at once, or once the PIN is given. Before that the tab is not
    /// theirs, and the browser must not keep that it is.
    fn give_to(&mut self, number: u32) -> Vec<Effect> {
        let mut effects = self.turn_to(number);
        if self.people.me().pin.is_some() {
            self.people.locked = true;
            self.me.asked = Some(number);
            effects.clear();
        }
        effects
    }

    /// Lets the phone's next learner be in front of it, for who was is gone.
    fn move_on(&mut self) -> Vec<Effect> {
        let next = self.people.here().next().map_or(0, |person| person.number);
        self.give_to(next)
    }

    fn add_person(&mut self, picture: u8) -> Vec<Effect> {
        if !self.people.has_room() {
            return Vec::new();
        }
        let number = self.people.add(picture, None);
        let mut effects = vec![self.keep_people()];
        effects.extend(self.face(number));
        effects
    }

    fn typed(&mut self, digits: String) -> Vec<Effect> {
        self.me.typed = digits;
        self.me.wrong = false;
        let asked = self.me.asked.and_then(|number| self.people.find(number));
        let Some(person) = asked.filter(|_| self.me.typed.len() >= super::people::PIN_DIGITS) else {
            return Vec::new();
        };
        if person.pin.is_none_or(|pin| pin.opens(&self.me.typed)) {
            // Who comes back to the phone goes on where the phone was.
            if self.people.locked && person.number == self.people.current {
                let arrival = std::mem::take(&mut self.me.arrival);
                let mut effects = self.turn_to(person.number);
                self.me = Me { arrival, ..Me::default() };
                effects.push(Effect::Resume);
                return effects;
            }
            return self.face(person.number);
        }
        self.me.wrong = true;
        self.me.typed.clear();
        Vec::new()
    }

    fn keep_pin(&mut self, pin: Option<Pin>) -> Vec<Effect> {
        let number = self.people.current;
        if let Some(person) = self.people.find_mut(number) {
            person.pin = pin;
        }
        self.me.typed.clear();
        vec![self.keep_people(), Effect::FocusHeading]
    }

    /// A learner got a secret: tells the worker, and gives what waits to the new id.
    pub(super) fn made(&mut self, number: u32, random: &[u8; 32], moment: Moment) -> Vec<Effect> {
        let (mut secret, mut key) = ([0; 16], [0; 16]);
        secret.copy_from_slice(&random[..16]);
        key.copy_from_slice(&random[16..]);
        let id = learner_id(&secret);
        let Some(person) = self.people.find_mut(number) else {
            return Vec::new();
        };
        let before = person.id.replace(id);
        self.know_me();
        let mut effects = vec![self.keep_people()];
        effects.extend(self.put(ToWorker::Add { nonce: moment.nonce, secret, key }));
        let waiting: Vec<ToWorker> =
            self.progress.outbox.iter().filter(|item| before.is_some() && item.learner() == before).cloned().collect();
        for (nonce, item) in (moment.nonce + 1..).zip(waiting) {
            effects.extend(self.drop_item(&item));
            effects.extend(match item {
                ToWorker::Done { course, lesson, score, day, .. } => {
                    self.put(ToWorker::Done { nonce, learner: Some(id), course, lesson, score, day })
                }
                ToWorker::Consent { commune, day, .. } => {
                    self.put(ToWorker::Consent { nonce, learner: Some(id), commune, day })
                }
                _ => None,
            });
        }
        effects
    }

    pub(super) fn put(&mut self, item: ToWorker) -> Option<Effect> {
        self.progress.put(item.clone()).then_some(Effect::Send(item))
    }

    fn drop_item(&mut self, item: &ToWorker) -> Option<Effect> {
        let nonce = item.nonce()?;
        self.progress.outbox.retain(|other| other.nonce() != Some(nonce));
        Some(Effect::Forget(nonce))
    }

    /// Drops what waits of the learner in front of the phone.
    fn drop_mine(&mut self) -> Vec<Effect> {
        let mine: Vec<ToWorker> =
            self.progress.outbox.iter().filter(|item| self.progress.is_mine(item)).cloned().collect();
        mine.iter().filter_map(|item| self.drop_item(item)).collect()
    }

    /// Another tab changed who there is. Who is gone there is gone here, and who is somebody else there is so here:
    /// nothing of the one before is kept on.
    pub(super) fn changed(&mut self, text: &str) -> Vec<Effect> {
        let Some(people) = super::People::from_text(text) else {
            return Vec::new();
        };
        let super::People { current, locked, next, .. } = self.people;
        let was = self.people.me().id;
        self.people = super::People { current, locked, next: next.max(people.next), ..people };
        if self.people.find(current).is_none_or(|person| person.gone) {
            let mut effects = self.move_on();
            effects.extend(self.go_me(Route::Me(Pane::People)));
            return effects;
        }
        self.know_me();
        let other = !locked && was.is_some() && self.people.me().id != was;
        if !other {
            return Vec::new();
        }
        let mut effects = self.turn_to(current);
        effects.extend(self.wants());
        effects
    }
}

impl Progress {
    /// Tells whether an item is that of who is in front of the phone.
    pub(super) fn is_mine(&self, item: &ToWorker) -> bool {
        match item.learner() {
            Some(id) => Some(id) == self.who,
            None => !self.other && matches!(item, ToWorker::Done { .. } | ToWorker::Consent { .. }),
        }
    }
}

#[cfg(test)]
mod tests;
