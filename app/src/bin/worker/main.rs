//! Worker bundle.
fn main() {}
