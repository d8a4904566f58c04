//! A lesson can be read, and its questions looked up, where WebAssembly does not run.

use tests::browser::{NO_WEBASSEMBLY, Tab};
use tests::lessons::{self, Known};

use super::harness::begin;

fn reads(tab: &Tab, home: &str, lesson: &Known) -> anyhow::Result<()> {
    tab.go(home)?;
    tab.tap("Bắt đầu học")?;
    tab.sees(&lesson.title)?;
    tab.sees(&lesson.opening)?;
    let quiz = &lesson.quizzes[0];
    tab.sees(&quiz.question)?;
    let feedback = &quiz.right[0].feedback;
    assert!(!tab.shows(feedback)?, "the answer shows before it is asked for");
    tab.tap("Xem đáp án")?;
    tab.sees(feedback)?;
    assert_eq!(tab.cut_off()?, [""; 0]);
    Ok(())
}

#[test]
fn when_the_module_does_not_arrive() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.blank()?;
    tab.block(&["*.wasm"])?;
    reads(&tab, &hub.hall()?, &lessons::all()?[0])
}

#[test]
fn when_the_browser_has_no_webassembly() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.blank()?;
    tab.before_pages(NO_WEBASSEMBLY)?;
    reads(&tab, &hub.hall()?, &lessons::all()?[0])
}

#[test]
fn when_no_script_runs_at_all() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.blank()?;
    tab.block(&["*.js", "*.wasm"])?;
    reads(&tab, &hub.hall()?, &lessons::all()?[0])
}
