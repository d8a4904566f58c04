//! The practice grammar: what is let through can be played to its end, by typing what is asked for.
//!
//! `cd tests && cargo +nightly fuzz run practice -- -runs=10000000 -max_len=512`

#![no_main]

use content::pack::{Block, PARTS_PER_SCREEN_MAX, Part, SCREENS_PER_PRACTICE_MAX};
use fuzz::course::{fence, packed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let blocks = fence("practice", bytes);
    if blocks.is_empty() {
        return;
    }
    for block in packed(blocks) {
        let Block::Practice(practice) = block else { continue };
        assert!((1..=SCREENS_PER_PRACTICE_MAX).contains(&practice.screens.len()), "{practice:?}");
        for screen in &practice.screens {
            assert!((1..=PARTS_PER_SCREEN_MAX).contains(&screen.parts.len()), "{screen:?}");
            let right = screen.parts.iter().filter(|part| matches!(part, Part::Button(button) if button.right));
            assert_eq!(right.count(), 1, "{screen:?}");
            let asked: Vec<&str> = screen.fields().map(|field| &*field.value).collect();
            assert_eq!(screen.first_wrong(asked), None, "{screen:?}");
        }
    }
});
