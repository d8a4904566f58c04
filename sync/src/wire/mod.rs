//! Every byte on the network.

pub mod codec;
pub mod frame;
mod hello;
// A browser takes lessons over HTTP from the hub that serves it.
#[cfg(not(target_family = "wasm"))]
pub mod packs;

#[cfg(any(test, feature = "golden"))]
pub(crate) mod golden;
