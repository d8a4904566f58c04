//! Checks that a lesson can be read in the time it promises, sentence by sentence.

use crate::limits::{LESSON_MINUTES_MAX, SENTENCE_WORDS_MAX, WORDS_PER_MINUTE};
use crate::markdown::Context;
use crate::model::{Block, Element, Inline, Lesson, Quiz, plain_text};
use crate::rules;

/// How much there is to read in a lesson, everything counted: questions, answers and feedback too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Words, as spaces divide them: in Vietnamese, syllables.
    pub words: usize,
    /// Sentences; a heading, item or answer without a full stop is one.
    pub sentences: usize,
}

impl Lesson {
    /// Counts what there is to read.
    pub fn reading(&self) -> Reading {
        let mut reading = Reading::default();
        for block in &self.blocks {
            each_sentence(block, &mut |sentence| {
                reading.words += words(sentence);
                reading.sentences += 1;
            });
        }
        reading
    }
}

/// Reports sentences that are too long, and a lesson that does not fit its minutes.
pub(crate) fn check(context: &mut Context<'_>, blocks: &[(usize, Block)], minutes: u8) {
    let mut total = 0;
    for (at, block) in blocks {
        each_sentence(block, &mut |sentence| {
            let words = words(sentence);
            total += words;
            if words > SENTENCE_WORDS_MAX {
                context.problem(*at, rules::long_sentence(words, sentence.trim()));
            }
        });
    }
    // Minutes out of range have their own problem.
    let fits = total <= usize::from(minutes) * WORDS_PER_MINUTE;
    if let (Some((at, _)), false, 1..=LESSON_MINUTES_MAX) = (blocks.first(), fits, minutes) {
        context.problem(*at, rules::long_reading(total, minutes));
    }
}

fn words(sentence: &str) -> usize {
    sentence.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}

fn each_sentence(block: &Block, visit: &mut impl FnMut(&str)) {
    match block {
        Block::Text(element) => in_element(element, visit),
        Block::Quiz(Quiz { question, options }) => {
            in_line(question, visit);
            for option in options {
                in_line(&option.text, visit);
                in_line(&option.feedback, visit);
            }
        }
    }
}

fn in_element(element: &Element, visit: &mut impl FnMut(&str)) {
    match element {
        Element::Paragraph(line) | Element::Plain(line) | Element::Heading(_, line) => in_line(line, visit),
        Element::Quote(inside) => {
            for element in inside {
                in_element(element, visit);
            }
        }
        Element::List(_, items) => {
            for element in items.iter().flatten() {
                in_element(element, visit);
            }
        }
        Element::Table(head, rows) => {
            for cell in head.iter().chain(rows.iter().flatten()) {
                in_line(cell, visit);
            }
        }
        Element::Rule => {}
    }
}

/// Visits the sentences of a line; one ends at `.`, `!`, `?`, `…`, `:` or `;` before a space or the end.
fn in_line(line: &[Inline], visit: &mut impl FnMut(&str)) {
    let text = plain_text(line);
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let ends = matches!(c, '.' | '!' | '?' | '…' | ':' | ';')
            && characters.peek().is_none_or(|(_, next)| next.is_whitespace() || matches!(next, '"' | '”' | ')'));
        let end = at + c.len_utf8();
        if ends || end == text.len() {
            if words(&text[start..end]) > 0 {
                visit(&text[start..end]);
            }
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::in_line;
    use crate::model::Inline;

    #[test]
    fn splits_sentences() {
        let line = [
            Inline::Text("Gọi số 1900.0368. Hỏi: ".to_owned()),
            Inline::Strong(vec![Inline::Text("được không?".to_owned())]),
            Inline::Text(" Dạ, được".to_owned()),
        ];
        let mut sentences = Vec::new();
        in_line(&line, &mut |sentence| sentences.push(sentence.trim().to_owned()));
        assert_eq!(sentences, ["Gọi số 1900.0368.", "Hỏi:", "được không?", "Dạ, được"]);
    }
}
