//! `bdhv`.
fn main() {}
