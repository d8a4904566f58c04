//! Within Zalo: lessons can be read, and the way to a browser is shown.

use tests::lessons;
use tests::resident::learn;

use super::harness::begin;
use super::screens::picture;

/// What Zalo's browser on a cheap phone calls itself.
const ZALO: &str = "Mozilla/5.0 (Linux; Android 9; SM-A105F; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 \
    Chrome/119.0.6045.66 Mobile Safari/537.36 Zalo android/12100690 ZaloTheme/light ZaloLanguage/vi";

#[test]
fn lessons_are_read_and_the_address_goes_to_a_browser() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lesson = &lessons::all()?[0];
    for (home, secure) in [(hub.hall()?, false), (hub.localhost()?, true)] {
        let address = format!("{home}/bai/{}/{}", lesson.course, lesson.lesson);
        let tab = browser.blank()?;
        tab.call_itself(ZALO)?;
        // As it is where the bundle does not run.
        tab.block(&["*.wasm"])?;
        tab.go(&address)?;
        tab.sees(&lesson.opening)?;
        tab.sees("Mở bằng Chrome")?;
        let link = tab.eval("document.querySelector('.in-app a').href")?;
        let link = link.as_str().unwrap_or_default();
        let place = address.trim_start_matches("http://");
        assert!(
            link.starts_with(&format!("intent://{place}#Intent;scheme=http;package=com.android.chrome;")),
            "{link}"
        );
        assert_eq!(tab.eval("isSecureContext && !!navigator.clipboard")?, secure);
        tab.tap("Chép địa chỉ trang này")?;
        // Copied, or marked to be copied.
        tab.wait_until("document.querySelector('.in-app [role=status]').textContent !== ''")?;
        let marked = "(() => { const field = document.querySelector('.in-app input');
            return field.value.slice(field.selectionStart, field.selectionEnd); })()";
        tab.becomes(marked, address.as_str())?;
        picture(&tab, if secure { "in-app-secure" } else { "in-app" })?;
        tab.close()?;
    }
    // Nothing is kept where nothing stays, and nobody else sees the hint.
    let tab = browser.blank()?;
    tab.call_itself(ZALO)?;
    tab.go(&hub.localhost()?)?;
    tab.tap("Bắt đầu học")?;
    learn(&tab, lesson)?;
    tab.sees("Đã lưu trên máy này")?;
    assert_eq!(tab.eval("navigator.serviceWorker.getRegistrations().then((all) => all.length)")?, 0);
    let tab = browser.open(&hub.localhost()?)?;
    tab.sees("Bắt đầu học")?;
    assert!(!tab.shows("Mở bằng Chrome")?);
    Ok(())
}
