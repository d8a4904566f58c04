//! The cases of `bench sync`, in groups that can be run alone.

mod ingest;
mod lost;
mod merge;
mod phones;
mod quiet;
mod stage;

use anyhow::ensure;

type Group = (&'static str, fn() -> anyhow::Result<()>);

/// The longest last: it alone makes a million logs.
const GROUPS: [Group; 5] = [
    ("merge", merge::run),
    ("quiet", quiet::run),
    ("phones", phones::run),
    ("ingest", ingest::run),
    ("lost", lost::run),
];

/// Runs the groups named, or all.
pub(crate) fn run(named: &[&str]) -> anyhow::Result<()> {
    let known = |name: &&str| GROUPS.iter().any(|(group, _)| group == name);
    let all = GROUPS.map(|(group, _)| group).join(", ");
    ensure!(named.iter().all(known), "the groups are {all}");
    for (group, run) in GROUPS {
        if named.is_empty() || named.contains(&group) {
            eprintln!("{group} … (load before: {})", load()?);
            run()?;
        }
    }
    Ok(())
}

/// How many processes wanted a core on average, over 1, 5 and 15 minutes: seconds mean little where others do.
pub(crate) fn load() -> anyhow::Result<String> {
    let told = std::fs::read_to_string("/proc/loadavg")?;
    Ok(told.split(' ').take(3).collect::<Vec<_>>().join(", "))
}
