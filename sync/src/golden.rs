//! The golden vectors where there is no test runner: compiled for the browser, and run in one.
//!
//! They are the vectors of the unit tests, not copies. A bundle file is not among them: no browser reads one.

use crate::{authority, entry, log, sketch, store, wire};

const CHECKS: [fn(); 15] = [
    entry::tests::golden_bytes,
    log::tests::golden_chain_and_signature,
    authority::golden::objects_have_their_golden_bytes,
    authority::golden::signatures_cover_what_is_drawn,
    authority::golden::short_names_are_golden,
    authority::statement::tests::a_statement_has_its_golden_bytes,
    authority::confirmation::tests::a_confirmation_has_its_golden_bytes,
    wire::golden::frames_have_their_golden_bytes,
    sketch::golden::golden_item_and_symbols,
    sketch::golden::golden_block_and_rows,
    store::golden::rows_of_logs_have_their_golden_bytes,
    store::golden::rows_of_learners_have_their_golden_bytes,
    store::golden::rows_of_peers_have_their_golden_bytes,
    store::golden::rows_of_this_device_have_their_golden_bytes,
    store::golden::changes_have_their_golden_bytes,
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
