//! A sound course around what the fuzzer writes, and what must hold of any course.

use std::sync::LazyLock;

use content::limits::PROBLEMS_MAX;
use content::model::Block;
use content::pack::{self, Lesson};
use content::{Checked, CourseFolder, Facts, Problem, SourceFile, check, compile};

/// The lesson file of the course.
pub const LESSON: &str = "01-a.md";
/// The file that describes it.
pub const COURSE: &str = "course.toml";
/// The image that a figure shows.
pub const IMAGE: &str = "a.svg";

static FACTS: LazyLock<Facts> = LazyLock::new(Facts::built_in);

/// The fields of the lesson.
pub const FIELDS: &str = "+++\nid = 1\ntitle = \"T\"\nminutes = 5\ngoal = \"G\"\nreviewed = 2026-11-22\n\
    sources = [{ title = \"N\" }]\n+++\n";

const COURSE_FIELDS: &str =
    "id = 1\nedition = 1\ntitle = \"T\"\nsummary = \"S\"\nreviewed = 2026-11-22\nlanguage = \"vi\"\n";

const DRAWING: &str =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><path d=\"M0 0\"/></svg>";

/// Makes a file of a text.
pub fn file(path: &str, text: impl Into<Vec<u8>>) -> SourceFile {
    SourceFile { path: path.to_owned(), bytes: text.into() }
}

/// Checks a course with `bytes` for the file at `path`, and that whatever is wrong stands in a file, and
/// that what is not wrong compiles to packs that are read.
pub fn with(path: &str, bytes: &[u8]) -> Checked {
    let lesson = [FIELDS, "Chào.\n\n![Hình](a.svg)\n"].concat();
    let mut files = vec![file(LESSON, lesson), file(COURSE, COURSE_FIELDS), file(IMAGE, DRAWING)];
    files.retain(|file| file.path != path);
    files.push(file(path, bytes));
    let folders = [CourseFolder { name: String::new(), files }];
    let checked = check(&folders, &FACTS);
    all_stand_in(&checked.problems, &folders[0].files);
    let compiled = compile(&checked.courses[0].1);
    if checked.may_publish() {
        let compiled = compiled.expect("a course without problems compiles");
        for lesson in &compiled.manifest.lessons {
            let blob = compiled.blobs.iter().find(|blob| blob.hash == lesson.blob).expect("each lesson has its blob");
            let read = Lesson::decode(&blob.bytes).expect("what was compiled is read");
            assert_eq!(read.encode().as_ref(), Ok(&blob.bytes));
        }
    }
    checked
}

/// Puts what the fuzzer writes into a fence behind a paragraph. Returns the blocks of the lesson when it has
/// no errors.
pub fn fence(name: &str, bytes: &[u8]) -> Vec<Block> {
    let image = if name == "figure" { "" } else { "![Hình](a.svg)\n\n" };
    let before = [FIELDS, image, "Chào.\n\n```", name, "\n"].concat();
    let mut checked = with(LESSON, &[before.as_bytes(), bytes, b"\n```\n"].concat());
    if !checked.may_publish() {
        return Vec::new();
    }
    let mut lessons = core::mem::take(&mut checked.courses[0].1.lessons);
    lessons.pop().map(|lesson| lesson.blocks).unwrap_or_default()
}

/// The blocks of a lesson as a phone gets them, given what [`fence`] returned.
pub fn packed(blocks: Vec<Block>) -> Vec<pack::Block> {
    use content::model::{Course, Image, Lesson};
    let reviewed = pack::Date::new(2026, 11, 22).ok();
    let lesson = Lesson { file: LESSON.to_owned(), id: 1, reviewed, blocks, ..Lesson::default() };
    let image = Image { width: 9, height: 9, bytes: DRAWING.into() };
    let images = [(IMAGE.to_owned(), image)].into();
    let course = Course { id: 1, reviewed, lessons: vec![lesson], images, ..Course::default() };
    let compiled = compile(&course).expect("blocks without problems compile");
    let wanted = compiled.manifest.lessons[0].blob;
    let blob = compiled.blobs.iter().find(|blob| blob.hash == wanted).expect("the lesson has its blob");
    pack::Lesson::decode(&blob.bytes).expect("what was compiled is read").blocks
}

/// Checks that each problem says something, and where in its file.
pub fn all_stand_in(problems: &[Problem], files: &[SourceFile]) {
    assert!(problems.len() <= PROBLEMS_MAX + 1);
    for problem in problems {
        assert!(!problem.message.is_empty() && !problem.help.is_empty(), "{problem}");
        let bytes = files.iter().find(|file| file.path == problem.file).map_or(&[][..], |file| &file.bytes);
        let text = String::from_utf8_lossy(bytes);
        let line = text.split('\n').nth(problem.line - 1).unwrap_or_else(|| panic!("{problem}: no such line"));
        assert!((1..=line.chars().count() + 1).contains(&problem.column), "{problem}: no such column");
    }
}
