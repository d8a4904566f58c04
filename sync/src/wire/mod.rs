//! Every byte on the network.

pub mod codec;
pub mod frame;
mod hello;

#[cfg(any(test, feature = "golden"))]
pub(crate) mod golden;
