//! Where in a lesson the learner is, and where the next tap leads.

use core::iter;

use super::{App, Effect, Left, LessonKey, Load, Moment, OpenLesson, Reading, Step, exercise, update};
use crate::route::{self, Route};

/// Where the button below a step leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onward {
    /// To a step, counted from 0.
    Step(usize),
    /// To the end of the lesson.
    End,
}

impl OpenLesson {
    /// Returns the step that an address shows, counted from 0.
    pub fn step_at(&self, route: Option<Route>) -> usize {
        let step = match route {
            Some(Route::Step { step, .. }) => usize::from(step).saturating_sub(1),
            _ => 0,
        };
        step.min(self.steps.count() - 1)
    }

    /// Returns whether something on a step is still to be answered or done.
    pub fn is_open(&self, step: usize) -> bool {
        self.left().any(|(block, _)| self.steps.blocks(step).contains(&block))
    }

    /// Iterates over what is still to do: its block, counted from 0, and which of its kind it is.
    pub(super) fn left(&self) -> impl Iterator<Item = (usize, Left)> {
        self.tasks().filter(|(_, task)| self.is_left(*task))
    }

    /// Returns the step that a task stands on, counted from 0.
    pub(super) fn step_of(&self, task: Left) -> usize {
        self.tasks().find(|(_, found)| *found == task).map_or(0, |(block, _)| self.steps.step_of(block))
    }

    /// Iterates over what is to be answered or done: its block, counted from 0, and which of its kind it is.
    pub(super) fn tasks(&self) -> impl Iterator<Item = (usize, Left)> {
        let (mut quizzes, mut exercises) = (0, 0);
        let mut task = move |block: &content::pack::Block| {
            if matches!(block, content::pack::Block::Quiz(_)) {
                quizzes += 1;
                return Some(Left::Quiz(quizzes - 1));
            }
            exercise(block)?;
            exercises += 1;
            Some(Left::Exercise(exercises - 1))
        };
        self.lesson.blocks.iter().enumerate().filter_map(move |(at, block)| Some((at, task(block)?)))
    }

    pub(super) fn is_left(&self, task: Left) -> bool {
        match task {
            Left::Quiz(at) => self.quizzes.0.get(at).is_some_and(|state| state.verdict != super::Verdict::Right),
            Left::Exercise(at) => self.exercises.0.get(at).is_some_and(|state| !state.is_done()),
        }
    }

    /// Returns where the button below a step leads: on, or, after the end was tried with something left, to
    /// the next thing left.
    pub fn onward(&self, step: usize) -> Onward {
        let last = self.steps.count() - 1;
        if !self.early {
            return if step < last { Onward::Step(step + 1) } else { Onward::End };
        }
        let left: Vec<usize> = self.left().map(|(block, _)| self.steps.step_of(block)).collect();
        let next = left.iter().find(|found| **found > step).or_else(|| left.iter().find(|found| **found != step));
        match next {
            Some(next) => Onward::Step(*next),
            None if left.is_empty() || step == last => Onward::End,
            None => Onward::Step(last),
        }
    }

    /// Returns whether the learner did more than open it.
    fn is_begun(&self) -> bool {
        is_begun(&self.to_text())
    }
}

impl App {
    /// Returns whether the open lesson is shown whole, not step by step.
    pub fn is_whole(&self) -> bool {
        if self.end_of().is_some() {
            return false;
        }
        let key = self.route.and_then(Route::lesson);
        !self.live || self.reading == Reading::Whole || (key.is_some() && self.whole_once == key)
    }

    /// Returns the lesson whose end is on the screen. An address typed or kept from long ago shows the lesson.
    pub(crate) fn end_of(&self) -> Option<LessonKey> {
        match self.route {
            Some(Route::Finished { course, lesson }) if self.progress.is_done(course, lesson) => Some((course, lesson)),
            _ => None,
        }
    }

    /// Returns where a lesson is taken up: at the step the learner saw last, if it was begun and not finished.
    pub fn place(&self, key: LessonKey) -> Option<Route> {
        let step = self.step(key).filter(|_| !self.progress.is_done(key.0, key.1))?;
        let place = if let Some(Load::Ready(open)) = self.lessons.get(&key) {
            open.is_begun().then_some(open.place)
        } else {
            let text = self.kept_answers.get(&key)?;
            let fits = text.starts_with(&super::quiz::prefix(&step.lesson.blob));
            (fits && is_begun(text)).then(|| kept_place(text))
        };
        Some(Route::step(key, u16::try_from(place?).unwrap_or(u16::MAX)))
    }

    /// Finds the lesson to go on with: the one left last, else the first that was left.
    pub fn unfinished(&self) -> Option<(Step<'_>, Route)> {
        let last = self.last.and_then(|last| self.step(last));
        last.into_iter().chain(self.steps()).find_map(|step| Some((step, self.place(step.key())?)))
    }

    /// Notes the step on the screen as the learner's place.
    pub(super) fn arrive(&mut self) -> Vec<Effect> {
        let route = self.route;
        let (Some(key), false) = (route.and_then(Route::lesson), matches!(route, Some(Route::Finished { .. }))) else {
            return Vec::new();
        };
        let Some(open) = self.open_lesson_mut() else {
            return Vec::new();
        };
        let step = open.step_at(route);
        if open.place == step {
            return Vec::new();
        }
        open.place = step;
        self.keep_answers(key)
    }

    /// Keeps what the learner did in a lesson, and where.
    pub(super) fn keep_answers(&mut self, key: LessonKey) -> Vec<Effect> {
        let Some(open) = self.open_lesson_mut() else {
            return Vec::new();
        };
        let kept = Effect::KeepAnswers(key, open.to_text());
        self.last = Some(key);
        vec![kept]
    }

    pub(super) fn onward(&mut self, moment: Moment) -> Vec<Effect> {
        let route = self.route;
        let (Some(key), Some(open)) = (route.and_then(Route::lesson), self.open_lesson_mut()) else {
            return Vec::new();
        };
        match open.onward(open.step_at(route)) {
            Onward::Step(step) => self.go(to(key, step)),
            Onward::End => self.finish(moment),
        }
    }

    pub(super) fn step_back(&mut self) -> Vec<Effect> {
        let route = self.route;
        let (Some(key), Some(open)) = (route.and_then(Route::lesson), self.open_lesson_mut()) else {
            return Vec::new();
        };
        let Some(before) = open.step_at(route).checked_sub(1).map(|step| to(key, step)) else {
            return Vec::new();
        };
        iter::once(Effect::Return(before)).chain(self.moved(Some(before))).collect()
    }

    /// Goes to something left: to its step, or to its place on the whole page.
    pub(super) fn go_to_left(&mut self, left: Left) -> Vec<Effect> {
        let id = match left {
            Left::Quiz(at) => update::quiz_id(at),
            Left::Exercise(at) => update::exercise_id(at),
        };
        let (whole, route) = (self.is_whole(), self.route);
        let (Some(key), Some(open)) = (route.and_then(Route::lesson), self.open_lesson_mut()) else {
            return Vec::new();
        };
        let step = open.step_of(left);
        if whole || step == open.step_at(route) { vec![Effect::Focus(id)] } else { self.go(to(key, step)) }
    }

    /// Brings a step of a lesson that is shown whole into view.
    pub(super) fn look_at(&mut self, route: Route) -> Option<Effect> {
        let whole = self.is_whole() && matches!(route, Route::Step { .. });
        let open = self.open_lesson_mut().filter(|_| whole)?;
        Some(Effect::Focus(step_id(open.step_at(Some(route)))))
    }

    /// Changes between the whole lesson and its steps, at the step on the screen.
    pub(super) fn want_whole(&mut self, whole: bool) -> Vec<Effect> {
        self.reading = if whole { Reading::Whole } else { Reading::Steps };
        self.whole_once = None;
        let mut effects = vec![Effect::RememberWhole(whole)];
        let route = self.route;
        if let Some(open) = self.open_lesson_mut() {
            let step = open.step_at(route);
            effects.push(if whole && step > 0 { Effect::Focus(step_id(step)) } else { Effect::FocusHeading });
        }
        effects
    }
}

/// Returns the address of a step, counted from 0.
fn to(key: LessonKey, step: usize) -> Route {
    Route::step(key, u16::try_from(step).unwrap_or(u16::MAX))
}

/// Returns the id of a step, counted from 0, on the whole page.
pub(crate) fn step_id(step: usize) -> String {
    [route::STEP, &(step + 1).to_string()].concat()
}

/// Reads how many steps are behind from what [`OpenLesson::to_text`] wrote.
pub(super) fn kept_place(text: &str) -> usize {
    text.split('.').nth(2).and_then(|place| place.parse().ok()).unwrap_or_default()
}

/// Returns whether a kept text says more than that a lesson was opened.
fn is_begun(text: &str) -> bool {
    let answers = text.split_once(':').map_or("", |(_, answers)| answers);
    answers.contains(|c: char| c.is_ascii_hexdigit() && c != '0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Action, Play, sample};

    const MOMENT: Moment = Moment { day: 20_780, nonce: 42 };

    fn act(app: &mut App, action: Action) -> Vec<Effect> {
        app.update(action, MOMENT)
    }

    /// A lesson of four steps: text, a question, text, a question.
    fn open() -> App {
        let mut app = sample::app();
        act(&mut app, Action::Go(Route::step((1, 1), 0)));
        act(&mut app, Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::lesson(1))));
        app
    }

    fn at(app: &App) -> usize {
        app.open_lesson().and_then(Load::ready).unwrap().step_at(app.route)
    }

    #[test]
    fn each_step_is_an_entry_of_the_history_and_a_place_that_is_kept() {
        let mut app = open();
        assert_eq!(app.unfinished().map(|(_, place)| place), None, "opened is not begun");
        let effects = act(&mut app, Action::Onward);
        assert_eq!(effects[0], Effect::Visit(Route::Step { course: 1, lesson: 1, step: 2 }));
        assert!(matches!(&effects[1], Effect::KeepAnswers((1, 1), text) if text.ends_with("..1")), "{effects:?}");
        act(&mut app, Action::Onward);
        let effects = act(&mut app, Action::StepBack);
        assert_eq!(effects[0], Effect::Return(Route::Step { course: 1, lesson: 1, step: 2 }));
        // The browser's back button.
        act(&mut app, Action::Moved(Some(Route::step((1, 1), 0))));
        assert_eq!((at(&app), act(&mut app, Action::StepBack)), (0, vec![]));
    }

    #[test]
    fn an_unfinished_lesson_is_taken_up_where_it_was_left_on_the_next_visit_too() {
        let mut app = open();
        let third = Route::Step { course: 1, lesson: 1, step: 3 };
        act(&mut app, Action::Onward);
        let effects = act(&mut app, Action::Onward);
        act(&mut app, Action::Go(Route::Home));
        assert_eq!(app.unfinished().map(|(_, place)| place), Some(third));
        let Effect::KeepAnswers(key, text) = &effects[1] else { panic!("{effects:?}") };
        let mut next = sample::app();
        next.kept_answers.insert(*key, text.clone());
        assert_eq!(next.unfinished().map(|(_, place)| place), Some(third), "before the lesson is here");
        act(&mut next, Action::Go(third));
        act(&mut next, Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::lesson(1))));
        assert_eq!(at(&next), 2);
        act(&mut next, Action::Go(Route::Home));
        assert_eq!(next.unfinished().map(|(_, place)| place), Some(third));
    }

    #[test]
    fn what_was_kept_of_another_edition_is_no_place() {
        let mut app = sample::app();
        for text in ["00000000:000000000000..3", "01010101:000000000000.", "", "01010101:000000000000..0"] {
            app.kept_answers.insert((1, 1), text.to_owned());
            assert_eq!(app.place((1, 1)), None, "{text}");
        }
        app.kept_answers.insert((1, 1), "01010101:000000000000..x".to_owned());
        assert_eq!(app.place((1, 1)), None, "no number of ours");
        app.kept_answers.insert((1, 1), "01010101:000000000000..900".to_owned());
        let place = app.place((1, 1)).unwrap();
        act(&mut app, Action::Go(place));
        act(&mut app, Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::lesson(1))));
        assert_eq!(at(&app), 3, "the last step");
    }

    #[test]
    fn the_lesson_left_last_comes_first() {
        let mut app = open();
        act(&mut app, Action::Onward);
        app.kept_answers.insert((1, 3), "03030303:010000000000..1".to_owned());
        assert_eq!(app.unfinished().unwrap().0.key(), (1, 1));
        app.last = Some((1, 3));
        assert_eq!(app.unfinished().unwrap().0.key(), (1, 3));
        app.last = Some((7, 7));
        assert_eq!(app.unfinished().unwrap().0.key(), (1, 1));
    }

    #[test]
    fn the_end_leads_to_what_is_left_one_after_the_other() {
        let mut app = sample::app();
        act(&mut app, Action::Go(Route::step((1, 1), 0)));
        act(&mut app, Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::exercises())));
        // The title, a practice, a question, a message, an order.
        for _ in 0..4 {
            act(&mut app, Action::Onward);
        }
        act(&mut app, Action::Finish);
        assert_eq!(at(&app), 1);
        act(&mut app, Action::Onward);
        assert_eq!(at(&app), 2, "left again");
        act(&mut app, Action::Choose { quiz: 0, option: 0 });
        act(&mut app, Action::Onward);
        act(&mut app, Action::Play { exercise: 1, play: Play::Judge(content::pack::Verdict::Scam) });
        act(&mut app, Action::Onward);
        for step in 0..3 {
            act(&mut app, Action::Play { exercise: 2, play: Play::Step(step) });
        }
        act(&mut app, Action::Onward);
        assert_eq!(at(&app), 1, "the practice is still left");
        act(&mut app, Action::Onward);
        assert_eq!(at(&app), 4, "and may be left again");
        act(&mut app, Action::Finish);
        assert_eq!(at(&app), 1);
    }

    #[test]
    fn a_reader_who_went_on_before_the_bundle_came_keeps_the_whole_lesson_this_time() {
        let mut app = open();
        act(&mut app, Action::StayWhole);
        assert!(app.is_whole());
        act(&mut app, Action::Go(Route::Home));
        act(&mut app, Action::Go(Route::step((1, 1), 0)));
        assert!(!app.is_whole());
        assert_eq!(act(&mut app, Action::Whole(true))[0], Effect::RememberWhole(true));
        act(&mut app, Action::Choose { quiz: 1, option: 0 });
        assert_eq!(app.place((1, 1)), Some(Route::Step { course: 1, lesson: 1, step: 4 }));
        assert!(
            act(&mut app, Action::Go(Route::Step { course: 1, lesson: 1, step: 4 }))
                .contains(&Effect::Focus("man-4".into()))
        );
    }
}
