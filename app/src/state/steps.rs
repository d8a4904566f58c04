//! How a lesson is cut into steps: one idea a screen.
//!
//! Pure: the same blocks always make the same steps, on the server's page and in the browser, so that an
//! address such as `#man-3` means the same place everywhere.

use core::ops::Range;

use content::pack::{Block, Html, Lesson};

use super::exercise;

/// Most words of a step's text. A phone of 360 × 640 shows about ten lines of eight Vietnamese words between
/// its bars; a few lines more are a short scroll, and cutting a thought in two is worse than that.
const STEP_WORDS_MAX: usize = 120;
/// What a picture takes on that phone, in words: 185 of its pixels, six lines of text.
const FIGURE_WORDS: usize = 50;
/// What the frame and the word above a note take, in words.
const NOTE_WORDS: usize = 15;
/// What the title and the goal take on the first step, in words.
const HEAD_WORDS: usize = 35;

/// The steps of a lesson: which blocks stand on each, in order, every block on one.
///
/// There is always a first step. It may hold no block: then it is the title and what the lesson is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps(Vec<Range<usize>>);

impl Steps {
    /// Cuts a lesson into steps.
    ///
    /// A heading begins one; text, lists, notes and pictures stay with it as long as they fit. What is to
    /// be answered or done stands alone, with the headings right before it.
    pub fn of(lesson: &Lesson) -> Self {
        let mut cut = Cut { steps: Vec::new(), from: 0, words: HEAD_WORDS, holds: Holds::Nothing };
        for (at, block) in lesson.blocks.iter().enumerate() {
            cut.take(at, block);
        }
        cut.end(lesson.blocks.len());
        Self(cut.steps)
    }

    /// Returns how many there are; at least one.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns the blocks of a step, counted from 0; the last step's for what is beyond.
    pub fn blocks(&self, step: usize) -> Range<usize> {
        let last = self.0.last().cloned().unwrap_or_default();
        self.0.get(step).cloned().unwrap_or(last)
    }

    /// Iterates over the blocks of each step.
    pub fn iter(&self) -> impl Iterator<Item = Range<usize>> {
        self.0.iter().cloned()
    }

    /// Finds the step a block stands on.
    pub fn step_of(&self, block: usize) -> usize {
        self.0.iter().position(|blocks| blocks.contains(&block)).unwrap_or_default()
    }
}

/// What the step being made holds so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    Headings,
    Text,
    /// Something to do: nothing shown comes after it.
    Task,
}

struct Cut {
    steps: Vec<Range<usize>>,
    from: usize,
    words: usize,
    holds: Holds,
}

impl Cut {
    fn take(&mut self, at: usize, block: &Block) {
        let (weight, holds) = match block {
            Block::Html(html) if is_heading(html) => (words(html), Holds::Headings),
            Block::Html(html) => (words(html) + FIGURE_WORDS * html.as_str().matches("<img").count(), Holds::Text),
            Block::Figure(figure) => (FIGURE_WORDS + words(&figure.caption), Holds::Text),
            Block::Note(note) => (NOTE_WORDS + words(&note.html), Holds::Text),
            Block::Quiz(_) => (0, Holds::Task),
            other if exercise(other).is_some() => (0, Holds::Task),
            // Shows nothing: it stays with what is before it.
            _ => return,
        };
        let fits = match (self.holds, holds) {
            (Holds::Task, _) | (Holds::Text, Holds::Headings | Holds::Task) => false,
            (Holds::Nothing, Holds::Task) => !self.steps.is_empty(),
            (Holds::Text, Holds::Text) => self.words + weight <= STEP_WORDS_MAX,
            _ => true,
        };
        if !fits {
            self.end(at);
        }
        self.words += weight;
        self.holds = holds;
    }

    fn end(&mut self, at: usize) {
        self.steps.push(self.from..at);
        (self.from, self.words, self.holds) = (at, 0, Holds::Nothing);
    }
}

fn is_heading(html: &Html) -> bool {
    html.as_str().starts_with("<h")
}

/// Counts words as they are read: what spaces and tags divide.
fn words(html: &Html) -> usize {
    let mut words = 0;
    let (mut in_tag, mut in_word) = (false, false);
    for c in html.as_str().chars() {
        match c {
            '<' => (in_tag, in_word) = (true, false),
            '>' => in_tag = false,
            _ if in_tag => {}
            c if c.is_whitespace() => in_word = false,
            _ if !in_word => (words, in_word) = (words + 1, true),
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use content::pack::{Figure, Hash, Listen, Note, NoteKind};
    use proptest::prelude::*;

    use super::*;
    use crate::state::sample;

    fn block(kind: char) -> Block {
        let exercises = sample::exercises().blocks;
        let html = |text: &str| Html::trusted(text);
        let long = |count: usize| Html::trusted(format!("<p>{}</p>", "chữ ".repeat(count)));
        match kind {
            'h' => Block::Html(html("<h2>Tiêu đề</h2>")),
            'p' => Block::Html(long(20)),
            'P' => Block::Html(long(60)),
            'n' => Block::Note(Note { kind: NoteKind::Note, html: long(20) }),
            'f' => Block::Figure(Figure {
                image: Hash([1; 32]),
                width: 320,
                height: 180,
                alt: String::new(),
                caption: html("Chú thích"),
            }),
            'l' => Block::Listen(Listen { text: "nghe".into() }),
            'r' => exercises[0].clone(),
            's' => exercises[2].clone(),
            'o' => exercises[3].clone(),
            _ => exercises[1].clone(),
        }
    }

    fn lesson(kinds: &str) -> Lesson {
        Lesson { blocks: kinds.chars().map(block).collect(), ..sample::lesson(1) }
    }

    /// Cuts a lesson of such blocks; steps are divided by bars.
    fn cut(kinds: &str) -> String {
        let steps = Steps::of(&lesson(kinds));
        steps.iter().map(|blocks| &kinds[blocks]).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn a_heading_begins_a_step_and_tasks_stand_alone() {
        for (kinds, expected) in [
            ("", ""),
            ("p", "p"),
            ("phphp", "p|hp|hp"),
            ("hphp", "hp|hp"),
            ("hhphp", "hhp|hp"),
            ("phqq", "p|hq|q"),
            ("phsssphq", "p|hs|s|s|p|hq"),
            ("pqrsop", "p|q|r|s|o|p"),
            ("hpl", "hpl"),
            ("phqlp", "p|hql|p"),
            ("phpn", "p|hpn"),
        ] {
            assert_eq!(cut(kinds), expected, "{kinds}");
        }
    }

    #[test]
    fn what_does_not_fit_a_screen_goes_on_the_next() {
        for (kinds, expected) in
            [("PPP", "P|PP"), ("hPPP", "hP|PP"), ("hppppppppp", "hpppp|ppppp"), ("phpf", "p|hpf"), ("phPPf", "p|hP|Pf")]
        {
            assert_eq!(cut(kinds), expected, "{kinds}");
        }
    }

    #[test]
    fn the_first_step_is_the_title_where_a_lesson_begins_with_a_task() {
        assert_eq!(cut("q"), "|q");
        assert_eq!(cut("hq"), "hq");
        assert_eq!(Steps::of(&lesson("q")).count(), 2);
    }

    #[test]
    fn words_are_counted_as_they_are_read() {
        for (html, count) in [("", 0), ("<p>Một hai</p>", 2), ("<ul><li>ba</li><li>bốn</li></ul>", 2), ("<br>", 0)]
        {
            assert_eq!(words(&Html::trusted(html)), count, "{html}");
        }
    }

    #[test]
    fn what_is_beyond_the_end_is_the_last_step() {
        let steps = Steps::of(&lesson("phqq"));
        assert_eq!(steps.count(), 3);
        assert_eq!(steps.blocks(usize::MAX), 3..4);
        assert_eq!((steps.step_of(2), steps.step_of(99)), (1, 0));
    }

    proptest! {
        #[test]
        fn every_block_stands_on_one_step_in_order(kinds in "[hpPnflqrso]{0,40}") {
            let lesson = lesson(&kinds);
            let steps = Steps::of(&lesson);
            prop_assert!(steps.count() >= 1);
            let flat: Vec<usize> = steps.iter().flatten().collect();
            prop_assert_eq!(flat, (0..lesson.blocks.len()).collect::<Vec<_>>());
            for (number, blocks) in steps.iter().enumerate() {
                let kinds = &kinds[blocks.clone()];
                let tasks = kinds.matches(|kind| "qrso".contains(kind)).count();
                prop_assert!(tasks <= 1, "{}", kinds);
                prop_assert!(tasks == 0 || !kinds.contains(|kind| "pPnf".contains(kind)), "{}", kinds);
                prop_assert!(number == 0 || !kinds.trim_matches('l').is_empty());
                prop_assert!(blocks.clone().all(|block| steps.step_of(block) == number));
            }
        }
    }
}
