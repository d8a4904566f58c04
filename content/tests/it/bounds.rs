//! One folder for each bound, made here because they are large.

use content::limits::{FILES_MAX, IMAGE_BYTES_MAX, LESSON_NODES_MAX, PROBLEMS_MAX, TEXT_FILE_BYTES_MAX};
use content::pack::{
    ASSETS_PER_LESSON_MAX, BLOCKS_PER_LESSON_MAX, COURSES_MAX, LESSONS_PER_COURSE_MAX, LINE_BYTES_MAX,
};
use content::{Course, SourceFile, check_courses, compile, parse_course};

use crate::folder::{assert_snapshot, course_toml, file, fixtures, lesson, list};

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"/>";

fn with_course(mut files: Vec<SourceFile>) -> Vec<SourceFile> {
    files.push(course_toml());
    files
}

fn one_lesson(text: &str) -> Vec<SourceFile> {
    with_course(vec![lesson("01-a.md", 1, text)])
}

fn lessons(count: usize) -> Vec<SourceFile> {
    let name = |i| format!("{:02}-{}.md", i % 100, ["a", "b", "c"][i / 100]);
    with_course((0..count).map(|i| lesson(&name(i), i as u32 + 1, "Chào.")).collect())
}

fn images(count: usize) -> Vec<SourceFile> {
    let names: Vec<_> = (0..count).map(|i| format!("i{i}.svg")).collect();
    let text = names.iter().map(|name| format!("![Hình]({name})")).collect::<Vec<_>>().join("\n\n");
    let mut files: Vec<_> = names.iter().map(|name| file(name, SVG)).collect();
    files.push(lesson("01-a.md", 1, &text));
    with_course(files)
}

#[test]
fn over_each_bound_is_a_problem() {
    let long_name = format!("{}.svg", "a".repeat(120));
    let title = format!("title = \"{}\"", "a".repeat(LINE_BYTES_MAX + 1));
    let long_title = String::from_utf8(course_toml().bytes).unwrap().replace("title = \"T\"", &title);
    let long_title = file("course.toml", long_title);
    let sources = "{ title = \"N\" }, ".repeat(17);
    let many_sources = format!(
        "+++\nid = 1\ntitle = \"T\"\nminutes = 1\ngoal = \"G\"\nreviewed = 2026-11-22\nsources = [{sources}]\n+++\nChào.\n"
    );
    let cases = [
        ("files", lessons(FILES_MAX)),
        ("path", with_course(vec![lesson("01-a.md", 1, "Chào."), file(&long_name, SVG)])),
        ("text file", with_course(vec![file("01-a.md", vec![b'a'; TEXT_FILE_BYTES_MAX + 1])])),
        (
            "image file",
            with_course(vec![lesson("01-a.md", 1, "![Hình](a.png)"), file("a.png", vec![0; IMAGE_BYTES_MAX + 1])]),
        ),
        ("field", vec![long_title, lesson("01-a.md", 1, "Chào.")]),
        ("sources", with_course(vec![file("01-a.md", many_sources)])),
        ("lessons", lessons(LESSONS_PER_COURSE_MAX + 1)),
        ("blocks", one_lesson(&"a\n\n".repeat(BLOCKS_PER_LESSON_MAX + 1))),
        ("nodes", one_lesson(&format!("|a|b|\n|-|-|\n{}", "||\n".repeat(LESSON_NODES_MAX)))),
        ("bytes of text", one_lesson(&format!("{}\n\n[a]: https://a.vn/{}\n", "[a] ".repeat(500), "a".repeat(400)))),
        (
            "bytes of one text",
            one_lesson(&format!(
                "[a]: https://a.vn/{}\n\n{}\n\n{}",
                "a".repeat(400),
                "[a] ".repeat(230),
                "&nGt;".repeat(600)
            )),
        ),
        ("images", images(ASSETS_PER_LESSON_MAX + 1)),
        ("url", one_lesson(&format!("[a](https://a.vn/{})", "a".repeat(500)))),
        ("nesting", one_lesson(&format!("{}a", "> ".repeat(9)))),
        ("nesting far over it", one_lesson(&format!("{}a", ">".repeat(60_000)))),
    ];
    let mut found = Vec::new();
    for (name, files) in cases {
        let (_, problems) = parse_course(&files);
        let first = &problems[..problems.len().min(4)];
        found.push(format!("# {name}: {} problems\n{}", problems.len(), list(first)));
    }
    assert_snapshot(&fixtures("bounds.txt"), &found.concat());
}

#[test]
fn at_each_bound_is_no_problem() {
    for files in [
        lessons(LESSONS_PER_COURSE_MAX),
        images(ASSETS_PER_LESSON_MAX),
        one_lesson(&"a\n\n".repeat(BLOCKS_PER_LESSON_MAX)),
        one_lesson(&format!("{}a", "> ".repeat(7))),
        one_lesson(&format!("{}. Từ.", "từ ".repeat(20))),
        one_lesson(&"từ từ từ từ từ. ".repeat(120)),
    ] {
        let (course, problems) = parse_course(&files);
        assert_eq!(list(&problems), "");
        compile(&course).unwrap();
    }
}

#[test]
fn a_list_of_problems_ends() {
    let (_, problems) = parse_course(&one_lesson(&"<b>".repeat(PROBLEMS_MAX * 2)));
    assert_eq!(problems.len(), PROBLEMS_MAX + 1);
    assert_eq!(problems[PROBLEMS_MAX].message, "200 more problems are not listed");
}

#[test]
fn a_catalogue_has_so_many_courses() {
    let course = |id| Course { id, ..Course::default() };
    let courses: Vec<_> = (1..=COURSES_MAX as u16 + 1).map(|id| (format!("c{id}"), course(id))).collect();
    let problems = check_courses(courses.iter().map(|(folder, course)| (&**folder, course)));
    assert_eq!(
        list(&problems),
        "c65/course.toml:1:1: this is more than the 64 courses a catalogue may have; leave one out\n"
    );
}

/// What grows most when compiled, as much of it as the parser lets through.
#[test]
fn the_largest_lesson_fits_its_blob() {
    let quotes = "\"".repeat(60_000);
    let cells = format!("|a|b|\n|-|-|\n{}", "||\n".repeat(LESSON_NODES_MAX));
    let links = format!("{}\n\n[a]: https://a.vn/{}\n", "[\"](b) [a] ".repeat(1000), "'".repeat(400));
    let image = "![\"\"\"\"](a.svg)\n\n".repeat(BLOCKS_PER_LESSON_MAX);
    for text in [quotes, cells, links, image] {
        let mut files = one_lesson(&text);
        files.push(file("a.svg", SVG));
        let (course, _) = parse_course(&files);
        compile(&course).unwrap();
    }
}
