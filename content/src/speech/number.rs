//! Numbers in southern Vietnamese words.

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
/// Most digits that are said as one number; more are said digit by digit.
const CARDINAL_DIGITS_MAX: usize = 12;

/// Says digits one by one, as one says a telephone number.
pub(super) fn digit_by_digit(digits: &str) -> String {
    let names = digits.bytes().filter(u8::is_ascii_digit).map(|digit| DIGITS[usize::from(digit - b'0')]);
    names.collect::<Vec<_>>().join(" ")
}

/// Says digits as one number.
pub(super) fn cardinal(digits: &str) -> String {
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return DIGITS[0].to_owned();
    }
    if digits.len() > CARDINAL_DIGITS_MAX {
        return digit_by_digit(digits);
    }
    let padded = format!("{digits:0>12}");
    let mut said: Vec<&str> = Vec::new();
    for (group, unit) in [(0..3, "tỷ"), (3..6, "triệu"), (6..9, "ngàn"), (9..12, "")] {
        let three: Vec<usize> = padded[group].bytes().map(|digit| usize::from(digit - b'0')).collect();
        if three.iter().any(|digit| *digit > 0) {
            below_thousand(&three, !said.is_empty(), &mut said);
            said.push(unit);
        }
    }
    said.retain(|word| !word.is_empty());
    said.join(" ")
}

/// Says three digits; `follows` tells whether something greater was said before.
fn below_thousand(three: &[usize], follows: bool, said: &mut Vec<&'static str>) {
    let &[hundreds, tens, ones] = three else { return };
    if hundreds > 0 || follows {
        said.extend([DIGITS[hundreds], "trăm"]);
    }
    match (tens, ones) {
        (0, 0) => {}
        (0, _) if hundreds > 0 || follows => said.extend(["lẻ", DIGITS[ones]]),
        (0, _) => said.push(DIGITS[ones]),
        (1, 0) => said.push("mười"),
        (1, 5) => said.extend(["mười", "lăm"]),
        (1, _) => said.extend(["mười", DIGITS[ones]]),
        (_, 0) => said.extend([DIGITS[tens], "mươi"]),
        (_, 1) => said.extend([DIGITS[tens], "mươi", "mốt"]),
        (_, 5) => said.extend([DIGITS[tens], "mươi", "lăm"]),
        (_, _) => said.extend([DIGITS[tens], "mươi", DIGITS[ones]]),
    }
}

#[cfg(test)]
mod tests {
    use super::{cardinal, digit_by_digit};

    #[test]
    fn numbers_in_words() {
        for (digits, said) in [
            ("0", "không"),
            ("5", "năm"),
            ("10", "mười"),
            ("15", "mười lăm"),
            ("21", "hai mươi mốt"),
            ("105", "một trăm lẻ năm"),
            ("110", "một trăm mười"),
            ("2026", "hai ngàn không trăm hai mươi sáu"),
            ("1005", "một ngàn không trăm lẻ năm"),
            ("20000000", "hai mươi triệu"),
            ("500000000", "năm trăm triệu"),
            ("1500000", "một triệu năm trăm ngàn"),
            ("007", "bảy"),
            ("1000000000000", "một không không không không không không không không không không không không"),
        ] {
            assert_eq!(cardinal(digits), said);
        }
        assert_eq!(digit_by_digit("1900.0"), "một chín không không không");
    }
}
