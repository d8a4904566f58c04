//! Pages: rendered by `app` when first asked for, then kept with their compressed forms.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::messages::Lang;
use app::render::Page;
use app::route::{Pane, Route};
use app::views::in_app::Viewer;
use axum::http::Uri;
use content::pack::{Catalogue, Lesson};

use super::problem::Problem;
use super::resource::Resource;

/// Bytes of pages kept: a thousand of the longest. Further ones are rendered each time.
const KEPT_BYTES_MAX: usize = 64 << 20;

/// The pages of one catalogue, in each language. Their number is bounded by the catalogue: only what it lists
/// is kept.
#[derive(Debug)]
pub(crate) struct Pages {
    screens: HashMap<(Route, &'static str, Viewer), OnceLock<Resource>>,
    not_found: [OnceLock<Resource>; Lang::ALL.len()],
    kept: AtomicUsize,
}

impl Pages {
    /// Makes a place for each page of `catalogue`.
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let lessons = catalogue.courses.iter().flat_map(|course| {
            course.lessons.iter().map(|lesson| Route::Lesson { course: course.course, lesson: lesson.lesson })
        });
        let routes = [Route::Home, Route::Commune, Route::Review, Route::Confirmation, Route::Me(Pane::Own)]
            .into_iter()
            .chain(lessons);
        let screens = routes.flat_map(|route| {
            let place = move |lang: Lang, viewer| ((route, lang.tag(), viewer), OnceLock::new());
            Lang::ALL.into_iter().flat_map(move |lang| Viewer::ALL.map(|viewer| place(lang, viewer)))
        });
        Self { screens: screens.collect(), not_found: Default::default(), kept: AtomicUsize::new(0) }
    }

    /// Finds the page of an address; renders it when it is first asked for.
    ///
    /// # Errors
    ///
    /// When the address is no page's, or names a lesson that the catalogue does not list.
    pub(crate) fn find(
        &self,
        address: &Uri,
        (lang, viewer): (Lang, Viewer),
        read: impl FnOnce(u16, u16) -> Option<Lesson>,
        render: impl FnOnce(Page<'_>) -> Resource,
    ) -> Result<Resource, Problem> {
        let route = Route::parse(address.path()).ok_or(Problem::BadAddress)?;
        let place = self.screens.get(&(route, lang.tag(), viewer)).ok_or(Problem::NoLesson)?;
        if let Some(page) = place.get() {
            return Ok(page.clone());
        }
        let page = match (route, route.lesson()) {
            (Route::Home, _) => render(Page::Home),
            (Route::Commune, _) => render(Page::Commune),
            (Route::Review, _) => render(Page::Review),
            (Route::Confirmation, _) => render(Page::Confirmation),
            (Route::Me(_), _) => render(Page::Me),
            (_, Some((course, lesson))) => render(Page::Lesson(&read(course, lesson).ok_or(Problem::NoLesson)?)),
            _ => return Err(Problem::NoLesson),
        };
        Ok(self.keep(place, page))
    }

    fn keep(&self, place: &OnceLock<Resource>, page: Resource) -> Resource {
        let bytes = page.bytes();
        if self.kept.load(Ordering::Relaxed) + bytes <= KEPT_BYTES_MAX && place.set(page.clone()).is_ok() {
            self.kept.fetch_add(bytes, Ordering::Relaxed);
        }
        page
    }

    /// Returns the page that says that nothing is here.
    pub(crate) fn not_found(&self, lang: Lang, render: impl FnOnce(Lang) -> Resource) -> &Resource {
        let at = Lang::ALL.iter().position(|known| *known == lang).unwrap_or_default();
        self.not_found[at].get_or_init(|| render(lang))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_catalogue_are_kept() {
        let pages = Pages::new(&Catalogue::default());
        let find = |address: &str| {
            let render = |_: Page<'_>| Resource::rendered("trang".to_owned(), "text/html", "default-src 'none'");
            let shown = (Lang::En, Viewer::Browser);
            pages.find(&address.parse().unwrap(), shown, |_, _| None, render).map(drop)
        };
        assert_eq!(find("/"), Ok(()));
        assert_eq!(find("/xa?x=1"), Ok(()));
        assert_eq!(find("/on-tap"), Ok(()));
        assert_eq!(find("/toi"), Ok(()));
        assert_eq!(find("/xac-nhan"), Ok(()));
        assert!(pages.kept.load(Ordering::Relaxed) > 0);
        for (address, problem) in [
            ("/bai/65535/65535", Problem::NoLesson),
            ("/bai/x/1", Problem::BadAddress),
            ("/bai/70000/1", Problem::BadAddress),
            ("/tinh", Problem::NoLesson),
        ] {
            assert_eq!(find(address), Err(problem), "{address}");
        }
    }
}
