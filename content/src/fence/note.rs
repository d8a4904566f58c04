//! The `note` and `warning` fences: paragraphs and lists set apart from the rest.

use super::Body;
use crate::context::Context;
use crate::markdown;
use crate::model::{Block, Element};
use crate::pack::NoteKind;
use crate::rules;

/// Parses a `note`.
pub(super) fn parse_note(context: &mut Context<'_>, body: &Body) -> Option<Block> {
    parse(context, body, NoteKind::Note)
}

/// Parses a `warning`.
pub(super) fn parse_warning(context: &mut Context<'_>, body: &Body) -> Option<Block> {
    parse(context, body, NoteKind::Warning)
}

/// [`None`] when there is a problem with it.
fn parse(context: &mut Context<'_>, body: &Body, kind: NoteKind) -> Option<Block> {
    let problems = context.report.count();
    let mut elements = Vec::new();
    for (at, block) in markdown::note(context, body.range.clone()) {
        match block {
            Block::Text(element @ (Element::Paragraph(_) | Element::List(..))) => elements.push(element),
            _ => context.problem(at, rules::note_content()),
        }
    }
    if elements.is_empty() && context.report.count() == problems {
        context.problem(body.at, rules::note_empty());
    }
    (context.report.count() == problems).then_some(Block::Note(kind, elements))
}
