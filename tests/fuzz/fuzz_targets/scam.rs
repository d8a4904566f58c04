//! The grammar of scam drills: what is let through has a sign, and leads nobody who tries it anywhere.
//!
//! `cd tests && cargo +nightly fuzz run scam -- -runs=10000000 -max_len=512`

#![no_main]

use content::pack::{Block, LINES_PER_SCAM_MAX, Verdict};
use fuzz::course::{fence, packed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let blocks = fence("scam", bytes);
    if blocks.is_empty() {
        return;
    }
    for block in packed(blocks) {
        let Block::Scam(scam) = block else { continue };
        assert!(scam.signs().count() > 0, "{scam:?}");
        assert!((1..=LINES_PER_SCAM_MAX).contains(&scam.lines.len()), "{scam:?}");
        assert!(!scam.feedback(Verdict::Scam).as_str().is_empty(), "{scam:?}");
        assert!(!scam.feedback(Verdict::Genuine).as_str().is_empty(), "{scam:?}");
        for word in scam.lines.iter().flatten().flat_map(|piece| piece.text.split_whitespace()) {
            let leads_somewhere = [".com", ".vn", ".net"].iter().any(|end| word.ends_with(end));
            let is_address = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'.');
            assert!(scam.verdict == Verdict::Genuine || !(leads_somewhere && is_address && word.len() > 4), "{scam:?}");
        }
    }
});
