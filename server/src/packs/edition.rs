//! A signed edition of a course, and why one is refused.

use std::collections::BTreeSet;
use std::io;

use content::limits::FILES_MAX;
use content::pack::{CourseManifest, DecodeError, Hash};
use sync::Day;
use sync::authority::{FormatError, Purpose, Statement, StatementError};
use sync::session::Standing;
use sync::wire::packs::Title;

/// Bound of the blobs of a course: as many as its folder may have files.
pub(crate) const BLOBS_A_COURSE_MAX: usize = FILES_MAX;

/// A signed edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edition {
    /// What was signed, and by whom.
    pub(crate) statement: Statement,
    /// As they came.
    pub(crate) bytes: Vec<u8>,
    /// BLAKE3 of the bytes.
    pub(crate) hash: Hash,
    /// What the statement carries.
    pub(crate) manifest: CourseManifest,
}

/// Why an edition is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Refusal {
    /// The bytes are no statement.
    #[error("it is no signed edition: {0}")]
    Format(#[from] FormatError),
    /// What was signed is no manifest.
    #[error("what was signed is no course: {0}")]
    Manifest(#[from] DecodeError),
    /// What was signed is about something else.
    #[error("what was signed is no edition of a course")]
    Purpose,
    /// It is not to be believed.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// It is not the one that was announced.
    #[error("it was announced as edition {announced}, and is edition {found}: rolled back")]
    Announced {
        /// The edition that a peer announced.
        announced: u32,
        /// The edition that was signed.
        found: u32,
    },
    /// One that is as great or greater is held.
    #[error("it is not greater than what is held: edition {found}, and edition {held} is held")]
    RolledBack {
        /// The edition held.
        held: u32,
        /// The edition offered.
        found: u32,
    },
    /// The program itself brings one that is as great or greater.
    #[error("it is not greater than what is built in: edition {found}, and edition {held} is built in")]
    BuiltIn {
        /// The edition built in.
        held: u32,
        /// The edition offered.
        found: u32,
    },
    /// It is the one that is held.
    #[error("it is held already")]
    Held,
    /// It is of a course more than a catalogue lists.
    #[error("the catalogue is full: it lists {0} courses")]
    Full(usize),
    /// Its blobs are not what a course has.
    #[error("it is broken: {0}")]
    Broken(String),
    /// It would take more room than the library may have.
    #[error("it takes more than {max} bytes of {what}")]
    Room {
        /// Of what.
        what: &'static str,
        /// The named bound.
        max: u64,
    },
    /// The disk could not.
    #[error("it cannot be kept: {0}")]
    Disk(#[from] io::Error),
}

impl Edition {
    /// Reads the bytes of a signed edition. Whether it may be believed is for [`verify`](Self::verify).
    ///
    /// # Errors
    ///
    /// When they are none.
    pub(crate) fn read(bytes: Vec<u8>) -> Result<Self, Refusal> {
        let statement = Statement::decode(&bytes)?;
        if statement.purpose != Purpose::CourseEdition {
            return Err(Refusal::Purpose);
        }
        let manifest = CourseManifest::decode(&statement.payload)?;
        if let Some(problem) = problem(&manifest) {
            return Err(Refusal::Broken(problem.to_owned()));
        }
        Ok(Self { hash: Hash::of(&bytes), statement, bytes, manifest })
    }

    /// Checks that it may be believed when it comes.
    ///
    /// # Errors
    ///
    /// Says why not.
    pub(crate) fn verify(&self, standing: &Standing, today: Day) -> Result<(), Refusal> {
        let revocations = standing.revocations.as_deref();
        Ok(self.statement.verify(standing.province.as_ref(), revocations, today)?)
    }

    /// Number of its course.
    pub(crate) fn course(&self) -> u16 {
        self.manifest.course
    }

    /// What decides between two editions of a course: the greater counts.
    pub(crate) fn rank(&self) -> (u32, Hash) {
        (self.manifest.edition, self.hash)
    }

    /// What peers are told of it.
    pub(crate) fn title(&self) -> Title {
        Title { course: self.course(), edition: self.manifest.edition, hash: self.hash.0 }
    }

    /// Its blobs, each once.
    pub(crate) fn blobs(&self) -> BTreeSet<Hash> {
        self.manifest.blobs().collect()
    }
}

fn problem(manifest: &CourseManifest) -> Option<&'static str> {
    let lessons: BTreeSet<u16> = manifest.lessons.iter().map(|lesson| lesson.lesson).collect();
    if manifest.course == 0 || manifest.edition == 0 {
        Some("courses and editions count from 1")
    } else if lessons.len() < manifest.lessons.len() {
        Some("it lists a lesson twice")
    } else if lessons.is_empty() {
        Some("it has no lesson")
    } else if manifest.blobs().collect::<BTreeSet<_>>().len() > BLOBS_A_COURSE_MAX {
        Some("it has more lessons and pictures than a course folder may have files")
    } else {
        None
    }
}
