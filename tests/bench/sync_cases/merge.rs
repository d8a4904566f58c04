//! A fresh merge of 1,000 learners with 42 completions each, and one that is killed at half of its bytes.

use std::os::unix::process::ExitStatusExt as _;

use anyhow::ensure;
use serde_json::Value;

use super::stage::{HUB, Hub, Stage, print};
use crate::case::{self, Budget, RUNS};
use crate::logs::LESSONS;
use crate::process::number;

const LEARNERS: u32 = 1_000;
/// What is divided by: completions. What declares the learners is their cost.
const COMPLETIONS: f64 = 42_000.0;
const SECONDS_MAX: f64 = 0.5;
const BYTES_A_RECORD_MAX: f64 = 10.0;
const RESUMED_SHARE_MAX: f64 = 0.55;
/// Bytes a second of a hall's hotspot, 4 Mbit/s: the store keeps up with it. On loopback all has arrived
/// before the first commit returns.
const HOTSPOT: &str = "500000";
/// What the process of a killed client ended of.
const SIGKILL: i32 = 9;

/// How the learners are spread over logs.
struct Shape {
    name: &'static str,
    logs: u32,
    entries: u64,
}

const SHAPES: [Shape; 2] = [
    Shape { name: "fresh_merge_42000", logs: LEARNERS, entries: LESSONS + 1 },
    Shape { name: "fresh_merge_42000_one_log", logs: 1, entries: LEARNERS as u64 * (LESSONS + 1) },
];

/// What a merge takes that nobody kills.
struct Whole {
    records: String,
    bytes: f64,
}

/// Numbers the clients of each case apart: a hub remembers what each has seen of it.
fn key(clients: usize, run: usize) -> String {
    (10 * clients + run).to_string()
}

/// Runs the group.
pub(crate) fn run() -> anyhow::Result<()> {
    for shape in SHAPES {
        let stage = Stage::new("merge")?;
        stage.stock("hub", HUB, shape.logs, shape.entries)?;
        let mut hub = stage.hub("hub")?;
        let records = (u64::from(shape.logs) * shape.entries).to_string();
        let bytes = merge(&stage, &hub, &shape, &records)?;
        let name = shape.name;
        let whole = Whole { records, bytes };
        resume(&stage, &mut hub, &format!("{name}_resumed"), 2, &whole, &[])?;
        resume(&stage, &mut hub, &format!("{name}_resumed_hotspot"), 3, &whole, &["--rate", HOTSPOT])?;
    }
    Ok(())
}

/// Returns the bytes of a merge.
fn merge(stage: &Stage, hub: &Hub, shape: &Shape, records: &str) -> anyhow::Result<f64> {
    let mut reports = Vec::new();
    for run in 0..RUNS {
        let store = format!("client-{run}");
        reports.push(stage.sync(&store, &key(1, run), hub, &["--records", records])?);
    }
    let name = shape.name;
    print(name, "s", Budget::AtMost(SECONDS_MAX), &reports, "seconds")?;
    per_record(&format!("{name}_bytes"), Budget::AtMost(BYTES_A_RECORD_MAX), &reports, "bytes")?;
    per_record(&format!("{name}_udp_bytes"), Budget::None, &reports, "udp_bytes")?;
    print(&format!("{name}_receiver_memory"), "MB", Budget::None, &reports, "memory")?;
    case::print(&format!("{name}_sender_memory"), "MB", Budget::None, &[hub.process.memory()?]);
    number(&reports[0], "bytes")
}

fn per_record(case: &str, budget: Budget, reports: &[Value], name: &str) -> anyhow::Result<()> {
    let figures: Vec<f64> =
        reports.iter().map(|report| Ok(number(report, name)? / COMPLETIONS)).collect::<anyhow::Result<_>>()?;
    case::print(case, "B/record", budget, &figures);
    Ok(())
}

/// Kills the receiver at half of the bytes, and counts what a second run takes.
fn resume(
    stage: &Stage,
    hub: &mut Hub,
    name: &str,
    clients: usize,
    whole: &Whole,
    path: &[&str],
) -> anyhow::Result<()> {
    let (mut shares, mut missing) = (Vec::new(), Vec::new());
    let half = format!("{:.0}", whole.bytes / 2.0);
    let totals = hub.process.ask("totals")?;
    for run in 0..RUNS {
        let store = format!("{name}-{run}");
        let options = [&["--records", &whole.records, "--die-at", &half], path].concat();
        let mut killed = stage.begin_sync(&store, &key(clients, run), hub, &options)?;
        let status = killed.end()?;
        ensure!(status.signal() == Some(SIGKILL), "the client was to be killed, and ended with {status}");
        let report = stage.sync(&store, &key(clients, run), hub, &[])?;
        shares.push(number(&report, "bytes")? / whole.bytes);
        missing.push(number(&totals, "lessons")? - number(&report["totals"], "lessons")?);
    }
    case::print(&format!("{name}_share"), "of bytes", Budget::AtMost(RESUMED_SHARE_MAX), &shares);
    case::print(&format!("{name}_missing"), "records", Budget::AtMost(0.0), &missing);
    Ok(())
}
