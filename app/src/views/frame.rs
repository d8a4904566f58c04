//! What surrounds every screen: the name above, help and the bar of three buttons below.
//!
//! Only the server renders it; the bundle in the browser replaces `<main>` alone.

use leptos::prelude::*;

use super::icons;
use crate::{
    messages::{Lang, Message, text},
    route::Route,
};

/// The text sizes, as factors of the basic size.
pub const SIZES: [(&str, Message); 4] = [
    ("1", Message::SizeNormal),
    ("1.25", Message::SizeLarge),
    ("1.5", Message::SizeLarger),
    ("2", Message::SizeLargest),
];

/// The themes, by the name that the stylesheet gives them; none is as the phone is set.
pub const THEMES: [(&str, Message); 4] = [
    ("", Message::ThemeAuto),
    ("light", Message::ThemeLight),
    ("dark", Message::ThemeDark),
    ("contrast", Message::ThemeContrast),
];

/// Id of the help on every page.
pub const HELP_ID: &str = "tro-giup";

/// Surrounds the markup of a screen.
///
/// The hint for who is within another app stands below the link that skips it: first things first. What that link
/// leads to can have the focus, or the next stop of the keyboard would be back at the top.
pub fn page(lang: Lang, hint: Option<AnyView>, main: String) -> AnyView {
    view! {
        <a class="skip" href="#main">{text(lang, Message::SkipToContent)}</a>
        {hint}
        <header class="top">
            <a href="/">
                <span class="brand">{text(lang, Message::Brand)}</span>
                <span class="place">{text(lang, Message::Province)}</span>
            </a>
        </header>
        <main id="main" tabindex="-1" inner_html=main></main>
        {help(lang)}
        {bar(lang)}
    }
    .into_any()
}

fn help(lang: Lang) -> AnyView {
    let lines = [Message::HelpTap, Message::HelpTeam, Message::HelpKept, Message::HelpSafe]
        .map(|line| view! { <li>{text(lang, line)}</li> });
    let sizes = SIZES.map(|(size, name)| {
        view! {
            <li>
                <button type="button" data-size-set=size>
                    <span class="size-letter" aria-hidden="true">"A"</span>
                    {text(lang, name)}
                </button>
            </li>
        }
    });
    view! {
        <section class="help" id=HELP_ID tabindex="-1" aria-labelledby="tro-giup-ten">
            <h2 id="tro-giup-ten">{text(lang, Message::HelpTitle)}</h2>
            <ul class="help-lines">{lines}</ul>
            <h3 class="needs-js">{text(lang, Message::TextSize)}</h3>
            <ul class="sizes needs-js">{sizes}</ul>
            <h3 class="needs-js">{text(lang, Message::Theme)}</h3>
            <ul class="sizes needs-js">{THEMES.map(|(theme, name)| theme_button(lang, theme, name))}</ul>
            <h3>{text(lang, Message::Language)}</h3>
            <ul class="choices">{languages(lang)}</ul>
            <a class="secondary" href=Route::Commune.to_string()>
                {icons::icon(icons::PLACE)}
                <span>{text(lang, Message::CommuneLink)}</span>
            </a>
        </section>
    }
    .into_any()
}

/// Offers a theme, with a letter in its colours.
fn theme_button(lang: Lang, theme: &'static str, name: Message) -> AnyView {
    let look = (!theme.is_empty()).then_some(theme);
    let letter = if theme.is_empty() { icons::icon(icons::PHONE) } else { "A".into_any() };
    view! {
        <li>
            <button type="button" data-theme-set=theme>
                <span class="theme-look" data-theme=look aria-hidden="true">{letter}</span>
                {text(lang, name)}
            </button>
        </li>
    }
    .into_any()
}

/// Offers the languages: links, so that they work without a script.
fn languages(lang: Lang) -> Vec<AnyView> {
    let link = |other: Lang| {
        let current = (other == lang).then_some("true");
        view! {
            <li>
                <a href=["?lang=", other.tag()].concat() lang=other.tag() data-lang-set=other.tag() aria-current=current>
                    {other.name()}
                </a>
            </li>
        }
        .into_any()
    };
    Lang::ALL.map(link).into_iter().collect()
}

fn bar(lang: Lang) -> AnyView {
    view! {
        <nav class="bar">
            <a href=Route::Home.to_string()>
                {icons::icon(icons::BOOK)}
                <span>{text(lang, Message::Lessons)}</span>
            </a>
            <button type="button" class="needs-js" data-size-step="">
                {icons::icon(icons::SIZE)}
                <span>{text(lang, Message::BiggerText)}</span>
            </button>
            <a href=["#", HELP_ID].concat()>
                {icons::icon(icons::HELP)}
                <span>{text(lang, Message::Help)}</span>
            </a>
        </nav>
    }
    .into_any()
}
