//! The examples of the author's guide.

use content::{Facts, parse_course, parse_facts};

use crate::folder::{course_toml, file, lesson, list};

const GUIDE: &str = include_str!("../../README.md");

/// Finds the examples: runs of lines that begin with four spaces and hold a fence.
fn examples() -> Vec<String> {
    let mut examples = vec![String::new()];
    for line in GUIDE.lines() {
        match line.strip_prefix("    ") {
            Some(line) => examples.last_mut().unwrap().extend([line, "\n"]),
            None if line.is_empty() => examples.last_mut().unwrap().push('\n'),
            None => examples.push(String::new()),
        }
    }
    examples.retain(|example| example.contains("```"));
    examples
}

#[test]
fn examples_have_no_problem() {
    let examples = examples();
    assert!(examples.len() >= 7, "{examples:?}");
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"/>";
    for example in &examples {
        let mut files = vec![course_toml(), lesson("01-a.md", 1, example)];
        if example.contains(".svg)") {
            files.push(file("viec-nhe.svg", svg));
        }
        assert_eq!(list(&parse_course(&files).1), "", "{example}");
    }
    for fence in ["quiz", "practice", "scam", "figure", "note", "warning", "listen"] {
        assert!(examples.iter().any(|example| example.contains(&format!("```{fence}\n"))), "{fence}");
    }
}

#[test]
fn the_fact_shown_is_one_of_the_table() {
    let start = GUIDE.find("[[fact]]").unwrap();
    let end = start + GUIDE[start..].find("```").unwrap();
    let (shown, problems) = parse_facts(&file("facts.toml", &GUIDE[start..end]));
    assert_eq!(list(&problems), "");
    assert_eq!(shown.facts, [Facts::built_in().facts.remove(0)]);
}
