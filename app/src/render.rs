//! Whole pages, rendered on the server: everything to read is there before any script arrives.

use std::sync::{Arc, OnceLock};

use content::{
    Criteria,
    pack::{Catalogue, CourseManifest, Hash, Lesson},
};
use data_encoding::BASE64;
use leptos::prelude::*;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{
    assets::assets,
    communes,
    messages::{Lang, Message, text},
    paper::{self, Paper, Title, Word},
    province::Feed,
    route::{Pane, Route},
    state::{App, Load, OpenLesson},
    views::{
        self, dashboard,
        in_app::{self, Viewer},
        parts::escape,
    },
};

/// The one stylesheet; it stands in the page itself, so that the first paint needs no second request.
const STYLE: &str = include_str!("../style.css");

/// What only the page of what is the learner's own shows.
const ME_STYLE: &str = include_str!("me.css");
/// What the province's page needs beside it.
const PROVINCE_STYLE: &str = include_str!("province.css");
/// Which theme a phone's own settings choose, where the learner chose none.
const THEMES: [(&str, &str); 2] =
    [("dark", "(prefers-color-scheme:dark)"), ("contrast", "(prefers-contrast:more) and (prefers-color-scheme:light)")];

/// What a page in Khmer adds: its font, for its letters only. `{}` is where the font is.
const KHMER_STYLE: &str = include_str!("khmer.css");
/// What the page of confirmations needs beside it; other pages do not carry it.
const PAPER_STYLE: &str = include_str!("../paper.css");

/// A sun over a field, in the browser's tab; standing here, it costs no request.
const ICON: &str = concat!(
    r#"<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"#,
    r#"%3Crect width='32' height='32' rx='8' fill='%2307524e'/%3E%3Ccircle cx='16' cy='14' r='7' fill='%23f4b942'/%3E"#,
    r#"%3Cpath d='M4 21q12-7 24 0v3a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4z' fill='%238fb8a6'/%3E%3C/svg%3E">"#,
);

/// Class of a learner's page.
const LEARNER: &str = "learner";

/// Colour of the bars around the installed app.
pub const THEME: &str = "#07524e";

/// What installs the app, and what it looks like there.
const INSTALL: &str =
    r#"<link rel="manifest" href="/app.webmanifest"><link rel="apple-touch-icon" href="/icon/192.png">"#;

/// The script that keeps the app on a phone; the hub writes above it what there is to keep.
pub const WORKER: &str = include_str!("sw.js");

/// Paths of the screens that the learner's bundle shows, as a regular expression of JavaScript.
pub const SCREENS: &str = r"^\/(xa|toi|on-tap|bai\/\d+\/\d+)?$";

/// Sets text size, theme and language as they were chosen, before the first paint, and on a tap; works where
/// WebAssembly does not. Loads the bundle after the first paint. A page that the back button brings back as it
/// was is loaded again: its worker was ended, and another learner may hold the phone by now.
const SCRIPT: &str = include_str!("comfort.js");

/// Opens the page in a browser of its own, or copies its address; only where the page is within another app.
const IN_APP: &str = include_str!("in-app.js");

/// Addresses of what the browser loads after the page, as the built site lists them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Bundles {
    /// Start of the learner's bundle.
    pub ui_js: String,
    /// WebAssembly of the learner's bundle.
    pub ui_wasm: String,
    /// Start of the bundle of what is the learner's own.
    pub me_js: String,
    /// WebAssembly of the bundle of what is the learner's own.
    pub me_wasm: String,
    /// Start of the worker's bundle.
    pub worker_js: String,
    /// WebAssembly of the worker's bundle.
    pub worker_wasm: String,
    /// Start of the province's bundle.
    pub province_js: String,
    /// WebAssembly of the province's bundle.
    pub province_wasm: String,
    /// Start of the bundle of confirmations.
    pub paper_js: String,
    /// WebAssembly of the bundle of confirmations.
    pub paper_wasm: String,
    /// The list of communes.
    pub communes: String,
    /// The list of courses.
    pub catalogue: String,
}

/// A page to render.
#[derive(Debug, Clone, Copy)]
pub struct PageData<'a> {
    /// Language of the screens.
    pub lang: Lang,
    /// What the browser loads next; `None` where the bundles were not built.
    pub bundles: Option<&'a Bundles>,
    /// The list of courses.
    pub catalogue: &'a Catalogue,
    /// What shows it.
    pub viewer: Viewer,
    /// The page.
    pub page: Page<'a>,
}

/// What a page shows.
#[derive(Debug, Clone, Copy)]
pub enum Page<'a> {
    /// The list of courses.
    Home,
    /// A lesson, which the catalogue lists.
    Lesson(&'a Lesson),
    /// Choice of the commune.
    Commune,
    /// What was answered wrong, again.
    Review,
    /// No screen yet: what a phone keeps, to show any of them without the hub.
    Shell,
    /// What is the learner's own.
    Me,
    /// What a team confirmed, and checking it.
    Confirmation,
    /// The province's figures.
    Province(&'a Feed),
    /// An address that leads nowhere.
    NotFound,
}

/// Renders a page as a whole HTML document.
pub fn render(data: &PageData<'_>) -> String {
    let owner = Owner::new();
    let document = owner.with(|| match data.page {
        Page::Province(feed) => province(data, feed),
        Page::Confirmation => confirmation(data),
        _ => learner(data),
    });
    owner.cleanup();
    document
}

/// Returns the sources of the pages' inline scripts for `script-src` of a content security policy.
pub fn script_source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    let source = |script| ["'sha256-", &BASE64.encode(&Sha256::digest(script)), "'"].concat();
    SOURCE.get_or_init(|| [SCRIPT, IN_APP].map(source).join(" "))
}

/// Returns the stylesheet with each theme that it names also for phones whose own settings ask for it.
fn style() -> &'static str {
    static WHOLE: OnceLock<String> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let asked = THEMES
            .map(|(theme, when)| ["@media ", when, "{:root:not([data-theme]){", theme_tokens(theme), "}}\n"].concat());
        [STYLE, &asked.concat()].concat()
    })
}

/// Returns what a theme sets, as the stylesheet says.
fn theme_tokens(theme: &str) -> &'static str {
    let begin = ["[data-theme=\"", theme, "\"] {"].concat();
    let rest = STYLE.split_once(&begin).map_or("", |(_, rest)| rest);
    rest.split_once('}').map_or("", |(tokens, _)| tokens)
}

/// Colours the browser's own bar as the page is; the script follows the theme chosen.
fn theme_colors() -> &'static str {
    static METAS: OnceLock<String> = OnceLock::new();
    METAS.get_or_init(|| {
        let meta = |theme: &str, scheme: &str| {
            let paper = theme_tokens(theme).split_once("--paper: ").and_then(|(_, rest)| rest.split(';').next());
            let content = ["<meta name=\"theme-color\" content=\"", paper.unwrap_or_default()].concat();
            [&content, "\" media=\"(prefers-color-scheme:", scheme, ")\">"].concat()
        };
        [meta("light", "light"), meta("dark", "dark")].concat()
    })
}

fn learner(data: &PageData<'_>) -> String {
    let app = app(data);
    let own = matches!(data.page, Page::Me);
    let main = match data.page {
        Page::Shell => ["<p class=\"loading\" role=\"status\">", text(data.lang, Message::Loading), "</p>"].concat(),
        Page::Me => views::me::screen(&app, |_| ()).to_html(),
        _ => views::screen(&app, |_| ()).to_html(),
    };
    let hint = in_app::hint(data.lang, data.viewer);
    let within = hint.is_some();
    let mut body = views::frame::page(data.lang, hint, main).to_html();
    let mut head = Head::new(data.lang, &views::title(&app));
    head.style = if own { ME_STYLE } else { "" };
    if within {
        body = [&body, "<script>", IN_APP, "</script>"].concat();
        head.attribute("data-in-app", "");
    }
    match data.bundles {
        Some(bundles) => {
            head.messages();
            head.attribute("data-worker", &bundles.worker_js);
            head.attribute("data-communes", &bundles.communes);
            head.attribute("data-catalogue", &bundles.catalogue);
            if own {
                head.script(&bundles.me_js, &bundles.me_wasm);
            } else {
                head.script(&bundles.ui_js, &bundles.ui_wasm);
            }
            match data.page {
                Page::Shell => {
                    head.attribute("data-shell", "");
                    head.at_once = true;
                }
                _ => head.fetch(&bundles.catalogue),
            }
            if let Page::Lesson(lesson) = data.page
                && let Some(hash) = hash(data.catalogue, lesson)
            {
                head.fetch(&["/pack/", &hash.to_string()].concat());
            }
        }
        None => head.not_built = true,
    }
    head.document(&body)
}

fn hash(catalogue: &Catalogue, lesson: &Lesson) -> Option<Hash> {
    catalogue.lesson(lesson.course, lesson.lesson).map(|summary| summary.blob)
}

/// Makes the state that the browser's bundle will start from, without taps.
fn app(data: &PageData<'_>) -> App {
    let mut app = App { lang: data.lang, catalogue: Load::Ready(Arc::new(data.catalogue.clone())), ..App::default() };
    app.route = match data.page {
        Page::Home => Some(Route::Home),
        Page::Commune => Some(Route::Commune),
        Page::Review => Some(Route::Review),
        Page::Shell | Page::Confirmation | Page::Province(_) | Page::NotFound => None,
        Page::Me => Some(Route::Me(Pane::Own)),
        Page::Lesson(lesson) => {
            let key = (lesson.course, lesson.lesson);
            let hash = hash(data.catalogue, lesson).unwrap_or(Hash([0; 32]));
            let open = OpenLesson::of(Arc::new(lesson.clone()), hash);
            app.lessons.insert(key, Load::Ready(open));
            Some(Route::Lesson { course: key.0, lesson: key.1 })
        }
    };
    app
}

fn confirmation(data: &PageData<'_>) -> String {
    let criteria = Criteria::built_in();
    let title = |found: &CourseManifest| {
        let CourseManifest { course, language, title, .. } = found.clone();
        Title { course, language, title }
    };
    let titles = paper::titles_text(data.catalogue.courses.iter().map(title));
    let criteria_text = paper::criteria_text(&criteria);
    let state = Paper { lang: data.lang, criteria, titles: paper::titles_from_text(&titles), ..Paper::default() };
    let main = views::paper::screen(&state, |_| ()).to_html();
    let body = views::frame::page(data.lang, None, main).to_html();
    let mut head = Head::new(data.lang, paper::word(data.lang, Word::Title));
    head.style = PAPER_STYLE;
    head.attribute("data-criteria", &criteria_text);
    head.attribute("data-titles", &titles);
    match data.bundles {
        Some(bundles) => {
            head.attribute("data-communes", &bundles.communes);
            head.script(&bundles.paper_js, &bundles.paper_wasm);
            head.fetch(&bundles.communes);
        }
        None => head.not_built = true,
    }
    head.document(&body)
}

fn province(data: &PageData<'_>, feed: &Feed) -> String {
    let list = communes::parse(include_str!("../communes.csv")).unwrap_or_default();
    let dashboard = dashboard::Dashboard::of(data.lang, Arc::new(list), feed.clone());
    let body = dashboard::page(&dashboard);
    let mut head = Head::new(data.lang, text(data.lang, Message::ProvinceTitle));
    head.class = "province";
    head.style = PROVINCE_STYLE;
    match data.bundles {
        Some(bundles) => {
            head.messages();
            head.attribute("data-communes", &bundles.communes);
            head.script(&bundles.province_js, &bundles.province_wasm);
            head.fetch(&bundles.communes);
        }
        None => head.not_built = true,
    }
    head.document(&body.to_html())
}

/// The head of a document, and the attributes that tell the bundle where things are.
struct Head {
    lang: Lang,
    title: String,
    class: &'static str,
    attributes: String,
    links: String,
    /// Beside the stylesheet of every page.
    style: &'static str,
    /// Whether the bundle is loaded before the page is on the screen: there is nothing on it to read.
    at_once: bool,
    not_built: bool,
}

impl Head {
    fn new(lang: Lang, title: &str) -> Self {
        Self {
            lang,
            title: escape(title),
            class: LEARNER,
            attributes: String::new(),
            links: String::new(),
            style: "",
            at_once: false,
            not_built: false,
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.attributes.push_str(&[" ", name, "=\"", &escape(value), "\""].concat());
    }

    fn script(&mut self, js: &str, wasm: &str) {
        let (js, wasm) = (escape(js), escape(wasm));
        let start = ["<script type=\"module\" src=\"", &js, "\"></script>"].concat();
        self.links.push_str(&start);
        self.fetch(&wasm);
    }

    /// Names the texts of the page's language, where the bundle does not hold them.
    fn messages(&mut self) {
        if let Some(path) = assets().messages(self.lang) {
            self.attribute("data-messages", path);
            self.fetch(path);
        }
    }

    /// Lets the browser fetch early what the bundle will ask for.
    fn fetch(&mut self, address: &str) {
        let link = ["<link rel=\"preload\" as=\"fetch\" crossorigin href=\"", &escape(address), "\">"].concat();
        self.links.push_str(&link);
    }

    /// Writes what loads the bundle. The page comes first, on the network and on the screen: the script above
    /// puts what is in the template into the page after it was painted.
    fn loads(&self) -> String {
        if self.at_once { self.links.clone() } else { ["<template>", &self.links, "</template>"].concat() }
    }

    /// Names the font of a language whose letters a phone may not have, and fetches it early.
    fn font(&self) -> String {
        assets().font(self.lang).map_or(String::new(), |path| KHMER_STYLE.replace("{}", path))
    }

    fn document(&self, body: &str) -> String {
        let not_built = if self.not_built {
            ["<p class=\"notice\">", text(self.lang, Message::AppNotBuilt), "</p>"].concat()
        } else {
            String::new()
        };
        [
            "<!doctype html><html lang=\"",
            self.lang.tag(),
            "\" data-size=\"1\"><head><meta charset=\"utf-8\"><title>",
            &self.title,
            "</title><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"text-scale\" content=\"scale\">",
            theme_colors(),
            ICON,
            if self.class == LEARNER { INSTALL } else { "" },
            "<script>",
            SCRIPT,
            "</script><style>",
            style(),
            self.style,
            &self.font(),
            "</style>",
            &self.loads(),
            "</head><body class=\"",
            self.class,
            "\"",
            &self.attributes,
            ">",
            &not_built,
            body,
            "</body></html>",
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_is_in_the_stylesheet_and_sets_the_same_colours() {
        let names = |theme| {
            let tokens = theme_tokens(theme).lines().filter_map(|line| line.trim().split_once(':'));
            tokens.map(|(name, _)| name).filter(|name| *name != "color-scheme").collect::<Vec<_>>()
        };
        assert!(names("light").contains(&"--paper"));
        for theme in ["dark", "contrast"] {
            assert_eq!(names(theme), names("light"), "{theme}");
        }
        for (_, when) in THEMES {
            assert!(style().contains(when));
        }
        assert!(theme_colors().contains("content=\"#fbf4e6\""), "{}", theme_colors());
    }

    /// What is written in which colour on which.
    const PAIRS: [(&str, &str); 14] = [
        ("--ink", "--paper"),
        ("--ink", "--card"),
        ("--ink", "--teal-soft"),
        ("--ink", "--sun-soft"),
        ("--ink-soft", "--paper"),
        ("--ink-soft", "--card"),
        ("--teal", "--paper"),
        ("--teal", "--card"),
        ("--teal", "--teal-soft"),
        ("--on-teal", "--teal"),
        ("--on-teal", "--teal-press"),
        ("--sun-ink", "--sun-soft"),
        ("--sun-ink", "--card"),
        ("--on-sun", "--sun"),
    ];

    /// Returns the relative luminance of a colour (WCAG 2.2).
    fn luminance(theme: &str, name: &str) -> f64 {
        let tokens = theme_tokens(theme).lines().filter_map(|line| line.trim().split_once(": "));
        let value = tokens.filter(|(found, _)| *found == name).map(|(_, value)| value.trim_end_matches(';')).next();
        let digits: Vec<u32> =
            value.unwrap().trim_start_matches('#').chars().map(|c| c.to_digit(16).unwrap()).collect();
        let parts: Vec<u32> = match digits.len() {
            3 => digits.iter().map(|digit| digit * 17).collect(),
            _ => digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect(),
        };
        let linear = |part: u32| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(parts[0]) + 0.7152 * linear(parts[1]) + 0.0722 * linear(parts[2])
    }

    #[test]
    fn every_theme_has_its_contrast() {
        for (theme, least) in [("light", 7.0), ("dark", 7.0), ("contrast", 10.0)] {
            for (over, under) in PAIRS {
                let (a, b) = (luminance(theme, over), luminance(theme, under));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= least, "{over} on {under} in {theme}: {contrast:.1}");
            }
        }
    }
}
