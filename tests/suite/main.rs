//! What crosses crates, a module a feature.
//!
//! Modules below `browser` drive Chromium and modules below `long` take minutes;
//! `cargo xtask test --quick` leaves both out.

mod authority;
mod browser;
mod edges;
mod hostile;
mod killed_hub;
mod long;
mod packs;
mod sim;
mod site;
mod speak;
