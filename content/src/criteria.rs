//! What counts as basic digital skills: data that an authority sets, not code.

use crate::facts::Facts;
use crate::fields::Fields;
use crate::limits::{FACTS_MAX, TEXT_FILE_BYTES_MAX};
use crate::model::Course;
use crate::pack::Date;
use crate::rules;
use crate::source::{Position, Problem, Report, SourceFile, Text};

/// The criteria that come with this crate.
const BUILT_IN: &str = include_str!("../criteria.toml");

/// What a resident has to have done to count as having basic digital skills.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criteria {
    /// Version, from 1; only grows.
    pub version: u32,
    /// Whether an authority has yet to confirm them. Say so wherever a figure rests on them.
    pub provisional: bool,
    /// What they are called.
    pub title: String,
    /// What they rest on and what is missing, in plain words.
    pub note: String,
    /// Day from which they hold.
    pub since: Option<Date>,
    /// What is asked; all of it.
    pub requirements: Vec<Requirement>,
    /// Whether somebody with the right to attest has to confirm it in person.
    pub attested: bool,
}

/// A number of lessons of one course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Number of the course.
    pub course: u16,
    /// Numbers of the lessons that count.
    pub lessons: Vec<u16>,
    /// How many of them have to be done, at least.
    pub at_least: usize,
    /// Lowest score of each, in percent, `1..=100`.
    pub score: u8,
    /// Where the requirement stands in the file.
    pub position: Position,
}

/// How far somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Lessons are missing.
    Learning {
        /// Lessons done that count.
        done: usize,
        /// Lessons that have to be done.
        needed: usize,
    },
    /// All lessons are done; somebody has yet to confirm it.
    Unconfirmed,
    /// All lessons are done, and it is confirmed where that is asked.
    Complete,
}

impl Criteria {
    /// Returns the criteria that come with this crate, `content/criteria.toml`.
    pub fn built_in() -> Self {
        let file = SourceFile { path: "criteria.toml".to_owned(), bytes: BUILT_IN.as_bytes().to_vec() };
        parse_criteria(&file).0
    }

    /// Returns the file that [`built_in`](Self::built_in) reads.
    pub fn built_in_text() -> &'static str {
        BUILT_IN
    }

    /// Tells how far somebody is, given the best score of a lesson (course, lesson), [`None`] where it
    /// is not done, and whether it was attested.
    pub fn standing(&self, score: impl Fn(u16, u16) -> Option<u8>, attested: bool) -> Standing {
        let (mut done, mut needed) = (0, 0);
        for requirement in &self.requirements {
            let passes = |lesson: &&u16| score(requirement.course, **lesson).is_some_and(|s| s >= requirement.score);
            done += requirement.lessons.iter().filter(passes).count().min(requirement.at_least);
            needed += requirement.at_least;
        }
        match (done == needed, attested || !self.attested) {
            (false, _) => Standing::Learning { done, needed },
            (true, false) => Standing::Unconfirmed,
            (true, true) => Standing::Complete,
        }
    }
}

/// Parses criteria.
///
/// Never fails: what cannot be read is left out, and is a problem.
pub fn parse_criteria(file: &SourceFile) -> (Criteria, Vec<Problem>) {
    let mut report = Report::default();
    let mut criteria = Criteria::default();
    match str::from_utf8(&file.bytes) {
        Ok(source) if source.len() <= TEXT_FILE_BYTES_MAX => {
            let text = Text::new(&file.path, source);
            read(&text, &mut criteria, &mut report);
            crate::facts::check(&text, &Facts::built_in(), &mut report);
        }
        Ok(source) => report.file(&file.path, rules::large_text_file(source.len())),
        Err(_) => report.file(&file.path, rules::not_utf8()),
    }
    (criteria, report.finish())
}

/// Checks that what criteria ask for is there to be learned.
pub fn check_criteria<'a>(
    file: &str,
    criteria: &Criteria,
    courses: impl IntoIterator<Item = &'a Course>,
) -> Vec<Problem> {
    let courses: Vec<&Course> = courses.into_iter().collect();
    let mut report = Report::default();
    for requirement in &criteria.requirements {
        let Some(course) = courses.iter().find(|course| course.id == requirement.course) else {
            report.add(file, requirement.position, rules::unknown_course(requirement.course));
            continue;
        };
        for lesson in &requirement.lessons {
            if !course.lessons.iter().any(|found| found.id == *lesson) {
                report.add(file, requirement.position, rules::unknown_lesson(requirement.course, *lesson));
            }
        }
    }
    report.finish()
}

fn read(text: &Text<'_>, criteria: &mut Criteria, report: &mut Report) {
    let Some(mut fields) = Fields::parse(text, 0..text.source.len(), report) else { return };
    criteria.version = fields.number("version", report).map(|(_, version)| version).unwrap_or_default();
    criteria.provisional = fields.truth("provisional", report).unwrap_or(true);
    criteria.title = fields.line("title", report).map(|(_, line)| line).unwrap_or_default();
    criteria.note = fields.line("note", report).map(|(_, line)| line).unwrap_or_default();
    criteria.since = fields.date("since", report);
    criteria.attested = fields.truth("attested", report).unwrap_or(true);
    let tables = fields.tables("require", report);
    if let Some((at, _)) = tables.get(FACTS_MAX) {
        fields.refuse(*at, rules::too_many_requirements(tables.len()), report);
    }
    for (at, table) in tables.into_iter().take(FACTS_MAX) {
        criteria.requirements.extend(requirement(table, text.position(at), report));
    }
    fields.finish(report);
}

fn requirement(mut fields: Fields<'_>, position: Position, report: &mut Report) -> Option<Requirement> {
    let course = fields.number("course", report);
    let lessons = fields.numbers("lessons", report);
    let at_least = fields.number::<u16>("at_least", report);
    let score = fields.number::<u8>("score", report);
    let (at, at_least) = at_least?;
    if usize::from(at_least) > lessons.len() {
        fields.refuse(at, rules::more_than_lessons(lessons.len()), report);
    }
    let (score_at, score) = score?;
    if score > 100 {
        fields.refuse(score_at, rules::high_score(), report);
    }
    fields.finish(report);
    let lessons = lessons.into_iter().map(|(_, lesson)| lesson).collect();
    Some(Requirement { course: course?.1, lessons, at_least: at_least.into(), score, position })
}

#[cfg(test)]
mod tests {
    use super::{Criteria, Requirement, Standing};
    use crate::source::Position;

    #[test]
    fn all_of_it_is_asked() {
        let requirement = |course, at_least| Requirement {
            course,
            lessons: vec![1, 2, 3],
            at_least,
            score: 70,
            position: Position::START,
        };
        let requirements = vec![requirement(1, 2), requirement(2, 1)];
        let criteria = Criteria { attested: true, requirements, ..Criteria::default() };
        let standing = |done: &[(u16, u16, u8)], attested| {
            let score =
                |course, lesson| done.iter().find(|done| (done.0, done.1) == (course, lesson)).map(|done| done.2);
            criteria.standing(score, attested)
        };
        assert_eq!(standing(&[], true), Standing::Learning { done: 0, needed: 3 });
        let one_course = [(1, 1, 100), (1, 2, 100), (1, 3, 100)];
        assert_eq!(standing(&one_course, true), Standing::Learning { done: 2, needed: 3 });
        let low = [(1, 1, 100), (1, 2, 69), (2, 3, 70)];
        assert_eq!(standing(&low, true), Standing::Learning { done: 2, needed: 3 });
        let all = [(1, 1, 70), (1, 3, 80), (2, 2, 90)];
        assert_eq!(standing(&all, false), Standing::Unconfirmed);
        assert_eq!(standing(&all, true), Standing::Complete);
    }
}
