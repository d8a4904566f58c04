//! Every table of the store, with key and value. Integers in keys are big-endian, so that they sort.
//!
//! ```text
//! table            key                                      value
//! meta_v1          name                                     format u32 LE · secret 32 B · position u64 LE ·
//!                                                           store 16 B · former: store 16 B, position
//!                                                           u64 LE, for each opening before, newest last ·
//!                                                           scrub, empty, while one is due
//! logs_v1          device 32 B ‖ incarnation u32            log row
//! log_ids_v1       log number u64                           device 32 B ‖ incarnation u32
//! entries_v1       log number u64 ‖ first index u64         payloads, one after the other
//! slots_v1         log number u64 ‖ slot u32                slot row
//! changes_v1       position u64                             log number u64 × 2 + kind (0 grew, 1 receipt)
//! learners_v1      learner 16 B                             learner row
//! communes_v1      commune u32                              totals row
//! peers_v1         device 32 B                              peer row
//! credited_v1      device 32 B                              position u64
//! own_learners_v1  learner 16 B                             own learner row
//! own_done_v1      learner 16 B ‖ course u16 ‖ lesson u16   own done row
//! ```
//!
//! Rows are drawn in [`rows`](super::rows). A log is named by a small local number inside the file; the
//! number means nothing to other stores. `changes_v1` holds at most two positions a log: where it last
//! grew, and where it was last told that the province has more of it. `communes_v1` is maintained in the
//! transaction that stores the entries it counts. `credited_v1` holds up to where a peer's cursor was
//! turned into receipts. The `own_` tables are what this device's learners did,
//! whether it may leave the device or not.

use redb::TableDefinition;

/// Version of the whole layout; a file with a greater one is refused.
pub const FORMAT: u32 = 1;

pub(super) type LogKey = [u8; 36];
pub(super) type EntryKey = [u8; 16];
pub(super) type SlotKey = [u8; 12];
pub(super) type DoneKey = [u8; 20];

pub(super) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta_v1");
pub(super) const LOGS: TableDefinition<'_, &LogKey, &[u8]> = TableDefinition::new("logs_v1");
pub(super) const LOG_IDS: TableDefinition<'_, u64, &LogKey> = TableDefinition::new("log_ids_v1");
pub(super) const ENTRIES: TableDefinition<'_, &EntryKey, &[u8]> = TableDefinition::new("entries_v1");
pub(super) const SLOTS: TableDefinition<'_, &SlotKey, &[u8]> = TableDefinition::new("slots_v1");
pub(super) const CHANGES: TableDefinition<'_, u64, u64> = TableDefinition::new("changes_v1");
pub(super) const LEARNERS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("learners_v1");
pub(super) const COMMUNES: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("communes_v1");
pub(super) const PEERS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("peers_v1");
pub(super) const CREDITED: TableDefinition<'_, &[u8; 32], u64> = TableDefinition::new("credited_v1");
pub(super) const OWN_LEARNERS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("own_learners_v1");
pub(super) const OWN_DONE: TableDefinition<'_, &DoneKey, &[u8]> = TableDefinition::new("own_done_v1");

pub(super) const META_FORMAT: &str = "format";
pub(super) const META_STORE: &str = "store";
pub(super) const META_FORMER: &str = "former";
pub(super) const META_SECRET: &str = "secret";
pub(super) const META_POSITION: &str = "position";
pub(super) const META_SCRUB: &str = "scrub";

/// What a position in `changes_v1` tells of its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeKind {
    Grew,
    Receipt,
}

pub(super) const fn change_value(log: u64, kind: ChangeKind) -> u64 {
    log << 1 | kind as u64
}

pub(super) const fn change_parts(value: u64) -> (u64, ChangeKind) {
    (value >> 1, if value & 1 == 0 { ChangeKind::Grew } else { ChangeKind::Receipt })
}

/// Joins two big-endian parts into a key.
pub(super) fn key<const N: usize>(left: &[u8], right: &[u8]) -> [u8; N] {
    let mut key = [0; N];
    key[..left.len()].copy_from_slice(left);
    key[left.len()..].copy_from_slice(right);
    key
}
