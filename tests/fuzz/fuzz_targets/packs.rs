//! Frames by which hubs give each other courses: whatever is read, is written and read alike.
//!
//! `cd tests && cargo +nightly fuzz run packs -- -runs=10000000 -max_len=512`

#![no_main]

use libfuzzer_sys::fuzz_target;
use sync::wire::packs::{FRAME_BYTES_MAX, Frame, TITLES_MAX, split_frame};

fuzz_target!(|bytes: &[u8]| {
    // Without a length, which a change of the body would make wrong.
    body(bytes);
    let mut rest = bytes;
    while let Ok(Some((frame, taken))) = split_frame(rest) {
        body(frame);
        rest = &rest[taken..];
    }
});

fn body(bytes: &[u8]) {
    let Ok(frame) = Frame::decode(bytes) else { return };
    if let Frame::Shelf(titles) = &frame {
        assert!(titles.len() <= TITLES_MAX && titles.is_sorted_by(|a, b| a.course < b.course));
    }
    let mut written = Vec::new();
    frame.encode(&mut written);
    assert!(written.len() <= FRAME_BYTES_MAX + 2);
    assert_eq!(split_frame(&written), Ok(Some((bytes, written.len()))));
}
