//! The grammar of `note` and `warning`: what is let through are paragraphs and lists.
//!
//! The first byte says which of the two.
//!
//! `cd tests && cargo +nightly fuzz run note -- -runs=10000000 -max_len=512`

#![no_main]

use content::model::{Block, Element};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    for block in fuzz::course::fence(["note", "warning"][usize::from(*which) % 2], bytes) {
        if let Block::Note(_, elements) = block {
            assert!(!elements.is_empty());
            let is_welcome = |element: &Element| matches!(element, Element::Paragraph(_) | Element::List(..));
            assert!(elements.iter().all(is_welcome), "{elements:?}");
        }
    }
});
