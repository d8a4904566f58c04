//! axe-core, with the rules of WCAG AAA for contrast, on every screen, in every language, text size and theme.

use std::path::PathBuf;

use anyhow::Context as _;
use tests::browser::{Browser, Screen, Tab};
use tests::hall::Station;
use tests::scratch::Scratch;
use tests::screens::{SCREENS, Visit};

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
    // Twelve runs on a long lesson take longer than the browser may take to answer one command.
    tab.eval(&format!("globalThis.checked = undefined; {CHECK}.then((found) => {{ checked = found }}, (error) => {{ checked = [String(error)] }}); 0"))?;
    tab.wait_until("globalThis.checked !== undefined")?;
    Ok(serde_json::from_value(tab.eval("checked")?)?)
}

fn every_screen(lang: &str) -> anyhow::Result<()> {
    let (hub, profile, axe) = (Station::hub(&[])?, Scratch::new("profile")?, axe()?);
    let browser = Browser::start(profile.path())?;
    let tab = browser.blank()?;
    // A colour that is still changing is neither.
    tab.prefer(&[("prefers-reduced-motion", "reduce")])?;
    let visit = Visit::begin(tab, hub.hall()?, lang)?;
    let mut found = Vec::new();
    for (at, (name, reach)) in SCREENS.iter().enumerate() {
        reach(&visit).with_context(|| format!("{name} in {lang}"))?;
        // One theme each, in turn, to look at.
        let theme = ["light", "dark", "contrast"][at % 3];
        visit.tab.eval(&format!("document.documentElement.dataset.theme = {theme:?}"))?;
        visit.picture(&format!("axe-{lang}-{at:02}-{name}-{theme}"))?;
        found.extend(problems(&visit.tab, &axe)?.into_iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(found.is_empty(), "in {lang}:\n{}", found.join("\n"));
    Ok(())
}

#[test]
fn every_screen_in_vietnamese() -> anyhow::Result<()> {
    every_screen("vi")
}

#[test]
fn every_screen_in_khmer() -> anyhow::Result<()> {
    every_screen("km")
}

#[test]
fn every_screen_in_english() -> anyhow::Result<()> {
    every_screen("en")
}

#[test]
fn the_dashboard() -> anyhow::Result<()> {
    let (province, profile, axe) = (Station::province()?, Scratch::new("profile")?, axe()?);
    let browser = Browser::start(profile.path())?;
    let tab = browser.blank()?;
    tab.show_on(Screen::Laptop)?;
    tab.prefer(&[("prefers-reduced-motion", "reduce")])?;
    let mut found = Vec::new();
    for lang in ["vi", "km", "en"] {
        tab.go(&format!("{}/tinh?lang={lang}", province.localhost()?))?;
        tab.wait_until("!!document.querySelector('.live.on')")?;
        found.extend(problems(&tab, &axe)?.into_iter().map(|problem| format!("{lang}: {problem}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}
