//! The figures of the province's page: what the node sends, and how they are listed.
//!
//! The node sends a [`Feed`] as JSON, once at first and again after every change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::communes::{Commune, fold};

/// Most communes taken from a feed; a node holds one province.
pub const FIGURES_MAX: usize = crate::communes::COMMUNES_MAX;

/// The state of every commune that has data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Feed {
    /// The node's clock when it sent this, in minutes since 1970-01-01 UTC.
    pub at_minutes: u64,
    /// Communes with at least one learner, in any order; at most [`FIGURES_MAX`] are shown.
    pub communes: Vec<CommuneFigures>,
}

/// One commune's figures: recorded by learners themselves, except where they say confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommuneFigures {
    /// Official code.
    pub code: u32,
    /// Learners who agreed to send and named this commune last.
    pub learners: u64,
    /// Those of them whom a team, the commune or the province confirmed in a course.
    pub confirmed: u64,
    /// Lessons they finished; each lesson counts once a learner.
    pub lessons: u64,
    /// Latest day that a record bears, counted from 1970-01-01 in UTC+7.
    pub last_day: u32,
    /// When the newest record reached this node, in minutes since 1970-01-01 UTC.
    pub received_minutes: Option<u64>,
}

/// Figures of the whole province.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Learners.
    pub learners: u64,
    /// Those of them who were confirmed.
    pub confirmed: u64,
    /// Lessons they finished.
    pub lessons: u64,
    /// Communes with data.
    pub communes: usize,
    /// When the newest record of all came, in minutes since 1970-01-01 UTC.
    pub received_minutes: Option<u64>,
}

/// A line of the list: a commune, with figures where there are any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Official code.
    pub code: u32,
    /// Kind and name; `None` for a code outside the list of communes.
    pub title: Option<String>,
    /// Former province, to tell apart what people still know by it.
    pub former_province: String,
    /// Figures; `None` where nothing came yet.
    pub figures: Option<CommuneFigures>,
    sort_name: String,
    search: String,
}

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Column {
    /// Name, without kind and marks.
    #[default]
    Commune,
    /// Number of learners.
    Learners,
    /// Number of confirmed learners.
    Confirmed,
    /// Number of lessons finished.
    Lessons,
    /// When data last came.
    Age,
}

/// Order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// The column.
    pub column: Column,
    /// Whether the largest or latest comes first.
    pub descending: bool,
}

impl Order {
    /// Returns the order after a tap on a column: names rise and figures fall first, then turn round.
    #[must_use]
    pub fn tapped(self, column: Column) -> Self {
        let descending = if self.column == column { !self.descending } else { column != Column::Commune };
        Self { column, descending }
    }
}

impl Feed {
    /// Adds up the province.
    pub fn totals(&self) -> Totals {
        let figures = &self.communes[..self.communes.len().min(FIGURES_MAX)];
        Totals {
            learners: figures.iter().fold(0, |sum, one| one.learners.saturating_add(sum)),
            confirmed: figures.iter().fold(0, |sum, one| one.confirmed.saturating_add(sum)),
            lessons: figures.iter().fold(0, |sum, one| one.lessons.saturating_add(sum)),
            communes: figures.len(),
            received_minutes: figures.iter().filter_map(|one| one.received_minutes).max(),
        }
    }
}

/// Lists every commune, those without data too, and figures under codes nobody knows.
pub fn rows(communes: &[Commune], feed: &Feed) -> Vec<Row> {
    let mut figures: BTreeMap<u32, CommuneFigures> =
        feed.communes.iter().take(FIGURES_MAX).map(|one| (one.code, *one)).collect();
    let mut rows: Vec<Row> = communes
        .iter()
        .map(|commune| Row {
            code: commune.code,
            title: Some(commune.title()),
            former_province: commune.former_province.clone(),
            figures: figures.remove(&commune.code),
            sort_name: fold(&commune.name),
            search: fold(&[commune.title(), commune.former.join(" ")].join(" ")),
        })
        .collect();
    rows.extend(figures.into_values().map(|figures| Row {
        code: figures.code,
        title: None,
        former_province: String::new(),
        figures: Some(figures),
        sort_name: "~".to_owned(),
        search: figures.code.to_string(),
    }));
    rows
}

/// Keeps the rows whose new or former names hold the query, in the given order.
///
/// Communes without data come last when sorted by a figure, whichever way it goes.
#[must_use]
pub fn arrange(mut rows: Vec<Row>, query: &str, order: Order) -> Vec<Row> {
    let query = fold(&query.chars().take(crate::communes::QUERY_CHARS_MAX).collect::<String>());
    rows.retain(|row| row.search.contains(&query));
    rows.sort_by(|a, b| a.sort_name.cmp(&b.sort_name).then(a.code.cmp(&b.code)));
    let figure = |row: &Row| -> Option<u64> {
        let figures = row.figures?;
        match order.column {
            Column::Commune => None,
            Column::Learners => Some(figures.learners),
            Column::Confirmed => Some(figures.confirmed),
            Column::Lessons => Some(figures.lessons),
            Column::Age => figures.received_minutes,
        }
    };
    match (order.column, order.descending) {
        (Column::Commune, false) => {}
        (Column::Commune, true) => rows.reverse(),
        (_, true) => rows.sort_by_key(|row| std::cmp::Reverse(figure(row))),
        (_, false) => rows.sort_by_key(|row| figure(row).map_or((1, 0), |figure| (0, figure))),
    }
    rows
}

/// Writes a number with dots between thousands, as in Vietnam: `4.952.238`.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::communes;

    fn figures(code: u32, learners: u64, received: u64) -> CommuneFigures {
        let received_minutes = Some(received);
        CommuneFigures {
            code,
            learners,
            confirmed: learners / 4,
            lessons: learners * 3,
            last_day: 20_780,
            received_minutes,
        }
    }

    fn sample() -> (Vec<Commune>, Feed) {
        let communes = communes::parse(include_str!("../communes.csv")).unwrap();
        let feed = Feed {
            at_minutes: 1_000,
            communes: vec![figures(30_742, 12, 990), figures(31_078, 40, 400), figures(99_999, 1, 5)],
        };
        (communes, feed)
    }

    fn codes(query: &str, column: Column, descending: bool) -> Vec<u32> {
        let (communes, feed) = sample();
        let rows = arrange(rows(&communes, &feed), query, Order { column, descending });
        rows.iter().map(|row| row.code).collect()
    }

    #[test]
    fn every_commune_is_listed_and_unknown_codes_are_not_hidden() {
        let (communes, feed) = sample();
        let rows = rows(&communes, &feed);
        assert_eq!(rows.len(), 103);
        assert_eq!(rows.iter().filter(|row| row.figures.is_none()).count(), 100);
        assert!(rows.iter().any(|row| row.title.is_none() && row.code == 99_999));
        let totals = feed.totals();
        assert_eq!((totals.learners, totals.lessons, totals.communes), (53, 159, 3));
        assert_eq!(totals.confirmed, 13);
        assert_eq!(totals.received_minutes, Some(990));
    }

    #[test]
    fn columns_sort_both_ways_with_empty_communes_last() {
        assert_eq!(codes("", Column::Commune, false)[0], 30_985);
        assert_eq!(codes("", Column::Learners, true)[..3], [31_078, 30_742, 99_999]);
        assert_eq!(codes("", Column::Confirmed, true)[..3], [31_078, 30_742, 99_999]);
        assert_eq!(codes("", Column::Lessons, false)[..3], [99_999, 30_742, 31_078]);
        assert_eq!(codes("", Column::Age, true)[..3], [30_742, 31_078, 99_999]);
    }

    #[test]
    fn a_tap_turns_the_order_round() {
        let order = Order::default().tapped(Column::Learners);
        assert_eq!(order, Order { column: Column::Learners, descending: true });
        assert!(!order.tapped(Column::Learners).descending);
        assert!(!order.tapped(Column::Commune).descending);
    }

    #[test]
    fn communes_are_found_by_former_names_too() {
        assert_eq!(codes("rach soi", Column::Commune, false), [30_742]);
        assert_eq!(codes("đặc khu", Column::Commune, false).len(), 3);
    }

    #[test]
    fn the_feed_is_the_json_the_page_reads() {
        let (_, feed) = sample();
        let json = serde_json::to_string(&feed).unwrap();
        assert!(json.starts_with(r#"{"at_minutes":1000,"communes":[{"code":30742,"learners":12,"confirmed":3,"lessons":36,"last_day":20780,"received_minutes":990}"#));
        assert_eq!(serde_json::from_str::<Feed>(&json).unwrap(), feed);
    }

    #[test]
    fn numbers_are_grouped_as_in_vietnam() {
        for (value, text) in [(0, "0"), (999, "999"), (1_000, "1.000"), (4_952_238, "4.952.238")] {
            assert_eq!(number(value), text);
        }
    }
}
