//! The `figure` fence: a picture with its caption.
//!
//! ```text
//! ![what it shows](path.svg)
//! > what stands below it
//! ```

use super::Body;
use super::lines::{self, Marks};
use crate::context::Context;
use crate::markdown;
use crate::model::{Block, Element, Figure, Inline};
use crate::pack::LINE_BYTES_MAX;
use crate::rules;

/// What a line is, told by how it begins.
#[derive(Clone, Copy)]
enum Mark {
    Image,
    Caption,
}

const MARKS: Marks<Mark> = &[("![", Mark::Image), ("> ", Mark::Caption)];

/// Parses a figure. [`None`] when there is a problem with it.
pub(super) fn parse(context: &mut Context<'_>, body: &Body) -> Option<Block> {
    let problems = context.report.count();
    let items = lines::items(context, body, MARKS, rules::figure_line);
    let [image, caption] = &*items else {
        if context.report.count() == problems {
            context.problem(body.at, rules::figure_lines());
        }
        return None;
    };
    let (Mark::Image, Mark::Caption) = (image.mark, caption.mark) else {
        context.problem(body.at, rules::figure_lines());
        return None;
    };
    let found = markdown::blocks(context, image.at..image.range.end);
    let caption = caption.line(context);
    let Ok([(_, Block::Text(Element::Paragraph(line)))]) = <[_; 1]>::try_from(found) else {
        context.problem(image.at, rules::figure_lines());
        return None;
    };
    let Ok([Inline::Image { path, alt }]) = <[Inline; 1]>::try_from(line) else {
        if context.report.count() == problems {
            context.problem(image.at, rules::figure_lines());
        }
        return None;
    };
    if alt.len() > LINE_BYTES_MAX {
        context.problem(image.at, rules::long_label(alt.len()));
    }
    (context.report.count() == problems).then_some(Block::Figure(Figure { path, alt, caption }))
}
