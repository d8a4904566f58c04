//! The library of a node: signed editions, their blobs, and what is still to come.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use content::pack::{Catalogue, CourseManifest, Hash, LESSON_BYTES_MAX, Lesson};
use sync::Day;
use sync::session::Standing;
use sync::wire::packs::{BLOB_BYTES_MAX, Title};
use tokio::sync::watch;
use tracing::{info, warn};

use super::blobs::Blobs;
use super::edition::{Edition, Refusal};
use super::shelf::Shelf;
use super::wanted::{Fetch, Wanted};
use crate::site::Site;

/// Name of the library in the data folder.
pub(super) const FOLDER: &str = "packs";
/// Bound of the bytes of a course: as many pictures as its folder may hold files, at their bound, and as much
/// again for lessons and audio.
pub(crate) const COURSE_BYTES_MAX: u64 = 64 << 20;
/// Bound of the bytes on disk: what a laptop of a team can spare; sixteen courses at their bound.
pub(crate) const LIBRARY_BYTES_MAX: u64 = 1 << 30;
/// Ending of the file of an edition that is shown.
pub(super) const SHOWN: &str = "edition";
/// Ending of the file of an edition whose blobs are being fetched.
pub(super) const NEXT: &str = "next";

// What a compiled lesson may have is what a peer may give.
const _: () = assert!(LESSON_BYTES_MAX as u64 <= BLOB_BYTES_MAX);

/// A handle to the library of a node.
#[derive(Debug, Clone)]
pub(crate) struct Library(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    blobs: Blobs,
    pub(super) editions: PathBuf,
    site: Arc<Site>,
    state: Mutex<State>,
    /// Held while files of editions change.
    commit: Mutex<()>,
    /// Counts the changes of what is shown.
    changed: watch::Sender<u64>,
    /// Counts the changes of what is to be fetched.
    stirred: watch::Sender<u64>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) shelf: Shelf,
    pub(super) wanted: Wanted,
}

/// Says why the library cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}: {source}", path.display())]
pub(crate) struct OpenError {
    /// The folder.
    path: PathBuf,
    /// Why.
    source: io::Error,
}

impl Library {
    /// Opens the library in a node's data folder; makes it on first use. Editions that do not hold are
    /// removed, and blobs that are not what they should be are fetched again.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read or written.
    pub(crate) fn open(data: &Path, site: Arc<Site>, standing: &Standing) -> Result<Self, OpenError> {
        let path = data.join(FOLDER);
        Self::try_open(&path, site, standing).map_err(|source| OpenError { path, source })
    }

    fn try_open(path: &Path, site: Arc<Site>, standing: &Standing) -> io::Result<Self> {
        let editions = path.join("editions");
        fs::create_dir_all(&editions)?;
        let shelf = Shelf::new(&site.catalogue.courses, standing.revocations.clone());
        let library = Self(Arc::new(Inner {
            blobs: Blobs::open(path.join("blobs"))?,
            editions,
            site,
            state: Mutex::new(State { shelf, wanted: Wanted::default() }),
            commit: Mutex::default(),
            changed: watch::channel(0).0,
            stirred: watch::channel(0).0,
        }));
        library.resume(standing)?;
        library.collect()?;
        Ok(library)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn commit(&self) -> MutexGuard<'_, ()> {
        self.0.commit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn file(&self, course: u16, ending: &str) -> PathBuf {
        self.0.editions.join(format!("{course}.{ending}"))
    }

    /// Where blobs lie.
    pub(super) fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// Follows the changes of what is shown.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// Follows the changes of what is to be fetched.
    pub(super) fn stirs(&self) -> watch::Receiver<u64> {
        self.0.stirred.subscribe()
    }

    pub(super) fn stir(&self) {
        self.0.stirred.send_modify(|count| *count += 1);
    }

    /// The courses as they are to be shown: the greatest edition of each, by number.
    pub(crate) fn catalogue(&self) -> Catalogue {
        let published: Vec<CourseManifest> =
            self.state().shelf.shown().map(|edition| edition.manifest.clone()).collect();
        let covered: HashSet<u16> = published.iter().map(|course| course.course).collect();
        let built_in = self.0.site.catalogue.courses.iter().filter(|course| !covered.contains(&course.course));
        let mut courses: Vec<_> = built_in.cloned().chain(published).collect();
        courses.sort_by_key(|course| course.course);
        Catalogue { courses }
    }

    /// What is shown and passed on.
    pub(super) fn titles(&self) -> Vec<Title> {
        self.state().shelf.titles()
    }

    /// A signed edition that is passed on.
    pub(super) fn edition(&self, hash: Hash) -> Option<Arc<Edition>> {
        self.state().shelf.find(hash)
    }

    /// Reads a lesson that is shown.
    ///
    /// # Errors
    ///
    /// When the disk fails or the blob is damaged, in words.
    pub(crate) fn lesson(&self, hash: Hash) -> Result<Lesson, String> {
        let bytes = self.blob(hash).map_err(|error| error.to_string())?.ok_or("it is not here")?;
        Lesson::decode(&bytes).map_err(|error| error.to_string())
    }

    /// Where a blob of the library lies, with its size.
    pub(crate) fn find(&self, hash: Hash) -> Option<(PathBuf, u64)> {
        Some((self.0.blobs.path(hash), self.0.blobs.size(hash)?))
    }

    /// Finds a compressed form of a blob of the library, made by `pack` when it is first asked for.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn form(
        &self,
        hash: Hash,
        ending: &'static str,
        pack: impl Fn(&[u8]) -> Option<Vec<u8>>,
    ) -> io::Result<Option<PathBuf>> {
        self.0.blobs.form(hash, ending, pack)
    }

    /// Reads a blob, from disk or as it is built in.
    pub(super) fn blob(&self, hash: Hash) -> io::Result<Option<Vec<u8>>> {
        match self.0.blobs.read(hash)? {
            None => Ok(self.0.site.blob(hash).map(<[u8]>::to_vec)),
            found => Ok(found),
        }
    }

    /// Checks that an edition that a peer announces would be taken.
    ///
    /// # Errors
    ///
    /// Says what is in its way.
    pub(super) fn weigh(&self, title: &Title) -> Result<(), Refusal> {
        self.state().shelf.weigh(title)
    }

    /// Takes a signed edition. It is shown at once if all of its blobs are here, and else fetched.
    ///
    /// # Errors
    ///
    /// Says why it is refused.
    pub(super) fn take(&self, edition: Edition, standing: &Standing, today: Day) -> Result<(), Refusal> {
        edition.verify(standing, today)?;
        let _commit = self.commit();
        self.begin(edition, standing)
    }

    pub(super) fn begin(&self, edition: Edition, standing: &Standing) -> Result<(), Refusal> {
        let edition = Arc::new(edition);
        let course = edition.course();
        // A list that was installed a moment ago counts already.
        self.stand_by(standing);
        self.state().shelf.begin(Arc::clone(&edition))?;
        let begun = self.write(&self.file(course, NEXT), &edition.bytes).and_then(|()| self.want(&edition));
        if let Err(error) = begun {
            self.give_up(course);
            return Err(error.into());
        }
        self.completed(course);
        self.stir();
        Ok(())
    }

    /// Writes a file whole or not at all.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let new = path.with_extension("new");
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        File::open(&self.0.editions)?.sync_all()
    }

    /// Lists what an edition lacks. What is built in is copied: another release may not bring it.
    pub(super) fn want(&self, edition: &Edition) -> io::Result<()> {
        let (mut missing, mut held, mut size) = (BTreeSet::new(), 0, 0);
        for hash in self.blobs_of(edition)? {
            match self.hold(hash)? {
                Some(found) => (held, size) = (held + 1, size + found),
                None => drop(missing.insert(hash)),
            }
        }
        let fetch = Fetch { edition: edition.hash, missing, held, fetched: 0, bytes: 0, size };
        self.state().wanted.begin(edition.course(), fetch);
        Ok(())
    }

    /// Says how many bytes a blob has that is here, after it was copied if it is built in.
    fn hold(&self, hash: Hash) -> io::Result<Option<u64>> {
        if self.0.blobs.size(hash).is_none()
            && let Some(bytes) = self.0.site.blob(hash)
        {
            self.0.blobs.put(hash, bytes)?;
        }
        Ok(self.0.blobs.size(hash))
    }

    /// Adds to what is fetched of an edition what its index of audio names, once that is here. Tells whether
    /// something is missing.
    fn widen(&self, edition: &Edition) -> io::Result<bool> {
        let mut missing = BTreeSet::new();
        for hash in self.blobs_of(edition)? {
            if self.hold(hash)?.is_none() {
                missing.insert(hash);
            }
        }
        let more = !missing.is_empty();
        if more {
            self.state().wanted.more(edition.course(), missing);
            self.stir();
        }
        Ok(more)
    }

    /// Shows the edition of a course that was begun, if all of its blobs are here.
    pub(super) fn completed(&self, course: u16) {
        let (edition, fetch) = {
            let state = self.state();
            match (state.shelf.next(course), state.wanted.of(course)) {
                (Some(edition), Some(fetch)) if fetch.missing.is_empty() => (Arc::clone(edition), fetch.clone()),
                _ => return,
            }
        };
        let number = edition.manifest.edition;
        let completed = match self.widen(&edition) {
            Ok(true) => return,
            Ok(false) => self.complete(&edition),
            Err(error) => Err(error.into()),
        };
        match completed {
            Ok(()) => info!(
                "edition {number} of course {course} is here: {} blobs of {} bytes fetched, {} were held",
                fetch.fetched, fetch.bytes, fetch.held
            ),
            Err(why) => {
                warn!("edition {number} of course {course} is not shown: {why}");
                self.give_up(course);
            }
        }
    }

    fn complete(&self, edition: &Edition) -> Result<(), Refusal> {
        self.check_lessons(edition)?;
        self.check_speech(edition)?;
        self.0.blobs.sync()?;
        fs::rename(self.file(edition.course(), NEXT), self.file(edition.course(), SHOWN))?;
        File::open(&self.0.editions)?.sync_all()?;
        let mut state = self.state();
        state.wanted.end(edition.course());
        state.shelf.complete(edition.course());
        drop(state);
        self.0.changed.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Checks that every lesson can be shown, and is the one that the manifest says.
    pub(super) fn check_lessons(&self, edition: &Edition) -> Result<(), Refusal> {
        for summary in &edition.manifest.lessons {
            let broken = |why: String| Refusal::Broken(format!("lesson {}: {why}", summary.lesson));
            let lesson = self.lesson(summary.blob).map_err(broken)?;
            if (lesson.course, lesson.lesson) != (edition.course(), summary.lesson) {
                return Err(broken(format!("it is lesson {} of course {}", lesson.lesson, lesson.course)));
            }
        }
        Ok(())
    }

    /// Gives up the edition of a course that was begun.
    pub(super) fn give_up(&self, course: u16) {
        let mut state = self.state();
        state.wanted.end(course);
        state.shelf.abandon(course);
        drop(state);
        // It may not have been written.
        drop(fs::remove_file(self.file(course, NEXT)));
    }

    /// Goes by what the province says now.
    pub(crate) fn stand(&self, standing: &Standing) {
        let _commit = self.commit();
        self.stand_by(standing);
    }

    fn stand_by(&self, standing: &Standing) {
        let fallen = self.state().shelf.stand(standing.revocations.clone());
        for edition in fallen {
            let (number, course) = (edition.manifest.edition, edition.course());
            warn!("edition {number} of course {course} is given up: its publisher was revoked");
            self.give_up(course);
        }
        // What is passed on may be less now.
        self.0.changed.send_modify(|count| *count += 1);
    }

    /// Removes blobs that no edition names any more.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub(crate) fn collect(&self) -> io::Result<()> {
        let _commit = self.commit();
        let (shown, begun) = self.state().shelf.editions();
        let all = |editions: Vec<Arc<Edition>>| {
            let blobs = editions.iter().map(|edition| self.blobs_of(edition));
            blobs.collect::<io::Result<Vec<_>>>().map(|blobs| blobs.into_iter().flatten().collect::<BTreeSet<_>>())
        };
        let (mut named, awaited) = (all(shown)?, all(begun)?);
        named.extend(&awaited);
        let (files, bytes) = self.0.blobs.collect(&named, &awaited)?;
        if files > 0 {
            info!("removed {files} files of {bytes} bytes that no edition names any more");
        }
        Ok(())
    }
}

/// Checks a number of bytes against its bound.
pub(super) fn fits(what: &'static str, bytes: u64, max: u64) -> Result<(), Refusal> {
    if bytes > max { Err(Refusal::Room { what, max }) } else { Ok(()) }
}
