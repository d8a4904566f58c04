//! The numbers of the dashboard, kept current.

use std::time::Duration;

use app::province::{CommuneFigures, Feed};
use sync::replica::{Replica, RequestError, now};
use sync::store::CommuneTotals;
use tokio::sync::watch;
use tracing::warn;

/// Shortest time between two states sent: a full hall commits many times a second, an eye follows four.
const PAUSE: Duration = Duration::from_millis(250);

/// Reads the numbers as they stand.
///
/// # Errors
///
/// When the store is closed or unreadable.
pub(crate) async fn read(replica: &Replica) -> Result<Feed, RequestError> {
    let totals = replica.totals().await?;
    Ok(feed(now().0, &totals))
}

/// Publishes the numbers after every change of the store, until it closes or nobody listens.
pub(crate) async fn follow(replica: Replica, publish: watch::Sender<Feed>) {
    let mut changes = replica.subscribe();
    // What was committed since the first reading counts as a change.
    changes.mark_changed();
    while changes.changed().await.is_ok() {
        match read(&replica).await {
            Ok(feed) => {
                publish.send_if_modified(|newest| {
                    let differs = newest.communes != feed.communes;
                    *newest = feed;
                    differs
                });
            }
            Err(RequestError::Closed) => return,
            Err(error) => warn!("the dashboard's numbers cannot be read: {error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn feed(at_minutes: u64, totals: &[CommuneTotals]) -> Feed {
    let figures = |totals: &CommuneTotals| CommuneFigures {
        code: totals.commune.0,
        learners: totals.learners,
        confirmed: totals.confirmed,
        lessons: totals.lessons,
        last_day: totals.last_day.0,
        received_minutes: totals.received.map(|received| received.0),
    };
    // A commune that its last learner left has a row of zeroes in the store.
    let communes = totals.iter().filter(|totals| totals.learners > 0).map(figures).collect();
    Feed { at_minutes, communes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::{CommuneCode, Day, Minutes};

    #[test]
    fn communes_without_learners_are_left_out() {
        let totals = |code, learners, lessons| CommuneTotals {
            commune: CommuneCode(code),
            learners,
            lessons,
            confirmed: learners / 3,
            last_day: Day(20_779),
            received: Some(Minutes(29_922_000)),
        };
        let feed = feed(29_922_001, &[totals(30301, 0, 0), totals(30307, 3, 7)]);
        assert_eq!(
            serde_json::to_value(&feed).unwrap(),
            serde_json::json!({"at_minutes": 29_922_001u64, "communes": [{
                "code": 30307, "learners": 3, "confirmed": 1, "lessons": 7, "last_day": 20_779, "received_minutes": 29_922_000u64
            }]})
        );
    }
}
