//! Several learners on one phone: each their own progress, a PIN, taking turns, leaving.

use tests::browser::Tab;
use tests::hall::Station;
use tests::lessons;
use tests::resident::{agree, learn, learn_first};

use super::harness::begin;
use super::screens::picture;

/// Goes to who learns on this phone.
fn turn(tab: &Tab) -> anyhow::Result<()> {
    tab.tap("Của tôi")?;
    tab.sees("Người khác học")?;
    tab.tap("Người khác học")?;
    tab.sees("Ai đang học?")
}

fn two_learners_at(address: impl Fn(&Station) -> anyhow::Result<String>) -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let home = address(&hub)?;
    let tab = browser.open(&home)?;
    tab.sees("Hoa sen")?;
    learn_first(&tab, &lessons[0])?;

    // Somebody else: a picture, no name, and a fresh start.
    tab.tap("Bài học")?;
    turn(&tab)?;
    picture(&tab, "people-1-who")?;
    tab.tap_in("Thêm người học", "Con trâu")?;
    tab.sees("Hôm nay mình học gì?")?;
    tab.sees("Con trâu")?;
    assert!(!tab.shows("Đã xong 1 trên")?);
    learn_first(&tab, &lessons[0])?;
    tab.tap("Học bài tiếp theo")?;
    learn(&tab, &lessons[1])?;
    tab.sees("Đã lưu trên máy này")?;

    // Who was here last is here after a reload, with what is theirs; the other's is as it was.
    tab.go(&home)?;
    tab.sees("Con trâu")?;
    tab.sees("Đã xong 2 trên")?;
    turn(&tab)?;
    tab.tap("Hoa sen")?;
    tab.sees("Đã xong 1 trên")?;

    // Another tab has its own learner, and what one does the other tab shows only for that learner.
    let other = browser.open(&home)?;
    other.sees("Đã xong 1 trên")?;
    turn(&other)?;
    other.tap("Con trâu")?;
    other.sees("Đã xong 2 trên")?;
    tab.reload()?;
    tab.sees("Đã xong 1 trên")?;
    other.tap("Học tiếp")?;
    learn(&other, &lessons[2])?;
    other.sees("Đã lưu trên máy này")?;
    tab.reload()?;
    tab.sees("Đã xong 1 trên")?;
    assert_eq!(tab.errors(), [""; 0]);
    assert_eq!(other.errors(), [""; 0]);
    Ok(())
}

#[test]
fn two_learners_on_localhost() -> anyhow::Result<()> {
    two_learners_at(Station::localhost)
}

#[test]
fn two_learners_in_a_hall() -> anyhow::Result<()> {
    two_learners_at(Station::hall)
}

/// Takes the PIN that was typed, and gives the phone to somebody new.
fn locks_and_passes_on(tab: &Tab) -> anyhow::Result<()> {
    tab.tap("Dùng mã này")?;
    tab.sees("Hồ sơ này đang có mã.")?;
    tab.tap("Của tôi")?;
    tab.tap("Người khác học")?;
    tab.tap_in("Thêm người học", "Con cá")?;
    tab.sees("Hôm nay mình học gì?")
}

/// Notes where the last link of the content is, at every look.
const NOTE_PLACES: &str = "globalThis.places = new Set(); (function look() {
    const link = [...document.querySelectorAll('#main a')].at(-1);
    if (link) places.add(Math.round(link.getBoundingClientRect().top));
    requestAnimationFrame(look);
})()";

#[test]
fn what_is_tapped_stays_where_it_is_when_the_worker_answers() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let home = hub.hall()?;
    let tab = browser.open(&home)?;
    learn_first(&tab, &lessons::all()?[0])?;
    agree(&tab)?;
    tab.sees("Đã gửi cho tổ")?;
    tab.before_pages(NOTE_PLACES)?;
    tab.go(&format!("{home}/toi"))?;
    tab.sees("Đã gửi cho tổ")?;
    tab.becomes("places.size", 1)
}

#[test]
fn a_pin_is_asked_for_kindly_and_opens_what_was_kept() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let home = hub.hall()?;
    let lessons = lessons::all()?;
    let tab = browser.open(&home)?;
    tab.sees("Hoa sen")?;
    learn_first(&tab, &lessons[0])?;
    tab.tap("Bài học")?;
    tab.tap("Của tôi")?;
    tab.tap("Mã 4 số")?;
    tab.fill("Mã 4 số", "0417")?;
    picture(&tab, "people-2-pin")?;
    locks_and_passes_on(&tab)?;
    turn(&tab)?;
    tab.sees("Có mã 4 số")?;
    tab.tap("Hoa sen Có mã 4 số")?;
    tab.fill("Mã 4 số", "1111")?;
    tab.sees("Chưa đúng mã. Không sao, bà con gõ lại nhé.")?;
    picture(&tab, "people-3-wrong-pin")?;
    tab.tap("Tôi quên mã")?;
    tab.sees("Bài cũ vẫn nằm yên trên máy.")?;
    assert!(!tab.shows("Đã xong 1 trên")?);
    tab.fill("Mã 4 số", "0417")?;
    tab.sees("Đã xong 1 trên")?;

    // The PIN itself is kept nowhere; a new visit asks for it, wherever it begins.
    let kept = tab.eval("JSON.stringify({...localStorage, ...sessionStorage})")?;
    assert!(!kept.as_str().unwrap_or_default().contains("0417"), "{kept}");
    tab.close()?;
    let tab = browser.open(&format!("{home}/bai/1/2"))?;
    tab.sees("Bà con gõ mã 4 số của mình.")?;
    tab.fill("Mã 4 số", "0417")?;
    tab.sees(&lessons[1].title)?;
    tab.sees("Tiếp tục")?;
    tab.reload()?;
    tab.sees("Tiếp tục")?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

#[test]
fn another_tab_opens_no_pin() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let home = hub.hall()?;
    let tab = browser.open(&home)?;
    tab.sees("Hoa sen")?;
    learn_first(&tab, &lessons::all()?[0])?;
    tab.tap("Bài học")?;
    tab.tap("Của tôi")?;
    tab.tap("Mã 4 số")?;
    tab.fill("Mã 4 số", "0417")?;
    locks_and_passes_on(&tab)?;
    let other = browser.open(&home)?;
    other.sees("Con cá")?;
    other.sees("Hôm nay mình học gì?")?;

    // Whoever leaves in one tab leaves the next one's PIN to be given, there and in every other tab.
    tab.tap("Của tôi")?;
    tab.tap("Rút lại đồng ý và xóa")?;
    tab.tap("Xóa hồ sơ trên máy này")?;
    tab.sees("Đã xóa hồ sơ Con cá trên máy này.")?;
    for _ in 0..2 {
        other.sees("Bà con gõ mã 4 số của mình.")?;
        assert!(!other.shows("Đã xong 1 trên")?);
        other.go(&home)?;
    }
    other.fill("Mã 4 số", "0417")?;
    other.sees("Đã xong 1 trên")?;
    assert_eq!(tab.errors(), [""; 0]);
    assert_eq!(other.errors(), [""; 0]);
    Ok(())
}

#[test]
fn who_is_removed_by_mistake_is_taken_back() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let tab = browser.open(&hub.localhost()?)?;
    tab.sees("Hoa sen")?;
    learn_first(&tab, &lessons[0])?;
    let remove = || {
        tab.tap("Bài học")?;
        tab.tap("Của tôi")?;
        tab.tap("Rút lại đồng ý và xóa")?;
        tab.sees("Bài đã gửi vẫn được tính.")?;
        tab.tap("Xóa hồ sơ trên máy này")?;
        tab.sees("Đã xóa hồ sơ Hoa sen trên máy này.")
    };
    remove()?;
    picture(&tab, "people-4-removed")?;
    tab.tap("Lấy lại")?;
    tab.sees("Đã lưu trên máy này")?;
    tab.tap("Bài học")?;
    tab.sees("Đã xong 1 trên")?;

    // The next action ends it, and nothing is left: neither in the page nor in the worker.
    remove()?;
    tab.tap("Bài học")?;
    tab.sees("Hôm nay mình học gì?")?;
    tab.sees("Con trâu")?;
    tab.wait_until("!Object.keys(localStorage).some((key) => key.startsWith('bdhv.outbox.'))")?;
    let left = tab.eval("Object.keys(localStorage).filter((key) => /^bdhv.(quiz|done|last)/.test(key)).length")?;
    assert_eq!(left, 0);
    tab.reload()?;
    tab.sees("Hôm nay mình học gì?")?;
    assert!(!tab.shows("Đã xong 1 trên")?);
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

/// Lets a page be left and brought back as it was. Browsers decide by themselves which pages they bring back so.
const BROUGHT_BACK: &str = "['pagehide', 'pageshow'].forEach((name) =>
  dispatchEvent(new PageTransitionEvent(name, { persisted: true })))";

#[test]
fn a_page_that_is_brought_back_is_loaded_again_and_saves() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let tab = browser.open(&hub.localhost()?)?;
    tab.tap("Bắt đầu học")?;
    learn(&tab, &lessons[0])?;
    tab.sees("Đã lưu trên máy này")?;
    tab.eval("globalThis.left = true")?;
    tab.eval(BROUGHT_BACK)?;
    tab.wait_until("globalThis.left === undefined")?;
    tab.tap("Bài học")?;
    tab.sees("Đã xong 1 trên")?;
    tab.tap("Học tiếp")?;
    learn(&tab, &lessons[1])?;
    tab.sees("Đã lưu trên máy này")?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

#[test]
fn a_page_that_is_brought_back_when_the_hub_has_gone_stays_and_saves() -> anyhow::Result<()> {
    let (mut hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let home = hub.hall()?;
    let tab = browser.open(&home)?;
    // The worker has answered: what its successor needs is in the browser's cache.
    tab.sees("Đóng trang rồi thì cần mạng của tổ mới mở lại được")?;
    tab.tap("Bắt đầu học")?;
    tab.sees("Đọc cả bài")?;
    hub.stop()?;
    tab.eval("globalThis.left = true")?;
    tab.eval(BROUGHT_BACK)?;
    learn(&tab, &lessons[0])?;
    tab.sees("Đã lưu trên máy này")?;
    tab.becomes("globalThis.left", true)?;
    hub.resume()?;
    tab.go(&home)?;
    tab.sees("Đã xong 1 trên")
}
