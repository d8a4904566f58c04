//! The second visit, without the hub and without a network.

use super::{PHONE, Stage, Visitor, seconds, watched};
use crate::case::{self, Budget, RUNS};

pub(crate) fn run() -> anyhow::Result<()> {
    let mut stage = Stage::set()?;
    let (mut bytes, mut readable, mut interactive) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let visitor = Visitor::new()?;
        let home = stage.hub.localhost()?;
        keep(&stage, &visitor, &home)?;
        stage.hub.kill()?;
        let tab = watched(&visitor.browser)?;
        tab.slow(PHONE)?;
        tab.offline(true)?;
        tab.forget_downloads()?;
        tab.go(&[&*home, &stage.path()].concat())?;
        tab.sees(&stage.lesson.opening)?;
        bytes.push(tab.transfers().iter().map(|found| found.bytes).sum());
        readable.push(seconds(&tab, "readable")?);
        interactive.push(seconds(&tab, "interactive")?);
        stage.hub.resume()?;
    }
    case::print("app_again_offline_bytes", "B", Budget::AtMost(0.0), &bytes);
    case::print("app_again_offline_readable", "s", Budget::AtMost(1.0), &readable);
    case::print("app_again_offline_interactive", "s", Budget::AtMost(1.0), &interactive);
    Ok(())
}

/// The first visit, at which the course is kept.
fn keep(stage: &Stage, visitor: &Visitor, home: &str) -> anyhow::Result<()> {
    let (tab, title) = (&visitor.tab, &stage.lesson.title);
    tab.go(home)?;
    tab.sees("Trang này mở được cả khi không có mạng")?;
    tab.tap_in(title, "Giữ lại để học không cần mạng")?;
    tab.tap_in(title, "Tải về máy")?;
    tab.sees_in(title, "Đã giữ trên máy")
}
