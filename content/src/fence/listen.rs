//! The `listen` fence: what to say aloud in place of the block before it.
//!
//! ```text
//! words, as they are to be said
//! ```

use super::Body;
use crate::context::Context;
use crate::markdown;
use crate::model::{Block, Inline};
use crate::rules;

/// Parses the words. [`None`] when there is a problem with them.
pub(super) fn parse(context: &mut Context<'_>, body: &Body) -> Option<Block> {
    if context.text.source[body.range.clone()].trim().is_empty() {
        context.problem(body.at, rules::listen_empty());
        return None;
    }
    let line = markdown::inlines(context, body.range.clone())?;
    if let Ok([Inline::Text(text)]) = <[Inline; 1]>::try_from(line) {
        return Some(Block::Listen(text));
    }
    context.problem(body.range.start, rules::not_plain());
    None
}
