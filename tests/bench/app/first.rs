//! The first load of a lesson, by a phone that was never here.

use super::{PHONE, Stage, Visitor, seconds};
use crate::case::{self, Budget, RUNS};

/// What is loaded after the lesson: the worker, and what is kept to open the app without the hub.
const AFTER: [&str; 5] = ["/app/worker-", "/sw.js", "/vo", "/app.webmanifest", "/icon/"];

pub(crate) fn run() -> anyhow::Result<()> {
    let stage = Stage::set()?;
    // Browsers take brotli in secure contexts only; the usual hall gets gzip.
    visits(&stage, &stage.hub.localhost()?, "secure", 200_000.0)?;
    visits(&stage, &stage.hub.hall()?, "hall", f64::INFINITY)
}

/// What one visit costs.
#[derive(Debug, Default)]
struct Costs {
    bytes: Vec<f64>,
    fcp: Vec<f64>,
    lcp: Vec<f64>,
    readable: Vec<f64>,
    interactive: Vec<f64>,
    cls: Vec<f64>,
}

fn visits(stage: &Stage, home: &str, context: &str, bytes_max: f64) -> anyhow::Result<()> {
    let mut costs = Costs::default();
    for _ in 0..RUNS {
        visit(stage, home, &mut costs)?;
    }
    let case = |name: &str| format!("app_first_{context}_{name}");
    let bytes_max = if bytes_max.is_finite() { Budget::AtMost(bytes_max) } else { Budget::None };
    case::print(&case("bytes"), "B", bytes_max, &costs.bytes);
    case::print(&case("fcp"), "s", Budget::AtMost(1.0), &costs.fcp);
    case::print(&case("lcp"), "s", Budget::None, &costs.lcp);
    case::print(&case("readable"), "s", Budget::AtMost(1.2), &costs.readable);
    case::print(&case("interactive"), "s", Budget::AtMost(3.0), &costs.interactive);
    case::print(&case("cls"), "", Budget::AtMost(0.1), &costs.cls);
    Ok(())
}

fn visit(stage: &Stage, home: &str, costs: &mut Costs) -> anyhow::Result<()> {
    let visitor = Visitor::new()?;
    let tab = &visitor.tab;
    tab.slow(PHONE)?;
    tab.go(&[home, &stage.path()].concat())?;
    costs.interactive.push(seconds(tab, "interactive")?);
    // Pictures may come after; the worker is asked for when nothing of the lesson is on its way.
    tab.wait_until("[...document.images].every((image) => image.complete)")?;
    tab.wait_until("performance.getEntriesByType('resource').some((entry) => entry.name.includes('/app/worker-'))")?;
    tab.sees(&stage.lesson.opening)?;
    let after = |url: &str| AFTER.iter().any(|part| url.contains(part));
    let bytes: f64 = tab.transfers().iter().filter(|found| !after(&found.url)).map(|found| found.bytes).sum();
    costs.bytes.push(bytes);
    costs.fcp.push(seconds(tab, "fcp")?);
    costs.lcp.push(seconds(tab, "lcp")?);
    costs.readable.push(seconds(tab, "readable")?);
    costs.cls.push(tab.eval("watched.cls")?.as_f64().unwrap_or_default());
    // A tap is answered here, without another page.
    tab.eval("globalThis.same = true")?;
    tab.tap("Bài học")?;
    tab.sees("Các khóa học")?;
    anyhow::ensure!(tab.eval("globalThis.same")? == true, "the tap loaded another page");
    Ok(())
}
