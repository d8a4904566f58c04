//! Every table of the store, with key and value. Integers in keys are big-endian, so that they sort.
//!
//! ```text
//! table            key                                      value
//! meta_v1          name                                     format u32 LE · secret 32 B · position u64 LE ·
//!                                                           store 16 B · former: store 16 B, position
//!                                                           u64 LE, for each opening before, newest last ·
//!                                                           province 32 B · chain · revocations (both as
//!                                                           in `authority`) · incarnation u32 LE · scrub,
//!                                                           empty, while one is due · sketched position
//!                                                           u64 LE · withdrew: length of the own log that
//!                                                           tells of the latest withdrawal, u64 LE
//! logs_v1          device 32 B ‖ incarnation u32            log row
//! log_ids_v1       log number u64                           device 32 B ‖ incarnation u32
//! entries_v1       log number u64 ‖ first index u64         payloads, one after the other
//! slots_v1         log number u64 ‖ slot u32                slot row
//! changes_v1       position u64                             u64 LE: log number × 4 + kind (0 grew,
//!                                                           1 receipt); 2: a withdrawal
//! withdrawals_v1   position u64                             withdrawal, as in `authority`
//! withdrawn_v1     learner 16 B ‖ position u64              nothing
//! learners_v1      learner 16 B                             learner row
//! communes_v1      commune u64                              totals row
//! days_v1          commune × 2³² + day u64                  entries of that day, u64 LE
//! forks_v1         device 32 B ‖ incarnation u32            fork row
//! peers_v1         device 32 B                              peer row
//! contacts_v1      device 32 B                              contact row
//! credited_v1      device 32 B                              position u64 LE
//! classes_v1       class u32                                logs in its sketch, u64
//! sketch_v1        class u32 ‖ chunk u32                    64 symbols, as in `sketch`
//! sketched_v1      log number u64                           class u32 LE · item 8 B
//! items_v1         item 8 B ‖ log number u64                nothing
//! several_v1       log number u64                           nothing
//! staged_v1        peer 32 B ‖ device 32 B ‖ incarnation    count u64 LE · payloads
//!                  u32 ‖ first index u64
//! own_learners_v1  learner 16 B                             own learner row
//! own_done_v1      learner 16 B ‖ course u16 ‖ lesson u16   own done row
//! ```
//!
//! What `staged_v1` holds is not signed yet and counts for nothing: see `stage.rs`.
//!
//! Few types of keys and values, on purpose: each pair brings a copy of redb's tree code to every phone.
//!
//! Rows are drawn in [`rows`](super::rows). A log is named by a small local number inside the file; the
//! number means nothing to other stores. `changes_v1` holds at most two positions a log: where it last
//! grew or was erased in, and where it was last told that the province has more of it; and one for each
//! withdrawal, which stays where it is, so that the logs erased for it always come later. `communes_v1` and
//! `days_v1` are maintained in the transaction that stores the entries they count. `credited_v1` holds up to
//! where a peer's cursor was turned into receipts. The `own_` tables are what this device's learners did,
//! whether it may leave the device or not.

use redb::TableDefinition;

/// Version of the whole layout; a file with a greater one is refused.
pub const FORMAT: u32 = 1;

pub(super) type LogKey = [u8; 36];
pub(super) type EntryKey = [u8; 16];
pub(super) type WithdrawnKey = [u8; 24];
pub(super) type SlotKey = [u8; 12];
pub(super) type DoneKey = [u8; 20];

pub(super) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta_v1");
pub(super) const LOGS: TableDefinition<'_, &LogKey, &[u8]> = TableDefinition::new("logs_v1");
pub(super) const LOG_IDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("log_ids_v1");
pub(super) const ENTRIES: TableDefinition<'_, &EntryKey, &[u8]> = TableDefinition::new("entries_v1");
pub(super) const SLOTS: TableDefinition<'_, &SlotKey, &[u8]> = TableDefinition::new("slots_v1");
pub(super) const CHANGES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("changes_v1");
pub(super) const LEARNERS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("learners_v1");
pub(super) const COMMUNES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("communes_v1");
pub(super) const WITHDRAWALS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("withdrawals_v1");
pub(super) const WITHDRAWN: TableDefinition<'_, &WithdrawnKey, &[u8]> = TableDefinition::new("withdrawn_v1");
pub(super) const DAYS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("days_v1");
pub(super) const FORKS: TableDefinition<'_, &LogKey, &[u8]> = TableDefinition::new("forks_v1");
pub(super) const CONTACTS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("contacts_v1");
pub(super) const PEERS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("peers_v1");
pub(super) const CREDITED: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("credited_v1");
pub(super) const OWN_LEARNERS: TableDefinition<'_, &[u8; 16], &[u8]> = TableDefinition::new("own_learners_v1");
pub(super) const OWN_DONE: TableDefinition<'_, &DoneKey, &[u8]> = TableDefinition::new("own_done_v1");

pub(super) const META_FORMAT: &str = "format";
pub(super) const META_STORE: &str = "store";
pub(super) const META_FORMER: &str = "former";
pub(super) const META_SECRET: &str = "secret";
pub(super) const META_POSITION: &str = "position";
pub(super) const META_PROVINCE: &str = "province";
pub(super) const META_CHAIN: &str = "chain";
pub(super) const META_REVOCATIONS: &str = "revocations";
pub(super) const META_INCARNATION: &str = "incarnation";
pub(super) const META_SCRUB: &str = "scrub";
pub(super) const META_WITHDREW: &str = "withdrew";

/// The table of entries that await their signature, which no browser keeps.
#[cfg(not(target_family = "wasm"))]
pub(super) const STAGED: TableDefinition<'_, &[u8; 76], &[u8]> = TableDefinition::new("staged_v1");

/// Tables of the sketches, which no browser keeps.
#[cfg(not(target_family = "wasm"))]
pub(super) mod sketches {
    use redb::TableDefinition;

    pub(in crate::store) type ChunkKey = [u8; 8];
    pub(in crate::store) type ItemKey = [u8; 16];

    pub(in crate::store) const CLASSES: TableDefinition<'_, u32, u64> = TableDefinition::new("classes_v1");
    pub(in crate::store) const SKETCH: TableDefinition<'_, &ChunkKey, &[u8]> = TableDefinition::new("sketch_v1");
    pub(in crate::store) const SKETCHED: TableDefinition<'_, u64, &[u8; 12]> = TableDefinition::new("sketched_v1");
    pub(in crate::store) const ITEMS: TableDefinition<'_, &ItemKey, ()> = TableDefinition::new("items_v1");
    pub(in crate::store) const SEVERAL: TableDefinition<'_, u64, ()> = TableDefinition::new("several_v1");

    pub(in crate::store) const META_SKETCHED: &str = "sketched";
}

/// What a position in `changes_v1` tells of its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeKind {
    Grew,
    Receipt,
}

/// What a position in `changes_v1` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Log(u64, ChangeKind),
    Withdrawal,
}

impl Change {
    pub(super) const fn value(self) -> [u8; 8] {
        let value = match self {
            Self::Log(number, kind) => number << 2 | kind as u64,
            Self::Withdrawal => 2,
        };
        value.to_le_bytes()
    }

    pub(super) fn from_value(value: &[u8]) -> Self {
        let value = number(value);
        match value & 3 {
            0 => Self::Log(value >> 2, ChangeKind::Grew),
            1 => Self::Log(value >> 2, ChangeKind::Receipt),
            _ => Self::Withdrawal,
        }
    }
}

/// A stored u64 LE; 0 of anything else, which no release has written.
pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
}

/// The position of a withdrawal, from its learner's key.
pub(super) fn withdrawn_position(key: &WithdrawnKey) -> u64 {
    u64::from_be_bytes(key[16..].try_into().unwrap_or_default())
}

/// Joins two big-endian parts into a key.
pub(super) fn key<const N: usize>(left: &[u8], right: &[u8]) -> [u8; N] {
    let mut key = [0; N];
    key[..left.len()].copy_from_slice(left);
    key[left.len()..].copy_from_slice(right);
    key
}
