//! `cargo xtask size`: what a phone downloads, file by file, as it crosses the wire.

use anyhow::{Context as _, bail, ensure};
use content::pack::{Catalogue, LessonSummary};
use serde_json::{Value, json};
use xtask::node::{Lines, Node, Role, Start};

use crate::process::{Steps, build_bdhv};
use crate::{courses, http, paths, prerequisites, site};

/// Most bytes of the first load of a lesson, everything on the wire (DESIGN §12).
const FIRST_LOAD_BYTES_MAX: usize = 200 * 1000;
/// Most bytes of the worker's bundle, loaded after (DESIGN §12).
const WORKER_BYTES_MAX: usize = 800 * 1000;

/// What a phone asks for at one occasion.
#[derive(Debug)]
struct Load {
    case: String,
    paths: Vec<String>,
    bytes_max: Option<usize>,
}

/// A load as it was measured.
#[derive(Debug)]
struct Measured {
    case: String,
    /// Paths with the bytes of their answers, headers included.
    files: Vec<(String, usize)>,
    bytes_max: Option<usize>,
}

impl Measured {
    fn total(&self) -> usize {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }

    fn holds(&self) -> bool {
        self.bytes_max.is_none_or(|max| self.total() <= max)
    }

    fn json(&self) -> Value {
        let mut line = json!({ "case": self.case, "figure": self.total(), "unit": "B" });
        if let Some(max) = self.bytes_max {
            line["budget"] = max.into();
            line["holds"] = self.holds().into();
        }
        line
    }
}

/// Builds everything, asks a real hub for it as a phone does, and compares with the budgets.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut steps = Steps::new(prerequisites::STEPS + site::STEPS + 2);
    let toolchain = prerequisites::web(&mut steps)?;
    site::build(&mut steps, &toolchain)?;
    let bdhv = build_bdhv(&mut steps)?;
    steps.begin("downloading as a phone does");
    let data = paths::target().join("size");
    let (http, lines) = ("127.0.0.1:0", Lines::Kept);
    let start = Start { program: &bdhv, role: Role::Hub, data: &data, http, more: &[], log: None, lines };
    let hub = Node::start(&start)?;
    let measured = loads(&hub.ready.http).and_then(|loads| {
        let measured = loads.into_iter().map(|load| measure(&hub.ready.http, load));
        measured.collect::<anyhow::Result<Vec<_>>>()
    });
    hub.stop()?;
    let measured = measured?;
    print(&measured);
    let over: Vec<_> = measured.iter().filter(|load| !load.holds()).map(|load| &*load.case).collect();
    ensure!(over.is_empty(), "over budget: {}", over.join(", "));
    Ok(())
}

fn loads(origin: &str) -> anyhow::Result<Vec<Load>> {
    let list = std::fs::read(paths::site().join(site::LIST))?;
    let list: Value = serde_json::from_slice(&list)?;
    let path = |key: &str| {
        let found = list[key].as_str().map(str::to_owned);
        found.with_context(|| format!("{} has no `{key}`", site::LIST))
    };
    let bundle =
        |name: &str| Ok::<_, anyhow::Error>(vec![path(&format!("{name}_js"))?, path(&format!("{name}_wasm"))?]);
    let (course, lesson) = largest_lesson(origin)?;
    let page = format!("/bai/{course}/{}", lesson.lesson);
    let mut first = vec![page, format!("/{}", courses::CATALOGUE), format!("/pack/{}", lesson.blob)];
    first.extend(lesson.assets.iter().map(|asset| format!("/pack/{asset}")));
    first.extend(bundle("ui")?);
    let load = |case: &str, paths, bytes_max| Load { case: case.to_owned(), paths, bytes_max };
    Ok(vec![
        load("first_load_of_a_lesson", first, Some(FIRST_LOAD_BYTES_MAX)),
        load("worker_loaded_after", bundle("worker")?, Some(WORKER_BYTES_MAX)),
        load("commune_choice", vec![path("communes")?], None),
        load("course_list_page", vec!["/".to_owned()], None),
        load("province_bundle", bundle("province")?, None),
    ])
}

/// Finds the lesson whose text and pictures take the most.
fn largest_lesson(origin: &str) -> anyhow::Result<(u16, LessonSummary)> {
    let answer = http::get_plain(origin, &format!("/{}", courses::CATALOGUE))?;
    let catalogue = Catalogue::decode(&answer.body)?;
    let mut largest: Option<(usize, u16, LessonSummary)> = None;
    for course in catalogue.courses {
        for lesson in course.lessons {
            let mut bytes = 0;
            for blob in lesson.assets.iter().chain([&lesson.blob]) {
                bytes += http::get(origin, &format!("/pack/{blob}"))?.wire_bytes;
            }
            if largest.as_ref().is_none_or(|(most, ..)| bytes > *most) {
                largest = Some((bytes, course.course, lesson));
            }
        }
    }
    largest.map(|(_, course, lesson)| (course, lesson)).context("there is no lesson")
}

fn measure(origin: &str, load: Load) -> anyhow::Result<Measured> {
    let mut files = Vec::new();
    for path in load.paths {
        let answer = http::get(origin, &path)?;
        if answer.status != 200 {
            bail!("{path} answered {}", answer.status);
        }
        files.push((path, answer.wire_bytes));
    }
    Ok(Measured { case: load.case, files, bytes_max: load.bytes_max })
}

fn print(measured: &[Measured]) {
    println!("\nbytes on the wire, brotli, headers included\n");
    for load in measured {
        println!("{}", load.case);
        for (path, bytes) in &load.files {
            println!("  {bytes:>9}  {path}");
        }
        let against = load.bytes_max.map(|max| format!("of {max}: {}", if load.holds() { "holds" } else { "OVER" }));
        println!("  {:>9}  total {}\n", load.total(), against.unwrap_or_default());
    }
    for load in measured {
        println!("{}", load.json());
    }
}
