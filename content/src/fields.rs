//! Reads the fields of `course.toml` and of front matter, each with its position.

use core::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::pack::{Date, LINE_BYTES_MAX};
use crate::rules;
use crate::source::{Report, Rule, Text};

/// A TOML table whose fields are taken out one by one; what is left over was not expected.
pub(crate) struct Fields<'a> {
    table: DeTable<'a>,
    text: &'a Text<'a>,
    /// Offset of the TOML within the text.
    base: usize,
    /// Offset of the table.
    at: usize,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Parses the TOML that stands at `range`. What does not parse is a problem, and no fields.
    pub(crate) fn parse(text: &'a Text<'a>, range: Range<usize>, report: &mut Report) -> Option<Self> {
        let base = range.start;
        match DeTable::parse(&text.source[range]) {
            Ok(table) => Some(Self { table: table.into_inner(), text, base, at: base, known: Vec::new() }),
            Err(error) => {
                let at = base + error.span().map_or(0, |span| span.start);
                report.at(text, at, rules::toml(error.message()));
                None
            }
        }
    }

    /// Takes a required field; a missing one is a problem.
    fn required(&mut self, name: &'static str, report: &mut Report) -> Option<(usize, DeValue<'a>)> {
        let found = self.optional(name);
        if found.is_none() {
            report.at(self.text, self.at, rules::missing_field(name));
        }
        found
    }

    fn optional(&mut self, name: &'static str) -> Option<(usize, DeValue<'a>)> {
        self.known.push(name);
        let value = self.table.remove(name)?;
        Some((self.base + value.span().start, value.into_inner()))
    }

    /// Takes a whole number that fits its type and is not 0, and the offset where it stands.
    pub(crate) fn number<T>(&mut self, name: &'static str, report: &mut Report) -> Option<(usize, T)>
    where
        T: TryFrom<u64>,
    {
        let (at, value) = self.required(name, report)?;
        let number = number(&value);
        if number.is_none() {
            report.at(self.text, at, rules::not_a_number(name));
        }
        Some((at, number?))
    }

    /// Takes a list of whole numbers; a missing one is empty.
    pub(crate) fn numbers(&mut self, name: &'static str, report: &mut Report) -> Vec<(usize, u16)> {
        let Some((at, value)) = self.optional(name) else { return Vec::new() };
        let DeValue::Array(items) = value else {
            report.at(self.text, at, rules::not_numbers(name));
            return Vec::new();
        };
        let mut numbers = Vec::new();
        for item in &items {
            let at = self.base + item.span().start;
            match number(item.get_ref()) {
                Some(number) => numbers.push((at, number)),
                None => report.at(self.text, at, rules::not_numbers(name)),
            }
        }
        numbers
    }

    /// Takes `true` or `false`.
    pub(crate) fn truth(&mut self, name: &'static str, report: &mut Report) -> Option<bool> {
        let (at, value) = self.required(name, report)?;
        let truth = value.as_bool();
        if truth.is_none() {
            report.at(self.text, at, rules::not_a_truth(name));
        }
        truth
    }

    /// Takes a list of texts; a missing one is empty.
    pub(crate) fn lines(&mut self, name: &'static str, report: &mut Report) -> Vec<String> {
        let Some((at, value)) = self.optional(name) else { return Vec::new() };
        let DeValue::Array(items) = value else {
            report.at(self.text, at, rules::not_text(name));
            return Vec::new();
        };
        let lines = items.iter().map(|item| (self.base + item.span().start, item.get_ref()));
        lines.filter_map(|(at, item)| self.check_line(name, at, item, report)).collect()
    }

    /// Takes a line of plain text.
    pub(crate) fn line(&mut self, name: &'static str, report: &mut Report) -> Option<(usize, String)> {
        let (at, value) = self.required(name, report)?;
        let line = self.check_line(name, at, &value, report)?;
        Some((at, line))
    }

    /// Takes a line of plain text that may be missing.
    pub(crate) fn optional_line(&mut self, name: &'static str, report: &mut Report) -> Option<(usize, String)> {
        let (at, value) = self.optional(name)?;
        let line = self.check_line(name, at, &value, report)?;
        Some((at, line))
    }

    fn check_line(&self, name: &str, at: usize, value: &DeValue<'_>, report: &mut Report) -> Option<String> {
        let problem = match value.as_str() {
            None => rules::not_text(name),
            Some(line) if line.trim().is_empty() => rules::empty_text(name),
            Some(line) if line.contains(char::is_control) => rules::not_one_line(name),
            Some(line) if line.len() > LINE_BYTES_MAX => rules::long_line(name, line.len()),
            Some(line) => return Some(line.trim().to_owned()),
        };
        report.at(self.text, at, problem);
        None
    }

    /// Takes a day.
    pub(crate) fn date(&mut self, name: &'static str, report: &mut Report) -> Option<Date> {
        let (at, value) = self.required(name, report)?;
        let date = value.as_datetime().and_then(|datetime| datetime.to_string().parse().ok());
        if date.is_none() {
            report.at(self.text, at, rules::not_a_date(name));
        }
        date
    }

    /// Takes a list of tables, each with the offset where it stands.
    pub(crate) fn tables(&mut self, name: &'static str, report: &mut Report) -> Vec<(usize, Fields<'a>)> {
        let Some((at, value)) = self.required(name, report) else { return Vec::new() };
        let DeValue::Array(items) = value else {
            report.at(self.text, at, rules::not_tables(name));
            return Vec::new();
        };
        if items.is_empty() {
            report.at(self.text, at, rules::not_tables(name));
        }
        let mut tables = Vec::new();
        for item in items {
            let at = self.base + item.span().start;
            match item.into_inner() {
                DeValue::Table(table) => {
                    tables.push((at, Fields { table, text: self.text, base: self.base, at, known: Vec::new() }));
                }
                _ => report.at(self.text, at, rules::not_tables(name)),
            }
        }
        tables
    }

    /// Reports a problem with a value that was taken.
    pub(crate) fn refuse(&self, at: usize, rule: Rule, report: &mut Report) {
        report.at(self.text, at, rule);
    }

    /// Ends the reading: what was not taken is a problem.
    pub(crate) fn finish(self, report: &mut Report) {
        for key in self.table.keys() {
            let rule = rules::unknown_field(key.get_ref(), &self.known);
            report.at(self.text, self.base + Spanned::span(key).start, rule);
        }
    }
}

/// Reads a whole number that fits its type and is not 0.
fn number<T: TryFrom<u64>>(value: &DeValue<'_>) -> Option<T> {
    let integer = value.as_integer()?;
    let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok()?;
    T::try_from(number).ok().filter(|_| number > 0)
}
