//! Letters twice as large on the narrowest phone: nothing is cut, nothing scrolls sideways, everything to tap is
//! large enough, no mark of a letter leaves its line. On every screen, and in every lesson.

use tests::browser::{Screen, Tab};
use tests::screens::Visit;

use super::harness::{begin, every_screen, in_every_language};

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

fn every_screen_in(lang: &str) -> anyhow::Result<()> {
    every_screen(
        lang,
        |tab| tab.show_on(Screen::Narrow),
        |visit, at, name| {
            let found = problems(&visit.tab)?;
            visit.picture(&format!("narrow-{lang}-{at:02}-{name}"))?;
            Ok(found)
        },
    )
}

in_every_language!(every_screen_in);

#[test]
fn every_lesson() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
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
