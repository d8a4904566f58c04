//! Which edition of each course counts. No disk, no network, no clock.
//!
//! Of the editions of one course that may be believed the one with the highest number counts, and of two
//! with one number the one whose signed bytes have the greater hash: whatever the order in which hubs hear
//! of them, they end with the same. What a program brings built in counts as long as nothing greater was
//! published.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use content::pack::{COURSES_MAX, CourseManifest, Hash};
use sync::authority::Revocations;
use sync::wire::packs::Title;

use super::edition::{Edition, Refusal};

/// The editions held.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    built_in: BTreeMap<u16, u32>,
    shown: BTreeMap<u16, Shown>,
    next: BTreeMap<u16, Arc<Edition>>,
    revocations: Option<Arc<Revocations>>,
}

#[derive(Debug, Clone)]
struct Shown {
    edition: Arc<Edition>,
    /// Whether its publisher is in good standing.
    trusted: bool,
}

impl Shelf {
    /// Makes an empty shelf beside what is built in.
    pub(crate) fn new(built_in: &[CourseManifest], revocations: Option<Arc<Revocations>>) -> Self {
        let built_in = built_in.iter().map(|course| (course.course, course.edition)).collect();
        Self { built_in, revocations, ..Self::default() }
    }

    /// Checks that an edition would replace what counts now.
    ///
    /// # Errors
    ///
    /// Says what is in its way.
    pub(crate) fn weigh(&self, title: &Title) -> Result<(), Refusal> {
        let (course, found, hash) = (title.course, title.edition, Hash(title.hash));
        if let Some(&held) = self.built_in.get(&course).filter(|held| **held >= found) {
            return Err(Refusal::BuiltIn { held, found });
        }
        let trusted = self.shown.get(&course).filter(|shown| shown.trusted || shown.edition.hash == hash);
        for edition in trusted.map(|shown| &shown.edition).into_iter().chain(self.next.get(&course)) {
            if edition.hash == hash {
                return Err(Refusal::Held);
            }
            if edition.rank() >= (found, hash) {
                return Err(Refusal::RolledBack { held: edition.manifest.edition, found });
            }
        }
        let courses = self.courses();
        if courses.len() >= COURSES_MAX && !courses.contains(&course) {
            return Err(Refusal::Full(COURSES_MAX));
        }
        Ok(())
    }

    fn courses(&self) -> BTreeSet<u16> {
        self.built_in.keys().chain(self.shown.keys()).chain(self.next.keys()).copied().collect()
    }

    /// Takes an edition that was verified, to be shown when its blobs are here.
    ///
    /// # Errors
    ///
    /// As [`weigh`](Self::weigh).
    pub(crate) fn begin(&mut self, edition: Arc<Edition>) -> Result<(), Refusal> {
        self.weigh(&edition.title())?;
        self.next.insert(edition.course(), edition);
        Ok(())
    }

    /// Shows the edition that was begun.
    pub(crate) fn complete(&mut self, course: u16) {
        if let Some(edition) = self.next.remove(&course) {
            self.show(edition);
        }
    }

    /// Shows an edition, as one that was shown before the process started.
    pub(crate) fn show(&mut self, edition: Arc<Edition>) {
        let trusted = self.trusts(&edition);
        self.shown.insert(edition.course(), Shown { edition, trusted });
    }

    /// Gives up the edition that was begun.
    pub(crate) fn abandon(&mut self, course: u16) -> Option<Arc<Edition>> {
        self.next.remove(&course)
    }

    /// Takes a newer list of revocations. Returns what was begun and is given up; what is shown stays.
    pub(crate) fn stand(&mut self, revocations: Option<Arc<Revocations>>) -> Vec<Arc<Edition>> {
        self.revocations = revocations;
        let revocations = self.revocations.as_deref();
        for shown in self.shown.values_mut() {
            shown.trusted = shown.edition.statement.revoked(revocations).is_none();
        }
        let fallen: Vec<u16> =
            self.next.iter().filter(|(_, edition)| !self.trusts(edition)).map(|(course, _)| *course).collect();
        fallen.into_iter().filter_map(|course| self.abandon(course)).collect()
    }

    fn trusts(&self, edition: &Edition) -> bool {
        edition.statement.revoked(self.revocations.as_deref()).is_none()
    }

    /// What is shown and passed on, in the order of the courses.
    pub(crate) fn titles(&self) -> Vec<Title> {
        self.shown.values().filter(|shown| shown.trusted).map(|shown| shown.edition.title()).collect()
    }

    /// The editions shown.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Arc<Edition>> {
        self.shown.values().map(|shown| &shown.edition)
    }

    /// The edition of a course that was begun.
    pub(crate) fn next(&self, course: u16) -> Option<&Arc<Edition>> {
        self.next.get(&course)
    }

    /// The greatest number of an edition of a course whose publisher is in good standing.
    pub(crate) fn number(&self, course: u16) -> Option<u32> {
        let shown = self.shown.get(&course).filter(|shown| shown.trusted).map(|shown| &shown.edition);
        shown.into_iter().chain(self.next.get(&course)).map(|edition| edition.manifest.edition).max()
    }

    /// Finds an edition shown and passed on by its hash.
    pub(crate) fn find(&self, hash: Hash) -> Option<Arc<Edition>> {
        let trusted = self.shown.values().filter(|shown| shown.trusted).map(|shown| &shown.edition);
        trusted.into_iter().find(|edition| edition.hash == hash).cloned()
    }

    /// The editions shown, and those begun.
    pub(crate) fn editions(&self) -> (Vec<Arc<Edition>>, Vec<Arc<Edition>>) {
        (self.shown().cloned().collect(), self.next.values().cloned().collect())
    }
}
