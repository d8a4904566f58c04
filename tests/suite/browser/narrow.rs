//! Letters twice as large on the narrowest phone: nothing is cut, nothing scrolls sideways, everything to tap is
//! large enough, no mark of a letter leaves its line. On every screen, and in every lesson.

use anyhow::Context as _;
use tests::browser::{Browser, Screen, Tab};
use tests::hall::Station;
use tests::scratch::Scratch;
use tests::screens::{SCREENS, Visit};

const LOOK: &str = include_str!("narrow.js");

/// Returns what does not fit, in the smallest and in the largest letters.
fn problems(tab: &Tab) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    // The largest last: what is looked at is the page as it is then.
    for size in ["1", "1.5", "2"] {
        tab.eval(&format!("document.documentElement.dataset.size = {size:?}"))?;
        let problems: Vec<String> = serde_json::from_value(tab.eval(LOOK)?)?;
        found.extend(problems.into_iter().map(|problem| format!("in size {size}, {problem}")));
    }
    Ok(found)
}

fn every_screen(lang: &str) -> anyhow::Result<()> {
    let (hub, profile) = (Station::hub(&[])?, Scratch::new("profile")?);
    let browser = Browser::start(profile.path())?;
    let tab = browser.blank()?;
    tab.show_on(Screen::Narrow)?;
    let visit = Visit::begin(tab, hub.hall()?, lang)?;
    let mut found = Vec::new();
    for (at, (name, reach)) in SCREENS.iter().enumerate() {
        reach(&visit).with_context(|| format!("{name} in {lang}"))?;
        found.extend(problems(&visit.tab)?.into_iter().map(|problem| format!("{name}: {problem}")));
        visit.picture(&format!("narrow-{lang}-{at:02}-{name}"))?;
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
fn every_lesson() -> anyhow::Result<()> {
    let (hub, profile) = (Station::hub(&[])?, Scratch::new("profile")?);
    let browser = Browser::start(profile.path())?;
    let tab = browser.blank()?;
    tab.show_on(Screen::Narrow)?;
    let visit = Visit::begin(tab, hub.hall()?, "vi")?;
    let mut found = Vec::new();
    for lesson in visit.lessons() {
        visit.open(lesson)?;
        visit.each_step(|| {
            found.extend(problems(&visit.tab)?.into_iter().map(|problem| format!("{}: {problem}", lesson.title)));
            Ok(())
        })?;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}
