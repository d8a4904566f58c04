//! axe-core, with the rules of WCAG AAA for contrast, on every screen, in every language, text size and theme.

use std::path::PathBuf;

use anyhow::Context as _;
use tests::browser::{Screen, Tab};
use tests::hall::Station;

use super::harness::{every_screen, in_every_language, new_phone};

/// Runs axe on the page as it is, in each size and theme.
const CHECK: &str = include_str!("axe.js");

/// Reads axe-core, which `cargo xtask test` puts there after it checked it.
fn axe() -> anyhow::Result<String> {
    let named = std::env::var_os("BDHV_AXE").map(PathBuf::from);
    let file = named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/axe/axe.min.js"));
    std::fs::read_to_string(&file).with_context(|| format!("{}; `cargo xtask test` fetches it", file.display()))
}

/// Returns what is wrong with the page.
fn problems(tab: &Tab, axe: &str) -> anyhow::Result<Vec<String>> {
    if tab.eval("typeof axe")? == "undefined" {
        tab.eval(&format!("{axe};0"))?;
    }
    tab.eval_long(CHECK)
}

/// A colour that is still changing is neither the one nor the other.
fn at_rest(tab: &Tab) -> anyhow::Result<()> {
    tab.prefer(&[("prefers-reduced-motion", "reduce")])
}

fn every_screen_in(lang: &str) -> anyhow::Result<()> {
    let axe = axe()?;
    every_screen(lang, at_rest, |visit, at, name| {
        // One theme each, in turn, to look at.
        let theme = ["light", "dark", "contrast"][at % 3];
        visit.tab.eval(&format!("document.documentElement.dataset.theme = {theme:?}"))?;
        visit.picture(&format!("axe-{lang}-{at:02}-{name}-{theme}"))?;
        problems(&visit.tab, &axe)
    })
}

in_every_language!(every_screen_in);

#[test]
fn the_dashboard() -> anyhow::Result<()> {
    let (province, axe) = (Station::province()?, axe()?);
    let (_profile, browser) = new_phone()?;
    let tab = browser.blank()?;
    tab.show_on(Screen::Laptop)?;
    at_rest(&tab)?;
    let mut found = Vec::new();
    for lang in ["vi", "km", "en"] {
        tab.go(&format!("{}/tinh?lang={lang}", province.localhost()?))?;
        tab.wait_until("!!document.querySelector('.live.on')")?;
        found.extend(problems(&tab, &axe)?.into_iter().map(|problem| format!("{lang}: {problem}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}
