//! What a resident does with the app, in the words of the screens.

use anyhow::Context as _;

use crate::browser::Tab;
use crate::lessons::{Known, KnownQuiz};

/// Official code of xã Vĩnh Trạch.
pub const COMMUNE: (&str, u32) = ("Xã Vĩnh Trạch", 30_697);

/// Answers every question of the open lesson rightly and finishes it.
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
    tab.tap("Hoàn thành bài học")?;
    tab.sees("Bà con đã học xong!")
}

/// Names the part of the page that holds a question.
pub fn region(at: usize, all: usize) -> String {
    format!("Câu hỏi {} trên {all}", at + 1)
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
