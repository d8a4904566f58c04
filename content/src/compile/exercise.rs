//! The exercises, from the tree to their pack.

use crate::model;
use crate::pack::{self, Hash};
use crate::render::Renderer;

pub(super) fn order(order: &model::Order, renderer: &Renderer<'_>) -> pack::Order {
    let step =
        |step: &model::OrderStep| pack::OrderStep { text: renderer.line(&step.text), hint: renderer.line(&step.hint) };
    pack::Order { question: renderer.line(&order.question), steps: order.steps.iter().map(step).collect() }
}

pub(super) fn practice(practice: &model::Practice, renderer: &Renderer<'_>) -> pack::Practice {
    let screen = |screen: &model::Screen| pack::Screen {
        title: screen.title.clone(),
        ask: renderer.line(&screen.ask),
        parts: screen.parts.iter().map(|found| part(found, renderer)).collect(),
    };
    let model::End { title, texts, praise } = &practice.end;
    pack::Practice {
        task: renderer.line(&practice.task),
        screens: practice.screens.iter().map(screen).collect(),
        end: pack::End {
            title: title.clone(),
            texts: texts.iter().map(|line| renderer.line(line)).collect(),
            praise: renderer.line(praise),
        },
    }
}

fn part(part: &model::Part, renderer: &Renderer<'_>) -> pack::Part {
    match part {
        model::Part::Text(line) => pack::Part::Text(renderer.line(line)),
        model::Part::Field { label, value, hint } => {
            pack::Part::Field(pack::Field { label: label.clone(), value: value.clone(), hint: renderer.line(hint) })
        }
        model::Part::Button { label, right, feedback } => {
            pack::Part::Button(pack::Button { label: label.clone(), right: *right, feedback: renderer.line(feedback) })
        }
    }
}

pub(super) fn scam(scam: &model::Scam, renderer: &Renderer<'_>) -> pack::Scam {
    let piece = |piece: &model::Piece| pack::Piece {
        text: piece.text.clone(),
        sign: piece.sign.as_ref().map(|sign| renderer.line(sign)),
    };
    pack::Scam {
        channel: scam.channel,
        sender: scam.sender.clone(),
        lines: scam.lines.iter().map(|line| line.iter().map(piece).collect()).collect(),
        verdict: scam.verdict,
        feedback_to_scam: renderer.line(&scam.feedback_to_scam),
        feedback_to_genuine: renderer.line(&scam.feedback_to_genuine),
    }
}

/// That the image is there was checked when the lesson's assets were listed.
pub(super) fn figure(figure: &model::Figure, renderer: &Renderer<'_>) -> pack::Figure {
    let (image, width, height) = renderer.images.get(&*figure.path).copied().unwrap_or((Hash([0; 32]), 0, 0));
    pack::Figure { image, width, height, alt: figure.alt.clone(), caption: renderer.line(&figure.caption) }
}
