//! Every lesson there is, played to its end at 360 × 640: rightly, and with every wrong thing done first.

use anyhow::Context as _;
use serde_json::{Value, json};
use tests::browser::Tab;
use tests::lessons::{self, Answer, Known, KnownExercise, KnownQuiz, KnownScreen};

use super::harness::begin;

/// Learns one lesson in the page; one call a lesson, since there are thousands of taps.
const WALK: &str = include_str!("walk.js");

#[test]
fn every_lesson_is_finished_by_right_answers() -> anyhow::Result<()> {
    walk(false)
}

#[test]
fn every_lesson_is_finished_after_everything_wrong() -> anyhow::Result<()> {
    walk(true)
}

fn walk(missing: bool) -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.open(&hub.hall()?)?;
    tab.wait_until("!!document.querySelector('#main .courses a')")?;
    // The page is the app's once a tap on a link does not load it anew.
    tab.sees("Bắt đầu học")?;
    tab.tap("Bắt đầu học")?;
    tab.sees("Đọc cả bài")?;
    let mut problems = Vec::new();
    for lesson in lessons::all()? {
        let found = learn(&tab, &lesson, missing).with_context(|| format!("learning “{}”", lesson.title))?;
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", lesson.title)));
    }
    assert_eq!(problems, [""; 0]);
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

fn learn(tab: &Tab, lesson: &Known, missing: bool) -> anyhow::Result<Vec<String>> {
    tab.eval_long(&format!("({WALK})({}, {missing})", plan(lesson)))
}

fn plan(lesson: &Known) -> Value {
    json!({
        "course": lesson.course,
        "lesson": lesson.lesson,
        "title": lesson.title,
        "quizzes": lesson.quizzes.iter().map(quiz).collect::<Vec<_>>(),
        "exercises": lesson.exercises.iter().map(exercise).collect::<Vec<_>>(),
    })
}

fn answer(answer: &Answer) -> Value {
    json!({ "text": answer.text, "feedback": answer.feedback })
}

fn answers(all: &[Answer]) -> Vec<Value> {
    all.iter().map(answer).collect()
}

fn quiz(quiz: &KnownQuiz) -> Value {
    json!({ "right": answers(&quiz.right), "wrong": answers(&quiz.wrong), "multiple": quiz.multiple })
}

fn exercise(exercise: &KnownExercise) -> Value {
    match exercise {
        KnownExercise::Practice { screens, praise } => {
            let screens: Vec<Value> = screens.iter().map(screen).collect();
            json!({ "kind": "practice", "screens": screens, "praise": praise })
        }
        KnownExercise::Drill { right, wrong, signs } => {
            json!({ "kind": "drill", "right": answer(right), "wrong": answer(wrong), "signs": signs })
        }
        KnownExercise::Order(steps) => json!({ "kind": "order", "steps": answers(steps) }),
    }
}

fn screen(screen: &KnownScreen) -> Value {
    let (right, wrong) = (answer(&screen.right), answers(&screen.wrong));
    json!({ "title": screen.title, "fields": screen.fields, "right": right, "wrong": wrong })
}
