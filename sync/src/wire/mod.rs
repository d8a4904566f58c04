//! Every byte on the network.

pub mod codec;
pub mod frame;

#[cfg(test)]
mod golden;
