//! What a learner did with the exercises of one lesson: screens to practise on, messages to judge,
//! steps to put in order.
//!
//! What is typed into a practice lives here, in the page's memory, and nowhere else:
//! [`LessonExercises::to_text`], the one way out, says only what is done.

use content::pack::{Block, FIELD_CHARS_MAX, Lesson, Order, Part, Practice, Scam, Screen, Verdict};

/// Misses after which the right place is pointed at: one is a slip, after two the hint did not help.
const MISSES_BEFORE_POINTING: u8 = 2;

/// Most characters of a field that are looked at: what [`content::pack::Field::accepts`] reads.
pub const TYPED_CHARS_MAX: usize = 4 * FIELD_CHARS_MAX;

/// An exercise of a lesson.
#[derive(Debug, Clone, Copy)]
pub enum Exercise<'a> {
    /// Screens to practise on.
    Practice(&'a Practice),
    /// A message to judge.
    Drill(&'a Scam),
    /// Steps to put in order.
    Order(&'a Order),
}

/// Returns the exercise that a block holds.
pub fn exercise(block: &Block) -> Option<Exercise<'_>> {
    match block {
        Block::Practice(practice) => Some(Exercise::Practice(practice)),
        Block::Scam(scam) => Some(Exercise::Drill(scam)),
        Block::Order(order) => Some(Exercise::Order(order)),
        _ => None,
    }
}

/// What a learner does in an exercise. Parts and steps are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Play {
    /// A button of a practice's screen was tapped.
    Tap(usize),
    /// A field of a practice's screen holds another text.
    Type(usize, String),
    /// The screen before is wanted.
    Back,
    /// The exercise is wanted from its beginning.
    Restart,
    /// A message was judged.
    Judge(Verdict),
    /// A step was tapped as the next one.
    Step(usize),
    /// The last step is taken back.
    Undo,
}

/// How many times the learner missed, and where the author's words on it stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Misses {
    count: u8,
    last: Option<usize>,
}

impl Misses {
    fn add(&mut self, at: usize) {
        self.count = self.count.saturating_add(1);
        self.last = Some(at);
    }

    /// Returns whether the author's words on this place are shown.
    pub fn is_told(self, at: usize) -> bool {
        self.last == Some(at)
    }

    fn are_many(self) -> bool {
        self.count >= MISSES_BEFORE_POINTING
    }
}

/// A flow of screens to practise on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PracticeState {
    /// The screen shown, counted from 0; after the last one, the end.
    pub screen: usize,
    /// Whether the end was reached, now or before starting over.
    pub done: bool,
    /// Whether the screen was just reached by the right button.
    pub advanced: bool,
    /// Misses on this screen.
    pub misses: Misses,
    typed: Vec<(usize, usize, String)>,
}

impl PracticeState {
    /// Returns what stands in a field of this screen.
    pub fn typed(&self, part: usize) -> &str {
        let here = self.typed.iter().find(|(screen, at, _)| (*screen, *at) == (self.screen, part));
        here.map_or("", |(_, _, text)| text)
    }

    /// Finds the part to point at, once hints have not helped.
    pub fn pointed(&self, screen: &Screen) -> Option<usize> {
        let button = || screen.parts.iter().position(|part| matches!(part, Part::Button(button) if button.right));
        self.misses.are_many().then(|| self.wrong_field(screen).or_else(button)).flatten()
    }

    fn wrong_field(&self, screen: &Screen) -> Option<usize> {
        let wrong = |(at, part): (usize, &Part)| matches!(part, Part::Field(field) if !field.accepts(self.typed(at)));
        (0..screen.parts.len()).find(|&at| wrong((at, &screen.parts[at])))
    }

    fn tap(&mut self, practice: &Practice, part: usize) -> bool {
        let Some(screen) = practice.screens.get(self.screen) else {
            return false;
        };
        let Some(Part::Button(button)) = screen.parts.get(part) else {
            return false;
        };
        match self.wrong_field(screen) {
            None if button.right => {
                self.show(self.screen + 1, true);
                self.done |= self.screen == practice.screens.len();
                return true;
            }
            Some(field) if button.right => self.misses.add(field),
            _ => self.misses.add(part),
        }
        false
    }

    fn write(&mut self, practice: &Practice, part: usize, text: &str) {
        let Some(screen) = practice.screens.get(self.screen) else {
            return;
        };
        if !matches!(screen.parts.get(part), Some(Part::Field(_))) {
            return;
        }
        let key = (self.screen, part);
        self.typed.retain(|(screen, at, _)| (*screen, *at) != key);
        self.typed.push((key.0, key.1, text.chars().take(TYPED_CHARS_MAX).collect()));
        if self.misses.is_told(part) && self.wrong_field(screen) != Some(part) {
            self.misses.last = None;
        }
    }

    fn back(&mut self) -> bool {
        let moved = self.screen > 0;
        self.show(self.screen.saturating_sub(1), false);
        moved
    }

    fn restart(&mut self) -> bool {
        self.typed.clear();
        self.show(0, false);
        true
    }

    fn show(&mut self, screen: usize, advanced: bool) {
        self.screen = screen;
        self.advanced = advanced;
        self.misses = Misses::default();
    }
}

/// A message to judge: the latest judgement, after which the signs are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DrillState(pub Option<Verdict>);

/// Steps to put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderState {
    /// How many steps are in their place.
    pub placed: usize,
    /// Whether all of them were, now or before a step was taken back.
    pub done: bool,
    /// Misses since the latest step.
    pub misses: Misses,
}

impl OrderState {
    /// Finds the step to point at, once hints have not helped.
    pub fn pointed(self) -> Option<usize> {
        self.misses.are_many().then_some(self.placed)
    }

    fn step(&mut self, order: &Order, step: usize) {
        if step < self.placed || step >= order.steps.len() {
            return;
        }
        if step == self.placed {
            self.show(step + 1);
            self.done |= self.placed == order.steps.len();
        } else {
            self.misses.add(step);
        }
    }

    fn show(&mut self, placed: usize) {
        self.placed = placed;
        self.misses = Misses::default();
    }
}

/// One exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExerciseState {
    /// Screens to practise on.
    Practice(PracticeState),
    /// A message to judge.
    Drill(DrillState),
    /// Steps to put in order.
    Order(OrderState),
}

impl ExerciseState {
    fn of(exercise: Exercise<'_>) -> Self {
        match exercise {
            Exercise::Practice(_) => Self::Practice(PracticeState::default()),
            Exercise::Drill(_) => Self::Drill(DrillState::default()),
            Exercise::Order(_) => Self::Order(OrderState::default()),
        }
    }

    /// Returns whether it was done once: practised to the end, judged, put in order.
    pub fn is_done(&self) -> bool {
        match self {
            Self::Practice(state) => state.done,
            Self::Drill(state) => state.0.is_some(),
            Self::Order(state) => state.done,
        }
    }

    /// Takes one move; returns whether another screen is shown by it.
    ///
    /// What does not fit the exercise changes nothing.
    pub fn play(&mut self, exercise: Exercise<'_>, play: &Play) -> bool {
        match (self, exercise, play) {
            (Self::Practice(state), Exercise::Practice(practice), play) => match play {
                Play::Tap(part) => return state.tap(practice, *part),
                Play::Type(part, text) => state.write(practice, *part, text),
                Play::Back => return state.back(),
                Play::Restart => return state.restart(),
                _ => {}
            },
            (Self::Drill(state), Exercise::Drill(_), Play::Judge(verdict)) => state.0 = Some(*verdict),
            (Self::Order(state), Exercise::Order(order), play) => match play {
                Play::Step(step) => state.step(order, *step),
                Play::Undo => state.show(state.placed.saturating_sub(1)),
                Play::Restart => state.show(0),
                _ => {}
            },
            _ => {}
        }
        false
    }

    fn digit(&self) -> char {
        match self {
            Self::Drill(DrillState(Some(Verdict::Genuine))) => '2',
            done if done.is_done() => '1',
            _ => '0',
        }
    }

    fn read(exercise: Exercise<'_>, digit: char) -> Self {
        let done = digit != '0';
        match exercise {
            Exercise::Practice(practice) => {
                let screen = if done { practice.screens.len() } else { 0 };
                Self::Practice(PracticeState { screen, done, ..PracticeState::default() })
            }
            Exercise::Drill(_) => {
                let judged = if digit == '2' { Verdict::Genuine } else { Verdict::Scam };
                Self::Drill(DrillState(done.then_some(judged)))
            }
            Exercise::Order(order) => {
                let placed = if done { order.steps.len() } else { 0 };
                Self::Order(OrderState { placed, done, misses: Misses::default() })
            }
        }
    }
}

/// The exercises of a lesson, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LessonExercises(pub Vec<ExerciseState>);

impl LessonExercises {
    /// Starts a lesson with every exercise open.
    pub fn of(lesson: &Lesson) -> Self {
        Self(lesson.blocks.iter().filter_map(exercise).map(ExerciseState::of).collect())
    }

    /// Counts the exercises that were not done yet.
    pub fn left(&self) -> usize {
        self.0.iter().filter(|state| !state.is_done()).count()
    }

    /// Writes what is done, one digit an exercise, and nothing of what was typed.
    pub fn to_text(&self) -> String {
        self.0.iter().map(ExerciseState::digit).collect()
    }

    /// Reads what [`Self::to_text`] wrote for this lesson; every exercise is open where it did not.
    pub fn from_text(text: &str, lesson: &Lesson) -> Self {
        let exercises = lesson.blocks.iter().filter_map(exercise);
        if text.len() != exercises.clone().count() || !text.bytes().all(|byte| (b'0'..=b'2').contains(&byte)) {
            return Self::of(lesson);
        }
        Self(exercises.zip(text.chars()).map(|(exercise, digit)| ExerciseState::read(exercise, digit)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::sample;

    fn practice(state: &ExerciseState) -> &PracticeState {
        match state {
            ExerciseState::Practice(state) => state,
            other => panic!("{other:?}"),
        }
    }

    fn order(state: &ExerciseState) -> OrderState {
        match state {
            ExerciseState::Order(state) => *state,
            other => panic!("{other:?}"),
        }
    }

    /// Plays the exercise at a place of the sample; returns how it stands and whether the last move turned a page.
    fn played(at: usize, plays: &[Play]) -> (ExerciseState, bool) {
        let lesson = sample::exercises();
        let exercise = lesson.blocks.iter().filter_map(exercise).nth(at).unwrap();
        let mut state = ExerciseState::of(exercise);
        let moved = plays.iter().fold(false, |_, play| state.play(exercise, play));
        (state, moved)
    }

    fn typed(text: &str) -> Play {
        Play::Type(1, text.to_owned())
    }

    fn screen(at: usize) -> Screen {
        let lesson = sample::exercises();
        let practice = lesson.practices().next().unwrap();
        practice.screens[at].clone()
    }

    #[test]
    fn a_wrong_tap_stays_and_is_told_and_the_second_points() {
        let (state, moved) = played(0, &[Play::Tap(0)]);
        assert_eq!((practice(&state).screen, moved), (0, false));
        assert!(practice(&state).misses.is_told(0) && practice(&state).pointed(&screen(0)).is_none());
        let (state, _) = played(0, &[Play::Tap(0), Play::Tap(0)]);
        assert_eq!(practice(&state).pointed(&screen(0)), Some(1));
        let (state, moved) = played(0, &[Play::Tap(0), Play::Tap(0), Play::Tap(1)]);
        assert_eq!((practice(&state).screen, moved), (1, true));
        assert!(practice(&state).advanced && practice(&state).pointed(&screen(1)).is_none());
    }

    #[test]
    fn a_field_is_asked_for_before_the_right_button_leads_on() {
        let (state, moved) = played(0, &[Play::Tap(1), Play::Tap(2)]);
        assert!(!moved && practice(&state).misses.is_told(1));
        let (state, _) = played(0, &[Play::Tap(1), Play::Tap(2), typed("x"), Play::Tap(2)]);
        assert_eq!(practice(&state).pointed(&screen(1)), Some(1));
        let (state, _) = played(0, &[Play::Tap(1), Play::Tap(2), typed(" TRAN thi mau")]);
        assert!(!practice(&state).misses.is_told(1), "what is right needs no hint");
        let (state, moved) = played(0, &[Play::Tap(1), typed("tran thi  MẪU"), Play::Tap(2)]);
        assert!(moved && state.is_done());
        assert_eq!(practice(&state).screen, 2);
    }

    #[test]
    fn one_can_go_back_and_start_over_and_done_stays_done() {
        let (state, _) = played(0, &[Play::Back]);
        assert_eq!(practice(&state).screen, 0);
        let (state, moved) = played(0, &[Play::Tap(1), typed("a"), Play::Back, Play::Tap(1)]);
        assert!(moved);
        assert_eq!(practice(&state).typed(1), "a", "what was typed is still there");
        let all = [Play::Tap(1), typed("trần thị mẫu"), Play::Tap(2), Play::Restart];
        let (state, moved) = played(0, &all);
        assert!(moved && state.is_done());
        assert_eq!((practice(&state).screen, practice(&state).typed.len()), (0, 0));
    }

    #[test]
    fn a_message_may_be_judged_again() {
        let (state, _) = played(1, &[]);
        assert!(!state.is_done());
        let (state, _) = played(1, &[Play::Judge(Verdict::Genuine), Play::Judge(Verdict::Scam)]);
        assert_eq!(state, ExerciseState::Drill(DrillState(Some(Verdict::Scam))));
        assert!(state.is_done());
    }

    #[test]
    fn steps_are_taken_in_order_with_hints_and_undo() {
        let (state, _) = played(2, &[Play::Step(1)]);
        assert_eq!(order(&state).placed, 0);
        assert!(order(&state).misses.is_told(1) && order(&state).pointed().is_none());
        let (state, _) = played(2, &[Play::Step(1), Play::Step(2)]);
        assert_eq!(order(&state).pointed(), Some(0));
        let (state, _) = played(2, &[Play::Step(0), Play::Step(0), Play::Step(1), Play::Undo]);
        assert_eq!(order(&state).placed, 1);
        let (state, _) = played(2, &[Play::Step(0), Play::Step(1), Play::Step(2), Play::Undo]);
        assert_eq!((order(&state).placed, state.is_done()), (2, true));
        let (state, _) = played(2, &[Play::Undo, Play::Step(9)]);
        assert_eq!(order(&state), OrderState::default());
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        for at in 0..3 {
            let (untouched, _) = played(at, &[]);
            let strange = [Play::Tap(9), Play::Tap(usize::MAX), Play::Type(0, "x".into()), Play::Undo, Play::Back];
            let (state, moved) = played(at, &strange);
            assert_eq!((state, moved), (untouched, false));
        }
    }

    #[test]
    fn what_is_done_is_found_again_and_nothing_typed_is_kept() {
        let lesson = sample::exercises();
        let mut exercises = LessonExercises::of(&lesson);
        assert_eq!((exercises.left(), exercises.to_text()), (3, "000".to_owned()));
        let moves = [vec![Play::Tap(1), typed("Trần Thị Mẫu"), Play::Tap(2)], vec![Play::Judge(Verdict::Genuine)]];
        for (at, plays) in moves.iter().enumerate() {
            exercises.0[at] = played(at, plays).0;
        }
        assert_eq!(exercises.to_text(), "120");
        let again = LessonExercises::from_text("120", &lesson);
        assert_eq!((again.left(), again.to_text()), (1, "120".to_owned()));
        assert_eq!(practice(&again.0[0]).screen, 2);
        for damaged in ["", "12", "1200", "12x", "13á"] {
            assert_eq!(LessonExercises::from_text(damaged, &lesson), LessonExercises::of(&lesson), "{damaged}");
        }
    }
}
