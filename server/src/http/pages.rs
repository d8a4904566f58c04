//! Pages: rendered by `app` when first asked for, then kept with their compressed forms.

use std::collections::HashMap;
use std::sync::OnceLock;

use app::messages::Lang;
use app::province::Feed;
use app::render::{Page, PageData, render};
use app::route::Route;
use axum::extract::Request;
use axum::http::{StatusCode, Uri};
use axum::response::Response;

use super::policy;
use super::problem::Problem;
use super::resource::Resource;
use crate::site::Site;

/// Most parameters of a query looked at.
const PARAMETERS_MAX: usize = 8;

/// The pages of one site, in each language. Their number is bounded by the catalogue: only what it lists
/// is kept.
#[derive(Debug)]
pub(crate) struct Pages {
    screens: HashMap<(Route, &'static str), OnceLock<Resource>>,
    not_found: [OnceLock<Resource>; Lang::ALL.len()],
}

impl Pages {
    /// Makes a place for each page of `site`.
    pub(crate) fn new(site: &Site) -> Self {
        let lessons = site.lessons.keys().map(|(course, lesson)| Route::Lesson { course: *course, lesson: *lesson });
        let routes = [Route::Home, Route::Commune].into_iter().chain(lessons);
        let screens = routes.flat_map(|route| Lang::ALL.map(|lang| ((route, lang.tag()), OnceLock::new())));
        Self { screens: screens.collect(), not_found: Default::default() }
    }

    /// Finds the page of an address.
    ///
    /// # Errors
    ///
    /// When the address is no page's, or names a lesson that the site does not have.
    pub(crate) fn find(&self, site: &Site, address: &Uri) -> Result<&Resource, Problem> {
        let route = Route::parse(address.path()).ok_or(Problem::BadAddress)?;
        let lang = lang(address);
        let place = self.screens.get(&(route, lang.tag())).ok_or(Problem::NoLesson)?;
        let page = match route {
            Route::Home => Page::Home,
            Route::Commune => Page::Commune,
            _ => Page::Lesson(route.lesson().and_then(|key| site.lessons.get(&key)).ok_or(Problem::NoLesson)?),
        };
        Ok(place.get_or_init(|| document(site, lang, page)))
    }

    /// Answers with the page that says that nothing is here.
    pub(crate) fn not_found(&self, site: &Site, status: StatusCode, request: &Request) -> Response {
        let lang = lang(request.uri());
        let at = Lang::ALL.iter().position(|known| *known == lang).unwrap_or_default();
        let page = self.not_found[at].get_or_init(|| document(site, lang, Page::NotFound));
        page.respond_as(status, request.headers())
    }
}

/// Renders the dashboard with the figures as they stand; they change too often to be kept.
pub(crate) fn dashboard(site: &Site, address: &Uri, feed: &Feed) -> Resource {
    document(site, lang(address), Page::Province(feed))
}

fn document(site: &Site, lang: Lang, page: Page<'_>) -> Resource {
    let data = PageData { lang, bundles: site.bundles.as_ref(), catalogue: &site.catalogue, page };
    Resource::rendered(render(&data), "text/html; charset=utf-8", policy::page())
}

/// Reads `?lang=en`; Vietnamese where nothing or something else is asked.
pub(super) fn lang(address: &Uri) -> Lang {
    let parameters = address.query().unwrap_or_default().split('&').take(PARAMETERS_MAX);
    parameters.filter_map(|parameter| parameter.strip_prefix("lang=")).find_map(Lang::parse).unwrap_or(Lang::Vi)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_read_from_the_query() {
        for (address, expected) in [
            ("/", Lang::Vi),
            ("/?lang=en", Lang::En),
            ("/bai/1/2?x=1&lang=en", Lang::En),
            ("/?lang=vi", Lang::Vi),
            ("/?lang=xx", Lang::Vi),
            ("/?language=en", Lang::Vi),
        ] {
            assert_eq!(lang(&address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn only_pages_of_the_site_are_kept() {
        let site = Site::load().unwrap();
        let pages = Pages::new(&site);
        assert!(pages.find(&site, &"/".parse().unwrap()).is_ok());
        assert!(pages.find(&site, &"/xa?lang=en".parse().unwrap()).is_ok());
        for (address, problem) in [
            ("/bai/65535/65535", Problem::NoLesson),
            ("/bai/x/1", Problem::BadAddress),
            ("/bai/70000/1", Problem::BadAddress),
            ("/tinh", Problem::NoLesson),
        ] {
            assert_eq!(pages.find(&site, &address.parse().unwrap()).err(), Some(problem), "{address}");
        }
    }
}
