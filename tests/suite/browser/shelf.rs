//! A course kept on the phone is learnt after the hub is gone, pictures and all.

use anyhow::Context as _;
use tests::browser::Tab;
use tests::hall::Station;
use tests::lessons::{self, Known};
use tests::resident::learn;

use super::harness::begin;
use super::screens::picture;

/// Whether every picture of the lesson is seen; what is still being fetched is not.
const PICTURES: &str =
    "[...document.querySelectorAll('.lesson img')].every((img) => img.complete && img.naturalWidth > 0)";
const COUNT_PICTURES: &str = "document.querySelectorAll('.lesson img').length";

fn kept_and_learnt(address: impl Fn(&Station) -> anyhow::Result<String>, coding: &str) -> anyhow::Result<()> {
    let (mut hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let (other, kept) = (&lessons[0], lessons.last().context("there are lessons")?);
    let home = address(&hub)?;
    let tab = browser.open(&home)?;

    tab.tap_in(&kept.title, "Giữ lại để học không cần mạng")?;
    // Said before anything is spent on it.
    let size = lessons::course_bytes(kept.course, coding)?.div_ceil(1000);
    tab.sees_in(&kept.title, &format!("Tải về máy: {size} KB"))?;
    picture(&tab, "shelf-1-size")?;
    tab.tap_in(&kept.title, "Tải về máy")?;
    tab.sees_in(&kept.title, "Đã giữ trên máy")?;
    picture(&tab, "shelf-2-kept")?;

    // Neither the hub nor what the browser keeps of its own accord.
    hub.kill()?;
    tab.forget_downloads()?;
    open(&tab, kept)?;
    tab.sees(&kept.opening)?;
    assert_ne!(tab.eval(COUNT_PICTURES)?, 0, "“{}” has a picture", kept.title);
    tab.wait_until(PICTURES)?;
    learn(&tab, kept)?;
    tab.tap("Bài học")?;
    open(&tab, other)?;
    tab.sees("Chưa tải được bài vì mất mạng của tổ")?;

    hub.resume()?;
    tab.go(&home)?;
    tab.sees_in(&kept.title, "Đã giữ trên máy")?;
    tab.tap_in(&kept.title, "Bỏ khỏi máy")?;
    tab.sees_in(&kept.title, "Giữ lại để học không cần mạng")?;
    tab.reload()?;
    tab.sees_in(&kept.title, "Giữ lại để học không cần mạng")
}

fn open(tab: &Tab, lesson: &Known) -> anyhow::Result<()> {
    tab.tap_in(&lesson.title, &lesson.title)
}

#[test]
fn on_localhost_with_the_cache_api() -> anyhow::Result<()> {
    kept_and_learnt(Station::localhost, "br")
}

#[test]
fn in_a_hall_with_indexeddb() -> anyhow::Result<()> {
    kept_and_learnt(Station::hall, "gz")
}
