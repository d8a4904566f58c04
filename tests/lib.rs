//! What the suite drives: a real Chromium as a resident would, and real `bdhv` processes.

pub mod authority;
pub mod browser;
pub mod courses;
pub mod feed;
pub mod hall;
pub mod lessons;
pub mod logs;
pub mod netns;
pub mod peer;
pub mod release;
pub mod resident;
pub mod scan;
pub mod scratch;
pub mod screens;
pub mod source;
