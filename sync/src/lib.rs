//! Signed records, device logs, authority, the sync session, the store and the network adapter.
//!
//! The core ([`entry`], [`log`], [`authority`], [`wire`], [`session`], [`sketch`], `bundle`) does no I/O and
//! reads no clock. Feature `store` adds [`store`] over redb, feature `net` the adapter to iroh.
//!
//! # A compatible peer
//!
//! What another program must read and write to take part, in the order in which it meets it:
//!
//! | what | where | golden bytes |
//! |---|---|---|
//! | numbers, lists, bounds | [`wire::codec`] | its property tests |
//! | an entry, and what it becomes when it is erased | [`entry`] | `entry::tests` |
//! | digests, chain, slots, the signature over a log | [`log`] | `log::tests` |
//! | credentials, revocation lists, withdrawals | [`authority`] | `authority::golden` |
//! | frames, their tags and bounds | [`wire::frame`] | `wire::golden` |
//! | who says what when, and what ends a session | [`session`] | `store::tests`, the simulator |
//! | set reconciliation after a lost cursor | [`sketch`] | `sketch::golden` |
//! | a file of frames, where no network is | `bundle` | `bundle::golden` |
//! | what publishers sign | `authority::Statement` | `authority::statement` |
//! | courses from hub to hub, ALPN `bdhv/packs/1` | `wire::packs` | its own tests |
//!
//! The stream is one bidirectional QUIC stream of a connection with ALPN [`wire::frame::ALPN`]; both ends
//! speak at once, and the connection proves each device's key. Time is minutes since 1970 in UTC, a day is
//! one in Vietnam ([`Minutes::day`]); both come from outside.
//!
//! # Rules that the bytes do not show
//!
//! * **Nothing unsigned is kept.** A receiver follows the chain from what it holds and stores an extension
//!   only when the device's signature covers the result, or the province's revocation list does.
//! * **An acknowledgement follows a durable commit**, never a reception.
//! * **Authority first.** A newer revocation list goes before anything else and is applied before the peer
//!   is judged. A credential chain only narrows, and is looked at again with every new list.
//! * **A withdrawal comes before what it erased.** It keeps its place in its store's order of changes; logs
//!   that it erased move behind it.
//! * **An erased entry is taken only of a learner who withdrew** from that log.
//! * **A fork is public.** Whoever holds two signed heads that do not extend each other keeps both, counts
//!   to where they part, and shows them to the device, which goes on in a log of its own.

#![cfg_attr(
    feature = "golden",
    allow(
        clippy::wildcard_imports,
        dead_code,
        unused_imports,
        reason = "modules of unit tests, of which only some are run"
    )
)]

#[cfg(feature = "net")]
pub mod armour;
pub mod authority;
// A browser has no stick to write to, and its bundle need not carry the code.
#[cfg(not(target_family = "wasm"))]
pub mod bundle;
pub mod entry;
#[cfg(feature = "golden")]
pub mod golden;
pub mod id;
pub mod log;
#[cfg(feature = "net")]
pub mod net;
#[cfg(feature = "net")]
pub mod replica;
pub mod session;
#[cfg(not(target_family = "wasm"))]
mod signature;
#[cfg(target_family = "wasm")]
#[path = "strict_signature.rs"]
mod signature;
pub mod sketch;
#[cfg(feature = "store")]
pub mod store;
pub mod wire;

pub use id::{
    CommuneCode, Day, DeviceId, IdError, LearnerId, LearnerKey, LearnerSecret, LessonRef, LogId, Minutes, ProvinceKey,
    Score, Slot, StoreId,
};
