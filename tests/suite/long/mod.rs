//! What takes a network of its own, or minutes.

mod mdns;
