//! Packs: what is read of a catalogue, a lesson or an index of audio is written alike.
//!
//! `cd tests && cargo +nightly fuzz run pack -- -runs=10000000 -max_len=512`

#![no_main]

use content::pack::{Catalogue, Lesson, SpeechIndex};
use content::speech;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(catalogue) = Catalogue::decode(bytes) {
        let written = catalogue.encode().expect("what was read is within the bounds");
        assert_eq!(Catalogue::decode(&written), Ok(catalogue));
    }
    if let Ok(index) = SpeechIndex::decode(bytes) {
        assert_eq!(index.encode().as_deref(), Ok(bytes));
    }
    if let Ok(lesson) = Lesson::decode(bytes) {
        let written = lesson.encode().expect("what was read is within the bounds");
        speech::lesson(&lesson, "vi");
        assert_eq!(Lesson::decode(&written), Ok(lesson));
    }
});
