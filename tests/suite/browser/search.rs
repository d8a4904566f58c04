//! A lesson is found by what people type.

use anyhow::Context as _;
use tests::lessons;

use super::harness::begin;
use super::screens::picture;

#[test]
fn a_lesson_is_found_without_accents_and_with_errors() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let transfer = lessons.iter().find(|lesson| lesson.title.starts_with("Chuyển tiền")).context("there is one")?;
    let tab = browser.open(&hub.hall()?)?;
    // The app is there to hear what is typed.
    tab.sees("Giữ lại để học không cần mạng")?;
    for (query, title) in [("vnied", "VNeID"), ("ma otp", "Mã OTP"), ("chuyn tien", &transfer.title)] {
        tab.fill("Tìm bài học", query)?;
        tab.sees_no("Giữ lại để học không cần mạng")?;
        tab.sees_in("Xem hết các bài", title)?;
    }
    picture(&tab, "search-1-found")?;
    tab.tap(&transfer.title)?;
    tab.sees("Màn 1 trên")?;
    tab.eval("history.back()")?;
    tab.sees_in("Xem hết các bài", &transfer.title)?;

    tab.fill("Tìm bài học", "máy bay")?;
    tab.sees("Chưa thấy bài nào.")?;
    picture(&tab, "search-2-nothing")?;
    tab.tap("Xem hết các bài")?;
    for lesson in [&lessons[0], transfer] {
        tab.sees(&lesson.title)?;
    }
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

/// Holds the app back until `letGo` is called: a person types before it is there.
const HOLD: &str = "const real = fetch, held = new Promise((go) => { globalThis.letGo = go });
    globalThis.fetch = (address, ...rest) =>
        String(address.url ?? address).includes('.wasm') ? held.then(() => real(address, ...rest)) : real(address, ...rest)";

#[test]
fn what_was_typed_before_the_app_came_is_searched_for() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.blank()?;
    tab.before_pages(HOLD)?;
    tab.go(&hub.hall()?)?;
    tab.eval("globalThis.served = document.getElementById('main'), 0")?;
    tab.fill("Tìm bài học", "ma otp")?;
    assert_eq!(tab.eval("served.isConnected")?, true, "the app came before anyone typed");
    tab.eval("letGo()")?;
    tab.sees_in("Xem hết các bài", "Mã OTP")?;
    tab.becomes("document.activeElement.value", "ma otp")?;
    // Who typed goes on where they were.
    tab.becomes("document.activeElement.selectionStart", 6)?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}
