//! Checks confirmations against what this phone knows.

use app::paper::{Checked, Facts, Issuer, Refusal, TEXT_CHARS_MAX, text_of};
use sync::authority::{ChainError, LinkFault, Purpose, Rank, Revocations, Statement, StatementError};
use sync::{Day, ProvinceKey};

/// Checks a text, or an address that holds one.
pub(crate) fn check(typed: &str, province: Option<&ProvinceKey>, list: Option<&Revocations>, today: u32) -> Checked {
    let text = text_of(typed);
    let read = Some(text).filter(|text| text.len() <= TEXT_CHARS_MAX).and_then(|text| text.parse::<Statement>().ok());
    let statement = read.filter(|found| found.purpose == Purpose::Confirmation);
    let verdict = statement.as_ref().ok_or(Refusal::Unreadable).and_then(|found| {
        found.verify(province, list, Day(today)).map_err(|why| refusal(&why))?;
        facts(found)
    });
    // Written anew, so that capitals of a code and spaces of a copy are gone.
    let text = statement.map_or_else(|| text.to_owned(), |found| found.to_string());
    Checked { text, verdict }
}

fn facts(statement: &Statement) -> Result<Facts, Refusal> {
    let found = statement.confirmed().map_err(|_| Refusal::Unreadable)?;
    let issuer = match statement.chain.0.last().map(|link| (link.terms.rank, link.terms.team)) {
        None | Some((Rank::Province, _)) => Issuer::Province,
        Some((Rank::Commune, _)) => Issuer::Commune,
        Some((Rank::Team | Rank::Device, team)) => Issuer::Team(team),
    };
    Ok(Facts {
        learner: found.learner.to_string(),
        commune: found.commune.0,
        courses: found.courses,
        criteria: found.criteria,
        holder: found.holder,
        day: statement.day.0,
        issuer,
    })
}

fn refusal(why: &StatementError) -> Refusal {
    match why {
        StatementError::NoProvince => Refusal::NoProvince,
        StatementError::NotProvince(_)
        | StatementError::Chain(ChainError::Link { link: 1, fault: LinkFault::Issuer { .. } }) => {
            Refusal::OtherProvince
        }
        StatementError::Unsigned
        | StatementError::Signature
        | StatementError::Chain(
            ChainError::Subject(_) | ChainError::Link { fault: LinkFault::Signature | LinkFault::Issuer { .. }, .. },
        ) => Refusal::Forged,
        StatementError::Revoked(_) => Refusal::Revoked,
        StatementError::Day { .. } | StatementError::Chain(ChainError::NeverValid) => Refusal::Expired,
        StatementError::Ahead { .. } => Refusal::Ahead,
        StatementError::Payload(_) => Refusal::Unreadable,
        _ => Refusal::NoRight,
    }
}
