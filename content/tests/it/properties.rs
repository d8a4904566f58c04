//! Whatever comes in: no panic, and every problem points into its file.

use content::pack::{Catalogue, Field, Html, Lesson};
use content::{Compiled, Problem, SourceFile, compile, parse_course, parse_facts, speech};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::folder::{course_toml, file, lesson};

/// Checks that a problem has a help and stands where its file has something, or just behind it.
fn assert_in_range(problem: &Problem, files: &[SourceFile]) {
    assert!(!problem.message.is_empty() && !problem.help.is_empty(), "{problem}");
    let bytes = files.iter().find(|file| file.path == problem.file).map_or(&[][..], |file| &file.bytes);
    let text = String::from_utf8_lossy(bytes);
    let line = text.split('\n').nth(problem.line - 1);
    let line = line.unwrap_or_else(|| panic!("{problem}: there is no such line"));
    assert!((1..=line.chars().count() + 1).contains(&problem.column), "{problem}: there is no such column");
}

fn parse(files: &[SourceFile]) {
    let (course, problems) = parse_course(files);
    for problem in &problems {
        assert_in_range(problem, files);
    }
    let compiled = compile(&course);
    if problems.is_empty() {
        let Compiled { manifest, blobs } = compiled.unwrap();
        for lesson in manifest.lessons {
            let blob = blobs.iter().find(|blob| blob.hash == lesson.blob).unwrap();
            Lesson::decode(&blob.bytes).unwrap();
        }
    }
}

/// Pieces that mean something to the parser, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "\n",
            "\n\n",
            "  ",
            "    ",
            "\t",
            "\r\n",
            "# ",
            "## ",
            "- ",
            "1. ",
            "2. ",
            "! ",
            "@ ",
            "[_] ",
            "Số: `1`",
            "@ Tin nhắn: A",
            "[x] Lừa đảo",
            "[ ] Tin thật",
            "*a*",
            "{",
            "}",
            "{số báo lừa đảo}",
            "483920",
            "gọi 157",
            "> ",
            "*",
            "**",
            "_",
            "`",
            "```",
            "```quiz\n",
            "~~~",
            "```\n",
            "? ",
            "[x] ",
            "[ ] ",
            "[",
            "](",
            ")",
            "![",
            "](https://a.vn)",
            "](01-a.md)",
            "](a.svg)",
            "<b>",
            "<!--",
            "&lt;",
            "|",
            "|a|b|\n|-|-|\n",
            "---",
            "+++",
            "\\",
            "\u{feff}",
            "\u{301}",
            "\u{202e}",
            "\0",
            "ế",
            "🙂",
            "từ. ",
            "[a]: https://a.vn\n",
            "[a]",
            "<https://a.vn>",
            "<a@b.vn>",
        ])
        .prop_map(str::to_owned),
        ".{0,6}",
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Lines that mean something in the fields.
fn fields() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        prop::sample::select(vec![
            "id = 1",
            "id = 0",
            "id = 99999",
            "id = \"a\"",
            "title = \"T\"",
            "title = \"\"\"\na\"\"\"",
            "minutes = 5",
            "minutes = 300",
            "reviewed = 2026-11-22",
            "reviewed = 2026-11-22T10:00:00Z",
            "reviewed = 1",
            "sources = [{ title = \"N\" }]",
            "sources = [1]",
            "sources = []",
            "[[sources]]",
            "retired = [1, 1, -2]",
            "goal = 1",
            "goal = \"G\"",
            "gaol = \"G\"",
            "edition = 0x10",
            "language = \"vi\"",
            "summary = 'S'",
            "a.b.c = 1",
            "[a]",
            "= 1",
            "id",
            "+++",
            "language = \"Việt\"",
        ])
        .prop_map(str::to_owned),
        ".{0,12}",
    ];
    vec(line, 0..12).prop_map(|lines| lines.join("\n"))
}

/// Lines that mean something in a fence, often in a good order.
fn lines() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "? Hỏi?",
        "# Màn hình",
        "- Chữ",
        "- Chữ *dấu* chữ",
        "[_] Số: `1`",
        "[_] Số",
        "[x] Nút",
        "[ ] Nút khác",
        "[x] Lừa đảo",
        "[ ] Tin thật",
        "> Lời",
        "! Lời",
        "@ Tin nhắn: Ngân hàng",
        "1. Một",
        "2. Hai",
        "  thêm",
        "",
    ]);
    vec(line, 0..14).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..400), path in "(01-a\\.md|course\\.toml|a\\.svg|a\\.png|.{0,12})") {
        parse(&[course_toml(), SourceFile { path, bytes }]);
    }

    #[test]
    fn any_markdown(text in pieces()) {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"/>";
        parse(&[course_toml(), lesson("01-a.md", 1, &text), file("a.svg", svg)]);
    }

    #[test]
    fn any_fence(name in "(quiz|practice|scam|listen|figure|note|warning)", text in pieces()) {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"/>";
        let text = format!("Chào.\n\n```{name}\n{text}\n```\n");
        parse(&[course_toml(), lesson("01-a.md", 1, &text), file("a.svg", svg)]);
    }

    #[test]
    fn any_lines(name in "(quiz|practice|scam)", lines in lines()) {
        parse(&[course_toml(), lesson("01-a.md", 1, &format!("```{name}\n{lines}\n```\n"))]);
    }

    #[test]
    fn any_facts(text in "([a-z]{1,5} = |\\[\\[fact\\]\\]|\n|kind = \"number\"|name = \"a\"|value = \"1\"|.{0,5}){0,12}") {
        let file = file("facts.toml", text);
        for problem in parse_facts(&file).1 {
            assert_in_range(&problem, std::slice::from_ref(&file));
        }
    }

    #[test]
    fn any_fields(course in fields(), fields in fields()) {
        parse(&[file("course.toml", course), file("01-a.md", format!("+++\n{fields}\n+++\nChào."))]);
    }

    #[test]
    fn any_svg(inside in "([<>/='\" a-z&;]|<g |<path|</g>|fill=|url\\(|<!--|-->){0,40}") {
        let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">{inside}</svg>");
        parse(&[course_toml(), lesson("01-a.md", 1, "![Hình](a.svg)"), file("a.svg", svg)]);
    }

    #[test]
    fn any_image(start in 0..3_usize, rest in vec(any::<u8>(), 0..60)) {
        let magic = [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X"][start];
        let name = ["a.png", "a.jpg", "a.webp"][start];
        parse(&[course_toml(), lesson("01-a.md", 1, &format!("![Hình]({name})")), file(name, [magic, &rest].concat())]);
    }

    #[test]
    fn any_speech(text in "([0-9]{1,14}|[.,:/@#%&-]|đ|G| |NĐ-CP|VNeID|.{0,4}){0,12}", markup in "([<>&;\"]|<p>|</p>|&amp;| alt=\"|.{0,3}){0,12}") {
        let said = speech::text(&text, "vi");
        prop_assert_eq!(speech::text(&text, "vi-VN"), said);
        speech::html(&Html::trusted(markup), "vi");
    }

    #[test]
    fn what_is_typed_is_compared_without_care(value in ".{0,30}", typed in ".{0,40}") {
        let field = Field { label: String::new(), value: value.clone(), hint: Html::default() };
        prop_assert!(field.accepts(&value));
        field.accepts(&typed);
    }

    #[test]
    fn any_pack(bytes in vec(any::<u8>(), 0..200)) {
        for bytes in [bytes.clone(), [&[1][..], &bytes].concat(), [&[2][..], &bytes].concat()] {
            if let Ok(lesson) = Lesson::decode(&bytes) {
                assert_eq!(Lesson::decode(&lesson.encode().unwrap()), Ok(lesson));
            }
            if let Ok(catalogue) = Catalogue::decode(&bytes) {
                assert_eq!(Catalogue::decode(&catalogue.encode().unwrap()), Ok(catalogue));
            }
        }
    }
}
