//! Line icons and the picture of the home screen, as the inside of an `<svg>`.

use leptos::prelude::*;

/// An open book: lessons.
pub const BOOK: &str =
    r#"<path d="M12 6.5C10 5 7 4.5 3.5 5v13c3.5-.5 6.5 0 8.5 1.5 2-1.5 5-2 8.5-1.5V5c-3.5-.5-6.5 0-8.5 1.5Zm0 0v13"/>"#;
/// A triangle to the right: start, go on.
pub const PLAY: &str = r#"<path d="M7 4.5v15l12-7.5z" fill="currentColor"/>"#;
/// A loudspeaker: listen.
pub const SOUND: &str = r#"<path d="M4 9.5v5h3.5l5 4v-13l-5 4zM16 9.5a3.5 3.5 0 0 1 0 5m2.5-7.5a7 7 0 0 1 0 10"/>"#;
/// Two bars: pause.
pub const PAUSE: &str = r#"<path d="M8.5 5v14m7-14v14"/>"#;
/// A square: stop.
pub const STOP: &str = r#"<path d="M6 6h12v12H6z" fill="currentColor"/>"#;
/// An arrow to the right: the next lesson.
pub const NEXT: &str = r#"<path d="M4 12h15m-6-6 6 6-6 6"/>"#;
/// An arrow to the left: what was before.
pub const BACK: &str = r#"<path d="M20 12H5m6-6-6 6 6 6"/>"#;
/// An arrow up: the thing above this word.
pub const UP: &str = r#"<path d="M12 20V5m-6 6 6-6 6 6"/>"#;
/// An arrow into a tray: keep on this phone.
pub const KEEP: &str = r#"<path d="M12 3.5v11m-5-5 5 5 5-5M4 15.5v4.5h16v-4.5"/>"#;
/// A bin: keep no longer.
pub const BIN: &str = r#"<path d="M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13"/>"#;
/// A shield with a tick: genuine.
pub const SAFE: &str = r#"<path d="M12 3l7.5 3v5c0 5-3.2 8.2-7.5 10-4.3-1.8-7.5-5-7.5-10V6zM8.5 12l2.5 2.5 4.5-5"/>"#;
/// A triangle with a mark: beware.
pub const ALERT: &str = r#"<path d="M12 3.5 2.5 20h19zM12 10v4.5m0 2.6v.1"/>"#;
/// A tick: done, right.
pub const TICK: &str = r#"<path d="m4.5 12.5 5 5 10-11"/>"#;
/// A circular arrow: try again.
pub const AGAIN: &str = r#"<path d="M19 12a7 7 0 1 1-2-5m2.5-3v4.5H15"/>"#;
/// A question mark in a circle: help.
pub const HELP: &str =
    r#"<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7m0 3v.1"/>"#;
/// A small and a large A: text size.
pub const SIZE: &str = r#"<path d="m2.5 18 3.5-9 3.5 9m-6-3h5M11.5 18 16.5 5l5 13m-8.5-4.5h7"/>"#;
/// A house on a pin: the commune.
pub const PLACE: &str = r#"<path d="M12 21c-4-4.5-6.5-7.5-6.5-11a6.5 6.5 0 0 1 13 0c0 3.5-2.5 6.5-6.5 11Z"/><circle cx="12" cy="10" r="2.3"/>"#;
/// A phone: on this phone.
pub const PHONE: &str = r#"<rect x="7" y="3" width="10" height="18" rx="2"/><path d="M11 18h2"/>"#;
/// Three people: the team.
pub const TEAM: &str = r#"<circle cx="12" cy="8" r="3"/><path d="M6.5 19a5.5 5.5 0 0 1 11 0M5 11.5A2.3 2.3 0 1 1 5.5 7M2 17.5A4 4 0 0 1 4.5 14M19 11.5A2.3 2.3 0 1 0 18.5 7M22 17.5A4 4 0 0 0 19.5 14"/>"#;
/// A building with columns: the province.
pub const HALL: &str = r#"<path d="M3.5 9.5 12 4l8.5 5.5zM5 20h14M6.5 12.5V17m3.7-4.5V17m3.6-4.5V17m3.7-4.5V17"/>"#;
/// A lens: search.
pub const SEARCH: &str = r#"<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5.5 5.5"/>"#;
/// A target: what a lesson is for.
pub const GOAL: &str =
    r#"<circle cx="12" cy="12" r="8.5"/><circle cx="12" cy="12" r="4.5"/><circle cx="12" cy="12" r=".8"/>"#;
/// An hourglass: on its way.
pub const WAIT: &str =
    r#"<path d="M7 3.5h10M7 20.5h10M8 3.5c0 5 8 6 8 8.5s-8 3.5-8 8.5M16 3.5c0 5-8 6-8 8.5s8 3.5 8 8.5"/>"#;

/// Writes an icon beside a word as text.
pub(crate) fn markup(inside: &'static str) -> String {
    ["<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">", inside, "</svg>"].concat()
}

/// Shows an icon beside a word; it is hidden from screen readers.
pub fn icon(inside: &'static str) -> AnyView {
    view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" inner_html=inside></svg> }.into_any()
}

/// Sugar palms, rice and the Bảy Núi hills under a morning sun.
const LANDSCAPE: &str = concat!(
    r#"<rect width="360" height="132" class="l-sky"/><circle cx="258" cy="56" r="25" class="l-sun"/>"#,
    r#"<path d="M0 90q46-36 92-20 32-30 76-4 40-20 84 8 52-28 108 6v56H0z" class="l-far"/>"#,
    r#"<path d="M0 104q90-20 180-6t180-8v42H0z" class="l-field"/>"#,
    r#"<path d="M0 116q90-13 180-4t180-6M0 127q90-11 180-3t180-5" class="l-row"/>"#,
    r#"<path d="M50 112q4-30 2-56M92 109q0-20 3-34" class="l-palm"/>"#,
    r#"<path d="M52 52l-20 6m20-6-21-5m21 5-17-15m17 15-7-20m7 20 5-21m-5 21 15-16m-15 16 21-6m-21 6 20 5"#,
    r#"M95 72l-14 4m14-4-15-3m15 3-12-10m12 10-5-14m5 14 4-15m-4 15 11-11m-11 11 15-4m-15 4 14 4" class="l-leaf"/>"#,
);

/// Shows the landscape of the home screen.
pub fn landscape() -> AnyView {
    view! {
        <svg
            class="landscape"
            viewBox="0 0 360 132"
            preserveAspectRatio="xMidYMax slice"
            aria-hidden="true"
            inner_html=LANDSCAPE
        ></svg>
    }
    .into_any()
}
