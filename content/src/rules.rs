//! Every rule of the format: what is wrong, and what to write instead.
//!
//! All in one file, so that an author's questions are answered in one voice.

use crate::limits::{
    DEPTH_MAX, FILES_MAX, IMAGE_BYTES_MAX, IMAGE_SIDE_MAX, LESSON_MINUTES_MAX, LESSON_NODES_MAX, LESSON_TEXT_BYTES_MAX,
    PATH_BYTES_MAX, SENTENCE_WORDS_MAX, TABLE_COLUMNS_MAX, TEXT_FILE_BYTES_MAX, URL_BYTES_MAX, WORDS_PER_MINUTE,
};
use crate::pack::{
    ASSETS_PER_LESSON_MAX, BLOCKS_PER_LESSON_MAX, COURSES_MAX, LESSONS_PER_COURSE_MAX, LINE_BYTES_MAX,
    OPTIONS_PER_QUIZ_MAX, SOURCES_PER_LESSON_MAX,
};
use crate::source::Rule;

/// Bytes of a word up to which a similar one is looked for.
const SIMILAR_BYTES_MAX: usize = 40;
/// Characters of the author's text repeated in a message.
const QUOTED_CHARS_MAX: usize = 60;

fn rule(message: impl Into<String>, help: impl Into<String>) -> Rule {
    (message.into(), help.into())
}

// Files

pub(crate) fn more_problems(left_out: usize) -> Rule {
    rule(format!("{left_out} more problems are not listed"), "mend the listed ones and check again")
}

pub(crate) fn too_many_files(found: usize) -> Rule {
    rule(format!("the folder has {found} files, at most {FILES_MAX} are read"), "split the course in two")
}

pub(crate) fn missing_course_file() -> Rule {
    rule("the folder has no course.toml", "add one with id, edition, title, summary, reviewed and language")
}

pub(crate) fn no_lessons() -> Rule {
    rule("the course has no lesson", "add a file such as 01-first-steps.md")
}

pub(crate) fn too_many_lessons() -> Rule {
    rule(
        format!("this is more than the {LESSONS_PER_COURSE_MAX} lessons a course may have"),
        "move some to another course",
    )
}

pub(crate) fn too_many_courses() -> Rule {
    rule(format!("this is more than the {COURSES_MAX} courses a catalogue may have"), "leave one out")
}

pub(crate) fn unknown_file() -> Rule {
    rule(
        "this is neither course.toml, nor a lesson, nor an image",
        "name lessons like 01-first-steps.md and images like a-phone.svg (svg, png, jpg or webp), \
         in small letters a-z, digits and hyphens; move other files out of the folder",
    )
}

pub(crate) fn long_path() -> Rule {
    rule(format!("the path is longer than {PATH_BYTES_MAX} bytes"), "give the file a shorter name")
}

pub(crate) fn large_text_file(bytes: usize) -> Rule {
    rule(format!("the file has {bytes} bytes, at most {TEXT_FILE_BYTES_MAX} are read"), "split it into shorter lessons")
}

pub(crate) fn not_utf8() -> Rule {
    rule("these bytes are not UTF-8", "save the file with the encoding UTF-8")
}

pub(crate) fn byte_order_mark() -> Rule {
    rule("the file begins with a byte order mark", "save it as UTF-8 without BOM")
}

pub(crate) fn carriage_return() -> Rule {
    rule("lines end as on Windows (CR LF)", "save the file with line ends LF")
}

pub(crate) fn invisible_character(c: char) -> Rule {
    rule(
        format!("there is an invisible character here, U+{:04X}", u32::from(c)),
        "delete it; it may be hiding at either side of the cursor",
    )
}

pub(crate) fn combining_mark() -> Rule {
    rule(
        "the accent is stored apart from its letter",
        "type the letter anew, with the keyboard set to composed Unicode (\"Unicode dựng sẵn\")",
    )
}

// Fields

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
    rule(format!("`{name}` has more than one line"), "write it on one line")
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
    rule(
        format!("`{name}` is not a list of sources"),
        format!(
            "write `{name} = [{{ title = \"Nghị định 69/2024/NĐ-CP\", url = \"https://…\" }}]`; the url may be left out"
        ),
    )
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

// Numbers

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

// Markdown

pub(crate) fn empty_lesson() -> Rule {
    rule("the lesson has no text", "write it below the second `+++`")
}

pub(crate) fn large_lesson() -> Rule {
    rule(
        format!(
            "the lesson has more than {LESSON_NODES_MAX} pieces or {LESSON_TEXT_BYTES_MAX} bytes of text; the rest is left out"
        ),
        "split it into shorter lessons",
    )
}

pub(crate) fn too_many_blocks() -> Rule {
    rule(
        format!("the lesson has more than {BLOCKS_PER_LESSON_MAX} paragraphs, lists, quizzes and so on"),
        "split it into shorter lessons",
    )
}

pub(crate) fn raw_html() -> Rule {
    rule("HTML is not allowed", "write it in Markdown; to show the character itself write `\\<`")
}

pub(crate) fn heading_level() -> Rule {
    rule(
        "this rank of heading is not used",
        "write `##` or, below it, `###`; `#` would be the title, which stands in the fields",
    )
}

pub(crate) fn empty_heading() -> Rule {
    rule("the heading has no text", "write some after `##`, or delete it")
}

pub(crate) fn indented_code() -> Rule {
    rule("four spaces at the beginning make this program code", "delete the spaces")
}

pub(crate) fn deep_nesting() -> Rule {
    rule(format!("this is nested more than {DEPTH_MAX} deep; it is left out"), "use a simple list or a new paragraph")
}

pub(crate) fn wide_table(columns: usize) -> Rule {
    rule(
        format!("the table has {columns} columns, at most {TABLE_COLUMNS_MAX} can be read on a phone"),
        "make it two tables, or a list",
    )
}

pub(crate) fn table_alignment() -> Rule {
    rule("columns are always aligned at the left", "write `---` without colons below the head")
}

pub(crate) fn link_title() -> Rule {
    rule(
        "a phone does not show the title of a link or an image",
        "delete the words in quotation marks, or move them into the text",
    )
}

pub(crate) fn link_target() -> Rule {
    rule(
        "the link leads neither to an https address nor to a lesson",
        "write `[text](https://…)` or `[text](02-next-lesson.md)`",
    )
}

pub(crate) fn link_with_user() -> Rule {
    rule("the address has an `@` before its first `/`, as fake ones do", "write the address of the site itself")
}

pub(crate) fn long_url() -> Rule {
    rule(format!("the address is longer than {URL_BYTES_MAX} bytes"), "link to a page with a shorter address")
}

pub(crate) fn link_without_text() -> Rule {
    rule("the link has no text to tap", "write what it leads to between `[` and `]`")
}

pub(crate) fn missing_lesson<'a>(name: &str, lessons: impl Iterator<Item = &'a String>) -> Rule {
    rule(
        format!("there is no lesson `{}`", quoted(name)),
        did_you_mean(name, lessons.map(String::as_str), "write the name of a lesson file of this folder"),
    )
}

pub(crate) fn image_alone() -> Rule {
    rule(
        "an image stands in a paragraph of its own",
        "put an empty line before and after it, outside of lists and tables",
    )
}

pub(crate) fn image_in_fence() -> Rule {
    rule("an image cannot stand here", "put it in a paragraph of its own, above the fence")
}

pub(crate) fn image_without_alt() -> Rule {
    rule("the image has no description", "write what it shows: `![Một chiếc điện thoại](phone.svg)`")
}

pub(crate) fn missing_image<'a>(path: &str, images: impl Iterator<Item = &'a String>) -> Rule {
    rule(
        format!("there is no image `{}`", quoted(path)),
        did_you_mean(path, images.map(String::as_str), "put the file into the course folder"),
    )
}

pub(crate) fn too_many_images() -> Rule {
    rule(format!("the lesson shows more than {ASSETS_PER_LESSON_MAX} images"), "split it into shorter lessons")
}

// Images

pub(crate) fn unused_image() -> Rule {
    rule("no lesson shows this image", "show it with `![description](path)`, or delete the file")
}

pub(crate) fn large_image(bytes: usize) -> Rule {
    rule(
        format!("the image has {bytes} bytes, at most {IMAGE_BYTES_MAX} are allowed"),
        "make it smaller, or draw it as SVG; residents pay for every byte",
    )
}

pub(crate) fn not_an_image(extension: &str) -> Rule {
    rule(format!("the content is not that of a .{extension} file"), "export the image again in this format")
}

pub(crate) fn image_sides(width: u32, height: u32) -> Rule {
    rule(
        format!("the image is {width} × {height} pixels, each side may have 1 to {IMAGE_SIDE_MAX}"),
        "scale it; 720 pixels are enough on any phone",
    )
}

pub(crate) fn svg(message: impl Into<String>, help: impl Into<String>) -> Rule {
    rule(message, help)
}

// Fences

pub(crate) fn unknown_fence(name: &str, known: impl Iterator<Item = &'static str> + Clone) -> Rule {
    let list = known.clone().collect::<Vec<_>>().join(", ");
    let message = if name.is_empty() {
        "the fence has no name".to_owned()
    } else {
        format!("there is no fence `{}`", quoted(name))
    };
    rule(message, did_you_mean(name, known, &format!("the fences are {list}; for what to type use `single backticks`")))
}

pub(crate) fn fence_words(name: &str) -> Rule {
    rule(format!("nothing follows the name `{name}`"), format!("write only ```` ```{name} ````"))
}

pub(crate) fn open_fence(name: &str) -> Rule {
    rule(format!("the `{name}` fence is not closed"), "write a line ```` ``` ```` after its last line")
}

pub(crate) fn nested_fence() -> Rule {
    rule(
        "a fence stands by itself, not in a list, quotation or another fence",
        "begin its lines at the margin, after an empty line",
    )
}

pub(crate) fn not_a_line() -> Rule {
    rule(
        "only a line of text can stand here",
        "write words, with *emphasis*, `what to type` or links, and no list, heading or code",
    )
}

pub(crate) fn quiz_line() -> Rule {
    rule(
        "a line of a quiz begins with `? `, `[x] `, `[ ] ` or `> `",
        "`? question`, `[x] right answer`, `[ ] wrong answer`, `> what to say`; begin with two spaces to go on with the line before",
    )
}

pub(crate) fn quiz_empty_line(mark: &str) -> Rule {
    rule(format!("nothing follows `{mark}`"), "write the text on the same line")
}

pub(crate) fn quiz_without_question() -> Rule {
    rule("the quiz has no question", "begin it with `? ` and the question")
}

pub(crate) fn quiz_question_place() -> Rule {
    rule("a quiz has one question, on its first line", "begin another quiz for another question")
}

pub(crate) fn quiz_feedback_place() -> Rule {
    rule("this belongs to no answer", "write one line `> ` below each answer")
}

pub(crate) fn quiz_few_answers() -> Rule {
    rule("the quiz has fewer than two answers", "write `[x] ` before a right answer and `[ ] ` before a wrong one")
}

pub(crate) fn quiz_many_answers(found: usize) -> Rule {
    rule(
        format!("the quiz has {found} answers, at most {OPTIONS_PER_QUIZ_MAX} fit a small screen"),
        "leave out the weakest",
    )
}

pub(crate) fn quiz_without_right() -> Rule {
    rule("no answer is right", "write `[x]` before each right answer")
}

pub(crate) fn quiz_without_wrong() -> Rule {
    rule("every answer is right", "write `[ ]` before each wrong answer; a quiz needs one")
}

pub(crate) fn quiz_without_feedback() -> Rule {
    rule("the answer has no feedback", "write a line `> ` below it: what to say to somebody who chose it, kindly")
}

pub(crate) fn quiz_same_answer() -> Rule {
    rule("the quiz has this answer already", "write another one, or delete it")
}

// Reading

pub(crate) fn long_reading(words: usize, minutes: u8) -> Rule {
    rule(
        format!("{words} words do not fit {minutes} min at {WORDS_PER_MINUTE} words a minute"),
        format!(
            "leave out {} words, or split the lesson",
            words.saturating_sub(usize::from(minutes) * WORDS_PER_MINUTE)
        ),
    )
}

pub(crate) fn long_sentence(words: usize, sentence: &str) -> Rule {
    rule(
        format!("a sentence has {words} words, at most {SENTENCE_WORDS_MAX} are allowed: \"{}\"", quoted(sentence)),
        "make two sentences of it; 15 words are a good measure",
    )
}

/// Shortens what an author wrote, so that a message stays readable.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Suggests the most similar word, or else says what there is.
fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>, otherwise: &str) -> String {
    known
        .filter_map(|candidate| Some((distance(word, candidate)?, candidate)))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 5)
        .min()
        .map_or_else(|| otherwise.to_owned(), |(_, candidate)| format!("did you mean `{candidate}`?"))
}

/// Counts the letters to change, add or drop (Levenshtein); [`None`] for words too long to be typos.
fn distance(a: &str, b: &str) -> Option<usize> {
    if a.is_empty() || a.len().max(b.len()) > SIMILAR_BYTES_MAX {
        return None;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied()
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, distance};

    #[test]
    fn finds_the_similar_word() {
        let fields = ["id", "title", "minutes", "reviewed"];
        assert_eq!(did_you_mean("minuts", fields.into_iter(), "-"), "did you mean `minutes`?");
        assert_eq!(did_you_mean("reviewd", fields.into_iter(), "-"), "did you mean `reviewed`?");
        assert_eq!(did_you_mean("colour", fields.into_iter(), "-"), "-");
        assert_eq!(did_you_mean("", fields.into_iter(), "-"), "-");
    }

    #[test]
    fn counts_letters_that_differ() {
        for (a, b, apart) in [("quiz", "quiz", 0), ("quizz", "quiz", 1), ("qiuz", "quiz", 2), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(a, b), Some(apart), "{a} {b}");
        }
    }
}
