//! Single words: abbreviations, dates, amounts, addresses.

use super::number::{cardinal, digit_by_digit};

/// Words and how people say them.
const WORDS: &[(&str, &str)] = &[
    ("VNeID", "vi en i ai đi"),
    ("OTP", "ô tê pê"),
    ("CCCD", "căn cước công dân"),
    ("CMND", "chứng minh nhân dân"),
    ("BHYT", "bảo hiểm y tế"),
    ("BHXH", "bảo hiểm xã hội"),
    ("UBND", "ủy ban nhân dân"),
    ("HĐND", "hội đồng nhân dân"),
    ("QR", "kiu a"),
    ("VietQR", "Việt kiu a"),
    ("NFC", "en ép xi"),
    ("SMS", "tin nhắn"),
    ("PIN", "pin"),
    ("SIM", "sim"),
    ("ATM", "a tê em"),
    ("AI", "ây ai"),
    ("NAPAS", "na pát"),
    ("Wi-Fi", "quai phai"),
    ("wifi", "quai phai"),
    ("Zalo", "da lô"),
    ("Facebook", "phây búc"),
    ("Messenger", "mét sen giơ"),
    ("App", "áp"),
    ("app", "áp"),
    ("Store", "sờ to"),
    ("Google", "gu gồ"),
    ("Play", "plây"),
    ("CH", "xê hát"),
    ("video", "vi đê ô"),
    ("email", "i meo"),
    ("eTax", "i thắc"),
    ("Mobile", "mô bai"),
    ("dichvucong.gov.vn", "dịch vụ công chấm gốp chấm vi en"),
    ("binhdanhocvuso.gov.vn", "bình dân học vụ số chấm gốp chấm vi en"),
    ("VNĐ", "đồng"),
    ("đ", "đồng"),
    ("@", "a còng"),
    ("#", "dấu thăng"),
    ("&", "và"),
    ("%", "phần trăm"),
    ("+", "cộng"),
];

/// Numbers to call that are short enough to be taken for amounts.
const HOTLINES: [&str; 5] = ["113", "114", "115", "156", "5656"];
/// Fewest digits, undivided, that are said one by one.
const DIGIT_BY_DIGIT_MIN: usize = 7;

/// Says a word, keeping the punctuation around it.
pub(super) fn spoken(word: &str) -> String {
    let word = word.replace(['`', '*'], "");
    if let Some(said) = known(&word) {
        return said.to_owned();
    }
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '@' | '#' | '&' | '%' | '+');
    let (Some(start), Some(last)) = (word.find(is_inside), word.rfind(is_inside)) else {
        // Punctuation by itself, such as a dash, is not said.
        return String::new();
    };
    let end = last + word[last..].chars().next().map_or(1, char::len_utf8);
    [&word[..start], &core(&word[start..end]), &word[end..]].concat()
}

fn known(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(shown, _)| *shown == word).map(|(_, said)| *said)
}

/// Says a word without the punctuation around it.
fn core(word: &str) -> String {
    if let Some(said) = known(word) {
        return said.to_owned();
    }
    if !word.contains(|c: char| c.is_ascii_digit()) {
        return host(word);
    }
    law(word).or_else(|| date(word)).or_else(|| pair(word)).or_else(|| code(word)).unwrap_or_else(|| amount(word))
}

/// Says the points of an address.
fn host(word: &str) -> String {
    let is_host =
        word.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    if is_host { word.replace('.', " chấm ") } else { word.to_owned() }
}

/// Says the sign of a law: `69/2024/NĐ-CP`, `2345/QĐ-NHNN`.
fn law(word: &str) -> Option<String> {
    let (number, rest) = word.split_once('/')?;
    let (year, sign) = rest.split_once('/').map_or((None, rest), |(year, sign)| (Some(year), sign));
    if !is_digits(number) || !sign.contains(char::is_uppercase) || year.is_some_and(|year| !is_digits(year)) {
        return None;
    }
    let year = year.map(|year| format!(" năm {}", cardinal(year))).unwrap_or_default();
    Some(cardinal(number) + &year)
}

/// Says `1-7-2025` or `1/7/2025`.
fn date(word: &str) -> Option<String> {
    let mut parts = word.split(['-', '/']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is_date = is_digits(day) && is_digits(month) && is_digits(year) && year.len() == 4 && parts.next().is_none();
    is_date.then(|| format!("{} tháng {} năm {}", cardinal(day), cardinal(month), cardinal(year)))
}

/// Says two numbers: a time, a range, or one over the other.
fn pair(word: &str) -> Option<String> {
    let at = word.find([':', '-', '–', '/'])?;
    let between = word[at..].chars().next()?;
    let (left, right) = (&word[..at], &word[at + between.len_utf8()..]);
    if !is_digits(left) || !is_digits(right) {
        return None;
    }
    let said = match between {
        ':' => " giờ ",
        '/' => " trên ",
        _ => " đến ",
    };
    Some([&cardinal(left), said, &cardinal(right)].concat())
}

/// Says a code of letters and digits, such as `AG-000-123`.
fn code(word: &str) -> Option<String> {
    let is_code = word.contains('-') && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let said = |part: &str| if is_digits(part) { digit_by_digit(part) } else { part.to_owned() };
    is_code.then(|| word.split('-').map(said).collect::<Vec<_>>().join(" "))
}

/// Says a number with points between its thousands, and what is written right behind it.
fn amount(word: &str) -> String {
    let end = word.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(word.len());
    let (number, unit) = word.split_at(end);
    if number.is_empty() {
        return word.to_owned();
    }
    let unit = match unit {
        "" => String::new(),
        "G" => " gờ".to_owned(),
        "h" => " giờ".to_owned(),
        _ => format!(" {}", known(unit).unwrap_or(unit)),
    };
    number_said(number) + &unit
}

fn number_said(number: &str) -> String {
    if let Some((whole, part)) = number.split_once(',')
        && is_digits(whole)
        && is_digits(part)
    {
        return format!("{} phẩy {}", cardinal(whole), digit_by_digit(part));
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let is_divided = number.contains('.') && number.split('.').skip(1).all(|group| group.len() == 3);
    let is_called = HOTLINES.contains(&&*digits)
        || (digits.len() > 1 && digits.starts_with('0'))
        || digits.len() > 4 && (digits.starts_with("1800") || digits.starts_with("1900"))
        || digits.len() >= DIGIT_BY_DIGIT_MIN && !is_divided;
    if is_called { digit_by_digit(&digits) } else { cardinal(&digits) }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
