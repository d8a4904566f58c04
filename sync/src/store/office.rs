//! What a node answers that a phone is never asked: what is counted, who forked, what to revoke, and what it
//! confirms.

use ed25519_dalek::SigningKey;
use redb::{AccessGuard, ReadTransaction, ReadableTable};

use super::learners::{CommuneTotals, CountedLearner};
use super::read::log_id;
use super::rows::{LearnerRow, Placed, Row, TotalsRow};
use super::tables::{self, LogKey};
use super::{Request, Response, StoreError, confirm, cuts, forks};
use crate::id::{CommuneCode, Day, LearnerId, Minutes};
use crate::log::Fork;

/// Bound of the learners in one list: those of a commune, many times over.
const LEARNERS_MAX: usize = 100_000;

fn list(txn: &ReadTransaction) -> Result<Vec<CountedLearner>, StoreError> {
    let table = txn.open_table(tables::LEARNERS)?;
    let mut learners = Vec::new();
    for item in table.iter()?.take(LEARNERS_MAX) {
        let (id, value) = item?;
        let row = LearnerRow::from_bytes(value.value()).map_err(StoreError::row("learners_v1"))?;
        if let Some(Placed { commune, .. }) = row.placed {
            let (id, done, attested) = (LearnerId(*id.value()), row.done, row.attested);
            learners.push(CountedLearner { id, commune, done, attested });
        }
    }
    Ok(learners)
}

fn totals(txn: &ReadTransaction) -> Result<Vec<CommuneTotals>, StoreError> {
    let communes = txn.open_table(tables::COMMUNES)?;
    let mut totals = Vec::new();
    for item in communes.iter()? {
        let (commune, value) = item?;
        let row = TotalsRow::from_bytes(value.value()).map_err(StoreError::row("communes_v1"))?;
        totals.push(CommuneTotals {
            commune: CommuneCode(commune.value() as u32),
            learners: row.learners,
            lessons: row.lessons,
            confirmed: row.confirmed,
            last_day: Day(row.last_day),
            // 0 before the first.
            received: Some(Minutes(row.received)).filter(|minutes| minutes.0 > 0),
        });
    }
    Ok(totals)
}

/// The proofs of logs that forked.
fn proofs(txn: &ReadTransaction) -> Result<Vec<Fork>, StoreError> {
    let of = |(id, row): (AccessGuard<'_, &'static LogKey>, AccessGuard<'_, &'static [u8]>)| {
        forks::read(row.value(), &log_id(id.value()))
    };
    txn.open_table(tables::FORKS)?.iter()?.map(|item| of(item?)).collect()
}

/// Answers a question.
pub(super) fn answer(txn: &ReadTransaction, secret: &SigningKey, request: &Request) -> Result<Response, StoreError> {
    match request {
        Request::Learners => list(txn).map(Response::Learners),
        Request::Forks => proofs(txn).map(Response::Forks),
        Request::Confirm { learner, holder, judge, day } => {
            confirm::confirm(txn, secret, *learner, holder, *judge, *day)
        }
        Request::Cuts { device } => cuts::cuts(txn, *device).map(Response::Cuts),
        _ => totals(txn).map(Response::Totals),
    }
}
