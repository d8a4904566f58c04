//! `cargo xtask bench`: figures against the budgets of DESIGN §12, from release builds.

use std::process::Command;

use anyhow::bail;
use serde_json::json;

use crate::process::{self, Steps, cargo};
use crate::{courses, paths};

/// What has budgets and no benchmark yet.
const NOT_BUILT: [&str; 2] = ["province", "app"];

/// Most compressed bytes of a course without audio.
const COURSE_BYTES_MAX: usize = 150_000;

/// Builds the benchmark and runs it: all its groups of cases, or those named.
pub(crate) fn run(what: &str, groups: &[&str]) -> anyhow::Result<()> {
    match what {
        "sync" => sync(groups),
        "content" => content(),
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

/// The speed is measured by a program that links nothing but the crate; the sizes are counted here.
fn content() -> anyhow::Result<()> {
    let mut steps = Steps::new(2);
    steps.begin("building the benchmark, and measuring");
    process::run(cargo().args(["bench", "--quiet", "--package", "content", "--bench", "speed"]))?;
    steps.begin("compressing the courses");
    for (name, bytes) in courses::sizes()? {
        let holds = bytes <= COURSE_BYTES_MAX;
        let case = format!("course_{}", name.replace('-', "_"));
        println!(
            "{}",
            json!({ "case": case, "figure": bytes, "unit": "B", "budget": COURSE_BYTES_MAX, "holds": holds })
        );
    }
    Ok(())
}
