//! The `listen` grammar: what is let through are words, and they are said in place of what stands before.
//!
//! `cd tests && cargo +nightly fuzz run listen -- -runs=10000000 -max_len=256`

#![no_main]

use content::model::Block;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let blocks = fuzz::course::fence("listen", bytes);
    for (index, block) in blocks.iter().enumerate() {
        if let Block::Listen(text) = block {
            assert!(!text.trim().is_empty());
            let before = index.checked_sub(1).map(|before| &blocks[before]);
            assert!(matches!(before, Some(Block::Text(_) | Block::Figure(_) | Block::Note(..))), "{before:?}");
        }
    }
});
