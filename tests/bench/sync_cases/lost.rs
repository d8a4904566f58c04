//! A lost cursor: two stores of a million logs, of which few differ.

use serde_json::Value;

use super::stage::{CLIENT, HUB, Hub, Stage, print};
use crate::case::{self, Budget, RUNS};
use crate::logs::{self, Part};
use crate::process::number;

const LOGS: u32 = 1_000_000;
/// Names a smaller number, to try the case out.
const LOGS_VARIABLE: &str = "BENCH_LOST_LOGS";
/// Entries of each log before any differs.
const ENTRIES: u64 = 2;
/// Both make sketches for the first time, which is not measured.
const FIRST_SILENCE_MS: &str = "30000";
/// How many differ, and for 1,000 the bound of the bytes.
const DIFFER: [(u32, Budget); 3] = [(1, Budget::None), (100, Budget::None), (1_000, Budget::AtMost(100_000.0))];

/// Runs the group.
pub(crate) fn run() -> anyhow::Result<()> {
    let logs = std::env::var(LOGS_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(LOGS);
    let stage = Stage::new("lost")?;
    let mut hub = two_stores(&stage, logs)?;
    // Both sides learn each other's cursor; the client's is then lost again and again.
    stage.sync("client", CLIENT, &hub, &["--silence-ms", FIRST_SILENCE_MS])?;
    let mut lengths = vec![ENTRIES; logs as usize];
    for (differ, budget) in DIFFER {
        for (spread, step) in [("clustered", 1), ("scattered", logs / differ)] {
            let numbers: Vec<u32> = (0..differ).map(|index| index * step).collect();
            let lost = syncs(&stage, &mut hub, &numbers, &mut lengths, &["--lose-cursor"])?;
            let kept = syncs(&stage, &mut hub, &numbers, &mut lengths, &[])?;
            let case = format!("lost_cursor_{logs}_logs_{differ}_differ_{spread}");
            let bytes = tell(&case, budget, &lost)?;
            // The rest is what the records cost, which are to be sent however they were found; what others
            // are compared by is the finding. With the records, whose signatures and devices alone are 96 KB,
            // the bound cannot hold: both are printed against it.
            let sending = kept.iter().map(|report| number(report, "bytes")).collect::<Result<Vec<_>, _>>()?;
            let finding = bytes - case::median(&sending);
            case::print(&format!("{case}_bytes_more_than_with_cursor"), "B", budget, &[finding]);
        }
    }
    case::print(&format!("lost_cursor_{logs}_logs_hub_memory"), "MB", Budget::None, &[hub.process.memory()?]);
    Ok(())
}

/// Starts a hub, and leaves the client a store of the same logs.
fn two_stores(stage: &Stage, logs: u32) -> anyhow::Result<Hub> {
    stage.stock("hub", HUB, logs, ENTRIES)?;
    stage.stock("client", CLIENT, logs, ENTRIES)?;
    stage.hub("hub")
}

/// Syncs after one more entry of each of these logs, a few times.
fn syncs(
    stage: &Stage,
    hub: &mut Hub,
    numbers: &[u32],
    lengths: &mut [u64],
    options: &[&str],
) -> anyhow::Result<Vec<Value>> {
    let mut reports = Vec::new();
    for _ in 0..RUNS {
        grow(stage, hub, numbers, lengths)?;
        let records = numbers.len().to_string();
        reports.push(stage.sync("client", CLIENT, hub, &[options, &["--records", &records]].concat())?);
    }
    Ok(reports)
}

/// The hub takes one more entry of each of these logs.
fn grow(stage: &Stage, hub: &mut Hub, numbers: &[u32], lengths: &mut [u64]) -> anyhow::Result<()> {
    let mut parts = Vec::new();
    for &number in numbers {
        let length = &mut lengths[number as usize];
        parts.push(Part { number, from: *length, length: *length + 1 });
        *length += 1;
    }
    logs::write(&stage.file("new"), &parts)?;
    hub.process.ask(&format!("take {}", stage.word("new")?))?;
    Ok(())
}

/// Returns the bytes.
fn tell(case: &str, budget: Budget, reports: &[Value]) -> anyhow::Result<f64> {
    print(&format!("{case}_udp_bytes"), "B", Budget::None, reports, "udp_bytes")?;
    print(&format!("{case}_seconds"), "s", Budget::None, reports, "seconds")?;
    print(&format!("{case}_receiver_memory"), "MB", Budget::None, reports, "memory")?;
    print(&format!("{case}_bytes"), "B", budget, reports, "bytes")
}
