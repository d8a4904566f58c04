//! A session with nothing new, and one with one new record, on a small and on a large store.

use std::time::Duration;

use serde_json::Value;

use super::stage::{CLIENT, HUB, Hub, Stage, print};
use crate::case::{self, Budget, RUNS};
use crate::logs::{self, Part};
use crate::process::number;

/// Logs of the small and of the large store.
const SIZES: [u32; 2] = [1_000, 100_000];
/// Entries of each log before the new one.
const ENTRIES: u64 = 2;
const NOTHING_BYTES_MAX: f64 = 300.0;
const ONE_BYTES_MAX: f64 = 600.0;
/// After the handshake of the connection.
const ROUND_TRIPS_MAX: f64 = 1.0;
/// One way, against which what the processes compute is small.
const DELAY: Duration = Duration::from_millis(200);

/// Runs the group.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    for logs in SIZES {
        bytes.push(at_size(logs)?);
    }
    for (case, index) in [("nothing_new", 0), ("one_new_record", 1)] {
        let ratio = bytes[1][index] / bytes[0][index];
        case::print(&format!("{case}_bytes_{}_over_{}_logs", SIZES[1], SIZES[0]), "ratio", Budget::None, &[ratio]);
    }
    Ok(())
}

/// Returns the bytes with nothing new, and with one new record.
fn at_size(count: u32) -> anyhow::Result<[f64; 2]> {
    let stage = Stage::new("quiet")?;
    stage.stock("hub", HUB, count, ENTRIES)?;
    let mut hub = stage.hub("hub")?;
    let records = (u64::from(count) * ENTRIES).to_string();
    stage.sync("client", CLIENT, &hub, &["--records", &records])?;
    let nothing = syncs(&stage, &hub)?;
    let one = one_new(&stage, &mut hub)?;
    let bytes = [
        tell(&format!("nothing_new_{count}_logs"), NOTHING_BYTES_MAX, &nothing)?,
        tell(&format!("one_new_record_{count}_logs"), ONE_BYTES_MAX, &one)?,
    ];
    slow(&stage, &hub, count)?;
    print(&format!("nothing_new_{count}_logs_client_memory"), "MB", Budget::None, &nothing, "memory")?;
    case::print(&format!("nothing_new_{count}_logs_hub_memory"), "MB", Budget::None, &[hub.process.memory()?]);
    Ok(bytes)
}

fn syncs(stage: &Stage, hub: &Hub) -> anyhow::Result<Vec<Value>> {
    (0..RUNS).map(|_| stage.sync("client", CLIENT, hub, &[])).collect()
}

/// The hub takes one more entry of a log before each session.
fn one_new(stage: &Stage, hub: &mut Hub) -> anyhow::Result<Vec<Value>> {
    let mut reports = Vec::new();
    for run in 0..RUNS as u64 {
        let part = Part { number: 7, from: ENTRIES + run, length: ENTRIES + run + 1 };
        logs::write(&stage.file("new"), &[part])?;
        hub.process.ask(&format!("take {}", stage.word("new")?))?;
        reports.push(stage.sync("client", CLIENT, hub, &["--records", "1"])?);
    }
    Ok(reports)
}

fn tell(case: &str, bytes_max: f64, reports: &[Value]) -> anyhow::Result<f64> {
    print(&format!("{case}_udp_bytes"), "B", Budget::None, reports, "udp_bytes")?;
    print(&format!("{case}_seconds"), "s", Budget::None, reports, "seconds")?;
    print(&format!("{case}_bytes"), "B", Budget::AtMost(bytes_max), reports, "bytes")
}

/// Counts round trips by their time on a slow path.
fn slow(stage: &Stage, hub: &Hub, count: u32) -> anyhow::Result<()> {
    let mut trips = Vec::new();
    for _ in 0..RUNS {
        let report = stage.sync("client", CLIENT, hub, &["--delay-ms", &DELAY.as_millis().to_string()])?;
        trips.push((number(&report, "session_seconds")? / (2.0 * DELAY.as_secs_f64())).round());
    }
    let case = format!("nothing_new_{count}_logs_round_trips");
    case::print(&case, "round trips", Budget::AtMost(ROUND_TRIPS_MAX), &trips);
    Ok(())
}
