//! Courses published from the command line, at nodes that run and at others.

use std::fs;
use std::path::Path;

use crate::authority::{province, said};
use crate::run::{Folder, Node, run};
use crate::start::refused;

const LESSON: &str = r#"+++
id = 1
title = "Bài thử"
minutes = 2
goal = "Bà con biết thử."
reviewed = 2026-11-22
sources = [{ title = "Tổ công nghệ số" }]
+++

Chào cô bác.
"#;

/// Writes a course of one lesson into a folder.
fn course(folder: &Folder, name: &str, number: u16, edition: u32) -> String {
    let path = folder.join(name);
    fs::create_dir_all(&path).unwrap();
    let course = format!(
        "id = {number}\nedition = {edition}\ntitle = \"Khóa thử\"\nsummary = \"Để thử.\"\n\
         reviewed = 2026-11-22\nlanguage = \"vi\"\n"
    );
    fs::write(Path::new(&path).join("course.toml"), course).unwrap();
    fs::write(Path::new(&path).join("01-bai.md"), LESSON).unwrap();
    path
}

/// Makes a province, and a publisher below it with some rights; returns the key file and the chain.
fn publisher(folder: &Folder, rights: &str) -> (String, String) {
    let (key, chain) = (folder.join(&format!("{rights}.key")), folder.join(&format!("{rights}.chain")));
    let to = ["--new-key", &key, "--rank", "team", "--everywhere", "--rights", rights, "--days", "30", "--out", &chain];
    said(&[&["credential", "issue", "--key", &folder.join("province.key")][..], &to].concat());
    (key, chain)
}

/// Makes a node of the province.
fn enrolled(folder: &Folder) -> String {
    let data = folder.join("data");
    let device = said(&["credential", "request", "--data", &data]);
    let to = ["--device", &device, "--rank", "team", "--everywhere", "--days", "30"];
    let chain = said(&[&["credential", "issue", "--key", &folder.join("province.key")][..], &to].concat());
    said(&["credential", "install", "--data", &data, &chain]);
    data
}

#[test]
fn courses_are_published_at_a_node_that_runs_and_at_one_that_does_not() {
    let folder = Folder::new();
    province(&folder);
    let (data, (key, chain)) = (enrolled(&folder), publisher(&folder, "publish"));
    let all = folder.join("all");
    course(&folder, "all/mot", 900, 1);
    course(&folder, "all/hai", 901, 3);
    let publish = ["content", "publish", &all, "--data", &data, "--key", &key, "--chain", &chain];
    let output = said(&publish);
    assert!(output.contains("edition 1 of course 900 is published"), "{output}");
    assert!(output.contains("edition 3 of course 901 is published"), "{output}");
    let node = Node::hub(&data);
    let editions = |node: &Node| serde_json::from_str::<serde_json::Value>(node.get("/healthz", "").body()).unwrap();
    assert_eq!(editions(&node)["editions"]["901"], 3);
    refused(&run(&publish), 77, &["edition 1 of course 900 was not published", "held already"]);
    let one = course(&folder, "all/mot", 900, 2);
    let shown = said(&["content", "publish", &one, "--data", &data, "--key", &key, "--chain", &chain]);
    assert!(shown.contains("edition 2 of course 900"), "{shown}");
    assert_eq!(editions(&node)["editions"]["900"], 2);
    assert!(node.get("/bai/900/1", "").body().contains("Chào cô bác."));
    assert_eq!(node.get("/bai/900/2", "").status(), 404);
}

#[test]
fn what_is_wrong_with_a_publication_is_said() {
    let folder = Folder::new();
    let (province_key, _) = province(&folder);
    let data = enrolled(&folder);
    let one = course(&folder, "mot", 900, 1);
    let publish = |more: &[&str]| run(&[&["content", "publish", &one, "--data", &data][..], more].concat());
    let ((publisher, chain), (other, other_chain)) = (publisher(&folder, "publish"), publisher(&folder, "collect"));
    refused(&publish(&["--key", &other, "--chain", &other_chain]), 77, &["was not published", "lacks the right"]);
    refused(&publish(&["--key", &publisher, "--chain", &other_chain]), 78, &["no credential given is that of the key"]);
    refused(&publish(&["--key", &publisher]), 77, &["was not published", "shows no credential"]);
    let nothing = folder.join("nothing");
    fs::create_dir(&nothing).unwrap();
    let key = ["--data", &data, "--key", &province_key];
    refused(&run(&[&["content", "publish", &nothing][..], &key].concat()), 78, &["holds no course", "course.toml"]);
    fs::write(Path::new(&one).join("02-x.md"), "no fields").unwrap();
    let found = run(&[&["content", "publish", &one][..], &key].concat());
    assert!(String::from_utf8_lossy(&found.stderr).contains("02-x.md:1:1"));
    assert_eq!(found.status.code(), Some(65));
    fs::remove_file(Path::new(&one).join("02-x.md")).unwrap();
    // The stranger's node knows no province, so nobody may publish there.
    let strange = folder.join("strange");
    let at_stranger = run(&["content", "publish", &one, "--data", &strange, "--key", &province_key]);
    refused(&at_stranger, 77, &["province's key is not known"]);
    assert!(publish(&["--key", &publisher, "--chain", &other_chain, "--chain", &chain]).status.success());
}
