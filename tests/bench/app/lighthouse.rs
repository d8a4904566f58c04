//! Lighthouse on a lesson's page, in a secure context.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::Stage;
use crate::case::{self, Budget, RUNS};

/// What must be perfect.
const CATEGORIES: [&str; 3] = ["performance", "accessibility", "best-practices"];

/// As root a browser has no sandbox; nothing of its own crosses the network.
const FLAGS: &str = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync";

pub(crate) fn run() -> anyhow::Result<()> {
    let stage = Stage::set()?;
    let address = [stage.hub.localhost()?, stage.path()].concat();
    let mut reports = Vec::new();
    for _ in 0..RUNS {
        reports.push(report(&address)?);
    }
    for category in CATEGORIES {
        let scores: Vec<f64> = reports.iter().filter_map(|report| score(report, category)).collect();
        ensure!(scores.len() == RUNS, "Lighthouse gave no score for {category}");
        let name = format!("app_lighthouse_{}", category.replace('-', "_"));
        case::print(&name, "", Budget::AtLeast(100.0), &scores);
    }
    for line in reports.first().map(missed).unwrap_or_default() {
        eprintln!("  {line}");
    }
    Ok(())
}

/// Runs what `cargo xtask bench app lighthouse` installed.
fn report(address: &str) -> anyhow::Result<Value> {
    let program = std::env::var_os("BDHV_LIGHTHOUSE").map(PathBuf::from);
    let program = program.context("`cargo xtask bench app lighthouse` installs Lighthouse, and names it")?;
    let mut command = Command::new(program);
    command.arg(address).args(["--quiet", "--output=json", "--output-path=stdout"]);
    command.arg(format!("--only-categories={}", CATEGORIES.join(",")));
    command.arg(format!("--chrome-flags={FLAGS}")).stderr(Stdio::inherit());
    if let Some(browser) = std::env::var_os("BDHV_BROWSER") {
        command.env("CHROME_PATH", browser);
    }
    let output = command.output().context("cannot start Lighthouse")?;
    ensure!(output.status.success(), "Lighthouse ended with {}", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn score(report: &Value, category: &str) -> Option<f64> {
    report["categories"][category]["score"].as_f64().map(|score| (score * 100.0).round())
}

/// Lists what kept a category from being perfect.
fn missed(report: &Value) -> Vec<String> {
    let audits = report["audits"].as_object().into_iter().flatten();
    let missed = audits.filter(|(_, audit)| audit["score"].as_f64().is_some_and(|score| score < 1.0));
    missed
        .map(|(id, audit)| format!("{id}: {} {}", audit["score"], audit["displayValue"].as_str().unwrap_or("")))
        .collect()
}
