//! The `practice` fence: a flow of simulated phone screens.
//!
//! ```text
//! ? what to do in all
//! # title of a screen
//! ? what to do on it
//! - words it shows
//! [_] what stands beside a field: `what to type`
//! > what to say to somebody who typed something else
//! [x] the button that leads on
//! > praise
//! [ ] another button
//! > what to say to somebody who tapped it
//! # title of the last screen
//! - words it shows
//! ! what to say at the end
//! ```
//!
//! A line that begins with two spaces goes on with the line before it. Empty lines mean nothing.

use super::lines::{self, Item, Marks};
use super::{Body, harmless};
use crate::context::Context;
use crate::model::{Block, End, Inline, Part, Practice, Screen};
use crate::pack::{FIELD_CHARS_MAX, LINE_BYTES_MAX, PARTS_PER_SCREEN_MAX, SCREENS_PER_PRACTICE_MAX};
use crate::rules;

/// What a line is, told by how it begins.
#[derive(Clone, Copy)]
enum Mark {
    Ask,
    Screen,
    Text,
    Field,
    Button { right: bool },
    Feedback,
    Praise,
}

const MARKS: Marks<Mark> = &[
    ("? ", Mark::Ask),
    ("# ", Mark::Screen),
    ("- ", Mark::Text),
    ("[_] ", Mark::Field),
    ("[x] ", Mark::Button { right: true }),
    ("[ ] ", Mark::Button { right: false }),
    ("> ", Mark::Feedback),
    ("! ", Mark::Praise),
];

/// A flow while it is read.
#[derive(Default)]
struct Flow {
    task: Option<Vec<Inline>>,
    screens: Vec<Draft>,
}

/// A screen while it is read.
#[derive(Default)]
struct Draft {
    at: usize,
    title: String,
    ask: Option<Vec<Inline>>,
    /// What it shows, each with its offset and whether it still waits for its feedback.
    parts: Vec<(usize, Part, bool)>,
    praise: Option<Vec<Inline>>,
}

/// Parses the lines of a practice. [`None`] when there is a problem with it.
pub(super) fn parse(context: &mut Context<'_>, body: &Body) -> Option<Block> {
    let problems = context.report.count();
    let items = lines::items(context, body, MARKS, rules::practice_line);
    harmless::check(context, body);
    let mut flow = Flow::default();
    for item in items {
        flow.take(context, &item);
    }
    flow.check(context, body.at);
    (context.report.count() == problems).then(|| Block::Practice(flow.finish()))
}

impl Flow {
    fn take(&mut self, context: &mut Context<'_>, item: &Item<Mark>) {
        match (item.mark, self.screens.last_mut()) {
            (Mark::Screen, _) => {
                let title = item.plain(context);
                self.screens.push(Draft { at: item.at, title, ..Draft::default() });
            }
            (Mark::Ask, None) if self.task.is_none() => self.task = Some(item.line(context)),
            (_, None) => context.problem(item.at, rules::practice_without_screen()),
            (_, Some(screen)) => screen.take(context, item),
        }
    }

    fn check(&self, context: &mut Context<'_>, at: usize) {
        if self.task.is_none() {
            context.problem(at, rules::practice_without_task());
        }
        if self.screens.len() > SCREENS_PER_PRACTICE_MAX + 1 {
            context.problem(at, rules::practice_many_screens(self.screens.len() - 1));
        }
        match self.screens.split_last() {
            Some((end, screens)) if !screens.is_empty() => {
                for screen in screens {
                    screen.check(context);
                }
                end.check_end(context);
            }
            _ => context.problem(at, rules::practice_few_screens()),
        }
    }

    fn finish(mut self) -> Practice {
        let end = self.screens.pop().unwrap_or_default();
        let screens = self.screens.into_iter().map(|draft| Screen {
            title: draft.title,
            ask: draft.ask.unwrap_or_default(),
            parts: draft.parts.into_iter().map(|(_, part, _)| part).collect(),
        });
        let texts = end.parts.into_iter().filter_map(|(_, part, _)| match part {
            Part::Text(line) => Some(line),
            _ => None,
        });
        let end = End { title: end.title, texts: texts.collect(), praise: end.praise.unwrap_or_default() };
        Practice { task: self.task.unwrap_or_default(), screens: screens.collect(), end }
    }
}

impl Draft {
    fn take(&mut self, context: &mut Context<'_>, item: &Item<Mark>) {
        let at = item.at;
        match item.mark {
            Mark::Ask if self.ask.is_none() && self.parts.is_empty() => self.ask = Some(item.line(context)),
            Mark::Ask => context.problem(at, rules::practice_ask_place()),
            Mark::Text => self.parts.push((at, Part::Text(item.line(context)), false)),
            Mark::Field => {
                let (label, value) = field(context, item);
                self.parts.push((at, Part::Field { label, value, hint: Vec::new() }, true));
            }
            Mark::Button { right } => {
                let label = label(context, item);
                self.parts.push((at, Part::Button { label, right, feedback: Vec::new() }, true));
            }
            Mark::Feedback => self.take_feedback(context, item),
            Mark::Praise if self.praise.is_none() => self.praise = Some(item.line(context)),
            Mark::Praise => context.problem(at, rules::practice_praise_place()),
            // A new screen was begun by the flow.
            Mark::Screen => {}
        }
    }

    fn take_feedback(&mut self, context: &mut Context<'_>, item: &Item<Mark>) {
        let line = item.line(context);
        match self.parts.last_mut() {
            Some((_, Part::Field { hint: said, .. } | Part::Button { feedback: said, .. }, waits @ true)) => {
                (*said, *waits) = (line, false);
            }
            _ => context.problem(item.at, rules::practice_feedback_place()),
        }
    }

    /// Checks a screen with something to do.
    fn check(&self, context: &mut Context<'_>) {
        if self.ask.is_none() {
            context.problem(self.at, rules::practice_without_ask());
        }
        if self.parts.iter().filter(|(_, part, _)| matches!(part, Part::Button { right: true, .. })).count() != 1 {
            context.problem(self.at, rules::practice_right_button());
        }
        if self.praise.is_some() {
            context.problem(self.at, rules::practice_praise_place());
        }
        self.check_count(context);
        let mut labels = Vec::new();
        // More parts have their own problem.
        for (at, part, waits) in self.parts.iter().take(PARTS_PER_SCREEN_MAX) {
            if *waits {
                context.problem(*at, rules::practice_without_feedback());
            }
            let (Part::Button { label, .. } | Part::Field { label, .. }) = part else { continue };
            if labels.contains(&label) {
                context.problem(*at, rules::practice_same_label());
            }
            labels.push(label);
        }
    }

    /// Checks the screen at the end.
    fn check_end(&self, context: &mut Context<'_>) {
        if self.praise.is_none() {
            context.problem(self.at, rules::practice_without_praise());
        }
        let acts = self.parts.iter().find(|(_, part, _)| !matches!(part, Part::Text(_)));
        if let Some(at) = self.ask.as_ref().map(|_| self.at).or(acts.map(|(at, ..)| *at)) {
            context.problem(at, rules::practice_end_acts());
        }
        self.check_count(context);
    }

    fn check_count(&self, context: &mut Context<'_>) {
        if let Some((at, ..)) = self.parts.get(PARTS_PER_SCREEN_MAX) {
            context.problem(*at, rules::practice_many_parts(self.parts.len()));
        }
    }
}

/// Reads what stands on a button.
fn label(context: &mut Context<'_>, item: &Item<Mark>) -> String {
    let label = item.plain(context);
    if label.len() > LINE_BYTES_MAX {
        context.problem(item.at, rules::long_label(label.len()));
    }
    label
}

/// Reads a field: what stands beside it, and what to type.
fn field(context: &mut Context<'_>, item: &Item<Mark>) -> (String, String) {
    let problems = context.report.count();
    let line = item.line(context);
    if let [Inline::Text(label), Inline::Code(value)] = &*line
        && let Some(label) = label.trim_end().strip_suffix(':')
    {
        if value.chars().count() > FIELD_CHARS_MAX || label.len() > LINE_BYTES_MAX {
            context.problem(item.at, rules::practice_long_value());
        }
        return (label.trim().to_owned(), value.trim().to_owned());
    }
    // A line that could not be read has its own problem.
    if context.report.count() == problems {
        context.problem(item.at, rules::practice_field());
    }
    Default::default()
}
