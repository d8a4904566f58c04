//! The audio of a course, kept on the phone beside its lessons or without them.

use content::pack::Hash;

use super::{Deed, Heard};
use crate::state::{App, CourseKeeping, Effect, KeepError, Load};

impl App {
    /// Returns where keeping the audio of a course has got to, while it is under way.
    pub fn audio_under_way(&self, course: u16) -> Option<&CourseKeeping> {
        self.aloud.keeping.as_ref().filter(|(found, _)| *found == course).map(|(_, keeping)| keeping)
    }

    /// Tells whether all audio of a course is kept; [`None`] while it is not known what there is.
    pub fn audio_is_kept(&self, course: u16) -> Option<bool> {
        Some(self.missing_audio(course)?.is_empty())
    }

    /// Lists what is kept of a course's audio, and may be thrown out with it; [`None`] while nobody knows what belongs to it.
    pub(crate) fn audio_of(&self, course: u16) -> Option<Vec<Hash>> {
        let Some(speech) = self.catalogue.ready().and_then(|catalogue| catalogue.course(course)?.speech) else {
            return Some(Vec::new());
        };
        match self.aloud.index(course) {
            Some(Load::Ready(index)) => {
                let mut all = vec![speech];
                for recording in &index.recordings {
                    if !all.contains(&recording.blob) {
                        all.push(recording.blob);
                    }
                }
                Some(all)
            }
            _ if self.shelf.holds(&speech) => None,
            _ => Some(Vec::new()),
        }
    }

    fn missing_audio(&self, course: u16) -> Option<Vec<Hash>> {
        let speech = self.catalogue.ready()?.course(course)?.speech?;
        let index = self.aloud.index(course)?.ready()?;
        let all = [speech].into_iter().chain(index.recordings.iter().map(|recording| recording.blob));
        let mut missing: Vec<Hash> = Vec::new();
        for blob in all.filter(|blob| !self.shelf.holds(blob)) {
            if !missing.contains(&blob) {
                missing.push(blob);
            }
        }
        Some(missing)
    }

    /// Sums what is to be downloaded; each recording once.
    fn audio_bytes(&self, course: u16) -> Option<u64> {
        let missing = self.missing_audio(course)?;
        let index = self.aloud.index(course)?.ready()?;
        let bytes =
            |blob: &Hash| index.recordings.iter().find(|found| found.blob == *blob).map_or(0, |found| found.bytes);
        Some(missing.iter().map(|blob| u64::from(bytes(blob))).sum())
    }

    /// Asks how large the audio of a course is, before anything is spent on it. Its index says so.
    pub(super) fn measure_audio(&mut self, course: u16) -> Vec<Effect> {
        self.aloud.keeping = Some((course, CourseKeeping::Measuring));
        if self.audio_bytes(course).is_some() {
            self.measured_audio(course);
            return Vec::new();
        }
        let speech = self.catalogue.ready().and_then(|catalogue| catalogue.course(course)?.speech);
        speech.map(|hash| Effect::Aloud(Deed::Index(course, hash))).into_iter().collect()
    }

    /// Takes what the index says.
    pub(super) fn measured_audio(&mut self, course: u16) {
        if self.audio_under_way(course) != Some(&CourseKeeping::Measuring) {
            return;
        }
        let keeping = match self.aloud.index(course) {
            Some(Load::Failed(error)) => CourseKeeping::Failed(KeepError::Load(error.clone())),
            _ => CourseKeeping::Measured(self.audio_bytes(course)),
        };
        self.aloud.keeping = Some((course, keeping));
    }

    /// Begins to keep the audio of a course.
    pub(super) fn keep_audio(&mut self, course: u16) -> Vec<Effect> {
        if matches!(self.aloud.keeping, Some((_, CourseKeeping::Fetching { .. }))) {
            return Vec::new();
        }
        let Some(missing) = self.missing_audio(course).filter(|missing| !missing.is_empty()) else {
            return self.measure_audio(course);
        };
        self.aloud.keeping = Some((course, CourseKeeping::Fetching { done: 0, all: missing.len() }));
        vec![Effect::Aloud(Deed::Keep(course, missing))]
    }

    /// Hears that a recording is stored, or why not.
    pub(super) fn audio_kept(&mut self, course: u16, blob: Result<Hash, KeepError>) -> Vec<Effect> {
        let keeping = match (blob, self.audio_under_way(course)) {
            (Err(error), _) => Some(CourseKeeping::Failed(error)),
            (Ok(blob), under_way) => {
                let next = match under_way {
                    Some(&CourseKeeping::Fetching { done, all }) if done + 1 < all => {
                        Some(CourseKeeping::Fetching { done: done + 1, all })
                    }
                    _ => None,
                };
                self.shelf.held.get_or_insert_default().push(blob);
                next
            }
        };
        self.aloud.keeping = keeping.map(|keeping| (course, keeping));
        if self.aloud.keeping.is_none() {
            self.aloud.trouble = None;
        }
        Vec::new()
    }

    /// Asks for the lists of what is kept, so that nothing of it is thrown out as if it belonged to nobody.
    pub(in crate::state) fn list_audio(&mut self) -> Vec<Effect> {
        let Some(catalogue) = self.catalogue.ready().cloned() else {
            return Vec::new();
        };
        let held = catalogue.courses.iter().filter_map(|course| Some((course.course, course.speech?)));
        let held = held.filter(|(_, speech)| self.shelf.holds(speech));
        held.map(|(course, speech)| Effect::Aloud(Deed::Index(course, speech))).collect()
    }
}

/// Words for what a tap on the offer of audio does next.
pub(crate) fn offer(keeping: Option<&CourseKeeping>, course: u16) -> Option<Heard> {
    match keeping {
        Some(CourseKeeping::Measuring | CourseKeeping::Fetching { .. }) => None,
        Some(CourseKeeping::Measured(_)) => Some(Heard::Keep(course)),
        Some(CourseKeeping::Failed(_)) | None => Some(Heard::Measure(course)),
    }
}
