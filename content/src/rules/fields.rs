//! Rules of the fields in `course.toml` and in front matter.

use super::similar::did_you_mean;
use super::{quoted, rule};
use crate::limits::LESSON_MINUTES_MAX;
use crate::pack::{LINE_BYTES_MAX, SOURCES_PER_LESSON_MAX};
use crate::source::Rule;

pub(crate) fn toml(message: &str) -> Rule {
    let message = message.lines().next().unwrap_or_default();
    rule(format!("this is not TOML: {}", quoted(message)), "write one field a line, such as `title = \"Mở tài khoản\"`")
}

pub(crate) fn no_front_matter() -> Rule {
    rule(
        "the lesson does not begin with its fields",
        "begin the file with a line `+++`, then id, title, minutes, goal, reviewed and sources, then `+++`",
    )
}

pub(crate) fn open_front_matter() -> Rule {
    rule("the fields have no end", "write a line `+++` between the fields and the text")
}

pub(crate) fn missing_field(name: &str) -> Rule {
    let example = match name {
        "id" => "`id = 1`, a number no other one has or had",
        "edition" => "`edition = 1`, one more with every publication",
        "minutes" => "`minutes = 4`",
        "reviewed" => "`reviewed = 2026-11-22`, the day you checked it against its sources",
        "language" => "`language = \"vi\"`",
        "sources" => "`sources = [{ title = \"Nghị định 69/2024/NĐ-CP\" }]`",
        "checked" => "`checked = 2026-11-22`, the day you compared it with its source",
        "since" => "`since = 2026-11-22`, the day from which they hold",
        "provisional" | "attested" => return rule(format!("`{name}` is missing"), format!("add `{name} = true`")),
        "fact" | "require" => {
            return rule(format!("there is no `{name}`"), format!("add a table that begins `[[{name}]]`"));
        }
        "version" | "course" | "score" | "at_least" => {
            return rule(format!("`{name}` is missing"), format!("add `{name} = 1`"));
        }
        "goal" => "`goal = \"Bà con biết mở khóa tài khoản.\"`, what the reader can do afterwards",
        _ => return rule(format!("`{name}` is missing"), format!("add `{name} = \"…\"`")),
    };
    rule(format!("`{name}` is missing"), format!("add {example}"))
}

pub(crate) fn unknown_field(name: &str, known: &[&'static str]) -> Rule {
    rule(
        format!("there is no field `{}`", quoted(name)),
        did_you_mean(name, known.iter().copied(), &format!("the fields are {}", known.join(", "))),
    )
}

pub(crate) fn not_a_number(name: &str) -> Rule {
    rule(format!("`{name}` is not a number in its range"), format!("write a whole number from 1, such as `{name} = 1`"))
}

pub(crate) fn not_numbers(name: &str) -> Rule {
    rule(format!("`{name}` is not a list of lesson numbers"), format!("write `{name} = [3, 7]`"))
}

pub(crate) fn not_text(name: &str) -> Rule {
    rule(format!("`{name}` is not text"), format!("write it in quotation marks: `{name} = \"…\"`"))
}

pub(crate) fn empty_text(name: &str) -> Rule {
    rule(format!("`{name}` is empty"), "write at least a word")
}

pub(crate) fn not_one_line(name: &str) -> Rule {
    rule(format!("`{name}` has more than one line, or a character that is none"), "write it on one line, as plain text")
}

pub(crate) fn long_line(name: &str, bytes: usize) -> Rule {
    rule(format!("`{name}` has {bytes} bytes, at most {LINE_BYTES_MAX} fit"), "shorten it; one short sentence is best")
}

pub(crate) fn not_a_date(name: &str) -> Rule {
    rule(
        format!("`{name}` is not a day"),
        format!("write year, month, day, without quotation marks: `{name} = 2026-11-22`"),
    )
}

pub(crate) fn not_tables(name: &str) -> Rule {
    match name {
        "sources" => rule(
            "`sources` is not a list of sources",
            "write `sources = [{ title = \"Nghị định 69/2024/NĐ-CP\", url = \"https://…\" }]`; the url may be left out",
        ),
        _ => rule(format!("`{name}` is not a list of tables"), format!("begin each with a line `[[{name}]]`")),
    }
}

pub(crate) fn not_a_truth(name: &str) -> Rule {
    rule(format!("`{name}` is neither true nor false"), format!("write `{name} = true` or `{name} = false`"))
}

pub(crate) fn too_many_sources(found: usize) -> Rule {
    rule(format!("there are {found} sources, at most {SOURCES_PER_LESSON_MAX} fit"), "name those that matter most")
}

pub(crate) fn source_address() -> Rule {
    rule("the source's url is not a public https address", "write `url = \"https://…\"`, or leave it out")
}

pub(crate) fn language_tag() -> Rule {
    rule("`language` is not a language tag", "write `language = \"vi\"`; `km` is Khmer, `en` English")
}

pub(crate) fn long_minutes() -> Rule {
    rule(
        format!("the lesson takes more than {LESSON_MINUTES_MAX} minutes"),
        "split it: one lesson, one thing to be able to do",
    )
}

pub(crate) fn same_lesson_id(id: u16, other: &str) -> Rule {
    rule(
        format!("lesson number {id} is taken by {other}"),
        "give the newer lesson a number that was never used; progress on phones refers to it",
    )
}

pub(crate) fn retired_lesson_id(id: u16) -> Rule {
    rule(
        format!("lesson number {id} is retired"),
        "take a number that was never used; progress on phones still refers to the old lesson",
    )
}

pub(crate) fn retired_twice(id: u16) -> Rule {
    rule(format!("lesson number {id} is in the list twice"), "delete one of the two")
}

pub(crate) fn same_course_id(id: u16, other: &str) -> Rule {
    rule(
        format!("course number {id} is taken by {other}"),
        "give the newer course a number that was never used; progress on phones refers to it",
    )
}
