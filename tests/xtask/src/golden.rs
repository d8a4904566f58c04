//! The golden vectors of `sync`, compiled for the browser: `tests/suite/browser/golden.rs` runs them there.

use std::path::PathBuf;

use crate::paths;
use crate::prerequisites::{Toolchain, WASM};
use crate::process::{self, Steps};

/// How many steps [`build`] announces.
pub(crate) const STEPS: usize = 1;

/// The profile of what phones download, so that its code is what is checked.
const PROFILE: &str = "web";

/// Compiles the program. It takes the standard library and most crates as the bundles left them.
pub(crate) fn build(steps: &mut Steps, toolchain: &Toolchain) -> anyhow::Result<()> {
    steps.begin("compiling the golden vectors for the browser");
    let mut cargo = toolchain.cargo("build");
    cargo.args(["--package", "sync", "--bin", "golden", "--profile", PROFILE]);
    cargo.args(["--no-default-features", "--features", "golden"]);
    process::run(&mut cargo)
}

/// Returns where the program is.
pub(crate) fn wasm() -> PathBuf {
    paths::web_target().join(WASM).join(PROFILE).join("golden.wasm")
}
