//! UI bundle.
fn main() {}
