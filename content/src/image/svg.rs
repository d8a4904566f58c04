//! Lets through SVG that only draws.
//!
//! A page shows images with `<img>`, where scripts do not run; but the address of an image can also
//! be opened by itself, and there they would. So what is let through is listed, not what is refused:
//! known elements, no handlers, no references outside of the file, no entities.

use crate::limits::SVG_DEPTH_MAX;
use crate::rules;
use crate::source::Rule;

/// Elements that draw; sorted.
const ELEMENTS: [&str; 18] = [
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "g",
    "line",
    "linearGradient",
    "path",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "svg",
    "text",
    "title",
    "tspan",
];

/// Attributes that say how to draw; none of them can name an address other than by `url(…)`;
/// sorted.
const ATTRIBUTES: [&str; 49] = [
    "aria-hidden",
    "aria-label",
    "class",
    "clip-path",
    "clip-rule",
    "cx",
    "cy",
    "d",
    "dx",
    "dy",
    "fill",
    "fill-opacity",
    "fill-rule",
    "font-family",
    "font-size",
    "font-weight",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "id",
    "offset",
    "opacity",
    "pathLength",
    "points",
    "preserveAspectRatio",
    "r",
    "role",
    "rx",
    "ry",
    "stop-color",
    "stop-opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-opacity",
    "stroke-width",
    "text-anchor",
    "transform",
    "viewBox",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
];

const NAMESPACE: &str = "http://www.w3.org/2000/svg";

type Refusal = (usize, Rule);

/// Checks an SVG and returns the width and height of its `viewBox`.
///
/// # Errors
///
/// The offset of what cannot be let through, and why.
pub(super) fn size(source: &str) -> Result<(u32, u32), Refusal> {
    if !source.starts_with("<svg") {
        return Err((0, rules::svg("an SVG begins with `<svg`", "delete what is before it, such as `<?xml …?>`")));
    }
    let mut root = Root::default();
    let mut open: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(found) = source[at..].find('<') {
        check_text(source, at, at + found, open.is_empty())?;
        at += found;
        at = if let Some(rest) = source[at..].strip_prefix("<!--") {
            let end = rest.find("-->").ok_or_else(|| not_closed(at, "comment"))?;
            at + 4 + end + 3
        } else {
            let end = tag_end(source, at)?;
            tag(source, at, end, &mut open, &mut root)?;
            end
        };
    }
    check_text(source, at, source.len(), open.is_empty())?;
    if let Some(name) = open.last() {
        return Err((source.len(), rules::svg(format!("`<{name}>` is not closed"), format!("add `</{name}>`"))));
    }
    match root {
        Root { size: Some(size), has_namespace: true } => Ok(size),
        _ => Err((0, first_tag())),
    }
}

/// What the first tag says.
#[derive(Default)]
struct Root {
    size: Option<(u32, u32)>,
    /// Without it a browser does not take the file for a drawing.
    has_namespace: bool,
}

fn not_closed(at: usize, what: &str) -> Refusal {
    (at, rules::svg(format!("the {what} has no end"), "export the drawing again"))
}

fn first_tag() -> Rule {
    rules::svg(
        "the first tag lacks `xmlns`, or a `viewBox` from 0 0 in whole numbers",
        format!("write `<svg xmlns=\"{NAMESPACE}\" viewBox=\"0 0 320 180\">`"),
    )
}

/// Between tags only text may stand, and nothing outside of the drawing.
fn check_text(source: &str, start: usize, end: usize, outside: bool) -> Result<(), Refusal> {
    let text = &source[start..end];
    if start > 0 && outside && !text.trim().is_empty() {
        return Err((start, rules::svg("something follows after `</svg>`", "delete it")));
    }
    text.find('&').map_or(Ok(()), |found| Err((start + found, entity())))
}

fn entity() -> Rule {
    rules::svg("an SVG has no `&`", "write the character itself, or the word")
}

/// Finds the end of the tag at `at`; `>` within quotation marks does not end it.
fn tag_end(source: &str, at: usize) -> Result<usize, Refusal> {
    let mut quote = None;
    for (index, byte) in source.bytes().enumerate().skip(at + 1) {
        match (byte, quote) {
            (b'>', None) => return Ok(index + 1),
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    Err(not_closed(at, "tag"))
}

/// Checks the tag at `at..end`.
fn tag<'a>(source: &'a str, at: usize, end: usize, open: &mut Vec<&'a str>, root: &mut Root) -> Result<(), Refusal> {
    let inside = &source[at + 1..end - 1];
    if let Some(name) = inside.strip_prefix('/') {
        return match open.pop() {
            Some(opened) if opened == name.trim_end() => Ok(()),
            _ => Err((at, rules::svg(format!("`</{}>` closes nothing", short(name)), "export the drawing again"))),
        };
    }
    let (inside, is_empty) = inside.strip_suffix('/').map_or((inside, false), |inside| (inside, true));
    let (name, attributes) = inside.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((inside, ""));
    if ELEMENTS.binary_search(&name).is_err() || (at > 0 && open.is_empty()) {
        let message = format!("`<{}>` is not let through", short(name));
        return Err((
            at,
            rules::svg(message, "draw with paths and shapes only; no scripts, styles, links or pictures"),
        ));
    }
    let found = check_attributes(attributes, at + 1 + inside.len())?;
    if at == 0 {
        *root = found;
    }
    if !is_empty {
        open.push(name);
    }
    if open.len() > SVG_DEPTH_MAX {
        return Err((at, rules::svg(format!("more than {SVG_DEPTH_MAX} elements nest here"), "ungroup the drawing")));
    }
    Ok(())
}

/// Checks the attributes of a tag, which end at `end`, and returns what the first tag needs.
fn check_attributes(attributes: &str, end: usize) -> Result<Root, Refusal> {
    let mut root = Root::default();
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let at = end - rest.len();
        let malformed = || (at, rules::svg("this is not an attribute", "write `name=\"value\"`"));
        let (name, after) = rest.split_once('=').ok_or_else(malformed)?;
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or_else(malformed)?;
        let (value, after) = after[1..].split_once(quote).ok_or_else(malformed)?;
        check_attribute(name, value).map_err(|rule| (at, rule))?;
        match name {
            "viewBox" => root.size = view_box(value),
            "xmlns" => root.has_namespace = true,
            _ => {}
        }
        rest = after.trim_start();
    }
    Ok(root)
}

/// Tells whether every `url(…)` of a value, written so, names a part of this file.
fn points_inside(value: &str) -> bool {
    let targets = value.split("url(").skip(1);
    let all = value.to_ascii_lowercase().matches("url(").count();
    targets.clone().count() == all && targets.into_iter().all(|target| target.starts_with('#'))
}

fn check_attribute(name: &str, value: &str) -> Result<(), Rule> {
    let is_known = ATTRIBUTES.binary_search(&name).is_ok() || (name == "xmlns" && value == NAMESPACE);
    if !is_known {
        Err(rules::svg(
            format!("the attribute `{}` is not let through", short(name)),
            "delete it; say how to draw in attributes such as `fill`",
        ))
    } else if value.contains('&') {
        Err(entity())
    } else if value.contains('(') && !points_inside(value) {
        Err(rules::svg("this refers to something outside of the file", "write `url(#name)`, or draw it here"))
    } else {
        Ok(())
    }
}

/// Reads `0 0 width height`, in whole numbers.
fn view_box(value: &str) -> Option<(u32, u32)> {
    let numbers: Vec<u32> = value.split_ascii_whitespace().map(|number| number.parse().ok()).collect::<Option<_>>()?;
    match numbers[..] {
        [0, 0, width, height] => Some((width, height)),
        _ => None,
    }
}

fn short(name: &str) -> String {
    name.chars().take(30).collect()
}

#[cfg(test)]
mod tests {
    use super::size;

    fn refusal(inside: &str) -> String {
        let source = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 320 180\">{inside}</svg>");
        size(&source).map_or_else(|(at, (message, _))| format!("{at}: {message}"), |_| "let through".to_owned())
    }

    #[test]
    fn names_are_sorted_to_be_found() {
        assert!(super::ELEMENTS.is_sorted() && super::ATTRIBUTES.is_sorted());
    }

    #[test]
    fn lets_drawings_through() {
        assert_eq!(refusal(""), "let through");
        assert_eq!(
            refusal("<title>Một cái máy</title><!-- <script> --><g fill='#fff'><path d=\"M0 0h9\"/></g>"),
            "let through"
        );
        assert_eq!(refusal("<rect fill=\"url(#sky)\" />\n"), "let through");
    }

    #[test]
    fn refuses_everything_that_could_act() {
        for (inside, expected) in [
            ("<script>alert(1)</script>", "`<script>` is not let through"),
            ("<foreignObject/>", "`<foreignObject>` is not let through"),
            ("<style>*{}</style>", "`<style>` is not let through"),
            ("<a href='javascript:x'/>", "`<a>` is not let through"),
            ("<image href='//a.vn/a.png'/>", "`<image>` is not let through"),
            ("<x:script xmlns:x='http://www.w3.org/1999/xhtml'/>", "`<x:script>` is not let through"),
            ("<g onclick='a()'/>", "the attribute `onclick` is not let through"),
            ("<g style='x'/>", "the attribute `style` is not let through"),
            ("<g fill='url(http://a.vn/a)'/>", "this refers to something outside of the file"),
            ("<g fill='URL(http://a.vn/a)'/>", "this refers to something outside of the file"),
            ("<g fill='u&#114;l(http://a.vn)'/>", "an SVG has no `&`"),
            ("<text>&boom;</text>", "an SVG has no `&`"),
            ("<!DOCTYPE svg>", "`<!DOCTYPE>` is not let through"),
            ("<![CDATA[<script>]]>", "`<![CDATA[<script>` is not let through"),
            ("<?xml-stylesheet href='a'?>", "`<?xml-stylesheet>` is not let through"),
            ("<g", "`<g</svg>` is not let through"),
            ("<g fill=red/>", "this is not an attribute"),
            ("</g>", "`</g>` closes nothing"),
            ("<!-- ", "the comment has no end"),
        ] {
            let found = refusal(inside);
            assert!(found.ends_with(expected), "{inside}: {found}");
        }
    }

    #[test]
    fn stands_alone() {
        for source in [
            "",
            "<?xml version='1.0'?><svg/>",
            "<svg/>",
            "<svg viewBox='0 0 a b'/>",
            "<svgx/>",
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/><svg/>",
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/>text",
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'>",
            "<svg viewBox='0 0 1 1'/>",
        ] {
            assert!(size(source).is_err(), "{source}");
        }
        let whole = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 320 180'/>\n";
        assert_eq!(size(whole), Ok((320, 180)));
    }
}
