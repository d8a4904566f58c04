//! What the learner's screens know, and how it changes.
//!
//! Plain structs: [`App::update`] takes an [`Action`] and returns [`Effect`]s; it reads no clock, no
//! randomness and no browser. The `ui` bundle carries the effects out, the views show the state.

mod aloud;
mod exercise;
mod me;
mod offline;
mod people;
mod place;
mod progress;
mod quiz;
mod review;
mod revise;
#[cfg(test)]
pub(crate) mod sample;
mod search;
mod shelf;
mod steps;
mod ticket;
mod update;

use std::{collections::BTreeMap, fmt, sync::Arc};

use content::pack::{Catalogue, CourseManifest, Hash, Lesson, LessonSummary};

use crate::{
    communes::Commune,
    messages::Lang,
    protocol::{FromWorker, ToWorker},
    route::Route,
};

pub use crate::protocol::DoneLesson;
pub use aloud::{Aloud, Deed, Heard, Phase, Why};
pub(crate) use aloud::{has_button, offer};
pub use exercise::{
    DrillState, Exercise, ExerciseState, LessonExercises, Misses, OrderState, Play, PracticeState, TYPED_CHARS_MAX,
    exercise,
};
pub use me::{Arrival, Draw, Erasure, Me, MeAction, Passed};
pub use offline::{Clock, Offline};
pub use people::{COLOURS, PEOPLE_MAX, PICTURES, PIN_DIGITS, People, Person, Pin, learner_id, to_hex};
pub use place::Onward;
pub(crate) use place::step_id;
pub use progress::{Keeping, Kept, OUTBOX_MAX, Progress, Sent, StateLine, Worker};
pub use quiz::{LessonQuizzes, OptionSet, QuizState, Verdict};
pub use review::{Boxes, Kind, Topic};
pub use revise::Revision;
pub use search::{QUERY_CHARS_MAX, search};
pub use shelf::{KeepError, Keeping as CourseKeeping, Kept as CourseKept, Shelf};
pub use steps::Steps;
pub use ticket::{FRAGMENT, Ticket, TicketError, date};
pub(crate) use update::{CONSENT_ID, exercise_id, quiz_id, turn_id};

/// Course number and lesson number within it.
pub type LessonKey = (u16, u16);

/// Something that is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Load<T> {
    /// Not here yet.
    #[default]
    Waiting,
    /// Here.
    Ready(T),
    /// It did not come.
    Failed(LoadError),
}

impl<T> Load<T> {
    /// Returns what is here.
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Waiting | Self::Failed(_) => None,
        }
    }
}

impl<T> From<Result<T, LoadError>> for Load<T> {
    fn from(result: Result<T, LoadError>) -> Self {
        result.map_or_else(Self::Failed, Self::Ready)
    }
}

/// Why something did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadError {
    /// The hub did not answer, or not with the thing itself.
    Network,
    /// It came, but cannot be read; the text says what and where, for whoever helps.
    Damaged(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network => f.write_str("the hub did not answer"),
            Self::Damaged(what) => f.write_str(what),
        }
    }
}

/// A lesson's page: what it says, and the questions.
#[derive(Debug, Clone)]
pub struct OpenLesson {
    /// The lesson.
    pub lesson: Arc<Lesson>,
    /// Its address, which names its content.
    pub hash: Hash,
    /// The learner's answers.
    pub quizzes: LessonQuizzes,
    /// What the learner did with the exercises.
    pub exercises: LessonExercises,
    /// Whether the learner tapped the last button with questions left.
    pub early: bool,
    /// A question with several right answers that was answered without any tick.
    pub unticked: Option<usize>,
    /// How it is cut into steps.
    pub steps: Steps,
    /// The step the learner saw last, counted from 0.
    pub place: usize,
}

/// Something of a lesson that is still to do, counted from 0 among its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// A question without a right answer.
    Quiz(usize),
    /// An exercise that was not done once.
    Exercise(usize),
}

impl OpenLesson {
    /// Opens a lesson with everything still to do.
    pub fn of(lesson: Arc<Lesson>, hash: Hash) -> Self {
        let (quizzes, exercises) = (LessonQuizzes::of(&lesson), LessonExercises::of(&lesson));
        let steps = Steps::of(&lesson);
        Self { lesson, hash, quizzes, exercises, early: false, unticked: None, steps, place: 0 }
    }

    /// Returns what the steps of an exercise, counted from 0, are mixed by: each in its own way, always the same.
    pub fn seed(&self, at: usize) -> u64 {
        let [course, lesson] = [self.lesson.course, self.lesson.lesson].map(u64::from);
        course << 32 | lesson << 16 | at as u64
    }

    /// Finds the first thing still to do, top to bottom.
    pub fn first_left(&self) -> Option<Left> {
        self.left().next().map(|(_, left)| left)
    }

    /// Returns whether nothing was answered or done yet.
    pub fn is_untouched(&self) -> bool {
        self.to_text() == Self::of(Arc::clone(&self.lesson), self.hash).to_text()
    }

    /// Writes what was answered and done as a short text for the browser to keep while it is unfinished:
    /// [`LessonQuizzes::to_text`], a point, [`LessonExercises::to_text`], and after the first step a point and
    /// how many steps are behind.
    pub fn to_text(&self) -> String {
        let mut text = [self.quizzes.to_text(&self.hash), self.exercises.to_text()].join(".");
        if self.place > 0 {
            text.push('.');
            text.push_str(&self.place.to_string());
        }
        text
    }

    /// Takes up what [`Self::to_text`] wrote for this lesson; anything else changes nothing.
    pub fn recall(&mut self, text: &str) {
        let (quizzes, rest) = text.split_once('.').unwrap_or((text, ""));
        let exercises = rest.split('.').next().unwrap_or_default();
        if let Some(quizzes) = LessonQuizzes::from_text(quizzes, &self.hash, &self.lesson) {
            self.quizzes = quizzes;
            self.exercises = LessonExercises::from_text(exercises, &self.lesson);
            self.place = place::kept_place(text).min(self.steps.count() - 1);
        }
    }
}

/// The screen where the commune is chosen.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Text of the search.
    pub query: String,
    /// Commune tapped, not agreed to yet.
    pub picked: Option<u32>,
    /// The consent box; never ticked by us.
    pub ticked: bool,
    /// Whether the learner tapped the button without a tick.
    pub untickedly: bool,
    /// Whether the learner agreed on this visit of the screen.
    pub agreed: bool,
}

/// Everything the learner's screens show.
#[derive(Debug, Clone, Default)]
pub struct App {
    /// Language of the screens.
    pub lang: Lang,
    /// The screen; `None` for an address that leads nowhere.
    pub route: Option<Route>,
    /// The list of courses.
    pub catalogue: Load<Arc<Catalogue>>,
    /// Lessons opened on this visit.
    pub lessons: BTreeMap<LessonKey, Load<OpenLesson>>,
    /// The province's communes; fetched for the screen that needs them.
    pub communes: Load<Arc<Vec<Commune>>>,
    /// The screen where the commune is chosen.
    pub choice: Choice,
    /// What is done.
    pub progress: Progress,
    /// Whether the learner chose not to send anything.
    pub declined: bool,
    /// Whether the question after a lesson was put off on this visit.
    pub later: bool,
    /// Whether taps reach [`App::update`]; `false` for a page that only the server rendered.
    pub live: bool,
    /// Courses kept on this phone.
    pub shelf: Shelf,
    /// What is being said aloud.
    pub aloud: Aloud,
    /// Answers kept from an earlier visit, by lesson, until the lesson is here.
    pub kept_answers: BTreeMap<LessonKey, String>,
    /// How the learner wants lessons shown.
    pub reading: Reading,
    /// The lesson that is shown whole on this visit, whatever is wanted: its reader had scrolled before taps
    /// reached us.
    pub whole_once: Option<LessonKey>,
    /// The unfinished lesson the learner was in last.
    pub last: Option<LessonKey>,
    /// What was answered wrong, to be asked again.
    pub review: Revision,
    /// What is searched for among the lessons.
    pub find: String,
    /// Day of the latest action, in Vietnam, counted from 1970-01-01.
    pub today: u32,
    /// Whether this page opens again without the hub.
    pub offline: Offline,
    /// What the browser answered when asked not to throw away what is saved; `None` before that.
    pub lasting: Option<bool>,
    /// The phone's clock.
    pub clock: Clock,
    /// Who learns on this phone.
    pub people: People,
    /// What is open on the screens about oneself.
    pub me: Me,
    /// Where this page came from, for links to it: `http://192.168.1.10:8080`.
    pub origin: String,
}

/// How lessons are shown where taps reach us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// One idea a screen.
    #[default]
    Steps,
    /// The whole lesson on one page.
    Whole,
}

/// What a person or the browser did.
#[derive(Debug, Clone)]
pub enum Action {
    /// A link of ours was tapped.
    Go(Route),
    /// The browser went back or forward.
    Moved(Option<Route>),
    /// An option of a question was tapped.
    Choose {
        /// Question, counted from 0.
        quiz: usize,
        /// Option, counted from 0.
        option: usize,
    },
    /// A question with several right answers was answered.
    Answer {
        /// Question, counted from 0.
        quiz: usize,
    },
    /// A move in an exercise.
    Play {
        /// Exercise, counted from 0.
        exercise: usize,
        /// The move.
        play: Play,
    },
    /// The last button of a lesson was tapped.
    Finish,
    /// The search text changed.
    Search(String),
    /// A commune was tapped.
    Pick(u32),
    /// Another commune is wanted.
    Unpick,
    /// The consent box was ticked or unticked.
    Tick(bool),
    /// The learner agrees to send.
    Agree,
    /// The learner does not want to send.
    Decline,
    /// The question after a lesson is put off.
    Later,
    /// What did not come is wanted again.
    Retry,
    /// What is kept on this phone was counted; `None` in a browser that keeps nothing.
    ShelfRead(Option<Vec<Hash>>),
    /// A course shall be kept: how large is it?
    Measure(u16),
    /// The hub said how many bytes are missing of a course, or not.
    Measured(u16, Result<Option<u64>, LoadError>),
    /// A course shall be kept.
    KeepCourse(u16),
    /// A blob of a course is stored, or not.
    BlobKept(u16, Result<Hash, KeepError>),
    /// A course shall not be kept any more.
    DropCourse(u16),
    /// Blobs are stored no longer.
    BlobsDropped(Vec<Hash>),
    /// The catalogue came or not.
    CatalogueLoaded(Result<Catalogue, LoadError>),
    /// A lesson came or not.
    LessonLoaded(LessonKey, Hash, Result<Lesson, LoadError>),
    /// The communes came or not.
    CommunesLoaded(Result<Vec<Commune>, LoadError>),
    /// The worker said something.
    Worker(FromWorker),
    /// The worker cannot run in this browser.
    WorkerBroken,
    /// Something happened to reading aloud.
    Aloud(Heard),
    /// The next step of the lesson is wanted, or its end.
    Onward,
    /// The step before is wanted.
    StepBack,
    /// Whole lessons are wanted, or steps.
    Whole(bool),
    /// The open lesson's reader has scrolled on: it is shown whole on this visit.
    StayWhole,
    /// The next thing to be asked again is wanted.
    ReviewNext,
    /// The text of the search for lessons changed.
    Find(String),
    /// Whether the page opens without the hub became known.
    Offline(Offline),
    /// The newer release is wanted.
    UseNewer,
    /// The phone's clock was compared with the hub's.
    Clock(Clock),
    /// The browser said whether it may throw away what is saved.
    Lasting(bool),
    /// A learner does something with what is theirs.
    Me(MeAction),
}

/// What the browser is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Show the route's address as a new entry of the history, its heading in focus.
    Visit(Route),
    /// Bring the screen's heading into focus, at its top.
    FocusHeading,
    /// Bring an element into view and focus, by its id.
    Focus(String),
    /// Bring an element into focus, by its id, and into view unless it is there.
    Follow(String),
    /// Bring what an exercise, by its id, says to a move into view.
    Reveal(String),
    /// Fetch the catalogue.
    LoadCatalogue,
    /// Fetch a lesson by its address.
    LoadLesson(LessonKey, Hash),
    /// Fetch the communes.
    LoadCommunes,
    /// Ask for the sizes of these blobs of a course.
    Measure(u16, Vec<Hash>),
    /// Fetch these blobs of a course, check and store each.
    KeepBlobs(u16, Vec<Hash>),
    /// Store these blobs no longer.
    DropBlobs(Vec<Hash>),
    /// Keep an item until the worker confirms it, and give it to the worker.
    Send(ToWorker),
    /// The item is confirmed: keep it no longer.
    Forget(u64),
    /// Keep the answers of an unfinished lesson.
    KeepAnswers(LessonKey, String),
    /// The lesson is finished: keep its answers no longer.
    ForgetAnswers(LessonKey),
    /// Remember whether the learner chose not to send.
    RememberDeclined(bool),
    /// Do something for reading aloud.
    Aloud(Deed),
    /// Show the route's address: by going back where that leads to it, else in place of this one.
    Return(Route),
    /// Remember whether whole lessons are wanted.
    RememberWhole(bool),
    /// Keep what is to be asked again.
    KeepReview(String),
    /// Ask the browser not to throw away what is saved.
    AskToLast,
    /// Load the page anew, as the newer release.
    UseNewer,
    /// Keep the list of learners.
    KeepPeople(String),
    /// A learner, by number, is in front of the phone: keep that, and read what was kept of them.
    Face(u32),
    /// Keep nothing more of this.
    EraseOwn(Own),
    /// Draw random bytes.
    Draw(Draw),
    /// Ask the worker; the question is not kept.
    Ask(ToWorker),
    /// Go back to where the PIN was asked for.
    Resume,
    /// Give the person a file with this text.
    SaveFile(String),
}

/// What the browser keeps of a learner, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// Everything, but for how the screens look.
    All(u32),
    /// What the store told, and what was made of that.
    Told(u32),
}

/// What the screens cannot know by themselves at the moment of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Day in Vietnam (UTC+7), counted from 1970-01-01.
    pub day: u32,
    /// A number that is used once: milliseconds since 1970, and below them [`NONCE_RANDOM_BITS`] random bits.
    pub nonce: u64,
}

/// Random bits of a nonce: two tabs that draw one in the same millisecond collide once in a million times.
pub const NONCE_RANDOM_BITS: u32 = 20;

/// A lesson in the order of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Its course.
    pub course: &'a CourseManifest,
    /// The lesson.
    pub lesson: &'a LessonSummary,
    /// Place in the course, from 1.
    pub number: usize,
}

impl Step<'_> {
    /// Returns the lesson's key.
    pub fn key(&self) -> LessonKey {
        (self.course.course, self.lesson.lesson)
    }

    /// Returns the lesson's address.
    pub fn route(&self) -> Route {
        let (course, lesson) = self.key();
        Route::Lesson { course, lesson }
    }
}

impl App {
    /// Goes through every lesson in order.
    pub fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let courses = self.catalogue.ready().map_or(&[][..], |catalogue| &catalogue.courses);
        courses.iter().flat_map(|course| {
            course.lessons.iter().enumerate().map(move |(at, lesson)| Step { course, lesson, number: at + 1 })
        })
    }

    /// Finds a lesson in the catalogue.
    pub fn step(&self, key: LessonKey) -> Option<Step<'_>> {
        self.steps().find(|step| step.key() == key)
    }

    /// Returns the lesson to learn next: after `from` if one is open there, else the first open one.
    pub fn next_step(&self, from: Option<LessonKey>) -> Option<Step<'_>> {
        let open = |step: &Step<'_>| !self.progress.is_done(step.key().0, step.key().1);
        let after = from.and_then(|from| self.steps().skip_while(|step| step.key() != from).skip(1).find(open));
        after.or_else(|| self.steps().find(|step| open(step) && Some(step.key()) != from))
    }

    /// Returns the lesson on the screen.
    pub fn open_lesson(&self) -> Option<&Load<OpenLesson>> {
        self.lessons.get(&self.route?.lesson()?)
    }

    /// Finds a commune by its code.
    pub fn commune(&self, code: u32) -> Option<&Commune> {
        self.communes.ready()?.iter().find(|commune| commune.code == code)
    }
}
