//! Reads one lesson file: front matter first, the body once every file's number is known.

use core::ops::Range;
use std::collections::BTreeSet;

use crate::context::{Context, Folder};
use crate::fields::Fields;
use crate::limits::LESSON_MINUTES_MAX;
use crate::markdown::{self, is_web_address};
use crate::model::{Block, Element, Lesson};
use crate::pack::{ASSETS_PER_LESSON_MAX, BLOCKS_PER_LESSON_MAX, SOURCES_PER_LESSON_MAX, Source};
use crate::source::{Report, Text};
use crate::{facts, readability, rules};

/// The line before and after the fields of a lesson.
const FRONT_MATTER_LINE: &str = "+++";

/// A lesson whose fields are read and whose body is not.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) text: Text<'a>,
    pub(crate) lesson: Lesson,
    /// Offset of the number, where there is one.
    pub(crate) id_at: Option<usize>,
    body: Range<usize>,
    /// Whether the fields have no end, so that there is no body.
    is_cut: bool,
}

/// Reads the fields of a lesson.
pub(crate) fn draft<'a>(text: Text<'a>, report: &mut Report) -> Draft<'a> {
    let (front_matter, body) = split(&text, report);
    let is_cut = front_matter.is_none() && body.is_empty();
    let mut lesson = Lesson { file: text.file.to_owned(), ..Lesson::default() };
    let mut id_at = None;
    if let Some(mut fields) = front_matter.and_then(|range| Fields::parse(&text, range, report)) {
        let id = fields.number("id", report);
        id_at = id.map(|(at, _)| at);
        lesson.id = id.map(|(_, id)| id).unwrap_or_default();
        lesson.title = fields.line("title", report).map(|(_, line)| line).unwrap_or_default();
        lesson.minutes = minutes(&mut fields, report);
        lesson.goal = fields.line("goal", report).map(|(_, line)| line).unwrap_or_default();
        lesson.task = fields.optional_line("try", report).map(|(_, line)| line);
        lesson.reviewed = fields.date("reviewed", report);
        lesson.sources = sources(&mut fields, report);
        fields.finish(report);
    }
    Draft { text, lesson, id_at, body, is_cut }
}

/// Finds the fields and the body. Without front matter everything is body.
fn split(text: &Text<'_>, report: &mut Report) -> (Option<Range<usize>>, Range<usize>) {
    let whole = 0..text.source.len();
    let mut lines = text.lines(whole.clone());
    if lines.next().is_none_or(|(_, line)| line.trim_end() != FRONT_MATTER_LINE) {
        report.at(text, 0, rules::no_front_matter());
        return (None, whole);
    }
    let start = lines.next().map_or(whole.end, |(at, _)| at);
    let Some((end, _)) = text.lines(start..whole.end).find(|(_, line)| line.trim_end() == FRONT_MATTER_LINE) else {
        report.at(text, 0, rules::open_front_matter());
        return (None, whole.end..whole.end);
    };
    let body = text.lines(end..whole.end).nth(1).map_or(whole.end, |(at, _)| at);
    (Some(start..end), body..whole.end)
}

fn minutes(fields: &mut Fields<'_>, report: &mut Report) -> u8 {
    let Some((at, minutes)) = fields.number("minutes", report) else { return 0 };
    if minutes > LESSON_MINUTES_MAX {
        fields.refuse(at, rules::long_minutes(), report);
    }
    minutes
}

fn sources(fields: &mut Fields<'_>, report: &mut Report) -> Vec<Source> {
    let tables = fields.tables("sources", report);
    if let Some((at, _)) = tables.get(SOURCES_PER_LESSON_MAX) {
        fields.refuse(*at, rules::too_many_sources(tables.len()), report);
    }
    let sources = tables.into_iter().take(SOURCES_PER_LESSON_MAX);
    sources.filter_map(|(_, table)| source(table, report)).collect()
}

fn source(mut fields: Fields<'_>, report: &mut Report) -> Option<Source> {
    let title = fields.line("title", report);
    let mut url = fields.optional_line("url", report);
    if let Some((at, _)) = url.take_if(|(_, url)| !is_web_address(url)) {
        fields.refuse(at, rules::source_address(), report);
    }
    fields.finish(report);
    Some(Source { title: title?.1, url: url.map(|(_, url)| url) })
}

impl Draft<'_> {
    /// Reads the body. Returns the lesson and the paths of the images it shows.
    pub(crate) fn finish(self, folder: &Folder<'_>, report: &mut Report) -> (Lesson, BTreeSet<String>) {
        let Self { text, mut lesson, body, is_cut, .. } = self;
        let start = body.start;
        let problems = report.count();
        let mut context = Context::new(&text, folder, report);
        let mut blocks = markdown::blocks(&mut context, body);
        let images = core::mem::take(&mut context.images);
        // What was left out has its own problem.
        if blocks.is_empty() && context.report.count() == problems && !is_cut {
            context.problem(start, rules::empty_lesson());
        }
        if let Some((at, _)) = blocks.get(BLOCKS_PER_LESSON_MAX) {
            context.problem(*at, rules::too_many_blocks());
            blocks.truncate(BLOCKS_PER_LESSON_MAX);
        }
        if images.len() > ASSETS_PER_LESSON_MAX {
            context.problem(start, rules::too_many_images());
        }
        check_listen(&mut context, &blocks);
        readability::check(&mut context, &blocks, lesson.minutes);
        facts::check(&text, folder.facts, report);
        lesson.blocks = blocks.into_iter().map(|(_, block)| block).collect();
        (lesson, images)
    }
}

/// Reports words to say aloud that would replace nothing.
fn check_listen(context: &mut Context<'_>, blocks: &[(usize, Block)]) {
    let mut before: Option<&Block> = None;
    for (at, block) in blocks {
        let is_read = match before {
            Some(Block::Text(element)) => *element != Element::Rule,
            Some(Block::Figure(_) | Block::Note(..)) => true,
            _ => false,
        };
        if matches!(block, Block::Listen(_)) && !is_read {
            context.problem(*at, rules::listen_place());
        }
        before = Some(block);
    }
}
