//! The app with courses that are being written: pages rendered anew each time, and a script that reloads
//! them when a file changes.
//!
//! The script and its events exist here only; a hub serves neither. Nothing is kept or synced: the page finds
//! no `/hub.json`, and keeps what is learned in the browser.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use app::render::{Page, PageData, render};
use app::route::Route;
use app::views::in_app::Viewer;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use content::Compiled;
use content::pack::{Catalogue, DecodeError, EncodeError, Hash, Lesson, media_type};
use tokio::sync::watch;

use super::feed::Live;
use super::problem::{Problem, escaped};
use super::resource::{Cache, Resource};
use super::{guarded, language, policy};
use crate::site::Site;

/// The script of a page that reloads itself.
const SCRIPT: &str = include_str!("preview.js");
const SCRIPT_PATH: &str = "/preview.js";

/// Ends what keeps a hub's app, see `app/src/sw.js`.
const LEAVE: &str =
    "addEventListener('install',()=>skipWaiting());addEventListener('activate',()=>registration.unregister())";

/// Digits of the hash that stands for a state: chance does not make two alike.
const VERSION_DIGITS: usize = 16;

/// What is shown until the next change.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Names the state; alike only for what is shown alike.
    version: String,
    what: What,
}

#[derive(Debug)]
enum What {
    Courses { catalogue: Catalogue, lessons: HashMap<(u16, u16), Lesson>, files: HashMap<String, Resource> },
    Problems { lines: Vec<String> },
}

/// Says why compiled courses cannot be shown; those without problems can.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShowError {
    /// They are more than a catalogue holds.
    #[error("catalogue: {0}")]
    Catalogue(#[from] EncodeError),
    /// A lesson is not what was compiled.
    #[error("lesson: {0}")]
    Lesson(#[from] DecodeError),
}

impl Shown {
    /// Shows courses.
    ///
    /// # Errors
    ///
    /// When they are over a bound of the catalogue.
    pub(crate) fn courses(courses: Vec<Compiled>) -> Result<Self, ShowError> {
        let (manifests, blobs): (Vec<_>, Vec<_>) =
            courses.into_iter().map(|course| (course.manifest, course.blobs)).unzip();
        let (catalogue, blobs) = (Catalogue { courses: manifests }, blobs.concat());
        let encoded = catalogue.encode()?;
        let version = version(&encoded);
        let mut lessons = HashMap::new();
        for course in &catalogue.courses {
            for summary in &course.lessons {
                let bytes = blobs.iter().find(|blob| blob.hash == summary.blob).map_or(&[][..], |blob| &blob.bytes);
                lessons.insert((course.course, summary.lesson), Lesson::decode(bytes)?);
            }
        }
        let blobs = blobs.into_iter().map(|blob| (format!("/pack/{}", blob.hash), data(blob.bytes, Cache::Immutable)));
        let catalogue_file = ("/catalogue".to_owned(), data(encoded, Cache::Revalidate));
        let files = blobs.chain([catalogue_file]).collect();
        Ok(Self { version, what: What::Courses { catalogue, lessons, files } })
    }

    /// Shows what to change before there is something to show, a line each.
    pub(crate) fn problems(lines: Vec<String>) -> Self {
        Self { version: version(lines.join("\n").as_bytes()), what: What::Problems { lines } }
    }
}

fn version(bytes: &[u8]) -> String {
    let mut digits = Hash::of(bytes).to_string();
    digits.truncate(VERSION_DIGITS);
    digits
}

fn data(bytes: Vec<u8>, cache: Cache) -> Resource {
    let media_type = media_type(&bytes);
    Resource::new(bytes.into(), None, None, media_type, policy::DATA, cache)
}

/// What is shown now, and who hears of the next change.
#[derive(Debug)]
pub(crate) struct Stage {
    site: Site,
    shown: RwLock<Arc<Shown>>,
    version: watch::Sender<String>,
    live: Live<String>,
    stop: watch::Receiver<bool>,
}

impl Stage {
    /// Begins with `shown`; events end when `stop` turns true. Of `site` the bundles are served, not the
    /// courses.
    pub(crate) fn new(site: Site, shown: Shown, stop: watch::Receiver<bool>) -> Self {
        let (version, newest) = watch::channel(shown.version.clone());
        Self { site, shown: RwLock::new(Arc::new(shown)), version, live: Live::new(newest), stop }
    }

    /// Shows something else, and lets every open page know. Tells whether it is anything else.
    pub(crate) fn show(&self, shown: Shown) -> bool {
        let version = shown.version.clone();
        // Nothing that holds the lock panics; what was shown is whole in any case.
        *self.shown.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(shown);
        self.version.send_if_modified(|known| (*known != version).then(|| *known = version).is_some())
    }

    fn shown(&self) -> Arc<Shown> {
        self.shown.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

type Shared = State<Arc<Stage>>;

/// Makes the routes of a preview.
pub(crate) fn router(stage: Arc<Stage>) -> Router {
    let routes = Router::new()
        .route("/app/{file}", get(bundle))
        .route("/pack/{hash}", get(file))
        .route("/catalogue", get(file))
        .route(SCRIPT_PATH, get(script))
        .route(super::offline::WORKER_PATH, get(leave))
        .route("/preview/events", get(events))
        .fallback(page);
    guarded(routes).with_state(stage)
}

/// Takes away what a hub that ran under this address left in the browser: it would answer in our place.
async fn leave() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], LEAVE).into_response()
}

async fn page(State(stage): Shared, request: Request) -> Response {
    let shown = stage.shown();
    let What::Courses { catalogue, lessons, .. } = &shown.what else {
        return document(&problem_page(&shown), &shown).respond(request.headers());
    };
    let lang = language::lang(&request);
    let known = match Route::parse(request.uri().path()) {
        Some(Route::Home) => Some(Page::Home),
        Some(Route::Commune) => Some(Page::Commune),
        Some(Route::Review) => Some(Page::Review),
        Some(Route::Me(_)) => Some(Page::Me),
        Some(route) => route.lesson().and_then(|key| lessons.get(&key)).map(Page::Lesson),
        None => None,
    };
    let bundles = stage.site.bundles.as_ref();
    let text =
        render(&PageData { lang, bundles, catalogue, viewer: Viewer::Browser, page: known.unwrap_or(Page::NotFound) });
    let document = document(&text, &shown);
    match known {
        Some(_) => document.respond(request.headers()),
        None => document.respond_as(StatusCode::NOT_FOUND, request.headers()),
    }
}

async fn bundle(State(stage): Shared, request: Request) -> Response {
    answer(stage.site.file(request.uri().path()), &request)
}

async fn file(State(stage): Shared, request: Request) -> Response {
    match &stage.shown().what {
        What::Courses { files, .. } => answer(files.get(request.uri().path()), &request),
        What::Problems { .. } => answer(None, &request),
    }
}

fn answer(file: Option<&Resource>, request: &Request) -> Response {
    match file {
        Some(file) => file.respond(request.headers()),
        None => Problem::NotFound.respond(request.uri().path()),
    }
}

async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}

async fn events(State(stage): Shared, request: Request) -> Response {
    match stage.live.stream(stage.stop.clone()) {
        Ok(events) => events.into_response(),
        Err(problem) => problem.respond(request.uri().path()),
    }
}

/// Lists the problems as the checker prints them.
fn problem_page(shown: &Shown) -> String {
    let lines: &[String] = match &shown.what {
        What::Problems { lines } => lines,
        What::Courses { .. } => &[],
    };
    let items: String = lines.iter().flat_map(|line| ["<li>".to_owned(), escaped(line.chars())]).collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Problems</title>\
         <style>body{{font:1.1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;\
         color:#1a1a1a;background:#fff}}li{{margin:.5rem 0;font-family:monospace;overflow-wrap:anywhere}}</style>\
         </head><body><h1>The courses cannot be shown yet</h1><ul>{items}</ul>\
         <p>This page reloads when a file is saved.</p></body></html>\n"
    )
}

/// Adds the script that reloads the page; a script of this origin is within its policy.
fn document(text: &str, shown: &Shown) -> Resource {
    let script = format!("<script src=\"{SCRIPT_PATH}\" data-version=\"{}\" async></script></head>", shown.version);
    let text = text.replacen("</head>", &script, 1);
    Resource::new(Bytes::from(text), None, None, "text/html; charset=utf-8", policy::page(), Cache::Revalidate)
}
