//! The course grammar: whatever an author writes, each problem points into its file, and a course without
//! one compiles to a pack that is read.
//!
//! The first byte says which file the others are: a lesson, `course.toml`, or an image that the lesson shows.
//!
//! `cd tests && cargo +nightly fuzz run course -- -runs=10000000 -max_len=1024`

#![no_main]

use std::sync::LazyLock;

use content::limits::PROBLEMS_MAX;
use content::pack::Lesson;
use content::{CourseFolder, Facts, Problem, SourceFile, check, compile};
use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 4] = ["01-a.md", "course.toml", "a.svg", "a.png"];

static FACTS: LazyLock<Facts> = LazyLock::new(Facts::built_in);

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let path = PATHS[usize::from(*which) % PATHS.len()];
    let mut files = vec![file(PATHS[0], LESSON), file(PATHS[1], COURSE)];
    files.retain(|file| file.path != path);
    files.push(SourceFile { path: path.to_owned(), bytes: bytes.to_vec() });
    let folders = [CourseFolder { name: String::new(), files }];
    let checked = check(&folders, &FACTS);
    assert!(checked.problems.len() <= PROBLEMS_MAX + 1);
    for problem in &checked.problems {
        stands_in_its_file(problem, &folders[0].files);
    }
    let compiled = compile(&checked.courses[0].1);
    if checked.may_publish() {
        let compiled = compiled.expect("a course without problems compiles");
        for lesson in &compiled.manifest.lessons {
            let blob = compiled.blobs.iter().find(|blob| blob.hash == lesson.blob).expect("each lesson has its blob");
            Lesson::decode(&blob.bytes).expect("what was compiled is read");
        }
    }
});

fn stands_in_its_file(problem: &Problem, files: &[SourceFile]) {
    assert!(!problem.message.is_empty() && !problem.help.is_empty(), "{problem}");
    let bytes = files.iter().find(|file| file.path == problem.file).map_or(&[][..], |file| &file.bytes);
    let text = String::from_utf8_lossy(bytes);
    let line = text.split('\n').nth(problem.line - 1).unwrap_or_else(|| panic!("{problem}: no such line"));
    assert!((1..=line.chars().count() + 1).contains(&problem.column), "{problem}: no such column");
}

fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
}

const COURSE: &str = r#"id = 1
edition = 1
title = "T"
summary = "S"
reviewed = 2026-11-22
language = "vi"
"#;

const LESSON: &str = r#"+++
id = 1
title = "T"
minutes = 5
goal = "G"
reviewed = 2026-11-22
sources = [{ title = "N" }]
+++
Chào cô bác.

![Hình một](a.svg)

![Hình hai](a.png)

```quiz
? Hai cộng hai?
[x] Bốn.
> Đúng rồi.
[ ] Năm.
> Coi lại nghen.
```
"#;
