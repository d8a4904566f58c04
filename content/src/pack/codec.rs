//! Encoding and decoding of pack structures, within named bounds.

use postcard::Deserializer;
use postcard::de_flavors::Slice;
use serde::{Deserialize, Serialize};

use super::{Block, Catalogue, CourseManifest, Hash, Lesson, Part, Practice, Scam};

/// Newest format byte of an encoded [`Catalogue`].
pub const CATALOGUE_FORMAT: u8 = 3;
/// Newest format byte of an encoded [`CourseManifest`].
pub const MANIFEST_FORMAT: u8 = 3;
/// Newest format byte of an encoded [`Lesson`].
pub const LESSON_FORMAT: u8 = 3;
/// Format byte of a catalogue or manifest whose lessons say no goal.
const LIST_FORMAT_PLAIN: u8 = 1;
/// Format byte of a catalogue or manifest whose lessons say their goals, and that lists no audio.
const LIST_FORMAT_GOALS: u8 = 2;
/// Format byte of a lesson that holds nothing but text and quizzes.
const LESSON_FORMAT_PLAIN: u8 = 1;
/// Format byte of a lesson that holds exercises, and nothing to try afterwards.
const LESSON_FORMAT_EXERCISES: u8 = 2;
/// Most bytes of an encoded catalogue. 64 courses of 64 lessons, with hash and title each, take half.
pub const CATALOGUE_BYTES_MAX: usize = 1 << 20;
/// Most bytes of an encoded manifest: as many of these as a catalogue may list always fit into it.
pub const MANIFEST_BYTES_MAX: usize = CATALOGUE_BYTES_MAX / COURSES_MAX;
/// Most bytes of an encoded lesson. The largest lesson the parser accepts stays below it; see
/// [`crate::limits`].
pub const LESSON_BYTES_MAX: usize = 1 << 20;
/// Most courses of a catalogue; a phone lists them on one page.
pub const COURSES_MAX: usize = 64;
/// Most lessons of a course; a phone lists them on one page.
pub const LESSONS_PER_COURSE_MAX: usize = 64;
/// Most blocks of a lesson; five minutes of reading have about thirty.
pub const BLOCKS_PER_LESSON_MAX: usize = 200;
/// Most images of a lesson.
pub const ASSETS_PER_LESSON_MAX: usize = 32;
/// Most sources of a lesson.
pub const SOURCES_PER_LESSON_MAX: usize = 16;
/// Most answers of a quiz; more do not fit a small screen together with the question.
pub const OPTIONS_PER_QUIZ_MAX: usize = 6;
/// Most screens of a practice; real flows on a phone take about five.
pub const SCREENS_PER_PRACTICE_MAX: usize = 12;
/// Most parts of a simulated screen; more would have to be scrolled within it.
pub const PARTS_PER_SCREEN_MAX: usize = 10;
/// Most characters to type into one field; elderly thumbs are slow.
pub const FIELD_CHARS_MAX: usize = 30;
/// Most lines of a message to judge.
pub const LINES_PER_SCAM_MAX: usize = 8;
/// Most bytes of a title, goal, summary, source, address, label, sender or language tag.
pub const LINE_BYTES_MAX: usize = 600;

/// Says why a structure cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A part has more items or bytes than its bound.
    #[error(transparent)]
    OverBound(OverBound),
    /// The encoded whole is longer than its bound.
    #[error("the {what} takes {bytes} bytes, at most {max} fit")]
    TooLong {
        /// `catalogue`, `manifest` or `lesson`.
        what: &'static str,
        /// Bytes it takes.
        bytes: usize,
        /// Bytes it may take.
        max: usize,
    },
}

/// Says why bytes are not a catalogue or a lesson.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// There are no bytes.
    #[error("no bytes where a {what} was expected")]
    Empty {
        /// `catalogue`, `manifest` or `lesson`.
        what: &'static str,
    },
    /// There are more bytes than the bound; nothing of them was read.
    #[error("{bytes} bytes are too many for a {what}, at most {max} fit")]
    TooLong {
        /// `catalogue`, `manifest` or `lesson`.
        what: &'static str,
        /// Bytes given.
        bytes: usize,
        /// Bytes it may take.
        max: usize,
    },
    /// The bytes were written in a format this release does not know.
    #[error("{what} of format {found}; this release reads format {supported}")]
    UnknownFormat {
        /// `catalogue`, `manifest` or `lesson`.
        what: &'static str,
        /// Format byte found.
        found: u8,
        /// Newest format this release reads.
        supported: u8,
    },
    /// A value could not be read.
    #[error("{what}, byte {at}: {source}")]
    Malformed {
        /// `catalogue`, `manifest` or `lesson`.
        what: &'static str,
        /// Offset in bytes of the first byte not read.
        at: usize,
        /// What was wrong there.
        source: postcard::Error,
    },
    /// Bytes follow after the end of the structure.
    #[error("{what} ends at byte {at}, but bytes follow")]
    Trailing {
        /// `catalogue`, `manifest` or `lesson`.
        what: &'static str,
        /// Offset of the first byte that does not belong to it.
        at: usize,
    },
    /// A part has more items or bytes than its bound.
    #[error(transparent)]
    OverBound(OverBound),
}

/// Names a part that has more items or bytes than its bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part} has {found}, at most {max} fit")]
pub struct OverBound {
    /// Path of the part, such as `courses[2].lessons`.
    pub part: String,
    /// Items or bytes found.
    pub found: usize,
    /// Items or bytes allowed.
    pub max: usize,
}

impl Catalogue {
    /// Encodes the catalogue as the bytes served at `/catalogue`.
    ///
    /// # Errors
    ///
    /// When a part or the whole is over its bound.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        encode(self, &CATALOGUE)
    }

    /// Decodes what [`Catalogue::encode`] wrote. Memory used is bounded by a small multiple of
    /// [`CATALOGUE_BYTES_MAX`].
    ///
    /// # Errors
    ///
    /// When the bytes are anything else; the error says what was wrong and at which byte.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        decode(bytes, &CATALOGUE)
    }
}

impl CourseManifest {
    /// Encodes the manifest as the bytes that a publisher signs.
    ///
    /// # Errors
    ///
    /// When a part or the whole is over its bound.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        encode(self, &MANIFEST)
    }

    /// Decodes what [`CourseManifest::encode`] wrote. Memory used is bounded by a small multiple of
    /// [`MANIFEST_BYTES_MAX`].
    ///
    /// # Errors
    ///
    /// When the bytes are anything else; the error says what was wrong and at which byte.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        decode(bytes, &MANIFEST)
    }
}

impl Lesson {
    /// Encodes the lesson as the bytes of its blob.
    ///
    /// # Errors
    ///
    /// When a part or the whole is over its bound.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        encode(self, &LESSON)
    }

    /// Decodes what [`Lesson::encode`] wrote. Memory used is bounded by a small multiple of
    /// [`LESSON_BYTES_MAX`].
    ///
    /// # Errors
    ///
    /// When the bytes are anything else; the error says what was wrong and at which byte.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        decode(bytes, &LESSON)
    }
}

/// What is known of an encoded structure besides its fields.
struct Envelope {
    what: &'static str,
    newest: u8,
    bytes_max: usize,
}

const CATALOGUE: Envelope = Envelope { what: "catalogue", newest: CATALOGUE_FORMAT, bytes_max: CATALOGUE_BYTES_MAX };
const MANIFEST: Envelope = Envelope { what: "manifest", newest: MANIFEST_FORMAT, bytes_max: MANIFEST_BYTES_MAX };
const LESSON: Envelope = Envelope { what: "lesson", newest: LESSON_FORMAT, bytes_max: LESSON_BYTES_MAX };

fn encode<T: Serialize + Bounded>(value: &T, envelope: &Envelope) -> Result<Vec<u8>, EncodeError> {
    let &Envelope { what, bytes_max: max, .. } = envelope;
    value.check().map_err(EncodeError::OverBound)?;
    // Postcard fails on a full buffer and on sequences of unknown length; a vector has neither.
    let too_long = |_| EncodeError::TooLong { what, bytes: usize::MAX, max };
    let mut bytes = postcard::to_extend(value, vec![value.format()]).map_err(too_long)?;
    for line in value.tail() {
        bytes = postcard::to_extend(line, bytes).map_err(too_long)?;
    }
    let speech: Vec<Option<Hash>> = value.courses().iter().map(|course| course.speech).collect();
    if speech.iter().any(Option::is_some) {
        bytes = postcard::to_extend(&speech, bytes).map_err(too_long)?;
    }
    if bytes.len() > max {
        return Err(EncodeError::TooLong { what, bytes: bytes.len(), max });
    }
    Ok(bytes)
}

fn decode<'a, T: Deserialize<'a> + Bounded>(bytes: &'a [u8], envelope: &Envelope) -> Result<T, DecodeError> {
    let &Envelope { what, newest: supported, bytes_max: max } = envelope;
    if bytes.len() > max {
        return Err(DecodeError::TooLong { what, bytes: bytes.len(), max });
    }
    let (&found, body) = bytes.split_first().ok_or(DecodeError::Empty { what })?;
    if !(1..=supported).contains(&found) {
        return Err(DecodeError::UnknownFormat { what, found, supported });
    }
    let mut reader = Deserializer::from_flavor(Slice::new(body));
    let value = T::deserialize(&mut reader).and_then(|mut value: T| {
        value.tail_places(found).into_iter().try_for_each(|place| {
            *place = String::deserialize(&mut reader)?;
            Ok(())
        })?;
        if found > LIST_FORMAT_GOALS {
            hear(value.courses_mut(), &mut reader)?;
        }
        Ok(value)
    });
    let at = bytes.len() - reader.finalize().map_or(0, <[u8]>::len);
    let value = value.map_err(|source| DecodeError::Malformed { what, at, source })?;
    if at != bytes.len() {
        return Err(DecodeError::Trailing { what, at });
    }
    value.check().map_err(DecodeError::OverBound)?;
    Ok(value)
}

/// Reads where the audio of courses is listed.
fn hear<'a>(courses: &mut [CourseManifest], reader: &mut Deserializer<'a, Slice<'a>>) -> Result<(), postcard::Error> {
    if courses.is_empty() {
        return Ok(());
    }
    let speech: Vec<Option<Hash>> = Vec::deserialize(reader)?;
    // One for each, and one at least: otherwise it would be of the first format.
    if speech.len() != courses.len() || speech.iter().all(Option::is_none) {
        return Err(postcard::Error::SerdeDeCustom);
    }
    for (course, speech) in courses.iter_mut().zip(speech) {
        course.speech = speech;
    }
    Ok(())
}

/// Returns the lowest format that can list these courses.
fn listed(courses: &[CourseManifest]) -> u8 {
    if courses.iter().any(|course| course.speech.is_some()) {
        CATALOGUE_FORMAT
    } else if courses.iter().any(says_goals) {
        LIST_FORMAT_GOALS
    } else {
        LIST_FORMAT_PLAIN
    }
}

/// What is known of a value before it is written.
trait Bounded {
    /// Returns the courses whose audio is listed behind the value.
    fn courses(&self) -> &[CourseManifest] {
        &[]
    }

    /// Returns the same to be written to.
    fn courses_mut(&mut self) -> &mut [CourseManifest] {
        &mut []
    }

    /// Returns the lowest format that can hold it.
    fn format(&self) -> u8;

    /// Returns the texts that newer formats say after everything else, in order; none in older ones.
    fn tail(&self) -> Vec<&str>;

    /// Returns the places of the texts that this format says after everything else, in order.
    fn tail_places(&mut self, format: u8) -> Vec<&mut String>;

    /// Checks counts and lengths against their bounds.
    fn check(&self) -> Result<(), OverBound>;
}

impl Bounded for Catalogue {
    fn courses(&self) -> &[CourseManifest] {
        &self.courses
    }

    fn courses_mut(&mut self) -> &mut [CourseManifest] {
        &mut self.courses
    }

    fn format(&self) -> u8 {
        listed(&self.courses)
    }

    fn tail(&self) -> Vec<&str> {
        if self.format() > LIST_FORMAT_PLAIN { self.courses.iter().flat_map(goals_of).collect() } else { Vec::new() }
    }

    fn tail_places(&mut self, format: u8) -> Vec<&mut String> {
        if format > LIST_FORMAT_PLAIN { self.courses.iter_mut().flat_map(goal_places).collect() } else { Vec::new() }
    }

    fn check(&self) -> Result<(), OverBound> {
        at_most(self.courses.len(), COURSES_MAX, || "courses".to_owned())?;
        let mut courses = self.courses.iter().enumerate();
        courses.try_for_each(|(i, course)| check_course(&format!("courses[{i}]."), course))
    }
}

impl Bounded for CourseManifest {
    fn courses(&self) -> &[CourseManifest] {
        std::slice::from_ref(self)
    }

    fn courses_mut(&mut self) -> &mut [CourseManifest] {
        std::slice::from_mut(self)
    }

    fn format(&self) -> u8 {
        listed(std::slice::from_ref(self))
    }

    fn tail(&self) -> Vec<&str> {
        if self.format() > LIST_FORMAT_PLAIN { goals_of(self).collect() } else { Vec::new() }
    }

    fn tail_places(&mut self, format: u8) -> Vec<&mut String> {
        if format > LIST_FORMAT_PLAIN { goal_places(self).collect() } else { Vec::new() }
    }

    fn check(&self) -> Result<(), OverBound> {
        check_course("", self)
    }
}

impl Bounded for Lesson {
    fn format(&self) -> u8 {
        let is_plain = self.blocks.iter().all(|block| matches!(block, Block::Html(_) | Block::Quiz(_)));
        match (&self.task, is_plain) {
            (Some(_), _) => LESSON_FORMAT,
            (None, false) => LESSON_FORMAT_EXERCISES,
            (None, true) => LESSON_FORMAT_PLAIN,
        }
    }

    fn tail(&self) -> Vec<&str> {
        self.task.as_deref().into_iter().collect()
    }

    fn tail_places(&mut self, format: u8) -> Vec<&mut String> {
        if format < LESSON_FORMAT { Vec::new() } else { vec![self.task.get_or_insert_default()] }
    }

    fn check(&self) -> Result<(), OverBound> {
        check_line(&self.title, || "title".to_owned())?;
        check_line(&self.goal, || "goal".to_owned())?;
        check_line(self.task.as_deref().unwrap_or_default(), || "task".to_owned())?;
        at_most(self.sources.len(), SOURCES_PER_LESSON_MAX, || "sources".to_owned())?;
        for (i, source) in self.sources.iter().enumerate() {
            check_line(&source.title, || format!("sources[{i}].title"))?;
            let url = source.url.as_deref().unwrap_or_default();
            check_line(url, || format!("sources[{i}].url"))?;
        }
        at_most(self.blocks.len(), BLOCKS_PER_LESSON_MAX, || "blocks".to_owned())?;
        (0..).zip(&self.blocks).try_for_each(|(i, block)| check_block(i, block))
    }
}

fn says_goals(course: &CourseManifest) -> bool {
    course.lessons.iter().any(|lesson| !lesson.goal.is_empty())
}

fn goals_of(course: &CourseManifest) -> impl Iterator<Item = &str> {
    course.lessons.iter().map(|lesson| &*lesson.goal)
}

fn goal_places(course: &mut CourseManifest) -> impl Iterator<Item = &mut String> {
    course.lessons.iter_mut().map(|lesson| &mut lesson.goal)
}

fn check_course(within: &str, course: &CourseManifest) -> Result<(), OverBound> {
    check_line(&course.title, || format!("{within}title"))?;
    check_line(&course.summary, || format!("{within}summary"))?;
    check_line(&course.language, || format!("{within}language"))?;
    let lessons = &course.lessons;
    at_most(lessons.len(), LESSONS_PER_COURSE_MAX, || format!("{within}lessons"))?;
    for (j, lesson) in lessons.iter().enumerate() {
        let part = |field| format!("{within}lessons[{j}].{field}");
        check_line(&lesson.title, || part("title"))?;
        check_line(&lesson.goal, || part("goal"))?;
        at_most(lesson.assets.len(), ASSETS_PER_LESSON_MAX, || part("assets"))?;
    }
    Ok(())
}

fn check_block(i: usize, block: &Block) -> Result<(), OverBound> {
    let part = |field: &str| format!("blocks[{i}].{field}");
    match block {
        Block::Html(_) | Block::Listen(_) | Block::Note(_) => Ok(()),
        Block::Quiz(quiz) => at_most(quiz.options.len(), OPTIONS_PER_QUIZ_MAX, || part("options")),
        Block::Order(order) => at_most(order.steps.len(), OPTIONS_PER_QUIZ_MAX, || part("steps")),
        Block::Practice(practice) => check_practice(practice, part),
        Block::Scam(scam) => check_scam(scam, part),
        Block::Figure(figure) => check_line(&figure.alt, || part("alt")),
    }
}

fn check_practice(practice: &Practice, part: impl Fn(&str) -> String) -> Result<(), OverBound> {
    at_most(practice.screens.len(), SCREENS_PER_PRACTICE_MAX, || part("screens"))?;
    for (j, screen) in practice.screens.iter().enumerate() {
        let part = |field: &str| part(&format!("screens[{j}].{field}"));
        check_line(&screen.title, || part("title"))?;
        at_most(screen.parts.len(), PARTS_PER_SCREEN_MAX, || part("parts"))?;
        for (k, found) in screen.parts.iter().enumerate() {
            let (label, value) = match found {
                Part::Text(_) => continue,
                Part::Field(field) => (&field.label, &*field.value),
                Part::Button(button) => (&button.label, ""),
            };
            check_line(label, || part(&format!("parts[{k}].label")))?;
            at_most(value.chars().count(), FIELD_CHARS_MAX, || part(&format!("parts[{k}].value")))?;
        }
    }
    check_line(&practice.end.title, || part("end.title"))?;
    at_most(practice.end.texts.len(), PARTS_PER_SCREEN_MAX, || part("end.texts"))
}

fn check_scam(scam: &Scam, part: impl Fn(&str) -> String) -> Result<(), OverBound> {
    check_line(&scam.sender, || part("sender"))?;
    at_most(scam.lines.len(), LINES_PER_SCAM_MAX, || part("lines"))
}

fn check_line(line: &str, part: impl FnOnce() -> String) -> Result<(), OverBound> {
    at_most(line.len(), LINE_BYTES_MAX, part)
}

fn at_most(found: usize, max: usize, part: impl FnOnce() -> String) -> Result<(), OverBound> {
    if found <= max { Ok(()) } else { Err(OverBound { part: part(), found, max }) }
}
