//! Every screen as it is seen: pictures to look at, and nothing cut off.
//!
//! The pictures lie in `target/screens`.

use std::path::PathBuf;

use tests::browser::{Screen, Tab};
use tests::lessons;
use tests::resident::{COMMUNE, learn, region, sees_step, step};
use tests::screens::pictures;

use super::harness::begin_below_a_province;

/// Takes a picture of what is on the screen, where nothing is cut off and nothing scrolls sideways.
pub(super) fn picture(tab: &Tab, name: &str) -> anyhow::Result<PathBuf> {
    let file = tab.picture(&pictures(), name)?;
    assert_eq!(tab.cut_off()?, [""; 0], "cut off in {name}");
    let width = tab.eval("document.scrollingElement.scrollWidth - innerWidth")?;
    assert!(width.as_f64().unwrap_or_default() <= 0.0, "{name} scrolls sideways by {width}");
    Ok(file)
}

#[test]
fn nothing_is_cut_off_on_a_small_phone() -> anyhow::Result<()> {
    let (province, hub, _profile, browser) = begin_below_a_province()?;
    let lesson = &lessons::all()?[0];
    let tab = browser.open(&hub.hall()?)?;
    tab.sees("Bắt đầu học")?;
    picture(&tab, "1-course-list")?;
    tab.tap("Bắt đầu học")?;
    tab.sees(&lesson.title)?;
    tab.sees("Đọc cả bài")?;
    picture(&tab, "2-lesson")?;

    let first = region(0, lesson.quizzes.len());
    let quiz = &lesson.quizzes[0];
    while tab.eval("!document.getElementById('cau-1')")? == true {
        let (at, _) = step(&tab)?;
        tab.eval("document.querySelector('.lesson-end button').scrollIntoView({ block: 'end' })")?;
        picture(&tab, &format!("2-lesson-step-{at}"))?;
        tab.eval("document.querySelector('.lesson-end button').click()")?;
        sees_step(&tab, at + 1)?;
    }
    tab.tap_in(&first, &quiz.wrong[0].text)?;
    if quiz.multiple {
        tab.tap_in(&first, "Trả lời")?;
    }
    tab.sees_in(&first, "Chưa đúng")?;
    tab.sees(&quiz.wrong[0].feedback)?;
    picture(&tab, "3-quiz-wrong")?;
    if quiz.multiple {
        tab.tap_in(&first, &quiz.wrong[0].text)?;
    }
    tab.tap_in(&first, &quiz.right[0].text)?;
    if quiz.right.len() == 1 {
        tab.sees_in(&first, "Đúng rồi!")?;
        picture(&tab, "4-quiz-right")?;
    }
    tab.go(&format!("{}/bai/{}/{}", hub.hall()?, lesson.course, lesson.lesson))?;
    learn(&tab, lesson)?;
    tab.sees("Đã lưu trên máy này")?;
    picture(&tab, "5-finished")?;

    tab.tap("Chọn xã của mình")?;
    tab.fill("Tên xã, phường", "rach gia")?;
    tab.sees("Trước là")?;
    picture(&tab, "6-commune")?;
    tab.fill("Tên xã, phường", "vĩnh trạch")?;
    tab.tap(COMMUNE.0)?;
    tab.sees("Bà con có đồng ý gửi kết quả không?")?;
    picture(&tab, "7-consent")?;
    tab.tap("Tôi đồng ý gửi kết quả học của tôi")?;
    tab.tap("Đồng ý và gửi")?;
    tab.sees("Đã về tỉnh")?;
    picture(&tab, "8-state-line")?;

    let office = browser.blank()?;
    office.show_on(Screen::Laptop)?;
    office.go(&format!("{}/tinh", province.localhost()?))?;
    office.sees("Đang cập nhật trực tiếp")?;
    office.sees(COMMUNE.0)?;
    picture(&office, "9-province")?;
    Ok(())
}
