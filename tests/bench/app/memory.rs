//! What the page holds after thirty lessons in one visit.

use tests::lessons;
use tests::resident::learn;

use super::{Stage, Visitor};
use crate::case::{self, Budget, RUNS};

/// Lessons of one long day.
const LESSONS: usize = 30;

pub(crate) fn run() -> anyhow::Result<()> {
    let stage = Stage::set()?;
    let lessons = lessons::all()?;
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let visitor = Visitor::new()?;
        let tab = &visitor.tab;
        tab.go(&stage.hub.localhost()?)?;
        tab.sees("Trang này mở được cả khi không có mạng")?;
        before.push(tab.heap_bytes()? / 1e6);
        for lesson in lessons.iter().cycle().take(LESSONS) {
            tab.tap("Bài học")?;
            tab.tap_in(&lesson.title, &lesson.title)?;
            learn(tab, lesson)?;
        }
        after.push(tab.heap_bytes()? / 1e6);
    }
    case::print("app_heap_at_first", "MB", Budget::None, &before);
    case::print("app_heap_after_30_lessons", "MB", Budget::None, &after);
    Ok(())
}
