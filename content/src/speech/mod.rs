//! What to say aloud for a block: numbers and abbreviations as people say them.
//!
//! It is worked out on the phone from the pack and not carried in it; only sound is ([`SpeechIndex`](crate::pack::SpeechIndex)). The words of a lesson are most of
//! its bytes, so carrying them twice would nearly double what residents download, while the rules here
//! are a few kilobytes of code that every lesson shares. Only a [`Listen`](crate::pack::Listen), which
//! no rule could guess, is in the pack.
//!
//! Vietnamese is spelled out in southern words ("ngàn", "lẻ"). Text in other languages stays as it is, and so
//! does everything in a browser, whose voices know numbers.

#[cfg(not(target_arch = "wasm32"))]
mod number;
mod voice;
#[cfg(not(target_arch = "wasm32"))]
mod word;

use crate::pack::{Block, Html, Lesson, Part, Practice, Scam, Screen, Spot};

pub(crate) use voice::KEY_DIGITS;
pub use voice::{CHILD_TIME_MAX, PROGRAMS, Program, Voice, key};

/// What to say at one spot of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Where.
    pub spot: Spot,
    /// The words.
    pub text: String,
}

/// Returns everything that can be said of a lesson, in the order of [`Spot`]; spots with nothing to say are
/// left out. An audio pack holds a recording for each.
pub fn lesson(lesson: &Lesson, language: &str) -> Vec<Spoken> {
    let spots =
        (0..).zip(&lesson.blocks).flat_map(|(block, found)| (0..parts(found)).map(move |part| Spot { block, part }));
    let around = [Spot { block: Spot::HEAD, part: 0 }, Spot::END];
    let spoken = spots.chain(around).map(|spot| Spoken { spot, text: said(lesson, spot, language) });
    spoken.filter(|spoken| !spoken.text.is_empty()).collect()
}

/// Counts what is said of a block at different times.
///
/// | block | part 0 | then |
/// |---|---|---|
/// | [`Block::Quiz`] | question and answers | the feedback of each answer |
/// | [`Block::Order`] | what to put in order | each step, in its right place |
/// | [`Block::Practice`] | the task | each screen, the end |
/// | [`Block::Scam`] | the message | the feedback to "scam", and to "genuine" |
/// | others | all of it | |
pub fn parts(block: &Block) -> u8 {
    let more = match block {
        Block::Quiz(quiz) => quiz.options.len(),
        Block::Order(order) => order.steps.len(),
        Block::Practice(practice) => practice.screens.len() + 1,
        Block::Scam(_) => 2,
        _ => 0,
    };
    u8::try_from(more).map_or(u8::MAX, |more| more.saturating_add(1))
}

/// Returns what to say at a spot of a lesson; nothing where there is none.
///
/// Words of a [`Block::Listen`] stand in the place of the block before it, which is where they are said.
pub fn said(lesson: &Lesson, spot: Spot, language: &str) -> String {
    let goal = || text(&lesson.goal, language);
    match spot {
        Spot::END => return sentences([goal(), text(lesson.task.as_deref().unwrap_or_default(), language)]),
        Spot { block: Spot::HEAD, part: 0 } => return sentences([text(&lesson.title, language), goal()]),
        _ => {}
    }
    let at = usize::from(spot.block);
    match (lesson.blocks.get(at), lesson.blocks.get(at + 1)) {
        (Some(Block::Listen(_)) | None, _) => String::new(),
        (Some(_), Some(Block::Listen(listen))) if spot.part == 0 => text(&listen.text, language),
        (Some(found), _) => block(found, spot.part, language),
    }
}

/// Returns what to say for a part of a block.
fn block(block: &Block, part: u8, language: &str) -> String {
    let more = usize::from(part).checked_sub(1);
    match (block, more) {
        (Block::Html(markup), None) => html(markup, language),
        (Block::Quiz(quiz), None) => {
            let options = quiz.options.iter().map(|option| html(&option.text, language));
            sentences(core::iter::once(html(&quiz.question, language)).chain(options))
        }
        (Block::Quiz(quiz), Some(at)) => some(quiz.options.get(at).map(|option| &option.feedback), language),
        (Block::Order(order), None) => html(&order.question, language),
        (Block::Order(order), Some(at)) => some(order.steps.get(at).map(|step| &step.text), language),
        (Block::Practice(practice), None) => html(&practice.task, language),
        (Block::Practice(practice), Some(at)) => practice_part(practice, at, language),
        (Block::Scam(scam), None) => message(scam, language),
        (Block::Scam(scam), Some(0)) => html(&scam.feedback_to_scam, language),
        (Block::Scam(scam), Some(1)) => html(&scam.feedback_to_genuine, language),
        (Block::Figure(figure), None) => sentences([text(&figure.alt, language), html(&figure.caption, language)]),
        (Block::Note(note), None) => html(&note.html, language),
        _ => String::new(),
    }
}

fn some(markup: Option<&Html>, language: &str) -> String {
    markup.map_or_else(String::new, |markup| html(markup, language))
}

/// Returns what to say for a message to judge: who it is from, and what it says.
fn message(scam: &Scam, language: &str) -> String {
    let lines = scam.lines.iter().map(|line| line.iter().map(|piece| &*piece.text).collect::<String>());
    sentences(core::iter::once(scam.sender.clone()).chain(lines).map(|line| text(&line, language)))
}

fn practice_part(practice: &Practice, at: usize, language: &str) -> String {
    if at == practice.screens.len() {
        let end = &practice.end;
        let texts = end.texts.iter().chain([&end.praise]).map(|line| html(line, language));
        return sentences(core::iter::once(text(&end.title, language)).chain(texts));
    }
    practice.screens.get(at).map_or_else(String::new, |found| screen(found, language))
}

/// Returns what to say for a screen of a practice: what to do, then what the screen shows.
fn screen(screen: &Screen, language: &str) -> String {
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
    // A phone says by itself only what has no recording, and its voice reads numbers as they are written;
    // the rules would be a twentieth of what it downloads for a lesson.
    #[cfg(not(target_arch = "wasm32"))]
    if language.split('-').next() == Some("vi") {
        return text.split_whitespace().map(word::spoken).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    }
    let _ = language;
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
    use super::{block, lesson, parts, plain, text};
    use crate::pack::{
        Block, Button, Channel, Date, End, Html, Lesson, Listen, Part, Piece, Practice, Quiz, QuizOption, Scam, Screen,
        Spot, Verdict,
    };

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
    fn every_part_of_an_exercise_is_said() {
        let html = |text: &str| Html::trusted(text);
        let option =
            |text: &str, right, feedback: &str| QuizOption { text: html(text), right, feedback: html(feedback) };
        let button = Button { label: "Tiếp".to_owned(), right: true, feedback: html("Dạ.") };
        let screen = Screen { title: "A".to_owned(), ask: html("Bấm"), parts: vec![Part::Button(button)] };
        let end = End { title: "Xong".to_owned(), texts: vec![html("Đã gửi")], praise: html("Giỏi!") };
        let piece = Piece { text: "Gọi 156".to_owned(), sign: None };
        let blocks = [
            Block::Quiz(Quiz {
                question: html("Mấy?"),
                options: vec![option("Một", true, "Đúng"), option("Hai", false, "Chưa")],
            }),
            Block::Practice(Practice { task: html("Gửi tiền."), screens: vec![screen], end }),
            Block::Scam(Scam {
                channel: Channel::Sms,
                sender: "Ngân hàng".to_owned(),
                lines: vec![vec![piece]],
                verdict: Verdict::Scam,
                feedback_to_scam: html("Phải."),
                feedback_to_genuine: html("Không."),
            }),
        ];
        let said: Vec<Vec<String>> =
            blocks.iter().map(|found| (0..parts(found)).map(|part| block(found, part, "vi")).collect()).collect();
        assert_eq!(
            said,
            [
                vec!["Mấy? Một. Hai", "Đúng", "Chưa"],
                vec!["Gửi tiền.", "Bấm. Tiếp", "Xong. Đã gửi. Giỏi!"],
                vec!["Ngân hàng. Gọi một năm sáu", "Phải.", "Không."],
            ]
        );
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
        let (title, goal, sources) = ("Mở".to_owned(), "Đi".to_owned(), Vec::new());
        let task = Some("Thử 2 lần.".to_owned());
        let found = lesson(&Lesson { course: 1, lesson: 1, title, goal, reviewed, sources, blocks, task }, "vi");
        let found: Vec<_> = found.iter().map(|spoken| (spoken.spot.block, &*spoken.text)).collect();
        let around = [(Spot::HEAD, "Mở. Đi"), (Spot::HEAD, "Đi. Thử hai lần.")];
        assert_eq!(found, [&[(0, "A."), (1, "Bê hai"), (4, "C.")][..], &around].concat());
    }
}
