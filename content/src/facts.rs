//! The table of facts: numbers, laws and addresses that lessons may print, each once.
//!
//! A lesson refers to one by its name in braces, `{số báo lừa đảo}`, or prints it as it is. Then it has
//! to be in the table: a wrong digit in a hotline sends a frightened resident to a stranger.

use crate::fields::Fields;
use crate::limits::{FACTS_MAX, TEXT_FILE_BYTES_MAX};
use crate::pack::Date;
use crate::rules;
use crate::source::{Problem, Report, Rule, SourceFile, Text};

/// The table that comes with this crate.
const BUILT_IN: &str = include_str!("../facts.toml");

/// What lessons may print.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Facts in the order of their file.
    pub facts: Vec<Fact>,
}

/// One entry of [`Facts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub kind: FactKind,
    /// What lessons write in braces.
    pub name: String,
    /// What readers see.
    pub value: String,
    /// What it was before; a lesson that still prints one of these is told the new value.
    pub old: Vec<String>,
    /// Where it comes from.
    pub source: String,
    /// Day somebody last checked it.
    pub checked: Option<Date>,
}

/// What a [`Fact`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// A number to call or to send a message to.
    Number,
    /// A law, decree, circular, decision or official letter.
    Law,
    /// The address of a site, without `https://`.
    Site,
}

impl Facts {
    /// Returns the table that comes with this crate, `content/facts.toml`.
    pub fn built_in() -> Self {
        let file = SourceFile { path: "facts.toml".to_owned(), bytes: BUILT_IN.as_bytes().to_vec() };
        parse_facts(&file).0
    }

    /// Returns what to print for a name.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|fact| fact.name == name).map(|fact| &*fact.value)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.facts.iter().map(|fact| &*fact.name)
    }

    /// Tells whether digits are those of a known number.
    pub(crate) fn is_number(&self, digits: &str) -> bool {
        self.of(FactKind::Number).any(|fact| only_digits(&fact.value) == digits)
    }

    /// Tells whether an address is that of a known site.
    pub(crate) fn is_site(&self, address: &str) -> bool {
        self.of(FactKind::Site).any(|fact| fact.value == address)
    }

    fn of(&self, kind: FactKind) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| fact.kind == kind)
    }

    /// Says what is wrong with a printed number or law, if anything.
    fn refusal(&self, kind: FactKind, printed: &str, unknown: fn(&str) -> Rule) -> Option<Rule> {
        let same = |value: &str| match kind {
            FactKind::Number => only_digits(value) == only_digits(printed),
            _ => value == printed,
        };
        if self.of(kind).any(|fact| same(&fact.value)) {
            return None;
        }
        let replaced = self.of(kind).find(|fact| fact.old.iter().any(|old| same(old)));
        Some(replaced.map_or_else(|| unknown(printed), |fact| rules::replaced(printed, &fact.value)))
    }
}

/// Parses a table of facts: `[[fact]]` with `kind`, `name`, `value`, `source`, `checked` and, where
/// there was another value before, `old`.
///
/// Never fails: what cannot be read is left out, and is a problem.
pub fn parse_facts(file: &SourceFile) -> (Facts, Vec<Problem>) {
    let mut report = Report::default();
    let mut facts = Facts::default();
    match str::from_utf8(&file.bytes) {
        Ok(source) if source.len() <= TEXT_FILE_BYTES_MAX => {
            read(&Text::new(&file.path, source), &mut facts, &mut report);
        }
        Ok(source) => report.file(&file.path, rules::large_text_file(source.len())),
        Err(_) => report.file(&file.path, rules::not_utf8()),
    }
    (facts, report.finish())
}

fn read(text: &Text<'_>, facts: &mut Facts, report: &mut Report) {
    let Some(mut fields) = Fields::parse(text, 0..text.source.len(), report) else { return };
    let tables = fields.tables("fact", report);
    if let Some((at, _)) = tables.get(FACTS_MAX) {
        fields.refuse(*at, rules::too_many_facts(tables.len()), report);
    }
    for (at, table) in tables.into_iter().take(FACTS_MAX) {
        let Some(fact) = fact(table, report) else { continue };
        if facts.names().any(|name| name == fact.name) {
            fields.refuse(at, rules::same_fact(&fact.name), report);
        } else {
            facts.facts.push(fact);
        }
    }
    fields.finish(report);
}

fn fact(mut fields: Fields<'_>, report: &mut Report) -> Option<Fact> {
    let kind = fields.line("kind", report);
    let name = fields.line("name", report);
    let value = fields.line("value", report);
    let source = fields.line("source", report);
    let checked = fields.date("checked", report);
    let old = fields.lines("old", report);
    let (kind_at, kind) = kind?;
    let kind = match &*kind {
        "number" => Some(FactKind::Number),
        "law" => Some(FactKind::Law),
        "site" => Some(FactKind::Site),
        _ => None,
    };
    if kind.is_none() {
        fields.refuse(kind_at, rules::fact_kind(), report);
    }
    let (name_at, name) = name?;
    if name.contains(['{', '}', '*', '_', '`']) {
        fields.refuse(name_at, rules::fact_name(&name), report);
        return None;
    }
    fields.finish(report);
    Some(Fact { kind: kind?, name, value: value?.1, old, source: source?.1, checked })
}

/// Reports numbers and laws a lesson prints that are not in the table.
pub(crate) fn check(text: &Text<'_>, facts: &Facts, report: &mut Report) {
    for (start, line) in text.lines(0..text.source.len()).filter(|(_, line)| may_hold_fact(line)) {
        let words: Vec<&str> = line.split_whitespace().filter(|word| !word.contains("://")).collect();
        for (index, piece) in words.iter().enumerate() {
            let Some(word) = bare(piece).filter(|word| word.starts_with(|c: char| c.is_ascii_digit())) else {
                continue;
            };
            let refusal = if is_law(word) {
                facts.refusal(FactKind::Law, word, rules::unknown_law)
            } else if let Some(number) = hotline(word, &words[..index], &words[index + 1..]) {
                facts.refusal(FactKind::Number, &number, rules::unknown_number)
            } else {
                None
            };
            if let Some(rule) = refusal {
                // Slices of a line lie within it.
                let at = word.as_ptr() as usize - line.as_ptr() as usize;
                report.at(text, start + at, rule);
            }
        }
    }
}

/// Tells whether a line can hold a law or a number to call: those have three digits, or a digit and `/`.
/// Most lines have neither.
fn may_hold_fact(line: &str) -> bool {
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    digits >= 3 || (digits > 0 && line.contains('/'))
}

/// Returns a word without what surrounds it; [`None`] when it has no letter and no digit.
fn bare(word: &str) -> Option<&str> {
    Some(word.trim_matches(|c: char| !c.is_alphanumeric())).filter(|word| !word.is_empty())
}

/// Tells whether a word is the sign of a law, such as `69/2024/NĐ-CP`, `91/2025/QH15` or `2345/QĐ-NHNN`.
fn is_law(word: &str) -> bool {
    let Some((number, rest)) = word.split_once('/') else { return false };
    let sign = rest.split_once('/').map_or(rest, |(_, sign)| sign);
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && sign.chars().all(|c| c.is_ascii_digit() || c.is_uppercase() || matches!(c, '-' | '&'))
        && sign.chars().filter(|c| c.is_uppercase()).count() >= 2
}

/// Words between "gọi" or "nhắn" and the number.
const BETWEEN: [&str; 10] = ["số", "tới", "đến", "tin", "tổng", "đài", "ngay", "liền", "vào", "đầu"];

/// Returns the number that `word` begins if it is one to call: `1900…`, `1800…`, or three to five digits after
/// "gọi" or "nhắn".
fn hotline(word: &str, before: &[&str], after: &[&str]) -> Option<String> {
    let is_digits = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !is_digits(word) {
        return None;
    }
    let next = after.iter().find_map(|word| bare(word)).unwrap_or_default();
    let mut before = before.iter().rev().filter_map(|word| bare(word));
    let digits = only_digits(word);
    // An amount, such as 1.900.000, is no number to call.
    if word.starts_with("1900") || word.starts_with("1800") {
        let goes_on = digits.len() == 4 && is_digits(next) && (4..=6).contains(&next.len());
        let whole = if goes_on { format!("{digits}{}", only_digits(next)) } else { digits };
        return (whole.len() > 6).then_some(whole);
    }
    if !(3..=5).contains(&digits.len()) || word.contains('.') || is_digits(next) {
        return None;
    }
    let previous = before.next().filter(|word| !is_digits(word))?;
    let mut words = core::iter::once(previous).chain(before).map(str::to_lowercase);
    let verb = words.find(|word| !BETWEEN.contains(&&**word))?;
    matches!(&*verb, "gọi" | "nhắn").then_some(digits)
}

fn only_digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::{Facts, check, is_law, parse_facts};
    use crate::source::{Report, SourceFile, Text};

    #[test]
    fn the_built_in_table_has_no_problem() {
        let file = SourceFile { path: "facts.toml".to_owned(), bytes: super::BUILT_IN.as_bytes().to_vec() };
        let (facts, problems) = parse_facts(&file);
        assert_eq!(problems, []);
        assert!(facts.facts.iter().all(|fact| fact.checked.is_some()));
        assert_eq!(facts, Facts::built_in());
    }

    #[test]
    fn laws_are_known_by_their_sign() {
        for law in ["69/2024/NĐ-CP", "91/2025/QH15", "2345/QĐ-NHNN", "168/BHXH-QLT", "3139/BTTTT-KTS&XHS"] {
            assert!(is_law(law), "{law}");
        }
        for other in ["22/11/2026", "1/2", "24/7", "a/b", "km/h", "10/A"] {
            assert!(!is_law(other), "{other}");
        }
    }

    #[test]
    fn numbers_to_call_are_compared() {
        let found = |line: &str| {
            let mut report = Report::default();
            check(&Text::new("a", line), &Facts::built_in(), &mut report);
            report.finish().into_iter().map(|problem| (problem.column, problem.message)).collect::<Vec<_>>()
        };
        for fine in [
            "Gọi **156** để báo.",
            "Gọi 113 liền.",
            "nhắn tin tới 5656",
            "gọi 0900 000 000",
            "gọi 3 lần",
            "18001096",
            "trả 1.900.000 đồng",
        ] {
            assert_eq!(found(fine), [], "{fine}");
        }
        let unknown = |number: &str| format!("the table of facts does not know the number {number}");
        assert_eq!(found("Gọi **157**."), [(7, unknown("157"))]);
        assert_eq!(found("tổng đài 1900 1234"), [(10, unknown("19001234"))]);
        assert_eq!(found("nhắn tin tới số 5657"), [(17, unknown("5657"))]);
        let replaced = "13/2023/NĐ-CP is out of date".to_owned();
        assert_eq!(found("Nghị định 13/2023/NĐ-CP"), [(11, replaced)]);
    }
}
