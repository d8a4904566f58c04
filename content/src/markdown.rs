//! From Markdown events to the tree of [`model`](crate::model).

use core::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag};

use crate::context::Context;
use crate::fence;
use crate::limits::{DEPTH_MAX, TABLE_COLUMNS_MAX, URL_BYTES_MAX};
use crate::model::{Block, Cell, Element, Inline, Level, Target, plain_text};
use crate::rules;
use crate::source::Rule;

/// Parses the Markdown at `range` into blocks, each with its offset.
pub(crate) fn blocks(context: &mut Context<'_>, range: Range<usize>) -> Vec<(usize, Block)> {
    Builder::run(context, range, Place::Lesson)
}

/// Parses the Markdown at `range` as the inside of a note.
pub(crate) fn note(context: &mut Context<'_>, range: Range<usize>) -> Vec<(usize, Block)> {
    Builder::run(context, range, Place::Note)
}

/// Parses the Markdown at `range` as the inside of one line; anything else is a problem.
pub(crate) fn inlines(context: &mut Context<'_>, range: Range<usize>) -> Option<Vec<Inline>> {
    let at = range.start;
    let text = &context.text.source[range.clone()];
    if is_bare(text) && context.has_room(PARAGRAPH_NODES, text.len()) {
        context.spend(at, PARAGRAPH_NODES, text.len());
        return Some(vec![Inline::Text(text.to_owned())]);
    }
    let problems = context.report.count();
    let blocks = Builder::run(context, range, Place::Line);
    if let Ok([(_, Block::Text(Element::Paragraph(inlines)))]) = <[_; 1]>::try_from(blocks) {
        return Some(inlines);
    }
    // What was left out has its own problem.
    if context.report.count() == problems {
        context.problem(at, rules::not_a_line());
    }
    None
}

/// Nodes of a paragraph of text without markup: itself, and the text.
const PARAGRAPH_NODES: usize = 2;

/// Tells whether Markdown makes of a text a paragraph of this very text: it is one line, holds no character
/// that could be markup or a fact in braces, and does not begin as a list does.
///
/// Most lines of fences are such. The parser takes several times as long to find that out.
fn is_bare(text: &str) -> bool {
    let begins_plainly = text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '"' | '“'));
    let ends_plainly = !text.ends_with(char::is_whitespace);
    begins_plainly && ends_plainly && text.bytes().all(|byte| PLAIN[usize::from(byte)])
}

/// Bytes that mean nothing but themselves within a line of Markdown.
const PLAIN: [bool; 256] = {
    let (mut plain, mut byte) = ([false; 256], 0);
    while byte < 256 {
        plain[byte] = match byte as u8 {
            b' ' | b'!' | b'"' | b'\'' | b'(' | b')' | b',' | b'-' | b'.' | b'/' | b':' | b';' | b'?' | b'%' => true,
            byte => byte.is_ascii_alphanumeric() || !byte.is_ascii(),
        };
        byte += 1;
    }
    plain
};

/// Where Markdown stands: not everything is welcome everywhere.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// The body of a lesson.
    Lesson,
    /// A line within a fence.
    Line,
    /// The inside of a note.
    Note,
}

/// A construct that was opened and not yet closed.
#[derive(Debug)]
enum Kind {
    Paragraph,
    Heading(Level),
    Quote,
    List(Option<u64>),
    Item,
    Table,
    Row,
    Cell,
    Emphasis,
    Strong,
    Link(Option<Target>),
    Image(Option<String>),
}

/// An open construct and what it holds so far.
#[derive(Debug)]
struct Frame {
    kind: Kind,
    at: usize,
    inlines: Vec<Inline>,
    elements: Vec<Element>,
    items: Vec<Vec<Element>>,
    cells: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
}

impl Frame {
    fn new(kind: Kind, at: usize) -> Self {
        let (inlines, elements, items, cells, rows) = Default::default();
        Self { kind, at, inlines, elements, items, cells, rows }
    }

    /// Makes an element of text that stands in a list item or quotation without a paragraph.
    fn flush(&mut self) {
        if !self.inlines.is_empty() {
            self.elements.push(Element::Plain(core::mem::take(&mut self.inlines)));
        }
    }
}

struct Builder<'c, 'a> {
    context: &'c mut Context<'a>,
    place: Place,
    stack: Vec<Frame>,
    blocks: Vec<(usize, Block)>,
    /// Constructs to leave out that are still open.
    skipping: usize,
}

impl<'c, 'a> Builder<'c, 'a> {
    fn run(context: &'c mut Context<'a>, range: Range<usize>, place: Place) -> Vec<(usize, Block)> {
        let text: &'a str = &context.text.source[range.clone()];
        let base = range.start;
        let mut builder = Self { context, place, stack: Vec::new(), blocks: Vec::new(), skipping: 0 };
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            builder.event(event, base + range.start..base + range.end);
            if builder.context.is_full() {
                break;
            }
        }
        builder.blocks
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        let at = range.start;
        match event {
            Event::Start(_) if self.skipping > 0 => self.skipping += 1,
            Event::End(_) if self.skipping > 0 => self.skipping -= 1,
            _ if self.skipping > 0 => {}
            Event::Start(tag) => self.open(tag, range),
            Event::End(_) => self.close(),
            Event::Text(text) => self.text(at, &text),
            Event::SoftBreak => self.text(at, " "),
            Event::HardBreak => self.inline(at, 0, Inline::Break),
            Event::Code(text) => self.inline(at, text.len(), Inline::Code(text.into_string())),
            Event::Rule => self.element(at, Element::Rule),
            Event::Html(_) | Event::InlineHtml(_) => self.context.problem(at, rules::raw_html()),
            // Extensions that are not switched on.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>, range: Range<usize>) {
        let at = range.start;
        if self.stack.len() == DEPTH_MAX {
            return self.skip(at, rules::deep_nesting());
        }
        let kind = match tag {
            Tag::Paragraph => Kind::Paragraph,
            Tag::Heading { level: HeadingLevel::H2, .. } => Kind::Heading(Level::Second),
            Tag::Heading { level: HeadingLevel::H3, .. } => Kind::Heading(Level::Third),
            Tag::Heading { .. } => return self.skip(at, rules::heading_level()),
            Tag::BlockQuote(_) => Kind::Quote,
            Tag::List(first) => Kind::List(first),
            Tag::Item => Kind::Item,
            Tag::Table(columns) => {
                self.check_columns(at, &columns);
                Kind::Table
            }
            Tag::TableHead | Tag::TableRow => Kind::Row,
            Tag::TableCell => Kind::Cell,
            Tag::Emphasis => Kind::Emphasis,
            Tag::Strong => Kind::Strong,
            Tag::Link { link_type, dest_url, title, .. } => {
                self.check_title(at, &title);
                Kind::Link(self.target(at, link_type, &dest_url))
            }
            Tag::Image { dest_url, title, .. } => {
                self.check_title(at, &title);
                Kind::Image(self.image(at, &dest_url))
            }
            Tag::CodeBlock(kind) => return self.code_block(&kind, range),
            Tag::HtmlBlock => {
                self.context.problem(at, rules::raw_html());
                return self.skipping = 1;
            }
            // Extensions that are not switched on.
            _ => return self.skipping = 1,
        };
        self.stack.push(Frame::new(kind, at));
    }

    /// Leaves out the construct that was just opened.
    fn skip(&mut self, at: usize, rule: Rule) {
        // In a line, whatever stands on lines of its own is refused as a whole.
        if self.place != Place::Line || !self.stack.is_empty() {
            self.context.problem(at, rule);
        }
        self.skipping = 1;
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>, range: Range<usize>) {
        let at = range.start;
        match kind {
            CodeBlockKind::Indented => self.skip(at, rules::indented_code()),
            CodeBlockKind::Fenced(_) if !self.stack.is_empty() || self.place != Place::Lesson => {
                self.skip(at, rules::nested_fence());
            }
            CodeBlockKind::Fenced(info) => {
                self.skipping = 1;
                if let Some(block) = fence::parse(self.context, info, range) {
                    self.blocks.push((at, block));
                }
            }
        }
    }

    fn close(&mut self) {
        let Some(mut frame) = self.stack.pop() else { return };
        if matches!(frame.kind, Kind::Item | Kind::Quote) {
            frame.flush();
        }
        let at = frame.at;
        let Frame { kind, inlines, elements, items, cells, mut rows, .. } = frame;
        match kind {
            Kind::Paragraph => {
                let with_image = inlines.iter().any(|inline| matches!(inline, Inline::Image { .. }));
                if with_image && inlines.len() > 1 {
                    self.context.problem(at, rules::image_alone());
                }
                self.element(at, Element::Paragraph(inlines));
            }
            Kind::Heading(level) => {
                if plain_text(&inlines).trim().is_empty() {
                    self.context.problem(at, rules::empty_heading());
                }
                self.element(at, Element::Heading(level, inlines));
            }
            Kind::Quote => self.element(at, Element::Quote(elements)),
            Kind::List(first) => self.element(at, Element::List(first, items)),
            Kind::Item => self.within(|list| list.items.push(elements)),
            Kind::Table => {
                let body = rows.split_off(rows.len().min(1));
                self.element(at, Element::Table(rows.pop().unwrap_or_default(), body));
            }
            Kind::Row => self.within(|table| table.rows.push(cells)),
            Kind::Cell => {
                self.context.spend(at, 1, 0);
                self.within(|row| row.cells.push(inlines));
            }
            Kind::Emphasis => self.inline(at, 0, Inline::Emphasis(inlines)),
            Kind::Strong => self.inline(at, 0, Inline::Strong(inlines)),
            Kind::Link(target) => self.close_link(at, target, inlines),
            Kind::Image(path) => self.close_image(at, path, &inlines),
        }
    }

    fn close_link(&mut self, at: usize, target: Option<Target>, inlines: Vec<Inline>) {
        if plain_text(&inlines).trim().is_empty() {
            self.context.problem(at, rules::link_without_text());
        }
        let Some(target) = target else { return };
        let bytes = if let Target::Web(url) = &target { url.len() } else { 0 };
        self.inline(at, bytes, Inline::Link(target, inlines));
    }

    fn close_image(&mut self, at: usize, path: Option<String>, inlines: &[Inline]) {
        let alt = plain_text(inlines).trim().to_owned();
        if alt.is_empty() {
            self.context.problem(at, rules::image_without_alt());
        }
        if let Some(path) = path {
            self.inline(at, alt.len(), Inline::Image { path, alt });
        }
    }

    fn check_columns(&mut self, at: usize, columns: &[Alignment]) {
        if columns.len() > TABLE_COLUMNS_MAX {
            self.context.problem(at, rules::wide_table(columns.len()));
        }
        if columns.iter().any(|alignment| *alignment != Alignment::None) {
            self.context.problem(at, rules::table_alignment());
        }
    }

    fn check_title(&mut self, at: usize, title: &str) {
        if !title.is_empty() {
            self.context.problem(at, rules::link_title());
        }
    }

    fn target(&mut self, at: usize, link_type: LinkType, url: &str) -> Option<Target> {
        let problem = if link_type == LinkType::Email {
            rules::link_target()
        } else if let Some(rest) = url.strip_prefix("https://") {
            match check_web(rest) {
                Ok(()) => return Some(Target::Web(url.to_owned())),
                Err(rule) => rule,
            }
        } else if is_file_name(url) {
            match self.context.folder.lessons.get(url) {
                Some(id) => return id.map(Target::Lesson),
                None => rules::missing_lesson(url, self.context.folder.lessons.keys()),
            }
        } else {
            rules::link_target()
        };
        self.context.problem(at, problem);
        None
    }

    fn image(&mut self, at: usize, path: &str) -> Option<String> {
        if self.place != Place::Lesson {
            self.context.problem(at, rules::image_in_fence());
            return None;
        }
        let alone = matches!(self.stack.as_slice(), [Frame { kind: Kind::Paragraph, .. }]);
        if !alone {
            self.context.problem(at, rules::image_alone());
            return None;
        }
        let folder = self.context.folder;
        let Some(image) = folder.images.get(path) else {
            self.context.problem(at, rules::missing_image(path, folder.images.keys()));
            return None;
        };
        self.context.images.insert(path.to_owned());
        image.as_ref().map(|_| path.to_owned())
    }

    fn text(&mut self, at: usize, text: &str) {
        let filled = self.context.fill(at, text);
        let text = &*filled;
        if let Some(Frame { inlines, .. }) = self.stack.last_mut()
            && let Some(Inline::Text(last)) = inlines.last_mut()
        {
            last.push_str(text);
            self.context.spend(at, 0, text.len());
        } else {
            self.inline(at, text.len(), Inline::Text(text.to_owned()));
        }
    }

    fn inline(&mut self, at: usize, bytes: usize, inline: Inline) {
        self.context.spend(at, 1, bytes);
        self.within(|frame| frame.inlines.push(inline));
    }

    fn element(&mut self, at: usize, element: Element) {
        self.context.spend(at, 1, 0);
        match self.stack.last_mut() {
            None => self.blocks.push((at, Block::Text(element))),
            Some(frame) => {
                frame.flush();
                frame.elements.push(element);
            }
        }
    }

    fn within(&mut self, change: impl FnOnce(&mut Frame)) {
        if let Some(frame) = self.stack.last_mut() {
            change(frame);
        }
    }
}

/// Checks an address, without its `https://`.
fn check_web(rest: &str) -> Result<(), Rule> {
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if rest.len() > URL_BYTES_MAX {
        Err(rules::long_url())
    } else if host.contains('@') {
        Err(rules::link_with_user())
    } else if !host.contains('.') || rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
        Err(rules::link_target())
    } else {
        Ok(())
    }
}

/// Tells whether a link means a file beside the lesson.
fn is_file_name(url: &str) -> bool {
    url.strip_suffix(".md").is_some() && !url.contains(':')
}

/// Checks the address of a source.
pub(crate) fn is_web_address(url: &str) -> bool {
    url.strip_prefix("https://").is_some_and(|rest| check_web(rest).is_ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Builder, Element, Place, inlines, is_bare};
    use crate::context::{Context, Folder};
    use crate::facts::Facts;
    use crate::model::{Block, Inline};
    use crate::source::{Report, Text};

    fn with_context<T>(source: &str, read: impl FnOnce(&mut Context<'_>) -> T) -> T {
        let (facts, mut report) = (Facts::default(), Report::default());
        let (text, folder) = (Text::new("a", source), Folder::new(&facts));
        read(&mut Context::new(&text, &folder, &mut report))
    }

    /// What the parser makes of a line.
    fn parsed(source: &str) -> Option<Vec<Inline>> {
        let blocks = with_context(source, |context| Builder::run(context, 0..source.len(), Place::Line));
        match <[_; 1]>::try_from(blocks) {
            Ok([(_, Block::Text(Element::Paragraph(line)))]) => Some(line),
            _ => None,
        }
    }

    #[test]
    fn a_line_with_anything_special_is_parsed() {
        for special in [
            "", " a", "a ", "1. a", "12) a", "- a", "+ a", "a*b*", "a_b_", "`a`", "# a", "> a", "a\nb", "a<b>",
            "a&amp;", "[a](b)", "a\\b", "{a}", "a|b", "a~b", "===", "a\tb", "a\0b", "a\u{a0}", "\u{a0}a", "a $b$",
        ] {
            assert!(!is_bare(special), "{special:?}");
        }
        for bare in
            ["Dạ đúng rồi! Mình học nghen.", "a", "Gọi 1900.1234 (số thử)? Đúng: 50%; \"a\", 'b' / c", "ở…", "“a” - b"]
        {
            assert!(is_bare(bare), "{bare}");
        }
    }

    proptest! {
        /// The shortcut makes what the parser makes.
        #[test]
        fn a_bare_line_is_its_own_text(source in "[A-Za-zđở1-9 .:;,!?()\"'/%…“”\u{300}\u{a0}\u{200b}<*{-]{1,12}") {
            if is_bare(&source) {
                let text = vec![Inline::Text(source.clone())];
                prop_assert_eq!(parsed(&source), Some(text.clone()));
                prop_assert_eq!(with_context(&source, |context| inlines(context, 0..source.len())), Some(text));
            }
        }
    }
}
