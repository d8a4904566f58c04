//! What a team has confirmed of a learner, for the learner's phone to keep and show.
//!
//! Whoever asks names the learner by an id of 128 random bits, which only the learner's phone and those who
//! hold the records know. The answer says what `bdhv confirm` says, without a name.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use sync::LearnerId;
use sync::authority::Statement;
use sync::replica::{Replica, RequestError, now};
use sync::session::{Answer, Query};
use sync::store::{Request, Response as Found};
use tokio::sync::Semaphore;

use super::problem::Problem;
use crate::badge::Badges;
use crate::criteria::JUDGE;
use crate::order::Report;
use crate::packs::Library;

/// Signatures at once: each takes a tenth of a millisecond, and phones share the store with them.
const SIGNING_MAX: usize = 8;

/// Makes confirmations.
#[derive(Debug)]
pub(crate) struct Confirmations {
    replica: Replica,
    badges: Badges,
    library: Library,
    places: Semaphore,
}

impl Confirmations {
    /// Makes them of what a store holds.
    pub(crate) fn new(replica: Replica, badges: Badges, library: Library) -> Self {
        Self { replica, badges, library, places: Semaphore::new(SIGNING_MAX) }
    }

    /// Answers with the confirmation of a learner.
    ///
    /// # Errors
    ///
    /// When nobody has attested the learner, this node may not confirm it, or too many ask at once.
    pub(super) async fn of(&self, learner: &str) -> Result<Response, Problem> {
        let learner: LearnerId = learner.parse().map_err(|_| Problem::BadAddress)?;
        let _place = self.places.try_acquire().map_err(|_| Problem::Busy)?;
        let request = Request::Confirm { learner, holder: String::new(), judge: JUDGE, day: now().day() };
        match self.replica.request(request).await {
            Ok(Found::Confirmation(bytes)) => {
                let statement = Statement::decode(&bytes).map_err(|_| Problem::NotConfirmed)?;
                let confirmation = Report::Confirmation { text: statement.to_string() };
                let badge = match confirmation.badge(&self.badges, &self.library.catalogue()) {
                    Report::Badge { badge } => badge,
                    _ => Value::Null,
                };
                Ok(answer(&json!({ "confirmation": statement.to_string(), "badge": badge })))
            }
            Ok(_) | Err(RequestError::Failed(_)) => Err(Problem::NotConfirmed),
            Err(_) => Err(Problem::Busy),
        }
    }

    /// Answers with the newest revocation list that this node knows; `null` where it knows none.
    ///
    /// # Errors
    ///
    /// When the node is stopping.
    pub(super) async fn revoked(&self) -> Result<Response, Problem> {
        match self.replica.request(Request::Session(Query::Standing)).await {
            Ok(Found::Session(Answer::Standing(standing))) => {
                let list = standing.revocations.map(|list| list.to_string());
                Ok(answer(&json!({ "revocations": list })))
            }
            _ => Err(Problem::Busy),
        }
    }
}

fn answer(value: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], format!("{value}\n")).into_response()
}
