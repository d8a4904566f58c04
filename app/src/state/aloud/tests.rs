//! The reading in every order of events.

use content::pack::{Hash, Recording, SpeechIndex, Spot};
use proptest::prelude::*;

use super::*;
use crate::{
    route::Route,
    state::{Moment, Reading, sample},
};

const MOMENT: Moment = Moment { day: 20_780, nonce: 42 };
const LESSON: Route = Route::Lesson { course: 1, lesson: 1 };

fn act(app: &mut App, heard: Heard) -> Vec<Deed> {
    let effects = app.update(Action::Aloud(heard), MOMENT);
    effects
        .into_iter()
        .map(|effect| if let Effect::Aloud(deed) = effect { deed } else { panic!("{effect:?}") })
        .collect()
}

/// A course with audio or without, and a lesson of it open.
fn open(has_audio: bool, lesson: content::pack::Lesson) -> App {
    let mut app = sample::app();
    let mut catalogue = sample::catalogue();
    catalogue.courses[0].speech = has_audio.then(|| sample::hash(100));
    app.update(Action::CatalogueLoaded(Ok(catalogue)), MOMENT);
    app.update(Action::Go(LESSON), MOMENT);
    app.update(Action::LessonLoaded((1, 1), sample::hash(1), Ok(lesson)), MOMENT);
    app
}

/// The index of a lesson: recording `n` says spot `n`, from 200 on.
fn index(app: &App) -> SpeechIndex {
    let lesson = &app.lessons[&(1, 1)].ready().unwrap().lesson;
    let recordings = (200..).zip(speech::lesson(lesson, "vi"));
    let mut recordings: Vec<Recording> = recordings
        .map(|(n, said)| Recording { lesson: 1, spot: said.spot, bytes: 1000, blob: sample::hash(n) })
        .collect();
    recordings.sort_by_key(|recording| recording.spot);
    SpeechIndex { recordings }
}

fn blob(app: &App, block: u8, part: u8) -> Hash {
    index(app).find(1, Spot { block, part }).unwrap().blob
}

fn turn(app: &App) -> u32 {
    app.aloud.turn
}

#[test]
fn a_recording_is_played_and_then_it_is_quiet() {
    let mut app = open(true, sample::lesson(1));
    let deeds = act(&mut app, Heard::Tap(0));
    assert_eq!(deeds, [Deed::Show(0), Deed::Index(1, sample::hash(100)), Deed::Wait(turn(&app), SOUND_MS_MAX)]);
    assert_eq!(app.aloud.spoken(), Some((0, Phase::Opening)));
    let list = index(&app);
    let deeds = act(&mut app, Heard::Index(1, Ok(list)));
    assert_eq!(deeds, [Deed::Play(turn(&app), blob(&app, 0, 0)), Deed::Wait(turn(&app), SOUND_MS_MAX)]);
    let now = turn(&app);
    act(&mut app, Heard::Started(now));
    assert_eq!(app.aloud.spoken(), Some((0, Phase::Speaking)));
    assert_eq!(act(&mut app, Heard::Tap(0)), [Deed::Hold(true)]);
    assert_eq!(act(&mut app, Heard::Waited(now)), [], "a recording that is held is not late");
    assert_eq!(act(&mut app, Heard::Tap(0)), [Deed::Hold(false)]);
    assert_eq!(act(&mut app, Heard::Ended(now)), []);
    assert_eq!(app.aloud.spoken(), None);
    // The next time the index is there.
    let deeds = act(&mut app, Heard::Tap(0));
    assert!(matches!(deeds[..], [Deed::Show(0), Deed::Play(..), Deed::Wait(..)]), "{deeds:?}");
}

#[test]
fn what_cannot_be_played_is_said_by_the_voice_or_it_is_told_why_not() {
    let mut app = open(true, sample::lesson(1));
    act(&mut app, Heard::Tap(0));
    let deeds = act(&mut app, Heard::Index(1, Err(LoadError::Network)));
    let said = speech::said(&app.lessons[&(1, 1)].ready().unwrap().lesson, Spot { block: 0, part: 0 }, "vi");
    assert_eq!(deeds, [Deed::Say(turn(&app), "vi".into(), said), Deed::Wait(turn(&app), VOICE_MS_MAX)]);
    let now = turn(&app);
    assert_eq!(act(&mut app, Heard::Waited(now)), [Deed::Stop], "a voice that is listed and not installed");
    assert_eq!(app.aloud.trouble(), Some((0, Why::NoNetwork)));
    // Another try asks for the index again.
    let deeds = act(&mut app, Heard::Tap(0));
    assert!(matches!(deeds[1], Deed::Index(..)), "{deeds:?}");
    assert_eq!(app.aloud.trouble(), None);

    let mut app = open(false, sample::lesson(1));
    let deeds = act(&mut app, Heard::Tap(0));
    assert!(matches!(deeds[1], Deed::Say(..)), "{deeds:?}");
    let now = turn(&app);
    act(&mut app, Heard::Failed(now));
    assert_eq!(app.aloud.trouble(), Some((0, Why::NoVoice)));
}

#[test]
fn a_voice_that_never_ends_is_taken_to_have_ended() {
    let mut app = open(false, sample::lesson(1));
    act(&mut app, Heard::Tap(0));
    let now = turn(&app);
    let deeds = act(&mut app, Heard::Started(now));
    assert!(matches!(deeds[..], [Deed::Wait(found, ms)] if found == now && ms > VOICE_MS_MAX), "{deeds:?}");
    assert_eq!(act(&mut app, Heard::Started(now)), [], "said once for every word by some browsers");
    assert_eq!(act(&mut app, Heard::Slow(true))[0], Deed::Slow(true));
    assert_eq!(turn(&app), now + 1, "a voice takes its speed anew");
    assert_eq!(act(&mut app, Heard::Ended(now)), [], "that was the faster one");
    let now = turn(&app);
    act(&mut app, Heard::Started(now));
    act(&mut app, Heard::Waited(now));
    assert_eq!((app.aloud.spoken(), app.aloud.trouble()), (None, None));
}

#[test]
fn the_whole_lesson_is_read_up_to_a_question_and_on_from_there() {
    let mut app = open(false, sample::exercises());
    app.reading = Reading::Whole;
    act(&mut app, Heard::All);
    let mut blocks = Vec::new();
    while let Some((block, _)) = app.aloud.spoken() {
        blocks.push(block);
        let now = turn(&app);
        act(&mut app, Heard::Started(now));
        act(&mut app, Heard::Ended(now));
    }
    let asks = |block: &content::pack::Block| {
        matches!(block, content::pack::Block::Quiz(_)) || super::super::exercise(block).is_some()
    };
    let first = sample::exercises().blocks.iter().position(asks).unwrap();
    assert_eq!(blocks.first(), Some(&Spot::HEAD));
    assert_eq!(usize::from(*blocks.last().unwrap()), first);
    let first = u8::try_from(first).unwrap();
    assert!(app.aloud.stopped_at(first));
    act(&mut app, Heard::On(first));
    assert!(app.aloud.spoken().unwrap().0 > first);
    assert!(!app.aloud.stopped_at(first));
}

#[test]
fn a_step_that_stands_alone_is_read_as_one() {
    let mut app = open(false, sample::exercises());
    app.live = true;
    assert!(!app.is_whole());
    let blocks = |app: &App| {
        let mut blocks: Vec<u8> = app.aloud.now.as_ref().unwrap().spots.iter().map(|spot| spot.block).collect();
        blocks.dedup();
        blocks
    };
    let shown = |app: &App, step: usize| {
        let steps = &app.lessons[&(1, 1)].ready().unwrap().steps;
        steps.blocks(step).map(|block| u8::try_from(block).unwrap()).collect::<Vec<_>>()
    };
    act(&mut app, Heard::All);
    assert_eq!(blocks(&app), [&[Spot::HEAD][..], &shown(&app, 0)].concat());
    let effects = app.update(Action::Onward, MOMENT);
    assert!(effects.contains(&Effect::Aloud(Deed::Stop)), "{effects:?}");
    act(&mut app, Heard::All);
    assert_eq!(blocks(&app), shown(&app, 1));
}

fn finish(app: &mut App) {
    for (quiz, option) in [(0, 1), (1, 0), (1, 2)] {
        app.update(Action::Choose { quiz, option }, MOMENT);
    }
    app.update(Action::Answer { quiz: 1 }, MOMENT);
    app.update(Action::Finish, MOMENT);
    assert_eq!(app.route, Some(Route::Finished { course: 1, lesson: 1 }));
}

#[test]
fn what_the_learner_can_do_now_and_what_to_try_is_read_behind_the_lesson() {
    for reading in [Reading::Steps, Reading::Whole] {
        let mut app = App { reading, ..open(true, sample::lesson(1)) };
        finish(&mut app);
        act(&mut app, Heard::All);
        assert_eq!(app.aloud.spoken(), Some((Spot::HEAD, Phase::Opening)));
        let list = index(&app);
        let deeds = act(&mut app, Heard::Index(1, Ok(list)));
        assert_eq!(deeds[0], Deed::Play(turn(&app), blob(&app, Spot::HEAD, 1)));
        let now = turn(&app);
        act(&mut app, Heard::Started(now));
        assert_eq!(act(&mut app, Heard::Ended(now)), []);
        assert_eq!(app.aloud.spoken(), None, "nothing else is read there");

        let mut app = App { reading, ..open(false, sample::lesson(1)) };
        finish(&mut app);
        let deeds = act(&mut app, Heard::All);
        let [Deed::Show(Spot::HEAD), Deed::Say(_, _, said), Deed::Wait(..)] = &deeds[..] else { panic!("{deeds:?}") };
        for words in ["Bà con biết vi en i ai đi giúp được việc gì", "Mở cửa hàng ứng dụng"] {
            assert!(said.contains(words), "{said}");
        }
    }
}

#[test]
fn leaving_the_lesson_and_answering_end_it() {
    for action in [Action::Go(Route::Home), Action::Moved(None), Action::Choose { quiz: 0, option: 0 }, Action::Finish]
    {
        let mut app = open(false, sample::lesson(1));
        act(&mut app, Heard::Tap(0));
        let effects = app.update(action.clone(), MOMENT);
        assert!(effects.contains(&Effect::Aloud(Deed::Stop)), "{action:?}");
        assert_eq!(app.aloud.spoken(), None);
    }
}

#[test]
fn the_audio_of_a_course_is_measured_kept_and_thrown_out_with_it() {
    let mut app = open(true, sample::lesson(1));
    app.update(Action::ShelfRead(Some(Vec::new())), MOMENT);
    assert_eq!(app.audio_is_kept(1), None);
    assert_eq!(act(&mut app, Heard::Measure(1)), [Deed::Index(1, sample::hash(100))]);
    assert_eq!(app.audio_under_way(1), Some(&CourseKeeping::Measuring));
    let list = index(&app);
    let count = list.recordings.len();
    act(&mut app, Heard::Index(1, Ok(list.clone())));
    assert_eq!(app.audio_under_way(1), Some(&CourseKeeping::Measured(Some(1000 * count as u64))));
    let deeds = act(&mut app, Heard::Keep(1));
    let [Deed::Keep(1, blobs)] = &deeds[..] else { panic!("{deeds:?}") };
    assert_eq!(blobs.len(), count + 1, "the index, too");
    assert_eq!(act(&mut app, Heard::Keep(1)), [], "a second tap fetches nothing twice");
    for blob in blobs {
        assert_eq!(app.audio_is_kept(1), Some(false));
        act(&mut app, Heard::Kept(1, Ok(*blob)));
    }
    assert_eq!((app.audio_is_kept(1), app.audio_under_way(1)), (Some(true), None));
    // Keeping the lessons throws nothing of it out, throwing the course out does.
    for blob in (1..=3).map(sample::hash) {
        assert_eq!(app.update(Action::BlobKept(1, Ok(blob)), MOMENT), []);
    }
    let effects = app.update(Action::DropCourse(1), MOMENT);
    let [Effect::DropBlobs(gone)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(gone.len(), 3 + count + 1);

    // On the next visit nobody knows what belongs to it until the index is read again.
    let held: Vec<Hash> = blobs.iter().copied().chain((1..=3).map(sample::hash)).collect();
    let mut again = open(true, sample::lesson(1));
    let effects = again.update(Action::ShelfRead(Some(held)), MOMENT);
    assert_eq!(effects, [Effect::Aloud(Deed::Index(1, sample::hash(100)))]);
    let effects = again.update(Action::DropCourse(1), MOMENT);
    assert_eq!(effects, [Effect::DropBlobs((1..=3).map(sample::hash).collect())]);
    act(&mut again, Heard::Index(1, Ok(list)));
    assert_eq!(again.audio_is_kept(1), Some(true));
}

/// A browser as the state sees it: at most one sound, which the newest of these deeds began.
#[derive(Default)]
struct Speaker {
    sound: Option<u32>,
    waits: Vec<u32>,
}

impl Speaker {
    fn carry_out(&mut self, now: u32, deeds: Vec<Deed>) {
        for deed in deeds {
            match deed {
                Deed::Play(turn, _) | Deed::Say(turn, ..) => self.sound = Some(turn),
                // One that has ended begins anew.
                Deed::Hold(false) => self.sound = Some(now),
                Deed::Stop => self.sound = None,
                Deed::Wait(turn, _) => self.waits.push(turn),
                _ => {}
            }
        }
    }
}

fn any_heard() -> impl Strategy<Value = (u8, u32)> {
    (0u8..14, 0u32..6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes in whatever order: what is heard is what the screen says is said, and when nothing more comes
    /// than what was waited for, it is quiet.
    #[test]
    fn at_most_one_sound_and_never_stuck(has_audio: bool, events in prop::collection::vec(any_heard(), 0..60)) {
        let mut app = open(has_audio, sample::exercises());
        let mut speaker = Speaker::default();
        for (event, n) in events {
            let now = turn(&app);
            let late = now.saturating_sub(n);
            let heard = match event {
                0 => Heard::Tap(u8::try_from(n).unwrap()),
                1 => Heard::Tap(Spot::HEAD),
                2 => Heard::All,
                3 => Heard::On(0),
                4 => Heard::Stop,
                5 => Heard::Slow(n % 2 == 0),
                6 => Heard::Index(1, Ok(index(&app))),
                7 => Heard::Index(1, Err(LoadError::Network)),
                8 => Heard::Started(late),
                9 => Heard::Ended(late),
                10 => Heard::Failed(late),
                11 => Heard::Waited(late),
                12 => Heard::Measure(1),
                _ => Heard::Started(now),
            };
            if matches!(heard, Heard::Ended(turn) | Heard::Failed(turn) if speaker.sound == Some(turn)) {
                speaker.sound = None;
            }
            let deeds = act(&mut app, heard);
            speaker.carry_out(turn(&app), deeds);
            match app.aloud.spoken() {
                None => prop_assert_eq!(speaker.sound, None),
                Some((_, Phase::Speaking)) => prop_assert_eq!(speaker.sound, Some(turn(&app))),
                Some(_) => prop_assert!(speaker.sound.is_none_or(|sound| sound == turn(&app))),
            }
        }
        if matches!(app.aloud.spoken(), Some((_, Phase::Paused))) {
            // Only a person goes on from here.
            let deeds = act(&mut app, Heard::Stop);
            speaker.carry_out(turn(&app), deeds);
        }
        // A recording that is played ends by itself; everything else was waited for.
        for _ in 0..200 {
            if app.aloud.spoken().is_none() {
                break;
            }
            let now = turn(&app);
            let is_played = app.aloud.now.as_ref().is_some_and(|said| said.phase == Phase::Speaking && !said.voice);
            prop_assert!(is_played || speaker.waits.contains(&now), "{:?}", app.aloud.now);
            let deeds = act(&mut app, if is_played { Heard::Ended(now) } else { Heard::Waited(now) });
            speaker.carry_out(turn(&app), deeds);
        }
        prop_assert_eq!(app.aloud.spoken(), None);
    }
}
