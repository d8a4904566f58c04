//! Where things are.

use std::path::PathBuf;

/// Returns the root of the workspace.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("xtask lives two folders below the root")
        .to_owned()
}

/// Returns cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |set| root().join(set))
}

/// Returns the folder that holds what a hub serves; `server/build.rs` embeds it.
pub(crate) fn site() -> PathBuf {
    target().join("site")
}

/// Returns the folder in which the browser bundles are compiled, apart so that its lock and its
/// compiler do not meet the native ones.
pub(crate) fn web_target() -> PathBuf {
    target().join("web")
}

/// Returns the native program that the tests and the demo start.
pub(crate) fn bdhv() -> PathBuf {
    target().join("debug/bdhv")
}

/// Returns the program that measures the sync.
pub(crate) fn bench() -> PathBuf {
    target().join("release/bench")
}
