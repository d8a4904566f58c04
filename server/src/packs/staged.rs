//! What `bdhv content publish` lays down: the library of a running node is that process's alone, so the
//! command puts the signed edition and its blobs into a folder of their own and says its name.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use content::Blob;
use content::pack::Hash;
use sync::Day;
use sync::authority::STATEMENT_BYTES_MAX;
use sync::session::Standing;
use sync::wire::packs::BLOB_BYTES_MAX;

use super::blobs::is_abandoned;
use super::edition::{Edition, Refusal};
use super::library::{COURSE_BYTES_MAX, FOLDER, LIBRARY_BYTES_MAX, Library, fits};

/// Name of the signed edition in the folder.
const EDITION: &str = "edition";

/// Lays an edition and its blobs down in a data folder; returns the name to publish it under.
///
/// # Errors
///
/// When the disk fails.
pub(crate) fn stage(data: &Path, edition: &[u8], blobs: &[Blob]) -> io::Result<Hash> {
    let name = Hash::of(edition);
    let folder = folder(data, name);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    remove_abandoned(folder.parent().unwrap_or(&folder))?;
    write(&folder.join(EDITION), edition)?;
    blobs.iter().try_for_each(|blob| write(&folder.join(blob.hash.to_string()), &blob.bytes))?;
    Ok(name)
}

fn folder(data: &Path, name: Hash) -> PathBuf {
    data.join(FOLDER).join("staged").join(name.to_string())
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    File::create(path)?.write_all(bytes)
}

/// Removes what commands left that were killed.
fn remove_abandoned(staged: &Path) -> io::Result<()> {
    for entry in fs::read_dir(staged)? {
        let entry = entry?;
        if is_abandoned(&entry.metadata()?) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

impl Library {
    /// Takes what was laid down under a name, and removes it.
    ///
    /// # Errors
    ///
    /// Says why it is refused.
    pub(crate) fn take_staged(&self, data: &Path, name: Hash, standing: &Standing, today: Day) -> Result<(), Refusal> {
        let folder = folder(data, name);
        let taken = read(&folder.join(EDITION), STATEMENT_BYTES_MAX as u64).map_err(Refusal::from);
        let taken = taken.and_then(Edition::read).and_then(|edition| {
            let bring = |hash: Hash| read(&folder.join(hash.to_string()), BLOB_BYTES_MAX);
            self.publish(edition, standing, today, bring)
        });
        // Whoever laid it down lays it down again.
        drop(fs::remove_dir_all(&folder));
        taken
    }

    /// Keeps blobs that a command brings for an edition, then takes the edition.
    ///
    /// # Errors
    ///
    /// Says why it is refused. What was kept for nothing is collected later.
    fn publish(
        &self,
        edition: Edition,
        standing: &Standing,
        today: Day,
        bring: impl Fn(Hash) -> io::Result<Vec<u8>>,
    ) -> Result<(), Refusal> {
        edition.verify(standing, today)?;
        // Nothing is collected before an edition names it.
        let _commit = self.commit();
        self.weigh(&edition.title())?;
        self.follows(&edition)?;
        self.bring(&edition, bring)?;
        self.check_lessons(&edition)?;
        self.check_speech(&edition)?;
        let hash = edition.hash;
        self.begin(edition, standing)?;
        let shown = self.edition(hash).is_some();
        if shown { Ok(()) } else { Err(Refusal::Broken("not all of it is here".to_owned())) }
    }

    /// Checks that an edition has a number of its own: between hubs equal numbers are decided somehow, but
    /// whoever publishes can count on.
    fn follows(&self, edition: &Edition) -> Result<(), Refusal> {
        let found = edition.manifest.edition;
        match self.state().shelf.number(edition.course()) {
            Some(held) if held >= found => Err(Refusal::RolledBack { held, found }),
            _ => Ok(()),
        }
    }

    fn bring(&self, edition: &Edition, bring: impl Fn(Hash) -> io::Result<Vec<u8>>) -> Result<(), Refusal> {
        // The index of its audio comes with the first, and says which are the rest.
        let named = edition.blobs();
        let size = self.bring_some(&named, 0, &bring)?;
        let rest: BTreeSet<Hash> = self.blobs_of(edition)?.difference(&named).copied().collect();
        self.bring_some(&rest, size, &bring).map(drop)
    }

    /// Keeps blobs of an edition of which so many bytes are here; returns how many there are then.
    fn bring_some(
        &self,
        wanted: &BTreeSet<Hash>,
        mut size: u64,
        bring: &impl Fn(Hash) -> io::Result<Vec<u8>>,
    ) -> Result<u64, Refusal> {
        let blobs = self.blobs();
        for &hash in wanted {
            if blobs.size(hash).is_none() {
                let bytes = bring(hash)?;
                if Hash::of(&bytes) != hash {
                    return Err(Refusal::Broken(format!("{hash} is another blob")));
                }
                fits("all courses", blobs.used() + bytes.len() as u64, LIBRARY_BYTES_MAX)?;
                blobs.put(hash, &bytes)?;
            }
            size += blobs.size(hash).unwrap_or_default();
            fits("one course", size, COURSE_BYTES_MAX)?;
        }
        Ok(size)
    }
}

fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}
