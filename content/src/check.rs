//! Checks whole folders of courses at once.

use crate::course::{check_courses, parse_course_with};
use crate::facts::Facts;
use crate::model::Course;
use crate::source::{Problem, Severity, SourceFile};
use crate::summary::{Summary, summary};

/// The folder of one course.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CourseFolder {
    /// Name of the folder, put before the names of its files in problems; empty for none.
    pub name: String,
    /// Its files, with paths relative to it.
    pub files: Vec<SourceFile>,
}

/// What was found in some course folders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Each course with the name of its folder, in the order given.
    pub courses: Vec<(String, Course)>,
    /// All problems, course by course in reading order; then those between courses.
    pub problems: Vec<Problem>,
    /// What there is in all of them.
    pub summary: Summary,
}

/// Parses and checks course folders, against each other and against a table of facts.
///
/// # Example
///
/// ```
/// use content::{CourseFolder, Facts, check};
///
/// let checked = check(&[CourseFolder { name: "vneid".to_owned(), files: Vec::new() }], &Facts::built_in());
/// assert!(!checked.may_publish());
/// assert_eq!(checked.problems[0].file, "vneid/course.toml");
/// ```
pub fn check(folders: &[CourseFolder], facts: &Facts) -> Checked {
    let mut checked = Checked::default();
    for CourseFolder { name, files } in folders {
        let (course, problems) = parse_course_with(files, facts);
        checked.problems.extend(problems.into_iter().map(|problem| within(name, problem)));
        checked.courses.push((name.clone(), course));
    }
    let courses = &checked.courses;
    checked.problems.extend(check_courses(courses.iter().map(|(name, course)| (&**name, course))));
    checked.summary = summary(courses.iter().map(|(_, course)| course));
    checked
}

fn within(folder: &str, problem: Problem) -> Problem {
    if folder.is_empty() { problem } else { Problem { file: format!("{folder}/{}", problem.file), ..problem } }
}

impl Checked {
    /// Tells whether the courses can be compiled and published: there are at most warnings.
    pub fn may_publish(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity == Severity::Warning)
    }
}
