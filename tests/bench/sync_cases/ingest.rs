//! How fast a province takes records, verified and durable.

use std::fs;

use serde_json::Value;

use super::stage::{HUB, Stage, print};
use crate::case::{self, Budget, RUNS};
use crate::logs;
use crate::process::number;

const RATE_MIN: f64 = 500_000.0;
/// Entries of each log, and how many such logs.
const SHAPES: [(u64, u32); 3] = [(1, 20_000), (30, 10_000), (1_000, 1_000)];

/// Runs the group.
pub(crate) fn run() -> anyhow::Result<()> {
    for (entries, count) in SHAPES {
        let stage = Stage::new("ingest")?;
        logs::write(&stage.file("logs"), &logs::parts(0..count, entries))?;
        let mut reports = Vec::new();
        for _ in 0..RUNS {
            reports.push(stage.ingest("province", HUB, "logs")?);
            fs::remove_file(stage.file("province"))?;
        }
        tell(entries, &reports)?;
    }
    Ok(())
}

fn tell(entries: u64, reports: &[Value]) -> anyhow::Result<()> {
    let rate = |report: &Value| Ok(number(report, "records")? / number(report, "seconds")?);
    let rates: Vec<f64> = reports.iter().map(rate).collect::<anyhow::Result<_>>()?;
    // The budget is that of phones' logs of a year and of long ones, in which hubs gather; those of one entry
    // say what a signature costs.
    let budget = if entries >= 30 { Budget::AtLeast(RATE_MIN) } else { Budget::None };
    case::print(&format!("ingest_logs_of_{entries}"), "records/s", budget, &rates);
    print(&format!("ingest_logs_of_{entries}_memory"), "MB", Budget::None, reports, "memory")?;
    Ok(())
}
