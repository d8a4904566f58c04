//! What a phone downloads, measured as it crosses the wire: a real hub is asked as a phone asks.

use std::path::Path;

use anyhow::{Context as _, bail};
use content::pack::{Catalogue, LessonSummary};
use serde_json::{Value, json};

use crate::http;
use crate::node::{Lines, Node, Role, Start};

/// List of what the pages name, in the site's folder.
pub const LIST: &str = "site.json";

/// Most bytes of the first load of a lesson, everything on the wire (DESIGN §12).
const FIRST_LOAD_BYTES_MAX: usize = 200 * 1000;
/// Most bytes of the worker's bundle, loaded after (DESIGN §12).
const WORKER_BYTES_MAX: usize = 800 * 1000;

/// Most bytes of the bundle of confirmations, loaded on its own screen alone: a slow phone has it in a second.
const PAPER_BYTES_MAX: usize = 125 * 1000;
/// What is fetched to keep the app in a secure context, besides what the phone has by then.
const KEPT: [&str; 9] = [
    "/sw.js",
    "/vo?lang=vi",
    "/vo?lang=km",
    "/vo?lang=en",
    "/vo/toi?lang=vi",
    "/vo/toi?lang=km",
    "/vo/toi?lang=en",
    "/app.webmanifest",
    "/icon/192.png",
];

/// What a phone asks for at one occasion.
#[derive(Debug)]
struct Load {
    case: String,
    paths: Vec<String>,
    bytes_max: Option<usize>,
}

/// What a phone downloads at one occasion, as it was measured.
#[derive(Debug)]
pub struct Measured {
    /// Name of the occasion.
    pub case: String,
    /// Paths with the bytes of their answers, headers included.
    pub files: Vec<(String, usize)>,
    /// The budget, where there is one.
    pub bytes_max: Option<usize>,
}

impl Measured {
    /// Returns the bytes of all files.
    pub fn total(&self) -> usize {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }

    /// Tells whether the budget holds.
    pub fn holds(&self) -> bool {
        self.bytes_max.is_none_or(|max| self.total() <= max)
    }

    /// Returns the line that benchmarks print.
    pub fn json(&self) -> Value {
        let mut line = json!({ "case": self.case, "figure": self.total(), "unit": "B" });
        if let Some(max) = self.bytes_max {
            line["budget"] = max.into();
            line["holds"] = self.holds().into();
        }
        line
    }
}

/// Starts a hub with its data in `data`, downloads what a phone does, and counts. `site` is the folder
/// of the site that `bdhv` embeds.
///
/// # Errors
///
/// When the hub does not start, or something is missing.
pub fn measure(bdhv: &Path, site: &Path, data: &Path) -> anyhow::Result<Vec<Measured>> {
    let (http, lines) = ("127.0.0.1:0", Lines::Kept);
    let start = Start { program: bdhv, role: Role::Hub, data, http, more: &[], log: None, lines };
    let hub = Node::start(&start)?;
    let origin = &hub.ready.http;
    let measured = loads(site, origin).and_then(|loads| loads.into_iter().map(|load| download(origin, load)).collect());
    hub.stop()?;
    measured
}

fn loads(site: &Path, origin: &str) -> anyhow::Result<Vec<Load>> {
    let list = std::fs::read(site.join(LIST))?;
    let list: Value = serde_json::from_slice(&list)?;
    let path = |key: &str| {
        let found = list[key].as_str().map(str::to_owned);
        found.with_context(|| format!("{LIST} has no `{key}`"))
    };
    let bundle =
        |name: &str| Ok::<_, anyhow::Error>(vec![path(&format!("{name}_js"))?, path(&format!("{name}_wasm"))?]);
    let (course, lesson) = largest_lesson(origin, &path("catalogue")?)?;
    let page = format!("/bai/{course}/{}", lesson.lesson);
    let mut first = vec![page, path("catalogue")?, format!("/pack/{}", lesson.blob)];
    first.extend(lesson.assets.iter().map(|asset| format!("/pack/{asset}")));
    first.extend(bundle("ui")?);
    let load = |case: &str, paths, bytes_max| Load { case: case.to_owned(), paths, bytes_max };
    Ok(vec![
        load("first_load_of_a_lesson", first, Some(FIRST_LOAD_BYTES_MAX)),
        load("worker_loaded_after", bundle("worker")?, Some(WORKER_BYTES_MAX)),
        load("commune_choice", vec![path("communes")?], None),
        load("course_list_page", vec!["/".to_owned()], None),
        load("confirmation_bundle", bundle("paper")?, Some(PAPER_BYTES_MAX)),
        load("kept_to_open_without_the_hub", KEPT.map(str::to_owned).to_vec(), None),
        load("province_bundle", bundle("province")?, None),
    ])
}

/// Finds the lesson whose text and pictures take the most.
///
/// # Errors
///
/// When the hub does not answer with a catalogue, or has no lesson.
pub fn largest_lesson(origin: &str, catalogue: &str) -> anyhow::Result<(u16, LessonSummary)> {
    let answer = http::get_plain(origin, catalogue)?;
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

fn download(origin: &str, load: Load) -> anyhow::Result<Measured> {
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
