//! The `quiz` fence: one question, and answers to choose from or steps to put in order.
//!
//! ```text
//! ? question
//! [x] a right answer
//! > what to say to somebody who chose it
//! [ ] a wrong answer
//! > what to say to somebody who chose it
//! ```
//!
//! ```text
//! ? what to put in order
//! 1. first step
//! > what to say to somebody who took it at the wrong time
//! 2. second step
//! > what to say to somebody who took it at the wrong time
//! ```
//!
//! A line that begins with two spaces goes on with the line before it. Empty lines mean nothing.

use super::Body;
use super::lines::{self, Item, Marks};
use crate::context::Context;
use crate::markdown;
use crate::model::{Block, Inline, Order, OrderStep, Quiz, QuizOption, plain_text};
use crate::pack::OPTIONS_PER_QUIZ_MAX;
use crate::rules;

/// What a line is, told by how it begins.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Question,
    Option { right: bool },
    Step(usize),
    Feedback,
}

const MARKS: Marks<Mark> = &[
    ("? ", Mark::Question),
    ("[x] ", Mark::Option { right: true }),
    ("[ ] ", Mark::Option { right: false }),
    ("> ", Mark::Feedback),
    ("1. ", Mark::Step(1)),
    ("2. ", Mark::Step(2)),
    ("3. ", Mark::Step(3)),
    ("4. ", Mark::Step(4)),
    ("5. ", Mark::Step(5)),
    ("6. ", Mark::Step(6)),
    ("7. ", Mark::Step(7)),
    ("8. ", Mark::Step(8)),
    ("9. ", Mark::Step(9)),
];

/// An answer or a step while it is read.
struct Answer {
    at: usize,
    right: bool,
    text: Option<Vec<Inline>>,
    feedback: Option<Vec<Inline>>,
    has_feedback: bool,
}

/// Parses the lines of a quiz. [`None`] when it could not be shown; then there is a problem.
pub(super) fn parse(context: &mut Context<'_>, body: &Body) -> Option<Block> {
    let items = lines::items(context, body, MARKS, rules::quiz_line);
    let is_order = items.iter().any(|item| matches!(item.mark, Mark::Step(_)));
    let mut question = None;
    let mut answers: Vec<Answer> = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let text = markdown::inlines(context, item.range.clone());
        match (item.mark, answers.last_mut()) {
            (Mark::Question, _) if index > 0 => context.problem(item.at, rules::quiz_question_place()),
            (Mark::Question, _) => question = Some(text),
            (Mark::Feedback, Some(answer)) if !answer.has_feedback => {
                (answer.feedback, answer.has_feedback) = (text, true);
            }
            (Mark::Feedback, _) => context.problem(item.at, rules::quiz_feedback_place()),
            (Mark::Option { .. }, _) if is_order => context.problem(item.at, rules::order_with_answer()),
            (mark, _) => {
                check_number(context, &item, answers.len() + 1);
                let right = mark == Mark::Option { right: true };
                answers.push(Answer { at: item.at, right, text, feedback: None, has_feedback: false });
            }
        }
    }
    if question.is_none() {
        context.problem(body.at, rules::quiz_without_question());
    }
    check_answers(context, body.at, &answers, is_order);
    let usable = answers.len() >= 2 && answers.len() <= OPTIONS_PER_QUIZ_MAX;
    let options = answers.into_iter().map(Answer::into_option).collect::<Option<Vec<_>>>()?;
    let question = question??;
    if is_order {
        let steps = options.into_iter().map(|option| OrderStep { text: option.text, hint: option.feedback }).collect();
        return Some(Block::Order(Order { question, steps })).filter(|_| usable);
    }
    let usable = usable && options.iter().any(|option| option.right);
    Some(Block::Quiz(Quiz { question, options })).filter(|_| usable)
}

fn check_number(context: &mut Context<'_>, item: &Item<Mark>, expected: usize) {
    if let Mark::Step(number) = item.mark
        && number != expected
    {
        context.problem(item.at, rules::order_number(expected));
    }
}

fn check_answers(context: &mut Context<'_>, at: usize, answers: &[Answer], is_order: bool) {
    if answers.len() < 2 {
        context.problem(at, if is_order { rules::order_few_steps() } else { rules::quiz_few_answers() });
    } else if is_order {
        // Every step has its place.
    } else if answers.iter().all(|answer| !answer.right) {
        context.problem(at, rules::quiz_without_right());
    } else if answers.iter().all(|answer| answer.right) {
        context.problem(at, rules::quiz_without_wrong());
    }
    if answers.len() > OPTIONS_PER_QUIZ_MAX {
        context.problem(at, rules::quiz_many_answers(answers.len()));
    }
    let mut seen: Vec<String> = Vec::new();
    for answer in answers.iter().take(OPTIONS_PER_QUIZ_MAX) {
        if !answer.has_feedback {
            context.problem(answer.at, rules::quiz_without_feedback());
        }
        let Some(text) = &answer.text else { continue };
        let words = plain_text(text);
        if seen.iter().any(|other| is_alike(other, &words)) {
            context.problem(answer.at, rules::quiz_same_answer());
        }
        seen.push(words);
    }
}

/// Tells whether two answers have the same words, in capitals or not. Most differ in their first letter.
fn is_alike(a: &str, b: &str) -> bool {
    let (mut left, mut right) = (a.split_whitespace(), b.split_whitespace());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if small(a).eq(small(b)) => {}
            _ => return false,
        }
    }
}

fn small(word: &str) -> impl Iterator<Item = char> {
    word.chars().flat_map(char::to_lowercase)
}

impl Answer {
    fn into_option(self) -> Option<QuizOption> {
        Some(QuizOption { text: self.text?, right: self.right, feedback: self.feedback? })
    }
}
