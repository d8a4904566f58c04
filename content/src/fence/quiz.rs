//! The `quiz` fence: one question, its answers, and what to say to each.
//!
//! ```text
//! ? question
//! [x] a right answer
//! > what to say to somebody who chose it
//! [ ] a wrong answer
//! > what to say to somebody who chose it
//! ```
//!
//! A line that begins with two spaces goes on with the line before it. Empty lines mean nothing.

use core::ops::Range;

use super::Body;
use crate::markdown::{self, Context};
use crate::model::{Block, Inline, Quiz, QuizOption, plain_text};
use crate::pack::OPTIONS_PER_QUIZ_MAX;
use crate::rules;

/// What a line is, told by how it begins.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Question,
    Option { right: bool },
    Feedback,
}

const MARKS: [(&str, Mark); 4] = [
    ("? ", Mark::Question),
    ("[x] ", Mark::Option { right: true }),
    ("[ ] ", Mark::Option { right: false }),
    ("> ", Mark::Feedback),
];

/// A marked line and those that go on with it.
struct Item {
    mark: Mark,
    at: usize,
    /// Where its text stands, without the mark.
    range: Range<usize>,
}

/// An answer while it is read.
struct Answer {
    at: usize,
    right: bool,
    text: Option<Vec<Inline>>,
    feedback: Option<Vec<Inline>>,
    has_feedback: bool,
}

/// Parses the lines of a quiz. [`None`] when it could not be shown; then there is a problem.
pub(super) fn parse(context: &mut Context<'_>, body: &Body) -> Option<Block> {
    let items = items(context, body);
    let mut question = None;
    let mut answers: Vec<Answer> = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let text = markdown::inlines(context, item.range.clone());
        match (item.mark, answers.last_mut()) {
            (Mark::Question, _) if index > 0 => context.problem(item.at, rules::quiz_question_place()),
            (Mark::Question, _) => question = Some(text),
            (Mark::Option { right }, _) => {
                answers.push(Answer { at: item.at, right, text, feedback: None, has_feedback: false });
            }
            (Mark::Feedback, Some(answer)) if !answer.has_feedback => {
                (answer.feedback, answer.has_feedback) = (text, true);
            }
            (Mark::Feedback, _) => context.problem(item.at, rules::quiz_feedback_place()),
        }
    }
    if question.is_none() {
        context.problem(body.at, rules::quiz_without_question());
    }
    check_answers(context, body.at, &answers);
    let usable = answers.len() >= 2 && answers.len() <= OPTIONS_PER_QUIZ_MAX;
    let options = answers.into_iter().map(Answer::into_option).collect::<Option<Vec<_>>>()?;
    let usable = usable && options.iter().any(|option| option.right);
    Some(Block::Quiz(Quiz { question: question??, options })).filter(|_| usable)
}

/// Splits the body into marked lines.
fn items(context: &mut Context<'_>, body: &Body) -> Vec<Item> {
    let text = context.text;
    let mut items: Vec<Item> = Vec::new();
    for (at, line) in text.lines(body.range.clone()) {
        let end = at + line.trim_end().len();
        let marked = MARKS.iter().find(|(mark, _)| line.starts_with(mark));
        match (marked, items.last_mut()) {
            _ if line.trim().is_empty() => {}
            (Some((prefix, mark)), _) if line.trim_end().len() > prefix.len() => {
                items.push(Item { mark: *mark, at, range: at + prefix.len()..end });
            }
            (None, Some(item)) if line.starts_with("  ") => item.range.end = end,
            _ if is_bare_mark(line) => context.problem(at, rules::quiz_empty_line(line.trim_end())),
            _ => context.problem(at, rules::quiz_line()),
        }
    }
    items
}

fn is_bare_mark(line: &str) -> bool {
    MARKS.iter().any(|(mark, _)| line.trim_end() == mark.trim_end())
}

fn check_answers(context: &mut Context<'_>, at: usize, answers: &[Answer]) {
    if answers.len() < 2 {
        context.problem(at, rules::quiz_few_answers());
    } else if answers.iter().all(|answer| !answer.right) {
        context.problem(at, rules::quiz_without_right());
    } else if answers.iter().all(|answer| answer.right) {
        context.problem(at, rules::quiz_without_wrong());
    }
    if answers.len() > OPTIONS_PER_QUIZ_MAX {
        context.problem(at, rules::quiz_many_answers(answers.len()));
    }
    let mut seen = Vec::new();
    for answer in answers.iter().take(OPTIONS_PER_QUIZ_MAX) {
        if !answer.has_feedback {
            context.problem(answer.at, rules::quiz_without_feedback());
        }
        let Some(text) = &answer.text else { continue };
        let words = plain_text(text).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        if seen.contains(&words) {
            context.problem(answer.at, rules::quiz_same_answer());
        }
        seen.push(words);
    }
}

impl Answer {
    fn into_option(self) -> Option<QuizOption> {
        Some(QuizOption { text: self.text?, right: self.right, feedback: self.feedback? })
    }
}
