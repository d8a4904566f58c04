//! Course folders on disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use content::SourceFile;
use content::limits::FILES_MAX;

/// Most bytes of a file that is read at all. The checker has the real bounds, far below; this one keeps a
/// video that somebody left there out of memory.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// Says why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is too large to be one of a course.
    #[error("{}: {bytes} bytes are too many for a course; take the file out", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// There are too many files to be a course.
    #[error("{}: more than {FILES_MAX} files are too many for a course", .0.display())]
    TooMany(PathBuf),
    /// A name is no text.
    #[error("{} is not a name in UTF-8", .0.display())]
    Name(PathBuf),
}

/// Reads every file of a course folder, sorted by path.
///
/// # Errors
///
/// When one cannot be read, or cannot be one of a course.
pub(crate) fn read(folder: &Path) -> Result<Vec<SourceFile>, ReadError> {
    let mut files = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(inner) = left.pop() {
        for path in entries(&inner)? {
            if path.is_dir() {
                left.push(path);
            } else {
                files.push(source(folder, path)?);
            }
            if files.len() + left.len() > FILES_MAX {
                return Err(ReadError::TooMany(folder.to_owned()));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Lists a folder, sorted by name.
///
/// # Errors
///
/// When it cannot be read.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let fault = |source| ReadError::Io { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(fault)? {
        paths.push(entry.map_err(fault)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn source(folder: &Path, path: PathBuf) -> Result<SourceFile, ReadError> {
    let fault = |source| ReadError::Io { path: path.clone(), source };
    let bytes = fs::metadata(&path).map_err(fault)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(ReadError::TooLarge { path, bytes });
    }
    let under = path.strip_prefix(folder).unwrap_or(&path).to_str();
    let name = under.ok_or_else(|| ReadError::Name(path.clone()))?.to_owned();
    Ok(SourceFile { path: name, bytes: fs::read(&path).map_err(fault)? })
}
