//! Two tabs at once: one owns the store, both show the same.

use tests::hall::Station;
use tests::lessons;
use tests::resident::{learn, learn_first};

use super::harness::begin;

fn both_show_the_same(address: impl Fn(&Station) -> anyhow::Result<String>) -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let home = address(&hub)?;
    let one = browser.open(&home)?;
    one.sees("Bắt đầu học")?;
    let two = browser.open(&home)?;
    two.sees("Bắt đầu học")?;

    learn_first(&one, &lessons[0])?;
    two.sees("Đã xong 1 trên")?;
    two.tap("Học tiếp")?;
    learn(&two, &lessons[1])?;
    two.sees("Đã lưu trên máy này")?;
    one.tap("Bài học")?;
    one.sees("Đã xong 2 trên")?;

    // Whichever tab owned the store: with the other gone, one still keeps.
    one.close()?;
    two.go(&home)?;
    two.sees("Đã xong 2 trên")?;
    two.sees("Đã lưu trên máy này")?;
    assert_eq!(two.errors(), [""; 0]);
    Ok(())
}

#[test]
fn on_localhost_with_opfs() -> anyhow::Result<()> {
    both_show_the_same(Station::localhost)
}

#[test]
fn in_a_hall_with_indexeddb() -> anyhow::Result<()> {
    both_show_the_same(Station::hall)
}
