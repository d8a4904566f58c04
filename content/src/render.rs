//! From the tree to markup: escaped text, and the tags written in this file.

use core::fmt::Write;
use std::collections::BTreeMap;

use crate::model::{Element, Inline, Level, Target};
use crate::pack::{Hash, Html};

/// What has to be known to write addresses.
pub(crate) struct Renderer<'a> {
    pub(crate) course: u16,
    /// Address, width and height of each image.
    pub(crate) images: &'a BTreeMap<&'a str, (Hash, u32, u32)>,
}

impl Renderer<'_> {
    pub(crate) fn element(&self, element: &Element) -> Html {
        let mut html = String::new();
        self.push_element(element, &mut html);
        Html::trusted(html)
    }

    pub(crate) fn elements(&self, elements: &[Element]) -> Html {
        let mut html = String::new();
        for element in elements {
            self.push_element(element, &mut html);
        }
        Html::trusted(html)
    }

    pub(crate) fn line(&self, line: &[Inline]) -> Html {
        let mut html = String::new();
        self.push_line(line, &mut html);
        Html::trusted(html)
    }

    fn push_element(&self, element: &Element, html: &mut String) {
        match element {
            Element::Paragraph(line) => self.push_tagged("p", line, html),
            Element::Plain(line) => self.push_line(line, html),
            Element::Heading(Level::Second, line) => self.push_tagged("h2", line, html),
            Element::Heading(Level::Third, line) => self.push_tagged("h3", line, html),
            Element::Quote(inside) => {
                html.push_str("<blockquote>");
                for element in inside {
                    self.push_element(element, html);
                }
                html.push_str("</blockquote>");
            }
            Element::List(first, items) => self.push_list(*first, items, html),
            Element::Table(head, rows) => {
                html.push_str("<table><thead>");
                self.push_row("th", head, html);
                html.push_str("</thead><tbody>");
                for row in rows {
                    self.push_row("td", row, html);
                }
                html.push_str("</tbody></table>");
            }
            Element::Rule => html.push_str("<hr>"),
        }
    }

    fn push_list(&self, first: Option<u64>, items: &[Vec<Element>], html: &mut String) {
        match first {
            None => html.push_str("<ul>"),
            Some(1) => html.push_str("<ol>"),
            Some(first) => push(html, format_args!("<ol start=\"{first}\">")),
        }
        for item in items {
            html.push_str("<li>");
            for element in item {
                self.push_element(element, html);
            }
            html.push_str("</li>");
        }
        html.push_str(if first.is_some() { "</ol>" } else { "</ul>" });
    }

    fn push_row(&self, tag: &str, cells: &[Vec<Inline>], html: &mut String) {
        html.push_str("<tr>");
        for cell in cells {
            self.push_tagged(tag, cell, html);
        }
        html.push_str("</tr>");
    }

    fn push_tagged(&self, tag: &str, line: &[Inline], html: &mut String) {
        push(html, format_args!("<{tag}>"));
        self.push_line(line, html);
        push(html, format_args!("</{tag}>"));
    }

    fn push_line(&self, line: &[Inline], html: &mut String) {
        for inline in line {
            self.push_inline(inline, html);
        }
    }

    fn push_inline(&self, inline: &Inline, html: &mut String) {
        match inline {
            Inline::Text(text) => push_escaped(text, html),
            Inline::Emphasis(inside) => self.push_tagged("em", inside, html),
            Inline::Strong(inside) => self.push_tagged("strong", inside, html),
            Inline::Code(text) => {
                html.push_str("<code>");
                push_escaped(text, html);
                html.push_str("</code>");
            }
            Inline::Link(target, inside) => {
                self.push_link(target, html);
                self.push_line(inside, html);
                html.push_str("</a>");
            }
            Inline::Image { path, alt } => self.push_image(path, alt, html),
            Inline::Break => html.push_str("<br>"),
        }
    }

    fn push_link(&self, target: &Target, html: &mut String) {
        match target {
            Target::Lesson(lesson) => push(html, format_args!("<a href=\"/bai/{}/{lesson}\">", self.course)),
            Target::Web(url) => {
                html.push_str("<a href=\"");
                push_escaped(url, html);
                html.push_str("\" rel=\"noopener noreferrer\">");
            }
        }
    }

    fn push_image(&self, path: &str, alt: &str, html: &mut String) {
        let Some((hash, width, height)) = self.images.get(path) else { return };
        push(html, format_args!("<img src=\"/pack/{hash}\" width=\"{width}\" height=\"{height}\" alt=\""));
        push_escaped(alt, html);
        html.push_str("\">");
    }
}

fn push(html: &mut String, arguments: core::fmt::Arguments<'_>) {
    // Writing to a `String` does not fail.
    let _ = html.write_fmt(arguments);
}

fn push_escaped(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
}
