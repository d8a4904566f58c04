//! The cases of `bench app`: a phone of 360 × 640 with a slow processor on a slow network, three runs each, the
//! median printed.

mod again;
mod first;
mod lighthouse;
mod memory;

use anyhow::{Context as _, ensure};
use content::pack::LessonSummary;
use tests::browser::{Browser, Slow, Tab};
use tests::hall::Station;
use tests::lessons::{self, Known};
use tests::scratch::Scratch;
use xtask::wire;

/// The network of a hall and the processor of a cheap phone (DESIGN §12).
const PHONE: Slow = Slow { latency_ms: 150, bits_per_second: 1_600_000, processor: 4 };

/// What the page is watched with from its very beginning. A frame is on the screen when the task after it runs.
const WATCH: &str = include_str!("watch.js");

type Group = (&'static str, fn() -> anyhow::Result<()>);

/// What is run when nothing is named.
const GROUPS: [Group; 3] = [("first", first::run), ("again", again::run), ("memory", memory::run)];
/// Needs node and Lighthouse, so it runs only when it is named.
const LIGHTHOUSE: Group = ("lighthouse", lighthouse::run);

/// Runs the groups named, or all but Lighthouse.
pub(crate) fn run(named: &[&str]) -> anyhow::Result<()> {
    let groups: Vec<Group> = GROUPS.into_iter().chain([LIGHTHOUSE]).collect();
    let known = |name: &&str| groups.iter().any(|(group, _)| group == name);
    ensure!(named.iter().all(known), "the groups are first, again, memory, lighthouse");
    for (group, run) in groups {
        if named.contains(&group) || named.is_empty() && group != LIGHTHOUSE.0 {
            eprintln!("{group} … (load before: {})", crate::sync_cases::load()?);
            run()?;
        }
    }
    Ok(())
}

/// A hub, and the lesson of it that is largest.
struct Stage {
    hub: Station,
    lesson: Known,
}

impl Stage {
    fn set() -> anyhow::Result<Self> {
        let hub = Station::hub(&[])?;
        let (course, found): (u16, LessonSummary) = wire::largest_lesson(&hub.node()?.ready.http, "/catalogue")?;
        let same = |lesson: &Known| (lesson.course, lesson.lesson) == (course, found.lesson);
        let lesson = lessons::all()?.into_iter().find(same).context("the lesson is not built in")?;
        Ok(Self { hub, lesson })
    }

    fn path(&self) -> String {
        format!("/bai/{}/{}", self.lesson.course, self.lesson.lesson)
    }
}

/// A browser that was never anywhere, with one tab that is watched.
struct Visitor {
    browser: Browser,
    tab: Tab,
    _profile: Scratch,
}

impl Visitor {
    fn new() -> anyhow::Result<Self> {
        let profile = Scratch::new("profile")?;
        let browser = Browser::start(profile.path())?;
        let tab = watched(&browser)?;
        Ok(Self { browser, tab, _profile: profile })
    }
}

/// Opens a tab whose pages are watched.
fn watched(browser: &Browser) -> anyhow::Result<Tab> {
    let tab = browser.blank()?;
    tab.before_pages(WATCH)?;
    Ok(tab)
}

/// Returns a time that the page was watched for, in seconds.
fn seconds(tab: &Tab, what: &str) -> anyhow::Result<f64> {
    tab.wait_until(&format!("watched.{what} > 0"))?;
    let ms = tab.eval(&format!("watched.{what}"))?;
    Ok(ms.as_f64().with_context(|| format!("{what} is {ms}"))? / 1000.0)
}
