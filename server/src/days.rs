//! Calendar days as the command line writes them.

use chrono::{Days, NaiveDate};
use sync::Day;
use sync::replica::now;

/// Day 0.
const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).expect("it is a day");

/// Last day that is taken: beyond any credential, and within what records can bear.
const LAST: NaiveDate = NaiveDate::from_ymd_opt(2099, 12, 31).expect("it is a day");

/// Reads `2027-12-31`.
///
/// # Errors
///
/// When it is no day, or one before 1970 or after 2099.
pub(crate) fn parse(text: &str) -> Result<Day, String> {
    let day = text.parse::<NaiveDate>().ok().filter(|day| (FIRST..=LAST).contains(day));
    let day = day.ok_or("write year, month and day, as in 2027-12-31")?;
    u32::try_from(day.signed_duration_since(FIRST).num_days()).map(Day).map_err(|error| error.to_string())
}

/// Writes a day as `2027-12-31`.
pub(crate) fn shown(day: Day) -> String {
    FIRST.checked_add_days(Days::new(day.0.into())).map_or_else(|| format!("day {}", day.0), |day| day.to_string())
}

/// Returns the day it is in Vietnam.
pub(crate) fn today() -> Day {
    now().day()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_back() {
        for (text, day) in [("1970-01-01", 0), ("1970-03-01", 59), ("2026-11-22", 20_779), ("2099-12-31", 47_481)] {
            assert_eq!(parse(text), Ok(Day(day)), "{text}");
            assert_eq!(shown(Day(day)), text);
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["", "2027-02-29", "31-12-2027", "1969-12-31", "2100-01-01", "2027-12-31x", "+99999-01-01"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
