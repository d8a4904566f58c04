//! A whole visit by keyboard alone, and what a screen reader is told on the way.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tests::browser::{Spoken, Tab};
use tests::lessons::{self, Known, KnownExercise, KnownQuiz};
use tests::resident::{exercise_region, region};

use super::harness::{begin, every_screen};

/// Most presses of Tab from one control to any other; the page with the communes has the most.
const TABS_MAX: usize = 200;

/// Most steps of a lesson.
const STEPS_MAX: usize = 64;

/// What has the focus, where it is, and whether one sees that it has it.
const FOCUS: &str = "(() => {
    const tidy = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
    const focus = document.activeElement;
    const label = focus.labels?.[0];
    const place = focus.closest('section, article, nav');
    const box = (label ?? focus).getBoundingClientRect();
    const style = getComputedStyle(focus);
    const bar = document.querySelector('.bar').getBoundingClientRect();
    const inBar = !!focus.closest('.bar');
    return {
        name: tidy(focus.getAttribute('aria-label') || label?.innerText || focus.innerText),
        place: tidy(place?.innerText),
        // Text that is told because the page put the focus there; nothing to press.
        still: focus === document.body || focus.tabIndex < 0,
        seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 3
            && box.top < (inBar ? innerHeight : bar.top) && box.bottom > 0,
    };
})()";

/// One who has a keyboard and no other way.
struct Typist<'a> {
    tab: &'a Tab,
}

impl Typist<'_> {
    /// Goes on by Tab to the control with this text, in a part of the page with that one; returns what it passed.
    fn reach(&self, place: &str, name: &str) -> anyhow::Result<Vec<String>> {
        let mut passed = Vec::new();
        for _ in 0..TABS_MAX {
            self.tab.key("Tab")?;
            let focus = self.tab.eval(FOCUS)?;
            let text = |key: &str| focus[key].as_str().unwrap_or_default().to_owned();
            ensure!(focus["still"] == true || focus["seen"] == true, "the focus cannot be seen: {focus}");
            if text("name").contains(name) && text("place").contains(place) && focus["still"] == false {
                return Ok(passed);
            }
            passed.push(text("name"));
        }
        anyhow::bail!("no way to “{name}” in “{place}” by Tab; passed {passed:?}")
    }

    fn press(&self, place: &str, name: &str) -> anyhow::Result<()> {
        self.reach(place, name)?;
        self.tab.key("Enter")
    }

    /// Waits until a new screen's heading has the focus and says this.
    fn arrives(&self, heading: &str) -> anyhow::Result<()> {
        let heading = Value::from(heading);
        let there = format!(
            "document.activeElement.tagName === 'H1' && document.activeElement.innerText.trim().includes({heading})"
        );
        self.tab.wait_until(&there).with_context(|| format!("arriving at {heading}"))?;
        let spoken = self.tab.spoken()?;
        let focused = spoken.iter().find(|found| found.focused && found.role == "heading");
        focused.with_context(|| format!("no heading is told at {heading}: {spoken:#?}")).map(drop)
    }

    /// Waits until something is told without being asked for: in a live region.
    fn is_told(&self, words: &str) -> anyhow::Result<()> {
        let words = Value::from(words);
        self.tab.wait_until(&format!(
            "[...document.querySelectorAll('[role=status], [role=alert], [aria-live]')].some((region) =>
                region.innerText.replace(/\\s+/g, ' ').includes({words}))"
        ))
    }

    fn answer(&self, place: &str, quiz: &KnownQuiz, wrong_first: bool) -> anyhow::Result<()> {
        if wrong_first && !quiz.multiple {
            self.press(place, &quiz.wrong[0].text)?;
            self.is_told(&quiz.wrong[0].feedback)?;
            self.is_told("Chưa đúng, không sao cả.")?;
        }
        for right in &quiz.right {
            self.reach(place, &right.text)?;
            // A button is pressed by either key.
            self.tab.key("Space")?;
        }
        if quiz.multiple {
            self.press(place, "Trả lời")?;
        }
        self.is_told(&quiz.right[0].feedback)
    }

    fn exercise(&self, place: &str, exercise: &KnownExercise) -> anyhow::Result<()> {
        match exercise {
            KnownExercise::Practice { screens, praise } => {
                for screen in screens {
                    self.tab.sees_in(place, &screen.title)?;
                    for [label, value, _] in &screen.fields {
                        self.reach(place, label)?;
                        self.tab.write(value)?;
                    }
                    self.press(place, &screen.right.text)?;
                }
                self.tab.sees_in(place, praise)
            }
            KnownExercise::Drill { right, .. } => {
                self.press(place, &right.text)?;
                self.is_told(&right.feedback)
            }
            KnownExercise::Order(steps) => {
                for step in steps {
                    self.press(place, &step.text)?;
                }
                self.is_told("Đúng rồi!")
            }
        }
    }

    /// Learns step by step: does what each step has, and goes on by the button below it.
    fn learn(&self, lesson: &Known) -> anyhow::Result<()> {
        for _ in 0..STEPS_MAX {
            let task = self.tab.eval("document.querySelector('.stepwise .quiz')?.id ?? ''")?;
            let (kind, number) = task.as_str().and_then(|id| id.rsplit_once('-')).unwrap_or_default();
            let at = number.parse::<usize>().unwrap_or(1) - 1;
            match kind {
                "cau" => {
                    let place = region(at, lesson.quizzes.len());
                    self.answer(&place, &lesson.quizzes[at], at == 0).with_context(|| place.clone())?;
                }
                "bai-tap" => {
                    let place = exercise_region(at, lesson.exercises.len());
                    self.exercise(&place, &lesson.exercises[at]).with_context(|| place.clone())?;
                }
                _ => {}
            }
            let last = "(({ value, max }) => value === max)(document.querySelector('.stepwise progress'))";
            if self.tab.eval(last)? == true {
                return self.press("", "Hoàn thành bài học");
            }
            self.press("", "Tiếp tục")?;
            self.arrives(&lesson.title)?;
        }
        anyhow::bail!("“{}” does not end", lesson.title)
    }
}

#[test]
fn a_first_visit_from_the_list_to_consent() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.open(&hub.hall()?)?;
    let lessons = lessons::all()?;
    let typist = Typist { tab: &tab };
    tab.sees("Bắt đầu học")?;
    tab.wait_until("performance.getEntriesByType('resource').some((entry) => entry.name.includes('/worker-'))")?;

    // The first stop leads past what every screen has.
    typist.press("", "Tới nội dung chính")?;
    let passed = typist.reach("", "Bắt đầu học")?;
    assert!(!passed.iter().any(|name| name.contains("Bình dân học vụ số")), "the way to the content passed {passed:?}");
    tab.key("Enter")?;
    typist.arrives(&lessons[0].title)?;
    typist.learn(&lessons[0])?;
    typist.arrives("Bà con đã học xong!")?;
    let drills = |lesson: &&Known| lesson.exercises.iter().any(|found| matches!(found, KnownExercise::Drill { .. }));
    let practises =
        |lesson: &&Known| lesson.exercises.iter().any(|found| matches!(found, KnownExercise::Practice { .. }));
    for lesson in [lessons.iter().find(practises), lessons.iter().find(drills)] {
        let lesson = lesson.context("no lesson has such an exercise")?;
        typist.press("", "Bài học")?;
        typist.arrives("Mừng bà con trở lại!")?;
        typist.press("", &lesson.title)?;
        typist.arrives(&lesson.title)?;
        typist.learn(lesson).with_context(|| lesson.title.clone())?;
        typist.arrives("Bà con đã học xong!")?;
    }

    typist.press("", "Chọn xã của mình")?;
    typist.arrives("Bà con ở xã, phường nào?")?;
    typist.reach("", "Tên xã, phường")?;
    tab.write("rach soi")?;
    typist.is_told("Có 1 nơi")?;
    typist.press("", "Phường Rạch Giá")?;
    typist.arrives("Bà con có đồng ý gửi kết quả không?")?;
    typist.press("", "Đồng ý và gửi")?;
    typist.is_told("Bà con đánh dấu vào ô đồng ý trước nhé.")?;
    typist.reach("", "Tôi đồng ý gửi kết quả học của tôi")?;
    tab.key("Space")?;
    typist.press("", "Đồng ý và gửi")?;
    typist.arrives("Đã ghi nhận")?;
    typist.is_told("Đã gửi cho tổ")?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

/// What of a screen is told wrongly, in words.
fn untold(spoken: &[Spoken]) -> Vec<String> {
    let nameless = |found: &&Spoken| {
        let control = ["button", "link", "textbox", "searchbox", "checkbox", "combobox", "image", "heading"];
        control.contains(&&*found.role) && found.name.trim().is_empty()
    };
    let mut wrong: Vec<String> =
        spoken.iter().filter(nameless).map(|found| format!("a {} without a name", found.role)).collect();
    for (role, least) in [("main", 1), ("navigation", 1), ("banner", 1), ("heading", 1)] {
        if spoken.iter().filter(|found| found.role == role).count() < least {
            wrong.push(format!("no {role}"));
        }
    }
    wrong
}

#[test]
fn every_control_of_every_screen_has_a_name() -> anyhow::Result<()> {
    every_screen("vi", |_| Ok(()), |visit, _, _| Ok(untold(&visit.tab.spoken()?)))
}
