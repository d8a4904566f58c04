//! Exercises played by touch, one of every kind, with pictures in `target/screens` to look at.

use anyhow::Context as _;
use tests::browser::Tab;
use tests::hall::Station;
use tests::lessons::{self, Known, KnownExercise, KnownScreen};
use tests::resident::{exercise_region, region};

use super::harness::begin;

/// Takes a picture with a part of the page at the top; nothing is cut off, in the largest letters neither.
fn picture(tab: &Tab, name: &str, shown: &str) -> anyhow::Result<()> {
    tab.eval(&format!("document.querySelector({shown:?}).scrollIntoView({{ block: 'start', behavior: 'instant' }})"))?;
    super::screens::picture(tab, name)?;
    for size in ["2", "1"] {
        let width = tab.eval(&format!(
            "document.documentElement.dataset.size = {size:?}, document.scrollingElement.scrollWidth"
        ))?;
        assert!(width.as_u64() <= Some(360), "{name} is {width} wide in letters of size {size}");
        assert_eq!(tab.cut_off()?, [""; 0], "cut off in {name} in letters of size {size}");
    }
    Ok(())
}

/// Finds the first lesson with such an exercise; returns it, the exercise's number from 1, and its region.
fn with<'a, T>(
    lessons: &'a [Known],
    pick: impl Fn(&'a KnownExercise) -> Option<T>,
) -> anyhow::Result<(&'a Known, usize, String, T)> {
    let found = lessons.iter().find_map(|lesson| {
        let (at, found) = lesson.exercises.iter().enumerate().find_map(|(at, found)| Some((at, pick(found)?)))?;
        Some((lesson, at + 1, exercise_region(at, lesson.exercises.len()), found))
    });
    found.context("no lesson has such an exercise")
}

fn open(tab: &Tab, hub: &Station, lesson: &Known) -> anyhow::Result<()> {
    tab.go(&format!("{}/bai/{}/{}", hub.hall()?, lesson.course, lesson.lesson))?;
    // Only the played form has these buttons. Everything at once, to look at one part of it.
    tab.wait_until("!!document.querySelector('.lesson-end button')")?;
    if tab.shows("Đọc cả bài")? {
        tab.tap("Đọc cả bài")?;
    }
    tab.sees("Hoàn thành bài học")
}

fn typed_and_tapped(exercise: &KnownExercise) -> Option<(&[KnownScreen], &str)> {
    match exercise {
        KnownExercise::Practice { screens, praise }
            if screens.iter().any(|screen| !screen.fields.is_empty()) && !screens[0].wrong.is_empty() =>
        {
            Some((screens, praise))
        }
        _ => None,
    }
}

#[test]
fn a_practice() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.blank()?;
    let lessons = lessons::all()?;
    let (lesson, number, region, (screens, praise)) = with(&lessons, typed_and_tapped)?;
    open(&tab, &hub, lesson)?;
    let section = format!("#bai-tap-{number}");
    picture(&tab, "play-practice-1-screen", &section)?;
    let wrong = &screens[0].wrong[0];
    tab.tap_in(&region, &wrong.text)?;
    tab.sees_in(&region, &wrong.feedback)?;
    picture(&tab, "play-practice-2-hint", &section)?;
    tab.tap_in(&region, &wrong.text)?;
    tab.sees_in(&region, "Thử chạm vào đây")?;
    picture(&tab, "play-practice-3-pointed", &section)?;
    let mut pictured = false;
    for screen in screens {
        tab.sees_in(&region, &screen.title)?;
        if !pictured
            && let [label, _, hint] = &screen.fields.first().map_or_else(Default::default, Clone::clone)
            && !label.is_empty()
        {
            tab.fill(label, "12")?;
            tab.tap_in(&region, &screen.right.text)?;
            tab.sees_in(&region, hint)?;
            picture(&tab, "play-practice-4-field", &section)?;
            pictured = true;
        }
        for [label, value, _] in &screen.fields {
            tab.fill(label, &value.to_lowercase())?;
        }
        tab.tap_in(&region, &screen.right.text)?;
        // What is asked for next has the focus and can be seen.
        let asked = format!("document.activeElement === document.querySelector('{section} .turn')");
        tab.wait_until(&asked)?;
        let top = tab.eval(&format!("document.querySelector('{section} .turn').getBoundingClientRect().top"))?;
        assert!((0.0..600.0).contains(&top.as_f64().unwrap_or(-1.0)), "what is asked for is at {top}");
    }
    tab.sees_in(&region, praise)?;
    picture(&tab, "play-practice-5-end", &section)?;
    tab.tap_in(&region, "Làm lại từ đầu")?;
    tab.sees_in(&region, &format!("Màn hình 1 trên {}", screens.len()))?;

    // A tab that was closed: what is done is still done, and nothing typed is there.
    tab.reload()?;
    tab.sees("Hoàn thành bài học")?;
    tab.sees_in(&region, praise)?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

#[test]
fn a_message_to_judge() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.blank()?;
    let lessons = lessons::all()?;
    for (name, genuine) in [("scam", false), ("genuine", true)] {
        let (lesson, number, region, (right, wrong)) = with(&lessons, |exercise| match exercise {
            KnownExercise::Drill { right, wrong, .. } if (right.text == "Thật") == genuine => Some((right, wrong)),
            _ => None,
        })?;
        open(&tab, &hub, lesson)?;
        let section = format!("#bai-tap-{number}");
        picture(&tab, &format!("play-{name}-1-before"), &section)?;
        tab.tap_in(&region, &wrong.text)?;
        tab.sees_in(&region, &wrong.feedback)?;
        picture(&tab, &format!("play-{name}-2-wrong"), &section)?;
        tab.tap_in(&region, &right.text)?;
        tab.sees_in(&region, &right.feedback)?;
        picture(&tab, &format!("play-{name}-3-right"), &section)?;
        picture(&tab, &format!("play-{name}-4-signs"), &format!("{section} .judge"))?;
    }
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

#[test]
fn steps_to_put_in_order() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.blank()?;
    let lessons = lessons::all()?;
    let (lesson, number, region, steps) = with(&lessons, |exercise| match exercise {
        KnownExercise::Order(steps) if steps.len() > 2 => Some(steps),
        _ => None,
    })?;
    open(&tab, &hub, lesson)?;
    let section = format!("#bai-tap-{number}");
    picture(&tab, "play-order-1-start", &section)?;
    tab.tap_in(&region, &steps[0].text)?;
    for _ in 0..2 {
        tab.tap_in(&region, &steps[2].text)?;
        tab.sees_in(&region, &steps[2].feedback)?;
    }
    tab.sees_in(&region, "Thử chạm vào đây")?;
    picture(&tab, "play-order-2-hint", &section)?;
    for step in &steps[1..] {
        tab.tap_in(&region, &step.text)?;
    }
    tab.sees_in(&region, "Đúng rồi!")?;
    picture(&tab, "play-order-3-done", &section)?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

#[test]
fn a_question_with_several_right_answers() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.blank()?;
    let lessons = lessons::all()?;
    let several = |lesson: &Known| lesson.quizzes.iter().any(|quiz| quiz.multiple);
    let lesson = lessons.iter().find(|lesson| several(lesson)).context("no question has several right answers")?;
    let at = lesson.quizzes.iter().position(|quiz| quiz.multiple).context("it has one")?;
    let (quiz, part) = (&lesson.quizzes[at], region(at, lesson.quizzes.len()));
    open(&tab, &hub, lesson)?;
    let section = format!("#cau-{}", at + 1);
    tab.tap_in(&part, &quiz.right[0].text)?;
    tab.tap_in(&part, &quiz.wrong[0].text)?;
    tab.tap_in(&part, "Trả lời")?;
    tab.sees_in(&part, &quiz.wrong[0].feedback)?;
    picture(&tab, "play-several-1-partly", &section)?;
    tab.tap_in(&part, &quiz.wrong[0].text)?;
    for right in &quiz.right[1..] {
        tab.tap_in(&part, &right.text)?;
    }
    tab.tap_in(&part, "Trả lời")?;
    tab.sees_in(&part, "Đúng rồi!")?;
    picture(&tab, "play-several-2-right", &section)?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}
