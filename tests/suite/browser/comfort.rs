//! Language, theme and text size: chosen, remembered, and as the phone itself is set.

use tests::browser::{Browser, Tab};
use tests::hall::Station;
use tests::lessons;

use super::harness::begin;

/// A file of texts that another release wrote, in place of the one that was asked for.
const OTHER_RELEASE: &str = "const real = fetch; globalThis.fetch = (address, ...rest) =>
    String(address).includes('/messages-')
        ? Promise.resolve(new Response('bdhv-messages 1 0123456789abcdef\\n' + 'wrong\\n'.repeat(1000)))
        : real(address, ...rest)";

fn open(hub: &Station, browser: &Browser) -> anyhow::Result<Tab> {
    let tab = browser.open(&hub.hall()?)?;
    tab.sees("Bắt đầu học")?;
    Ok(tab)
}

fn token(tab: &Tab, name: &str) -> anyhow::Result<String> {
    let value = tab.eval(&format!("getComputedStyle(document.documentElement).getPropertyValue('{name}').trim()"))?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// Tells in the page whether it fetched a file with this in its name.
fn fetched(part: &str) -> String {
    format!("performance.getEntriesByType('resource').some((entry) => entry.name.includes({part:?}))")
}

#[test]
fn a_language_is_chosen_and_stays() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = open(&hub, &browser)?;
    for foreign in [".woff2", "/messages-"] {
        assert_eq!(tab.eval(&fetched(foreign))?, false, "Vietnamese needs no {foreign}");
    }
    tab.tap("ភាសាខ្មែរ")?;
    tab.sees("ចាប់ផ្តើមរៀន")?;
    // Not `document.fonts.check`: that is true as well while no style names the font.
    tab.wait_until("[...document.fonts].some((face) => face.status === 'loaded')")?;
    tab.wait_until(&fetched(".woff2"))?;
    tab.tap("ចាប់ផ្តើមរៀន")?;
    // The app's own words, those of the course around them.
    tab.sees(&lessons::all()?[0].title)?;
    tab.sees("រៀនចប់មេរៀននេះ")?;
    tab.sees("ជំហានទី 1")?;
    tab.reload()?;
    tab.sees("ជំហានទី 1")?;
    tab.go(&hub.hall()?)?;
    tab.sees("ចាប់ផ្តើមរៀន")?;
    tab.close()?;

    // Another day, by a link that says nothing of a language; and where cookies are refused too.
    let tab = browser.open(&hub.hall()?)?;
    tab.sees("ចាប់ផ្តើមរៀន")?;
    tab.eval("document.cookie = 'bdhv.lang=vi;path=/'")?;
    tab.go(&hub.hall()?)?;
    tab.sees("ចាប់ផ្តើមរៀន")?;
    tab.tap("Tiếng Việt")?;
    tab.sees("Bắt đầu học")?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

#[test]
fn without_its_texts_a_page_is_vietnamese_and_works() -> anyhow::Result<()> {
    for other in [None, Some(OTHER_RELEASE)] {
        let (hub, _profile, browser) = begin()?;
        let tab = browser.blank()?;
        match other {
            Some(script) => tab.before_pages(script)?,
            None => tab.block(&["*/messages-*"])?,
        }
        tab.go(&format!("{}/?lang=km", hub.hall()?))?;
        // The frame is the server's, in Khmer; what the app shows is Vietnamese.
        tab.sees("Bắt đầu học")?;
        tab.sees("មេរៀន")?;
        tab.tap("Bắt đầu học")?;
        tab.sees("Màn 1 trên")?;
    }
    Ok(())
}

#[test]
fn a_theme_is_chosen_and_stays_where_webassembly_does_not_run() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.blank()?;
    tab.block(&["*.wasm"])?;
    tab.go(&hub.hall()?)?;
    let light = token(&tab, "--paper")?;
    for (name, theme) in [("Tối", "dark"), ("Tương phản cao", "contrast"), ("Sáng", "light")] {
        tab.tap_in("Bà con cần giúp gì?", name)?;
        tab.wait_until(&format!("document.documentElement.dataset.theme === {theme:?}"))?;
        tab.reload()?;
        tab.becomes("document.documentElement.dataset.theme", theme)?;
        let pressed = "document.querySelector('[data-theme-set][aria-pressed=true]')?.innerText.trim()";
        tab.wait_until(&format!("{pressed}.endsWith({name:?})"))?;
        assert_eq!(token(&tab, "--paper")? == light, theme == "light");
        // The browser's bar has the colour of the page.
        tab.becomes("document.querySelector('meta[name=theme-color]').content.trim()", token(&tab, "--paper")?)?;
    }
    tab.prefer(&[("prefers-color-scheme", "dark")])?;
    assert_eq!(token(&tab, "--paper")?, light, "a choice outweighs the phone's");
    tab.tap_in("Bà con cần giúp gì?", "Theo máy")?;
    tab.wait_until("!('theme' in document.documentElement.dataset)")?;
    assert_ne!(token(&tab, "--paper")?, light);
    tab.reload()?;
    assert_ne!(token(&tab, "--paper")?, light);
    Ok(())
}

#[test]
fn what_the_phone_is_set_to_is_respected() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = open(&hub, &browser)?;
    let light = [token(&tab, "--paper")?, token(&tab, "--ink")?];
    tab.prefer(&[("prefers-color-scheme", "dark")])?;
    assert_ne!(token(&tab, "--paper")?, light[0]);
    tab.prefer(&[("prefers-contrast", "more")])?;
    assert_eq!([token(&tab, "--paper")?, token(&tab, "--ink")?], ["#fff", "#000"]);
    let moves = "getComputedStyle(document.querySelector('.primary')).transitionDuration !== '0s'";
    tab.prefer(&[("prefers-reduced-motion", "no-preference")])?;
    tab.becomes(moves, true)?;
    tab.prefer(&[("prefers-reduced-motion", "reduce")])?;
    tab.becomes(moves, false)?;
    // Letters are as large as the browser is told to make them, times the size chosen here.
    let size = "parseFloat(getComputedStyle(document.documentElement).fontSize)";
    tab.becomes(size, 19)?;
    tab.tap("Chữ to hơn")?;
    tab.wait_until(&format!("{size} === 23.75"))?;
    tab.reload()?;
    tab.becomes(size, 23.75)?;
    Ok(())
}
