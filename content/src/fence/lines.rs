//! Splits the inside of a fence into marked lines.

use core::ops::Range;

use super::Body;
use crate::context::Context;
use crate::markdown;
use crate::model::Inline;
use crate::rules;
use crate::source::Rule;

/// What a line may begin with, and what it then is.
pub(super) type Marks<M> = &'static [(&'static str, M)];

/// A marked line and those that go on with it.
pub(super) struct Item<M> {
    pub(super) mark: M,
    pub(super) at: usize,
    /// Where its text stands, without the mark.
    pub(super) range: Range<usize>,
}

/// Splits a body into marked lines; one that begins with two spaces goes on with the line before.
pub(super) fn items<M: Copy>(
    context: &mut Context<'_>,
    body: &Body,
    marks: Marks<M>,
    unmarked: fn() -> Rule,
) -> Vec<Item<M>> {
    let text = context.text;
    let mut items: Vec<Item<M>> = Vec::new();
    for (at, line) in text.lines(body.range.clone()) {
        let end = at + line.trim_end().len();
        let first = line.as_bytes().first();
        let marked = marks.iter().find(|(mark, _)| mark.as_bytes().first() == first && line.starts_with(mark));
        match (marked, items.last_mut()) {
            _ if line.trim().is_empty() => {}
            (Some((prefix, mark)), _) if line.trim_end().len() > prefix.len() => {
                items.push(Item { mark: *mark, at, range: at + prefix.len()..end });
            }
            (None, Some(item)) if line.starts_with("  ") => item.range.end = end,
            _ if is_bare(line, marks) => context.problem(at, rules::bare_mark(line.trim_end())),
            _ => context.problem(at, unmarked()),
        }
    }
    items
}

fn is_bare<M>(line: &str, marks: Marks<M>) -> bool {
    marks.iter().any(|(mark, _)| line.trim_end() == mark.trim_end())
}

impl<M> Item<M> {
    /// Reads the line as inline markup; an empty one when there is a problem with it.
    pub(super) fn line(&self, context: &mut Context<'_>) -> Vec<Inline> {
        markdown::inlines(context, self.range.clone()).unwrap_or_default()
    }

    /// Reads the line as plain text; an empty one when there is a problem with it.
    pub(super) fn plain(&self, context: &mut Context<'_>) -> String {
        let mut plain = String::new();
        for inline in self.line(context) {
            match inline {
                Inline::Text(text) => plain.push_str(&text),
                _ => context.problem(self.at, rules::not_plain()),
            }
        }
        plain
    }
}
