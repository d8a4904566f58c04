//! Calendar days.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// A day of the Gregorian calendar, from 2000 to 2199.
///
/// Shown and parsed as `2026-11-22`; on the wire the number 20261122.
///
/// # Example
///
/// ```
/// use content::pack::Date;
///
/// let day: Date = "2026-11-22".parse()?;
/// assert_eq!((day.day(), day.month(), day.year()), (22, 11, 2026));
/// # Ok::<(), content::pack::DateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Says that a value is not a day between 2000-01-01 and 2199-12-31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a day between 2000-01-01 and 2199-12-31")]
pub struct DateError;

impl Date {
    /// Makes a day from year, month (from 1) and day of the month (from 1).
    ///
    /// # Errors
    ///
    /// When there is no such day, or its year is not `2000..2200`.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, DateError> {
        let fits = (2000..2200).contains(&year) && (1..=days_in(year, month)).contains(&day);
        fits.then_some(Self { year, month, day }).ok_or(DateError)
    }

    /// Returns the year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// Returns the month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// Returns the day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        // 2100 is the only year of the range that the century rule takes out.
        2 if year.is_multiple_of(4) && year != 2100 => 29,
        2 => 28,
        _ => 0,
    }
}

impl From<Date> for u32 {
    fn from(date: Date) -> Self {
        u32::from(date.year) * 10_000 + u32::from(date.month) * 100 + u32::from(date.day)
    }
}

impl TryFrom<u32> for Date {
    type Error = DateError;

    fn try_from(number: u32) -> Result<Self, DateError> {
        let year = u16::try_from(number / 10_000).map_err(|_| DateError)?;
        Self::new(year, (number / 100 % 100) as u8, (number % 100) as u8)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let digits: Vec<u8> = match text.as_bytes() {
            [y @ .., b'-', m1, m2, b'-', d1, d2] if y.len() == 4 => [y, &[*m1, *m2, *d1, *d2]].concat(),
            _ => return Err(DateError),
        };
        digits
            .iter()
            .try_fold(0, |number: u32, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
            .ok_or(DateError)?
            .try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn parses_days_that_exist() {
        for text in ["2026-11-22", "2000-01-01", "2199-12-31", "2028-02-29"] {
            assert_eq!(text.parse::<Date>().map(|date| date.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn refuses_days_that_do_not() {
        for text in [
            "2026-11-31",
            "2026-02-29",
            "2100-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "1999-12-31",
            "2200-01-01",
            "22-11-2026",
            "2026-1-1",
            "2026/11/22",
            "2026-+1-22",
            "",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
