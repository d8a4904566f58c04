//! The audio of a course, and where it belongs.

use std::collections::BTreeMap;

use super::Sounds;
use crate::model::Course;
use crate::pack::{Hash, Lesson, Recording, SpeechError, SpeechIndex};
use crate::speech::{self, Spoken};

/// What was found so far.
#[derive(Default)]
pub(super) struct Speech {
    index: SpeechIndex,
    blobs: BTreeMap<Hash, Vec<u8>>,
}

impl Speech {
    /// Finds what says the words of a lesson: what somebody recorded, else what a voice made.
    pub(super) fn add(&mut self, lesson: &Lesson, course: &Course, made: &Sounds<'_>) {
        for Spoken { spot, text } in speech::lesson(lesson, &course.language) {
            let recorded = course.recordings.get(&speech::key(&text)).cloned();
            let Some(sound) = recorded.or_else(|| made(&text)) else { continue };
            let blob = Hash::of(&sound);
            let bytes = u32::try_from(sound.len()).unwrap_or(u32::MAX);
            self.index.recordings.push(Recording { lesson: lesson.lesson, spot, bytes, blob });
            self.blobs.insert(blob, sound);
        }
    }

    /// Adds everything to the blobs of the course; returns where it is listed, if there is anything.
    pub(super) fn finish(mut self, blobs: &mut BTreeMap<Hash, Vec<u8>>) -> Result<Option<Hash>, SpeechError> {
        if self.index.recordings.is_empty() {
            return Ok(None);
        }
        self.index.recordings.sort_by_key(|recording| (recording.lesson, recording.spot));
        let bytes = self.index.encode()?;
        let hash = Hash::of(&bytes);
        blobs.append(&mut self.blobs);
        blobs.insert(hash, bytes);
        Ok(Some(hash))
    }
}
