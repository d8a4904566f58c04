//! Measures how fast courses are read, checked and compiled, and prints one JSON object a line.
//!
//! `cargo xtask bench content` builds and runs it, and adds the sizes. Nothing but this crate is linked,
//! so that it is built in seconds.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use content::{Course, CourseFolder, Facts, SourceFile, check, compile, parse_course_with};
use pulldown_cmark::{Options, Parser};
use serde_json::json;

/// Runs of each case, the median of which is printed.
const RUNS: usize = 3;
/// Bytes of lessons read in a run of a case that counts bytes: some tenths of a second.
const RUN_BYTES: usize = 16 << 20;
/// Copies of the curriculum in the large set: more lessons than a processor's caches hold.
const COPIES: usize = 64;
/// Least megabytes of lessons a second.
const PARSE_BUDGET: f64 = 100.0;
/// Most seconds to read and check the curriculum.
const CHECK_BUDGET: f64 = 1.0;
/// Most seconds to read, check and compile it.
const COMPILE_BUDGET: f64 = 3.0;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("courses");
    let facts = Facts::built_in();
    let curriculum = read(&root);
    let large: Vec<_> = (0..COPIES).flat_map(|_| curriculum.clone()).collect();
    parsing("parse_curriculum", &curriculum, &facts);
    parsing("parse_large", &large, &facts);
    let markdown = mb_per_second(&curriculum, |folder| {
        black_box(lessons(&folder.files).map(markdown_alone).sum::<usize>());
    });
    print("markdown_alone", "MB/s", markdown);
    let checking = median(|| {
        let found = check(&read(&root), &facts);
        assert_eq!(found.problems, [], "the curriculum has problems");
    });
    held("check_curriculum", "s", checking, CHECK_BUDGET, checking <= CHECK_BUDGET);
    let compiling = median(|| {
        let found = check(&read(&root), &facts);
        found.courses.iter().for_each(|(name, course)| compiled(name, course));
    });
    held("compile_curriculum", "s", compiling, COMPILE_BUDGET, compiling <= COMPILE_BUDGET);
}

fn parsing(case: &str, folders: &[CourseFolder], facts: &Facts) {
    let figure = mb_per_second(folders, |folder| drop(black_box(parse_course_with(&folder.files, facts))));
    held(case, "MB/s", figure, PARSE_BUDGET, figure >= PARSE_BUDGET);
}

fn compiled(name: &str, course: &Course) {
    if let Err(error) = compile(course).map(black_box) {
        panic!("{name}: {error}");
    }
}

/// The floor: one pass of the Markdown parser over a file, with nothing made of it.
fn markdown_alone(file: &SourceFile) -> usize {
    let text = str::from_utf8(&file.bytes).expect("lessons are UTF-8");
    Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter().count()
}

fn lessons(files: &[SourceFile]) -> impl Iterator<Item = &SourceFile> {
    files.iter().filter(|file| file.path.strip_suffix(".md").is_some())
}

/// Megabytes of lessons a second; images and `course.toml` are read too and not counted.
fn mb_per_second(folders: &[CourseFolder], each: impl Fn(&CourseFolder)) -> f64 {
    let bytes: usize = folders.iter().flat_map(|folder| lessons(&folder.files)).map(|file| file.bytes.len()).sum();
    let times = RUN_BYTES.div_ceil(bytes);
    let seconds = median_by(processor_seconds, || (0..times).for_each(|_| folders.iter().for_each(&each)));
    let megabytes = u32::try_from(bytes * times / 1000).map_or(f64::MAX, f64::from) / 1e3;
    megabytes / seconds
}

/// Seconds of the median run, reading of files included.
fn median(run: impl Fn()) -> f64 {
    let start = Instant::now();
    median_by(|| start.elapsed().as_secs_f64(), run)
}

fn median_by(seconds: impl Fn() -> f64, run: impl Fn()) -> f64 {
    let mut taken: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = seconds();
            run();
            seconds() - start
        })
        .collect();
    taken.sort_by(f64::total_cmp);
    taken[RUNS / 2]
}

/// Seconds this program spent on a processor: waiting while others have it does not count. See
/// `Documentation/scheduler/sched-stats.rst` of Linux.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/schedstat").expect("Linux tells how long a process ran");
    let nanoseconds = stat.split(' ').next().and_then(|first| first.parse::<f64>().ok());
    nanoseconds.expect("the first number is time on a processor") / 1e9
}

fn print(case: &str, unit: &str, figure: f64) {
    println!("{}", json!({ "case": case, "figure": rounded(figure), "unit": unit }));
}

fn held(case: &str, unit: &str, figure: f64, budget: f64, holds: bool) {
    let figure = rounded(figure);
    println!("{}", json!({ "case": case, "figure": figure, "unit": unit, "budget": budget, "holds": holds }));
}

/// Four digits behind the point: the curriculum is checked in milliseconds.
fn rounded(figure: f64) -> f64 {
    (figure * 1e4).round() / 1e4
}

/// Reads every course in a folder.
fn read(root: &Path) -> Vec<CourseFolder> {
    let mut folders: Vec<_> = entries(root).into_iter().filter(|path| path.is_dir()).collect();
    folders.sort();
    let course = |folder: &PathBuf| CourseFolder { name: name(folder), files: files(folder) };
    folders.iter().map(course).collect()
}

fn files(folder: &Path) -> Vec<SourceFile> {
    let read = |path: &PathBuf| fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries(folder).iter().map(|path| SourceFile { path: name(path), bytes: read(path) }).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("a folder that is there").path()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
