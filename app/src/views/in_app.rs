//! The hint above every page in the browser of a messenger, which keeps nothing for long.

use leptos::prelude::*;

use super::icons;
use crate::messages::{Lang, Message, text};

/// A browser, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Viewer {
    /// A browser of its own.
    #[default]
    Browser,
    /// A page within another app on Android, from where a link opens Chrome.
    InAndroidApp,
    /// A page within another app elsewhere.
    InApp,
}

/// What messengers and social networks write into the name of the browser they bring: Zalo, Facebook (twice),
/// Messenger, Instagram, `TikTok`, Viber, and Android's `WebView`.
const IN_APP: [&str; 8] = ["Zalo", "FBAN", "FBAV", "FB_IAB", "Instagram", "BytedanceWebview", "Viber", "; wv)"];

impl Viewer {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Browser, Self::InAndroidApp, Self::InApp];

    /// Tells the kind from what a browser calls itself.
    pub fn of(user_agent: &str) -> Self {
        match IN_APP.iter().any(|name| user_agent.contains(name)) {
            false => Self::Browser,
            true if user_agent.contains("Android") => Self::InAndroidApp,
            true => Self::InApp,
        }
    }
}

/// Shows how to come to a browser that keeps what is learnt; nothing in one.
pub fn hint(lang: Lang, viewer: Viewer) -> Option<AnyView> {
    let android = match viewer {
        Viewer::Browser => return None,
        Viewer::InAndroidApp => true,
        Viewer::InApp => false,
    };
    let words = if android { Message::InAppWhy } else { Message::InAppWhyOther };
    Some(
        view! {
            <aside class="in-app">
                <p>{text(lang, words)}</p>
                {android.then(|| view! {
                    <a class="secondary" href="#main">{icons::icon(icons::PHONE)} <span>{text(lang, Message::InAppOpen)}</span></a>
                })}
                <button type="button" class="secondary needs-js">
                    {icons::icon(icons::KEEP)}
                    <span>{text(lang, Message::InAppCopy)}</span>
                </button>
                <input readonly class="needs-js" aria-label=text(lang, Message::InAppAddress)/>
                <p role="status" data-done=text(lang, Message::InAppCopied) data-hold=text(lang, Message::InAppHold)></p>
            </aside>
        }
        .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_within_apps_are_known_by_their_names() {
        let cases = [
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36",
                Viewer::Browser,
            ),
            (
                "Mozilla/5.0 (Linux; Android 9; SM-A105F; wv) AppleWebKit/537.36 Version/4.0 Chrome/119.0 Mobile Safari/537.36 Zalo android/12100690",
                Viewer::InAndroidApp,
            ),
            (
                "Mozilla/5.0 (Linux; Android 11; RMX3231; wv) Chrome/120 Mobile [FB_IAB/FB4A;FBAV/440.0;]",
                Viewer::InAndroidApp,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 16_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Zalo iOS/511",
                Viewer::InApp,
            ),
            ("", Viewer::Browser),
        ];
        for (name, viewer) in cases {
            assert_eq!(Viewer::of(name), viewer, "{name}");
        }
    }

    #[test]
    fn the_hint_is_for_pages_within_apps_alone() {
        assert!(hint(Lang::Vi, Viewer::Browser).is_none());
        let shown = |viewer| hint(Lang::Vi, viewer).unwrap().to_html();
        assert!(shown(Viewer::InAndroidApp).contains("Mở bằng Chrome"));
        assert!(!shown(Viewer::InApp).contains("Mở bằng Chrome"), "a phone without Android's links");
    }
}
