//! The bytes of the formats, written out: a change of these is a change of format.

use super::{
    Block, Catalogue, CourseManifest, Date, DecodeError, Hash, Html, Lesson, LessonSummary, Quiz, QuizOption, Source,
};

fn date() -> Date {
    Date::new(2026, 11, 22).unwrap()
}

fn catalogue() -> Catalogue {
    Catalogue {
        courses: vec![CourseManifest {
            course: 300,
            edition: 2,
            title: "Mở".to_owned(),
            summary: "S".to_owned(),
            reviewed: date(),
            language: "vi".to_owned(),
            lessons: vec![LessonSummary {
                lesson: 7,
                title: "B".to_owned(),
                minutes: 5,
                blob: Hash([0xab; 32]),
                assets: vec![Hash([0xcd; 32])],
            }],
        }],
    }
}

fn lesson() -> Lesson {
    let answer = |text: &str, right| QuizOption { text: Html::trusted(text), right, feedback: Html::trusted("F") };
    Lesson {
        course: 300,
        lesson: 7,
        title: "B".to_owned(),
        goal: "G".to_owned(),
        reviewed: date(),
        sources: vec![Source { title: "N".to_owned(), url: Some("https://a.vn".to_owned()) }],
        blocks: vec![
            Block::Html(Html::trusted("<p>A</p>")),
            Block::Quiz(Quiz { question: Html::trusted("Q"), options: vec![answer("1", true), answer("2", false)] }),
        ],
    }
}

#[rustfmt::skip]
fn catalogue_bytes() -> Vec<u8> {
    [
        &[1][..],                       // format
        &[1],                           // one course
        &[0xac, 0x02],                  // course 300
        &[2],                           // edition
        &[4, b'M', 0xe1, 0xbb, 0x9f],   // title
        &[1, b'S'],                     // summary
        &[0x82, 0xd2, 0xd4, 0x09],      // reviewed: 20261122
        &[2, b'v', b'i'],               // language
        &[1],                           // one lesson
        &[7],                           // lesson
        &[1, b'B'],                     // title
        &[5],                           // minutes
        &[0xab; 32],                    // blob
        &[1],                           // one asset
        &[0xcd; 32],
    ].concat()
}

#[rustfmt::skip]
fn lesson_bytes() -> Vec<u8> {
    [
        &[1][..],                       // format
        &[0xac, 0x02],                  // course 300
        &[7],                           // lesson
        &[1, b'B'],                     // title
        &[1, b'G'],                     // goal
        &[0x82, 0xd2, 0xd4, 0x09],      // reviewed: 20261122
        &[1],                           // one source
        &[1, b'N'],
        &[1, 12], b"https://a.vn",      // it has an address
        &[2],                           // two blocks
        &[0, 8], b"<p>A</p>",           // variant 0: Html
        &[1],                           // variant 1: Quiz
        &[1, b'Q'],
        &[2],                           // two options
        &[1, b'1', 1, 1, b'F'],
        &[1, b'2', 0, 1, b'F'],
    ].concat()
}

#[test]
fn catalogue_has_these_bytes() {
    assert_eq!(catalogue().encode().unwrap(), catalogue_bytes());
    assert_eq!(Catalogue::decode(&catalogue_bytes()), Ok(catalogue()));
}

#[test]
fn lesson_has_these_bytes() {
    assert_eq!(lesson().encode().unwrap(), lesson_bytes());
    assert_eq!(Lesson::decode(&lesson_bytes()), Ok(lesson()));
}

#[test]
fn errors_say_what_and_where() {
    let say = |bytes: &[u8]| Lesson::decode(bytes).unwrap_err().to_string();
    let bytes = lesson_bytes();

    assert_eq!(say(&[]), "no bytes where a lesson was expected");
    assert_eq!(say(&[9]), "lesson of format 9; this release reads format 1");
    assert_eq!(say(&[&bytes[..], &[0]].concat()), "lesson ends at byte 54, but bytes follow");
    assert!(say(&bytes[..20]).starts_with("lesson, byte 17: "), "{}", say(&bytes[..20]));
    assert_eq!(
        say(&vec![1; super::LESSON_BYTES_MAX + 1]),
        "1048577 bytes are too many for a lesson, at most 1048576 fit"
    );
}

#[test]
fn every_cut_is_refused() {
    for (bytes, what) in [(catalogue_bytes(), "catalogue"), (lesson_bytes(), "lesson")] {
        for end in 0..bytes.len() {
            let cut = &bytes[..end];
            let error =
                if what == "lesson" { Lesson::decode(cut).unwrap_err() } else { Catalogue::decode(cut).unwrap_err() };
            assert!(
                matches!(error, DecodeError::Malformed { at, .. } if at <= end)
                    || matches!(error, DecodeError::Empty { .. } if end == 0),
                "{what} cut at {end}: {error}"
            );
        }
    }
}

#[test]
fn an_enormous_count_takes_no_memory() {
    // One course announced, then a title of 2^63 bytes.
    let bytes = [&[1, 1, 1, 1][..], &[0xff; 9], &[0x01]].concat();
    assert!(matches!(Catalogue::decode(&bytes), Err(DecodeError::Malformed { .. })));
}

#[test]
fn bounds_are_checked_both_ways() {
    let mut big = catalogue();
    big.courses[0].lessons = vec![big.courses[0].lessons[0].clone(); 65];
    let refusal = "courses[0].lessons has 65, at most 64 fit";
    assert_eq!(big.encode().unwrap_err().to_string(), refusal);

    let bytes = [&[1][..], &postcard::to_extend(&big, Vec::new()).unwrap()].concat();
    assert_eq!(Catalogue::decode(&bytes).unwrap_err().to_string(), refusal);
}
