//! What was shown as saved is there after the browser was killed.

use tests::browser::Browser;
use tests::hall::Station;
use tests::lessons;
use tests::resident::learn_first;

use super::harness::begin;

fn saved_survives(address: impl Fn(&Station) -> anyhow::Result<String>) -> anyhow::Result<()> {
    let (hub, profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let home = address(&hub)?;
    let tab = browser.open(&home)?;
    learn_first(&tab, &lessons[0])?;
    browser.kill()?;

    let browser = Browser::start(profile.path())?;
    let tab = browser.open(&home)?;
    tab.sees("Đã xong 1 trên")?;
    tab.sees("Đã lưu trên máy này")?;
    // Not from what the page holds until the worker has it: from the store.
    let outbox = "Object.keys(localStorage).filter((key) => key.startsWith('bdhv.outbox.')).length === 0";
    tab.wait_until(outbox)?;
    tab.go(&home)?;
    tab.sees("Đã xong 1 trên")?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

#[test]
fn on_localhost_with_opfs() -> anyhow::Result<()> {
    saved_survives(Station::localhost)
}

#[test]
fn in_a_hall_with_indexeddb() -> anyhow::Result<()> {
    saved_survives(Station::hall)
}
