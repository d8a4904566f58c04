//! `cargo xtask bench`: figures against the budgets of DESIGN §12, from release builds.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::json;

use crate::process::{self, Steps, cargo};
use crate::{courses, paths, prerequisites, site};

/// What has budgets and no benchmark yet.
const NOT_BUILT: [&str; 1] = ["province"];

/// Most compressed bytes of a course without audio.
const COURSE_BYTES_MAX: usize = 150_000;

/// Builds the benchmark and runs it: all its groups of cases, or those named.
pub(crate) fn run(what: &str, groups: &[&str]) -> anyhow::Result<()> {
    match what {
        "sync" => sync(groups),
        "content" => content(),
        "app" => app(groups),
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

/// The app, in a real browser; Lighthouse is got only when it is asked for.
fn app(groups: &[&str]) -> anyhow::Result<()> {
    let lighthouse = groups.contains(&"lighthouse");
    let mut steps = Steps::new(prerequisites::STEPS + site::STEPS + 2 + usize::from(lighthouse));
    let toolchain = prerequisites::web_and_browser(&mut steps)?;
    site::build(&mut steps, &toolchain)?;
    steps.begin("building bdhv and the benchmark");
    process::run(cargo().args(["build", "--release", "--package", "server", "--package", "tests", "--bins"]))?;
    let mut bench = Command::new(paths::bench());
    bench.arg("app").args(groups).env("BDHV_BIN", paths::bench().with_file_name("bdhv"));
    bench.env("BDHV_BROWSER", prerequisites::browser().context("no Chromium was found after installing it")?);
    if lighthouse {
        steps.begin("getting Lighthouse");
        bench.env("BDHV_LIGHTHOUSE", get_lighthouse()?);
    }
    steps.begin("measuring");
    process::run(&mut bench)
}

/// Gets the Lighthouse that the lock beside the benchmark names, each package by its hash; returns its program.
fn get_lighthouse() -> anyhow::Result<PathBuf> {
    prerequisites::node()?;
    let (named, folder) = (paths::root().join("tests/bench/lighthouse"), paths::target().join("lighthouse"));
    std::fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(named.join(file), folder.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&folder);
    process::run(&mut npm)?;
    Ok(folder.join("node_modules/.bin/lighthouse"))
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
