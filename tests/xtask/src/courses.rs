//! The courses in `content/courses`, compiled.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use content::pack::Catalogue;
use content::speech::Voice;
use content::{Course, CourseFolder, Facts, SourceFile};

use crate::compress::{Form, compress};
use crate::make::{self, Sounds};
use crate::paths;

/// Path of the catalogue under the site's root.
pub(crate) const CATALOGUE: &str = "catalogue";

/// Where the courses are, from the root of the workspace.
const FOLDER: &str = "content/courses";

/// Most bytes of a file that is read at all. The checker has the real bounds, far below; this one
/// keeps a video that somebody left there out of memory.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// Compiles every course, with audio; returns files by their path under the site's root.
///
/// A course with problems ends the build with all of them, each with file, line and column.
pub(crate) fn compile() -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let courses = read_all()?;
    let sounds = Sounds { folder: paths::target().join("speech") };
    for (_, course) in &courses {
        speak(course, &sounds)?;
    }
    pack(courses.iter().map(|(_, course)| course), &sounds)
}

/// Makes the audio that a course lacks. It is kept from build to build, so that only new texts take time.
fn speak(course: &Course, sounds: &Sounds) -> anyhow::Result<()> {
    let Some(voice) = Voice::of(&course.language) else { return Ok(()) };
    let missing = RefCell::new(BTreeSet::new());
    content::compile_with(course, &|text| {
        if sounds.get(&voice, text).is_none() {
            missing.borrow_mut().insert(text.to_owned());
        }
        None
    })?;
    let missing = missing.into_inner();
    let texts: Vec<&str> = missing.iter().map(String::as_str).collect();
    sounds.make_all(&voice, &texts).with_context(|| format!("no audio; type: {}", make::how_to_install()))
}

/// Returns the compressed bytes of each course, by the name of its folder: what a resident downloads who
/// takes all of its lessons.
pub(crate) fn sizes() -> anyhow::Result<Vec<(String, usize)>> {
    let size = |(name, course): (String, Course)| {
        let blobs = content::compile(&course)?.blobs;
        let forms = blobs.iter().map(|blob| compress(&blob.bytes, Form::Brotli));
        Ok((name, forms.map(|form| Ok(form?.len())).sum::<anyhow::Result<usize>>()?))
    };
    read_all()?.into_iter().map(size).collect()
}

fn read_all() -> anyhow::Result<Vec<(String, Course)>> {
    let folder = |path: PathBuf| Ok(CourseFolder { name: name(&path)?, files: read(&path)? });
    let courses = folders()?.into_iter().map(folder).collect::<anyhow::Result<Vec<_>>>()?;
    let checked = content::check(&courses, &Facts::built_in());
    if !checked.problems.is_empty() {
        for problem in &checked.problems {
            eprintln!("{FOLDER}/{problem}");
        }
        bail!("the courses have {} problem(s), listed above", checked.problems.len());
    }
    Ok(checked.courses)
}

fn pack<'a>(courses: impl Iterator<Item = &'a Course>, sounds: &Sounds) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut catalogue = Catalogue::default();
    for course in courses {
        let voice = Voice::of(&course.language);
        let compiled = content::compile_with(course, &|text| sounds.get(voice.as_ref()?, text))?;
        catalogue.courses.push(compiled.manifest);
        let blobs = compiled.blobs.into_iter();
        files.extend(blobs.map(|blob| (format!("pack/{}", blob.hash), blob.bytes)));
    }
    catalogue.courses.sort_by_key(|course| course.course);
    files.insert(CATALOGUE.to_owned(), catalogue.encode()?);
    Ok(files)
}

fn folders() -> anyhow::Result<Vec<PathBuf>> {
    let all = paths::root().join(FOLDER);
    let entries = std::fs::read_dir(&all).with_context(|| format!("cannot list {}", all.display()))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        // What begins with a point is no course, as for `bdhv content`.
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn read(folder: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(inner) = left.pop() {
        for entry in std::fs::read_dir(&inner).with_context(|| format!("cannot list {}", inner.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                left.push(path);
                continue;
            }
            let size = std::fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?.len();
            if size > FILE_BYTES_MAX {
                bail!("{}:1:1: {size} bytes are too many for a course; take the file out", path.display());
            }
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.push(SourceFile { path: name_under(folder, &path)?, bytes });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn name(folder: &Path) -> anyhow::Result<String> {
    let name = folder.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).with_context(|| format!("{} is not a name in UTF-8", folder.display()))
}

fn name_under(folder: &Path, path: &Path) -> anyhow::Result<String> {
    let under = path.strip_prefix(folder)?.to_str();
    under.map(str::to_owned).with_context(|| format!("{} is not a name in UTF-8", path.display()))
}
