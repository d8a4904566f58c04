//! How the state changes.

use std::sync::Arc;

use content::pack::{Hash, Lesson};

use super::{
    Action, App, Choice, Draw, Effect, Left, LessonKey, Load, LoadError, MeAction, Moment, OpenLesson, Play, exercise,
};
use crate::{protocol::ToWorker, route::Route};

impl App {
    /// Takes one action and returns what the browser shall do.
    pub fn update(&mut self, action: Action, moment: Moment) -> Vec<Effect> {
        self.today = moment.day;
        let settled = self.review.boxes.settle(moment.day);
        let before = (self.route, self.is_whole());
        let mut effects = self.interrupt(&action);
        effects.extend(self.take(action, moment));
        if before != (self.route, self.is_whole()) {
            effects.extend(self.leave());
        }
        if settled {
            effects.push(self.keep_review());
        }
        effects
    }

    fn take(&mut self, action: Action, moment: Moment) -> Vec<Effect> {
        match action {
            Action::Go(route) => self.go(route),
            Action::Moved(route) => self.moved(route),
            Action::Choose { quiz, option } => self.choose(quiz, option),
            Action::Answer { quiz } => self.answer(quiz),
            Action::Play { exercise, play } => self.play(exercise, &play),
            Action::Finish => self.finish(moment),
            Action::Search(query) => self.search(query),
            Action::Pick(code) => self.pick(code),
            Action::Unpick => self.unpick(),
            Action::Tick(ticked) => self.tick(ticked),
            Action::Agree => self.agree(moment),
            Action::Decline => self.decline(),
            Action::Later => self.put_off(),
            Action::Retry => self.retry(),
            Action::ShelfRead(held) => {
                self.shelf.held = held;
                self.list_audio()
            }
            Action::Measure(course) => self.measure(course),
            Action::Measured(course, bytes) => {
                self.measured(course, bytes);
                Vec::new()
            }
            Action::KeepCourse(course) => self.keep_course(course),
            Action::BlobKept(course, blob) => self.blob_kept(course, blob),
            Action::DropCourse(course) => self.drop_course(course),
            Action::BlobsDropped(gone) => {
                self.blobs_dropped(&gone);
                Vec::new()
            }
            Action::CatalogueLoaded(result) => self.catalogue_loaded(result),
            Action::LessonLoaded(key, hash, result) => self.lesson_loaded(key, hash, result),
            Action::CommunesLoaded(result) => {
                self.communes = result.map(Arc::new).into();
                Vec::new()
            }
            Action::Worker(message) => self.hear(message, moment),
            Action::Me(MeAction::Drawn(Draw::Learner(number), random)) => self.made(number, &random, moment),
            Action::Me(MeAction::Changed(text)) => self.changed(&text),
            // The learner's own page does these.
            Action::Me(_) => Vec::new(),
            Action::WorkerBroken => {
                self.progress.worker = super::Worker::Failed(None);
                Vec::new()
            }
            Action::Onward => self.onward(moment),
            Action::StepBack => self.step_back(),
            Action::Whole(whole) => self.want_whole(whole),
            Action::StayWhole => {
                self.whole_once = self.route.and_then(Route::lesson);
                Vec::new()
            }
            Action::ReviewNext => self.review_next(),
            Action::Find(query) => {
                self.find = query.chars().take(super::QUERY_CHARS_MAX).collect();
                Vec::new()
            }
            Action::Offline(offline) => {
                self.offline = offline;
                Vec::new()
            }
            Action::UseNewer => self.may_renew().then_some(Effect::UseNewer).into_iter().collect(),
            Action::Clock(clock) => {
                self.clock = clock;
                Vec::new()
            }
            Action::Lasting(lasting) => {
                self.lasting = Some(lasting);
                Vec::new()
            }
            Action::Aloud(heard) => self.heard(heard),
        }
    }

    /// Returns what the screen needs and nobody has asked for yet.
    pub fn wants(&mut self) -> Vec<Effect> {
        let Some(route) = self.route else {
            return Vec::new();
        };
        let mut wants = Vec::new();
        if let Some(key) = route.lesson()
            && !self.lessons.contains_key(&key)
            && let Some(step) = self.step(key)
        {
            wants.push(Effect::LoadLesson(key, step.lesson.blob));
            self.lessons.insert(key, Load::Waiting);
        }
        if route == Route::Commune && self.communes == Load::Waiting {
            wants.push(Effect::LoadCommunes);
        }
        wants.extend(self.review_wants());
        wants
    }

    pub(super) fn go(&mut self, route: Route) -> Vec<Effect> {
        let mut effects = vec![Effect::Visit(route)];
        effects.extend(self.moved(Some(route)));
        effects.extend(self.look_at(route));
        effects
    }

    pub(super) fn moved(&mut self, route: Option<Route>) -> Vec<Effect> {
        if self.route == route {
            return Vec::new();
        }
        let left = self.route.and_then(Route::lesson);
        self.route = route;
        self.choice = Choice::default();
        if left.is_none() || left != route.and_then(Route::lesson) {
            self.whole_once = None;
            if let Some(open) = self.open_lesson_mut() {
                open.early = false;
            }
        }
        let mut effects = self.wants();
        effects.extend(self.arrive());
        effects
    }

    pub(super) fn open_lesson_mut(&mut self) -> Option<&mut OpenLesson> {
        if self.route == Some(Route::Review) {
            return self.review.open.as_mut();
        }
        match self.lessons.get_mut(&self.route?.lesson()?)? {
            Load::Ready(open) => Some(open),
            Load::Waiting | Load::Failed(_) => None,
        }
    }

    fn lesson_loaded(&mut self, key: LessonKey, hash: Hash, result: Result<Lesson, LoadError>) -> Vec<Effect> {
        // What is shown stays where nothing came, and where somebody has begun to answer it.
        let shown = self.lessons.get(&key).and_then(Load::ready);
        if shown.is_some_and(|open| result.is_err() || !open.is_untouched()) {
            return Vec::new();
        }
        let open = result.map(|lesson| {
            let mut open = OpenLesson::of(Arc::new(lesson), hash);
            if let Some(text) = self.kept_answers.remove(&key) {
                open.recall(&text);
            }
            open
        });
        self.lessons.insert(key, open.into());
        self.open_asked(key);
        match self.route {
            // Opened at its first step, it may still be taken up where it was left.
            Some(route @ Route::Step { .. }) if route.lesson() == Some(key) => {
                self.arrive().into_iter().chain(self.look_at(route)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn choose(&mut self, quiz: usize, option: usize) -> Vec<Effect> {
        self.with_quiz(quiz, |state, quiz| state.choose(quiz, option))
    }

    fn answer(&mut self, quiz: usize) -> Vec<Effect> {
        let effects = self.with_quiz(quiz, super::QuizState::answer);
        if let Some(open) = self.open_lesson_mut() {
            open.unticked = open.quizzes.0.get(quiz).is_some_and(|state| state.chosen == 0).then_some(quiz);
        }
        effects
    }

    fn with_quiz(
        &mut self,
        at: usize,
        change: impl FnOnce(&mut super::QuizState, &content::pack::Quiz),
    ) -> Vec<Effect> {
        let (whole, key) = (self.is_whole(), self.route.and_then(Route::lesson));
        let Some(open) = self.open_lesson_mut() else {
            return Vec::new();
        };
        let lesson = Arc::clone(&open.lesson);
        let (Some(quiz), Some(state)) = (lesson.quizzes().nth(at), open.quizzes.0.get_mut(at)) else {
            return Vec::new();
        };
        let before = state.first;
        change(state, quiz);
        let first = state.first.filter(|_| before.is_none());
        open.unticked = None;
        if whole {
            open.place = open.step_of(Left::Quiz(at));
        }
        open.early &= open.first_left().is_some();
        let mut effects = key.map(|key| self.keep_answers(key)).unwrap_or_default();
        effects.extend(first.and_then(|right| self.first_answer(Left::Quiz(at), right)));
        effects
    }

    fn play(&mut self, at: usize, play: &Play) -> Vec<Effect> {
        let (whole, key) = (self.is_whole(), self.route.and_then(Route::lesson));
        let Some(open) = self.open_lesson_mut() else {
            return Vec::new();
        };
        let lesson = Arc::clone(&open.lesson);
        let found = lesson.blocks.iter().filter_map(exercise).nth(at);
        let judged = open.drill_is_right(at);
        let (Some(found), Some(state)) = (found, open.exercises.0.get_mut(at)) else {
            return Vec::new();
        };
        let turned = state.play(found, play);
        if whole {
            open.place = open.step_of(Left::Exercise(at));
        }
        open.early &= open.first_left().is_some();
        let first = open.drill_is_right(at).filter(|_| judged.is_none());
        let mut effects = key.map(|key| self.keep_answers(key)).unwrap_or_default();
        effects.extend(first.and_then(|right| self.first_answer(Left::Exercise(at), right)));
        match play {
            _ if turned => effects.push(Effect::Follow(turn_id(at))),
            Play::Tap(_) | Play::Judge(_) | Play::Step(_) => effects.push(Effect::Reveal(exercise_id(at))),
            _ => {}
        }
        effects
    }

    pub(super) fn finish(&mut self, moment: Moment) -> Vec<Effect> {
        let Some((course, lesson)) = self.route.and_then(Route::lesson) else {
            return Vec::new();
        };
        let Some(open) = self.open_lesson_mut() else {
            return Vec::new();
        };
        if let Some(left) = open.first_left() {
            open.early = true;
            return self.go_to_left(left);
        }
        let score = open.quizzes.score();
        let Moment { day, nonce } = moment;
        let item = ToWorker::Done { nonce, learner: self.progress.who, course, lesson, score, day };
        if !self.progress.put(item.clone()) {
            // No room for another: the answers stay, and so does the button.
            return Vec::new();
        }
        let mut effects = vec![Effect::Send(item)];
        // Reading it again starts with everything to do.
        if let Some(open) = self.open_lesson_mut() {
            *open = OpenLesson::of(Arc::clone(&open.lesson), open.hash);
        }
        self.last = self.last.filter(|last| *last != (course, lesson));
        if self.lasting.is_none() {
            effects.push(Effect::AskToLast);
        }
        effects.push(Effect::ForgetAnswers((course, lesson)));
        effects.extend(self.go(Route::Finished { course, lesson }));
        effects
    }

    fn search(&mut self, query: String) -> Vec<Effect> {
        self.choice.query = query;
        Vec::new()
    }

    fn pick(&mut self, code: u32) -> Vec<Effect> {
        self.choice = Choice { picked: Some(code), ..Choice::default() };
        vec![Effect::FocusHeading]
    }

    fn unpick(&mut self) -> Vec<Effect> {
        self.choice = Choice { picked: None, ..Choice::default() };
        vec![Effect::FocusHeading]
    }

    fn tick(&mut self, ticked: bool) -> Vec<Effect> {
        self.choice.ticked = ticked;
        self.choice.untickedly = false;
        Vec::new()
    }

    fn agree(&mut self, moment: Moment) -> Vec<Effect> {
        let Some(commune) = self.choice.picked else {
            return Vec::new();
        };
        if !self.choice.ticked {
            self.choice.untickedly = true;
            return vec![Effect::Focus(CONSENT_ID.to_owned())];
        }
        let Moment { day, nonce } = moment;
        let item = ToWorker::Consent { nonce, learner: self.progress.who, commune, day };
        if !self.progress.put(item.clone()) {
            // Nothing is said to be recorded that is not.
            return Vec::new();
        }
        self.choice = Choice { agreed: true, ..Choice::default() };
        self.declined = false;
        vec![Effect::RememberDeclined(false), Effect::FocusHeading, Effect::Send(item)]
    }

    fn decline(&mut self) -> Vec<Effect> {
        self.declined = true;
        let mut effects = vec![Effect::RememberDeclined(true)];
        effects.extend(self.go(Route::Home));
        effects
    }

    fn put_off(&mut self) -> Vec<Effect> {
        self.later = true;
        vec![Effect::FocusHeading]
    }

    fn retry(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if matches!(self.catalogue, Load::Failed(_)) {
            self.catalogue = Load::Waiting;
            effects.push(Effect::LoadCatalogue);
        }
        if matches!(self.communes, Load::Failed(_)) {
            self.communes = Load::Waiting;
        }
        self.lessons.retain(|_, lesson| !matches!(lesson, Load::Failed(_)));
        effects.extend(self.wants());
        effects
    }
}

/// Id of the consent box on the page.
pub(crate) const CONSENT_ID: &str = "dong-y";

/// Returns the id of a question on the page.
pub(crate) fn quiz_id(quiz: usize) -> String {
    ["cau-", &(quiz + 1).to_string()].concat()
}

/// Returns the id of an exercise on the page.
pub(crate) fn exercise_id(exercise: usize) -> String {
    ["bai-tap-", &(exercise + 1).to_string()].concat()
}

/// Returns the id of what an exercise asks for now.
pub(crate) fn turn_id(exercise: usize) -> String {
    exercise_id(exercise) + "-viec"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        protocol::{FromWorker, LearnerState, Link, PhoneState, Storage},
        state::{Keeping, Kept, sample},
    };

    const MOMENT: Moment = Moment { day: 20_780, nonce: 42 };

    fn lesson_open() -> App {
        let mut app = App { reading: crate::state::Reading::Whole, ..sample::app() };
        let effects = app.update(Action::Go(Route::Lesson { course: 1, lesson: 1 }), MOMENT);
        let hash = sample::hash(1);
        assert!(effects.contains(&Effect::LoadLesson((1, 1), hash)));
        app.update(Action::LessonLoaded((1, 1), hash, Ok(sample::lesson(1))), MOMENT);
        app
    }

    fn answer_all(app: &mut App) {
        app.update(Action::Choose { quiz: 0, option: 0 }, MOMENT);
        app.update(Action::Choose { quiz: 0, option: 1 }, MOMENT);
        for option in [0, 2] {
            app.update(Action::Choose { quiz: 1, option }, MOMENT);
        }
        app.update(Action::Answer { quiz: 1 }, MOMENT);
    }

    #[test]
    fn a_lesson_counts_as_done_only_after_every_question_and_the_button() {
        let mut app = lesson_open();
        assert_eq!(app.update(Action::Finish, MOMENT), [Effect::Focus("cau-1".into())]);
        assert!(!app.progress.is_done(1, 1));
        answer_all(&mut app);
        assert!(!app.progress.is_done(1, 1));
        let effects = app.update(Action::Finish, MOMENT);
        let Moment { day, nonce } = MOMENT;
        let done = ToWorker::Done { nonce, learner: None, course: 1, lesson: 1, score: 50, day };
        assert_eq!(effects[0], Effect::Send(done));
        assert!(effects.contains(&Effect::Visit(Route::Finished { course: 1, lesson: 1 })));
        assert!(app.progress.is_done(1, 1));
        assert_eq!(app.progress.line().kept, Kept::Saving);
        assert_eq!(app.next_step(Some((1, 1))).unwrap().key(), (1, 2));
    }

    #[test]
    fn answers_survive_a_closed_tab() {
        let mut app = lesson_open();
        let effects = app.update(Action::Choose { quiz: 0, option: 1 }, MOMENT);
        let [Effect::KeepAnswers((1, 1), text)] = &effects[..] else { panic!("{effects:?}") };
        let mut again = sample::app();
        again.kept_answers.insert((1, 1), text.clone());
        again.update(Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::lesson(1))), MOMENT);
        let open = again.lessons[&(1, 1)].ready().unwrap();
        assert_eq!(open.quizzes.left(), 1);
    }

    #[test]
    fn a_lesson_counts_as_done_only_after_every_exercise_too() {
        let mut app = App { reading: crate::state::Reading::Whole, ..sample::app() };
        app.update(Action::Go(Route::Lesson { course: 1, lesson: 1 }), MOMENT);
        app.update(Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::exercises())), MOMENT);
        let play = |app: &mut App, exercise, play| app.update(Action::Play { exercise, play }, MOMENT);
        assert_eq!(app.update(Action::Finish, MOMENT), [Effect::Focus("bai-tap-1".into())]);
        let effects = play(&mut app, 0, Play::Tap(1));
        assert_eq!(effects[1..], [Effect::Follow("bai-tap-1-viec".into())]);
        let effects = play(&mut app, 0, Play::Type(1, "tran thi mau".into()));
        let [Effect::KeepAnswers((1, 1), text)] = &effects[..] else { panic!("{effects:?}") };
        assert!(text.ends_with(":000000.000.1"), "nothing of what was typed: {text}");
        play(&mut app, 0, Play::Tap(2));
        assert_eq!(app.update(Action::Finish, MOMENT), [Effect::Focus("cau-1".into())]);
        app.update(Action::Choose { quiz: 0, option: 0 }, MOMENT);
        play(&mut app, 1, Play::Judge(content::pack::Verdict::Genuine));
        assert_eq!(app.update(Action::Finish, MOMENT), [Effect::Focus("bai-tap-3".into())]);
        for step in 0..3 {
            play(&mut app, 2, Play::Step(step));
        }
        app.update(Action::Finish, MOMENT);
        assert!(app.progress.is_done(1, 1));
    }

    #[test]
    fn nothing_is_sent_without_a_tick() {
        let mut app = sample::app();
        app.update(Action::Go(Route::Commune), MOMENT);
        assert_eq!(app.update(Action::Agree, MOMENT), [], "no commune");
        app.update(Action::Pick(30_292), MOMENT);
        assert!(!app.choice.ticked);
        assert_eq!(app.update(Action::Agree, MOMENT), [Effect::Focus("dong-y".into())]);
        app.update(Action::Tick(true), MOMENT);
        let effects = app.update(Action::Agree, MOMENT);
        let Moment { day, nonce } = MOMENT;
        let consent = ToWorker::Consent { nonce, learner: None, commune: 30_292, day };
        assert!(effects.contains(&Effect::Send(consent)));
        assert_eq!(app.progress.commune(), Some(30_292));
        app.update(Action::Pick(30_301), MOMENT);
        assert!(!app.choice.ticked, "another commune is another consent");
    }

    #[test]
    fn a_learner_may_decline_and_change_their_mind() {
        let mut app = sample::app();
        app.update(Action::Go(Route::Commune), MOMENT);
        let effects = app.update(Action::Decline, MOMENT);
        assert_eq!(effects, [Effect::RememberDeclined(true), Effect::Visit(Route::Home)]);
        assert_eq!(app.route, Some(Route::Home));
        app.update(Action::Go(Route::Commune), MOMENT);
        app.update(Action::Pick(30_292), MOMENT);
        app.update(Action::Tick(true), MOMENT);
        assert!(app.update(Action::Agree, MOMENT).contains(&Effect::RememberDeclined(false)));
        assert!(!app.declined);
    }

    #[test]
    fn what_did_not_come_is_asked_for_again() {
        let mut app = sample::app();
        app.update(Action::Go(Route::Lesson { course: 1, lesson: 1 }), MOMENT);
        let hash = sample::hash(1);
        app.update(Action::LessonLoaded((1, 1), hash, Err(LoadError::Network)), MOMENT);
        assert!(matches!(app.open_lesson(), Some(Load::Failed(LoadError::Network))));
        assert_eq!(app.update(Action::Retry, MOMENT), [Effect::LoadLesson((1, 1), hash)]);
        app.catalogue = Load::Failed(LoadError::Network);
        assert_eq!(app.update(Action::Retry, MOMENT), [Effect::LoadCatalogue]);
    }

    #[test]
    fn answers_wait_for_a_lesson_that_did_not_come_at_once() {
        let mut app = lesson_open();
        let effects = app.update(Action::Choose { quiz: 0, option: 1 }, MOMENT);
        let [Effect::KeepAnswers(key, text)] = &effects[..] else { panic!("{effects:?}") };
        let mut again = sample::app();
        again.kept_answers.insert(*key, text.clone());
        let hash = sample::hash(1);
        again.update(Action::LessonLoaded(*key, hash, Err(LoadError::Network)), MOMENT);
        again.update(Action::LessonLoaded(*key, hash, Ok(sample::lesson(1))), MOMENT);
        assert_eq!(again.lessons[key].ready().unwrap().quizzes.left(), 1);
    }

    #[test]
    fn an_edition_that_comes_late_takes_no_answers_away() {
        let mut app = lesson_open();
        app.update(Action::Choose { quiz: 0, option: 1 }, MOMENT);
        let newer = sample::hash(2);
        app.update(Action::LessonLoaded((1, 1), newer, Ok(sample::lesson(1))), MOMENT);
        let open = app.lessons[&(1, 1)].ready().unwrap();
        assert_eq!((open.quizzes.left(), open.hash), (1, sample::hash(1)));
        app.lessons.clear();
        app.update(Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::lesson(1))), MOMENT);
        app.update(Action::LessonLoaded((1, 1), newer, Ok(sample::lesson(1))), MOMENT);
        assert_eq!(app.lessons[&(1, 1)].ready().unwrap().hash, newer, "of what nobody has begun");
    }

    #[test]
    fn nothing_is_said_to_be_done_that_found_no_room() {
        let mut app = lesson_open();
        answer_all(&mut app);
        let item = ToWorker::Consent { nonce: 1, learner: Some([9; 16]), commune: 30_292, day: 1 };
        while app.progress.put(item.clone()) {}
        assert_eq!(app.update(Action::Finish, MOMENT), []);
        assert_eq!(app.open_lesson().and_then(Load::ready).unwrap().quizzes.left(), 0, "the answers stay");
        app.update(Action::Go(Route::Commune), MOMENT);
        app.update(Action::Pick(30_292), MOMENT);
        app.update(Action::Tick(true), MOMENT);
        assert_eq!(app.update(Action::Agree, MOMENT), []);
        assert!(!app.choice.agreed);
    }

    #[test]
    fn a_lesson_outside_the_catalogue_is_not_asked_for() {
        let mut app = sample::app();
        let effects = app.update(Action::Go(Route::Lesson { course: 9, lesson: 9 }), MOMENT);
        assert_eq!(effects, [Effect::Visit(Route::Lesson { course: 9, lesson: 9 })]);
        assert!(app.open_lesson().is_none());
    }

    #[test]
    fn a_confirmed_item_is_forgotten_and_shown_as_saved() {
        let mut app = lesson_open();
        app.progress.keeping = Keeping::Browser;
        let learner = LearnerState { id: [1; 16], commune: None, done: vec![], saved: 0, sent: 0, arrived: 0 };
        let phone = PhoneState { storage: Storage::Opfs, owner: true, link: Link::Offline, learners: vec![learner] };
        app.update(Action::Worker(FromWorker::State(phone)), MOMENT);
        answer_all(&mut app);
        app.update(Action::Finish, MOMENT);
        let effects = app.update(Action::Worker(FromWorker::Kept { nonce: 42 }), MOMENT);
        assert_eq!(effects, [Effect::Forget(42)]);
        assert_eq!(app.progress.line().kept, Kept::Saved);
    }
}
