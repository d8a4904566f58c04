//! Three hundred phones on one hub, and thirty hubs on one.

use super::stage::{HUB, Hub, PROVINCE, Stage};
use crate::case::{self, Budget, RUNS};
use crate::logs::{self, COMMUNES, Part};
use crate::process::{Process, number};

/// Phones on one hub at once: those of DESIGN §12.
const PHONES: u32 = 300;
/// Teams of one commune, many times over.
const TEAMS: u32 = 30;
const SECONDS_MAX: f64 = 2.0;
const MEMORY_MAX: f64 = 300.0;
/// What the hub holds before: fifty logs a commune.
const LOGS: u32 = 50 * COMMUNES;
const ENTRIES: u64 = 2;

/// Runs the group.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(phones()?);
    }
    let figures = |figure: fn(&Phones) -> f64| runs.iter().map(figure).collect::<Vec<_>>();
    let name = |what: &str| format!("phones_{PHONES}_{what}");
    case::print(&name("connected"), "s", Budget::None, &figures(|run| run.connected));
    case::print(&name("current"), "s", Budget::AtMost(SECONDS_MAX), &figures(|run| run.current));
    case::print(&name("finish_at_once"), "s", Budget::AtMost(SECONDS_MAX), &figures(|run| run.kept));
    case::print(&name("hub_memory"), "MB", Budget::AtMost(MEMORY_MAX), &figures(|run| run.memory));
    // Of all phones, which share one process here.
    case::print(&name("memory"), "MB", Budget::None, &figures(|run| run.phones_memory));
    teams()
}

/// What one run with phones took.
struct Phones {
    connected: f64,
    kept: f64,
    current: f64,
    memory: f64,
    phones_memory: f64,
}

/// Every phone finishes a lesson, all at once, and the hub holds them all. Then the hub comes to where it
/// reaches the province, and every phone is told that its record arrived: a change for each of them.
fn phones() -> anyhow::Result<Phones> {
    let stage = Stage::new("phones")?;
    let mut hub = stocked(&stage)?;
    stage.stock("province", PROVINCE, LOGS, ENTRIES)?;
    let province = stage.province("province")?;
    let (mut phones, connected) = start("learner", PHONES, &hub)?;
    let kept = number(&phones.ask("keep")?, "seconds")?;
    let begun = number(&hub.process.ask(&format!("report {}", province.ticket))?, "begun")?;
    let current = (number(&phones.ask("arrived")?, "ended")? - begun) / 1e6;
    let (memory, phones_memory) = (hub.process.memory()?, phones.memory()?);
    Ok(Phones { connected, kept, current, memory, phones_memory })
}

/// The hub takes one record, and every other hub of its commune is told it.
fn teams() -> anyhow::Result<()> {
    let mut told = Vec::new();
    for _ in 0..RUNS {
        let stage = Stage::new("phones")?;
        let mut hub = stocked(&stage)?;
        let (mut teams, _) = start("team", TEAMS, &hub)?;
        let lessons = u64::from(LOGS / COMMUNES) * (ENTRIES - 1);
        teams.ask(&format!("await {lessons}"))?;
        logs::write(&stage.file("new"), &[Part { number: 0, from: ENTRIES, length: ENTRIES + 1 }])?;
        let begun = number(&hub.process.ask(&format!("take {}", stage.word("new")?))?, "begun")?;
        let ended = number(&teams.ask(&format!("await {}", lessons + 1))?, "ended")?;
        told.push((ended - begun) / 1e6);
    }
    case::print(&format!("teams_{TEAMS}_current"), "s", Budget::None, &told);
    Ok(())
}

fn stocked(stage: &Stage) -> anyhow::Result<Hub> {
    stage.stock("hub", HUB, LOGS, ENTRIES)?;
    stage.hub("hub")
}

/// Returns the process of the devices, and how many seconds they took to connect.
fn start(kind: &str, count: u32, hub: &Hub) -> anyhow::Result<(Process, f64)> {
    let mut process = Process::start(&["phones", kind, &count.to_string(), &hub.ticket])?;
    let seconds = number(&process.line()?, "seconds")?;
    Ok((process, seconds))
}
