//! The project's only entry point: `cargo xtask run | test | lint | bench | size`.
//!
//! Every command gets what it needs from Debian's packages, says so, and shows its progress.

mod axe;
mod bench;
mod bindings;
mod compress;
mod courses;
mod demo;
mod golden;
mod lint;
// The same audio as `bdhv content speak` makes; neither program may depend on the other.
#[path = "../../../server/src/content/speak/make.rs"]
mod make;
mod paths;
mod prerequisites;
mod process;
mod site;
mod size;
mod test;
mod web;

use std::process::ExitCode;

use process::Steps;

const USAGE: &str = "\
cargo xtask <command>

  run               build everything, start a demo hub and province on loopback, print the addresses
  test [--quick]    every test; --quick leaves out the browser and the long simulations
  lint              rustfmt, clippy, docs, feature sets, wasm, crate edges
  bench sync [GROUP]... | bench content | bench app [GROUP]...
                    figures against their budgets, one JSON object a line
  size              compressed size of what a phone downloads, against its budgets
  build             the web bundles, the site, and `bdhv` with the site inside
  web [BUNDLE]...   the site only, with all bundles or only these compiled anew";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["run"] => demo::run(),
        ["test"] => test::run(test::Extent::Full),
        ["test", "--quick"] => test::run(test::Extent::Quick),
        ["lint"] => lint::run(),
        ["bench", what, groups @ ..] => bench::run(what, groups),
        ["size"] => size::run(),
        ["build"] => build(),
        ["web", only @ ..] => web(only),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => Err(anyhow::anyhow!("`cargo xtask {}` is not a command\n\n{USAGE}", other.join(" "))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> anyhow::Result<()> {
    let mut steps = Steps::new(prerequisites::STEPS + site::STEPS + 1);
    let toolchain = prerequisites::web(&mut steps)?;
    site::build(&mut steps, &toolchain)?;
    let bdhv = process::build_bdhv(&mut steps)?;
    println!("{}", bdhv.display());
    Ok(())
}

fn web(only: &[&str]) -> anyhow::Result<()> {
    let mut steps = Steps::new(prerequisites::STEPS + site::STEPS);
    let toolchain = prerequisites::web(&mut steps)?;
    site::build_only(&mut steps, &toolchain, only)
}
