//! What is known and counted while a lesson is parsed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Facts;
use crate::limits::{LESSON_NODES_MAX, LESSON_TEXT_BYTES_MAX};
use crate::model::Image;
use crate::rules;
use crate::source::{Report, Rule, Text};

/// What else is in the course folder: what links and images may point at.
#[derive(Debug)]
pub(crate) struct Folder<'a> {
    /// Number of each lesson file; [`None`] where it could not be read.
    pub(crate) lessons: BTreeMap<String, Option<u16>>,
    /// Each image file; [`None`] where it cannot be shown.
    pub(crate) images: BTreeMap<String, Option<Image>>,
    /// What may be printed.
    pub(crate) facts: &'a Facts,
}

impl<'a> Folder<'a> {
    /// A folder that holds nothing yet.
    pub(crate) fn new(facts: &'a Facts) -> Self {
        Self { lessons: BTreeMap::new(), images: BTreeMap::new(), facts }
    }
}

/// What is known and counted while one lesson is parsed.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) text: &'a Text<'a>,
    pub(crate) folder: &'a Folder<'a>,
    pub(crate) report: &'a mut Report,
    /// Paths of the images shown.
    pub(crate) images: BTreeSet<String>,
    nodes: usize,
    text_bytes: usize,
}

impl<'a> Context<'a> {
    pub(crate) fn new(text: &'a Text<'a>, folder: &'a Folder<'a>, report: &'a mut Report) -> Self {
        Self { text, folder, report, images: BTreeSet::new(), nodes: 0, text_bytes: 0 }
    }

    pub(crate) fn problem(&mut self, at: usize, rule: Rule) {
        self.report.at(self.text, at, rule);
    }

    pub(crate) fn warn(&mut self, at: usize, rule: Rule) {
        self.report.warn(self.text, at, rule);
    }

    pub(crate) fn is_full(&self) -> bool {
        !self.has_room(0, 0)
    }

    /// Tells whether so much more may be kept of the lesson.
    pub(crate) fn has_room(&self, nodes: usize, text_bytes: usize) -> bool {
        self.nodes + nodes <= LESSON_NODES_MAX && self.text_bytes + text_bytes <= LESSON_TEXT_BYTES_MAX
    }

    /// Puts facts in the place of their names in braces.
    pub(crate) fn fill<'t>(&mut self, at: usize, text: &'t str) -> Cow<'t, str> {
        let mut filled = Cow::Borrowed(text);
        let mut from = 0;
        while let Some(open) = filled[from..].find('{').map(|open| from + open)
            && let Some(close) = filled[open..].find('}').map(|close| open + close)
        {
            let name = &filled[open + 1..close];
            from = close + 1;
            if let Some(value) = self.folder.facts.value(name) {
                from = open + value.len();
                filled = Cow::Owned([&filled[..open], value, &filled[close + 1..]].concat());
            } else {
                let rule = rules::unknown_fact(name, self.folder.facts.names());
                self.problem(at, rule);
            }
        }
        filled
    }

    /// Counts what is kept of the lesson; too much of it is a problem, once.
    pub(crate) fn spend(&mut self, at: usize, nodes: usize, text_bytes: usize) {
        let was_full = self.is_full();
        self.nodes += nodes;
        self.text_bytes += text_bytes;
        if self.is_full() && !was_full {
            self.problem(at, rules::large_lesson());
        }
    }
}
