//! The compiled form of courses: what a hub serves and a phone reads.
//!
//! A [`Catalogue`] lists courses and, for each lesson, the BLAKE3 hash of its blob and of the images
//! it shows. A blob is one encoded [`Lesson`], one image as it came from the author, one [`SpeechIndex`], or
//! one [`Recording`].
//!
//! # Bytes
//!
//! An encoded catalogue, manifest or lesson is one format byte ([`CATALOGUE_FORMAT`], [`MANIFEST_FORMAT`],
//! [`LESSON_FORMAT`]) and then the structure in [postcard](https://postcard.jamesmunns.com/wire-format),
//! fields in the order written here, what newer formats add after all else. Fields and variants are only ever appended, together with a new format number; a
//! number is never reused. A lesson is written in the lowest format that can hold it, so that phones
//! with an older release go on reading the lessons they can show. The golden bytes are in
//! `pack/golden.rs`.
//!
//! | lesson format | blocks |
//! |---|---|
//! | 1 | [`Block::Html`], [`Block::Quiz`] |
//! | 2 | and [`Block::Order`], [`Block::Practice`], [`Block::Scam`], [`Block::Listen`], [`Block::Figure`], [`Block::Note`] |
//! | 3 | the same; [`Lesson::task`] follows the blocks |
//!
//! In format 2 of a catalogue or manifest every lesson's [`LessonSummary::goal`] follows, in order, after all else. In
//! format 3 then follow the addresses of the courses' [`SpeechIndex`]es: a list of one optional hash a course, in
//! order. Without audio it is not written.
//!
//! # Trust
//!
//! A blob proves nothing by itself: check it with [`Hash::of`](struct@Hash) against the catalogue that named it.
//! [`Html`] in a lesson that passed that check was written by [`compile`](crate::compile()): escaped
//! text and a known set of tags.

mod codec;
mod date;
mod exercise;
#[cfg(test)]
mod golden;
mod hash;
mod html;
mod media;
mod speech;

use serde::{Deserialize, Serialize};

pub use codec::{
    ASSETS_PER_LESSON_MAX, BLOCKS_PER_LESSON_MAX, CATALOGUE_BYTES_MAX, CATALOGUE_FORMAT, COURSES_MAX, DecodeError,
    EncodeError, FIELD_CHARS_MAX, LESSON_BYTES_MAX, LESSON_FORMAT, LESSONS_PER_COURSE_MAX, LINE_BYTES_MAX,
    LINES_PER_SCAM_MAX, MANIFEST_BYTES_MAX, MANIFEST_FORMAT, OPTIONS_PER_QUIZ_MAX, PARTS_PER_SCREEN_MAX,
    SCREENS_PER_PRACTICE_MAX, SOURCES_PER_LESSON_MAX,
};
pub use date::{Date, DateError};
pub use exercise::{
    Button, Channel, End, Field, Figure, Listen, Note, NoteKind, Order, OrderStep, Part, Piece, Practice, Scam, Screen,
    Verdict,
};
pub use hash::{Hash, HashError};
pub use html::Html;
pub use media::media_type;
pub use speech::{
    RECORDING_BYTES_MAX, RECORDINGS_MAX, Recording, SPEECH_BYTES_MAX, SPEECH_FORMAT, SpeechError, SpeechIndex, Spot,
};

/// Lists every course a node serves, ordered by course number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// Courses in ascending order of their number; at most [`COURSES_MAX`].
    pub courses: Vec<CourseManifest>,
}

/// Describes one edition of a course: enough to list it and to fetch its lessons. Encoded by itself, it is
/// what a publisher signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseManifest {
    /// Stable number of the course, from `course.toml`; never reused.
    pub course: u16,
    /// Edition of the course, from `course.toml`; only grows.
    pub edition: u32,
    /// Title as plain text; at most [`LINE_BYTES_MAX`] bytes.
    pub title: String,
    /// One or two sentences of plain text on what the course is for.
    pub summary: String,
    /// Day somebody last checked the course against its sources.
    pub reviewed: Date,
    /// Language of the text as a BCP 47 tag, such as `vi`.
    pub language: String,
    /// Lessons in reading order; at most [`LESSONS_PER_COURSE_MAX`].
    pub lessons: Vec<LessonSummary>,
    /// Address of the encoded [`SpeechIndex`], where there is audio. It stands behind everything else, and
    /// only in format 3.
    #[serde(skip)]
    pub speech: Option<Hash>,
}

/// Describes one lesson in a [`CourseManifest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonSummary {
    /// Stable number of the lesson within its course; never reused.
    pub lesson: u16,
    /// Title as plain text; at most [`LINE_BYTES_MAX`] bytes.
    pub title: String,
    /// Minutes of reading the author promises, `1..=5`.
    pub minutes: u8,
    /// Address of the encoded [`Lesson`].
    pub blob: Hash,
    /// Addresses of the images the lesson shows, in order of first use, each once.
    pub assets: Vec<Hash>,
    /// What the reader can do afterwards, to find the lesson by; empty in formats before 2.
    #[serde(skip)]
    pub goal: String,
}

/// Holds one lesson as it is shown: the content of one blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// Number of the course the lesson belongs to.
    pub course: u16,
    /// Number of the lesson within the course.
    pub lesson: u16,
    /// Title as plain text.
    pub title: String,
    /// What the reader can do afterwards, as plain text.
    pub goal: String,
    /// Day somebody last checked the lesson against its sources.
    pub reviewed: Date,
    /// Where the lesson's statements come from; at least one.
    pub sources: Vec<Source>,
    /// What is shown, top to bottom; at most [`BLOCKS_PER_LESSON_MAX`].
    pub blocks: Vec<Block>,
    /// One thing to try on one's own phone afterwards, as plain text; none in formats before 3.
    #[serde(skip)]
    pub task: Option<String>,
}

/// Names where statements of a lesson come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Name a reader can look for, such as the number of a decree; plain text.
    pub title: String,
    /// Public `https` address, where there is one.
    pub url: Option<String>,
}

/// One part of a lesson. Variants are appended and never reordered: their index is on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Block {
    /// One paragraph, heading, list, table, quotation or picture.
    Html(Html),
    /// A question to answer.
    Quiz(Quiz),
    /// Steps to put in order.
    Order(Order),
    /// A flow of simulated phone screens to try.
    Practice(Practice),
    /// A message to judge.
    Scam(Scam),
    /// What to say aloud in place of the block before; shows nothing.
    Listen(Listen),
    /// A picture with its caption.
    Figure(Figure),
    /// Text set apart.
    Note(Note),
}

/// A question with the answers to choose from.
///
/// Several answers may be right; then the reader has to choose exactly those
/// ([`Quiz::is_multiple`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiz {
    /// Question, as inline markup.
    pub question: Html,
    /// Answers in the author's order; 2 to [`OPTIONS_PER_QUIZ_MAX`], at least one right.
    pub options: Vec<QuizOption>,
}

/// One answer of a [`Quiz`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuizOption {
    /// Answer, as inline markup.
    pub text: Html,
    /// Whether choosing it is right.
    pub right: bool,
    /// What to tell somebody who chose it, as inline markup.
    pub feedback: Html,
}

impl Catalogue {
    /// Finds a course by its number.
    pub fn course(&self, course: u16) -> Option<&CourseManifest> {
        self.courses.iter().find(|found| found.course == course)
    }

    /// Finds a lesson by the numbers of its course and its own.
    pub fn lesson(&self, course: u16, lesson: u16) -> Option<&LessonSummary> {
        self.course(course)?.lesson(lesson)
    }
}

impl CourseManifest {
    /// Iterates over the blobs that the manifest names, lesson by lesson; one that is used twice comes twice. The
    /// last one may be the [`SpeechIndex`], which names more.
    pub fn blobs(&self) -> impl Iterator<Item = Hash> {
        self.lessons.iter().flat_map(|lesson| lesson.assets.iter().copied().chain([lesson.blob])).chain(self.speech)
    }

    /// Finds a lesson by its number.
    pub fn lesson(&self, lesson: u16) -> Option<&LessonSummary> {
        self.lessons.iter().find(|found| found.lesson == lesson)
    }
}

impl Lesson {
    /// Iterates over the lesson's quizzes, top to bottom.
    pub fn quizzes(&self) -> impl Iterator<Item = &Quiz> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Quiz(quiz) => Some(quiz),
            _ => None,
        })
    }

    /// Iterates over the steps to put in order, top to bottom.
    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Order(order) => Some(order),
            _ => None,
        })
    }

    /// Iterates over the flows to try, top to bottom.
    pub fn practices(&self) -> impl Iterator<Item = &Practice> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Practice(practice) => Some(practice),
            _ => None,
        })
    }

    /// Iterates over the messages to judge, top to bottom.
    pub fn scams(&self) -> impl Iterator<Item = &Scam> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Scam(scam) => Some(scam),
            _ => None,
        })
    }
}

impl Quiz {
    /// Tells whether more than one answer is right.
    pub fn is_multiple(&self) -> bool {
        self.options.iter().filter(|option| option.right).count() > 1
    }
}
