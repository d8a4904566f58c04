//! Three hundred phones on one hub.

use super::stage::{HUB, Hub, Stage};
use crate::case::{self, Budget, RUNS};
use crate::logs::{self, COMMUNES, Part};
use crate::phones::PHONES;
use crate::process::{Process, number};

const SECONDS_MAX: f64 = 2.0;
const MEMORY_MAX: f64 = 300.0;
/// What the hub holds before: fifty logs a commune.
const LOGS: u32 = 50 * COMMUNES;
const ENTRIES: u64 = 2;

/// Runs the group.
pub(crate) fn run() -> anyhow::Result<()> {
    let stage = Stage::new("phones")?;
    logs::write_range(&stage.file("logs"), 0..LOGS, ENTRIES)?;
    stage.ingest("hub", HUB, "logs")?;
    let (mut told, mut kept, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        let mut hub = stage.hub("hub")?;
        told.push(change_reaches_all(&stage, &mut hub, run as u64)?);
        memory.push(hub.process.memory()?);
        let hub = fresh_hub(&stage, run)?;
        kept.push(all_finish_a_lesson(&hub)?);
        memory.push(hub.process.memory()?);
    }
    case::print(&format!("phones_{PHONES}_current"), "s", Budget::AtMost(SECONDS_MAX), &told);
    case::print(&format!("phones_{PHONES}_finish_at_once"), "s", Budget::AtMost(SECONDS_MAX), &kept);
    memory.sort_by(f64::total_cmp);
    case::print(&format!("phones_{PHONES}_hub_memory"), "MB", Budget::AtMost(MEMORY_MAX), &memory[memory.len() - 1..]);
    Ok(())
}

/// Starts a hub on a new store: the phones of each run begin their logs anew.
fn fresh_hub(stage: &Stage, run: usize) -> anyhow::Result<Hub> {
    let store = format!("hub-{run}");
    stage.ingest(&store, HUB, "logs")?;
    stage.hub(&store)
}

/// Seconds from when the hub begins to take one record until every phone of its commune holds it.
fn change_reaches_all(stage: &Stage, hub: &mut Hub, run: u64) -> anyhow::Result<f64> {
    let mut phones = Process::start(&["phones", "team", &hub.ticket])?;
    phones.line()?;
    let lessons = u64::from(LOGS / COMMUNES) * (ENTRIES - 1) + run;
    phones.ask(&format!("await {lessons}"))?;
    logs::write(&stage.file("new"), [Part { number: 0, from: ENTRIES + run, length: ENTRIES + run + 1 }])?;
    let taken = hub.process.ask(&format!("take {}", stage.word("new")?))?;
    let ended = phones.ask(&format!("await {}", lessons + 1))?;
    Ok((number(&ended, "ended")? - number(&taken, "begun")?) / 1e6)
}

/// Seconds until every phone knows that the hub holds what its learner did.
fn all_finish_a_lesson(hub: &Hub) -> anyhow::Result<f64> {
    let mut phones = Process::start(&["phones", "learner", &hub.ticket])?;
    phones.line()?;
    number(&phones.ask("keep")?, "seconds")
}
