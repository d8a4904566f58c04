//! Rules of fenced blocks.

use super::similar::did_you_mean;
use super::{quoted, rule};
use crate::pack::OPTIONS_PER_QUIZ_MAX;
use crate::source::Rule;

pub(crate) fn unknown_fence(name: &str, known: impl Iterator<Item = &'static str> + Clone) -> Rule {
    let list = known.clone().collect::<Vec<_>>().join(", ");
    let message = if name.is_empty() {
        "the fence has no name".to_owned()
    } else {
        format!("there is no fence `{}`", quoted(name))
    };
    rule(message, did_you_mean(name, known, &format!("the fences are {list}; for what to type use `single backticks`")))
}

pub(crate) fn fence_words(name: &str) -> Rule {
    rule(format!("nothing follows the name `{name}`"), format!("write only ```` ```{name} ````"))
}

pub(crate) fn open_fence(name: &str) -> Rule {
    rule(format!("the `{name}` fence is not closed"), "write a line ```` ``` ```` after its last line")
}

pub(crate) fn nested_fence() -> Rule {
    rule(
        "a fence stands by itself, not in a list, quotation or another fence",
        "begin its lines at the margin, after an empty line",
    )
}

pub(crate) fn not_a_line() -> Rule {
    rule(
        "only a line of text can stand here",
        "write words, with *emphasis*, `what to type` or links, and no list, heading or code",
    )
}

pub(crate) fn quiz_line() -> Rule {
    rule(
        "a line of a quiz begins with `? `, `[x] `, `[ ] `, `1. ` or `> `",
        "`? question`, `[x] right answer`, `[ ] wrong answer` or `1. step`, `> what to say`; \
         begin with two spaces to go on with the line before",
    )
}

pub(crate) fn bare_mark(mark: &str) -> Rule {
    rule(format!("nothing follows `{mark}`"), "write the text on the same line")
}

pub(crate) fn quiz_without_question() -> Rule {
    rule("the quiz has no question", "begin it with `? ` and the question")
}

pub(crate) fn quiz_question_place() -> Rule {
    rule("a quiz has one question, on its first line", "begin another quiz for another question")
}

pub(crate) fn quiz_feedback_place() -> Rule {
    rule("this belongs to no answer", "write one line `> ` below each answer")
}

pub(crate) fn quiz_few_answers() -> Rule {
    rule("the quiz has fewer than two answers", "write `[x] ` before a right answer and `[ ] ` before a wrong one")
}

pub(crate) fn quiz_many_answers(found: usize) -> Rule {
    rule(
        format!("the quiz has {found} answers, at most {OPTIONS_PER_QUIZ_MAX} fit a small screen"),
        "leave out the weakest",
    )
}

pub(crate) fn quiz_without_right() -> Rule {
    rule("no answer is right", "write `[x]` before each right answer")
}

pub(crate) fn quiz_without_wrong() -> Rule {
    rule("every answer is right", "write `[ ]` before each wrong answer; a quiz needs one")
}

pub(crate) fn quiz_without_feedback() -> Rule {
    rule("the answer has no feedback", "write a line `> ` below it: what to say to somebody who chose it, kindly")
}

pub(crate) fn quiz_same_answer() -> Rule {
    rule("the quiz has this answer already", "write another one, or delete it")
}

pub(crate) fn not_plain() -> Rule {
    rule("only plain words can stand here", "leave out emphasis, links and backticks")
}

pub(crate) fn listen_empty() -> Rule {
    rule("there is nothing to say aloud", "write the words as they are to be said, or delete the fence")
}

pub(crate) fn listen_place() -> Rule {
    rule(
        "there is nothing before this that the words could replace",
        "put it right behind a paragraph, list, table, figure, note or warning",
    )
}

pub(crate) fn figure_line() -> Rule {
    rule("a line of a figure begins with `![` or `> `", "`![what it shows](phone.svg)`, and below it `> caption`")
}

pub(crate) fn figure_lines() -> Rule {
    rule("a figure is an image and its caption", "write `![what it shows](phone.svg)`, and below it `> caption`")
}

pub(crate) fn note_empty() -> Rule {
    rule("there is nothing to note", "write a sentence, or delete the fence")
}

pub(crate) fn note_content() -> Rule {
    rule("only paragraphs and lists can stand here", "move it out of the fence")
}
