//! What a learner did with the questions of one lesson.

use content::pack::{Hash, Lesson, Quiz};

use crate::protocol::SCORE_MAX;

/// How the latest answer to a question was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verdict {
    /// Not answered yet.
    #[default]
    Open,
    /// Wrong; another try is open.
    Wrong,
    /// Several answers are right and some of them were chosen.
    Partly,
    /// Right; the question is done.
    Right,
}

/// Options as a set of bits; a quiz has at most six.
pub type OptionSet = u8;

/// One question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuizState {
    /// Options chosen now.
    pub chosen: OptionSet,
    /// Options whose feedback is shown.
    pub shown: OptionSet,
    /// How the latest answer was.
    pub verdict: Verdict,
    /// Whether the first answer was right; `None` before any answer.
    pub first: Option<bool>,
}

impl QuizState {
    /// Returns whether the option is chosen.
    pub fn is_chosen(self, option: usize) -> bool {
        self.chosen & bit(option) != 0
    }

    /// Returns whether the option's feedback is shown.
    pub fn is_shown(self, option: usize) -> bool {
        self.shown & bit(option) != 0
    }

    /// Chooses an option: the answer itself where one is right, a tick on or off where several are.
    ///
    /// A question answered right stays as it is.
    pub fn choose(&mut self, quiz: &Quiz, option: usize) {
        if self.verdict == Verdict::Right || option >= quiz.options.len() {
            return;
        }
        if quiz.is_multiple() {
            self.chosen ^= bit(option);
            self.shown = 0;
            self.verdict = Verdict::Open;
        } else {
            self.chosen = bit(option);
            self.shown |= bit(option);
            self.judge(if quiz.options[option].right { Verdict::Right } else { Verdict::Wrong });
        }
    }

    /// Answers with the ticked options, where several are right. Does nothing without a tick.
    pub fn answer(&mut self, quiz: &Quiz) {
        if self.verdict == Verdict::Right || self.chosen == 0 {
            return;
        }
        let right = set(quiz.options.iter().map(|option| option.right));
        self.shown = self.chosen;
        self.judge(if self.chosen == right {
            Verdict::Right
        } else if self.chosen & right != 0 {
            Verdict::Partly
        } else {
            Verdict::Wrong
        });
    }

    fn judge(&mut self, verdict: Verdict) {
        self.verdict = verdict;
        self.first.get_or_insert(verdict == Verdict::Right);
    }
}

/// The questions of a lesson, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LessonQuizzes(pub Vec<QuizState>);

impl LessonQuizzes {
    /// Starts a lesson with every question open.
    pub fn of(lesson: &Lesson) -> Self {
        Self(vec![QuizState::default(); lesson.quizzes().count()])
    }

    /// Counts the questions that were not answered right yet.
    pub fn left(&self) -> usize {
        self.0.iter().filter(|quiz| quiz.verdict != Verdict::Right).count()
    }

    /// Returns the share of questions right at the first try, 0 to [`SCORE_MAX`], rounded to nearest.
    ///
    /// A lesson without questions counts as all right.
    pub fn score(&self) -> u8 {
        let all = self.0.len();
        if all == 0 {
            return SCORE_MAX;
        }
        let right = self.0.iter().filter(|quiz| quiz.first == Some(true)).count();
        let score = (right * usize::from(SCORE_MAX) + all / 2) / all;
        u8::try_from(score).unwrap_or(SCORE_MAX)
    }

    /// Writes the answers as a short text for the browser to keep while a lesson is unfinished.
    ///
    /// `{first 8 hex digits of the lesson's hash}:` and six digits a question: chosen and shown in
    /// hex, verdict, first answer. A changed lesson has another hash, so old answers never fit it.
    pub fn to_text(&self, lesson: &Hash) -> String {
        let mut text = prefix(lesson);
        for quiz in &self.0 {
            for part in [quiz.chosen >> 4, quiz.chosen & 15, quiz.shown >> 4, quiz.shown & 15] {
                text.push(char::from_digit(part.into(), 16).unwrap_or('0'));
            }
            text.push(match quiz.verdict {
                Verdict::Open => '0',
                Verdict::Wrong => '1',
                Verdict::Partly => '2',
                Verdict::Right => '3',
            });
            text.push(match quiz.first {
                None => '0',
                Some(false) => '1',
                Some(true) => '2',
            });
        }
        text
    }

    /// Reads what [`Self::to_text`] wrote for this lesson; `None` for anything else.
    pub fn from_text(text: &str, hash: &Hash, lesson: &Lesson) -> Option<Self> {
        let digits = text.strip_prefix(prefix(hash).as_str())?.as_bytes();
        let quizzes: Vec<&Quiz> = lesson.quizzes().collect();
        if digits.len() != quizzes.len() * 6 {
            return None;
        }
        let states = digits.chunks_exact(6).zip(quizzes).map(|(digits, quiz)| state(digits, quiz));
        states.collect::<Option<Vec<_>>>().map(Self)
    }
}

/// Starts what is kept of a lesson; a changed lesson has another start.
pub(super) fn prefix(hash: &Hash) -> String {
    let mut text = String::with_capacity(9);
    for byte in &hash.0[..4] {
        for part in [byte >> 4, byte & 15] {
            text.push(char::from_digit(part.into(), 16).unwrap_or('0'));
        }
    }
    text.push(':');
    text
}

fn state(digits: &[u8], quiz: &Quiz) -> Option<QuizState> {
    let digit = |at: usize| char::from(digits[at]).to_digit(16).map(|d| d as u8);
    let (chosen, shown) = (digit(0)? << 4 | digit(1)?, digit(2)? << 4 | digit(3)?);
    let all = set(quiz.options.iter().map(|_| true));
    if (chosen | shown) & !all != 0 {
        return None;
    }
    Some(QuizState {
        chosen,
        shown,
        verdict: match digits[4] {
            b'0' => Verdict::Open,
            b'1' => Verdict::Wrong,
            b'2' => Verdict::Partly,
            b'3' => Verdict::Right,
            _ => return None,
        },
        first: match digits[5] {
            b'0' => None,
            b'1' => Some(false),
            b'2' => Some(true),
            _ => return None,
        },
    })
}

fn bit(option: usize) -> OptionSet {
    u32::try_from(option).ok().and_then(|option| 1u8.checked_shl(option)).unwrap_or(0)
}

fn set(options: impl Iterator<Item = bool>) -> OptionSet {
    options.enumerate().filter(|(_, on)| *on).fold(0, |set, (option, _)| set | bit(option))
}

#[cfg(test)]
mod tests {
    use content::pack::{Html, QuizOption};

    use super::*;
    use crate::state::sample;

    fn quiz(rights: &[bool]) -> Quiz {
        let option = |&right: &bool| QuizOption { text: Html::trusted("a"), right, feedback: Html::trusted("b") };
        Quiz { question: Html::trusted("?"), options: rights.iter().map(option).collect() }
    }

    #[test]
    fn a_wrong_answer_leaves_another_try_and_lowers_the_score() {
        let quiz = quiz(&[false, true]);
        let mut state = QuizState::default();
        state.choose(&quiz, 0);
        assert_eq!((state.verdict, state.first), (Verdict::Wrong, Some(false)));
        state.choose(&quiz, 1);
        assert_eq!((state.verdict, state.first), (Verdict::Right, Some(false)));
        assert!(state.is_shown(0) && state.is_shown(1));
        state.choose(&quiz, 0);
        assert_eq!(state.verdict, Verdict::Right, "a right answer stays");
        assert_eq!(LessonQuizzes(vec![state]).score(), 0);
    }

    #[test]
    fn several_answers_are_judged_together() {
        let quiz = quiz(&[true, false, true]);
        let mut state = QuizState::default();
        state.answer(&quiz);
        assert_eq!(state, QuizState::default(), "nothing chosen is no answer");
        state.choose(&quiz, 1);
        state.answer(&quiz);
        assert_eq!(state.verdict, Verdict::Wrong);
        state.choose(&quiz, 0);
        assert_eq!((state.verdict, state.shown), (Verdict::Open, 0));
        state.answer(&quiz);
        assert_eq!(state.verdict, Verdict::Partly);
        state.choose(&quiz, 1);
        state.choose(&quiz, 2);
        state.answer(&quiz);
        assert_eq!((state.verdict, state.shown), (Verdict::Right, 0b101));
        assert_eq!(state.first, Some(false));
    }

    #[test]
    fn options_that_do_not_exist_change_nothing() {
        let quiz = quiz(&[false, true]);
        let mut state = QuizState::default();
        for option in [2, 8, usize::MAX] {
            state.choose(&quiz, option);
        }
        assert_eq!(state, QuizState::default());
    }

    #[test]
    fn the_score_is_the_share_right_at_the_first_try() {
        let first = |first| QuizState { first: Some(first), ..QuizState::default() };
        for (firsts, score) in [(vec![], 100), (vec![true, false], 50), (vec![true, true, false], 67), (vec![false], 0)]
        {
            let quizzes = LessonQuizzes(firsts.into_iter().map(first).collect());
            assert_eq!(quizzes.score(), score);
        }
    }

    #[test]
    fn answers_are_found_again_only_for_the_same_lesson() {
        let lesson = sample::lesson(2);
        let (hash, other) = (Hash([7; 32]), Hash([8; 32]));
        let mut quizzes = LessonQuizzes::of(&lesson);
        let quiz = lesson.quizzes().next().unwrap();
        quizzes.0[0].choose(quiz, 0);
        let text = quizzes.to_text(&hash);
        assert_eq!(LessonQuizzes::from_text(&text, &hash, &lesson), Some(quizzes));
        assert_eq!(LessonQuizzes::from_text(&text, &other, &lesson), None);
        for damaged in ["", "07070707:", "07070707:ff000000000", &text.replace(':', ""), "07070707:ffff99ffff99"] {
            assert_eq!(LessonQuizzes::from_text(damaged, &hash, &lesson), None, "{damaged}");
        }
    }
}
