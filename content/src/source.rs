//! Files as they come in, positions in them, and the problems found.

use core::cell::OnceCell;
use core::fmt;
use core::ops::Range;

use crate::limits::PROBLEMS_MAX;

/// A file of a course folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the course folder, with `/` between its parts.
    pub path: String,
    /// Content as stored.
    pub bytes: Vec<u8>,
}

/// How much a [`Problem`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The course is not published before it is mended.
    Error,
    /// The course can be published; it would be better without.
    Warning,
}

/// Something in a course to be changed before it is published.
///
/// Shown as `file:line:column: message; help`, a warning as `file:line:column: warning: message; help`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether it keeps the course from being published.
    pub severity: Severity,
    /// Path of the file, relative to the course folder.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Character within the line, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Character within the line, from 1.
    pub column: usize,
}

impl Position {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { severity, file, line, column, message, help } = self;
        let severity = if *severity == Severity::Warning { "warning: " } else { "" };
        write!(f, "{file}:{line}:{column}: {severity}{message}; {help}")
    }
}

/// The text of a file, with the offsets of its lines.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    pub(crate) file: &'a str,
    pub(crate) source: &'a str,
    /// Found when the first position is asked for: most files have no problem.
    line_starts: OnceCell<Vec<usize>>,
}

impl<'a> Text<'a> {
    pub(crate) fn new(file: &'a str, source: &'a str) -> Self {
        Self { file, source, line_starts: OnceCell::new() }
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let newlines = self.source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            core::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect()
        })
    }

    /// Translates an offset in bytes; one inside a character counts as that character.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.source.len());
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset);
        let start = starts[line - 1];
        let before = self.source[start..].char_indices().take_while(|(at, _)| start + at < offset);
        let inside = !self.source.is_char_boundary(offset);
        Position { line, column: before.count() + usize::from(!inside) }
    }

    /// Iterates over the lines of a range: offset of each, and the line without its end.
    pub(crate) fn lines(&self, range: Range<usize>) -> impl Iterator<Item = (usize, &'a str)> {
        let mut offset = range.start;
        self.source[range].split_inclusive('\n').map(move |line| {
            let start = offset;
            offset += line.len();
            (start, line.trim_end_matches(['\n', '\r']))
        })
    }
}

/// Collects problems, up to [`PROBLEMS_MAX`].
#[derive(Debug, Default)]
pub(crate) struct Report {
    problems: Vec<Problem>,
    left_out: usize,
}

impl Report {
    /// Adds a problem at an offset of a text.
    pub(crate) fn at(&mut self, text: &Text<'_>, offset: usize, rule: Rule) {
        self.add(text.file, text.position(offset), rule);
    }

    /// Adds a problem of a file as a whole.
    pub(crate) fn file(&mut self, file: &str, rule: Rule) {
        self.add(file, Position::START, rule);
    }

    pub(crate) fn add(&mut self, file: &str, position: Position, rule: Rule) {
        self.push(Severity::Error, file, position, rule);
    }

    /// Adds a warning at an offset of a text.
    pub(crate) fn warn(&mut self, text: &Text<'_>, offset: usize, rule: Rule) {
        self.push(Severity::Warning, text.file, text.position(offset), rule);
    }

    fn push(&mut self, severity: Severity, file: &str, position: Position, (message, help): Rule) {
        if self.problems.len() == PROBLEMS_MAX {
            self.left_out += 1;
            return;
        }
        let (file, Position { line, column }) = (file.to_owned(), position);
        self.problems.push(Problem { severity, file, line, column, message, help });
    }

    /// Returns how many problems there are so far.
    pub(crate) fn count(&self) -> usize {
        self.problems.len() + self.left_out
    }

    /// Returns the problems in reading order, each once.
    pub(crate) fn finish(self) -> Vec<Problem> {
        let mut problems = self.problems;
        problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        problems.dedup();
        if self.left_out > 0 {
            let (message, help) = crate::rules::more_problems(self.left_out);
            let file = problems.last().map_or_else(String::new, |last| last.file.clone());
            problems.push(Problem { severity: Severity::Error, file, line: 1, column: 1, message, help });
        }
        problems
    }
}

/// What is wrong, and what to write instead.
pub(crate) type Rule = (String, String);

#[cfg(test)]
mod tests {
    use super::{Position, Text};

    #[test]
    fn positions_count_characters() {
        let text = Text::new("a.md", "xin\nchào bà con\n");
        let at = |offset| {
            let Position { line, column } = text.position(offset);
            (line, column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(3), (1, 4), "the line's end belongs to it");
        assert_eq!(at(4), (2, 1));
        let grave = text.source.find('à').unwrap();
        assert_eq!((at(grave), at(grave + 1), at(grave + 2)), ((2, 3), (2, 3), (2, 4)));
        assert_eq!(at(text.source.len()), (3, 1));
        assert_eq!(at(usize::MAX), (3, 1));
    }
}
