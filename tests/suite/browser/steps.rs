//! Lessons step by step, read whole, left and taken up again, and what was wrong on a later day.

use anyhow::{Context as _, ensure};
use tests::browser::Tab;
use tests::hall::Station;
use tests::lessons::{self, Known, KnownQuiz};
use tests::resident::{learn, learn_whole, region, sees_step, step};

use super::harness::begin;
use super::screens::picture;

/// Adds up how far things jump, but for what a tap brings about.
const WATCH_SHIFTS: &str = "globalThis.shifts = 0;
    globalThis.add = (entries) => entries.forEach((entry) => { shifts += entry.value });
    globalThis.watcher = new PerformanceObserver((list) => add(list.getEntries()));
    watcher.observe({ type: 'layout-shift', buffered: true })";
/// The sum, with what the last pictures brought.
const SHIFTS: &str = "new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))
    .then(() => (add(watcher.takeRecords()), shifts))";
/// What is called good (web.dev, Cumulative Layout Shift).
const SHIFTS_MAX: f64 = 0.1;

/// Lets so many days pass for every page that is opened from now on.
fn days_pass(tab: &Tab, days: u32) -> anyhow::Result<()> {
    tab.before_pages(&format!(
        "(() => {{
            const passed = {days} * 86400000, now = Date.now, get = Headers.prototype.get;
            Date.now = () => now() + passed;
            // The hub's clock is as much later: a phone that is alone with its day takes the hub's.
            Headers.prototype.get = function (name) {{
                const value = get.call(this, name);
                return value && name.toLowerCase() === 'date' ? new Date(Date.parse(value) + passed).toUTCString() : value;
            }};
        }})()"
    ))
}

fn is_at(tab: &Tab, step: usize) -> anyhow::Result<()> {
    tab.sees(&format!("Màn {step} trên"))?;
    let hash = if step == 1 { String::new() } else { format!("#man-{step}") };
    tab.becomes("location.hash", hash)
}

/// Goes on, passing over what is open, until a task is on the screen; returns its step.
fn to_first_quiz(tab: &Tab) -> anyhow::Result<usize> {
    for _ in 0..50 {
        let (at, all) = step(tab)?;
        if tab.eval("!!document.getElementById('cau-1')")? == true {
            return Ok(at);
        }
        ensure!(at < all, "no question");
        let passes_over = tab.shows("Bỏ qua lúc này")?;
        tab.tap(if passes_over { "Bỏ qua lúc này" } else { "Tiếp tục" })?;
        sees_step(tab, at + 1)?;
    }
    anyhow::bail!("no question within 50 steps")
}

fn give(tab: &Tab, quiz: &KnownQuiz, all: usize, right: bool) -> anyhow::Result<()> {
    let part = region(0, all);
    let answers = if right { &quiz.right[..] } else { &quiz.wrong[..1] };
    for answer in answers {
        tab.tap_in(&part, &answer.text)?;
    }
    if quiz.multiple {
        tab.tap_in(&part, "Trả lời")?;
    }
    tab.sees_in(&part, if right { "Đúng rồi!" } else { "Chưa đúng" })
}

/// A lesson whose first question has one right answer.
fn simple(lessons: &[Known]) -> anyhow::Result<&Known> {
    lessons.iter().find(|lesson| !lesson.quizzes[0].multiple).context("there is one")
}

fn address(hub: &Station, lesson: &Known) -> anyhow::Result<String> {
    Ok(format!("{}/bai/{}/{}", hub.hall()?, lesson.course, lesson.lesson))
}

#[test]
fn the_way_through_a_lesson_and_back_is_kept() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let home = hub.hall()?;
    let tab = browser.open(&home)?;
    // The first tap after the code was scanned: the lesson is there.
    tab.tap("Bắt đầu học")?;
    is_at(&tab, 1)?;
    tab.sees(&lessons[0].opening)?;
    tab.tap("Tiếp tục")?;
    sees_step(&tab, 2)?;
    is_at(&tab, 2)?;
    let at = to_first_quiz(&tab)?;
    tab.sees("Phần này chưa xong.")?;
    picture(&tab, "steps-1-question")?;
    tab.eval("history.back()")?;
    is_at(&tab, at - 1)?;
    tab.eval("history.forward()")?;
    is_at(&tab, at)?;
    tab.reload()?;
    tab.sees("Đọc cả bài")?;
    is_at(&tab, at)?;
    tab.tap("Quay lại")?;
    sees_step(&tab, at - 1)?;
    is_at(&tab, at - 1)?;
    // Not to where the button was tapped: one step further back.
    tab.eval("history.back()")?;
    is_at(&tab, at - 2)?;

    tab.tap("Bài học")?;
    tab.sees("Đang học dở")?;
    picture(&tab, "steps-2-home")?;
    tab.go(&home)?;
    tab.tap("Học tiếp")?;
    is_at(&tab, at - 2)?;
    tab.eval("history.back()")?;
    tab.sees("Đang học dở")?;
    tab.tap("Học tiếp")?;
    learn(&tab, &lessons[0])?;
    tab.sees("Bà con thử trên máy mình")?;
    picture(&tab, "steps-3-finished")?;
    tab.reload()?;
    tab.sees("Bà con đã học xong!")?;
    tab.sees("Bà con thử trên máy mình")?;
    tab.tap("Bài học")?;
    tab.sees("Bài kế tiếp")?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

#[test]
fn what_was_passed_over_is_asked_for_at_the_end() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let lesson = simple(&lessons)?;
    let tab = browser.open(&address(&hub, lesson)?)?;
    let at = to_first_quiz(&tab)?;
    give(&tab, &lesson.quizzes[0], lesson.quizzes.len(), false)?;
    let (_, all) = step(&tab)?;
    for next in at + 1..=all {
        tab.tap("Bỏ qua lúc này")?;
        sees_step(&tab, next)?;
    }
    tab.tap("Hoàn thành bài học")?;
    tab.sees("Mình làm tiếp nhé.")?;
    picture(&tab, "steps-4-left")?;
    Ok(())
}

#[test]
fn a_whole_lesson_is_read_by_who_prefers_that() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let tab = browser.open(&address(&hub, &lessons[0])?)?;
    tab.tap("Đọc cả bài")?;
    tab.sees("Hoàn thành bài học")?;
    for quiz in &lessons[0].quizzes {
        tab.sees(&quiz.question)?;
    }
    tab.reload()?;
    tab.sees("Học từng màn một")?;
    learn_whole(&tab, &lessons[0])?;
    tab.tap("Học bài tiếp theo")?;
    tab.sees("Học từng màn một")?;
    learn_whole(&tab, &lessons[1])?;
    tab.tap("Học bài tiếp theo")?;
    tab.tap("Học từng màn một")?;
    is_at(&tab, 1)?;
    tab.reload()?;
    tab.sees("Đọc cả bài")?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

/// Waits until a block is where one who was sent to it, or had read on to it, looks for it.
fn stays_near_the_top(tab: &Tab, block: &str) -> anyhow::Result<()> {
    tab.wait_until(&format!(
        "(({{ top }}) => top > -50 && top < 200)(document.getElementById({block:?}).getBoundingClientRect())"
    ))
}

#[test]
fn nothing_jumps_when_the_app_takes_the_page_over() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let lesson = address(&hub, &lessons[0])?;
    let tab = browser.blank()?;
    tab.before_pages(WATCH_SHIFTS)?;
    for address in [hub.hall()?, lesson.clone()] {
        tab.go(&address)?;
        tab.wait_until("!!document.querySelector('#main button')")?;
        tab.sees("Bài học")?;
        let shifts = tab.eval(SHIFTS)?.as_f64().unwrap_or(1.0);
        println!("{address}: {shifts}");
        assert!(shifts <= SHIFTS_MAX, "{address}: {shifts}");
    }
    // Who was sent to a place, or had read on before the bundle came, is not taken away from it.
    // From elsewhere: within one page the address alone loads nothing.
    tab.go("about:blank")?;
    tab.go(&format!("{lesson}#khoi-5"))?;
    tab.sees("Học từng màn một")?;
    stays_near_the_top(&tab, "khoi-5")?;
    tab.go("about:blank")?;
    tab.before_pages(
        "addEventListener('DOMContentLoaded', () => document.getElementById('khoi-4')?.scrollIntoView())",
    )?;
    tab.go(&lesson)?;
    tab.sees("Học từng màn một")?;
    stays_near_the_top(&tab, "khoi-4")?;
    Ok(())
}

#[test]
fn what_was_wrong_comes_back_on_later_days() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let lesson = simple(&lessons)?;
    let (quiz, all) = (&lesson.quizzes[0], lesson.quizzes.len());
    let home = hub.hall()?;
    let tab = browser.open(&address(&hub, lesson)?)?;
    to_first_quiz(&tab)?;
    give(&tab, quiz, all, false)?;
    give(&tab, quiz, all, true)?;
    tab.go(&home)?;
    tab.sees("Học tiếp")?;
    assert!(!tab.shows("Ôn lại")?, "not on the same day");

    days_pass(&tab, 1)?;
    tab.go(&home)?;
    tab.sees("Ôn lại 1 câu")?;
    picture(&tab, "review-1-home")?;
    tab.tap("Ôn lại 1 câu")?;
    tab.sees("Câu ôn 1 trên 1")?;
    tab.sees(&quiz.question)?;
    picture(&tab, "review-2-question")?;
    for right in &quiz.right {
        tab.tap(&right.text)?;
    }
    tab.sees("3 ngày nữa mình ôn lại câu này.")?;
    picture(&tab, "review-3-right")?;
    tab.tap("Xong")?;
    tab.sees("Hôm nay ôn xong rồi!")?;
    tab.sees("3 ngày nữa có câu để ôn.")?;
    picture(&tab, "review-4-end")?;
    tab.tap("Về danh sách bài học")?;
    tab.sees("Học tiếp")?;
    assert!(!tab.shows("Ôn lại")?, "it is done for today");

    days_pass(&tab, 3)?;
    tab.go(&format!("{home}/on-tap"))?;
    tab.sees(&quiz.question)?;
    tab.tap(&quiz.wrong[0].text)?;
    tab.sees(&quiz.wrong[0].feedback)?;
    tab.sees("Bà con chọn lại nhé.")?;
    tab.tap(&quiz.right[0].text)?;
    tab.sees("Mai mình ôn lại câu này một lần nữa nhé.")?;
    tab.reload()?;
    tab.sees("Hôm nay chưa có câu nào cần ôn")?;
    tab.sees("Ngày mai có câu để ôn.")?;

    // A clock that went back does not lose it.
    days_pass(&tab, 30)?;
    tab.go(&home)?;
    tab.sees("Ôn lại 1 câu")?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}
