//! Pages: rendered by `app` when first asked for, then kept with their compressed forms.

use std::collections::HashMap;
use std::sync::OnceLock;

use app::route::Route;

use super::policy;
use super::problem::Problem;
use super::resource::Resource;
use crate::site::Site;

/// The pages of one site. Their number is bounded by the catalogue: only what it lists is kept.
#[derive(Debug)]
pub(crate) struct Pages(HashMap<Route, OnceLock<Resource>>);

impl Pages {
    /// Makes a place for each page of `site`.
    pub(crate) fn new(site: &Site) -> Self {
        let lessons = site.lessons.keys().map(|(course, lesson)| Route::Lesson { course: *course, lesson: *lesson });
        let fixed = [Route::Home, Route::Commune, Route::Province];
        Self(fixed.into_iter().chain(lessons).map(|route| (route, OnceLock::new())).collect())
    }

    /// Finds the page of a path.
    ///
    /// # Errors
    ///
    /// When the path is no page's, or names a lesson that the site does not have.
    pub(crate) fn find(&self, site: &Site, path: &str) -> Result<&Resource, Problem> {
        let route = Route::parse(path).ok_or(Problem::BadAddress)?;
        let page = self.0.get(&route).ok_or(Problem::NoLesson)?;
        Ok(page.get_or_init(|| Resource::rendered(render(site, route), "text/html; charset=utf-8", policy::PAGE)))
    }
}

/// Renders the document of a page.
fn render(_site: &Site, route: Route) -> String {
    route.to_string()
}
