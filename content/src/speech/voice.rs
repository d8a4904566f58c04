//! How words become sound where nobody recorded them: which programs, told what.
//!
//! Pure, as all of this crate: whoever runs the programs is told here how.

use core::time::Duration;
use std::ffi::OsString;
use std::path::Path;

use crate::pack::Hash;

/// A program that has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// The package of Debian and Ubuntu that brings it.
    pub package: &'static str,
}

/// What speaks, and what encodes; opus-tools is a tenth of ffmpeg's size.
pub const PROGRAMS: [Program; 2] =
    [Program { name: "espeak-ng", package: "espeak-ng" }, Program { name: "opusenc", package: "opus-tools" }];

/// Longest that one of them may take for one text; seen are 0.03 s for a minute of speech.
pub const CHILD_TIME_MAX: Duration = Duration::from_secs(30);

/// Digits of a [`key`]: 64 bits, of which two texts of a course share one by chance once in 10^13 courses.
pub(crate) const KEY_DIGITS: usize = 16;

/// A voice of espeak-ng, and how it is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voice {
    /// Name of the voice.
    pub name: &'static str,
    /// Words (Vietnamese syllables) a minute, below espeak-ng's 175: listeners are elderly.
    pub words_per_minute: u16,
    /// Thousands of bits a second; from 16 on opus keeps the tones of Vietnamese apart.
    pub kbit_per_second: u16,
    /// Milliseconds of a frame; longer ones cost fewer bytes around them.
    pub frame_ms: u16,
}

impl Voice {
    /// Finds the voice for a language; espeak-ng has none for Khmer.
    pub fn of(language: &str) -> Option<Self> {
        let southern = Self { name: "vi-vn-x-south", words_per_minute: 150, kbit_per_second: 16, frame_ms: 60 };
        (language.split('-').next() == Some("vi")).then_some(southern)
    }

    /// Names the file of what this voice says: another voice or another text has another name.
    pub fn key(&self, text: &str) -> String {
        let Self { name, words_per_minute, kbit_per_second, frame_ms } = self;
        key(&format!("{name} {words_per_minute} {kbit_per_second} {frame_ms}\n{text}"))
    }

    /// Returns what to tell espeak-ng, which reads the text from its input and writes a WAV file.
    pub fn speak(&self, wav: &Path) -> Vec<OsString> {
        let rate = self.words_per_minute.to_string();
        let words = ["--stdin", "-b", "1", "-v", self.name, "-s", &rate, "-w"];
        words.iter().map(OsString::from).chain([wav.into()]).collect()
    }

    /// Returns what to tell opusenc: the same sound always makes the same file, without padding or tags.
    pub fn encode(&self, wav: &Path, opus: &Path) -> Vec<OsString> {
        let (rate, frame) = (self.kbit_per_second.to_string(), self.frame_ms.to_string());
        let words = ["--quiet", "--speech", "--downmix-mono", "--bitrate", &rate, "--framesize", &frame];
        let stable = ["--comp", "10", "--padding", "0", "--serial", "1", "--discard-comments", "--discard-pictures"];
        words.iter().chain(&stable).map(OsString::from).chain([wav.into(), opus.into()]).collect()
    }
}

/// Names a text for a recording: who changes the text needs another recording, and the old one is not said
/// any more.
pub fn key(text: &str) -> String {
    let mut key = Hash::of(text.as_bytes()).to_string();
    key.truncate(KEY_DIGITS);
    key
}

#[cfg(test)]
mod tests {
    use super::{Voice, key};

    #[test]
    fn keys_tell_texts_and_voices_apart() {
        let voice = Voice::of("vi-VN").unwrap();
        assert_eq!(key("A").len(), 16);
        assert_ne!(key("A"), key("B"));
        assert_ne!(voice.key("A"), key("A"));
        assert_ne!(voice.key("A"), Voice { words_per_minute: 151, ..voice }.key("A"));
        assert_eq!(Voice::of("km"), None);
    }
}
