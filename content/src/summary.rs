//! Counts of what courses hold.

use core::ops::AddAssign;

use crate::model::{Block, Course, Element, Inline, Lesson};
use crate::pack::Verdict;

/// What there is in some courses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Courses.
    pub courses: usize,
    /// Lessons.
    pub lessons: usize,
    /// Questions: quizzes with answers, and steps to put in order.
    pub questions: usize,
    /// Practice flows.
    pub practices: usize,
    /// Messages to judge.
    pub drills: usize,
    /// Of these, the genuine ones.
    pub genuine: usize,
    /// Pictures, with a caption or without.
    pub figures: usize,
    /// Words to read, everything counted as in [`Lesson::reading`].
    pub words: usize,
    /// Sentences to read.
    pub sentences: usize,
    /// Minutes the lessons promise.
    pub minutes: usize,
}

/// Counts what courses hold.
pub fn summary<'a>(courses: impl IntoIterator<Item = &'a Course>) -> Summary {
    let mut total = Summary::default();
    for course in courses {
        total += Summary { courses: 1, lessons: course.lessons.len(), ..Summary::default() };
        for lesson in &course.lessons {
            total += of_lesson(lesson);
        }
    }
    total
}

fn of_lesson(lesson: &Lesson) -> Summary {
    let reading = lesson.reading();
    let (words, sentences, minutes) = (reading.words, reading.sentences, lesson.minutes.into());
    let mut summary = Summary { words, sentences, minutes, ..Summary::default() };
    for block in &lesson.blocks {
        match block {
            Block::Quiz(_) | Block::Order(_) => summary.questions += 1,
            Block::Practice(_) => summary.practices += 1,
            Block::Scam(scam) => {
                summary.drills += 1;
                summary.genuine += usize::from(scam.verdict == Verdict::Genuine);
            }
            Block::Figure(_) => summary.figures += 1,
            Block::Text(Element::Paragraph(line)) => {
                summary.figures += line.iter().filter(|inline| matches!(inline, Inline::Image { .. })).count();
            }
            _ => {}
        }
    }
    summary
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.courses += other.courses;
        self.lessons += other.lessons;
        self.questions += other.questions;
        self.practices += other.practices;
        self.drills += other.drills;
        self.genuine += other.genuine;
        self.figures += other.figures;
        self.words += other.words;
        self.sentences += other.sentences;
        self.minutes += other.minutes;
    }
}
