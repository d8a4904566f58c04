//! The golden vectors where there is no test runner: compiled for the browser, and run in one.
//!
//! They are the vectors of the unit tests, not copies. A bundle file is not among them: no browser reads one.

use crate::{authority, entry, log, sketch, wire};

const CHECKS: [fn(); 8] = [
    entry::tests::golden_bytes,
    log::tests::golden_chain_and_signature,
    authority::golden::objects_have_their_golden_bytes,
    authority::golden::signatures_cover_what_is_drawn,
    authority::golden::short_names_are_golden,
    wire::golden::frames_have_their_golden_bytes,
    sketch::golden::golden_item_and_symbols,
    sketch::golden::golden_block_and_rows,
];

/// Checks every vector, and returns how many checks there are.
///
/// # Panics
/// When a vector does not have its golden bytes.
pub fn check() -> u8 {
    for check in CHECKS {
        check();
    }
    CHECKS.len() as u8
}
