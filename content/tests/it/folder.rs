//! Folders as the tests see them, and snapshots of what was found.

use std::fs;
use std::path::{Path, PathBuf};

use content::{Problem, SourceFile};

/// The folder of fixtures, or a place in it.
pub(crate) fn fixtures(place: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/content").join(place)
}

/// Names of the folders in a folder, in order.
pub(crate) fn folders(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let folders = entries.map(Result::unwrap).filter(|entry| entry.path().is_dir());
    let mut names: Vec<_> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Reads every file of a course folder, except for the snapshot beside them.
pub(crate) fn read(folder: &Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    read_into(folder, "", &mut files);
    files.retain(|file| file.path != "expected.txt");
    files
}

fn read_into(folder: &Path, prefix: &str, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            read_into(&entry.path(), &format!("{path}/"), files);
        } else {
            files.push(SourceFile { path, bytes: fs::read(entry.path()).unwrap() });
        }
    }
}

/// A file with a text.
pub(crate) fn file(path: &str, text: impl Into<Vec<u8>>) -> SourceFile {
    SourceFile { path: path.to_owned(), bytes: text.into() }
}

/// A `course.toml` without a problem.
pub(crate) fn course_toml() -> SourceFile {
    let text = "id = 1\nedition = 1\ntitle = \"T\"\nsummary = \"S\"\nreviewed = 2026-11-22\nlanguage = \"vi\"\n";
    file("course.toml", text)
}

/// A lesson file without a problem in its fields; its text begins on line 9.
pub(crate) fn lesson(path: &str, id: u32, text: &str) -> SourceFile {
    let fields = "title = \"T\"\nminutes = 5\ngoal = \"G\"\nreviewed = 2026-11-22\nsources = [{ title = \"N\" }]";
    file(path, format!("+++\nid = {id}\n{fields}\n+++\n{text}"))
}

/// One problem a line.
pub(crate) fn list(problems: &[Problem]) -> String {
    problems.iter().flat_map(|problem| [problem.to_string(), "\n".to_owned()]).collect()
}

/// Compares with a snapshot; `UPDATE=1` writes it.
pub(crate) fn assert_snapshot(path: &Path, found: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, found).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, expected, "{} differs; UPDATE=1 writes it anew", path.display());
}
