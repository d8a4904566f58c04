//! The golden vectors hold in a browser as they do natively: phones and hubs agree on every byte.

use std::path::PathBuf;

use anyhow::Context as _;

use super::harness::new_phone;

/// The checks that `sync::golden` names.
const CHECKS: u64 = 15;

/// A program of Rust exports `main` and, without a page around it, imports nothing. A check that fails traps.
const RUN: &str = "WebAssembly.instantiate(golden).then(({ instance }) => instance.exports.main(0, 0))";

#[test]
fn every_vector_has_its_bytes_in_the_browser() -> anyhow::Result<()> {
    let program = std::env::var_os("BDHV_GOLDEN").map(PathBuf::from);
    let program = program.context("BDHV_GOLDEN names no program; `cargo xtask test` builds it")?;
    let wasm = std::fs::read(&program).with_context(|| format!("cannot read {}", program.display()))?;
    let (_profile, browser) = new_phone()?;
    let tab = browser.blank()?;
    tab.eval(&format!("globalThis.golden = new Uint8Array({wasm:?}), 0"))?;
    assert_eq!(tab.eval(RUN)?, CHECKS);
    browser.kill()
}
