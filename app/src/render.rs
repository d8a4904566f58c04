//! Whole pages, rendered on the server: everything to read is there before any script arrives.

use std::sync::{Arc, OnceLock};

use content::pack::{Catalogue, Hash, Lesson};
use data_encoding::BASE64;
use leptos::prelude::*;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{
    communes,
    messages::{Lang, Message, text},
    province::Feed,
    route::{Pane, Route},
    state::{App, Load, OpenLesson},
    views::{self, dashboard},
};

/// The one stylesheet; it stands in the page itself, so that the first paint needs no second request.
const STYLE: &str = include_str!("../style.css");

/// What only the page of what is the learner's own shows.
const ME_STYLE: &str = include_str!("me.css");

/// A sun over a field, in the browser's tab; standing here, it costs no request.
const ICON: &str = concat!(
    r#"<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"#,
    r#"%3Crect width='32' height='32' rx='8' fill='%2307524e'/%3E%3Ccircle cx='16' cy='14' r='7' fill='%23f4b942'/%3E"#,
    r#"%3Cpath d='M4 21q12-7 24 0v3a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4z' fill='%238fb8a6'/%3E%3C/svg%3E">"#,
);

/// Sets the text size before the first paint, and on a tap; works where WebAssembly does not.
const SCRIPT: &str = include_str!("size.js");

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
    /// What is the learner's own.
    Me,
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
        _ => learner(data),
    });
    owner.cleanup();
    document
}

/// Returns the source of the page's inline script for `script-src` of a content security policy.
pub fn script_source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| ["'sha256-", &BASE64.encode(&Sha256::digest(SCRIPT)), "'"].concat())
}

fn learner(data: &PageData<'_>) -> String {
    let app = app(data);
    let own = matches!(data.page, Page::Me);
    let main = if own { views::me::screen(&app, |_| ()) } else { views::screen(&app, |_| ()) }.to_html();
    let body = views::frame::page(data.lang, main).to_html();
    let mut head = Head::new(data.lang, &views::title(&app));
    head.style = if own { ME_STYLE } else { "" };
    match data.bundles {
        Some(bundles) => {
            head.attribute("data-worker", &bundles.worker_js);
            head.attribute("data-communes", &bundles.communes);
            head.attribute("data-catalogue", &bundles.catalogue);
            if own {
                head.script(&bundles.me_js, &bundles.me_wasm);
            } else {
                head.script(&bundles.ui_js, &bundles.ui_wasm);
            }
            head.fetch(&bundles.catalogue);
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
        Page::Me => Some(Route::Me(Pane::Own)),
        Page::Province(_) | Page::NotFound => None,
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

fn province(data: &PageData<'_>, feed: &Feed) -> String {
    let list = communes::parse(include_str!("../communes.csv")).unwrap_or_default();
    let dashboard = dashboard::Dashboard::of(data.lang, Arc::new(list), feed.clone());
    let body = dashboard::page(&dashboard);
    let mut head = Head::new(data.lang, text(data.lang, Message::ProvinceTitle));
    head.class = "province";
    match data.bundles {
        Some(bundles) => {
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
    /// Follows the one stylesheet.
    style: &'static str,
    not_built: bool,
}

impl Head {
    fn new(lang: Lang, title: &str) -> Self {
        Self {
            lang,
            title: escape(title),
            class: "learner",
            attributes: String::new(),
            links: String::new(),
            style: "",
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

    /// Lets the browser fetch early what the bundle will ask for.
    fn fetch(&mut self, address: &str) {
        let link = ["<link rel=\"preload\" as=\"fetch\" crossorigin href=\"", &escape(address), "\">"].concat();
        self.links.push_str(&link);
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
             <meta name=\"color-scheme\" content=\"light dark\">",
            ICON,
            "<script>",
            SCRIPT,
            "</script><style>",
            STYLE,
            self.style,
            "</style>",
            &self.links,
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

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
