//! The texts of one language as a file.
//!
//! ```text
//! bdhv-messages 1 {fingerprint of the list of names, 16 hexadecimal digits}
//! {text of the first message}
//! {text of the second message}
//! …
//! ```
//!
//! UTF-8, one line a message, in the order of the list. A file of another list is refused whole: its lines
//! would be texts of other messages. A line that is missing, empty, or takes another number of values than
//! the Vietnamese text is left to the Vietnamese text.

use super::{LIST, fits, held};

/// What the first line begins with; the number is raised when the form of the file changes.
const FIRST: &str = "bdhv-messages 1 ";

/// Longest file that is read, in bytes: ten times that of Khmer, whose letters take three each.
pub const BYTES_MAX: usize = 512 * 1024;

/// Writes the texts of a language, in the order of the list.
pub fn write<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut file = [FIRST, &list()].concat();
    for text in texts {
        file.push('\n');
        file.push_str(text);
    }
    file.push('\n');
    file
}

/// Reads the texts of a language; `None` if the file is not one of this release.
pub fn read(file: &'static str) -> Option<Vec<&'static str>> {
    let (first, rest) = file.split_once('\n').filter(|_| file.len() <= BYTES_MAX)?;
    if first.strip_prefix(FIRST) != Some(&list()) {
        return None;
    }
    // Without its end a last line may be the half of a text.
    let whole = rest.rfind('\n').map_or("", |end| &rest[..end]);
    let mut lines = whole.split('\n');
    let texts = held().map(|vietnamese| {
        let line = lines.next().unwrap_or_default();
        if fits(vietnamese, line) { line } else { vietnamese }
    });
    Some(texts.collect())
}

/// Writes the fingerprint as 16 digits.
fn list() -> String {
    let digit = |at: u32| char::from_digit((LIST >> (60 - 4 * at) & 15) as u32, 16).unwrap_or('0');
    (0..16).map(digit).collect()
}

/// Sums a text up in 64 bits: FNV-1a, which is enough to tell releases apart.
pub(super) const fn fingerprint(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        sum = (sum ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{Lang, Message, text};

    /// Returns the English file, changed, as the browser would hold it.
    fn changed(change: impl FnOnce(String) -> String) -> Option<Vec<&'static str>> {
        let english = Message::ALL.iter().map(|&message| text(Lang::En, message));
        read(change(write(english)).leak())
    }

    fn shown(texts: &[&'static str], message: Message) -> &'static str {
        texts[message as usize]
    }

    #[test]
    fn what_was_written_is_read() {
        let texts = changed(|file| file).unwrap();
        for &message in Message::ALL {
            assert_eq!(shown(&texts, message), text(Lang::En, message));
        }
    }

    #[test]
    fn a_file_of_another_release_is_refused_whole() {
        let other = |file: String| file.replacen(&list(), "0123456789abcdef", 1);
        assert_eq!(changed(other), None);
        assert_eq!(changed(|file| file.replacen("messages 1", "messages 2", 1)), None);
        assert_eq!(changed(|_| "<!doctype html>\n<title>Wi-Fi</title>\n".into()), None);
        assert_eq!(changed(|_| String::new()), None);
        assert_eq!(changed(|file| file + &"\n".repeat(BYTES_MAX)), None);
    }

    #[test]
    fn what_is_missing_of_a_file_is_shown_in_vietnamese() {
        let cut = |file: String| file[..file.find("\nStart learning").unwrap() + 6].to_owned();
        let texts = changed(cut).unwrap();
        assert_eq!(shown(&texts, Message::Lessons), text(Lang::Vi, Message::Lessons), "behind the end");
        assert_eq!(shown(&texts, Message::HomeTitle), text(Lang::En, Message::HomeTitle));
        assert_eq!(shown(&texts, Message::Start), "Bắt đầu học");
        assert_eq!(shown(&texts, Message::Finished), text(Lang::Vi, Message::Finished));
    }

    #[test]
    fn a_text_that_takes_other_values_is_shown_in_vietnamese() {
        let texts = changed(|file| file.replacen("{} min", "min", 1).replacen("\nHelp\n", "\n\n", 1)).unwrap();
        assert_eq!(shown(&texts, Message::Minutes), "{} phút");
        assert_eq!(shown(&texts, Message::Help), "Trợ giúp");
        assert_eq!(shown(&texts, Message::Lessons), "Lessons");
    }
}
