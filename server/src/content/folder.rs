//! The files of a course, and the courses in a folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use content::limits::{FILES_MAX, IMAGE_BYTES_MAX, TEXT_FILE_BYTES_MAX};
use content::pack::COURSES_MAX;
use content::{CourseFolder, SourceFile};

use super::speak;
use crate::fault::{Fault, Kind};

/// Most bytes of a file that is read at all: the checker refuses what is larger than either of its bounds,
/// and says so better; this keeps a video that somebody left there out of memory.
const FILE_BYTES_MAX: u64 =
    if IMAGE_BYTES_MAX > TEXT_FILE_BYTES_MAX { 16 * IMAGE_BYTES_MAX as u64 } else { 16 * TEXT_FILE_BYTES_MAX as u64 };

/// Most files of a course that are read at all; of more than [`FILES_MAX`] the checker takes the first.
const FILES_READ_MAX: usize = 4 * FILES_MAX;

/// Most folders of courses that are read at all; more than [`COURSES_MAX`] no catalogue holds.
const FOLDERS_MAX: usize = 2 * COURSES_MAX;

/// Deepest folder below that of a course; images may stand in folders, and a path is short.
const DEPTH_MAX: usize = 8;

/// The table of facts, and what counts as basic digital skills.
pub(super) const FACTS: &str = "facts.toml";
pub(super) const CRITERIA: &str = "criteria.toml";
/// Files that speak of all courses.
const BESIDE: [&str; 2] = [FACTS, CRITERIA];

/// Says why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// A file or folder cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is neither a file nor a folder, or a link to a folder.
    #[error("{} is neither a file nor a folder", .0.display())]
    NotAFile(PathBuf),
    /// A file is too large to be part of a course.
    #[error("{} is larger than {FILE_BYTES_MAX} bytes", .0.display())]
    LargeFile(PathBuf),
    /// A folder holds more than a course or a collection of courses.
    #[error("{} holds more than {max} {what}", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// Of what.
        what: &'static str,
        /// How many would be read.
        max: usize,
    },
    /// The name of a file is not UTF-8.
    #[error("{} is not a name in UTF-8", .0.display())]
    Name(PathBuf),
    /// There is no course in the folder.
    #[error("{} holds no course", .0.display())]
    NoCourse(PathBuf),
}

impl From<FolderError> for Fault {
    fn from(error: FolderError) -> Self {
        let help = match &error {
            FolderError::Read { .. } => "give a folder that is there, and that this user may read",
            FolderError::NotAFile(_) | FolderError::LargeFile(_) => "take it out of the folder",
            FolderError::TooMany { .. } => "give the folder of one course, or of some",
            FolderError::Name(_) => "name it in small letters a-z, digits and hyphens",
            FolderError::NoCourse(_) => "give the folder that holds course.toml, or one with such folders in it",
        };
        Self::new(Kind::Config, "cannot read the courses").why(error).help(help)
    }
}

/// Reads every file of a course, in the order of their paths. What editors leave beside a file (a name that
/// begins with `.` or ends in `~`) is left out.
///
/// # Errors
///
/// When something cannot be read, or is no part of any course.
pub(crate) fn read(folder: &Path) -> Result<Vec<SourceFile>, FolderError> {
    let source = |(path, file): (String, PathBuf)| Ok(SourceFile { path, bytes: read_file(&file)? });
    walk(folder)?.into_iter().map(source).collect()
}

/// Lists the files of a course by their paths within it.
fn walk(folder: &Path) -> Result<BTreeMap<String, PathBuf>, FolderError> {
    let mut files = BTreeMap::new();
    let mut left = vec![(String::new(), folder.to_owned(), 0)];
    while let Some((prefix, inner, depth)) = left.pop() {
        for Entry { name, path, kind } in list(&inner, FILES_READ_MAX, "files")? {
            let name = [&*prefix, &name].concat();
            match kind {
                What::Folder if depth < DEPTH_MAX => left.push((name + "/", path, depth + 1)),
                What::File => drop(files.insert(name, path)),
                _ => return Err(FolderError::NotAFile(path)),
            }
        }
        if files.len() + left.len() > FILES_READ_MAX {
            return Err(FolderError::TooMany { path: folder.to_owned(), what: "files", max: FILES_READ_MAX });
        }
    }
    Ok(files)
}

/// Reads a file up to [`FILE_BYTES_MAX`].
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, FolderError> {
    let unread = |source| FolderError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)).map_err(unread)?;
    if bytes.len() as u64 > FILE_BYTES_MAX { Err(FolderError::LargeFile(path.to_owned())) } else { Ok(bytes) }
}

/// Where the folders of courses are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// What was given.
    pub(crate) given: PathBuf,
    /// The folder that holds the folders of the courses.
    pub(crate) root: PathBuf,
    /// Whether what was given is the folder of one course.
    pub(crate) is_course: bool,
}

impl Place {
    /// Finds out whether a folder is that of one course or holds some.
    ///
    /// # Errors
    ///
    /// When it cannot be listed.
    pub(crate) fn find(given: &Path) -> Result<Self, FolderError> {
        let is_course = is_course(given)?;
        let whole = fs::canonicalize(given).map_err(|source| FolderError::Read { path: given.to_owned(), source })?;
        let root = if is_course { whole.parent().unwrap_or(&whole).to_owned() } else { whole };
        Ok(Self { given: given.to_owned(), root, is_course })
    }

    /// Reads the courses, each by the name that its problems show: the path as it was given.
    ///
    /// # Errors
    ///
    /// When something cannot be read, or there is no course.
    pub(crate) fn courses(&self) -> Result<Vec<CourseFolder>, FolderError> {
        let course = |path: PathBuf| Ok(CourseFolder { name: shown(&path)?, files: read(&path)? });
        self.folders()?.into_iter().map(course).collect()
    }

    fn folders(&self) -> Result<Vec<PathBuf>, FolderError> {
        if self.is_course {
            return Ok(vec![self.given.clone()]);
        }
        let entries = list(&self.given, FOLDERS_MAX, "folders")?;
        let folders = entries.into_iter().filter(|entry| entry.kind == What::Folder);
        let folders: Vec<_> = folders.map(|entry| entry.path).collect();
        let some = folders.iter().any(|folder| is_course(folder).unwrap_or(true));
        if some { Ok(folders) } else { Err(FolderError::NoCourse(self.given.clone())) }
    }

    /// Notes each file that courses are compiled from with its size and the time of its last change: where two
    /// traces are alike, nothing was changed in between.
    ///
    /// # Errors
    ///
    /// When something cannot be looked at.
    pub(crate) fn trace(&self) -> Result<Vec<Trace>, FolderError> {
        let folders = self.folders()?;
        let mut files = folders.iter().map(|folder| walk(folder)).collect::<Result<Vec<_>, _>>()?;
        let beside = BESIDE.iter().filter_map(|name| Some(((*name).to_owned(), self.beside(name)?)));
        files.push(beside.collect());
        files.into_iter().flat_map(BTreeMap::into_values).chain(speak::made(self)).map(Trace::of).collect()
    }

    /// Finds a file that speaks of all courses, as `facts.toml` does: among their folders, or beside the
    /// folder of these.
    pub(crate) fn beside(&self, name: &str) -> Option<PathBuf> {
        let folders = [Some(&*self.root), self.root.parent()];
        folders.into_iter().flatten().map(|folder| folder.join(name)).find(|path| path.is_file())
    }
}

/// A file at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    path: PathBuf,
    bytes: u64,
    changed: Option<SystemTime>,
}

impl Trace {
    fn of(path: PathBuf) -> Result<Self, FolderError> {
        match fs::metadata(&path) {
            Ok(found) => Ok(Self { path, bytes: found.len(), changed: found.modified().ok() }),
            Err(source) => Err(FolderError::Read { path, source }),
        }
    }
}

fn is_course(folder: &Path) -> Result<bool, FolderError> {
    let entries = list(folder, FILES_READ_MAX, "files")?;
    Ok(entries.iter().any(|entry| entry.kind == What::File && is_of_a_course(&entry.name)))
}

/// Tells whether a file is one that only the folder of a course holds.
fn is_of_a_course(name: &str) -> bool {
    name == "course.toml" || (name.strip_suffix(".md").is_some() && name.starts_with(|c: char| c.is_ascii_digit()))
}

fn shown(path: &Path) -> Result<String, FolderError> {
    let text = path.to_str().ok_or_else(|| FolderError::Name(path.to_owned()))?;
    Ok(text.trim_end_matches('/').to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    File,
    Folder,
    Other,
}

struct Entry {
    name: String,
    path: PathBuf,
    kind: What,
}

/// Lists a folder in the order of names. A link counts as what it leads to, but not to a folder: that could
/// lead back.
fn list(folder: &Path, max: usize, what: &'static str) -> Result<Vec<Entry>, FolderError> {
    let unread = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError::Read { path, source }
    };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(unread(folder))? {
        let entry = entry.map_err(unread(folder))?;
        let path = entry.path();
        let name = entry.file_name().into_string().map_err(|_| FolderError::Name(path.clone()))?;
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        if entries.len() == max {
            return Err(FolderError::TooMany { path: folder.to_owned(), what, max });
        }
        let own = entry.file_type().map_err(unread(&path))?;
        let is_file = own.is_file() || (own.is_symlink() && path.is_file());
        let kind = if own.is_dir() {
            What::Folder
        } else if is_file {
            What::File
        } else {
            What::Other
        };
        entries.push(Entry { name, path, kind });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A folder of its own for a test, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[&str]) -> Self {
            let path = std::env::temp_dir().join(format!("bdhv-folder-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            for file in files {
                let file = path.join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, "x").unwrap();
            }
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn paths(files: &[SourceFile]) -> Vec<&str> {
        files.iter().map(|file| &*file.path).collect()
    }

    #[test]
    fn what_editors_leave_is_no_part_of_a_course() {
        let files = ["course.toml", "01-a.md", "01-a.md~", ".01-a.md.swp", ".git/HEAD", "hinh/a.svg"];
        let folder = Folder::new("editors", &files);
        symlink(folder.0.join("01-a.md"), folder.0.join("02-b.md")).unwrap();
        assert_eq!(paths(&read(&folder.0).unwrap()), ["01-a.md", "02-b.md", "course.toml", "hinh/a.svg"]);
    }

    #[test]
    fn a_course_and_a_folder_of_courses_are_told_apart() {
        let folder = Folder::new("kinds", &["a/course.toml", "a/01-a.md", "b/01-b.md", "facts.toml"]);
        let one = Place::find(&folder.0.join("b")).unwrap();
        assert_eq!((one.is_course, one.courses().unwrap().len()), (true, 1));
        assert_eq!(one.beside("facts.toml"), Some(fs::canonicalize(&folder.0).unwrap().join("facts.toml")));
        let all = Place::find(&folder.0).unwrap();
        let names: Vec<_> = all.courses().unwrap().into_iter().map(|course| course.name).collect();
        assert_eq!(names, ["a", "b"].map(|name| folder.0.join(name).display().to_string()));
        assert_eq!(all.beside("criteria.toml"), None);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = Folder::new("unread", &["a/course.toml", "empty"]);
        let course = folder.0.join("a");
        let refused = |path: &Path| read(path).unwrap_err().to_string();
        assert!(refused(&folder.0.join("b")).contains("No such file"));
        symlink(&folder.0, course.join("round")).unwrap();
        assert_eq!(refused(&course), format!("{} is neither a file nor a folder", course.join("round").display()));
        fs::remove_file(course.join("round")).unwrap();
        let film = File::create(course.join("film.mp4")).unwrap();
        film.set_len(FILE_BYTES_MAX + 1).unwrap();
        assert!(refused(&course).contains("film.mp4 is larger than"));
        fs::remove_file(course.join("film.mp4")).unwrap();
        fs::remove_dir_all(&course).unwrap();
        let none = Place::find(&folder.0).unwrap().courses().unwrap_err();
        assert!(none.to_string().ends_with("holds no course"));
        let fault = Fault::from(none).to_string();
        assert!(fault.contains("course.toml"), "{fault}");
    }

    #[test]
    fn a_change_leaves_a_trace() {
        let folder = Folder::new("trace", &["a/course.toml", "a/01-a.md"]);
        let place = Place::find(&folder.0).unwrap();
        let first = place.trace().unwrap();
        assert_eq!((first.len(), place.trace().unwrap()), (2, first.clone()));
        fs::write(folder.0.join("a/01-a.md"), "longer").unwrap();
        let second = place.trace().unwrap();
        assert_ne!(second, first);
        fs::write(folder.0.join("facts.toml"), "").unwrap();
        assert_eq!(place.trace().unwrap().len(), second.len() + 1);
    }

    #[test]
    fn a_recording_leaves_a_trace_wherever_it_lies() {
        let folder = Folder::new("sound", &["a/course.toml", "a/01-a.md"]);
        let all = Place::find(&folder.0).unwrap();
        for place in [Place::find(&folder.0.join("a")).unwrap(), all] {
            for sound in ["a/audio/0123456789abcdef.opus", ".speech/0123456789abcdef.opus"] {
                let sound = folder.0.join(sound);
                let before = place.trace().unwrap();
                fs::create_dir_all(sound.parent().unwrap()).unwrap();
                fs::write(&sound, "x").unwrap();
                let new = place.trace().unwrap();
                assert_eq!(new.len(), before.len() + 1, "{sound:?}");
                fs::write(&sound, "longer").unwrap();
                assert_ne!(place.trace().unwrap(), new, "{sound:?}");
                fs::remove_file(&sound).unwrap();
                assert_eq!(place.trace().unwrap(), before, "{sound:?}");
            }
        }
        // What is not finished yet is nothing to look at.
        let place = Place::find(&folder.0).unwrap();
        let before = place.trace().unwrap();
        fs::write(folder.0.join(".speech/0123456789abcdef.77.part"), "x").unwrap();
        assert_eq!(place.trace().unwrap(), before);
    }
}
