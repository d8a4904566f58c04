//! `cargo xtask lint`: format, clippy, docs, feature sets, the browser's side, crate edges.

use std::process::Command;

use anyhow::bail;
use xtask::edges;

use crate::paths;
use crate::prerequisites::{self, Toolchain};
use crate::process::{self, Steps, cargo};

/// Feature sets of `sync` beside its default one, which clippy on the workspace covers.
const FEATURE_SETS: [&[&str]; 2] = [&["--no-default-features"], &["--no-default-features", "--features", "store"]];

/// Runs every check; the first that fails ends it.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut steps = Steps::new(prerequisites::STEPS + 6);
    let toolchain = prerequisites::web_and_clippy(&mut steps)?;
    steps.begin("format");
    process::run(cargo().args(["fmt", "--all", "--check"]))?;
    steps.begin("crate edges and banned text");
    check_edges()?;
    steps.begin("clippy on every package");
    process::run(denying(cargo().args(["clippy", "--workspace", "--all-targets", "--locked"])))?;
    steps.begin("clippy on sync without the network, and without the store");
    for features in FEATURE_SETS {
        process::run(denying(cargo().args(["clippy", "--package", "sync", "--locked"]).args(features)))?;
    }
    steps.begin("clippy on the browser's side of app");
    process::run(denying(clippy(&toolchain).args(["--package", "app"])))?;
    steps.begin("documentation");
    process::run(
        cargo()
            .args(["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

fn check_edges() -> anyhow::Result<()> {
    let broken = edges::check(&paths::root())?;
    if broken.is_empty() {
        return Ok(());
    }
    for line in &broken {
        eprintln!("{line}");
    }
    bail!("{} rule(s) of the layout are broken, listed above", broken.len());
}

fn clippy(toolchain: &Toolchain) -> Command {
    let mut command = toolchain.cargo("clippy");
    command.args(["--lib", "--bins"]);
    command
}

fn denying(command: &mut Command) -> &mut Command {
    command.args(["--", "-D", "warnings"])
}
