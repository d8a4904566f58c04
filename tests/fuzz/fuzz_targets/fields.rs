//! Fields: those of `course.toml` and of a lesson, the table of facts, and the criteria.
//!
//! The first byte says which of them the others are.
//!
//! `cd tests && cargo +nightly fuzz run fields -- -runs=10000000 -max_len=512`

#![no_main]

use content::{SourceFile, parse_criteria, parse_facts};
use fuzz::course::{COURSE, LESSON, all_stand_in, with};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    match which % 4 {
        0 => course(bytes),
        1 => lesson(bytes),
        2 => facts(bytes),
        _ => criteria(bytes),
    }
});

fn course(bytes: &[u8]) {
    let checked = with(COURSE, bytes);
    let course = &checked.courses[0].1;
    if checked.may_publish() {
        assert!(course.id > 0 && course.edition > 0 && course.reviewed.is_some(), "{course:?}");
        assert!(![&course.title, &course.summary, &course.language].iter().any(|text| text.is_empty()), "{course:?}");
    }
}

fn lesson(bytes: &[u8]) {
    let checked = with(LESSON, &[b"+++\n", bytes, b"\n+++\n![H](a.svg)\n\nX.\n"].concat());
    if checked.may_publish() {
        let lesson = &checked.courses[0].1.lessons[0];
        assert!(lesson.id > 0 && (1..=5).contains(&lesson.minutes) && lesson.reviewed.is_some(), "{lesson:?}");
        assert!(!lesson.title.is_empty() && !lesson.goal.is_empty() && !lesson.sources.is_empty(), "{lesson:?}");
    }
}

fn facts(bytes: &[u8]) {
    let file = SourceFile { path: "facts.toml".to_owned(), bytes: bytes.to_vec() };
    let (facts, problems) = parse_facts(&file);
    all_stand_in(&problems, &[file]);
    let names: Vec<_> = facts.facts.iter().map(|fact| &fact.name).collect();
    assert!(names.iter().enumerate().all(|(index, name)| !names[..index].contains(name)), "{names:?}");
}

fn criteria(bytes: &[u8]) {
    let file = SourceFile { path: "criteria.toml".to_owned(), bytes: bytes.to_vec() };
    let (criteria, problems) = parse_criteria(&file);
    all_stand_in(&problems, &[file]);
    if problems.is_empty() {
        let can_be_met = |asked: &content::Requirement| asked.at_least <= asked.lessons.len() && asked.score <= 100;
        assert!(criteria.requirements.iter().all(can_be_met), "{criteria:?}");
    }
}
