//! What a resident does with the app, in the words of the screens.

use anyhow::Context as _;

use crate::browser::Tab;
use crate::lessons::{Known, KnownExercise, KnownQuiz};

/// Official code of xã Vĩnh Trạch.
pub const COMMUNE: (&str, u32) = ("Xã Vĩnh Trạch", 30_697);

/// Most steps of a lesson; who goes round in a circle is stopped.
const STEPS_MAX: usize = 100;

/// Goes through the open lesson step by step, answers and does everything rightly, and finishes it.
///
/// # Errors
///
/// When the page does not let that be done.
pub fn learn(tab: &Tab, lesson: &Known) -> anyhow::Result<()> {
    tab.sees(&lesson.title)?;
    for _ in 0..STEPS_MAX {
        let (step, all) = step(tab)?;
        let context = || format!("at step {step} of “{}”", lesson.title);
        do_step(tab, lesson).with_context(context)?;
        if step == all {
            tab.tap("Hoàn thành bài học")?;
            return tab.sees("Bà con đã học xong!");
        }
        tab.tap("Tiếp tục")?;
        sees_step(tab, step + 1).with_context(context)?;
    }
    anyhow::bail!("“{}” has no end", lesson.title)
}

/// Learns the lesson that a first visit offers, until it is said to be saved.
///
/// # Errors
///
/// When the page does not let that be done.
pub fn learn_first(tab: &Tab, lesson: &Known) -> anyhow::Result<()> {
    tab.tap("Bắt đầu học")?;
    learn(tab, lesson)?;
    tab.sees("Đã lưu trên máy này")
}

/// Returns which step of how many is on the screen, from 1.
///
/// # Errors
///
/// When no lesson is shown step by step.
pub fn step(tab: &Tab) -> anyhow::Result<(usize, usize)> {
    tab.wait_until("!!document.querySelector('.lesson-end .step-count')")?;
    let count = tab.eval("document.querySelector('.lesson-end .step-count').innerText")?;
    let mut numbers = count.as_str().unwrap_or_default().split(' ').filter_map(|word| word.parse().ok());
    numbers.next().zip(numbers.next()).with_context(|| format!("{count} names no step"))
}

/// Waits until a step is on the screen, its heading in focus.
///
/// # Errors
///
/// When it does not come.
pub fn sees_step(tab: &Tab, step: usize) -> anyhow::Result<()> {
    tab.sees(&format!("Màn {step} trên"))?;
    tab.wait_until("document.activeElement?.matches('#main h1') === true")
}

/// Answers or does what is on the screen's step, if anything is.
fn do_step(tab: &Tab, lesson: &Known) -> anyhow::Result<()> {
    let found = tab.eval("document.querySelector('.lesson .quiz')?.id ?? ''")?;
    let id = found.as_str().unwrap_or_default();
    let number = |kind| id.strip_prefix(kind).and_then(|number| number.parse::<usize>().ok());
    if let Some(at) = number("cau-").map(|number| number - 1) {
        return answer(tab, &region(at, lesson.quizzes.len()), &lesson.quizzes[at]);
    }
    if let Some(at) = number("bai-tap-").map(|number| number - 1) {
        return practise(tab, &exercise_region(at, lesson.exercises.len()), &lesson.exercises[at]);
    }
    Ok(())
}

/// Answers every question of a lesson that is shown whole rightly, does every exercise, and finishes it.
///
/// # Errors
///
/// When the page does not let that be done.
pub fn learn_whole(tab: &Tab, lesson: &Known) -> anyhow::Result<()> {
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
