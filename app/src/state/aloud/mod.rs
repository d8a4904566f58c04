//! Reading aloud: what is being said, by what, and why something is not.
//!
//! Of each spot of a lesson the recording is played, where the course has audio and it can be had; else the
//! device's own voice says the words; else the screen says why neither can. One thing is said at a time.
//! Every try has a number, its turn, and what the browser says of an earlier one is not heard.
//!
//! ```text
//!          tap            index, sound            ended
//! silent ───────▶ Opening ───────────▶ Speaking ───────▶ the next spot, or silent
//!                   │  ▲                  │ tap ▲ tap
//!            failed ▼  │ the voice        ▼     │
//!                 trouble               Paused ─┘
//! ```

mod keep;
mod spots;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use content::pack::{Hash, SpeechIndex, Spot};
use content::speech;

pub(crate) use keep::offer;
pub(crate) use spots::has_button;

use super::{Action, App, CourseKeeping, Effect, KeepError, LessonKey, Load, LoadError, Play};

/// How long the index or a recording may take to come: a slow hall, and a server that is gone.
const SOUND_MS_MAX: u32 = 15_000;
/// How long a voice may take to begin. Android lists voices that are not installed, which never do.
const VOICE_MS_MAX: u32 = 4_000;
/// How long a voice may speak: for each byte of text, twice what slow speech takes, and as much again as it may take
/// to begin. Some voices never say that they ended.
const VOICE_MS_PER_BYTE: u32 = 200;

/// What happened to the reading.
#[derive(Debug, Clone)]
pub enum Heard {
    /// The button of a block was tapped: begin, pause, go on. [`Spot::HEAD`] is the title.
    Tap(u8),
    /// The whole lesson is wanted, up to the next question; where it is shown in steps, all of the step.
    All,
    /// The lesson is wanted from behind a block on.
    On(u8),
    /// Silence is wanted, or nobody looks any more.
    Stop,
    /// The speed was chosen.
    Slow(bool),
    /// The list of a course's recordings came, or not.
    Index(u16, Result<SpeechIndex, LoadError>),
    /// It is heard.
    Started(u32),
    /// It was said to the end.
    Ended(u32),
    /// It cannot be said so.
    Failed(u32),
    /// The time for it is over.
    Waited(u32),
    /// The audio of a course shall be kept: how large is it?
    Measure(u16),
    /// The audio of a course shall be kept.
    Keep(u16),
    /// A recording is stored, or not.
    Kept(u16, Result<Hash, KeepError>),
}

/// What the browser is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Fetch the list of a course's recordings.
    Index(u16, Hash),
    /// Play a recording instead of everything else.
    Play(u32, Hash),
    /// Let the device's voice for a language say words, instead of everything else.
    Say(u32, String, String),
    /// Tell when so many milliseconds are over.
    Wait(u32, u32),
    /// Hold the recording, or go on with it.
    Hold(bool),
    /// Be silent.
    Stop,
    /// Bring a block into view.
    Show(u8),
    /// Speak slowly or not, from now on and on later visits.
    Slow(bool),
    /// Fetch these recordings of a course, check and store each.
    Keep(u16, Vec<Hash>),
}

/// Why nothing is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The course has no audio, and the device no Vietnamese voice that speaks.
    NoVoice,
    /// The recording cannot be had now, and the device has no voice.
    NoNetwork,
}

/// How far a spot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It is being fetched, or the voice has not begun.
    Opening,
    /// It is heard.
    Speaking,
    /// It is held.
    Paused,
}

/// What is being said.
#[derive(Debug, Clone)]
struct Now {
    key: LessonKey,
    spots: Vec<Spot>,
    at: usize,
    /// Whether the whole lesson is wanted.
    all: bool,
    phase: Phase,
    /// Whether the device's voice says it.
    voice: bool,
    /// Whether the index was waited for.
    listed: bool,
}

/// The reading.
#[derive(Debug, Clone, Default)]
pub struct Aloud {
    /// Whether it is slow.
    pub slow: bool,
    now: Option<Now>,
    trouble: Option<(u8, Why)>,
    stopped: Option<u8>,
    indexes: Vec<(u16, Load<Arc<SpeechIndex>>)>,
    keeping: Option<(u16, CourseKeeping)>,
    turn: u32,
}

impl Aloud {
    /// Returns the block that is being said, and how far it is.
    pub fn spoken(&self) -> Option<(u8, Phase)> {
        let now = self.now.as_ref()?;
        Some((now.spots.get(now.at)?.block, now.phase))
    }

    /// Returns which block was not said and why, if that is the last that happened.
    pub fn trouble(&self) -> Option<(u8, Why)> {
        self.trouble
    }

    /// Returns whether reading the whole lesson stopped at a block.
    pub fn stopped_at(&self, block: u8) -> bool {
        self.stopped == Some(block)
    }

    fn index(&self, course: u16) -> Option<&Load<Arc<SpeechIndex>>> {
        self.indexes.iter().find(|(found, _)| *found == course).map(|(_, index)| index)
    }

    fn set_index(&mut self, course: u16, index: Load<Arc<SpeechIndex>>) {
        self.indexes.retain(|(found, _)| *found != course);
        self.indexes.push((course, index));
    }

    fn hush(&mut self) -> Vec<Effect> {
        self.turn += 1;
        self.now.take().map(|_| Effect::Aloud(Deed::Stop)).into_iter().collect()
    }
}

impl App {
    /// Ends the reading where an action is about something else.
    pub(super) fn interrupt(&mut self, action: &Action) -> Vec<Effect> {
        let answers = match action {
            Action::Choose { .. } | Action::Answer { .. } | Action::Finish => true,
            Action::Play { play, .. } => !matches!(play, Play::Type(..)),
            _ => false,
        };
        if answers { self.aloud.hush() } else { Vec::new() }
    }

    /// Ends the reading where what is read is not on the screen any more.
    pub(super) fn leave(&mut self) -> Vec<Effect> {
        (self.aloud.trouble, self.aloud.stopped) = (None, None);
        self.aloud.hush()
    }

    /// Takes what happened to the reading.
    pub(super) fn heard(&mut self, heard: Heard) -> Vec<Effect> {
        match heard {
            Heard::Tap(block) => match self.aloud.spoken() {
                Some((spoken, phase)) if spoken == block => self.turn_over(phase),
                _ => self.read(self.spots(block), false),
            },
            Heard::All if self.is_whole() => self.read(self.spots_from(None), true),
            Heard::All => self.read(self.spots_of_step(), false),
            Heard::On(block) => self.read(self.spots_from(Some(block)), true),
            Heard::Stop => self.aloud.hush(),
            Heard::Slow(slow) => self.slow(slow),
            Heard::Index(course, index) => self.listed(course, index),
            Heard::Started(turn) => self.started(turn),
            Heard::Ended(turn) => self.if_now(turn, Self::ended),
            Heard::Failed(turn) => self.if_now(turn, Self::failed),
            Heard::Waited(turn) => self.if_now(turn, Self::waited),
            Heard::Measure(course) => self.measure_audio(course),
            Heard::Keep(course) => self.keep_audio(course),
            Heard::Kept(course, blob) => self.audio_kept(course, blob),
        }
    }

    /// Takes what the browser says of what it does now; of what is held it says nothing worth hearing.
    fn if_now(&mut self, turn: u32, then: impl FnOnce(&mut Self) -> Vec<Effect>) -> Vec<Effect> {
        let is_now = self.aloud.now.as_ref().is_some_and(|now| now.phase != Phase::Paused);
        if turn == self.aloud.turn && is_now { then(self) } else { Vec::new() }
    }

    /// Begins to say spots, instead of whatever is said.
    fn read(&mut self, spots: Vec<Spot>, all: bool) -> Vec<Effect> {
        let mut effects = self.aloud.hush();
        let Some(key) = self.route.and_then(crate::route::Route::lesson).filter(|_| !spots.is_empty()) else {
            return effects;
        };
        (self.aloud.trouble, self.aloud.stopped) = (None, None);
        // What did not come may come now.
        self.aloud.indexes.retain(|(_, index)| !matches!(index, Load::Failed(_)));
        let phase = Phase::Opening;
        self.aloud.now = Some(Now { key, spots, at: 0, all, phase, voice: false, listed: false });
        effects.extend(self.begin());
        effects
    }

    /// Begins to say the spot that comes next.
    fn begin(&mut self) -> Vec<Effect> {
        let Some((block, _)) = self.aloud.spoken() else {
            return Vec::new();
        };
        let mut effects = vec![Effect::Aloud(Deed::Show(block))];
        effects.extend(self.speak(false));
        effects
    }

    /// Says the spot by its recording or, if that failed or there is none, by the device's voice.
    fn speak(&mut self, by_voice: bool) -> Vec<Effect> {
        let Some(now) = self.aloud.now.clone() else {
            return Vec::new();
        };
        self.aloud.turn += 1;
        let (turn, spot) = (self.aloud.turn, now.spots[now.at]);
        let speech = self.catalogue.ready().and_then(|catalogue| catalogue.course(now.key.0)?.speech);
        let sound = match (speech.filter(|_| !by_voice), self.aloud.index(now.key.0)) {
            (Some(hash), None) => {
                self.aloud.set_index(now.key.0, Load::Waiting);
                Some(Deed::Index(now.key.0, hash))
            }
            (Some(_), Some(Load::Waiting)) => None,
            (Some(_), Some(Load::Ready(index))) => match index.find(now.key.1, spot) {
                Some(found) => Some(Deed::Play(turn, found.blob)),
                None => return self.say(turn, spot),
            },
            _ => return self.say(turn, spot),
        };
        let listed = matches!(sound, Some(Deed::Play(..)));
        self.aloud.now = Some(Now { phase: Phase::Opening, voice: false, listed, ..now });
        sound.into_iter().chain([Deed::Wait(turn, SOUND_MS_MAX)]).map(Effect::Aloud).collect()
    }

    fn say(&mut self, turn: u32, spot: Spot) -> Vec<Effect> {
        let Some(now) = &mut self.aloud.now else {
            return Vec::new();
        };
        (now.phase, now.voice, now.listed) = (Phase::Opening, true, true);
        let key = now.key;
        let Some((language, text)) = self.words(key, spot) else {
            return self.aloud.hush();
        };
        [Deed::Say(turn, language, text), Deed::Wait(turn, VOICE_MS_MAX)].map(Effect::Aloud).into()
    }

    fn words(&self, key: LessonKey, spot: Spot) -> Option<(String, String)> {
        let language = &self.catalogue.ready()?.course(key.0)?.language;
        let lesson = &self.lessons.get(&key)?.ready()?.lesson;
        Some((language.clone(), speech::said(lesson, spot, language)))
    }

    /// Holds what is said, or goes on. Voices are said anew: on Android a held one is gone.
    fn turn_over(&mut self, phase: Phase) -> Vec<Effect> {
        let Some(now) = &mut self.aloud.now else {
            return Vec::new();
        };
        match (phase, now.voice) {
            (Phase::Opening, _) => self.aloud.hush(),
            (Phase::Speaking, voice) => {
                now.phase = Phase::Paused;
                if voice {
                    self.aloud.turn += 1;
                }
                vec![Effect::Aloud(if voice { Deed::Stop } else { Deed::Hold(true) })]
            }
            (Phase::Paused, false) => {
                now.phase = Phase::Speaking;
                vec![Effect::Aloud(Deed::Hold(false))]
            }
            (Phase::Paused, true) => self.speak(true),
        }
    }

    fn slow(&mut self, slow: bool) -> Vec<Effect> {
        self.aloud.slow = slow;
        let mut effects = vec![Effect::Aloud(Deed::Slow(slow))];
        // A voice takes its speed when it begins.
        if self.aloud.now.as_ref().is_some_and(|now| now.voice && now.phase != Phase::Paused) {
            effects.extend(self.speak(true));
        }
        effects
    }

    fn listed(&mut self, course: u16, index: Result<SpeechIndex, LoadError>) -> Vec<Effect> {
        self.aloud.set_index(course, index.map(Arc::new).into());
        self.measured_audio(course);
        let waits = self.aloud.now.as_ref().is_some_and(|now| now.key.0 == course && !now.listed);
        if waits { self.speak(false) } else { Vec::new() }
    }

    fn started(&mut self, turn: u32) -> Vec<Effect> {
        let Some(now) =
            self.aloud.now.as_mut().filter(|now| turn == self.aloud.turn && now.listed && now.phase == Phase::Opening)
        else {
            return Vec::new();
        };
        now.phase = Phase::Speaking;
        let (key, spot, voice) = (now.key, now.spots[now.at], now.voice);
        let words = self.words(key, spot).filter(|_| voice);
        let wait = words.map(|(_, text)| {
            let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
            Effect::Aloud(Deed::Wait(turn, bytes.saturating_mul(VOICE_MS_PER_BYTE).saturating_add(VOICE_MS_MAX)))
        });
        wait.into_iter().collect()
    }

    fn ended(&mut self) -> Vec<Effect> {
        let Some(now) = &mut self.aloud.now else {
            return Vec::new();
        };
        let before = now.spots[now.at];
        now.at += 1;
        if now.at < now.spots.len() {
            return if now.spots[now.at].block == before.block { self.speak(false) } else { self.begin() };
        }
        self.aloud.stopped = Some(before.block).filter(|_| now.all).filter(|&block| self.goes_on(block));
        self.aloud.now = None;
        self.aloud.turn += 1;
        Vec::new()
    }

    fn failed(&mut self) -> Vec<Effect> {
        let Some(now) = self.aloud.now.clone() else {
            return Vec::new();
        };
        if !now.voice {
            return self.speak(true);
        }
        let has_audio = self.catalogue.ready().and_then(|catalogue| catalogue.course(now.key.0)?.speech).is_some();
        let why = if has_audio { Why::NoNetwork } else { Why::NoVoice };
        self.aloud.trouble = Some((now.spots[now.at].block, why));
        self.aloud.hush()
    }

    fn waited(&mut self) -> Vec<Effect> {
        match self.aloud.now.as_ref().map(|now| (now.phase, now.voice)) {
            Some((Phase::Opening, voice)) => {
                if !voice
                    && let Some(now) = &self.aloud.now
                    && !now.listed
                {
                    // The index may still come, for later.
                    self.aloud.indexes.retain(|(_, index)| *index != Load::Waiting);
                }
                self.failed()
            }
            Some((Phase::Speaking, true)) => {
                let mut effects = vec![Effect::Aloud(Deed::Stop)];
                effects.extend(self.ended());
                effects
            }
            _ => Vec::new(),
        }
    }
}
