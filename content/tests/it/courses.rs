//! The courses that residents see.

use std::path::{Path, PathBuf};

use content::pack::{Block, Catalogue, CourseManifest, Hash, Html, Lesson, SpeechIndex, Spot};
use content::{
    Compiled, Course, Criteria, Reading, check_courses, check_criteria, compile, compile_with, parse_course, speech,
    summary, unsaid,
};

use crate::folder::{folders, list, read};

/// Words of a sentence, on average, that elderly readers follow with ease.
const SENTENCE_WORDS: usize = 15;
/// Most bytes of a drawing of ours; a lesson with it still loads at once on a slow line.
const DRAWING_BYTES_MAX: usize = 6 * 1024;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("courses")
}

fn courses() -> Vec<(String, Course)> {
    let courses = folders(&root()).into_iter().map(|name| {
        let (course, problems) = parse_course(&read(&root().join(&name)));
        assert_eq!(list(&problems), "", "{name}");
        (name, course)
    });
    courses.collect()
}

#[test]
fn have_no_problem() {
    let courses = courses();
    assert!(!courses.is_empty());
    let problems = check_courses(courses.iter().map(|(name, course)| (&**name, course)));
    assert_eq!(list(&problems), "");
}

/// Drafts wait for somebody who speaks their language, and are compiled into nothing. Their numbers are theirs.
#[test]
fn drafts_have_no_problem_either() {
    let drafts = Path::new(env!("CARGO_MANIFEST_DIR")).join("drafts");
    let mut courses = courses();
    for name in folders(&drafts) {
        let (course, problems) = parse_course(&read(&drafts.join(&name)));
        assert_eq!(list(&problems), "", "{name}");
        assert!(course.lessons.iter().all(|lesson| !lesson.blocks.is_empty()), "{name}");
        courses.push((name, course));
    }
    let problems = check_courses(courses.iter().map(|(name, course)| (&**name, course)));
    assert_eq!(list(&problems), "");
}

#[test]
fn hold_what_the_criteria_ask_for() {
    let courses = courses();
    let problems = check_criteria("criteria.toml", &Criteria::built_in(), courses.iter().map(|(_, course)| course));
    assert_eq!(list(&problems), "");
}

#[test]
fn read_easily() {
    for (name, course) in courses() {
        for lesson in &course.lessons {
            let reading = lesson.reading();
            let (file, Reading { words, sentences }) = (&lesson.file, reading);
            println!("{name}/{file}: {words} words in {sentences} sentences, {} min", lesson.minutes);
            assert!(words <= SENTENCE_WORDS * sentences, "{name}/{file}: {words} words in {sentences} sentences");
        }
        for (path, image) in &course.images {
            assert!(image.bytes.len() <= DRAWING_BYTES_MAX, "{name}/{path}: {} bytes", image.bytes.len());
        }
    }
}

/// Something small to do on one's own phone ends every lesson, in sentences that are read at a glance.
#[test]
fn end_with_something_to_try() {
    for (name, course) in courses() {
        for lesson in &course.lessons {
            let task = lesson.task.as_deref().unwrap_or_default();
            assert!(!task.is_empty(), "{name}/{}: nothing to try", lesson.file);
            let long = task
                .split_inclusive(['.', '!', '?', ':'])
                .find(|part| part.split_whitespace().count() > SENTENCE_WORDS);
            assert_eq!(long, None, "{name}/{}", lesson.file);
        }
    }
}

#[test]
fn ask_two_to_four_questions_a_lesson() {
    for (name, course) in courses() {
        let Compiled { manifest, blobs } = compile(&course).unwrap();
        for summary in manifest.lessons {
            let blob = blobs.iter().find(|blob| blob.hash == summary.blob).unwrap();
            let lesson = Lesson::decode(&blob.bytes).unwrap();
            let questions = lesson.quizzes().count() + lesson.orders().count();
            assert!((2..=4).contains(&questions), "{name}: {} has {questions}", summary.title);
        }
    }
}

#[test]
fn compile_to_the_same_bytes_every_time() {
    for (name, course) in courses() {
        let compiled = compile(&course).unwrap();
        let mut files = read(&root().join(&name));
        files.reverse();
        assert_eq!(compile(&parse_course(&files).0).unwrap(), compiled, "{name}");

        let mut hashes: Vec<_> = compiled.blobs.iter().map(|blob| blob.hash).collect();
        assert!(hashes.is_sorted());
        assert!(compiled.blobs.iter().all(|blob| Hash::of(&blob.bytes) == blob.hash), "{name}");
        hashes.retain(|hash| !compiled.manifest.lessons.iter().any(|l| l.blob == *hash || l.assets.contains(hash)));
        assert_eq!(hashes, [], "{name}: every blob is named in the manifest");

        let catalogue = Catalogue { courses: vec![compiled.manifest] };
        assert_eq!(Catalogue::decode(&catalogue.encode().unwrap()), Ok(catalogue), "{name}");
    }
}

/// What residents were promised: enough to learn, to try, and to judge, genuine messages among them.
#[test]
fn hold_the_whole_curriculum() {
    let courses = courses();
    let found = summary(courses.iter().map(|(_, course)| course));
    println!("{found:?}");
    assert!(found.courses >= 6 && found.lessons >= 31 && found.questions >= 93, "{found:?}");
    assert!(found.practices >= 15 && found.drills >= 20, "{found:?}");
    assert!(found.genuine * 2 >= found.drills, "residents also learn to trust: {found:?}");
}

/// A course without audio costs a resident at most this much, compressed or not.
#[test]
fn are_small() {
    const COURSE_BYTES_MAX: usize = 150 * 1024;
    for (name, course) in courses() {
        let bytes: usize = compile(&course).unwrap().blobs.iter().map(|blob| blob.bytes.len()).sum();
        println!("{name}: {bytes} bytes");
        assert!(bytes <= COURSE_BYTES_MAX, "{name}: {bytes} bytes");
    }
}

/// Whatever a lesson shows can be said, and no letter or digit is left that a voice would stumble on.
#[test]
fn can_be_said_aloud() {
    for (name, course) in courses() {
        let Compiled { blobs, .. } = compile(&course).unwrap();
        for lesson in blobs.iter().filter_map(|blob| Lesson::decode(&blob.bytes).ok()) {
            let spoken = speech::lesson(&lesson, &course.language);
            assert!(spoken.iter().any(|spoken| spoken.spot.block == 0), "{name}: {}", lesson.title);
            for speech::Spoken { text, .. } in spoken {
                assert!(
                    !text.contains(|c: char| c.is_ascii_digit() || matches!(c, '<' | '>' | '`' | '@')),
                    "{name}: {text}"
                );
            }
        }
    }
}

/// An audio pack says every block of every lesson, and without audio a pack is what it was.
#[test]
fn with_a_voice_every_block_has_audio() {
    for (name, course) in courses() {
        let silent = compile(&course).unwrap();
        assert_eq!(silent.manifest.speech, None);
        let sound = |text: &str| Some([b"OggS", text.as_bytes()].concat());
        let spoken = compile_with(&course, &sound).unwrap();
        assert_eq!(CourseManifest { speech: None, ..spoken.manifest.clone() }, silent.manifest, "{name}");
        let blob = |hash: Hash| &*spoken.blobs.iter().find(|blob| blob.hash == hash).unwrap().bytes;
        let index = SpeechIndex::decode(blob(spoken.manifest.speech.unwrap())).unwrap();
        let mut recordings = 0;
        for summary in &spoken.manifest.lessons {
            let lesson = Lesson::decode(blob(summary.blob)).unwrap();
            let head = Spot { block: Spot::HEAD, part: 0 };
            for (block, found) in (0..).zip(&lesson.blocks) {
                for part in 0..speech::parts(found) {
                    let spot = Spot { block, part };
                    let said = speech::said(&lesson, spot, &course.language);
                    let shows = !matches!(found, Block::Listen(_)) && *found != Block::Html(Html::trusted("<hr>"));
                    assert_eq!(!said.is_empty(), shows, "{name}, {}: {spot:?} {found:?}", lesson.title);
                    let recording = index.find(lesson.lesson, spot);
                    assert_eq!(
                        recording.map(|found| blob(found.blob)),
                        shows.then(|| sound(&said).unwrap()).as_deref()
                    );
                    recordings += usize::from(shows);
                }
            }
            let task = lesson.task.as_deref().map(|task| speech::text(task, &course.language));
            assert!(index.find(lesson.lesson, head).is_some());
            let end = blob(index.find(lesson.lesson, Spot::END).unwrap().blob);
            assert!(task.is_none_or(|task| end.ends_with(task.as_bytes())), "{name}, {}", lesson.title);
            recordings += 2;
        }
        assert_eq!(index.recordings.len(), recordings, "{name}: nothing else is in the index");
    }
}

#[test]
fn what_somebody_recorded_is_preferred_and_what_nothing_says_is_named() {
    let (_, mut course) = courses().remove(0);
    let text = speech::text(&course.lessons[0].goal, "vi");
    let title = speech::text(&course.lessons[0].title, "vi");
    let head = format!("{title}. {text}");
    course.recordings.insert(speech::key(&head), b"OggS by hand".to_vec());
    course.recordings.insert(speech::key("nobody says this"), b"OggS".to_vec());
    let compiled = compile_with(&course, &|_| Some(b"OggS made".to_vec())).unwrap();
    assert!(compiled.blobs.iter().any(|blob| blob.bytes == b"OggS by hand"), "{head}");
    assert_eq!(unsaid(&course).unwrap(), [speech::key("nobody says this")]);
}
