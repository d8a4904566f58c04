//! What to say aloud for a block: numbers and abbreviations as people say them.
//!
//! It is worked out on the phone from the pack and not carried in it. The words of a lesson are most of
//! its bytes, so carrying them twice would nearly double what residents download, while the rules here
//! are a few kilobytes of code that every lesson shares. Only a [`Listen`](crate::pack::Listen), which
//! no rule could guess, is in the pack.
//!
//! Vietnamese is spelled out in southern words ("ngàn", "lẻ"). Text in other languages stays as it is.

mod number;
mod word;

use crate::pack::{Block, Html, Lesson, Part, Screen};

/// What to say for one block of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Index of the block in [`Lesson::blocks`].
    pub block: usize,
    /// The words.
    pub text: String,
}

/// Returns what to say for a lesson, block by block; blocks with nothing to say are left out.
///
/// Words of a [`Block::Listen`] stand in the place of the block before it.
pub fn lesson(lesson: &Lesson, language: &str) -> Vec<Spoken> {
    let mut spoken: Vec<Spoken> = Vec::new();
    for (index, found) in lesson.blocks.iter().enumerate() {
        if let Block::Listen(listen) = found {
            let text = text(&listen.text, language);
            match spoken.last_mut().filter(|last| last.block + 1 == index) {
                Some(last) => last.text = text,
                None => spoken.push(Spoken { block: index, text }),
            }
            continue;
        }
        let text = block(found, language);
        if !text.is_empty() {
            spoken.push(Spoken { block: index, text });
        }
    }
    spoken
}

/// Returns what to say for a block before the reader has done anything with it.
///
/// Feedback, hints, and the steps of an [`Order`](crate::pack::Order) in the order they are shown are
/// said with [`html`]; the screens of a practice with [`screen`].
pub fn block(block: &Block, language: &str) -> String {
    match block {
        Block::Html(markup) => html(markup, language),
        Block::Quiz(quiz) => {
            let options = quiz.options.iter().map(|option| html(&option.text, language));
            sentences(core::iter::once(html(&quiz.question, language)).chain(options))
        }
        Block::Order(order) => html(&order.question, language),
        Block::Practice(practice) => html(&practice.task, language),
        Block::Scam(scam) => {
            let lines = scam.lines.iter().map(|line| line.iter().map(|piece| &*piece.text).collect::<String>());
            let said = core::iter::once(scam.sender.clone()).chain(lines).map(|line| text(&line, language));
            sentences(said)
        }
        Block::Listen(listen) => text(&listen.text, language),
        Block::Figure(figure) => sentences([text(&figure.alt, language), html(&figure.caption, language)]),
        Block::Note(note) => html(&note.html, language),
    }
}

/// Returns what to say for a screen of a practice: what to do, then what the screen shows.
pub fn screen(screen: &Screen, language: &str) -> String {
    let parts = screen.parts.iter().map(|part| match part {
        Part::Text(words) => html(words, language),
        Part::Field(field) => text(&field.label, language),
        Part::Button(button) => text(&button.label, language),
    });
    sentences(core::iter::once(html(&screen.ask, language)).chain(parts))
}

/// Returns what to say for markup: its text, with a stop behind whatever stands on lines of its own.
pub fn html(html: &Html, language: &str) -> String {
    text(&plain(html.as_str()), language)
}

/// Returns what to say for plain text.
///
/// # Example
///
/// ```
/// use content::speech::text;
///
/// assert_eq!(text("Mã OTP có 6 số. Gọi 156.", "vi"), "Mã ô tê pê có sáu số. Gọi một năm sáu.");
/// ```
pub fn text(text: &str, language: &str) -> String {
    if language.split('-').next() != Some("vi") {
        return text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    text.split_whitespace().map(word::spoken).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Joins sentences, each with a stop at its end.
fn sentences(parts: impl IntoIterator<Item = String>) -> String {
    let mut joined = String::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        stop(&mut joined);
        joined.push_str(&part);
    }
    joined
}

/// Ends a sentence that has no end, so that the voice pauses.
fn stop(text: &mut String) {
    let length = text.trim_end().len();
    text.truncate(length);
    match text.chars().next_back() {
        None => {}
        Some('.' | '!' | '?' | ':' | ';' | '…') => text.push(' '),
        Some(_) => text.push_str(". "),
    }
}

/// Returns the text of markup this crate wrote.
fn plain(markup: &str) -> String {
    let mut plain = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find(['<', '&']) {
        plain.push_str(&rest[..at]);
        let from = &rest[at..];
        let end = from.find(if from.starts_with('<') { '>' } else { ';' }).map_or(from.len(), |end| end + 1);
        match &from[..end] {
            "&amp;" => plain.push('&'),
            "&lt;" => plain.push('<'),
            "&gt;" => plain.push('>'),
            "&quot;" => plain.push('"'),
            "&#39;" => plain.push('\''),
            "<br>" | "</p>" | "</li>" | "</h2>" | "</h3>" | "</th>" | "</td>" => stop(&mut plain),
            tag => plain.push_str(tag.split_once(" alt=\"").map_or("", |(_, alt)| alt.trim_end_matches("\">"))),
        }
        rest = &from[end..];
    }
    plain.push_str(rest);
    plain.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{lesson, plain, text};
    use crate::pack::{Block, Date, Html, Lesson, Listen};

    #[test]
    fn sentences_are_said_as_people_say_them() {
        for (shown, said) in [
            ("Mở VNeID, coi thẻ BHYT.", "Mở vi en i ai đi, coi thẻ bảo hiểm y tế."),
            ("Căn cước 12 số, CCCD gắn chip.", "Căn cước mười hai số, căn cước công dân gắn chip."),
            ("Từ ngày 1-7-2025", "Từ ngày một tháng bảy năm hai ngàn không trăm hai mươi lăm"),
            ("Trên 10.000.000 đồng, tức 10 triệu", "Trên mười triệu đồng, tức mười triệu"),
            ("(50.000đ)", "(năm mươi ngàn đồng)"),
            ("Gọi 113 hoặc 18001096.", "Gọi một một ba hoặc một tám không không một không chín sáu."),
            ("số 0900 000 000", "số không chín không không không không không không không không"),
            ("Nghị định 69/2024/NĐ-CP", "Nghị định sáu mươi chín năm hai ngàn không trăm hai mươi bốn"),
            ("Vào dichvucong.gov.vn nghen.", "Vào dịch vụ công chấm gốp chấm vi en nghen."),
            ("từ 8-20 ký tự, 100%", "từ tám đến hai mươi ký tự, một trăm phần trăm"),
            ("Dấu `@` hay #", "Dấu a còng hay dấu thăng"),
            ("Mã hồ sơ: AG-000-12", "Mã hồ sơ: AG không không không một hai"),
            ("lúc 7:30", "lúc bảy giờ ba mươi"),
            ("Mạng 4G, quét mã QR.", "Mạng bốn gờ, quét mã kiu a."),
        ] {
            assert_eq!(text(shown, "vi"), said);
            assert_eq!(text(shown, "km"), shown);
        }
    }

    #[test]
    fn markup_becomes_sentences() {
        let markup = "<ul><li>Một &amp; hai</li><li>Ba.</li></ul><p><img src=\"/pack/0\" alt=\"Cái ví\"></p>";
        assert_eq!(plain(markup), "Một & hai. Ba. Cái ví.");
        assert_eq!(plain("a < b"), "a");
    }

    #[test]
    fn listen_replaces_the_block_before() {
        let html = |markup: &str| Block::Html(Html::trusted(markup));
        let blocks = vec![
            html("<p>A</p>"),
            html("<p>B</p>"),
            Block::Listen(Listen { text: "Bê 2".to_owned() }),
            html("<hr>"),
            html("<p>C</p>"),
        ];
        let reviewed = Date::new(2026, 11, 22).unwrap();
        let (title, goal, sources) = Default::default();
        let found = lesson(&Lesson { course: 1, lesson: 1, title, goal, reviewed, sources, blocks, task: None }, "vi");
        let found: Vec<_> = found.iter().map(|spoken| (spoken.block, &*spoken.text)).collect();
        assert_eq!(found, [(0, "A."), (1, "Bê hai"), (4, "C.")]);
    }
}
