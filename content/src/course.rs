//! Reads a course folder: which file is what, then each of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::Folder;
use crate::facts::Facts;
use crate::fields::Fields;
use crate::lesson::{self, Draft};
use crate::limits::{FILES_MAX, PATH_BYTES_MAX, TEXT_FILE_BYTES_MAX};
use crate::model::Course;
use crate::pack::{COURSES_MAX, LESSONS_PER_COURSE_MAX, RECORDINGS_MAX};
use crate::source::{Position, Problem, Report, SourceFile, Text};
use crate::{image, recording, rules};

/// The file that describes the course.
const COURSE_FILE: &str = "course.toml";

/// Parses the files of a course folder, with the table of facts this release brings.
///
/// Never fails: what cannot be read is left out, and is a problem. The order of the files does not
/// matter; problems come in reading order. Publish a course only when there is none.
///
/// # Example
///
/// ```
/// use content::{SourceFile, parse_course};
///
/// let files = [SourceFile { path: "01-hello.md".to_owned(), bytes: b"Hello.".to_vec() }];
/// let (_, problems) = parse_course(&files);
/// assert_eq!(problems[0].to_string(), "01-hello.md:1:1: the lesson does not begin with its fields; \
///     begin the file with a line `+++`, then id, title, minutes, goal, reviewed and sources, then `+++`");
/// ```
pub fn parse_course(files: &[SourceFile]) -> (Course, Vec<Problem>) {
    parse_course_with(files, &Facts::built_in())
}

/// Parses the files of a course folder as [`parse_course`] does, given the table of facts.
pub fn parse_course_with(files: &[SourceFile], facts: &Facts) -> (Course, Vec<Problem>) {
    let mut report = Report::default();
    let files = sort(files, &mut report);
    let mut course = course_file(&files, &mut report);
    let drafts = drafts(&files, &mut report);
    let folder = folder(&files, &drafts, facts, &mut report);
    course.recordings = files.iter().filter_map(|file| recording::check(file, &mut report)).collect();
    finish(&mut course, drafts, folder, &mut report);
    (course, report.finish())
}

/// Checks what only shows across courses, given the name of each course's folder.
///
/// Problems name files relative to the folder that holds all of them.
pub fn check_courses<'a>(courses: impl IntoIterator<Item = (&'a str, &'a Course)>) -> Vec<Problem> {
    let mut report = Report::default();
    let mut taken: BTreeMap<u16, &str> = BTreeMap::new();
    for (index, (folder, course)) in courses.into_iter().enumerate() {
        let file = format!("{folder}/{COURSE_FILE}");
        let position = course.id_position.unwrap_or(Position::START);
        if index == COURSES_MAX {
            report.add(&file, position, rules::too_many_courses());
        }
        match taken.get(&course.id) {
            Some(other) => report.add(&file, position, rules::same_course_id(course.id, other)),
            None if course.id > 0 => drop(taken.insert(course.id, folder)),
            None => {}
        }
    }
    report.finish()
}

/// Sorts by path and leaves out what is over its bound.
fn sort<'a>(files: &'a [SourceFile], report: &mut Report) -> Vec<&'a SourceFile> {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by_key(|file| (file.path != COURSE_FILE, &file.path));
    sorted.dedup_by(|a, b| a.path == b.path);
    let recordings = sorted.iter().filter(|file| recording::key(&file.path).is_some()).count();
    if sorted.len() - recordings > FILES_MAX || recordings > RECORDINGS_MAX {
        report.file(COURSE_FILE, rules::too_many_files(sorted.len()));
        sorted.truncate(FILES_MAX);
    }
    sorted.retain(|file| {
        let problem = match &*file.path {
            path if path.len() > PATH_BYTES_MAX => rules::long_path(),
            path if path == COURSE_FILE || is_lesson(path) || is_image(path) => return true,
            path if recording::key(path).is_some() => return true,
            _ => rules::unknown_file(),
        };
        report.file(&file.path, problem);
        false
    });
    sorted
}

/// Tells whether a path is that of a lesson, such as `01-first-steps.md`.
fn is_lesson(path: &str) -> bool {
    match path.strip_suffix(".md").map(str::as_bytes) {
        Some([b'0'..=b'9', b'0'..=b'9', b'-', name @ ..]) => !name.is_empty() && name.iter().copied().all(is_name_byte),
        _ => false,
    }
}

/// Tells whether a path is that of an image, such as `a-phone.svg` or `pictures/a-phone.svg`.
fn is_image(path: &str) -> bool {
    let stem = image::extension(path).and_then(|extension| path.strip_suffix(extension)?.strip_suffix('.'));
    stem.is_some_and(|stem| stem.split('/').all(|part| !part.is_empty() && part.bytes().all(is_name_byte)))
}

pub(crate) fn is_name_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')
}

/// Reads `course.toml`.
fn course_file(files: &[&SourceFile], report: &mut Report) -> Course {
    let mut course = Course::default();
    let Some(file) = files.iter().find(|file| file.path == COURSE_FILE) else {
        report.file(COURSE_FILE, rules::missing_course_file());
        return course;
    };
    let Some(text) = read(file, report) else { return course };
    let Some(mut fields) = Fields::parse(&text, 0..text.source.len(), report) else { return course };
    if let Some((at, id)) = fields.number("id", report) {
        (course.id, course.id_position) = (id, Some(text.position(at)));
    }
    course.edition = fields.number("edition", report).map(|(_, edition)| edition).unwrap_or_default();
    course.title = fields.line("title", report).map(|(_, line)| line).unwrap_or_default();
    course.summary = fields.line("summary", report).map(|(_, line)| line).unwrap_or_default();
    course.reviewed = fields.date("reviewed", report);
    if let Some((at, language)) = fields.line("language", report) {
        if !is_language(&language) {
            fields.refuse(at, rules::language_tag(), report);
        }
        course.language = language;
    }
    for (at, id) in fields.numbers("retired", report) {
        if course.retired.contains(&id) {
            fields.refuse(at, rules::retired_twice(id), report);
        } else {
            course.retired.push(id);
        }
    }
    fields.finish(report);
    course
}

/// Tells whether a text looks like a BCP 47 language tag: letters, then parts after hyphens.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    matches!(first.len(), 2 | 3)
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| matches!(part.len(), 2..=8) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Reads the fields of every lesson.
fn drafts<'a>(files: &[&'a SourceFile], report: &mut Report) -> Vec<Draft<'a>> {
    let lessons: Vec<_> = files.iter().filter(|file| is_lesson(&file.path)).collect();
    if lessons.is_empty() {
        report.file(COURSE_FILE, rules::no_lessons());
    }
    if let Some(file) = lessons.get(LESSONS_PER_COURSE_MAX) {
        report.file(&file.path, rules::too_many_lessons());
    }
    let lessons = lessons.into_iter().take(LESSONS_PER_COURSE_MAX);
    lessons.filter_map(|file| Some(lesson::draft(read(file, report)?, report))).collect()
}

/// Notes what links and images may point at.
fn folder<'a>(files: &[&SourceFile], drafts: &[Draft<'_>], facts: &'a Facts, report: &mut Report) -> Folder<'a> {
    let mut folder = Folder::new(facts);
    for file in files {
        if is_lesson(&file.path) {
            folder.lessons.insert(file.path.clone(), None);
        } else if is_image(&file.path) {
            folder.images.insert(file.path.clone(), image::check(file, report));
        }
    }
    for Draft { lesson, .. } in drafts {
        folder.lessons.insert(lesson.file.clone(), Some(lesson.id).filter(|id| *id > 0));
    }
    folder
}

/// Reads the lessons' bodies and puts the course together.
fn finish(course: &mut Course, drafts: Vec<Draft<'_>>, folder: Folder<'_>, report: &mut Report) {
    let mut shown = BTreeSet::new();
    let mut taken: BTreeMap<u16, String> = BTreeMap::new();
    for draft in drafts {
        let is_new = check_id(&draft, course, &mut taken, report);
        let (lesson, images) = draft.finish(&folder, report);
        shown.extend(images);
        if is_new {
            course.lessons.push(lesson);
        }
    }
    for (path, image) in folder.images {
        if !shown.contains(&path) {
            report.file(&path, rules::unused_image());
        } else if let Some(image) = image {
            course.images.insert(path, image);
        }
    }
}

/// Tells whether the number of a lesson is there and its own.
fn check_id(draft: &Draft<'_>, course: &Course, taken: &mut BTreeMap<u16, String>, report: &mut Report) -> bool {
    let Some(at) = draft.id_at else { return false };
    let id = draft.lesson.id;
    let problem = match taken.get(&id) {
        Some(other) => rules::same_lesson_id(id, other),
        None if course.retired.contains(&id) => rules::retired_lesson_id(id),
        None => {
            taken.insert(id, draft.lesson.file.clone());
            return true;
        }
    };
    report.at(&draft.text, at, problem);
    false
}

/// Reads a text file; [`None`] when it is too large or not UTF-8.
fn read<'a>(file: &'a SourceFile, report: &mut Report) -> Option<Text<'a>> {
    if file.bytes.len() > TEXT_FILE_BYTES_MAX {
        report.file(&file.path, rules::large_text_file(file.bytes.len()));
        return None;
    }
    let source = match str::from_utf8(&file.bytes) {
        Ok(source) => source,
        Err(error) => {
            let good = str::from_utf8(&file.bytes[..error.valid_up_to()]).unwrap_or_default();
            report.at(&Text::new(&file.path, good), good.len(), rules::not_utf8());
            return None;
        }
    };
    let text = Text::new(&file.path, source.strip_prefix('\u{feff}').unwrap_or(source));
    if text.source.len() < source.len() {
        report.at(&text, 0, rules::byte_order_mark());
    }
    check_characters(&text, report);
    Some(text)
}

/// Reports characters that look like nothing, or like another; the first of each kind.
fn check_characters(text: &Text<'_>, report: &mut Report) {
    let (mut carriage_return, mut invisible, mut mark) = (None, None, None);
    for (at, c) in unusual(text.source) {
        match c {
            '\r' => drop(carriage_return.get_or_insert(at)),
            '\u{300}'..='\u{36f}' => drop(mark.get_or_insert(at)),
            c if is_invisible(c) => drop(invisible.get_or_insert((at, c))),
            _ => {}
        }
    }
    if let Some(at) = carriage_return {
        report.at(text, at, rules::carriage_return());
    }
    if let Some((at, c)) = invisible {
        report.at(text, at, rules::invisible_character(c));
    }
    if let Some(at) = mark {
        report.at(text, at, rules::combining_mark());
    }
}

/// Bytes looked at together: enough for the compiler to compare them all at once.
const CHUNK_BYTES: usize = 64;

/// Finds the characters of a text but those that nearly all of Vietnamese is written with: ASCII, U+00C0 to
/// U+02FF and U+1E80 to U+1EFF, told by the first bytes of their UTF-8.
fn unusual(text: &str) -> impl Iterator<Item = (usize, char)> {
    let bytes = text.as_bytes();
    let chunks = bytes.chunks(CHUNK_BYTES).enumerate().map(|(index, chunk)| (index * CHUNK_BYTES, chunk));
    let holds_one = move |(at, chunk): &(usize, &[u8])| {
        let next = &bytes[at + 1..];
        let found = chunk.iter().zip(next).fold(false, |found, (byte, next)| found | is_unusual(*byte, *next));
        // After the last byte of all there is none.
        found | chunk.last().is_some_and(|byte| is_unusual(*byte, 0))
    };
    chunks.filter(holds_one).flat_map(move |(at, chunk)| {
        let starts = (at..at + chunk.len()).filter(move |at| text.is_char_boundary(*at));
        starts.filter_map(move |at| Some((at, text[at..].chars().next()?)))
    })
}

/// Tells whether a byte, and the one after it, may begin a character that is not usual.
fn is_unusual(byte: u8, next: u8) -> bool {
    // 0x80 to 0xBF go on with a character.
    let is_usual = matches!(byte, b' '..=b'~' | b'\n' | 0x80..=0xbf | 0xc3..=0xcb);
    !(is_usual || (byte == 0xe1 && matches!(next, 0xba | 0xbb)))
}

/// Control characters, and those that turn the direction of text; Khmer needs U+200B to U+200D.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
