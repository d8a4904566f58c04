//! The courses as phones see them: the catalogue, its lessons, and the pages made from them.
//!
//! What is built in and what was published make one catalogue. It is made anew when the library changes,
//! with everything that was made from the one before.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use app::messages::Lang;
use app::render::{Bundles, Page, PageData, render};
use app::views::in_app::Viewer;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::USER_AGENT;
use axum::response::Response;
use content::pack::{Catalogue, Lesson};
use tokio::sync::watch;
use tracing::warn;

use super::language::lang;
use super::offline::Offline;
use super::pages::Pages;
use super::policy;
use super::problem::Problem;
use super::resource::{Cache, Resource};
use crate::packs::Library;
use crate::site::Site;

/// Address of the catalogue where the site was built without one.
const CATALOGUE: &str = "/catalogue";

/// The courses of a node.
#[derive(Debug)]
pub(crate) struct Courses {
    site: Arc<Site>,
    library: Library,
    changes: watch::Receiver<u64>,
    shown: RwLock<Arc<Shown>>,
    /// Made when it is first asked for: what is compressed for phones is not worth waiting for at the start.
    offline: OnceLock<Option<Offline>>,
}

/// The courses as they were at one time.
#[derive(Debug)]
pub(crate) struct Shown {
    change: u64,
    /// Every course.
    pub(crate) catalogue: Catalogue,
    list: Option<Resource>,
    pages: Pages,
}

impl Courses {
    /// Shows what is built in and what a library holds.
    pub(crate) fn new(site: Arc<Site>, library: Library) -> Self {
        let changes = library.changes();
        let shown = Shown::of(*changes.borrow(), &site, &library);
        Self { site, library, changes, shown: RwLock::new(Arc::new(shown)), offline: OnceLock::new() }
    }

    /// Returns the courses as they are.
    pub(crate) fn current(&self) -> Arc<Shown> {
        let change = *self.changes.borrow();
        let held = self.shown.read().unwrap_or_else(PoisonError::into_inner).clone();
        if held.change == change {
            return held;
        }
        let newer = Arc::new(Shown::of(change, &self.site, &self.library));
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&newer);
        newer
    }

    /// Returns what a phone keeps to open the app without this hub; `None` where the site was not built.
    pub(super) fn offline(&self) -> Option<&Offline> {
        self.offline.get_or_init(|| Offline::of(&self.site)).as_ref()
    }

    /// Returns the library.
    pub(super) fn library(&self) -> &Library {
        &self.library
    }

    /// Returns the catalogue as it is sent.
    pub(super) fn list(&self) -> Option<Resource> {
        self.current().list.clone()
    }

    /// Finds the page of a request.
    ///
    /// # Errors
    ///
    /// When the address is no page's, or names a lesson that there is not.
    pub(super) fn page(&self, request: &Request) -> Result<Resource, Problem> {
        let shown = self.current();
        let name = request.headers().get(USER_AGENT).and_then(|name| name.to_str().ok()).unwrap_or_default();
        let (lang, viewer) = (lang(request), Viewer::of(name));
        let lesson = |course, lesson| self.lesson(&shown, course, lesson);
        shown.pages.find(request.uri(), (lang, viewer), lesson, |page| self.document(&shown, lang, viewer, page))
    }

    /// Makes the answer for an address that leads nowhere.
    pub(super) fn not_found(&self, status: StatusCode, request: &Request) -> Response {
        let shown = self.current();
        let document = |lang| self.document(&shown, lang, Viewer::Browser, Page::NotFound);
        let page = shown.pages.not_found(lang(request), document);
        page.respond_as(status, request.headers())
    }

    /// Renders a page that is not kept.
    pub(super) fn render(&self, request: &Request, page: Page<'_>) -> Resource {
        self.document(&self.current(), lang(request), Viewer::Browser, page)
    }

    fn document(&self, shown: &Shown, lang: Lang, viewer: Viewer, page: Page<'_>) -> Resource {
        let bundles: Option<&Bundles> = self.site.bundles.as_ref();
        let data = PageData { lang, bundles, catalogue: &shown.catalogue, viewer, page };
        Resource::rendered(render(&data), "text/html; charset=utf-8", policy::page())
    }

    /// Reads a lesson; the page made from it is kept, and not the lesson.
    fn lesson(&self, shown: &Shown, course: u16, lesson: u16) -> Option<Lesson> {
        let blob = shown.catalogue.lesson(course, lesson)?.blob;
        let read = self.library.lesson(blob);
        read.inspect_err(|why| warn!("lesson {lesson} of course {course} cannot be shown: {why}")).ok()
    }
}

impl Shown {
    fn of(change: u64, site: &Site, library: &Library) -> Self {
        let catalogue = library.catalogue();
        let path = site.bundles.as_ref().map_or(CATALOGUE, |bundles| &bundles.catalogue);
        let list = if catalogue == site.catalogue { site.file(path).cloned() } else { encoded(&catalogue) };
        Self { change, list, pages: Pages::new(&catalogue), catalogue }
    }
}

fn encoded(catalogue: &Catalogue) -> Option<Resource> {
    let bytes = catalogue.encode().inspect_err(|error| warn!("the catalogue cannot be sent: {error}")).ok()?;
    Some(Resource::compressed(bytes, "application/octet-stream", policy::DATA, Cache::Revalidate))
}
