//! Checks that a lesson can be read in the time it promises, sentence by sentence.

use core::ops::RangeInclusive;

use crate::context::Context;
use crate::limits::{
    LESSON_MINUTES_MAX, SENTENCE_WORDS_AVERAGE_MAX, SENTENCE_WORDS_GOOD, SENTENCE_WORDS_MAX, WORDS_PER_MINUTE,
};
use crate::model::{Block, Element, End, Inline, Lesson, Order, Part, Practice, Quiz, Scam, Screen, plain_text};
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
            each_sentence(block, &mut |_, words| {
                reading.words += words;
                reading.sentences += 1;
            });
        }
        reading
    }
}

/// Reports sentences that are too long, and a lesson that does not fit its minutes.
pub(crate) fn check(context: &mut Context<'_>, blocks: &[(usize, Block)], minutes: u8) {
    let mut total = 0;
    let mut sentences = 0;
    for (at, block) in blocks {
        each_sentence(block, &mut |sentence, words| {
            total += words;
            sentences += 1;
            if words > SENTENCE_WORDS_MAX {
                context.problem(*at, rules::long_sentence(words, sentence.trim()));
            } else if words > SENTENCE_WORDS_GOOD {
                context.warn(*at, rules::rather_long_sentence(words, sentence.trim()));
            }
        });
    }
    // Minutes out of range have their own problem.
    let fits = total <= usize::from(minutes) * WORDS_PER_MINUTE;
    if let (Some((at, _)), false, 1..=LESSON_MINUTES_MAX) = (blocks.first(), fits, minutes) {
        context.problem(*at, rules::long_reading(total, minutes));
    }
    if let (Some((at, _)), true) = (blocks.first(), total > sentences * SENTENCE_WORDS_AVERAGE_MAX) {
        context.problem(*at, rules::long_sentences(total, sentences));
    }
}

/// Takes a sentence and the number of its words.
trait Visit: FnMut(&str, usize) {}

impl<F: FnMut(&str, usize)> Visit for F {}

fn each_sentence(block: &Block, visit: &mut impl Visit) {
    match block {
        Block::Text(element) => in_element(element, visit),
        Block::Quiz(Quiz { question, options }) => {
            in_line(question, visit);
            for option in options {
                in_line(&option.text, visit);
                in_line(&option.feedback, visit);
            }
        }
        Block::Order(Order { question, steps }) => {
            in_line(question, visit);
            for step in steps {
                in_line(&step.text, visit);
                in_line(&step.hint, visit);
            }
        }
        Block::Practice(practice) => in_practice(practice, visit),
        Block::Scam(scam) => in_scam(scam, visit),
        // Said in place of what was counted already.
        Block::Listen(_) => {}
        Block::Figure(figure) => in_line(&figure.caption, visit),
        Block::Note(_, elements) => {
            for element in elements {
                in_element(element, visit);
            }
        }
    }
}

fn in_practice(practice: &Practice, visit: &mut impl Visit) {
    in_line(&practice.task, visit);
    for Screen { title, ask, parts } in &practice.screens {
        in_text(title, visit);
        in_line(ask, visit);
        for part in parts {
            match part {
                Part::Text(line) => in_line(line, visit),
                Part::Field { label, hint, .. } => {
                    in_text(label, visit);
                    in_line(hint, visit);
                }
                Part::Button { label, feedback, .. } => {
                    in_text(label, visit);
                    in_line(feedback, visit);
                }
            }
        }
    }
    let End { title, texts, praise } = &practice.end;
    in_text(title, visit);
    for line in texts {
        in_line(line, visit);
    }
    in_line(praise, visit);
}

fn in_scam(scam: &Scam, visit: &mut impl Visit) {
    in_text(&scam.sender, visit);
    for line in &scam.lines {
        in_text(&line.iter().map(|piece| piece.text.as_str()).collect::<String>(), visit);
        for sign in line.iter().filter_map(|piece| piece.sign.as_ref()) {
            in_line(sign, visit);
        }
    }
    in_line(&scam.feedback_to_scam, visit);
    in_line(&scam.feedback_to_genuine, visit);
}

fn in_element(element: &Element, visit: &mut impl Visit) {
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

fn in_line(line: &[Inline], visit: &mut impl Visit) {
    match line {
        [] => {}
        // Most lines have no markup, and need not be put together.
        [Inline::Text(text)] => in_text(text, visit),
        line => in_text(&plain_text(line), visit),
    }
}

/// Bytes of UTF-8 that go on with a character.
const CONTINUATION_BYTES: RangeInclusive<u8> = 0x80..=0xbf;
/// First byte of `…`.
const ELLIPSIS_FIRST_BYTE: u8 = 0xe2;

/// Visits the sentences of a text; one ends at `.`, `!`, `?`, `…`, `:` or `;` before a space or the end.
/// What holds no letter and no digit is no word, and what holds no word no sentence.
fn in_text(text: &str, visit: &mut impl Visit) {
    let (mut start, mut words, mut in_word) = (0, 0, false);
    for (at, byte) in text.bytes().enumerate() {
        // Within a word only its end matters; no other stop has several bytes.
        let passes = !byte.is_ascii() && in_word && byte != ELLIPSIS_FIRST_BYTE;
        if passes || CONTINUATION_BYTES.contains(&byte) {
            continue;
        }
        let Some(c) = (if byte.is_ascii() { Some(char::from(byte)) } else { text[at..].chars().next() }) else { break };
        if c.is_ascii_whitespace() {
            in_word = false;
        } else if !in_word && c.is_alphanumeric() {
            (words, in_word) = (words + 1, true);
        } else if matches!(c, '.' | '!' | '?' | '…' | ':' | ';') && ends_sentence(&text[at + c.len_utf8()..]) {
            if words > 0 {
                visit(&text[start..at + c.len_utf8()], words);
            }
            (start, words, in_word) = (at + c.len_utf8(), 0, false);
        }
    }
    if words > 0 {
        visit(&text[start..], words);
    }
}

/// Tells whether what follows a stop makes it the end of a sentence, as in `1.000 đồng` it does not.
fn ends_sentence(rest: &str) -> bool {
    rest.chars().next().is_none_or(|next| next.is_whitespace() || matches!(next, '"' | '”' | ')'))
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
        in_line(&line, &mut |sentence: &str, words: usize| sentences.push((sentence.trim().to_owned(), words)));
        let sentences: Vec<_> = sentences.iter().map(|(sentence, words)| (&**sentence, *words)).collect();
        assert_eq!(sentences, [("Gọi số 1900.0368.", 3), ("Hỏi:", 1), ("được không?", 2), ("Dạ, được", 2)]);
    }
}
