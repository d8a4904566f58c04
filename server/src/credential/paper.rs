//! Credentials and revocation lists in files and on the command line.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sync::authority::{CHAIN_CHARS_MAX, REVOCATIONS_CHARS_MAX};

use crate::fault::{Fault, Kind};
use crate::order::Paper;

/// Longest file read: the longer of both kinds of text, with a line feed and room for spaces.
const FILE_BYTES_MAX: u64 = (max(CHAIN_CHARS_MAX, REVOCATIONS_CHARS_MAX) + 64) as u64;

const fn max(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}

/// Takes a text as given, or reads it from the file that is named instead. What it says is not looked at.
///
/// # Errors
///
/// When the file cannot be read.
pub(crate) fn text(source: &str) -> Result<String, Fault> {
    if ["bdhvc1", "bdhvr1"].iter().any(|prefix| source.trim_start().starts_with(prefix)) {
        return Ok(source.trim().to_owned());
    }
    let text = read_file(Path::new(source)).map_err(|error| {
        Fault::new(Kind::Config, format!("cannot read a credential from {source:.200}"))
            .why(error)
            .help("give the text, which begins with bdhvc1 or bdhvr1, or the file that holds it")
    })?;
    Ok(text.trim().to_owned())
}

/// Takes or reads a credential or a revocation list.
///
/// # Errors
///
/// When it cannot be read, or is neither.
pub(crate) fn paper(source: &str) -> Result<Paper, Fault> {
    Paper::read(&text(source)?)
        .map_err(|why| Fault::new(Kind::Config, format!("{source:.40} holds no credential")).why(why))
}

pub(super) fn read_file(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// Makes a file of one line; one that is there is left alone.
///
/// # Errors
///
/// When it exists or cannot be written.
pub(super) fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(format!("{text}\n").as_bytes())?;
    file.sync_all()
}

/// Writes a file of one line in place of the one that is there, whole or not at all.
///
/// # Errors
///
/// When it cannot be written.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".new-{}", std::process::id()));
    let new = path.with_file_name(name);
    let written = write_with_mode(&new, text).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        drop(fs::remove_file(&new));
    }
    written
}

fn write_with_mode(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o644).open(path)?;
    file.write_all(format!("{text}\n").as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_and_anything_else_is_a_file() {
        assert_eq!(text(" bdhvc1abc\n").unwrap(), "bdhvc1abc");
        let fault = text("/nowhere/at/all").unwrap_err().to_string();
        assert!(fault.contains("/nowhere/at/all") && fault.contains("bdhvc1"), "{fault}");
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let path = std::env::temp_dir().join(format!("bdhv-paper-{}", std::process::id()));
        replace(&path, "one").unwrap();
        replace(&path, "two").unwrap();
        let (found, again) = (read_file(&path).unwrap(), write_new(&path, "three"));
        fs::remove_file(&path).unwrap();
        assert_eq!(found, "two\n");
        assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
