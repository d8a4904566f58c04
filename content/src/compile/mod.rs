//! From a parsed course to its pack.

mod exercise;
mod sound;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{self, Course, Element, Inline};
use crate::pack::{self, CourseManifest, Date, EncodeError, Hash, LessonSummary, SpeechError};
use crate::render::Renderer;
use sound::Speech;

/// A course in the form a hub serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// What the catalogue says of the course.
    pub manifest: CourseManifest,
    /// Lessons, images and audio, in ascending order of their hash, each once.
    pub blobs: Vec<Blob>,
}

/// Bytes and their address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// BLAKE3 of the bytes.
    pub hash: Hash,
    /// An encoded [`pack::Lesson`], an image, an encoded [`pack::SpeechIndex`], or a recording.
    pub bytes: Vec<u8>,
}

/// Says why a course cannot be compiled. A course that was parsed without problems always can.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The course or a lesson has no number.
    #[error("{file} has no number")]
    NoNumber {
        /// `course.toml`, or the lesson's file.
        file: String,
    },
    /// The course or a lesson does not say when it was checked.
    #[error("{file} does not say when it was reviewed")]
    NoReviewDay {
        /// `course.toml`, or the lesson's file.
        file: String,
    },
    /// A lesson shows an image that the course does not hold.
    #[error("{file} shows `{path}`, which is not there")]
    NoImage {
        /// The lesson's file.
        file: String,
        /// The image's path.
        path: String,
    },
    /// The recordings are too many or too long.
    #[error("the recordings of the course: {0}")]
    Speech(#[from] SpeechError),
    /// A lesson is over a bound of the pack.
    #[error("{file}: {source}")]
    Encode {
        /// The lesson's file.
        file: String,
        /// Which bound.
        source: EncodeError,
    },
}

/// Compiles a course. The same course always gives the same bytes.
///
/// # Errors
///
/// When the course has problems [`parse_course`](crate::parse_course) would have named.
pub fn compile(course: &Course) -> Result<Compiled, CompileError> {
    compile_with(course, &|_| None)
}

/// What was made by a voice, by the text that it says.
pub type Sounds<'a> = dyn Fn(&str) -> Option<Vec<u8>> + 'a;

/// Compiles a course as [`compile`] does, with `made` for what nobody recorded. Without any audio the pack is
/// the same as if there were none to have.
///
/// # Errors
///
/// As [`compile`], and when the audio is over its bounds.
pub fn compile_with(course: &Course, made: &Sounds<'_>) -> Result<Compiled, CompileError> {
    let reviewed = review_day(course.reviewed, "course.toml")?;
    let id = number(course.id, "course.toml")?;
    let images =
        course.images.iter().map(|(path, image)| (&**path, (Hash::of(&image.bytes), image.width, image.height)));
    let images = images.collect();
    let mut blobs: BTreeMap<Hash, Vec<u8>> = BTreeMap::new();
    let mut lessons = Vec::new();
    let mut speech = Speech::default();
    for lesson in &course.lessons {
        let renderer = Renderer { course: id, images: &images };
        let assets = assets(lesson, &images)?;
        let encode = |source| CompileError::Encode { file: lesson.file.clone(), source };
        let compiled = compile_lesson(lesson, &renderer)?;
        let bytes = compiled.encode().map_err(encode)?;
        speech.add(&compiled, course, made);
        let (title, goal) = (lesson.title.clone(), lesson.goal.clone());
        let (minutes, blob) = (lesson.minutes, Hash::of(&bytes));
        lessons.push(LessonSummary { lesson: lesson.id, title, minutes, blob, assets, goal });
        blobs.insert(blob, bytes);
    }
    let used: BTreeSet<Hash> = lessons.iter().flat_map(|lesson| lesson.assets.iter().copied()).collect();
    for (path, (hash, ..)) in &images {
        if used.contains(hash) {
            blobs.insert(*hash, course.images[*path].bytes.clone());
        }
    }
    let speech = speech.finish(&mut blobs)?;
    let Course { edition, title, summary, language, .. } = course.clone();
    let manifest = CourseManifest { course: id, edition, title, summary, reviewed, language, lessons, speech };
    let blobs = blobs.into_iter().map(|(hash, bytes)| Blob { hash, bytes }).collect();
    Ok(Compiled { manifest, blobs })
}

/// Lists the recordings of a course, by their keys, that say nothing in it any more.
///
/// # Errors
///
/// As [`compile`].
pub fn unsaid(course: &Course) -> Result<Vec<&str>, CompileError> {
    let mut unsaid: Vec<&str> = course.recordings.keys().map(|key| &**key).collect();
    if unsaid.is_empty() {
        return Ok(unsaid);
    }
    let said = std::cell::RefCell::new(BTreeSet::new());
    let unrecorded = Course { recordings: BTreeMap::new(), ..course.clone() };
    compile_with(&unrecorded, &|text| {
        said.borrow_mut().insert(crate::speech::key(text));
        None
    })?;
    let said = said.into_inner();
    unsaid.retain(|key| !said.contains(*key));
    Ok(unsaid)
}

fn compile_lesson(lesson: &model::Lesson, renderer: &Renderer<'_>) -> Result<pack::Lesson, CompileError> {
    Ok(pack::Lesson {
        course: renderer.course,
        lesson: number(lesson.id, &lesson.file)?,
        title: lesson.title.clone(),
        goal: lesson.goal.clone(),
        task: lesson.task.clone(),
        reviewed: review_day(lesson.reviewed, &lesson.file)?,
        sources: lesson.sources.clone(),
        blocks: lesson.blocks.iter().map(|block| compile_block(block, renderer)).collect(),
    })
}

fn compile_block(block: &model::Block, renderer: &Renderer<'_>) -> pack::Block {
    match block {
        model::Block::Text(element) => pack::Block::Html(renderer.element(element)),
        model::Block::Quiz(quiz) => pack::Block::Quiz(compile_quiz(quiz, renderer)),
        model::Block::Order(order) => pack::Block::Order(exercise::order(order, renderer)),
        model::Block::Practice(practice) => pack::Block::Practice(exercise::practice(practice, renderer)),
        model::Block::Scam(scam) => pack::Block::Scam(exercise::scam(scam, renderer)),
        model::Block::Listen(text) => pack::Block::Listen(pack::Listen { text: text.clone() }),
        model::Block::Figure(figure) => pack::Block::Figure(exercise::figure(figure, renderer)),
        model::Block::Note(kind, elements) => {
            pack::Block::Note(pack::Note { kind: *kind, html: renderer.elements(elements) })
        }
    }
}

fn compile_quiz(quiz: &model::Quiz, renderer: &Renderer<'_>) -> pack::Quiz {
    let options = quiz.options.iter().map(|option| pack::QuizOption {
        text: renderer.line(&option.text),
        right: option.right,
        feedback: renderer.line(&option.feedback),
    });
    pack::Quiz { question: renderer.line(&quiz.question), options: options.collect() }
}

/// Lists the images of a lesson in order of first use: those in paragraphs of their own, and figures.
fn assets(lesson: &model::Lesson, images: &BTreeMap<&str, (Hash, u32, u32)>) -> Result<Vec<Hash>, CompileError> {
    let mut assets = Vec::new();
    for block in &lesson.blocks {
        let paths: Vec<&String> = match block {
            model::Block::Text(Element::Paragraph(line)) => line.iter().filter_map(image_path).collect(),
            model::Block::Figure(figure) => vec![&figure.path],
            _ => continue,
        };
        for path in paths {
            let missing = || CompileError::NoImage { file: lesson.file.clone(), path: path.clone() };
            let (hash, ..) = *images.get(&**path).ok_or_else(missing)?;
            if !assets.contains(&hash) {
                assets.push(hash);
            }
        }
    }
    Ok(assets)
}

fn image_path(inline: &Inline) -> Option<&String> {
    match inline {
        Inline::Image { path, .. } => Some(path),
        _ => None,
    }
}

fn number(id: u16, file: &str) -> Result<u16, CompileError> {
    if id == 0 { Err(CompileError::NoNumber { file: file.to_owned() }) } else { Ok(id) }
}

fn review_day(day: Option<Date>, file: &str) -> Result<Date, CompileError> {
    day.ok_or_else(|| CompileError::NoReviewDay { file: file.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::compile;
    use crate::model::{Block, Course, Element, Inline, Lesson};
    use crate::pack::{Date, LINE_BYTES_MAX};

    fn course() -> Course {
        let reviewed = Date::new(2026, 11, 22).ok();
        let lesson = Lesson { file: "01-a.md".to_owned(), id: 1, reviewed, ..Lesson::default() };
        Course { id: 1, reviewed, lessons: vec![lesson], ..Course::default() }
    }

    fn refusal(change: impl FnOnce(&mut Course)) -> String {
        let mut course = course();
        change(&mut course);
        compile(&course).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_the_file() {
        assert!(compile(&course()).is_ok());
        assert_eq!(refusal(|course| course.id = 0), "course.toml has no number");
        assert_eq!(refusal(|course| course.lessons[0].id = 0), "01-a.md has no number");
        assert_eq!(refusal(|course| course.reviewed = None), "course.toml does not say when it was reviewed");
        let image = Inline::Image { path: "a.svg".to_owned(), alt: "A".to_owned() };
        let shown = Block::Text(Element::Paragraph(vec![image]));
        assert_eq!(refusal(|course| course.lessons[0].blocks.push(shown)), "01-a.md shows `a.svg`, which is not there");
        assert_eq!(
            refusal(|course| course.lessons[0].goal = "a".repeat(LINE_BYTES_MAX + 1)),
            "01-a.md: goal has 601, at most 600 fit"
        );
    }
}
