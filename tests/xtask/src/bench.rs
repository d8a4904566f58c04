//! `cargo xtask bench`: figures against the budgets of DESIGN §12, from release builds.

use std::process::Command;

use anyhow::bail;

use crate::paths;
use crate::process::{self, Steps, cargo};

/// What has budgets and no benchmark yet.
const NOT_BUILT: [&str; 3] = ["content", "province", "app"];

/// Builds the benchmark and runs it: all its groups of cases, or those named.
pub(crate) fn run(what: &str, groups: &[&str]) -> anyhow::Result<()> {
    match what {
        "sync" => sync(groups),
        what if NOT_BUILT.contains(&what) => bail!("`cargo xtask bench {what}` is not built"),
        what => bail!("there is nothing to measure of `{what}`: it is sync, content, province or app"),
    }
}

fn sync(groups: &[&str]) -> anyhow::Result<()> {
    let mut steps = Steps::new(2);
    steps.begin("building the benchmark");
    process::run(cargo().args(["build", "--release", "--package", "tests", "--bin", "bench"]))?;
    steps.begin("measuring");
    process::run(Command::new(paths::bench()).arg("sync").args(groups))
}
