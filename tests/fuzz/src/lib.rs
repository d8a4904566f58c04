//! What the fuzz targets share: golden objects to start from, a hostile peer, and a course around any text.
//!
//! A target is run from the folder `tests`: `cargo +nightly fuzz run TARGET -- -runs=10000000`. What is
//! committed under `corpus` is small: golden bytes, and what the fuzzer made of them to reach more code.
//! `cargo +nightly run --example seed`, from here, writes the golden bytes anew after a change of format.
//!
//! Decoders that are private to a crate are reached through what uses them: rows of the store by the
//! session target. Tickets and the armour of texts need the network's feature, and have property tests
//! beside them.

pub mod course;
pub mod golden;
pub mod peer;
