//! What became of a bundle.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Damage, Head, Skip};
use crate::authority::RevocationError;
use crate::id::LogId;
use crate::session::{Rejection, UNSIGNED_BYTES_MAX};

/// Bound of the refusals that a report lists one by one; the rest are only counted.
pub const REFUSALS_LISTED_MAX: usize = 32;

/// Something in a bundle that was not taken. The rest of the bundle is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The store refused a log or a withdrawal.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The store refused the revocation list.
    #[error(transparent)]
    Revocations(#[from] RevocationError),
    /// The bundle does not hold the log to its signature.
    #[error("log {0} is not in the bundle to its signature")]
    Unsigned(LogId),
    /// The log is longer than is taken at once.
    #[error("log {0} has more than {UNSIGNED_BYTES_MAX} bytes")]
    TooLong(LogId),
}

impl Refusal {
    /// The reason in short, the same for all refusals of a kind.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Rejected(rejection) => reason(rejection),
            Self::Revocations(RevocationError::NoProvince) => "no province",
            Self::Revocations(RevocationError::RolledBack { .. }) => "older revocation list",
            Self::Revocations(_) => "revocation list",
            Self::Unsigned(_) => "unsigned",
            Self::TooLong(_) => "too long",
        }
    }

    pub(super) const fn skipped(log: LogId, why: Skip) -> Self {
        match why {
            Skip::Unsigned => Self::Unsigned(log),
            Skip::TooLong => Self::TooLong(log),
        }
    }
}

const fn reason(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::Gap { .. } => "gap",
        Rejection::Entry { .. } => "unreadable entry",
        Rejection::Count { .. } => "count",
        Rejection::TooLong { .. } => "too long",
        Rejection::Signature(_) => "signature",
        Rejection::Diverged { .. } => "diverged",
        Rejection::Forked { .. } => "forked",
        Rejection::Revoked { .. } => "revoked",
        Rejection::NotWithdrawn { .. } => "not withdrawn",
        Rejection::OutOfScope { .. } => "out of scope",
        Rejection::Withdrawal(_) | Rejection::WithdrawalFormat(_) => "withdrawal",
        Rejection::Withdrawals => "too many withdrawals",
    }
}

/// What became of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// What the bundle says of itself, if that could be read.
    pub head: Option<Head>,
    /// Logs that were not held before.
    pub new: u64,
    /// Logs of which more is held now.
    pub grown: u64,
    /// Logs that were held to their length already.
    pub unchanged: u64,
    /// Withdrawals that hold here now, also those that did before.
    pub withdrawals: u64,
    /// Epoch of the revocation list that holds here now, if the bundle had one.
    pub epoch: Option<u64>,
    /// How much was refused, by [`Refusal::reason`].
    pub refused: BTreeMap<&'static str, u64>,
    /// The first of them.
    pub refusals: Vec<Refusal>,
    /// Where the bundle broke; none if it was whole.
    pub damage: Option<Damage>,
}

impl Report {
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        *self.refused.entry(refusal.reason()).or_default() += 1;
        if self.refusals.len() < REFUSALS_LISTED_MAX {
            self.refusals.push(refusal);
        }
    }
}
