//! What a resident does with the app, in the words of the screens.

use anyhow::Context as _;

use crate::browser::Tab;
use crate::lessons::{Known, KnownExercise, KnownQuiz};

/// Official code of xã Vĩnh Trạch.
pub const COMMUNE: (&str, u32) = ("Xã Vĩnh Trạch", 30_697);

/// Answers every question of the open lesson rightly, does every exercise, and finishes it.
///
/// # Errors
///
/// When the page does not let that be done.
pub fn learn(tab: &Tab, lesson: &Known) -> anyhow::Result<()> {
    tab.sees(&lesson.title)?;
    for (at, quiz) in lesson.quizzes.iter().enumerate() {
        answer(tab, &region(at, lesson.quizzes.len()), quiz)
            .with_context(|| format!("answering question {} of “{}”", at + 1, lesson.title))?;
    }
    for (at, exercise) in lesson.exercises.iter().enumerate() {
        practise(tab, &exercise_region(at, lesson.exercises.len()), exercise)
            .with_context(|| format!("doing exercise {} of “{}”", at + 1, lesson.title))?;
    }
    tab.tap("Hoàn thành bài học")?;
    tab.sees("Bà con đã học xong!")
}

/// Names the part of the page that holds a question.
pub fn region(at: usize, all: usize) -> String {
    format!("Câu hỏi {} trên {all}", at + 1)
}

/// Names the part of the page that holds an exercise.
pub fn exercise_region(at: usize, all: usize) -> String {
    format!("Bài tập {} trên {all}", at + 1)
}

fn practise(tab: &Tab, region: &str, exercise: &KnownExercise) -> anyhow::Result<()> {
    match exercise {
        KnownExercise::Practice { screens, praise } => {
            for screen in screens {
                tab.sees_in(region, &screen.title)?;
                for [label, value, _] in &screen.fields {
                    tab.fill(label, value)?;
                }
                tab.tap_in(region, &screen.right.text)?;
            }
            tab.sees_in(region, praise)
        }
        KnownExercise::Drill { right, .. } => {
            tab.tap_in(region, &right.text)?;
            tab.sees_in(region, &right.feedback)
        }
        KnownExercise::Order(steps) => {
            for step in steps {
                tab.tap_in(region, &step.text)?;
            }
            tab.sees_in(region, "Đúng rồi!")
        }
    }
}

fn answer(tab: &Tab, region: &str, quiz: &KnownQuiz) -> anyhow::Result<()> {
    for right in &quiz.right {
        tab.tap_in(region, &right.text)?;
    }
    if quiz.multiple {
        tab.tap_in(region, "Trả lời")?;
    }
    tab.sees_in(region, "Đúng rồi!")
}

/// Chooses [`COMMUNE`] by a former name, agrees, and sends, from a screen that offers the choice.
///
/// # Errors
///
/// When the page does not let that be done.
pub fn agree(tab: &Tab) -> anyhow::Result<()> {
    tab.tap("Chọn xã của mình")?;
    tab.fill("Tên xã, phường", "vinh trach")?;
    tab.tap(COMMUNE.0)?;
    tab.sees("Bà con có đồng ý gửi kết quả không?")?;
    tab.tap("Tôi đồng ý gửi kết quả học của tôi")?;
    tab.tap("Đồng ý và gửi")?;
    tab.sees("Đã ghi nhận")
}
