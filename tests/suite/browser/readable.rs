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

#[test]
fn when_what_the_app_needs_does_not_come_its_links_lead_on() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lesson = &lessons::all()?[0];
    let home = hub.hall()?;
    for (lost, address, link, there) in [
        ("*/catalogue*", home.clone(), "Bắt đầu học", &*lesson.opening),
        ("*/pack/*", format!("{home}/bai/{}/{}", lesson.course, lesson.lesson), "Bài học", "Tìm bài học"),
    ] {
        let tab = browser.blank()?;
        tab.block(&[lost])?;
        tab.go(&address)?;
        tab.sees("Chưa tải được bài")?;
        tab.block(&[])?;
        tab.tap(link)?;
        tab.sees(there)?;
        tab.wait_until("document.querySelector('#main [role=alert]') === null")?;
        tab.close()?;
    }
    Ok(())
}
