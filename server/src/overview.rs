//! The numbers of the dashboard.

use std::collections::HashMap;

use serde::Serialize;
use sync::store::CommuneTotals;

use crate::communes::Communes;

/// What one commune has; the units are in the names.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Row {
    code: u32,
    name: String,
    learners: u64,
    lessons: u64,
    /// Days since 1970-01-01 in Vietnam; `None` where nothing has arrived.
    newest_day: Option<u32>,
}

/// Every commune of the province, with and without data, and the sums.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Overview {
    communes: Vec<Row>,
    learners: u64,
    lessons: u64,
}

/// Writes the numbers as the JSON the dashboard reads. Codes that are not in the list are left out: a
/// phone may claim any.
pub(crate) fn json(communes: &Communes, totals: &[CommuneTotals]) -> serde_json::Result<String> {
    serde_json::to_string(&overview(communes, totals))
}

fn overview(communes: &Communes, totals: &[CommuneTotals]) -> Overview {
    let by_code: HashMap<u32, &CommuneTotals> = totals.iter().map(|totals| (totals.commune.0, totals)).collect();
    let rows: Vec<Row> = communes
        .iter()
        .map(|(code, name)| {
            let totals = by_code.get(&code);
            Row {
                code,
                name,
                learners: totals.map_or(0, |totals| totals.learners),
                lessons: totals.map_or(0, |totals| totals.lessons),
                newest_day: totals.map(|totals| totals.last_day.0),
            }
        })
        .collect();
    Overview {
        learners: rows.iter().map(|row| row.learners).sum(),
        lessons: rows.iter().map(|row| row.lessons).sum(),
        communes: rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::{CommuneCode, Day};

    #[test]
    fn every_commune_is_listed_and_the_sums_add_up() {
        let totals = |code, learners, lessons, day| CommuneTotals {
            commune: CommuneCode(code),
            learners,
            lessons,
            last_day: Day(day),
            received: None,
        };
        let communes = Communes::load().unwrap();
        let found = overview(&communes, &[totals(30307, 3, 7, 20_779), totals(30301, 1, 2, 20_778), totals(1, 9, 9, 1)]);
        assert_eq!((found.communes.len(), found.learners, found.lessons), (102, 4, 9));
        let row = |code| found.communes.iter().find(|row| row.code == code).unwrap();
        assert_eq!(
            serde_json::to_value(row(30307)).unwrap(),
            serde_json::json!({"code": 30307, "name": "Phường Long Xuyên", "learners": 3, "lessons": 7, "newest_day": 20_779})
        );
        assert_eq!(row(30313).newest_day, None);
    }
}
