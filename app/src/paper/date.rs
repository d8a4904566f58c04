//! Days as people write them.

use super::{Word, filled};
use crate::messages::Lang;

/// Writes a day, counted from 1970-01-01, in words: `ngày 22 tháng 11 năm 2026`.
///
/// The arithmetic is Howard Hinnant's `civil_from_days`, for days since 1970.
pub fn date_words(lang: Lang, day: u32) -> String {
    let (year, month, day) = civil(day);
    filled(lang, Word::Day, &[&day.to_string(), &month.to_string(), &year.to_string()])
}

fn civil(day: u32) -> (u32, u32, u32) {
    // Eras of 400 years begin on 1 March of the year 0.
    let days = u64::from(day) + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year as u32, month as u32, day as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_found_in_the_calendar() {
        for (day, expected) in
            [(0, (1970, 1, 1)), (20_779, (2026, 11, 22)), (19_782, (2024, 2, 29)), (11_016, (2000, 2, 29))]
        {
            assert_eq!(civil(day), expected);
        }
        assert_eq!(date_words(Lang::Vi, 20_779), "ngày 22 tháng 11 năm 2026");
        assert!(!date_words(Lang::Vi, u32::MAX).is_empty());
    }
}
