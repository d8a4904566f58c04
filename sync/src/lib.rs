//! Signed records, device logs, the sync session, the store and the network adapter.
//!
//! The core ([`entry`], [`log`], [`authority`], [`wire`], [`session`], `bundle`) does no I/O and reads no clock.
//! Feature `store` adds [`store`] over redb, feature `net` the adapter to iroh.

#[cfg(feature = "net")]
pub mod armour;
pub mod authority;
// A browser has no stick to write to, and its bundle need not carry the code.
#[cfg(not(target_family = "wasm"))]
pub mod bundle;
pub mod entry;
pub mod id;
pub mod log;
#[cfg(feature = "net")]
pub mod net;
#[cfg(feature = "net")]
pub mod replica;
pub mod session;
pub mod sketch;
#[cfg(feature = "store")]
pub mod store;
pub mod wire;

pub use id::{
    CommuneCode, Day, DeviceId, IdError, LearnerId, LearnerKey, LearnerSecret, LessonRef, LogId, Minutes, ProvinceKey,
    Score, Slot, StoreId,
};
