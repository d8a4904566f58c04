//! `cargo xtask test`: every test, with what the browser ones need.

use std::process::Command;

use anyhow::Context as _;

use crate::prerequisites;
use crate::process::{self, Steps, cargo};
use crate::{axe, golden, paths, site};

/// Start of the names of tests that need a browser.
const BROWSER: &str = "browser::";
/// Part of the names of tests that need a network namespace, or minutes.
const LONG: &str = "long::";

/// How much to test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything.
    Full,
    /// Without the browser and the long simulations.
    Quick,
}

/// Builds everything once, then runs the tests; the runner's summaries are what is printed last.
pub(crate) fn run(extent: Extent) -> anyhow::Result<()> {
    let browsers = if extent == Extent::Full { golden::STEPS + axe::STEPS + 1 } else { 0 };
    let mut steps = Steps::new(prerequisites::STEPS + site::STEPS + browsers + 2);
    let toolchain = match extent {
        Extent::Full => prerequisites::web_and_browser(&mut steps)?,
        Extent::Quick => prerequisites::web(&mut steps)?,
    };
    site::build(&mut steps, &toolchain)?;
    if extent == Extent::Full {
        golden::build(&mut steps, &toolchain)?;
    }
    let axe = if extent == Extent::Full { Some(axe::get(&mut steps)?) } else { None };
    steps.begin("building every program and test");
    process::run(cargo().args(["build", "--workspace", "--all-targets"]))?;
    if let Some(axe) = axe {
        steps.begin("running the tests in a browser");
        let browser = prerequisites::browser().context("no Chromium was found after installing it")?;
        // By themselves: beside the long simulations a browser gets too little of a small machine.
        let mut test = tests();
        test.env("BDHV_BROWSER", browser).env("BDHV_GOLDEN", golden::wasm()).env("BDHV_AXE", axe);
        process::run(test.args(["--", BROWSER]))?;
    }
    steps.begin("running the tests");
    let mut test = tests();
    test.args(["--", "--skip", BROWSER]);
    if extent == Extent::Quick {
        test.args(["--skip", LONG]);
    }
    process::run(&mut test)
}

/// Every test of the workspace: the same selection each time, so that nothing is compiled twice.
fn tests() -> Command {
    let mut test = cargo();
    test.args(["test", "--workspace"]).env("BDHV_BIN", paths::bdhv());
    test
}
