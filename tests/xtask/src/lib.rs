//! What the build tool and the suite share: the rules about crate edges, `bdhv` as a process, and what
//! a phone downloads from it.

pub mod edges;
pub mod http;
pub mod node;
pub mod wire;
