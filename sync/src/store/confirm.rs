//! Confirmations: what this device signs for a learner to show.

use ed25519_dalek::SigningKey;
use redb::ReadTransaction;

use super::rows::LearnerRow;
use super::{Judge, Response, StoreError, read, row, tables};
use crate::authority::{Chain, Confirmation, Rights};
use crate::id::{Day, LearnerId};
use crate::log::device_of;

/// Signs what was attested of a learner, here or by another team.
pub(super) fn confirm(
    txn: &ReadTransaction,
    secret: &SigningKey,
    learner: LearnerId,
    holder: &str,
    judge: Judge,
    day: Day,
) -> Result<Response, StoreError> {
    let found: Option<LearnerRow> = row(&txn.open_table(tables::LEARNERS)?, "learners_v1", &learner.0)?;
    let found = found.unwrap_or_default();
    let commune = found.placed.ok_or(StoreError::UnknownLearner)?.commune;
    let courses: Vec<u16> = found.attested.iter().map(|(course, _)| *course).collect();
    if courses.is_empty() {
        return Err(StoreError::NotAllowed("nobody has attested this learner yet"));
    }
    let criteria = judge.0(&found.done, &found.attested);
    let standing = read::standing(&txn.open_table(tables::META)?)?;
    let bad = |error: &dyn core::fmt::Display| StoreError::Credential(error.to_string());
    let province = standing.province.ok_or(StoreError::NotAllowed("it has no credential"))?;
    let chain = Chain::decode(&standing.chain).map_err(|error| bad(&error))?;
    let grant = chain.grant(&province, device_of(secret)).map_err(|error| bad(&error))?;
    if !grant.allows(Rights::ATTEST, commune, day) {
        return Err(StoreError::NotAllowed("its credential does not let it attest in this learner's commune today"));
    }
    if standing.revocations.is_some_and(|list| list.revokes(&grant).is_some()) {
        return Err(StoreError::NotAllowed("its credential was revoked"));
    }
    let confirmation = Confirmation { learner, commune, courses, criteria, holder: holder.to_owned() };
    let statement = confirmation.sign(secret, day, chain).map_err(|error| bad(&error))?;
    let mut bytes = Vec::new();
    statement.encode(&mut bytes);
    Ok(Response::Confirmation(bytes))
}
