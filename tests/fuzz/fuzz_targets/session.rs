//! The session core over a real store: a hostile peer's bytes, cut anywhere, end in an answer or in an error,
//! within the bounds of both. What a script may do is drawn in `src/peer.rs`.
//!
//! `cd tests && cargo +nightly fuzz run session -- -runs=10000000 -max_len=4096`

#![no_main]

use std::cell::RefCell;

use fuzz::peer::{Node, kind, play};
use libfuzzer_sys::fuzz_target;

thread_local! {
    /// A node of each kind. One that took something from a peer is made anew, so that scripts keep meaning
    /// the same; what it remembers of its peers it keeps.
    static NODES: RefCell<[Node; 4]> = RefCell::new([0, 1, 2, 3].map(Node::new));
}

fuzz_target!(|script: &[u8]| {
    NODES.with_borrow_mut(|nodes| {
        let kind = kind(script);
        let node = &mut nodes[usize::from(kind)];
        play(node, script);
        if !node.is_fresh() {
            *node = Node::new(kind);
        }
    });
});
