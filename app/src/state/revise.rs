//! Asking again what was answered wrong: one thing after the other, on a screen of its own.

use std::sync::Arc;

use content::pack::Hash;

use super::{
    App, Effect, Exercise, ExerciseState, Left, LessonKey, Load, OpenLesson, exercise,
    review::{Boxes, Kind, Topic},
};
use crate::route::Route;

/// What waits to be asked again, and what is asked on this visit of its screen.
#[derive(Debug, Clone, Default)]
pub struct Revision {
    /// Everything that waits.
    pub boxes: Boxes,
    /// What is asked on this visit, in order; `None` until the screen is opened.
    pub asked: Option<Vec<Topic>>,
    /// Which of it is asked now, counted from 0; beyond the last one, all were.
    pub at: usize,
    /// The answers to what is asked now, apart from those in the lesson itself.
    pub open: Option<OpenLesson>,
}

impl Revision {
    /// Returns what is asked now.
    pub fn now(&self) -> Option<Topic> {
        self.asked.as_ref()?.get(self.at).copied()
    }

    /// Returns whether what is asked now was answered right.
    pub fn is_answered(&self) -> bool {
        let (Some(open), Some(topic)) = (&self.open, self.now()) else {
            return false;
        };
        match topic.kind {
            Kind::Quiz(at) => !open.is_left(Left::Quiz(at.into())),
            Kind::Drill(at) => open.drill_is_right(at.into()).unwrap_or(false),
        }
    }
}

impl OpenLesson {
    /// Returns whether a message was judged right, if it was judged.
    pub(super) fn drill_is_right(&self, at: usize) -> Option<bool> {
        let (Exercise::Drill(scam), ExerciseState::Drill(state)) =
            (self.lesson.blocks.iter().filter_map(exercise).nth(at)?, self.exercises.0.get(at)?)
        else {
            return None;
        };
        Some(state.0? == scam.verdict)
    }
}

impl App {
    /// Returns what is due to be asked again today.
    pub fn due(&self) -> Vec<Topic> {
        self.review.boxes.due(self.today, |topic| self.is_here(topic))
    }

    /// Returns in how many days something is due next.
    pub fn next_due(&self) -> Option<u32> {
        self.review.boxes.next(self.today, |topic| self.is_here(topic))
    }

    /// Returns whether the catalogue has the edition that an item is of.
    fn is_here(&self, topic: &Topic) -> bool {
        let (course, lesson) = topic.lesson;
        let listed = self.catalogue.ready().and_then(|catalogue| catalogue.lesson(course, lesson));
        listed.is_some_and(|listed| edition(&listed.blob) == topic.edition)
    }

    /// Takes the first answer to something in: in its lesson, or when it is asked again.
    pub(super) fn first_answer(&mut self, task: Left, right: bool) -> Option<Effect> {
        let today = self.today;
        if self.route == Some(Route::Review) {
            let topic = self.review.now()?;
            self.review.boxes.answered(topic, right, today).then_some(())?;
        } else {
            let topic = topic(self.open_lesson()?.ready()?, task).filter(|_| !right)?;
            self.review.boxes.add(topic, today);
        }
        Some(self.keep_review())
    }

    pub(super) fn keep_review(&self) -> Effect {
        Effect::KeepReview(self.review.boxes.to_string())
    }

    /// Opens the screen's first item once it is known what there is, and asks for the lesson of the one asked now.
    pub(super) fn review_wants(&mut self) -> Option<Effect> {
        if self.route != Some(Route::Review) {
            self.review.asked = None;
            return None;
        }
        self.catalogue.ready()?;
        if self.review.asked.is_none() {
            self.review.asked = Some(self.due());
            (self.review.at, self.review.open) = (0, None);
        }
        let key = self.review.now()?.lesson;
        if self.lessons.contains_key(&key) {
            self.open_asked(key);
            return None;
        }
        let blob = self.step(key)?.lesson.blob;
        self.lessons.insert(key, Load::Waiting);
        Some(Effect::LoadLesson(key, blob))
    }

    /// Opens what is asked now when its lesson is here.
    pub(super) fn open_asked(&mut self, key: LessonKey) {
        let asked = self.review.now().is_some_and(|topic| topic.lesson == key);
        if asked
            && self.review.open.is_none()
            && let Some(Load::Ready(open)) = self.lessons.get(&key)
        {
            self.review.open = Some(OpenLesson::of(Arc::clone(&open.lesson), open.hash));
        }
    }

    pub(super) fn review_next(&mut self) -> Vec<Effect> {
        self.review.at += 1;
        self.review.open = None;
        let mut effects = vec![Effect::FocusHeading];
        effects.extend(self.review_wants());
        effects
    }
}

fn topic(open: &OpenLesson, task: Left) -> Option<Topic> {
    let number = |at: usize| u16::try_from(at).ok();
    let kind = match task {
        Left::Quiz(at) => Kind::Quiz(number(at)?),
        Left::Exercise(at) => Kind::Drill(number(at)?),
    };
    Some(Topic { lesson: (open.lesson.course, open.lesson.lesson), edition: edition(&open.hash), kind })
}

fn edition(hash: &Hash) -> u32 {
    let [a, b, c, d, ..] = hash.0;
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use content::pack::Verdict;

    use super::*;
    use crate::state::{Action, Moment, Play, sample};

    const DAY: u32 = 20_780;

    fn act(app: &mut App, day: u32, action: Action) -> Vec<Effect> {
        app.update(action, Moment { day, nonce: 1 })
    }

    /// A learner who answered a question and judged a message, both wrong at first.
    fn missed() -> App {
        let mut app = sample::app();
        act(&mut app, DAY, Action::Go(Route::step((1, 1), 0)));
        act(&mut app, DAY, Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::exercises())));
        let effects = act(&mut app, DAY, Action::Choose { quiz: 0, option: 1 });
        assert!(effects.contains(&Effect::KeepReview("1.1.1010101.q0.0.20780".into())), "{effects:?}");
        act(&mut app, DAY, Action::Choose { quiz: 0, option: 0 });
        for verdict in [Verdict::Genuine, Verdict::Scam] {
            act(&mut app, DAY, Action::Play { exercise: 1, play: Play::Judge(verdict) });
        }
        app
    }

    #[test]
    fn only_a_wrong_first_answer_comes_back() {
        let mut app = missed();
        assert_eq!(app.review.boxes.to_string(), "1.1.1010101.q0.0.20780 1.1.1010101.d1.0.20780");
        assert_eq!((app.due().len(), app.next_due()), (0, Some(1)));
        act(&mut app, DAY + 1, Action::Later);
        assert_eq!(app.due().len(), 2);
        let mut right = sample::app();
        act(&mut right, DAY, Action::Go(Route::step((1, 1), 0)));
        act(&mut right, DAY, Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::exercises())));
        act(&mut right, DAY, Action::Choose { quiz: 0, option: 0 });
        act(&mut right, DAY, Action::Play { exercise: 1, play: Play::Judge(Verdict::Scam) });
        act(&mut right, DAY, Action::Play { exercise: 1, play: Play::Judge(Verdict::Genuine) });
        assert_eq!(right.review.boxes, Boxes::default());
    }

    #[test]
    fn what_is_due_is_asked_one_by_one_apart_from_the_lesson() {
        let mut app = missed();
        act(&mut app, DAY + 1, Action::Go(Route::Review));
        assert!(!app.review.is_answered());
        let effects = act(&mut app, DAY + 1, Action::Choose { quiz: 0, option: 0 });
        assert_eq!(effects, [Effect::KeepReview("1.1.1010101.q0.1.20781 1.1.1010101.d1.0.20780".into())]);
        assert!(app.review.is_answered());
        act(&mut app, DAY + 1, Action::ReviewNext);
        act(&mut app, DAY + 1, Action::Play { exercise: 1, play: Play::Judge(Verdict::Genuine) });
        assert!(!app.review.is_answered(), "another try");
        act(&mut app, DAY + 1, Action::Play { exercise: 1, play: Play::Judge(Verdict::Scam) });
        assert!(app.review.is_answered());
        assert_eq!(app.review.boxes.to_string(), "1.1.1010101.q0.1.20781 1.1.1010101.d1.0.20781");
        act(&mut app, DAY + 1, Action::ReviewNext);
        assert_eq!((app.review.now(), app.due().len(), app.next_due()), (None, 0, Some(1)));
        let lesson = app.lessons[&(1, 1)].ready().unwrap();
        assert_eq!(lesson.quizzes.0[0].first, Some(false), "the lesson keeps its own answers");
    }

    #[test]
    fn the_lesson_is_fetched_for_what_is_asked() {
        let boxes = missed().review.boxes;
        let mut app = App { route: Some(Route::Review), live: true, ..App::default() };
        app.review.boxes = Boxes::read(&boxes.to_string());
        let effects = act(&mut app, DAY + 1, Action::CatalogueLoaded(Ok(sample::catalogue())));
        assert_eq!(effects, [Effect::LoadLesson((1, 1), sample::hash(1))]);
        act(&mut app, DAY + 1, Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::exercises())));
        assert!(app.review.open.is_some());
        act(&mut app, DAY + 1, Action::Go(Route::Home));
        act(&mut app, DAY + 1, Action::Go(Route::Review));
        assert_eq!(app.review.asked.as_ref().map(Vec::len), Some(2), "nothing was answered: it is still due");
    }

    #[test]
    fn a_changed_lesson_asks_nothing_old_and_a_wrong_clock_is_settled() {
        let mut app = missed();
        let mut catalogue = sample::catalogue();
        catalogue.courses[0].lessons[0].blob = sample::hash(9);
        act(&mut app, DAY + 1, Action::CatalogueLoaded(Ok(catalogue)));
        assert_eq!((app.due().len(), app.next_due()), (0, None));
        let effects = act(&mut app, DAY - 300, Action::Later);
        assert_eq!(effects[1], Effect::KeepReview("1.1.1010101.q0.0.20480 1.1.1010101.d1.0.20480".into()));
    }
}
