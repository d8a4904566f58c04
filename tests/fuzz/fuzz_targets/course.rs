//! The course grammar: whatever an author writes, each problem points into its file, and a course without
//! one compiles to a pack that is read.
//!
//! The first byte says which file the others are: a lesson, `course.toml`, or an image that the lesson shows.
//!
//! `cd tests && cargo +nightly fuzz run course -- -runs=10000000 -max_len=1024`

#![no_main]

use fuzz::course::{COURSE, IMAGE, LESSON, with};
use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 4] = [LESSON, COURSE, IMAGE, "a.png"];

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    with(PATHS[usize::from(*which) % PATHS.len()], bytes);
});
