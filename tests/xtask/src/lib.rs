//! What the build tool and the suite share: the rules about crate edges, and `bdhv` as a process.

pub mod edges;
pub mod node;
