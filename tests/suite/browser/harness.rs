//! How stories begin; and the harness itself: what it says about a page is so.

use anyhow::Context as _;
use tests::browser::{Browser, NO_WEBASSEMBLY, Tab};
use tests::hall::Station;
use tests::scratch::Scratch;
use tests::screens::{SCREENS, Visit};

/// A phone that was never here: its browser, and where that keeps things as long as this is held.
pub(super) fn new_phone() -> anyhow::Result<(Scratch, Browser)> {
    let profile = Scratch::new("profile")?;
    let browser = Browser::start(profile.path())?;
    Ok((profile, browser))
}

/// A hub, and a phone that was never here.
pub(super) fn begin() -> anyhow::Result<(Station, Scratch, Browser)> {
    let hub = Station::hub(&[])?;
    let (profile, browser) = new_phone()?;
    Ok((hub, profile, browser))
}

/// A province, a hub that reports to it, and a phone that was never here.
pub(super) fn begin_below_a_province() -> anyhow::Result<(Station, Station, Scratch, Browser)> {
    let province = Station::province()?;
    let hub = Station::hub(&[province.ticket()?])?;
    let (profile, browser) = new_phone()?;
    Ok((province, hub, profile, browser))
}

/// Visits every screen in a language, and fails with all that is found wrong there; a look is told which screen
/// it is, and its number.
pub(super) fn every_screen(
    lang: &str,
    prepare: impl Fn(&Tab) -> anyhow::Result<()>,
    look: impl Fn(&Visit, usize, &str) -> anyhow::Result<Vec<String>>,
) -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.blank()?;
    prepare(&tab)?;
    let visit = Visit::begin(tab, hub.hall()?, lang)?;
    let mut found = Vec::new();
    for (at, (name, reach)) in SCREENS.iter().enumerate() {
        reach(&visit).with_context(|| format!("{name} in {lang}"))?;
        found.extend(look(&visit, at, name)?.into_iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(found.is_empty(), "in {lang}:\n{}", found.join("\n"));
    Ok(())
}

/// Makes a test of each language, so that they run beside each other: a function takes the language's tag.
macro_rules! in_every_language {
    ($look:ident) => {
        #[test]
        fn every_screen_in_vietnamese() -> anyhow::Result<()> {
            $look("vi")
        }

        #[test]
        fn every_screen_in_khmer() -> anyhow::Result<()> {
            $look("km")
        }

        #[test]
        fn every_screen_in_english() -> anyhow::Result<()> {
            $look("en")
        }
    };
}
pub(super) use in_every_language;

/// A page with what lessons have: buttons, a field with a label, something hidden, something late.
const PAGE: &str = "data:text/html;charset=utf-8,<title>t</title><meta name=viewport content='width=device-width'>\
    <body onload='setTimeout(() => late.hidden = false, 300)'>\
    <button onclick='said.textContent = \"chạm rồi\"'>Bắt đầu học</button>\
    <label>Tìm xã <input oninput='said.textContent = this.value'></label>\
    <p id=said></p><p hidden>giấu</p><p id=late hidden>đến sau</p>\
    <script>console.error('lỗi thử')</script>";

#[test]
fn taps_fills_and_sees() -> anyhow::Result<()> {
    let (profile, browser) = new_phone()?;
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
    let (_profile, browser) = new_phone()?;
    let tab = browser.blank()?;
    tab.before_pages(NO_WEBASSEMBLY)?;
    tab.go(PAGE)?;
    assert_eq!(tab.eval("typeof WebAssembly")?, "undefined");
    Ok(())
}
