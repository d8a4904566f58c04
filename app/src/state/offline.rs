//! Opening the app without the hub, newer releases of it, and newer courses while an older list is shown.

use std::sync::Arc;

use content::pack::Catalogue;

use super::{App, Effect, Keeping, LoadError, OpenLesson};
use crate::route::Route;

/// Whether this page opens again without the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Offline {
    /// Not known yet, or the browser cannot tell.
    #[default]
    Unknown,
    /// A plain `http://` address: once closed, only the hub opens it again.
    NeedsHub,
    /// It opens without the hub.
    Ready,
    /// It does, and a newer release lies beside it, whole.
    Newer,
}

/// The phone's clock beside the hub's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// Not known to be wrong.
    #[default]
    Trusted,
    /// More than a day off.
    Wrong,
}

impl App {
    /// Takes a list of courses: the first one, or a newer one from the hub.
    ///
    /// A lesson that somebody has begun stays as it is; others are shown as the newer list has them. A list
    /// that does not come takes none away.
    pub(super) fn catalogue_loaded(&mut self, result: Result<Catalogue, LoadError>) -> Vec<Effect> {
        if result.is_err() && self.catalogue.ready().is_some() {
            return Vec::new();
        }
        self.catalogue = result.map(Arc::new).into();
        let mut effects = self.renew();
        effects.extend(self.wants());
        effects
    }

    /// Forgets lessons that the list has in another edition; asks for the one on the screen anew.
    fn renew(&mut self) -> Vec<Effect> {
        let shown = self.route.and_then(Route::lesson);
        let newer = |open: &OpenLesson, key| {
            let blob = self.step(key)?.lesson.blob;
            (blob != open.hash && open.is_untouched()).then_some(blob)
        };
        let changed: Vec<_> =
            self.lessons.iter().filter_map(|(&key, load)| Some((key, newer(load.ready()?, key)?))).collect();
        let mut effects = Vec::new();
        for (key, blob) in changed {
            if Some(key) == shown {
                effects.push(Effect::LoadLesson(key, blob));
            } else {
                self.lessons.remove(&key);
            }
        }
        effects
    }

    /// Returns whether a newer release may be offered: what only this page holds would be lost with it.
    pub fn may_renew(&self) -> bool {
        self.offline == Offline::Newer && (self.progress.outbox.is_empty() || self.progress.keeping == Keeping::Browser)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Action, Load, Moment, sample};

    const MOMENT: Moment = Moment { day: 20_780, nonce: 1 };
    const SHOWN: Route = Route::Lesson { course: 1, lesson: 1 };

    fn reading() -> App {
        let mut app = sample::app();
        app.update(Action::Go(SHOWN), MOMENT);
        app.update(Action::LessonLoaded((1, 1), sample::hash(1), Ok(sample::lesson(1))), MOMENT);
        app
    }

    fn newer() -> Catalogue {
        let mut newer = sample::catalogue();
        newer.courses[0].lessons[0].blob = sample::hash(9);
        newer
    }

    #[test]
    fn a_lesson_that_nobody_began_is_shown_as_the_newer_list_has_it() {
        let mut app = reading();
        let effects = app.update(Action::CatalogueLoaded(Ok(newer())), MOMENT);
        assert_eq!(effects, [Effect::LoadLesson((1, 1), sample::hash(9))]);
        assert!(app.open_lesson().unwrap().ready().is_some(), "it is still there to read");
        app.update(Action::LessonLoaded((1, 1), sample::hash(9), Err(LoadError::Network)), MOMENT);
        assert!(app.open_lesson().unwrap().ready().is_some(), "what does not come takes nothing away");
        app.update(Action::LessonLoaded((1, 1), sample::hash(9), Ok(sample::lesson(1))), MOMENT);
        assert_eq!(app.open_lesson().unwrap().ready().unwrap().hash, sample::hash(9));
    }

    #[test]
    fn a_lesson_half_done_stays_as_it_was_begun() {
        let mut app = reading();
        app.update(Action::Choose { quiz: 0, option: 1 }, MOMENT);
        assert_eq!(app.update(Action::CatalogueLoaded(Ok(newer())), MOMENT), []);
        assert_eq!(app.open_lesson().unwrap().ready().unwrap().hash, sample::hash(1));
    }

    #[test]
    fn other_lessons_are_fetched_anew_when_they_are_opened() {
        let mut app = reading();
        app.update(Action::Go(Route::Home), MOMENT);
        assert_eq!(app.update(Action::CatalogueLoaded(Ok(newer())), MOMENT), []);
        assert!(app.update(Action::Go(SHOWN), MOMENT).contains(&Effect::LoadLesson((1, 1), sample::hash(9))));
    }

    #[test]
    fn a_list_that_does_not_come_takes_none_away() {
        let mut app = reading();
        assert_eq!(app.update(Action::CatalogueLoaded(Err(LoadError::Network)), MOMENT), []);
        assert!(matches!(app.catalogue, Load::Ready(_)));
    }

    #[test]
    fn nothing_that_only_the_page_holds_is_lost_for_a_newer_release() {
        let mut app = reading();
        app.update(Action::Offline(Offline::Newer), MOMENT);
        assert!(app.may_renew());
        assert_eq!(app.update(Action::UseNewer, MOMENT), [Effect::UseNewer]);
        app.progress.outbox.push(crate::protocol::ToWorker::Hello { version: 1 });
        assert!(app.may_renew(), "the browser holds it");
        app.progress.keeping = Keeping::Memory;
        assert!(!app.may_renew());
        assert_eq!(app.update(Action::UseNewer, MOMENT), []);
    }
}
