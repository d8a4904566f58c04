//! Bounds of what the parser takes; those of compiled packs are in [`pack`](crate::pack).
//!
//! Together they keep every lesson the parser accepts below
//! [`LESSON_BYTES_MAX`](crate::pack::LESSON_BYTES_MAX): escaping makes at most six bytes of one, and
//! a node of markup (an image is the largest) takes at most 130 bytes around its text, so
//! 6 × [`LESSON_TEXT_BYTES_MAX`] + 130 × [`LESSON_NODES_MAX`] < 1 MiB. The test
//! `the_largest_lesson_fits_its_blob` in `tests/it/bounds.rs` holds it.

/// Most files of a course folder.
pub const FILES_MAX: usize = 256;
/// Most bytes of a file's path.
pub const PATH_BYTES_MAX: usize = 120;
/// Most bytes of `course.toml` or of a lesson file; five minutes of Vietnamese take about 5,000.
pub const TEXT_FILE_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of an image: half of what a phone may load before a lesson is readable.
pub const IMAGE_BYTES_MAX: usize = 100 * 1024;
/// Most pixels of an image's side; decoded, a square of this takes 16 MB of a phone's 2 GB.
pub const IMAGE_SIDE_MAX: u32 = 2048;
/// Deepest nesting of elements in an SVG image.
pub const SVG_DEPTH_MAX: usize = 32;
/// Deepest nesting of Markdown (lists in lists, emphasis in links) in a lesson.
pub const DEPTH_MAX: usize = 8;
/// Most columns of a table; more cannot be read at 320 pixels.
pub const TABLE_COLUMNS_MAX: usize = 4;
/// Most nodes (paragraphs, items, pieces of text, …) of a lesson.
pub const LESSON_NODES_MAX: usize = 2048;
/// Most bytes of text, addresses and descriptions of a lesson.
pub const LESSON_TEXT_BYTES_MAX: usize = 96 * 1024;
/// Most bytes of a link's address.
pub const URL_BYTES_MAX: usize = 500;
/// Longest lesson a resident is asked to sit through, in minutes.
pub const LESSON_MINUTES_MAX: u8 = 5;
/// Words (Vietnamese syllables) a minute that an elderly reader takes in.
pub const WORDS_PER_MINUTE: usize = 120;
/// Most words of one sentence.
pub const SENTENCE_WORDS_MAX: usize = 25;
/// Words of one sentence from which on there is a warning.
pub const SENTENCE_WORDS_GOOD: usize = 20;
/// Most words of the sentences of a lesson, on average.
pub const SENTENCE_WORDS_AVERAGE_MAX: usize = 15;
/// Most facts of the table, and most requirements of the criteria.
pub const FACTS_MAX: usize = 256;
/// Most problems reported of one course; the rest would not be read.
pub const PROBLEMS_MAX: usize = 200;
