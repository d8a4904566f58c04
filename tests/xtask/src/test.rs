//! `cargo xtask test`: every test, with what the browser ones need.

use anyhow::Context as _;

use crate::prerequisites;
use crate::process::{self, Steps, cargo};
use crate::{golden, paths, site};

/// Start of the names of tests that need a browser, a network namespace, or minutes.
const SLOW: [&str; 2] = ["browser::", "long::"];

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
    let browsers = if extent == Extent::Full { golden::STEPS } else { 0 };
    let mut steps = Steps::new(prerequisites::STEPS + site::STEPS + browsers + 2);
    let toolchain = match extent {
        Extent::Full => prerequisites::web_and_browser(&mut steps)?,
        Extent::Quick => prerequisites::web(&mut steps)?,
    };
    site::build(&mut steps, &toolchain)?;
    if extent == Extent::Full {
        golden::build(&mut steps, &toolchain)?;
    }
    steps.begin("building every program and test");
    process::run(cargo().args(["build", "--workspace", "--all-targets"]))?;
    steps.begin("running the tests");
    let mut test = cargo();
    test.args(["test", "--workspace"]).env("BDHV_BIN", paths::bdhv());
    match extent {
        Extent::Full => {
            let browser = prerequisites::browser().context("no Chromium was found after installing it")?;
            test.env("BDHV_BROWSER", browser).env("BDHV_GOLDEN", golden::wasm());
        }
        Extent::Quick => {
            test.arg("--");
            for start in SLOW {
                test.args(["--skip", start]);
            }
        }
    }
    process::run(&mut test)
}
