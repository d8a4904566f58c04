//! Courses as their files are now: checked, with what speaks of all of them.

use std::path::Path;

use content::speech::Voice;
use content::{
    Checked, CompileError, Compiled, Course, Criteria, Facts, Problem, Severity, SourceFile, check, check_criteria,
    compile_with, parse_criteria, parse_facts, unsaid,
};

use super::folder::{CRITERIA, FACTS, FolderError, Place, read_file};
use super::speak::{self, Sounds};

/// Courses that were read and checked.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The courses and what there is in them; all problems, those of facts and criteria too.
    pub(crate) checked: Checked,
    /// What counts as basic digital skills, where a file says it and the courses are all there.
    pub(crate) criteria: Option<Criteria>,
    /// Audio that was made.
    sounds: Sounds,
}

impl Draft {
    /// Reads and checks courses. The table of facts is `facts.toml` among or beside them, or else the one
    /// that this program brings; `criteria.toml` there is compared with the courses.
    ///
    /// # Errors
    ///
    /// When files cannot be read.
    pub(crate) fn read(place: &Place) -> Result<Self, FolderError> {
        let found = place.beside(FACTS).map(|path| source(&path)).transpose()?;
        let (facts, mut problems) = found.map_or_else(|| (Facts::built_in(), Vec::new()), |file| parse_facts(&file));
        let mut checked = check(&place.courses()?, &facts);
        let criteria = place.beside(CRITERIA).filter(|_| !place.is_course);
        let criteria = match criteria.map(|path| source(&path)).transpose()? {
            Some(file) => {
                let (criteria, found) = parse_criteria(&file);
                problems.extend(found);
                problems.extend(check_criteria(
                    &file.path,
                    &criteria,
                    checked.courses.iter().map(|(_, course)| course),
                ));
                Some(criteria)
            }
            None => None,
        };
        problems.append(&mut checked.problems);
        problems.extend(checked.courses.iter().flat_map(|(folder, course)| stale(folder, course)));
        Ok(Self { checked: Checked { problems, ..checked }, criteria, sounds: speak::of(place) })
    }

    /// Counts the problems of a kind.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.problems().iter().filter(|problem| problem.severity == severity).count()
    }

    /// All problems, in the order in which to mend them.
    pub(crate) fn problems(&self) -> &[Problem] {
        &self.checked.problems
    }

    /// Compiles the courses, sorted by number, as a hub serves them.
    ///
    /// # Errors
    ///
    /// When they have errors.
    pub(crate) fn compile(&self) -> Result<Vec<Compiled>, CompileError> {
        let courses = self.checked.courses.iter().map(|(_, course)| self.compile_one(course));
        let mut compiled = courses.collect::<Result<Vec<_>, _>>()?;
        compiled.sort_by_key(|course| course.manifest.course);
        Ok(compiled)
    }

    fn compile_one(&self, course: &Course) -> Result<Compiled, CompileError> {
        let voice = Voice::of(&course.language);
        compile_with(course, &|text| self.sounds.get(voice.as_ref()?, text))
    }
}

/// Finds recordings of what the course says no more. A course that cannot be compiled has other problems.
fn stale(folder: &str, course: &Course) -> Vec<Problem> {
    let problem = |key: &str| Problem {
        severity: Severity::Warning,
        file: format!("{folder}/audio"),
        line: 1,
        column: 1,
        message: format!("nothing in the course is said by the recording {key}"),
        help: "its text was changed: record it anew (`bdhv content speak --list` names it), or remove the file".into(),
    };
    unsaid(course).unwrap_or_default().into_iter().map(problem).collect()
}

fn source(path: &Path) -> Result<SourceFile, FolderError> {
    Ok(SourceFile { path: path.to_string_lossy().into_owned(), bytes: read_file(path)? })
}
