//! The library as those see it who fetch for it.

use std::collections::HashSet;
use std::io;

use content::pack::Hash;
use iroh::EndpointId;
use tracing::warn;

use super::blobs::{Finish, Part};
use super::edition::Refusal;
use super::library::{COURSE_BYTES_MAX, LIBRARY_BYTES_MAX, Library, fits};

/// A blob to be fetched; put back when dropped.
#[derive(Debug)]
pub(crate) struct Job {
    library: Library,
    /// Number of the course it is for.
    pub(crate) course: u16,
    /// Which blob.
    pub(crate) hash: Hash,
}

impl Drop for Job {
    fn drop(&mut self) {
        self.library.state().wanted.put_back(self.hash);
        self.library.stir();
    }
}

impl Library {
    /// Gives a blob to be fetched from a source that has these editions.
    pub(super) fn job(&self, source: EndpointId, has: &HashSet<Hash>) -> Option<Job> {
        let (course, hash) = self.state().wanted.next(source, has)?;
        Some(Job { library: self.clone(), course, hash })
    }

    /// A source could not give a blob.
    pub(super) fn unable(&self, source: EndpointId, hash: Hash) {
        self.state().wanted.unable(source, hash);
    }

    /// A source is there anew.
    pub(super) fn forgive(&self, source: EndpointId) {
        self.state().wanted.forgive(source);
    }

    /// Checks that there is room for a blob of this size.
    ///
    /// # Errors
    ///
    /// When there is not.
    pub(super) fn room(&self, course: u16, size: u64) -> Result<(), Refusal> {
        let held = self.state().wanted.of(course).map_or(0, |fetch| fetch.size);
        fits("one course", held + size, COURSE_BYTES_MAX)?;
        if self.blobs().used() + size > LIBRARY_BYTES_MAX {
            self.collect()?;
        }
        fits("all courses", self.blobs().used() + size, LIBRARY_BYTES_MAX)
    }

    /// Gives up a course that a peer's blobs would make larger than any.
    pub(super) fn too_large(&self, course: u16, why: &Refusal) {
        let _commit = self.commit();
        warn!("the edition of course {course} that was being fetched is given up: {why}");
        self.give_up(course);
    }

    /// Keeps a blob that was fetched, and shows the editions that have everything now.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(super) fn keep(&self, job: &Job, part: Part) -> io::Result<Finish> {
        let (fresh, size) = (part.length() - part.began(), part.length());
        let finish = self.blobs().finish(part)?;
        if finish == Finish::Whole {
            self.came(job.hash, fresh, size);
        }
        Ok(finish)
    }

    fn came(&self, hash: Hash, fresh: u64, size: u64) {
        let _commit = self.commit();
        let whole = self.state().wanted.came(hash, fresh, size);
        for course in whole {
            self.completed(course);
        }
    }
}
