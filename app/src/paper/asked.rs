//! What is asked of basic digital skills, and how far a learner is.
//!
//! The page brings the criteria and the titles of the courses as short texts in its own attributes, so that a
//! phone that keeps the page has them without a network.
//!
//! ```text
//! criteria   version ⏎ provisional 0|1 ⏎ attested 0|1 ⏎ title ⏎ { course:at_least:score:lesson,lesson… ⏎ }
//! titles     { number space language space title ⏎ }
//! ```

use core::fmt::Write as _;

use content::{Criteria, Requirement};

use super::Record;

/// Most courses and requirements read; a province has some dozens of courses.
const LINES_MAX: usize = 256;

/// One requirement, and how far a learner is with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Number of the course.
    pub course: u16,
    /// Lessons done that count, at most `needed`.
    pub done: usize,
    /// Lessons that are asked for.
    pub needed: usize,
    /// The first lesson that would count and is not done, or was done with too low a score.
    pub next: Option<u16>,
}

impl Asked {
    /// Compares criteria with what a learner did.
    pub fn all(criteria: &Criteria, record: Option<&Record>) -> Vec<Self> {
        criteria.requirements.iter().map(|need| Self::of(need, record)).collect()
    }

    fn of(need: &Requirement, record: Option<&Record>) -> Self {
        let score = |lesson: u16| record.and_then(|record| record.score(need.course, lesson));
        let counts = |lesson: &&u16| score(**lesson).is_some_and(|score| score >= need.score);
        let done = need.lessons.iter().filter(counts).count().min(need.at_least);
        let next = need.lessons.iter().find(|lesson| !counts(lesson)).copied().filter(|_| done < need.at_least);
        Self { course: need.course, done, needed: need.at_least, next }
    }
}

/// Writes criteria for the page.
pub fn criteria_text(criteria: &Criteria) -> String {
    let flag = |set: bool| u8::from(set);
    let (provisional, attested) = (flag(criteria.provisional), flag(criteria.attested));
    let mut text = format!("{}\n{provisional}\n{attested}\n{}\n", criteria.version, criteria.title);
    for need in &criteria.requirements {
        let lessons: Vec<String> = need.lessons.iter().map(u16::to_string).collect();
        let _ = writeln!(text, "{}:{}:{}:{}", need.course, need.at_least, need.score, lessons.join(","));
    }
    text
}

/// Reads what [`criteria_text`] wrote; what it did not write is left out.
pub fn criteria_from_text(text: &str) -> Criteria {
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or_default();
    let version = next().parse().unwrap_or_default();
    let (provisional, attested) = (next() == "1", next() == "1");
    let title = next().to_owned();
    let requirements = lines.take(LINES_MAX).filter_map(requirement).collect();
    Criteria { version, provisional, attested, title, requirements, ..Criteria::default() }
}

fn requirement(line: &str) -> Option<Requirement> {
    let mut parts = line.split(':');
    let course = parts.next()?.parse().ok()?;
    let (at_least, score) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let lessons = parts.next()?.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
    Some(Requirement { course, lessons, at_least, score, position: content::Position::START })
}

/// What a course is called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Title {
    /// Its number.
    pub course: u16,
    /// The language of its title, as a BCP 47 tag.
    pub language: String,
    /// Its title.
    pub title: String,
}

/// Writes the titles of courses for the page.
pub fn titles_text(titles: impl Iterator<Item = Title>) -> String {
    titles.fold(String::new(), |mut text, Title { course, language, title }| {
        let _ = writeln!(text, "{course} {language} {title}");
        text
    })
}

/// Reads what [`titles_text`] wrote.
pub fn titles_from_text(text: &str) -> Vec<Title> {
    let title = |line: &str| {
        let mut parts = line.splitn(3, ' ');
        let course = parts.next()?.parse().ok()?;
        Some(Title { course, language: parts.next()?.to_owned(), title: parts.next()?.to_owned() })
    };
    text.lines().take(LINES_MAX).filter_map(title).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_come_back_from_their_text() {
        let criteria = Criteria::built_in();
        let found = criteria_from_text(&criteria_text(&criteria));
        let plain = |found: &Criteria| {
            let needs = found.requirements.iter();
            let needs: Vec<_> = needs.map(|n| (n.course, n.lessons.clone(), n.at_least, n.score)).collect();
            (found.version, found.provisional, found.attested, found.title.clone(), needs)
        };
        assert_eq!(plain(&found), plain(&criteria));
        assert!(criteria_from_text("x\n\n\n\nx:y\n").requirements.is_empty());
        let title =
            |course, language: &str, title: &str| Title { course, language: language.into(), title: title.into() };
        let titles = vec![title(1, "vi", "VNeID: giấy tờ"), title(2, "km", "A")];
        assert_eq!(titles_from_text(&titles_text(titles.iter().cloned())), titles);
        assert_eq!(titles_from_text("x\n3 vi\nx vi A\n"), []);
    }

    #[test]
    fn what_is_missing_is_found() {
        let criteria = criteria_from_text("1\n1\n1\nA\n1:2:60:1,2,3\n2:1:60:1\n");
        let record = Record { done: vec![(1, 1, 100), (1, 2, 59), (2, 1, 60)], ..Record::default() };
        let all = Asked::all(&criteria, Some(&record));
        assert_eq!(all[0], Asked { course: 1, done: 1, needed: 2, next: Some(2) });
        assert_eq!(all[1], Asked { course: 2, done: 1, needed: 1, next: None });
        assert_eq!(Asked::all(&criteria, None)[0].next, Some(1));
    }
}
