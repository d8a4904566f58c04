//! What authors see: the checker's lines and counts, and a preview that follows the files.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::run::{Folder, Node, run};
use crate::start::refused;

const COURSE: &str =
    "id = 1\nedition = 1\ntitle = \"Khóa thử\"\nsummary = \"S\"\nreviewed = 2026-11-22\nlanguage = \"vi\"\n";

/// A lesson; its text begins on line 9.
fn lesson(text: &str) -> String {
    let fields = "id = 1\ntitle = \"Bài thử\"\nminutes = 1\ngoal = \"G\"\nreviewed = 2026-11-22\n";
    format!("+++\n{fields}sources = [{{ title = \"N\" }}]\n+++\n{text}\n")
}

/// Makes a folder of courses with one of one lesson in it.
fn course(folder: &Folder, text: &str) -> PathBuf {
    let course = folder.path().join("thu");
    fs::create_dir_all(&course).unwrap();
    fs::write(course.join("course.toml"), COURSE).unwrap();
    fs::write(course.join("01-a.md"), lesson(text)).unwrap();
    course
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_sound_course_is_counted() {
    let folder = Folder::new();
    let course = course(&folder, "Chào cô bác! Mình học nghen.");
    for given in [path(&course), path(folder.path())] {
        let output = run(&["content", "check", given]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{said}");
        for part in [path(&course), "Khóa thử", "1 lessons, 0 questions", "6 words, 3.0 a sentence", "no problems"] {
            assert!(said.contains(part), "{part:?} is not in: {said}");
        }
    }
}

#[test]
fn problems_are_printed_where_they_stand_and_told_to_programs() {
    let folder = Folder::new();
    let course = course(&folder, "Gọi **157** nghen.\n\n<b>đậm</b>\n\nGọi {số lạ}.");
    let output = run(&["content", "check", path(&course)]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(65), "{said}");
    let at = |line: usize, column: usize| format!("{}:{line}:{column}: error: ", path(&course.join("01-a.md")));
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with(&at(9, 7)) && lines[0].contains("157; print only numbers it knows"), "{said}");
    assert!(lines[1].starts_with(&at(11, 1)) && lines[1].contains("HTML is not allowed; write"), "{said}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("error(s) keep this from being published"));

    let output = run(&["content", "check", "--format", "json", path(&course)]);
    assert_eq!(output.status.code(), Some(65));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["may_publish"], &told["errors"]), (&json!(false), &json!(4)));
    let first = &told["problems"][0];
    assert_eq!((&first["line"], &first["column"], &first["severity"]), (&json!(9), &json!(7), &json!("error")));
    assert_eq!(told["courses"][0]["lessons"][0]["file"], "01-a.md");
    assert_eq!(told["counts"]["lessons"], 1);
}

#[test]
fn facts_and_criteria_beside_the_courses_are_read_too() {
    let folder = Folder::new();
    let course = course(&folder, "Gọi **157** nghen.");
    let fact =
        "[[fact]]\nkind = \"number\"\nname = \"số thử\"\nvalue = \"157\"\nsource = \"S\"\nchecked = 2026-11-22\n";
    fs::write(folder.path().join("facts.toml"), fact).unwrap();
    assert_eq!(run(&["content", "check", path(&course)]).status.code(), Some(0));

    let criteria = "version = 1\nprovisional = true\ntitle = \"T\"\nnote = \"N\"\nsince = 2026-11-22\nattested = true\n\
        [[require]]\ncourse = 9\nlessons = [1]\nat_least = 1\nscore = 60\n";
    fs::write(folder.path().join("criteria.toml"), criteria).unwrap();
    let output = run(&["content", "check", path(folder.path())]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(65));
    assert!(said.contains("criteria.toml:7:1: error: there is no course number 9"), "{said}");
    assert!(said.contains("criteria: version 1, provisional"), "{said}");
    assert_eq!(run(&["content", "check", path(&course)]).status.code(), Some(0), "one course is not the curriculum");
}

#[test]
fn a_folder_that_cannot_be_read_is_named() {
    let folder = Folder::new();
    refused(&run(&["content", "check", &folder.join("none")]), 78, &["none: No such file", "give a folder"]);
    refused(&run(&["content", "check", path(folder.path())]), 78, &["holds no course", "course.toml"]);
    let course = course(&folder, "Chào.");
    let open = run(&["content", "preview", path(&course), "--http", "0.0.0.0:0"]);
    refused(&open, 78, &["a preview is not served on 0.0.0.0:0", "127.0.0.1"]);
}

/// The events of a preview, as an open page gets them.
struct Events(Lines<BufReader<TcpStream>>);

impl Events {
    fn of(node: &Node) -> Self {
        let mut stream = node.connect();
        write!(stream, "GET /preview/events HTTP/1.1\r\nhost: {}\r\n\r\n", node.address()).unwrap();
        Self(BufReader::new(stream).lines())
    }

    /// Waits for the next state and returns its name.
    fn next(&mut self) -> String {
        let data = self.0.find_map(|line| Some(line.unwrap().strip_prefix("data: ")?.to_owned()));
        serde_json::from_str(&data.unwrap()).unwrap()
    }
}

#[test]
fn a_preview_follows_the_files() {
    let folder = Folder::new();
    let course = course(&folder, "Chào cô bác!");
    let node = Node::spawn(&["content", "preview", path(folder.path())]);
    let page = node.get("/bai/1/1", "");
    assert_eq!(page.status(), 200);
    assert!(page.body().contains("<p>Chào cô bác!</p>"), "{}", page.body());
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    let script = node.get("/preview.js", "");
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert!(script.body().contains("/preview/events"));

    let mut events = Events::of(&node);
    let first = events.next();
    let names = |state: &str| format!("<script src=\"/preview.js\" data-version=\"{state}\"");
    assert!(page.body().contains(&names(&first)), "a page names the state it shows");

    fs::write(course.join("01-a.md"), lesson("Chào bà con!")).unwrap();
    let second = events.next();
    let page = node.get("/bai/1/1", "");
    assert!(page.body().contains("<p>Chào bà con!</p>") && page.body().contains(&names(&second)), "{}", page.body());
    assert_ne!(first, second);

    fs::write(course.join("01-a.md"), lesson("Chào <b>bà con</b>!")).unwrap();
    let third = events.next();
    for address in ["/", "/bai/1/1"] {
        let page = node.get(address, "");
        assert!(
            page.body().contains("01-a.md:9:6: error: HTML is not allowed; write it in Markdown"),
            "{}",
            page.body()
        );
        assert!(page.body().contains(&names(&third)), "a page of problems reloads too");
    }

    fs::write(course.join("01-a.md"), lesson("Chào cô bác!")).unwrap();
    assert_eq!(events.next(), first, "what is shown alike is named alike");
    assert!(node.get("/bai/1/1", "").body().contains("<p>Chào cô bác!</p>"));
    // An open page does not keep it from stopping.
    assert_eq!(node.stop(), Some(0));
}

#[test]
fn a_preview_serves_the_courses_and_nothing_of_a_hub() {
    let folder = Folder::new();
    let course = course(&folder, "![Hình](a.svg)");
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"/>";
    fs::write(course.join("a.svg"), svg).unwrap();
    let node = Node::spawn(&["content", "preview", path(&course)]);
    let page = node.get("/bai/1/1", "");
    let image = page.body().split("<img src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let answer = node.get(&image, "");
    assert_eq!((answer.header("content-type"), answer.body()), (Some("image/svg+xml"), svg));
    assert_eq!(node.get("/catalogue", "").status(), 200);
    assert!(node.get("/", "").body().contains("Khóa thử"));
    for (address, status) in [("/hub.json", 404), ("/relay", 404), ("/bai/1/2", 404), ("/pack/00", 404), ("/x", 404)] {
        assert_eq!(node.get(address, "").status(), status, "{address}");
    }
}
