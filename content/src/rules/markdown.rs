//! Rules of the text: what it may hold, and how easily it reads.

use super::similar::did_you_mean;
use super::{quoted, rule};
use crate::limits::{
    DEPTH_MAX, LESSON_NODES_MAX, LESSON_TEXT_BYTES_MAX, SENTENCE_WORDS_AVERAGE_MAX, SENTENCE_WORDS_GOOD,
    SENTENCE_WORDS_MAX, TABLE_COLUMNS_MAX, URL_BYTES_MAX, WORDS_PER_MINUTE,
};
use crate::pack::{ASSETS_PER_LESSON_MAX, BLOCKS_PER_LESSON_MAX};
use crate::source::Rule;

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

pub(crate) fn rather_long_sentence(words: usize, sentence: &str) -> Rule {
    rule(
        format!(
            "a sentence has {words} words, more than {SENTENCE_WORDS_GOOD} are hard to follow: \"{}\"",
            quoted(sentence)
        ),
        "make two sentences of it",
    )
}

pub(crate) fn long_sentences(words: usize, sentences: usize) -> Rule {
    rule(
        format!(
            "{words} words in {sentences} sentences are more than {SENTENCE_WORDS_AVERAGE_MAX} words a sentence on average"
        ),
        "shorten the longest ones",
    )
}
