//! A learner on the way to another phone, as a short text.
//!
//! ```text
//! text     = base64url without padding of: version 1 B (1) ‖ postcard of Ticket ‖ check 4 B
//! check    = first bytes of BLAKE3(version ‖ postcard)
//! ```
//!
//! The text is the fragment of a link, `http://…/toi#chuyen=TEXT`, which browsers do not send to servers;
//! and the member `chuyen` of the file that [`file()`] writes. Whoever has it can be this learner, so it
//! goes from hand to hand only.

use content::pack::Hash;
use serde::{Deserialize, Serialize};

use super::{App, people};
use crate::protocol::{DAY_MAX, DONE_MAX, DoneLesson, SCORE_MAX};

/// What a link to a ticket has before it.
pub const FRAGMENT: &str = "#chuyen=";
/// Member of the file that holds the ticket.
const MEMBER: &str = "\"chuyen\": \"";

const VERSION: u8 = 1;
const CHECK_BYTES: usize = 4;

/// Longest text that is looked at: [`DONE_MAX`] lessons of at most 12 bytes, in base64, and room to spare;
/// a file adds a line of about 200 bytes for each.
pub(super) const TEXT_BYTES_MAX: usize = 256 * 1024;

/// A learner on the way to another phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// What the learner's identity is made of.
    pub secret: [u8; 16],
    /// What keys the learner's records.
    pub key: [u8; 16],
    /// The learner's picture.
    pub picture: u8,
    /// The commune, if the learner agreed to send, and since when.
    pub consent: Option<(u32, u32)>,
    /// Finished lessons.
    pub done: Vec<DoneLesson>,
}

/// Why a text is no ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TicketError {
    /// There is none in it, or a part is missing or changed.
    Damaged,
    /// A newer release wrote it.
    Newer {
        /// The version found.
        found: u8,
    },
}

impl Ticket {
    /// Writes the text.
    pub fn to_text(&self) -> String {
        let mut bytes = postcard::to_extend(self, vec![VERSION]).unwrap_or_default();
        let check = Hash::of(&bytes);
        bytes.extend_from_slice(&check.0[..CHECK_BYTES]);
        encode(&bytes)
    }

    /// Reads a ticket from its text, from a link, or from a file.
    ///
    /// # Errors
    ///
    /// [`TicketError`]; nothing of a ticket is taken that is not whole.
    pub fn from_text(text: &str) -> Result<Self, TicketError> {
        let text = text.get(..TEXT_BYTES_MAX).unwrap_or(text);
        let after = |mark| text.split_once(mark).map(|(_, after)| after);
        let text = after(FRAGMENT).or_else(|| after(MEMBER)).unwrap_or(text).trim();
        let text = text.split(['"', '\n', ' ']).next().unwrap_or_default();
        let bytes = decode(text).ok_or(TicketError::Damaged)?;
        let (body, check) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or(TicketError::Damaged)?;
        if Hash::of(body).0[..CHECK_BYTES] != *check {
            return Err(TicketError::Damaged);
        }
        match body.split_first() {
            Some((&VERSION, body)) => {
                postcard::from_bytes(body).ok().filter(Self::is_bounded).ok_or(TicketError::Damaged)
            }
            Some((&found, _)) => Err(TicketError::Newer { found }),
            None => Err(TicketError::Damaged),
        }
    }

    fn is_bounded(&self) -> bool {
        let right = |done: &DoneLesson| done.score <= SCORE_MAX && done.day <= DAY_MAX;
        self.picture < people::PICTURES && self.done.len() <= DONE_MAX && self.done.iter().all(right)
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let whole = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let bits = u32::from_be_bytes([0, whole[0], whole[1], whole[2]]);
        for at in 0..=chunk.len() {
            text.push(ALPHABET[(bits >> (18 - 6 * at) & 63) as usize].into());
        }
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0_u32, 0);
    for character in text.bytes() {
        let six = ALPHABET.iter().position(|known| *known == character)?;
        bits = bits << 6 | u32::try_from(six).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 255) as u8);
        }
    }
    Some(bytes)
}

/// Returns a day as residents write it: `22/11/2026`.
pub fn date(day: u32) -> String {
    let (year, month, day) = civil(day);
    let two = |number: u32| [if number < 10 { "0" } else { "" }, &number.to_string()].concat();
    [two(day), two(month), year.to_string()].join("/")
}

/// Counts from 1970-01-01 in the Gregorian calendar (H. Hinnant, “chrono-compatible low-level date
/// algorithms”, `civil_from_days`).
fn civil(day: u32) -> (u32, u32, u32) {
    let day = day.min(DAY_MAX) + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (civil_day, civil_month) =
        (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (year + era * 400 + u32::from(civil_month <= 2), civil_month, civil_day)
}

/// Writes all that this phone keeps of the learner in front of it, as JSON for people and programs.
///
/// ```text
/// loai       "bdhv-ho-so", and phien_ban 1: members are only ever added
/// hinh       the picture · ma_so: the random id · xa: code and name, or null · dong_y: day, or null
/// bai        lessons: khoa, bai, ten, diem (0 to 100), ngay
/// da_gui     how many of them the team has · ve_tinh: how many the province has
/// chuyen     the ticket, with which another phone takes the learner over; null where there is none
/// ```
pub(super) fn file(app: &App, picture: &str) -> String {
    let ticket = app.ticket();
    let learner = app.progress.learner();
    let quoted = |text: &str| ["\"", &text.replace('\\', "\\\\").replace('"', "\\\""), "\""].concat();
    let null = || "null".to_owned();
    let id = app.people.me().id.map_or_else(null, |id| quoted(&people::to_hex(&id)));
    let consent = ticket.as_ref().and_then(|ticket| ticket.consent);
    let commune = learner.and_then(|learner| learner.commune).map_or_else(null, |code| {
        let name = app.commune(code).map(crate::communes::Commune::title).unwrap_or_default();
        ["{\"ma\": ", &code.to_string(), ", \"ten\": ", &quoted(&name), "}"].concat()
    });
    let lessons: Vec<String> = learner
        .map_or(&[][..], |learner| &learner.done)
        .iter()
        .map(|done| {
            let title = app.step((done.course, done.lesson)).map_or("", |step| &step.lesson.title);
            let [course, lesson, score] = [done.course, done.lesson, done.score.into()].map(|n| n.to_string());
            let day = quoted(&date(done.day));
            [
                "    {\"khoa\": ",
                &course,
                ", \"bai\": ",
                &lesson,
                ", \"ten\": ",
                &quoted(title),
                ", \"diem\": ",
                &score,
                ", \"ngay\": ",
                &day,
                "}",
            ]
            .concat()
        })
        .collect();
    let count = |count: Option<u32>| count.unwrap_or_default().to_string();
    let members = [
        ("loai", quoted("bdhv-ho-so")),
        ("phien_ban", "1".to_owned()),
        ("hinh", quoted(picture)),
        ("ma_so", id),
        ("xa", commune),
        ("dong_y", consent.map_or_else(null, |(_, day)| quoted(&date(day)))),
        ("bai", ["[\n", &lessons.join(",\n"), "\n  ]"].concat()),
        ("da_gui", count(learner.map(|learner| learner.sent))),
        ("ve_tinh", count(learner.map(|learner| learner.arrived))),
        ("chuyen", ticket.map_or_else(null, |ticket| quoted(&ticket.to_text()))),
    ];
    let lines: Vec<String> = members.into_iter().map(|(name, value)| ["  \"", name, "\": ", &value].concat()).collect();
    ["{\n", &lines.join(",\n"), "\n}\n"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(lessons: u16) -> Ticket {
        let done = (1..=lessons).map(|lesson| DoneLesson { course: 1, lesson, score: 100, day: 20_780 }).collect();
        Ticket { secret: [1; 16], key: [2; 16], picture: 3, consent: Some((30_697, 20_779)), done }
    }

    #[test]
    fn a_ticket_is_read_back_from_text_link_and_file() {
        let text = ticket(2).to_text();
        let link = ["http://192.168.1.10:8080/toi", FRAGMENT, &text].concat();
        let file = ["{\n  \"loai\": \"bdhv-ho-so\",\n  ", MEMBER, &text, "\"\n}\n"].concat();
        for found in [text.clone(), link, file, [" ", &text, "\n"].concat()] {
            assert_eq!(Ticket::from_text(&found), Ok(ticket(2)), "{found}");
        }
    }

    #[test]
    fn the_bytes_of_a_ticket_stay_as_they_are() {
        let ticket = Ticket { secret: [0; 16], key: [0; 16], picture: 1, consent: None, done: vec![] };
        assert_eq!(ticket.to_text(), "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAhOL-Pw");
    }

    #[test]
    fn every_lesson_there_is_fits_a_code_that_a_phone_can_read() {
        let text = ticket(34).to_text();
        // Version 15 of a QR code, 77 modules wide, holds 520 bytes at the lowest correction.
        assert!(text.len() + "http://192.168.100.100:8080/toi#chuyen=".len() <= 520, "{} characters", text.len());
    }

    #[test]
    fn damage_is_found_whatever_it_hits() {
        let text = ticket(2).to_text();
        for at in 0..text.len() {
            let mut damaged = text.clone().into_bytes();
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).unwrap();
            // The last character may hold bits that mean nothing.
            let read = Ticket::from_text(&damaged);
            assert!(
                read == Err(TicketError::Damaged) || at + 1 == text.len() && read == Ok(ticket(2)),
                "{at}: {read:?}"
            );
            assert!(Ticket::from_text(&text[..at]).is_err(), "cut at {at}");
        }
        for text in ["", "ẵ", "{}", "#chuyen=", "http://192.168.1.10/"] {
            assert_eq!(Ticket::from_text(text), Err(TicketError::Damaged), "{text}");
        }
    }

    #[test]
    fn a_newer_ticket_is_named_and_bounds_are_held() {
        let of = |bytes: &[u8]| encode(&[bytes, &Hash::of(bytes).0[..CHECK_BYTES]].concat());
        assert_eq!(Ticket::from_text(&of(&[2, 1, 2, 3])), Err(TicketError::Newer { found: 2 }));
        let far = Ticket { picture: people::PICTURES, ..ticket(1) };
        assert_eq!(Ticket::from_text(&far.to_text()), Err(TicketError::Damaged));
        let mut high = ticket(1);
        high.done[0].score = 101;
        assert_eq!(Ticket::from_text(&high.to_text()), Err(TicketError::Damaged));
    }

    #[test]
    fn days_are_dates() {
        for (day, expected) in [(0, "01/01/1970"), (59, "01/03/1970"), (11_016, "29/02/2000"), (20_779, "22/11/2026")] {
            assert_eq!(date(day), expected);
        }
        assert_eq!(date(u32::MAX), date(DAY_MAX), "nothing overflows");
    }
}
