//! The bytes of the formats, written out: a change of these is a change of format.

use super::{
    Block, Button, Catalogue, Channel, CourseManifest, Date, DecodeError, End, Field, Figure, Hash, Html, Lesson,
    LessonSummary, Listen, Note, NoteKind, Order, OrderStep, Part, Piece, Practice, Quiz, QuizOption, Scam, Screen,
    Source, Verdict,
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
                goal: String::new(),
            }],
            speech: None,
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
        task: None,
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

/// A lesson with every block of format 2.
fn exercises() -> Lesson {
    let html = |text: &str| Html::trusted(text);
    let text = |text: &str| text.to_owned();
    let step = |text: &str| OrderStep { text: html(text), hint: html("H") };
    let parts = vec![
        Part::Text(html("T")),
        Part::Field(Field { label: text("L"), value: text("0"), hint: html("H") }),
        Part::Button(Button { label: text("B"), right: true, feedback: html("F") }),
    ];
    let screens = vec![Screen { title: text("S"), ask: html("A"), parts }];
    let end = End { title: text("E"), texts: vec![html("X")], praise: html("P") };
    let pieces = vec![Piece { text: text("m"), sign: None }, Piece { text: text("n"), sign: Some(html("S")) }];
    let scam = Scam {
        channel: Channel::Chat,
        sender: text("Z"),
        lines: vec![pieces],
        verdict: Verdict::Genuine,
        feedback_to_scam: html("1"),
        feedback_to_genuine: html("2"),
    };
    let figure = Figure { image: Hash([0xab; 32]), width: 320, height: 180, alt: text("A"), caption: html("C") };
    let blocks = vec![
        Block::Order(Order { question: html("Q"), steps: vec![step("1"), step("2")] }),
        Block::Practice(Practice { task: html("T"), screens, end }),
        Block::Scam(scam),
        Block::Listen(Listen { text: text("L") }),
        Block::Figure(figure),
        Block::Note(Note { kind: NoteKind::Warning, html: html("N") }),
    ];
    Lesson { blocks, ..lesson() }
}

#[rustfmt::skip]
fn exercises_bytes() -> Vec<u8> {
    let head = &lesson_bytes()[1..29];
    [
        &[2][..],                       // format
        head,                           // as above, up to the blocks
        &[6],                           // six blocks
        &[2, 1, b'Q', 2],               // variant 2: Order, two steps
        &[1, b'1', 1, b'H'],
        &[1, b'2', 1, b'H'],
        &[3, 1, b'T', 1],               // variant 3: Practice, one screen
        &[1, b'S', 1, b'A', 3],         // title, ask, three parts
        &[0, 1, b'T'],                  // text
        &[1, 1, b'L', 1, b'0', 1, b'H'], // field
        &[2, 1, b'B', 1, 1, b'F'],      // button, right
        &[1, b'E', 1, 1, b'X', 1, b'P'], // end: title, one text, praise
        &[4, 2, 1, b'Z'],               // variant 4: Scam, by chat, sender
        &[1, 2],                        // one line of two pieces
        &[1, b'm', 0],                  // no sign
        &[1, b'n', 1, 1, b'S'],         // a sign
        &[1, 1, b'1', 1, b'2'],         // genuine, two feedbacks
        &[5, 1, b'L'],                  // variant 5: Listen
        &[6], &[0xab; 32],              // variant 6: Figure
        &[0xc0, 0x02, 0xb4, 0x01],      // 320 × 180
        &[1, b'A', 1, b'C'],
        &[7, 1, 1, b'N'],               // variant 7: Note, a warning
    ].concat()
}

#[test]
fn exercises_have_these_bytes() {
    assert_eq!(exercises().encode().unwrap(), exercises_bytes());
    assert_eq!(Lesson::decode(&exercises_bytes()), Ok(exercises()));
}

#[test]
fn bounds_of_exercises_are_checked() {
    let refusal = |change: fn(&mut Block), at: usize| {
        let mut lesson = exercises();
        change(&mut lesson.blocks[at]);
        lesson.encode().unwrap_err().to_string()
    };
    assert_eq!(
        refusal(
            |block| if let Block::Order(order) = block {
                order.steps = vec![order.steps[0].clone(); 7];
            },
            0
        ),
        "blocks[0].steps has 7, at most 6 fit"
    );
    assert_eq!(
        refusal(
            |block| if let Block::Practice(p) = block {
                p.screens = vec![p.screens[0].clone(); 13];
            },
            1
        ),
        "blocks[1].screens has 13, at most 12 fit"
    );
    assert_eq!(
        refusal(
            |block| if let Block::Practice(p) = block {
                p.screens[0].parts = vec![p.screens[0].parts[0].clone(); 11];
            },
            1
        ),
        "blocks[1].screens[0].parts has 11, at most 10 fit"
    );
    assert_eq!(
        refusal(
            |block| if let Block::Practice(p) = block {
                p.end.texts = vec![Html::default(); 11];
            },
            1
        ),
        "blocks[1].end.texts has 11, at most 10 fit"
    );
    let long_value = |block: &mut Block| {
        let Block::Practice(practice) = block else { return };
        let Part::Field(field) = &mut practice.screens[0].parts[1] else { return };
        field.value = "ế".repeat(31);
    };
    assert_eq!(refusal(long_value, 1), "blocks[1].screens[0].parts[1].value has 31, at most 30 fit");
    assert_eq!(
        refusal(
            |block| if let Block::Scam(scam) = block {
                scam.lines = vec![Vec::new(); 9];
            },
            2
        ),
        "blocks[2].lines has 9, at most 8 fit"
    );
    assert_eq!(
        refusal(
            |block| if let Block::Figure(figure) = block {
                figure.alt = "a".repeat(601);
            },
            4
        ),
        "blocks[4].alt has 601, at most 600 fit"
    );
}

#[test]
fn catalogue_has_these_bytes() {
    assert_eq!(catalogue().encode().unwrap(), catalogue_bytes());
    assert_eq!(Catalogue::decode(&catalogue_bytes()), Ok(catalogue()));
}

#[test]
fn a_manifest_has_the_bytes_it_has_in_a_catalogue() {
    let manifest = &catalogue().courses[0];
    let bytes = [&[1][..], &catalogue_bytes()[2..]].concat();
    assert_eq!(manifest.encode().unwrap(), bytes);
    assert_eq!(CourseManifest::decode(&bytes).as_ref(), Ok(manifest));
    let error = CourseManifest::decode(&bytes[..20]).unwrap_err().to_string();
    assert!(error.starts_with("manifest, byte 20: "), "{error}");
}

#[test]
fn audio_is_listed_behind_what_silent_packs_have() {
    let speech = |hashes: &[Option<u8>]| {
        let hash = |hash: &Option<u8>| hash.map_or_else(|| vec![0], |hash| [&[1][..], &[hash; 32]].concat());
        [vec![u8::try_from(hashes.len()).unwrap()], hashes.iter().flat_map(hash).collect()].concat()
    };
    let mut spoken = catalogue();
    let mut silent = spoken.courses[0].clone();
    silent.course = 301;
    spoken.courses[0].speech = Some(Hash([0xef; 32]));
    spoken.courses.push(silent);
    let (one, body) = (catalogue_bytes()[2..].to_vec(), &mut catalogue_bytes()[2..].to_vec());
    body[0] += 1;
    // After the courses each lesson's goal, which these do not say.
    let bytes = [&[3, 2][..], &one, body, &[0, 0], &speech(&[Some(0xef), None])].concat();
    assert_eq!(spoken.encode().unwrap(), bytes);
    assert_eq!(Catalogue::decode(&bytes).as_ref(), Ok(&spoken));
    for end in 0..bytes.len() {
        assert!(Catalogue::decode(&bytes[..end]).is_err(), "cut at {end}");
    }
    let manifest = [&[3][..], &one, &[0], &speech(&[Some(0xef)])].concat();
    assert_eq!(spoken.courses[0].encode().unwrap(), manifest);
    assert_eq!(CourseManifest::decode(&manifest).as_ref(), Ok(&spoken.courses[0]));
    for wrong in [&[][..], &[None], &[Some(1), Some(2)]] {
        let bytes = [&[3][..], &one, &[0], &speech(wrong)].concat();
        assert!(matches!(CourseManifest::decode(&bytes), Err(DecodeError::Malformed { .. })), "{wrong:?}");
    }
}

#[test]
fn a_catalogue_of_the_longest_manifests_fits() {
    let mut longest = catalogue().courses.remove(0);
    longest.speech = Some(Hash([1; 32]));
    longest.lessons = vec![longest.lessons[0].clone(); 16];
    let length = |manifest: &CourseManifest| manifest.encode().map_or(usize::MAX, |bytes| bytes.len());
    while length(&longest) < super::MANIFEST_BYTES_MAX - 32 {
        let lesson = longest.lessons.iter_mut().find(|lesson| lesson.assets.len() < 32).unwrap();
        lesson.assets.push(Hash([1; 32]));
    }
    while length(&longest) < super::MANIFEST_BYTES_MAX {
        longest.title.push('a');
    }
    assert_eq!(length(&longest), super::MANIFEST_BYTES_MAX);
    assert!(Catalogue { courses: vec![longest.clone(); 64] }.encode().is_ok());
    longest.title.push('a');
    assert_eq!(longest.encode().unwrap_err().to_string(), "the manifest takes 16385 bytes, at most 16384 fit");
}

#[test]
fn lesson_has_these_bytes() {
    assert_eq!(lesson().encode().unwrap(), lesson_bytes());
    assert_eq!(Lesson::decode(&lesson_bytes()), Ok(lesson()));
}

#[test]
fn what_newer_formats_say_stands_after_everything_else() {
    let (mut listed, mut tried) = (catalogue(), lesson());
    listed.courses[0].lessons[0].goal = "G".to_owned();
    tried.task = Some("T".to_owned());
    let catalogue_bytes = [&[2][..], &catalogue_bytes()[1..], &[1, b'G']].concat();
    let manifest_bytes = [&[2][..], &catalogue_bytes[2..]].concat();
    let lesson_bytes = [&[3][..], &lesson_bytes()[1..], &[1, b'T']].concat();
    assert_eq!(listed.encode().unwrap(), catalogue_bytes);
    assert_eq!(listed.courses[0].encode().unwrap(), manifest_bytes);
    assert_eq!(tried.encode().unwrap(), lesson_bytes);
    assert_eq!(Catalogue::decode(&catalogue_bytes), Ok(listed.clone()));
    assert_eq!(CourseManifest::decode(&manifest_bytes).as_ref(), Ok(&listed.courses[0]));
    assert_eq!(Lesson::decode(&lesson_bytes), Ok(tried.clone()));
    for cut in [&lesson_bytes[..lesson_bytes.len() - 1], &lesson_bytes[..lesson_bytes.len() - 2]] {
        assert!(matches!(Lesson::decode(cut), Err(DecodeError::Malformed { .. })));
    }
    tried.task = Some("a".repeat(601));
    assert_eq!(tried.encode().unwrap_err().to_string(), "task has 601, at most 600 fit");
    listed.courses[0].lessons[0].goal = "a".repeat(601);
    assert_eq!(listed.encode().unwrap_err().to_string(), "courses[0].lessons[0].goal has 601, at most 600 fit");
}

#[test]
fn errors_say_what_and_where() {
    let say = |bytes: &[u8]| Lesson::decode(bytes).unwrap_err().to_string();
    let bytes = lesson_bytes();

    assert_eq!(say(&[]), "no bytes where a lesson was expected");
    assert_eq!(say(&[9]), "lesson of format 9; this release reads format 3");
    assert_eq!(say(&[&bytes[..], &[0]].concat()), "lesson ends at byte 54, but bytes follow");
    assert!(say(&bytes[..20]).starts_with("lesson, byte 17: "), "{}", say(&bytes[..20]));
    assert_eq!(
        say(&vec![1; super::LESSON_BYTES_MAX + 1]),
        "1048577 bytes are too many for a lesson, at most 1048576 fit"
    );
}

#[test]
fn every_cut_is_refused() {
    for (bytes, what) in [(catalogue_bytes(), "catalogue"), (lesson_bytes(), "lesson"), (exercises_bytes(), "lesson")] {
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
