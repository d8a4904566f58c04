//! What the lessons' page leaves in the browser for this one.

use core::fmt::Write as _;

use crate::protocol::{DONE_MAX, LearnerState, SCORE_MAX};

/// The learner in front of the phone. The id is the public one, a hash; its secret stays in the worker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Public id, in hex, as `bdhv attest` takes it.
    pub learner: String,
    /// Official code of the commune; `None` until the learner agreed to send.
    pub commune: Option<u32>,
    /// Lessons done, with the best score of each.
    pub done: Vec<(u16, u16, u8)>,
}

impl Record {
    /// Writes a learner's state as a short text: `ID COMMUNE 1.2.100 1.3.80`; commune 0 for none.
    pub fn text_of(learner: &LearnerState) -> String {
        let mut text = String::new();
        for byte in learner.id {
            // Writing into a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        let _ = write!(text, " {}", learner.commune.unwrap_or_default());
        for done in &learner.done {
            let _ = write!(text, " {}.{}.{}", done.course, done.lesson, done.score);
        }
        text
    }

    /// Reads what [`text_of`](Self::text_of) wrote; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let learner = parts.next().filter(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let commune: u32 = parts.next()?.parse().ok()?;
        let done = parts.take(DONE_MAX).map(lesson).collect::<Option<_>>()?;
        Some(Self { learner: learner.to_owned(), commune: Some(commune).filter(|code| *code > 0), done })
    }

    /// Returns the best score in a lesson; `None` where it is not done.
    pub fn score(&self, course: u16, lesson: u16) -> Option<u8> {
        self.done.iter().find(|done| (done.0, done.1) == (course, lesson)).map(|done| done.2)
    }
}

fn lesson(text: &str) -> Option<(u16, u16, u8)> {
    let mut parts = text.split('.');
    let lesson = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (parts.next().is_none() && lesson.2 <= SCORE_MAX).then_some(lesson)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::DoneLesson;

    #[test]
    fn a_record_comes_back_from_its_text() {
        let done = |lesson, score| DoneLesson { course: 1, lesson, score, day: 20_779 };
        let learner = LearnerState {
            id: [0x0f; 16],
            commune: Some(30_697),
            done: vec![done(1, 100), done(2, 60)],
            saved: 2,
            sent: 0,
            arrived: 0,
        };
        let text = Record::text_of(&learner);
        assert_eq!(text, format!("{} 30697 1.1.100 1.2.60", "0f".repeat(16)));
        let record = Record::parse(&text).unwrap();
        assert_eq!((record.score(1, 2), record.score(2, 1), record.commune), (Some(60), None, Some(30_697)));
        let quiet = LearnerState { commune: None, done: Vec::new(), ..learner };
        assert_eq!(Record::parse(&Record::text_of(&quiet)).unwrap().commune, None);
    }

    #[test]
    fn anything_else_is_no_record() {
        let id = "0f".repeat(16);
        for text in ["", "0f 1", &id, &format!("{id} x"), &format!("{id} 1 1.1"), &format!("{id} 1 1.1.101")] {
            assert_eq!(Record::parse(text), None, "{text}");
        }
    }
}
