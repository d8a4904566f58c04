//! The `scam` fence: a message to judge, scam or genuine.
//!
//! ```text
//! @ Tin nhắn: who it says it is from
//! - what it says, with *a sign* and *another sign*
//! ! what the first sign gives away
//! ! what the other one gives away
//! [x] Lừa đảo
//! > what to say to somebody who judged so
//! [ ] Tin thật
//! > what to say to somebody who judged so
//! ```
//!
//! A line that begins with two spaces goes on with the line before it. Empty lines mean nothing.

use super::lines::{self, Item, Marks};
use super::{Body, harmless};
use crate::context::Context;
use crate::model::{Block, Inline, Piece, Scam};
use crate::pack::{Channel, LINE_BYTES_MAX, LINES_PER_SCAM_MAX, Verdict};
use crate::rules;

/// What a line is, told by how it begins.
#[derive(Clone, Copy)]
enum Mark {
    From,
    Line,
    Sign,
    Judgement { right: bool },
    Feedback,
}

const MARKS: Marks<Mark> = &[
    ("@ ", Mark::From),
    ("- ", Mark::Line),
    ("! ", Mark::Sign),
    ("[x] ", Mark::Judgement { right: true }),
    ("[ ] ", Mark::Judgement { right: false }),
    ("> ", Mark::Feedback),
];

/// The words for a channel, as authors write them.
const CHANNELS: &[(&str, Channel)] =
    &[("tin nhắn", Channel::Sms), ("cuộc gọi", Channel::Call), ("mạng xã hội", Channel::Chat)];

/// The words for a verdict, as authors write them.
const VERDICTS: &[(&str, Verdict)] = &[("lừa đảo", Verdict::Scam), ("tin thật", Verdict::Genuine)];

/// A drill while it is read.
#[derive(Default)]
struct Drill {
    has_from: bool,
    from: Option<(Channel, String)>,
    lines: Vec<Line>,
    judgements: Vec<Judgement>,
}

/// A line of the message while it is read.
struct Line {
    at: usize,
    pieces: Vec<Piece>,
    /// Indices of the pieces that are signs and wait for their explanation.
    waiting: Vec<usize>,
}

struct Judgement {
    at: usize,
    right: bool,
    verdict: Option<Verdict>,
    feedback: Option<Vec<Inline>>,
}

/// Parses the lines of a drill. [`None`] when there is a problem with it.
pub(super) fn parse(context: &mut Context<'_>, body: &Body) -> Option<Block> {
    let problems = context.report.count();
    let items = lines::items(context, body, MARKS, rules::scam_line);
    harmless::check(context, body);
    let mut drill = Drill::default();
    for item in items {
        drill.take(context, &item);
    }
    drill.check(context, body.at);
    if context.report.count() > problems {
        return None;
    }
    drill.finish().map(Block::Scam)
}

impl Drill {
    fn take(&mut self, context: &mut Context<'_>, item: &Item<Mark>) {
        let at = item.at;
        match item.mark {
            Mark::From if !self.has_from => (self.has_from, self.from) = (true, from(context, item)),
            Mark::From => context.problem(at, rules::scam_from_place()),
            Mark::Line => self.lines.push(line(context, item)),
            Mark::Sign => {
                let sign = item.line(context);
                match self.lines.last_mut() {
                    Some(Line { pieces, waiting, .. }) if !waiting.is_empty() => {
                        pieces[waiting.remove(0)].sign = Some(sign);
                    }
                    _ => context.problem(at, rules::scam_sign_place()),
                }
            }
            Mark::Judgement { right } => {
                let verdict = verdict(context, item);
                self.judgements.push(Judgement { at, right, verdict, feedback: None });
            }
            Mark::Feedback => {
                let said = item.line(context);
                match self.judgements.last_mut() {
                    Some(Judgement { feedback: feedback @ None, .. }) => *feedback = Some(said),
                    _ => context.problem(at, rules::scam_feedback_place()),
                }
            }
        }
    }

    fn check(&self, context: &mut Context<'_>, at: usize) {
        if !self.has_from {
            context.problem(at, rules::scam_without_from());
        }
        if self.lines.is_empty() {
            context.problem(at, rules::scam_without_line());
        }
        if let Some(line) = self.lines.get(LINES_PER_SCAM_MAX) {
            context.problem(line.at, rules::scam_many_lines(self.lines.len()));
        }
        for line in self.lines.iter().filter(|line| !line.waiting.is_empty()) {
            context.problem(line.at, rules::scam_sign_without_reason(line.waiting.len()));
        }
        if self.lines.iter().all(|line| line.pieces.iter().all(|piece| piece.sign.is_none() && line.waiting.is_empty()))
            && !self.lines.is_empty()
        {
            context.problem(at, rules::scam_without_sign());
        }
        let is = |verdict| move |judgement: &&Judgement| judgement.verdict == Some(verdict);
        let count = |verdict| self.judgements.iter().filter(is(verdict)).count();
        let right = self.judgements.iter().filter(|judgement| judgement.right).count();
        let unread = self.judgements.iter().any(|judgement| judgement.verdict.is_none());
        if !unread && (count(Verdict::Scam), count(Verdict::Genuine), right) != (1, 1, 1) {
            context.problem(at, rules::scam_judgements());
        }
        for judgement in self.judgements.iter().filter(|judgement| judgement.feedback.is_none()) {
            context.problem(judgement.at, rules::scam_without_feedback());
        }
        self.check_addresses(context);
    }

    /// Keeps residents who try an address from harm: a wrong one leads nowhere, a right one is known.
    fn check_addresses(&self, context: &mut Context<'_>) {
        let Some(Judgement { verdict: Some(verdict), .. }) = self.judgements.iter().find(|judgement| judgement.right)
        else {
            return;
        };
        for line in &self.lines {
            // A sign may begin within an address.
            let words: String = line.pieces.iter().map(|piece| &*piece.text).collect();
            for address in harmless::addresses(&words) {
                match verdict {
                    Verdict::Scam if !address.ends_with(".example") => {
                        context.problem(line.at, rules::scam_address(address));
                    }
                    Verdict::Genuine if !context.folder.facts.is_site(address) => {
                        context.problem(line.at, rules::genuine_address(address));
                    }
                    _ => {}
                }
            }
        }
    }

    fn finish(self) -> Option<Scam> {
        let (channel, sender) = self.from?;
        let verdict = self.judgements.iter().find(|judgement| judgement.right)?.verdict?;
        let lines = self.lines.into_iter().map(|line| line.pieces).collect();
        let mut scam =
            Scam { channel, sender, lines, verdict, feedback_to_scam: Vec::new(), feedback_to_genuine: Vec::new() };
        for judgement in self.judgements {
            match judgement.verdict? {
                Verdict::Scam => scam.feedback_to_scam = judgement.feedback?,
                Verdict::Genuine => scam.feedback_to_genuine = judgement.feedback?,
            }
        }
        Some(scam)
    }
}

/// Reads how the message arrives and from whom.
fn from(context: &mut Context<'_>, item: &Item<Mark>) -> Option<(Channel, String)> {
    let problems = context.report.count();
    let text = item.plain(context);
    let (channel, sender) = text.split_once(':').unwrap_or((&text, ""));
    let found = CHANNELS.iter().find(|(word, _)| *word == channel.trim().to_lowercase());
    if let (Some((_, channel)), false) = (found, sender.trim().is_empty()) {
        if sender.len() > LINE_BYTES_MAX {
            context.problem(item.at, rules::long_label(sender.len()));
        }
        return Some((*channel, sender.trim().to_owned()));
    }
    if context.report.count() == problems {
        context.problem(item.at, rules::scam_from());
    }
    None
}

/// Reads a line of the message; what is emphasised is a sign.
fn line(context: &mut Context<'_>, item: &Item<Mark>) -> Line {
    let mut line = Line { at: item.at, pieces: Vec::new(), waiting: Vec::new() };
    for inline in item.line(context) {
        match inline {
            Inline::Text(text) => line.pieces.push(Piece { text, sign: None }),
            Inline::Emphasis(inside) => match <[Inline; 1]>::try_from(inside) {
                Ok([Inline::Text(text)]) => {
                    line.waiting.push(line.pieces.len());
                    line.pieces.push(Piece { text, sign: None });
                }
                _ => context.problem(item.at, rules::scam_markup()),
            },
            _ => context.problem(item.at, rules::scam_markup()),
        }
    }
    line
}

fn verdict(context: &mut Context<'_>, item: &Item<Mark>) -> Option<Verdict> {
    let text = item.plain(context).to_lowercase();
    let word = text.trim_end_matches('.').trim();
    let found = VERDICTS.iter().find(|(known, _)| *known == word);
    if found.is_none() {
        context.problem(item.at, rules::scam_verdict());
    }
    found.map(|(_, verdict)| *verdict)
}
