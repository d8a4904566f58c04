//! The harness itself: what it says about a page is so.

use tests::browser::{Browser, NO_WEBASSEMBLY};
use tests::scratch::Scratch;

/// A page with what lessons have: buttons, a field with a label, something hidden, something late.
const PAGE: &str = "data:text/html;charset=utf-8,<title>t</title><meta name=viewport content='width=device-width'>\
    <body onload='setTimeout(() => late.hidden = false, 300)'>\
    <button onclick='said.textContent = \"chạm rồi\"'>Bắt đầu học</button>\
    <label>Tìm xã <input oninput='said.textContent = this.value'></label>\
    <p id=said></p><p hidden>giấu</p><p id=late hidden>đến sau</p>\
    <script>console.error('lỗi thử')</script>";

#[test]
fn taps_fills_and_sees() -> anyhow::Result<()> {
    let profile = Scratch::new("profile")?;
    let browser = Browser::start(profile.path())?;
    let tab = browser.open(PAGE)?;
    tab.sees("đến sau")?;
    assert!(!tab.shows("giấu")?);
    tab.tap("Bắt đầu")?;
    tab.sees("chạm rồi")?;
    tab.fill("Tìm xã", "Vĩnh Trạch")?;
    tab.sees("Vĩnh Trạch")?;
    assert_eq!(tab.errors(), ["lỗi thử"]);
    assert_eq!(tab.eval("[innerWidth, innerHeight].join()")?, "360,640");
    let picture = tab.picture(profile.path(), "page")?;
    assert!(std::fs::read(picture)?.starts_with(b"\x89PNG\r\n"));
    browser.kill()
}

#[test]
fn a_page_can_be_shown_without_webassembly() -> anyhow::Result<()> {
    let profile = Scratch::new("profile")?;
    let browser = Browser::start(profile.path())?;
    let tab = browser.blank()?;
    tab.before_pages(NO_WEBASSEMBLY)?;
    tab.go(PAGE)?;
    assert_eq!(tab.eval("typeof WebAssembly")?, "undefined");
    Ok(())
}
