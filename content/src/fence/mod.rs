//! Fenced blocks: what Markdown lacks, in a small strict grammar each.
//!
//! One module a fence. To add one: write its module, name it in [`FENCES`], give
//! [`model::Block`](crate::model::Block) and [`pack::Block`](crate::pack::Block) a variant for what it
//! holds, and `compile` an arm between the two.

mod figure;
mod harmless;
mod lines;
mod listen;
mod note;
mod practice;
mod quiz;
mod scam;

use core::ops::Range;

use crate::context::Context;
use crate::model::Block;
use crate::rules;

/// A kind of fenced block.
struct Fence {
    /// The word after the three backticks.
    name: &'static str,
    parse: fn(&mut Context<'_>, &Body) -> Option<Block>,
}

/// Every fence there is.
const FENCES: &[Fence] = &[
    Fence { name: "quiz", parse: quiz::parse },
    Fence { name: "practice", parse: practice::parse },
    Fence { name: "scam", parse: scam::parse },
    Fence { name: "listen", parse: listen::parse },
    Fence { name: "figure", parse: figure::parse },
    Fence { name: "note", parse: note::parse_note },
    Fence { name: "warning", parse: note::parse_warning },
];

/// What stands between the two lines of a fence.
struct Body {
    /// Offset of the opening line.
    at: usize,
    /// The lines in between.
    range: Range<usize>,
}

/// Parses the fenced block at `range`, which includes its opening and closing line.
pub(crate) fn parse(context: &mut Context<'_>, info: &str, range: Range<usize>) -> Option<Block> {
    let at = range.start;
    let (name, rest) = info.trim().split_once(char::is_whitespace).unwrap_or((info.trim(), ""));
    let Some(fence) = FENCES.iter().find(|fence| fence.name == name) else {
        context.problem(at, rules::unknown_fence(name, FENCES.iter().map(|fence| fence.name)));
        return None;
    };
    if !rest.is_empty() {
        context.problem(at, rules::fence_words(name));
    }
    let Some(body) = body(context, range) else {
        context.problem(at, rules::open_fence(name));
        return None;
    };
    (fence.parse)(context, &body)
}

/// Finds the lines between the opening and the closing line; [`None`] when the fence is not closed.
fn body(context: &Context<'_>, range: Range<usize>) -> Option<Body> {
    let at = range.start;
    let (opening, rest) = context.text.source[range].split_once('\n')?;
    let last = rest.strip_suffix('\n').unwrap_or(rest);
    let (end, closing) = last.rfind('\n').map_or((0, last), |newline| (newline + 1, &last[newline + 1..]));
    let mark = opening.trim_start().chars().next()?;
    let length = opening.trim_start().chars().take_while(|c| *c == mark).count();
    let closes = closing.trim().chars().all(|c| c == mark) && closing.trim().len() >= length;
    let start = at + opening.len() + 1;
    closes.then_some(Body { at, range: start..start + end })
}
