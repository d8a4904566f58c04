//! How what was found in courses is told: to people, and to programs.

use std::fmt::Write as _;

use content::limits::WORDS_PER_MINUTE;
use content::{Course, Problem, Severity, Summary, summary};
use serde_json::{Value, json};

use super::draft::Draft;

/// Writes a problem as compilers do, so that an editor jumps to it.
pub(crate) fn line(problem: &Problem) -> String {
    let Problem { file, line, column, message, help, .. } = problem;
    format!("{file}:{line}:{column}: {}: {message}; {help}", severity(problem))
}

/// Writes the problems, one a line.
pub(super) fn lines(draft: &Draft) -> String {
    draft.problems().iter().flat_map(|problem| [line(problem), "\n".to_owned()]).collect()
}

/// Writes what there is: each course, and all together.
pub(super) fn counts(draft: &Draft) -> String {
    let mut text = String::new();
    for (folder, course) in &draft.checked.courses {
        let _ = writeln!(text, "{folder} ({})", course.title);
        push_counts(&summary([course]), &mut text);
        if let Some((file, minutes)) = longest(course) {
            let _ = writeln!(text, "  longest lesson: {file}, {minutes:.1} min at {WORDS_PER_MINUTE} words a minute");
        }
    }
    if draft.checked.courses.len() > 1 {
        let _ = writeln!(text, "together: {} courses", draft.checked.summary.courses);
        push_counts(&draft.checked.summary, &mut text);
    }
    if let Some(criteria) = &draft.criteria {
        let provisional = if criteria.provisional { ", provisional" } else { "" };
        let _ = writeln!(text, "criteria: version {}{provisional}", criteria.version);
    }
    text
}

fn push_counts(counts: &Summary, text: &mut String) {
    let Summary { lessons, questions, practices, drills, genuine, figures, words, sentences, minutes, .. } = counts;
    let _ = writeln!(
        text,
        "  {lessons} lessons, {questions} questions, {practices} practices, {drills} drills ({genuine} genuine), \
         {figures} figures"
    );
    let _ = writeln!(text, "  {words} words, {:.1} a sentence; {minutes} minutes", average(*words, *sentences));
}

/// Sums up.
pub(super) fn verdict(draft: &Draft) -> String {
    match (draft.count(Severity::Error), draft.count(Severity::Warning)) {
        (0, 0) => "no problems\n".to_owned(),
        (errors, warnings) => format!("{errors} error(s), {warnings} warning(s)\n"),
    }
}

/// Words of a sentence, on average; none where nothing is written yet.
fn average(words: usize, sentences: usize) -> f64 {
    ratio(words, sentences.max(1))
}

fn longest(course: &Course) -> Option<(&str, f64)> {
    let words = course.lessons.iter().map(|lesson| (lesson.reading().words, &*lesson.file));
    words.max().map(|(words, file)| (file, ratio(words, WORDS_PER_MINUTE)))
}

fn ratio(a: usize, b: usize) -> f64 {
    // A course is bounded to some megabytes, far below what an `f64` holds.
    f64::from(u32::try_from(a).unwrap_or(u32::MAX)) / f64::from(u32::try_from(b).unwrap_or(u32::MAX))
}

/// Tells the same to programs, as `content/README.md` describes it.
pub(super) fn json(draft: &Draft) -> Value {
    json!({
        "may_publish": draft.checked.may_publish(),
        "errors": draft.count(Severity::Error),
        "warnings": draft.count(Severity::Warning),
        "problems": draft.problems().iter().map(problem).collect::<Vec<_>>(),
        "courses": draft.checked.courses.iter().map(|(folder, found)| course(folder, found)).collect::<Vec<_>>(),
        "counts": counted(&draft.checked.summary),
        "criteria": draft.criteria.as_ref().map(|criteria| {
            json!({ "version": criteria.version, "provisional": criteria.provisional })
        }),
    })
}

fn problem(problem: &Problem) -> Value {
    let Problem { file, line, column, message, help, .. } = problem;
    json!({
        "file": file, "line": line, "column": column, "severity": severity(problem), "message": message, "help": help,
    })
}

fn severity(problem: &Problem) -> &'static str {
    match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn course(folder: &str, course: &Course) -> Value {
    let lessons = course.lessons.iter().map(|lesson| {
        let reading = lesson.reading();
        json!({
            "file": lesson.file, "lesson": lesson.id, "title": lesson.title, "minutes": lesson.minutes,
            "words": reading.words, "sentences": reading.sentences,
        })
    });
    json!({
        "folder": folder, "course": course.id, "edition": course.edition, "title": course.title,
        "lessons": lessons.collect::<Vec<_>>(), "counts": counted(&summary([course])),
    })
}

fn counted(counts: &Summary) -> Value {
    let Summary { courses, lessons, questions, practices, drills, genuine, figures, words, sentences, minutes } =
        counts;
    json!({
        "courses": courses, "lessons": lessons, "questions": questions, "practices": practices, "drills": drills,
        "genuine": genuine, "figures": figures, "words": words, "sentences": sentences, "minutes": minutes,
    })
}
