//! Courses kept on this phone, to be learnt where there is no network.
//!
//! A course is kept when every blob that the catalogue names for it is held. So a new edition needs only
//! what it does not share with the old one.

use content::pack::{CourseManifest, Hash};

use super::{App, Effect, LoadError};

/// Where keeping a course has got to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// The hub is asked how much there is to download.
    Measuring,
    /// So many bytes are to be downloaded, if the learner wants; `None` where the hub does not say.
    Measured(Option<u64>),
    /// Blobs are coming.
    Fetching {
        /// How many have come.
        done: usize,
        /// How many were missing.
        all: usize,
    },
    /// It stopped; what came is held.
    Failed(KeepError),
}

/// Why keeping a course stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeepError {
    /// A blob did not come, or was not what its address says.
    Load(LoadError),
    /// The browser does not store it; most often it is full.
    Storage,
}

/// What is kept. Lists, because trees of a hundred hashes took 10 KB more of what every phone downloads.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    /// Blobs held; `None` until they were counted, and in a browser that keeps none.
    pub held: Option<Vec<Hash>>,
    under_way: Vec<(u16, Keeping)>,
}

/// How a course stands on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing of it is held.
    No,
    /// Something is, and something is missing: it was interrupted, or there is a new edition.
    Partly,
    /// All of it.
    Whole,
}

impl Shelf {
    /// Returns where keeping a course has got to, while it is under way.
    pub fn under_way(&self, course: u16) -> Option<&Keeping> {
        self.under_way.iter().find(|(found, _)| *found == course).map(|(_, keeping)| keeping)
    }

    fn set(&mut self, course: u16, keeping: Option<Keeping>) {
        self.under_way.retain(|(found, _)| *found != course);
        self.under_way.extend(keeping.map(|keeping| (course, keeping)));
    }

    /// Returns whether a blob is held.
    pub fn holds(&self, blob: &Hash) -> bool {
        self.held.as_ref().is_some_and(|held| held.contains(blob))
    }

    /// Returns how a course stands.
    pub fn kept(&self, course: &CourseManifest) -> Kept {
        let blobs = blobs(course);
        match blobs.iter().filter(|blob| self.holds(blob)).count() {
            0 => Kept::No,
            some if some < blobs.len() => Kept::Partly,
            _ => Kept::Whole,
        }
    }

    fn missing(&self, course: &CourseManifest) -> Vec<Hash> {
        blobs(course).into_iter().filter(|blob| !self.holds(blob)).collect()
    }
}

/// Lists every blob of a course once, lessons and pictures.
fn blobs(course: &CourseManifest) -> Vec<Hash> {
    let mut all = Vec::new();
    for blob in course.lessons.iter().flat_map(|lesson| [&lesson.blob].into_iter().chain(&lesson.assets)) {
        if !all.contains(blob) {
            all.push(*blob);
        }
    }
    all
}

impl App {
    /// Asks how large a course is, before anything is spent on it.
    pub(super) fn measure(&mut self, course: u16) -> Vec<Effect> {
        let Some(missing) = self.missing(course) else {
            return Vec::new();
        };
        self.shelf.set(course, Some(Keeping::Measuring));
        vec![Effect::Measure(course, missing)]
    }

    /// Takes the hub's answer on how large a course is.
    pub(super) fn measured(&mut self, course: u16, bytes: Result<Option<u64>, LoadError>) {
        let keeping = bytes.map_or_else(|error| Keeping::Failed(KeepError::Load(error)), Keeping::Measured);
        self.shelf.set(course, Some(keeping));
    }

    /// Begins to keep a course.
    pub(super) fn keep_course(&mut self, course: u16) -> Vec<Effect> {
        if matches!(self.shelf.under_way(course), Some(Keeping::Fetching { .. })) {
            return Vec::new();
        }
        let Some(missing) = self.missing(course) else {
            return Vec::new();
        };
        self.shelf.set(course, Some(Keeping::Fetching { done: 0, all: missing.len() }));
        vec![Effect::KeepBlobs(course, missing)]
    }

    /// Hears that a blob is stored, or why not.
    pub(super) fn blob_kept(&mut self, course: u16, blob: Result<Hash, KeepError>) -> Vec<Effect> {
        let blob = match blob {
            Ok(blob) => blob,
            Err(error) => {
                self.shelf.set(course, Some(Keeping::Failed(error)));
                return Vec::new();
            }
        };
        self.shelf.held.get_or_insert_default().push(blob);
        let Some(&Keeping::Fetching { done, all }) = self.shelf.under_way(course) else {
            return Vec::new();
        };
        if done + 1 < all {
            self.shelf.set(course, Some(Keeping::Fetching { done: done + 1, all }));
            return Vec::new();
        }
        self.shelf.set(course, None);
        // What a former edition left is nobody's any more.
        drops(self.unneeded(None))
    }

    /// Takes a course off the phone again, except for what another kept course shares with it.
    pub(super) fn drop_course(&mut self, course: u16) -> Vec<Effect> {
        self.shelf.set(course, None);
        drops(self.unneeded(Some(course)))
    }

    /// Lists what is held and no course needs, but for one that goes.
    fn unneeded(&self, gone: Option<u16>) -> Vec<Hash> {
        let Some(catalogue) = self.catalogue.ready() else {
            return Vec::new();
        };
        let (mut needed, mut known) = (Vec::new(), Vec::new());
        // While nobody knows what belongs to kept audio, only lessons and pictures are thrown out.
        let mut is_known = true;
        for course in &catalogue.courses {
            let audio = self.audio_of(course.course);
            is_known &= audio.is_some();
            let list = if gone == Some(course.course) { &mut known } else { &mut needed };
            list.extend(blobs(course).into_iter().chain(audio.unwrap_or_default()));
        }
        let mut found = self.shelf.held.clone().unwrap_or_default();
        found.retain(|blob| !needed.contains(blob) && (is_known || known.contains(blob)));
        found
    }

    /// Hears that blobs are stored no longer.
    pub(super) fn blobs_dropped(&mut self, gone: &[Hash]) {
        if let Some(held) = &mut self.shelf.held {
            held.retain(|blob| !gone.contains(blob));
        }
    }

    fn missing(&self, course: u16) -> Option<Vec<Hash>> {
        let missing = self.shelf.missing(self.catalogue.ready()?.course(course)?);
        (!missing.is_empty()).then_some(missing)
    }
}

fn drops(gone: Vec<Hash>) -> Vec<Effect> {
    if gone.is_empty() { Vec::new() } else { vec![Effect::DropBlobs(gone)] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Action, Moment, sample};

    const MOMENT: Moment = Moment { day: 20_780, nonce: 1 };

    fn app() -> App {
        let mut app = sample::app();
        app.update(Action::ShelfRead(Some(Vec::new())), MOMENT);
        app
    }

    fn kept(app: &App) -> Kept {
        app.shelf.kept(&app.catalogue.ready().unwrap().courses[0])
    }

    fn all() -> Vec<Hash> {
        (1..=3).map(sample::hash).collect()
    }

    fn keep_all(app: &mut App) {
        assert_eq!(app.update(Action::KeepCourse(1), MOMENT), [Effect::KeepBlobs(1, all())]);
        for blob in all() {
            app.update(Action::BlobKept(1, Ok(blob)), MOMENT);
        }
    }

    #[test]
    fn a_course_is_measured_then_kept_and_only_then_said_to_be() {
        let mut app = app();
        assert_eq!(app.update(Action::Measure(1), MOMENT), [Effect::Measure(1, all())]);
        app.update(Action::Measured(1, Ok(Some(70_000))), MOMENT);
        assert_eq!(app.shelf.under_way(1), Some(&Keeping::Measured(Some(70_000))));
        assert_eq!(app.update(Action::KeepCourse(1), MOMENT), [Effect::KeepBlobs(1, all())]);
        assert_eq!(app.update(Action::KeepCourse(1), MOMENT), [], "a second tap fetches nothing twice");
        for (done, blob) in all().into_iter().enumerate() {
            assert_eq!(app.shelf.under_way(1), Some(&Keeping::Fetching { done, all: 3 }));
            assert_ne!(kept(&app), Kept::Whole);
            app.update(Action::BlobKept(1, Ok(blob)), MOMENT);
        }
        assert_eq!(kept(&app), Kept::Whole);
        assert_eq!(app.shelf.under_way(1), None);
        assert_eq!(app.update(Action::KeepCourse(1), MOMENT), [], "nothing is missing");
    }

    #[test]
    fn after_a_failure_only_the_rest_is_fetched() {
        let mut app = app();
        app.update(Action::KeepCourse(1), MOMENT);
        app.update(Action::BlobKept(1, Ok(sample::hash(1))), MOMENT);
        app.update(Action::BlobKept(1, Err(KeepError::Storage)), MOMENT);
        assert_eq!(kept(&app), Kept::Partly);
        assert_eq!(app.shelf.under_way(1), Some(&Keeping::Failed(KeepError::Storage)));
        let rest = vec![sample::hash(2), sample::hash(3)];
        assert_eq!(app.update(Action::KeepCourse(1), MOMENT), [Effect::KeepBlobs(1, rest)]);
    }

    #[test]
    fn a_new_edition_fetches_what_is_new_and_throws_out_what_is_old() {
        let mut app = app();
        keep_all(&mut app);
        let mut newer = sample::catalogue();
        newer.courses[0].lessons[1].blob = sample::hash(9);
        app.update(Action::CatalogueLoaded(Ok(newer)), MOMENT);
        assert_eq!(kept(&app), Kept::Partly);
        assert_eq!(app.update(Action::KeepCourse(1), MOMENT), [Effect::KeepBlobs(1, vec![sample::hash(9)])]);
        let effects = app.update(Action::BlobKept(1, Ok(sample::hash(9))), MOMENT);
        assert_eq!(effects, [Effect::DropBlobs(vec![sample::hash(2)])]);
        assert_eq!(kept(&app), Kept::Whole);
    }

    #[test]
    fn a_course_goes_and_what_others_share_with_it_stays() {
        let mut app = app();
        keep_all(&mut app);
        let mut two = sample::catalogue();
        let mut other = two.courses[0].clone();
        other.course = 2;
        other.lessons.truncate(1);
        two.courses.push(other);
        app.update(Action::CatalogueLoaded(Ok(two)), MOMENT);
        let effects = app.update(Action::DropCourse(1), MOMENT);
        let gone = vec![sample::hash(2), sample::hash(3)];
        assert_eq!(effects, [Effect::DropBlobs(gone.clone())]);
        assert_eq!(kept(&app), Kept::Whole, "until it is gone");
        app.update(Action::BlobsDropped(gone), MOMENT);
        assert_eq!(kept(&app), Kept::Partly);
    }

    #[test]
    fn a_browser_that_keeps_nothing_is_asked_for_nothing() {
        let mut app = sample::app();
        app.update(Action::ShelfRead(None), MOMENT);
        assert!(app.shelf.held.is_none());
        assert_eq!(app.update(Action::DropCourse(1), MOMENT), []);
        assert_eq!(app.update(Action::Measure(7), MOMENT), [], "no such course");
    }
}
