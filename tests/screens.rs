//! Every screen a learner can come to, in one list: what must hold on every screen goes through it.
//!
//! The screens are reached by what they are, not by their words, so that the list serves every language.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::browser::Tab;
use crate::lessons::{self, Known, KnownExercise};

/// Brings a tab to a screen.
pub type Reach = fn(&Visit) -> anyhow::Result<()>;

/// The screens, in the order of a first visit: each may need what those before it left.
pub const SCREENS: &[(&str, Reach)] = &[
    ("course list", |visit| visit.go("/")),
    ("help", |visit| visit.tab.press(".bar a[href='#tro-giup']", "")),
    ("lesson", |visit| visit.open(&visit.lessons[0])),
    ("later step", |visit| visit.tab.press(".lesson-end > .primary", "")),
    ("whole lesson", |visit| visit.tab.press(".lesson-end .foot > :last-child", "")),
    ("lesson in steps again", |visit| visit.tab.press(".lesson-end .foot > :last-child", "")),
    ("question answered wrong", Visit::wrong),
    ("question answered right", Visit::right),
    ("question without an answer", Visit::nothing_chosen),
    ("question answered in part", Visit::partly),
    ("practice", Visit::practice),
    ("practice with a hint", Visit::practice_missed),
    ("practice with a field", Visit::field_missed),
    ("practice at its end", Visit::practice_end),
    ("message to judge", Visit::drill),
    ("message judged wrong", |visit| visit.judge(false)),
    ("message judged right", |visit| visit.judge(true)),
    ("steps to order", Visit::order),
    ("steps with a hint", Visit::order_missed),
    ("steps in order", Visit::order_done),
    ("lesson ended early", Visit::early),
    ("finished lesson", Visit::finished),
    ("course list after a lesson", |visit| visit.tab.press(".bar a[href='/']", "")),
    ("lessons found", |visit| visit.find("otp", ".lesson-link")),
    ("no lesson found", |visit| visit.find("qqqq", ".course > .quiet")),
    ("review", Visit::review),
    ("communes", |visit| visit.go("/xa")),
    ("communes found", |visit| visit.search("rach soi", ".commune")),
    ("no commune found", |visit| visit.search("qqqq", ".count")),
    ("consent", Visit::consent),
    ("consent without a tick", |visit| visit.tab.press("#main .primary", "")),
    ("consent given", Visit::agreed),
    ("commune chosen before", |visit| visit.go("/xa")),
    ("mine", |visit| visit.go("/toi")),
    ("what is kept", |visit| visit.part("luu", ".own-rows")),
    ("take along", |visit| visit.part("chuyen", ".code")),
    ("PIN", |visit| visit.part("ma", ".pin")),
    ("withdraw", |visit| visit.part("xoa", ".sent-items")),
    ("who learns", |visit| visit.part("ai", ".people")),
    ("confirmation", |visit| visit.tab.go(&visit.address("/xac-nhan")).and_then(|()| visit.sees("#main h1"))),
    ("within another app", Visit::in_app),
    ("no such page", |visit| visit.tab.go(&visit.address("/khong-co"))),
    ("lesson that does not come", Visit::not_here),
    ("lesson without a script", Visit::still),
];

/// Returns the folder for pictures to look at, `target/screens`.
pub fn pictures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/screens")
}

/// Goes on in a lesson until a selector finds something to see, or one step where there is no selector.
const ON: &str = "async (selector) => {
    const STEPS_MAX = 100, LOOKS_MAX = 200;
    const drawn = () => new Promise((next) => setTimeout(next, 10));
    const there = () => selector && document.querySelector(selector)?.checkVisibility();
    const step = () => document.querySelector('.stepwise progress')?.value;
    for (let steps = 0; steps < STEPS_MAX && !there(); steps++) {
        const before = step(), button = document.querySelector('.stepwise .lesson-end > :is(.primary, .secondary)');
        if (before === undefined || !button) break;
        button.click();
        for (let looks = 0; looks < LOOKS_MAX && step() === before; looks++) await drawn();
        if (!selector) return true;
    }
    return !!there();
}";

/// A tab on its way through the screens.
#[derive(Debug)]
pub struct Visit {
    /// The tab.
    pub tab: Tab,
    home: String,
    lessons: Vec<Known>,
}

impl Visit {
    /// Begins at a hub's address, in a language.
    ///
    /// # Errors
    ///
    /// When the hub does not answer, or the site is not built.
    pub fn begin(tab: Tab, home: String, lang: &str) -> anyhow::Result<Self> {
        let visit = Self { tab, home, lessons: lessons::all()? };
        let tab = &visit.tab;
        // What the server rendered, so that one can tell when the app has taken over.
        tab.before_pages(
            "addEventListener('DOMContentLoaded', () => { document.getElementById('main').served = true })",
        )?;
        // Asked for once; the pages after it are in this language by themselves.
        visit.go(&format!("/?lang={lang}"))?;
        tab.wait_until(&format!("document.documentElement.lang === {lang:?}"))?;
        Ok(visit)
    }

    /// Returns every lesson.
    pub fn lessons(&self) -> &[Known] {
        &self.lessons
    }

    fn address(&self, path: &str) -> String {
        [self.home.trim_end_matches('/'), path].concat()
    }

    /// Goes to an address, and waits until the app has taken the page over.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub fn go(&self, path: &str) -> anyhow::Result<()> {
        self.tab.go(&self.address(path))?;
        self.tab.wait_until("!!document.querySelector('#main h1') && !document.getElementById('main').served")
    }

    /// Takes a picture of what is on the screen; it lies in `target/screens`.
    ///
    /// # Errors
    ///
    /// When it cannot be taken or written.
    pub fn picture(&self, name: &str) -> anyhow::Result<()> {
        self.tab.picture(&pictures(), &name.replace(' ', "-")).map(drop)
    }

    /// Goes to a part of what is the learner's own, and waits for what is there.
    fn part(&self, name: &str, there: &str) -> anyhow::Result<()> {
        self.go(&format!("/toi#{name}"))?;
        self.tab.wait_until(&format!("!!document.querySelector({})", Value::from(there)))
    }

    /// Opens a lesson.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub fn open(&self, lesson: &Known) -> anyhow::Result<()> {
        self.go(&format!("/bai/{}/{}", lesson.course, lesson.lesson))
    }

    /// Waits until something can be seen.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub fn sees(&self, selector: &str) -> anyhow::Result<()> {
        self.tab.wait_until(&format!("!!document.querySelector({})?.checkVisibility()", Value::from(selector)))
    }

    /// Goes on in a lesson, step by step, until something of it can be seen.
    ///
    /// # Errors
    ///
    /// When the lesson does not have it.
    pub fn reach(&self, selector: &str) -> anyhow::Result<()> {
        let walk = format!("({ON})({})", Value::from(selector));
        ensure!(self.tab.eval(&walk)? == true, "no step has {selector}; the page shows {}", self.tab.text()?);
        Ok(())
    }

    /// Does something on every step of the open lesson, from its first to its last.
    ///
    /// # Errors
    ///
    /// When it cannot be done, or there is no way on.
    pub fn each_step(&self, mut look: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<()> {
        loop {
            look()?;
            let last = "!document.querySelector('.stepwise') ||
                document.querySelector('.stepwise progress').value === document.querySelector('.stepwise progress').max";
            if self.tab.eval(last)? == true {
                return Ok(());
            }
            self.tab.eval(&format!("({ON})(null)"))?;
        }
    }

    fn press(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        self.reach(selector)?;
        self.tab.press(selector, text)
    }

    fn wrong(&self) -> anyhow::Result<()> {
        let (lesson, at) = self.question(false)?;
        self.open(lesson)?;
        self.press(&format!("#cau-{} .option-button", at + 1), &lesson.quizzes[at].wrong[0].text)?;
        self.sees(&format!("#cau-{} .option.wrong", at + 1))
    }

    fn right(&self) -> anyhow::Result<()> {
        let (lesson, at) = self.question(false)?;
        self.press(&format!("#cau-{} .option-button", at + 1), &lesson.quizzes[at].right[0].text)?;
        self.sees(&format!("#cau-{} .option.right", at + 1))
    }

    fn nothing_chosen(&self) -> anyhow::Result<()> {
        let (lesson, at) = self.question(true)?;
        self.open(lesson)?;
        self.press(&format!("#cau-{} .secondary", at + 1), "")
    }

    fn partly(&self) -> anyhow::Result<()> {
        let (lesson, at) = self.question(true)?;
        for answer in [&lesson.quizzes[at].right[0], &lesson.quizzes[at].wrong[0]] {
            self.press(&format!("#cau-{} .option-button", at + 1), &answer.text)?;
        }
        self.press(&format!("#cau-{} .secondary", at + 1), "")?;
        self.sees(&format!("#cau-{} .option.wrong", at + 1))
    }

    /// Finds a question with one right answer, or with several.
    fn question(&self, multiple: bool) -> anyhow::Result<(&Known, usize)> {
        let mut lessons = self.lessons.iter();
        let found = lessons.find_map(|lesson| {
            let at = lesson.quizzes.iter().position(|quiz| quiz.multiple == multiple && !quiz.wrong.is_empty())?;
            Some((lesson, at))
        });
        found.context("no lesson has such a question")
    }

    /// Finds an exercise: its lesson, and the selector of its place.
    fn exercise(&self, pick: impl Fn(&KnownExercise) -> bool) -> anyhow::Result<(&Known, &KnownExercise, String)> {
        let mut lessons = self.lessons.iter();
        let found = lessons.find_map(|lesson| {
            let at = lesson.exercises.iter().position(&pick)?;
            Some((lesson, &lesson.exercises[at], format!("#bai-tap-{}", at + 1)))
        });
        found.context("no lesson has such an exercise")
    }

    fn a_practice(&self) -> anyhow::Result<(&Known, &KnownExercise, String)> {
        self.exercise(|exercise| match exercise {
            KnownExercise::Practice { screens, .. } => {
                !screens[0].wrong.is_empty() && screens.iter().any(|screen| !screen.fields.is_empty())
            }
            _ => false,
        })
    }

    fn practice(&self) -> anyhow::Result<()> {
        let (lesson, _, place) = self.a_practice()?;
        self.open(lesson)?;
        self.reach(&place)
    }

    fn practice_missed(&self) -> anyhow::Result<()> {
        let (_, exercise, place) = self.a_practice()?;
        let KnownExercise::Practice { screens, .. } = exercise else { return Ok(()) };
        for _ in 0..2 {
            self.press(&format!("{place} .phone-button"), &screens[0].wrong[0].text)?;
        }
        self.sees(&format!("{place} .here"))
    }

    fn field_missed(&self) -> anyhow::Result<()> {
        self.practise(|screen| screen.fields.is_empty())?;
        let (_, _, place) = self.a_practice()?;
        self.sees(&format!("{place} .phone-field"))?;
        let (_, exercise, _) = self.a_practice()?;
        let KnownExercise::Practice { screens, .. } = exercise else { return Ok(()) };
        let screen = screens.iter().find(|screen| !screen.fields.is_empty()).context("it has one")?;
        for _ in 0..2 {
            self.press(&format!("{place} .phone-button"), &screen.right.text)?;
        }
        self.sees(&format!("{place} .pointed .phone-field"))
    }

    fn practice_end(&self) -> anyhow::Result<()> {
        let (_, _, place) = self.a_practice()?;
        self.practise(|_| true)?;
        self.sees(&format!("{place} .phone-done"))
    }

    /// Does what the screens of a practice ask for, from the one that is open, as long as `on` says so.
    fn practise(&self, on: impl Fn(&lessons::KnownScreen) -> bool) -> anyhow::Result<()> {
        let (_, exercise, place) = self.a_practice()?;
        let KnownExercise::Practice { screens, .. } = exercise else { return Ok(()) };
        let title = self.tab.eval(&format!("document.querySelector('{place} .phone-title').innerText"))?;
        let open = screens.iter().position(|screen| title == screen.title.as_str()).unwrap_or_default();
        for screen in screens.iter().skip(open).take_while(|screen| on(screen)) {
            let title = Value::from(screen.title.as_str());
            self.tab
                .wait_until(&format!("document.querySelector('{place} .phone-title').innerText.trim() === {title}"))?;
            for (at, [_, value, _]) in screen.fields.iter().enumerate() {
                let value = Value::from(value.as_str());
                self.tab.eval(&format!(
                    "(() => {{ const field = document.querySelectorAll('{place} input')[{at}];
                    field.value = {value}; field.dispatchEvent(new Event('input', {{ bubbles: true }})) }})()"
                ))?;
            }
            self.press(&format!("{place} .phone-button"), &screen.right.text)?;
        }
        Ok(())
    }

    fn a_drill(&self) -> anyhow::Result<(&Known, &KnownExercise, String)> {
        self.exercise(|exercise| matches!(exercise, KnownExercise::Drill { .. }))
    }

    fn drill(&self) -> anyhow::Result<()> {
        let (lesson, _, place) = self.a_drill()?;
        self.open(lesson)?;
        self.reach(&place)
    }

    fn judge(&self, rightly: bool) -> anyhow::Result<()> {
        let (_, exercise, place) = self.a_drill()?;
        let KnownExercise::Drill { right, .. } = exercise else { return Ok(()) };
        // The button that says that it is genuine comes first.
        let scam = (right.text == "Lừa đảo") == rightly;
        self.press(&format!("{place} .judge-button:nth-child({})", if scam { 2 } else { 1 }), "")?;
        self.sees(&format!("{place} .judged{}", if rightly { ".right" } else { ":not(.right)" }))
    }

    fn an_order(&self) -> anyhow::Result<(&Known, &KnownExercise, String)> {
        self.exercise(|exercise| matches!(exercise, KnownExercise::Order(steps) if steps.len() > 2))
    }

    fn order(&self) -> anyhow::Result<()> {
        let (lesson, _, place) = self.an_order()?;
        self.open(lesson)?;
        self.reach(&place)
    }

    fn order_missed(&self) -> anyhow::Result<()> {
        let (_, exercise, place) = self.an_order()?;
        let KnownExercise::Order(steps) = exercise else { return Ok(()) };
        for step in [&steps[0], &steps[2], &steps[2]] {
            self.press(&format!("{place} .option-button"), &step.text)?;
        }
        self.sees(&format!("{place} .pointed .here"))
    }

    fn order_done(&self) -> anyhow::Result<()> {
        let (_, exercise, place) = self.an_order()?;
        let KnownExercise::Order(steps) = exercise else { return Ok(()) };
        for step in &steps[1..] {
            self.press(&format!("{place} .option-button"), &step.text)?;
        }
        self.sees(&format!("{place} .praise"))
    }

    fn early(&self) -> anyhow::Result<()> {
        self.open(&self.lessons[0])?;
        self.finish()?;
        self.sees(".early:not(:empty)")
    }

    /// Finishes the shortest lesson that has questions only.
    fn finished(&self) -> anyhow::Result<()> {
        let short = self.lessons.iter().filter(|lesson| lesson.exercises.is_empty());
        let lesson = short.min_by_key(|lesson| lesson.quizzes.len()).context("every lesson has exercises")?;
        self.open(lesson)?;
        for (at, quiz) in lesson.quizzes.iter().enumerate() {
            for right in &quiz.right {
                self.press(&format!("#cau-{} .option-button", at + 1), &right.text)?;
            }
            if quiz.multiple {
                self.press(&format!("#cau-{} .secondary", at + 1), "")?;
            }
        }
        self.finish()?;
        self.sees(".finished")
    }

    /// Goes to the end of the open lesson, and taps its last button.
    fn finish(&self) -> anyhow::Result<()> {
        self.each_step(|| Ok(()))?;
        self.tab.press(".lesson-end .primary", "")
    }

    /// Lets two days pass, after which what was answered wrong comes back.
    fn review(&self) -> anyhow::Result<()> {
        self.tab.eval("Date.now = ((now) => () => now() + 2 * 86_400_000)(Date.now.bind(Date))")?;
        self.tab.press(".bar a[href='/']", "")?;
        self.tab.press(".hero a[href='/on-tap']", "")?;
        self.sees(".review .options, .review .judge")
    }

    fn find(&self, words: &str, found: &str) -> anyhow::Result<()> {
        self.fill(words)?;
        self.sees(found)
    }

    fn search(&self, words: &str, found: &str) -> anyhow::Result<()> {
        self.sees(".commune, .count")?;
        self.fill(words)?;
        self.sees(found)
    }

    fn fill(&self, words: &str) -> anyhow::Result<()> {
        let words = Value::from(words);
        self.tab.eval(&format!(
            "(() => {{ const field = document.querySelector('#main .search input');
            field.value = {words}; field.dispatchEvent(new Event('input', {{ bubbles: true }})) }})()"
        ))?;
        Ok(())
    }

    fn consent(&self) -> anyhow::Result<()> {
        self.search("vinh trach", ".commune")?;
        self.press(".commune", "")?;
        self.sees(".tick")
    }

    fn agreed(&self) -> anyhow::Result<()> {
        self.press(".tick", "")?;
        self.press("#main .primary", "")?;
        self.sees("#main .state")
    }

    /// The same hub, as its page is shown within a messenger.
    fn in_app(&self) -> anyhow::Result<()> {
        self.tab.call_itself("Mozilla/5.0 (Linux; Android 13) Chrome/120.0 Mobile Safari/537.36 Zalo android/12")?;
        self.go("/")?;
        self.sees(".in-app")?;
        self.tab.call_itself("")
    }

    fn not_here(&self) -> anyhow::Result<()> {
        self.go("/")?;
        self.tab.block(&["*/pack/*"])?;
        // The last lesson is one that nothing here has opened yet.
        self.tab.press(".lessons li:last-child a", "")?;
        self.sees("#main [role=alert]")
    }

    fn still(&self) -> anyhow::Result<()> {
        self.tab.block(&["*.wasm"])?;
        let (lesson, _, _) = self.a_practice()?;
        self.tab.go(&self.address(&format!("/bai/{}/{}", lesson.course, lesson.lesson)))?;
        self.tab.eval("document.querySelectorAll('details').forEach((found) => { found.open = true })")?;
        self.sees(".answer")
    }
}
