//! Frames of the sync session: whatever is read, is written and read alike.
//!
//! `cd tests && cargo +nightly fuzz run frames -- -runs=10000000 -max_len=512`

#![no_main]

use libfuzzer_sys::fuzz_target;
use sync::wire::frame::{Frame, split_frame};

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
    let written = encoded(&frame);
    let (again, taken) = split_frame(&written).expect("what was written has a length").expect("and is whole");
    assert_eq!(taken, written.len());
    let again = Frame::decode(again).expect("what was written is read");
    assert_eq!(again, frame);
    assert_eq!(encoded(&again), written);
}

fn encoded(frame: &Frame) -> Vec<u8> {
    let mut out = Vec::new();
    frame.encode(&mut out);
    out
}
