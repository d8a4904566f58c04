//! Keeps what could be somebody's out of exercises: numbers that look real, and live addresses.

use super::Body;
use crate::context::Context;
use crate::rules;

/// Fewest digits, without the thousands of an amount, of a number that could be a code, a card or a person's.
const DIGITS_MIN: usize = 6;
/// Fewest digits that go on with a number after a space or a point, as in `0900 000 000`.
const GROUP_MIN: usize = 3;

/// Reports numbers in a fence that look real.
pub(super) fn check(context: &mut Context<'_>, body: &Body) {
    let text = context.text;
    // Most lines have neither a number nor an address.
    let is_of_either = |byte: u8| byte.is_ascii_digit() || byte == b'@';
    for (at, line) in text.lines(body.range.clone()).filter(|(_, line)| line.bytes().any(is_of_either)) {
        for (start, digits) in numbers(line) {
            if looks_real(&digits) && !context.folder.facts.is_number(&digits) {
                context.problem(at + start, rules::real_number(&digits));
            }
        }
        if let Some(found) = line.find('@').filter(|found| *found > 0 && is_mail(line, *found)) {
            context.problem(at + found, rules::real_mail());
        }
    }
}

/// Finds the numbers of a line: offset, and the digits without what divides them.
fn numbers(line: &str) -> Vec<(usize, String)> {
    let mut numbers: Vec<(usize, String)> = Vec::new();
    let mut end = None;
    let mut rest = line;
    while let Some(found) = rest.find(|c: char| c.is_ascii_digit()) {
        let start = line.len() - rest.len() + found;
        let group: String = line[start..].chars().take_while(char::is_ascii_digit).collect();
        rest = &line[start + group.len()..];
        let goes_on = end.is_some_and(|end| matches!(&line[end..start], " " | ".")) && group.len() >= GROUP_MIN;
        end = Some(start + group.len());
        match numbers.last_mut() {
            Some((_, digits)) if goes_on => digits.push_str(&group),
            _ => numbers.push((start, group)),
        }
    }
    numbers
}

/// Tells whether digits could be a real code or number: neither `111111` or `0900000000`, of at most
/// two different digits, nor `123456`, each one more than the one before.
fn looks_real(digits: &str) -> bool {
    let digits = digits.trim_end_matches("000").as_bytes();
    let mut different = digits.to_vec();
    different.sort_unstable();
    different.dedup();
    let counts_up = digits.windows(2).all(|pair| (pair[0] - b'0' + 1) % 10 == pair[1] - b'0');
    digits.len() >= DIGITS_MIN && different.len() > 2 && !counts_up
}

/// Tells whether the `@` stands in a mail address outside of the names kept for examples.
fn is_mail(line: &str, at: usize) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let before = line[..at].chars().next_back().is_some_and(is_part);
    let host: String = line[at + 1..].chars().take_while(|c| is_part(*c)).collect();
    before && host.contains('.') && !host.trim_end_matches('.').ends_with(".example")
}

/// Finds what looks like the address of a site in a text, without `https://` and path.
pub(super) fn addresses(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ',' | '“' | '”' | '/' | ':'))
        .map(|word| word.trim_end_matches(['.', '!', '?', ';']))
        .filter(|word| {
            let last = word.rsplit('.').next().unwrap_or_default();
            word.contains('.')
                && last.len() >= 2
                && last.bytes().all(|byte| byte.is_ascii_alphabetic())
                && last != "apk"
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        })
}

#[cfg(test)]
mod tests {
    use super::{addresses, looks_real, numbers};

    #[test]
    fn numbers_that_look_real() {
        let digits = |line| numbers(line).into_iter().map(|(_, digits)| digits).collect::<Vec<_>>();
        assert_eq!(digits("gọi 0900 000 000 lúc 10:30"), ["0900000000", "10", "30"]);
        assert_eq!(digits("1.500.000đ ngày 22-11-2026"), ["1500000", "22", "11", "2026"]);
        for harmless in ["123456", "000000", "0900000000", "012345678901", "1500000", "2026"] {
            assert!(!looks_real(harmless), "{harmless}");
        }
        for real in ["483920", "483921", "0912345678", "089203004567", "1234567891"] {
            assert!(looks_real(real), "{real}");
        }
    }

    #[test]
    fn addresses_in_messages() {
        let found = |text| addresses(text).collect::<Vec<_>>();
        assert_eq!(found("Bấm vneid.example/a ngay."), ["vneid.example"]);
        assert_eq!(found("Vào https://dichvucong.gov.vn. Tải VNeID.apk, 1.500.000 đ, v.v."), ["dichvucong.gov.vn"]);
    }
}
