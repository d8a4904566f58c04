//! What is done, where it lies, and what the state line says about it.

use super::people::learner_id;
use crate::protocol::{
    DONE_MAX, DoneLesson, Failure, FromWorker, LEARNERS_MAX, LearnerBytes, LearnerState, Link, PhoneState, ToWorker,
    WITHDRAWN,
};

/// Most items that wait for the worker; far more than a day of learning.
pub const OUTBOX_MAX: usize = 256;

/// Where the page keeps items until the worker confirms them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keeping {
    /// In the browser's local storage: survives a closed tab.
    #[default]
    Browser,
    /// Only in the page: the browser refuses local storage.
    Memory,
}

/// The worker, as the page sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Worker {
    /// Not started or not answering yet.
    #[default]
    Starting,
    /// It answered.
    Running,
    /// It cannot run here, or said why it cannot keep anything.
    Failed(Option<Failure>),
}

/// Progress on this phone.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// The worker's latest word.
    pub phone: Option<PhoneState>,
    /// Items the worker has not confirmed, oldest first.
    pub outbox: Vec<ToWorker>,
    /// Where the outbox lies.
    pub keeping: Keeping,
    /// The worker's health.
    pub worker: Worker,
    /// Lessons that were finished at the last visit, shown until the worker answers.
    pub remembered: Vec<(u16, u16)>,
    /// Who is in front of the phone; `None` for the first learner until the worker told, and for who is new.
    pub who: Option<LearnerBytes>,
    /// Whether that is another than the phone's first learner.
    pub other: bool,
    /// Nonces of items that the store refused before the worker told whether it has their learner; each is one of
    /// the outbox.
    pub(super) unclear: Vec<u64>,
}

/// First step of the state line: is it on this phone?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing was finished yet.
    Nothing,
    /// On its way into the store.
    Saving,
    /// The worker cannot run; local storage holds it.
    HeldByPage,
    /// The worker cannot run and local storage refuses.
    HeldInMemory,
    /// Durable.
    Saved,
}

/// Second step: does the team have it?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The learner has not agreed to send.
    NotAgreed,
    /// No hub answers.
    Offline,
    /// A hub is being reached.
    Connecting,
    /// A session is open, nothing acknowledged.
    Sending,
    /// A part is acknowledged.
    Some {
        /// Lessons the hub has.
        sent: u32,
        /// Lessons finished.
        all: u32,
    },
    /// Everything is acknowledged.
    All,
}

/// The state line of one learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateLine {
    /// On this phone.
    pub kept: Kept,
    /// At the team.
    pub sent: Sent,
    /// Whether the province has everything.
    pub arrived: bool,
}

impl Progress {
    /// Takes the worker's word; returns the nonce of an item that need not be kept any more.
    pub fn hear(&mut self, message: FromWorker) -> Option<u64> {
        match message {
            FromWorker::State(phone) => {
                self.phone = Some(phone);
                self.worker = Worker::Running;
                None
            }
            FromWorker::Kept { nonce } => {
                let at = self.outbox.iter().position(|item| item.nonce() == Some(nonce));
                if let Some(at) = at {
                    let item = self.outbox.remove(at);
                    self.mirror(&item);
                }
                Some(nonce)
            }
            // An item that can never be kept must not be sent for ever; others are tried again.
            FromWorker::Failed { nonce: Some(nonce), reason: Failure::Bounds | Failure::UnknownLearner } => {
                self.outbox.retain(|item| item.nonce() != Some(nonce));
                Some(nonce)
            }
            // Answers a question of the screens, and is heard there.
            FromWorker::Passed { .. } => None,
            FromWorker::Failed { reason, .. } => {
                self.worker = Worker::Failed(Some(reason));
                None
            }
        }
    }

    /// Adds an item to the outbox; `false` when it is full.
    #[must_use]
    pub fn put(&mut self, item: ToWorker) -> bool {
        let room = self.outbox.len() < OUTBOX_MAX;
        if room {
            self.outbox.push(item);
        }
        room
    }

    /// Returns the learner in front of the phone.
    pub fn learner(&self) -> Option<&LearnerState> {
        let mut learners = self.phone.as_ref()?.learners.iter().filter(|learner| learner.id != WITHDRAWN);
        match self.who {
            Some(id) => learners.find(|learner| learner.id == id),
            None => learners.next().filter(|_| !self.other),
        }
    }

    /// Returns whether the store, by the worker's latest word, has a learner.
    pub(super) fn has(&self, id: LearnerBytes) -> bool {
        self.phone.iter().flat_map(|phone| &phone.learners).any(|learner| learner.id == id)
    }

    /// Returns whether the store, by the worker's latest word, has lost a learner, or they withdrew on another phone.
    /// Who is on the way into it is not lost; nor is, for all we know, anybody where the word has no room for more.
    pub(crate) fn lacks(&self, id: LearnerBytes) -> bool {
        let Some(phone) = &self.phone else {
            return false;
        };
        let told = phone.learners.len() >= LEARNERS_MAX - 1 || self.has(id);
        let adds = |item: &ToWorker| matches!(item, ToWorker::Add { secret, .. } if learner_id(secret) == id);
        !told && !self.outbox.iter().any(adds)
    }

    /// Goes through the items of the learner in front of the phone that wait.
    fn mine(&self) -> impl Iterator<Item = &ToWorker> {
        self.outbox.iter().filter(|item| self.is_mine(item))
    }

    /// Returns whether the lesson was finished, confirmed or not.
    pub fn is_done(&self, course: u16, lesson: u16) -> bool {
        let key = (course, lesson);
        let confirmed = self.learner().map_or(self.remembered.contains(&key), |learner| {
            learner.done.iter().any(|done| (done.course, done.lesson) == key)
        });
        let waits =
            |item: &ToWorker| matches!(item, ToWorker::Done { course, lesson, .. } if (*course, *lesson) == key);
        confirmed || self.mine().any(waits)
    }

    /// Returns whether any lesson was finished on this phone, confirmed or not.
    pub fn any_done(&self) -> bool {
        let confirmed = self.learner().map_or(!self.remembered.is_empty(), |learner| !learner.done.is_empty());
        confirmed || self.mine().any(|item| matches!(item, ToWorker::Done { .. }))
    }

    /// Returns the confirmed lessons as a short text for the next visit: `1.2 1.3`.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for done in self.learner().map_or(&[][..], |learner| &learner.done) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&done.course.to_string());
            text.push('.');
            text.push_str(&done.lesson.to_string());
        }
        text
    }

    /// Reads what [`Self::to_text`] wrote; leaves out what it did not write.
    pub fn remember(&mut self, text: &str) {
        let pair = |pair: &str| {
            let (course, lesson) = pair.split_once('.')?;
            Some((course.parse().ok()?, lesson.parse().ok()?))
        };
        self.remembered = text.split(' ').filter_map(pair).take(DONE_MAX).collect();
    }

    /// Returns the commune the learner agreed to send to, confirmed or not.
    pub fn commune(&self) -> Option<u32> {
        let waiting = self
            .mine()
            .filter_map(|item| match item {
                ToWorker::Consent { commune, .. } => Some(*commune),
                _ => None,
            })
            .last();
        waiting.or_else(|| self.learner()?.commune)
    }

    /// Returns what the state line says.
    pub fn line(&self) -> StateLine {
        let (all, saved, sent, arrived) = self.learner().map_or((0, 0, 0, 0), |learner| {
            let all = u32::try_from(learner.done.len()).unwrap_or(u32::MAX);
            (all, learner.saved, learner.sent, learner.arrived)
        });
        let waiting = self.mine().any(|item| matches!(item, ToWorker::Done { .. }));
        StateLine {
            kept: self.kept(all, saved, waiting),
            sent: self.sent(all, sent, waiting),
            arrived: all > 0 && !waiting && arrived >= all,
        }
    }

    fn kept(&self, all: u32, saved: u32, waiting: bool) -> Kept {
        match (waiting, self.worker, self.keeping) {
            (true, Worker::Failed(_), Keeping::Browser) => Kept::HeldByPage,
            (true, Worker::Failed(_), Keeping::Memory) => Kept::HeldInMemory,
            (true, ..) => Kept::Saving,
            (false, ..) if all == 0 => Kept::Nothing,
            (false, ..) if saved < all => Kept::Saving,
            (false, ..) => Kept::Saved,
        }
    }

    fn sent(&self, all: u32, sent: u32, waiting: bool) -> Sent {
        if self.commune().is_none() {
            return Sent::NotAgreed;
        }
        if all > 0 && sent >= all && !waiting {
            return Sent::All;
        }
        match self.phone.as_ref().map_or(Link::Offline, |phone| phone.link) {
            Link::Offline => Sent::Offline,
            Link::Connecting => Sent::Connecting,
            Link::Connected if sent == 0 => Sent::Sending,
            Link::Connected => Sent::Some { sent, all },
        }
    }

    /// Shows a confirmed item until the worker's next state says the same.
    fn mirror(&mut self, item: &ToWorker) {
        let whose = item.learner();
        if let (ToWorker::Add { secret, .. }, Some(phone)) = (item, &mut self.phone) {
            let id = learner_id(secret);
            if phone.learners.iter().all(|learner| learner.id != id) {
                phone.learners.push(LearnerState { id, commune: None, done: vec![], saved: 0, sent: 0, arrived: 0 });
            }
            return;
        }
        let is_theirs = |learner: &&mut LearnerState| match whose {
            Some(id) => learner.id == id,
            None => learner.id != WITHDRAWN,
        };
        let Some(learner) = self.phone.as_mut().and_then(|phone| phone.learners.iter_mut().find(is_theirs)) else {
            return;
        };
        match *item {
            ToWorker::Consent { commune, .. } => learner.commune = Some(commune),
            ToWorker::Done { course, lesson, score, day, .. } => {
                let known = learner.done.iter().any(|d| (d.course, d.lesson) == (course, lesson));
                if !known {
                    learner.done.push(DoneLesson { course, lesson, score, day });
                    learner.saved += 1;
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Storage;

    fn done(nonce: u64) -> ToWorker {
        ToWorker::Done { nonce, learner: None, course: 1, lesson: nonce as u16, score: 100, day: 1 }
    }

    fn phone(commune: Option<u32>, link: Link, counts: [u32; 3]) -> FromWorker {
        let lesson = |lesson| DoneLesson { course: 1, lesson, score: 100, day: 1 };
        FromWorker::State(PhoneState {
            storage: Storage::Opfs,
            owner: true,
            link,
            learners: vec![LearnerState {
                id: [1; 16],
                commune,
                done: vec![lesson(1), lesson(2)],
                saved: counts[0],
                sent: counts[1],
                arrived: counts[2],
            }],
        })
    }

    fn line(message: FromWorker) -> StateLine {
        let mut progress = Progress::default();
        progress.hear(message);
        progress.line()
    }

    #[test]
    fn the_line_follows_a_record_from_the_phone_to_the_province() {
        let here = Some(30_292);
        for (commune, link, counts, kept, sent, arrived) in [
            (None, Link::Offline, [1, 0, 0], Kept::Saving, Sent::NotAgreed, false),
            (None, Link::Connected, [2, 0, 0], Kept::Saved, Sent::NotAgreed, false),
            (here, Link::Offline, [2, 0, 0], Kept::Saved, Sent::Offline, false),
            (here, Link::Connecting, [2, 0, 0], Kept::Saved, Sent::Connecting, false),
            (here, Link::Connected, [2, 0, 0], Kept::Saved, Sent::Sending, false),
            (here, Link::Connected, [2, 1, 0], Kept::Saved, Sent::Some { sent: 1, all: 2 }, false),
            (here, Link::Offline, [2, 2, 1], Kept::Saved, Sent::All, false),
            (here, Link::Offline, [2, 2, 2], Kept::Saved, Sent::All, true),
        ] {
            let expected = StateLine { kept, sent, arrived };
            assert_eq!(line(phone(commune, link, counts)), expected);
        }
    }

    #[test]
    fn saved_is_said_only_after_the_worker_confirmed() {
        let mut progress = Progress::default();
        assert_eq!(progress.line().kept, Kept::Nothing);
        assert!(progress.put(done(3)));
        assert_eq!(progress.line().kept, Kept::Saving);
        progress.hear(phone(Some(1), Link::Connected, [2, 2, 2]));
        assert_eq!(progress.line().kept, Kept::Saving);
        assert!(!progress.line().arrived);
        assert_eq!(progress.hear(FromWorker::Kept { nonce: 3 }), Some(3));
        assert_eq!(progress.line().kept, Kept::Saved);
        assert!(progress.is_done(1, 3));
        assert!(!progress.line().arrived, "the new lesson has not arrived");
    }

    #[test]
    fn a_worker_that_cannot_run_is_told_honestly() {
        let mut progress = Progress::default();
        assert!(progress.put(done(1)));
        progress.hear(FromWorker::Failed { nonce: None, reason: Failure::NoStorage });
        assert_eq!(progress.line().kept, Kept::HeldByPage);
        progress.keeping = Keeping::Memory;
        assert_eq!(progress.line().kept, Kept::HeldInMemory);
        assert!(progress.is_done(1, 1));
    }

    #[test]
    fn only_an_item_that_can_never_be_kept_is_given_up() {
        let mut progress = Progress::default();
        assert!(progress.put(done(1)));
        let failed = |reason| FromWorker::Failed { nonce: Some(1), reason };
        assert_eq!(progress.hear(failed(Failure::Full)), None);
        assert_eq!(progress.outbox.len(), 1);
        assert_eq!(progress.hear(failed(Failure::Bounds)), Some(1));
        assert!(progress.outbox.is_empty());
    }

    #[test]
    fn done_lessons_are_shown_before_the_worker_answers() {
        let mut progress = Progress::default();
        progress.hear(phone(None, Link::Offline, [2, 0, 0]));
        let text = progress.to_text();
        assert_eq!(text, "1.1 1.2");
        let mut next = Progress::default();
        next.remember(&[&text, " x 1 1.2.3 70000.1"].concat());
        assert_eq!(next.remembered, [(1, 1), (1, 2)]);
        assert!(next.is_done(1, 2) && next.any_done());
        assert_eq!(next.line().kept, Kept::Nothing, "the worker has the say on what is saved");
        next.hear(FromWorker::State(PhoneState {
            storage: Storage::Opfs,
            owner: true,
            link: Link::Offline,
            learners: vec![],
        }));
        assert!(next.is_done(1, 1), "no learner yet: the store may still be opening");
    }

    #[test]
    fn the_outbox_is_bounded() {
        let mut progress = Progress::default();
        for nonce in 0..OUTBOX_MAX as u64 {
            assert!(progress.put(done(nonce)));
        }
        assert!(!progress.put(done(9)));
    }
}
