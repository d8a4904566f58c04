//! What a library held when the process ended, taken up again.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sync::authority::STATEMENT_BYTES_MAX;
use sync::session::Standing;
use tracing::warn;

use super::edition::{Edition, Refusal};
use super::library::{Library, NEXT, SHOWN};

impl Library {
    /// Takes up the editions that were held before: those that are whole, those that were begun, and then
    /// those of which something was lost, unless one that was begun is greater.
    pub(super) fn resume(&self, standing: &Standing) -> io::Result<()> {
        let mut damaged = Vec::new();
        for (file, edition) in self.held(SHOWN, standing)? {
            if !self.is_whole(&edition)? {
                damaged.push((file, edition));
            } else if let Err(why) = self.show_again(edition) {
                forget(&file, &why)?;
            }
        }
        let begun = self.held(NEXT, standing)?;
        for (file, edition) in begun.into_iter().chain(damaged) {
            let begun = self.state().shelf.begin(Arc::clone(&edition));
            match begun {
                Ok(()) => self.fetch(&edition, &file)?,
                Err(why) => forget(&file, &why)?,
            }
        }
        Ok(())
    }

    /// The editions whose files have an ending. Those that do not hold are removed.
    fn held(&self, ending: &str, standing: &Standing) -> io::Result<Vec<(PathBuf, Arc<Edition>)>> {
        let mut held = Vec::new();
        for entry in fs::read_dir(&self.0.editions)? {
            let file = entry?.path();
            if file.extension().is_none_or(|found| found != ending) {
                continue;
            }
            match read_held(&file, standing) {
                Ok(edition) => held.push((file, edition)),
                Err(why) => forget(&file, &why)?,
            }
        }
        Ok(held)
    }

    fn show_again(&self, edition: Arc<Edition>) -> Result<(), Refusal> {
        let mut state = self.state();
        state.shelf.weigh(&edition.title())?;
        state.shelf.show(edition);
        Ok(())
    }

    /// Fetches what an edition lacks whose file is `file`.
    fn fetch(&self, edition: &Edition, file: &Path) -> io::Result<()> {
        if *file != self.file(edition.course(), NEXT) {
            fs::rename(file, self.file(edition.course(), NEXT))?;
        }
        self.want(edition)?;
        self.completed(edition.course());
        Ok(())
    }

    fn is_whole(&self, edition: &Edition) -> io::Result<bool> {
        let mut whole = true;
        for hash in self.blobs_of(edition)? {
            whole &= self.blobs().check(hash)?;
        }
        Ok(whole)
    }
}

/// Reads an edition that was verified when it came. That its publisher was revoked since does not matter
/// here.
fn read_held(file: &Path, standing: &Standing) -> Result<Arc<Edition>, Refusal> {
    let mut bytes = Vec::new();
    File::open(file)?.take(STATEMENT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    let edition = Edition::read(bytes)?;
    if let Some(province) = &standing.province {
        edition.statement.holds(province)?;
    }
    Ok(Arc::new(edition))
}

fn forget(file: &Path, why: &Refusal) -> io::Result<()> {
    warn!("{} is removed: {why}", file.display());
    fs::remove_file(file)
}
