//! `cargo xtask size`: what a phone downloads, file by file, as it crosses the wire.

use anyhow::ensure;
use xtask::wire::{self, Measured};

use crate::process::{Steps, build_bdhv};
use crate::{paths, prerequisites, site};

/// Builds everything, asks a real hub for it as a phone does, and compares with the budgets.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut steps = Steps::new(prerequisites::STEPS + site::STEPS + 2);
    let toolchain = prerequisites::web(&mut steps)?;
    site::build(&mut steps, &toolchain)?;
    let bdhv = build_bdhv(&mut steps)?;
    steps.begin("downloading as a phone does");
    // A hub of its own each time: what an earlier release kept there is nobody's.
    let data = paths::target().join("size");
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    let measured = wire::measure(&bdhv, &paths::site(), &data)?;
    print(&measured);
    let over: Vec<_> = measured.iter().filter(|load| !load.holds()).map(|load| &*load.case).collect();
    ensure!(over.is_empty(), "over budget: {}", over.join(", "));
    Ok(())
}

fn print(measured: &[Measured]) {
    println!("\nbytes on the wire, brotli, headers included\n");
    for load in measured {
        println!("{}", load.case);
        for (path, bytes) in &load.files {
            println!("  {bytes:>9}  {path}");
        }
        let against = load.bytes_max.map(|max| format!("of {max}: {}", if load.holds() { "holds" } else { "OVER" }));
        println!("  {:>9}  total {}\n", load.total(), against.unwrap_or_default());
    }
    for load in measured {
        println!("{}", load.json());
    }
}
