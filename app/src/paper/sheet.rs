//! The confirmation as one A4 sheet, landscape: what the picture and the printed page show.
//!
//! Units are tenths of a millimetre. A browser draws it with the fonts of the phone, which have every
//! Vietnamese letter.

use core::fmt::Write as _;

use super::{Code, CodeError, Facts, Paper, Word, date_words, filled, short_key, word};

/// Width of the sheet.
pub(super) const WIDTH: u32 = 2970;
/// Height of the sheet.
pub(super) const HEIGHT: u32 = 2100;
/// Most courses named; the code holds all.
const COURSES_MAX: usize = 10;
/// Courses in a column.
const COLUMN: usize = 5;
/// Mean width of a letter against its height in the fonts of phones, measured a little wide.
const LETTER_WIDTH: f64 = 0.58;

/// Colours of print: those of the screens in daylight, whatever theme the phone is in.
const TEAL: &str = "#07524e";
const INK: &str = "#1f2d2c";
const SOFT: &str = "#3f4e4b";
const SUN: &str = "#f4b942";

/// A sheet, laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Everything to read, from top to bottom.
    pub(super) lines: Vec<Line>,
    /// The code.
    pub(super) code: Code,
    /// Where the code is: left, top, side.
    pub(super) place: (u32, u32, u32),
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) size: u32,
    /// Longest that it may become; it is drawn narrower then.
    width_max: u32,
    bold: bool,
    centred: bool,
    fill: &'static str,
    pub(super) text: String,
}

/// Lays out a confirmation.
///
/// # Errors
///
/// [`CodeError`] when its text does not fit into a QR code.
pub fn sheet(paper: &Paper, facts: &Facts, text: &str) -> Result<Sheet, CodeError> {
    let mut lines = Vec::new();
    head(paper, facts, &mut lines);
    courses(paper, facts, &mut lines);
    foot(paper, facts, &mut lines);
    Ok(Sheet { lines, code: Code::of(&paper.address(text))?, place: (1975, 930, 830) })
}

impl Line {
    fn new(x: u32, y: u32, size: u32, width_max: u32, text: impl Into<String>) -> Self {
        Self { x, y, size, width_max, bold: false, centred: false, fill: INK, text: text.into() }
    }

    fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    fn centred(self) -> Self {
        Self { centred: true, x: self.x, ..self }
    }

    fn fill(self, fill: &'static str) -> Self {
        Self { fill, ..self }
    }

    /// Where its left end is, about: the text of a PDF is not drawn, only found.
    pub(super) fn left(&self) -> u32 {
        if self.centred { self.x.saturating_sub(self.width() / 2) } else { self.x }
    }

    #[expect(clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a line has some dozens of letters")]
    pub(super) fn width(&self) -> u32 {
        let natural = (self.text.chars().count() as f64 * f64::from(self.size) * LETTER_WIDTH) as u32;
        natural.min(self.width_max)
    }

    fn svg(&self, out: &mut String) {
        let weight = if self.bold { "700" } else { "400" };
        let anchor = if self.centred { "middle" } else { "start" };
        let (x, y, size) = (self.x, self.y, self.size);
        let fill = self.fill;
        let _ = write!(
            out,
            r#"<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{fill}""#
        );
        if self.width() == self.width_max {
            let _ = write!(out, r#" textLength="{}" lengthAdjust="spacingAndGlyphs""#, self.width_max);
        }
        let _ = write!(out, ">{}</text>", escaped(&self.text));
    }
}

fn head(paper: &Paper, facts: &Facts, lines: &mut Vec<Line>) {
    let lang = paper.lang;
    let middle = WIDTH / 2;
    lines.push(Line::new(middle, 290, 62, 2200, word(lang, Word::SheetProvince)).centred().fill(SOFT));
    lines.push(Line::new(middle, 380, 74, 2200, word(lang, Word::SheetMovement)).centred().bold().fill(TEAL));
    lines.push(Line::new(middle, 560, 128, 2500, word(lang, Word::SheetTitle)).centred().bold());
    let name = if facts.holder.is_empty() {
        [word(lang, Word::LearnerNumber), " ", &short_key(&facts.learner)].concat()
    } else {
        facts.holder.clone()
    };
    lines.push(Line::new(middle, 770, 112, 2400, name).centred().bold().fill(TEAL));
    lines.push(Line::new(middle, 865, 60, 2400, paper.commune(facts.commune)).centred().fill(SOFT));
}

fn courses(paper: &Paper, facts: &Facts, lines: &mut Vec<Line>) {
    let lang = paper.lang;
    let what = if facts.criteria > 0 { Word::BasicMet } else { Word::CanDo };
    lines.push(Line::new(230, 1000, 76, 1660, word(lang, what)).bold().fill(TEAL));
    if facts.criteria > 0 {
        lines.push(Line::new(230, 1075, 48, 1660, paper.criteria_words(facts.criteria)).fill(SOFT));
    }
    let named = &facts.courses[..facts.courses.len().min(COURSES_MAX)];
    let wide = named.len() <= COLUMN;
    for (at, course) in named.iter().enumerate() {
        let (column, row) = ((at / COLUMN) as u32, (at % COLUMN) as u32);
        let width = if wide { 1660 } else { 800 };
        let title = ["✓ ", &paper.title(*course)].concat();
        lines.push(Line::new(230 + column * 850, 1175 + row * 86, 58, width, title));
    }
    let more = facts.courses.len() - named.len();
    if more > 0 {
        lines.push(Line::new(230, 1605, 48, 1660, filled(lang, Word::SheetMore, &[&more.to_string()])).fill(SOFT));
    }
}

fn foot(paper: &Paper, facts: &Facts, lines: &mut Vec<Line>) {
    let lang = paper.lang;
    lines.push(Line::new(230, 1710, 46, 1660, word(lang, Word::ConfirmedBy)).fill(SOFT));
    lines.push(Line::new(230, 1778, 58, 1660, paper.issuer(facts)).bold());
    let day = date_words(lang, facts.day);
    lines.push(Line::new(230, 1850, 50, 1660, capital(&day)));
    let key = paper.trust.province.as_deref().map(short_key).unwrap_or_default();
    lines.push(Line::new(2390, 1825, 50, 760, word(lang, Word::SheetScan)).centred().bold().fill(TEAL));
    lines.push(Line::new(2390, 1885, 34, 760, filled(lang, Word::SheetKey, &[&key])).centred().fill(SOFT));
    lines.push(Line::new(230, 1925, 38, 1660, word(lang, Word::SheetNot)).fill(SOFT));
}

impl Paper {
    /// Names a version of the criteria; says that it is provisional where this phone knows it to be.
    pub fn criteria_words(&self, version: u32) -> String {
        let provisional = self.criteria.version == version && self.criteria.provisional;
        let what = if provisional { Word::CriteriaProvisional } else { Word::CriteriaVersion };
        filled(self.lang, what, &[&version.to_string()])
    }
}

impl Sheet {
    /// Writes it as an SVG document.
    pub fn svg(&self) -> String {
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
             viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"'Be Vietnam Pro',Roboto,'Noto Sans','Segoe UI',system-ui,sans-serif\">\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\
             <rect x=\"60\" y=\"60\" width=\"2850\" height=\"1980\" rx=\"60\" fill=\"none\" stroke=\"{TEAL}\" stroke-width=\"22\"/>\
             <rect x=\"98\" y=\"98\" width=\"2774\" height=\"1904\" rx=\"36\" fill=\"none\" stroke=\"{SUN}\" stroke-width=\"8\"/>\
             <path d=\"M1185 612h600\" stroke=\"{SUN}\" stroke-width=\"12\" stroke-linecap=\"round\"/>"
        );
        for line in &self.lines {
            line.svg(&mut out);
        }
        let (x, y, side) = self.place;
        let _ = write!(
            out,
            "<svg x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\" viewBox=\"0 0 {0} {0}\" \
             shape-rendering=\"crispEdges\"><path d=\"{1}\" fill=\"#000\"/></svg></svg>",
            self.code.side(),
            self.code.path()
        );
        out
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{facts, paper};
    use super::*;

    #[test]
    fn the_sheet_says_everything_that_is_confirmed() {
        let svg = sheet(&paper(), &facts(), "bdhvs1aia2").unwrap().svg();
        for part in [
            ">Bà Sáu<",
            ">Xã Vĩnh Trạch<",
            ">✓ VNeID: giấy tờ trên điện thoại<",
            ">✓ Khóa học số 9<",
            ">Tổ công nghệ số cộng đồng số 7, Xã Vĩnh Trạch<",
            ">Ngày 22 tháng 11 năm 2026<",
            ">Theo bộ tiêu chí số 1, bản tạm<",
        ] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
    }

    #[test]
    fn what_people_gave_cannot_break_the_drawing() {
        let odd = Facts { holder: "<b>&\"".to_owned(), ..facts() };
        assert!(sheet(&paper(), &odd, "x").unwrap().svg().contains(">&lt;b&gt;&amp;\"<"));
        let many = Facts { courses: (1..=64).collect(), criteria: 0, holder: "Ẵ".repeat(40), ..facts() };
        let sheet = sheet(&paper(), &many, "x").unwrap();
        assert!(sheet.lines.iter().any(|line| line.text == "và 54 khóa khác, xem trong mã QR"));
        let within = |line: &Line| line.left() + line.width() <= WIDTH && line.y <= HEIGHT;
        assert!(sheet.lines.iter().all(within));
    }
}
