//! The `figure` grammar: what is let through shows an image that is there, described and with a caption.
//!
//! `cd tests && cargo +nightly fuzz run figure -- -runs=10000000 -max_len=256`

#![no_main]

use content::model::Block;
use fuzz::course::{IMAGE, fence};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for block in fence("figure", bytes) {
        if let Block::Figure(figure) = block {
            assert_eq!(figure.path, IMAGE);
            assert!(!figure.alt.trim().is_empty() && !figure.caption.is_empty(), "{figure:?}");
        }
    }
});
