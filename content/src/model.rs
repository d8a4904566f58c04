//! A course as the author wrote it.
//!
//! The tree is kept as small as the language it stands for: what is not here cannot be shown. Nesting
//! is at most [`DEPTH_MAX`](crate::limits::DEPTH_MAX) deep, so that walking it by recursion is safe.

use std::collections::BTreeMap;

use crate::pack::{Channel, Date, NoteKind, Source, Verdict};
use crate::source::Position;

/// A course folder that was parsed.
///
/// Numbers that could not be read are 0, texts empty, days [`None`]; each has its problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Stable number of the course; never reused.
    pub id: u16,
    /// Where in `course.toml` the number stands.
    pub id_position: Option<Position>,
    /// Edition, from 1; only grows.
    pub edition: u32,
    /// Title, plain text.
    pub title: String,
    /// What the course is for, plain text.
    pub summary: String,
    /// Day somebody last checked it.
    pub reviewed: Option<Date>,
    /// Language as a BCP 47 tag.
    pub language: String,
    /// Numbers of lessons that were taken out.
    pub retired: Vec<u16>,
    /// Lessons whose number is usable, in reading order.
    pub lessons: Vec<Lesson>,
    /// Images the lessons show, by path.
    pub images: BTreeMap<String, Image>,
    /// Recordings that somebody made, by the [`key`](crate::speech::key) of what they say.
    pub recordings: BTreeMap<String, Vec<u8>>,
}

/// One lesson of a [`Course`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lesson {
    /// Name of its file.
    pub file: String,
    /// Stable number within the course; never reused.
    pub id: u16,
    /// Title, plain text.
    pub title: String,
    /// Minutes of reading promised.
    pub minutes: u8,
    /// What the reader can do afterwards, plain text.
    pub goal: String,
    /// One thing to try on one's own phone after the lesson, plain text.
    pub task: Option<String>,
    /// Day somebody last checked it.
    pub reviewed: Option<Date>,
    /// Where its statements come from.
    pub sources: Vec<Source>,
    /// What is shown, top to bottom.
    pub blocks: Vec<Block>,
}

/// An image file that a lesson shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

/// One part of a [`Lesson`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Block {
    /// Markdown.
    Text(Element),
    /// A `quiz` fence with answers.
    Quiz(Quiz),
    /// A `quiz` fence with steps.
    Order(Order),
    /// A `practice` fence.
    Practice(Practice),
    /// A `scam` fence.
    Scam(Scam),
    /// A `listen` fence: what to say in place of the block before.
    Listen(String),
    /// A `figure` fence.
    Figure(Figure),
    /// A `note` or `warning` fence: paragraphs and lists.
    Note(NoteKind, Vec<Element>),
}

/// A Markdown construct that stands on lines of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// The text of a list item that is not set off by empty lines.
    Plain(Vec<Inline>),
    /// A heading.
    Heading(Level, Vec<Inline>),
    /// A quotation.
    Quote(Vec<Element>),
    /// A list; a numbered one has the number of its first item.
    List(Option<u64>, Vec<Vec<Element>>),
    /// A table: the cells of its head, and of each row.
    Table(Vec<Cell>, Vec<Vec<Cell>>),
    /// A line across.
    Rule,
}

/// The content of one cell of a table.
pub type Cell = Vec<Inline>;

/// Rank of a heading; the title of the lesson is the first rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `##`
    Second,
    /// `###`
    Third,
}

/// A Markdown construct within a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Text to show as it is.
    Text(String),
    /// `*emphasis*`
    Emphasis(Vec<Inline>),
    /// `**strong emphasis**`
    Strong(Vec<Inline>),
    /// `` `what to type` ``
    Code(String),
    /// A link and its text.
    Link(Target, Vec<Inline>),
    /// An image.
    Image {
        /// Key in [`Course::images`].
        path: String,
        /// What to read to somebody who does not see it.
        alt: String,
    },
    /// A new line within a paragraph.
    Break,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An `https` address.
    Web(String),
    /// Another lesson of the same course, by number.
    Lesson(u16),
}

/// A question with the answers to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiz {
    /// The question.
    pub question: Vec<Inline>,
    /// The answers; at least two, at least one right.
    pub options: Vec<QuizOption>,
}

/// One answer of a [`Quiz`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuizOption {
    /// The answer.
    pub text: Vec<Inline>,
    /// Whether choosing it is right.
    pub right: bool,
    /// What to tell somebody who chose it.
    pub feedback: Vec<Inline>,
}

/// Steps to put in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What to put in order.
    pub question: Vec<Inline>,
    /// The steps in their right order; at least two.
    pub steps: Vec<OrderStep>,
}

/// One step of an [`Order`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderStep {
    /// The step.
    pub text: Vec<Inline>,
    /// What to tell somebody who took it at the wrong time.
    pub hint: Vec<Inline>,
}

/// A flow of simulated phone screens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Practice {
    /// What to do in all.
    pub task: Vec<Inline>,
    /// Screens with something to do; at least one.
    pub screens: Vec<Screen>,
    /// How it ends.
    pub end: End,
}

/// One screen of a [`Practice`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// What its bar says.
    pub title: String,
    /// What to do on it.
    pub ask: Vec<Inline>,
    /// What it shows; exactly one button is right.
    pub parts: Vec<Part>,
}

/// One thing on a [`Screen`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// Words to read.
    Text(Vec<Inline>),
    /// A place to type.
    Field {
        /// What stands beside it.
        label: String,
        /// What to type.
        value: String,
        /// What to tell somebody who typed something else.
        hint: Vec<Inline>,
    },
    /// Something to tap.
    Button {
        /// What stands on it.
        label: String,
        /// Whether tapping it leads on.
        right: bool,
        /// What to tell somebody who tapped it.
        feedback: Vec<Inline>,
    },
}

/// How a [`Practice`] ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// What the bar of the last screen says.
    pub title: String,
    /// What it shows.
    pub texts: Vec<Vec<Inline>>,
    /// What to tell the reader.
    pub praise: Vec<Inline>,
}

/// A message to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scam {
    /// How it arrives.
    pub channel: Channel,
    /// Who it says it is from.
    pub sender: String,
    /// What it says.
    pub lines: Vec<Vec<Piece>>,
    /// What it is.
    pub verdict: Verdict,
    /// What to tell somebody who judged it a scam.
    pub feedback_to_scam: Vec<Inline>,
    /// What to tell somebody who judged it genuine.
    pub feedback_to_genuine: Vec<Inline>,
}

/// A run of words in the message of a [`Scam`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The words.
    pub text: String,
    /// What they give away.
    pub sign: Option<Vec<Inline>>,
}

/// A picture with its caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Key in [`Course::images`].
    pub path: String,
    /// What to read to somebody who does not see it.
    pub alt: String,
    /// What stands below it.
    pub caption: Vec<Inline>,
}

/// Returns the text of inline markup, without the markup.
pub fn plain_text(inlines: &[Inline]) -> String {
    let mut text = String::new();
    push_plain(inlines, &mut text);
    text
}

fn push_plain(inlines: &[Inline], into: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) => into.push_str(text),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Link(_, inner) => push_plain(inner, into),
            Inline::Image { .. } => {}
            Inline::Break => into.push(' '),
        }
    }
}
