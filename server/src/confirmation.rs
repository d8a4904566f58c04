//! Confirmations: made for a learner to show, and checked by whoever is shown one.

use std::fmt::Write as _;

use sync::ProvinceKey;
use sync::authority::{Confirmation, Revocations, Statement};

use crate::cli::{BadgesArgs, ConfirmArgs, VerifyArgs};
use crate::communes::Communes;
use crate::credential::paper;
use crate::fault::{Fault, Kind};
use crate::order::{Order, Report};
use crate::{control, days, qr};

/// Between a hub's address and the confirmation that its page is to show.
const FRAGMENT: &str = "/xac-nhan#";

/// Runs `bdhv confirm`: prints the text, and its QR code if wanted.
///
/// # Errors
///
/// When nobody has attested the learner, or the node's credential does not allow it.
pub(crate) fn confirm(args: &ConfirmArgs) -> Result<String, Fault> {
    let order = Order::Confirm { learner: args.learner.to_string(), holder: args.holder.clone() };
    match control::ask(&args.data, &order)?.accepted("no confirmation was made")? {
        Report::Confirmation { text } if args.qr => {
            let open = args.hub.as_ref().map(|hub| format!("{}{FRAGMENT}", hub.trim_end_matches('/')));
            Ok(format!("{}{text}\n", drawn(&(open.unwrap_or_default() + &text))?))
        }
        Report::Confirmation { text } => Ok(format!("{text}\n")),
        other => Err(Fault::new(Kind::Software, "the node answered something else").why(format!("{other:?}"))),
    }
}

fn drawn(text: &str) -> Result<String, Fault> {
    qr::terminal(text).map_err(|error| Fault::new(Kind::Software, "it does not fit into a QR code").why(error))
}

/// Runs `bdhv export badges`: prints the credential.
///
/// # Errors
///
/// As [`confirm`].
pub(crate) fn export(args: &BadgesArgs) -> Result<String, Fault> {
    let order = Order::Badge { learner: args.learner.to_string(), holder: args.holder.clone() };
    match control::ask(&args.data, &order)?.accepted("no badge was made")? {
        Report::Badge { badge } => Ok(format!("{badge:#}\n")),
        other => Err(Fault::new(Kind::Software, "the node answered something else").why(format!("{other:?}"))),
    }
}

/// Runs `bdhv verify`: says what is confirmed, if it is believed. Needs no network and no data folder.
///
/// # Errors
///
/// When it cannot be read or is not believed.
pub(crate) fn verify(args: &VerifyArgs) -> Result<String, Fault> {
    let statement = statement(&args.source)?;
    let list = args.list.as_deref().map(|source| revocations(source, &args.province)).transpose()?;
    let believed = statement.verify(Some(&args.province), list.as_ref(), days::today());
    let confirmation = believed.and_then(|()| statement.confirmed());
    let confirmation =
        confirmation.map_err(|why| Fault::new(Kind::NotAllowed, "the confirmation is not believed").why(why))?;
    Ok(said(&confirmation, &statement, list.as_ref(), &Communes::built_in()?))
}

fn statement(source: &str) -> Result<Statement, Fault> {
    let bad = |why: &dyn std::fmt::Display| {
        Fault::new(Kind::Config, format!("{source:.40} holds no confirmation")).why(why.to_string())
    };
    let text = if source.contains(FRAGMENT) { source.to_owned() } else { paper::text(source)? };
    let text = text.split_once(FRAGMENT).map_or(&text[..], |(_, text)| text);
    text.parse().map_err(|error| bad(&error))
}

fn revocations(source: &str, province: &ProvinceKey) -> Result<Revocations, Fault> {
    let bad = |why: &dyn std::fmt::Display| {
        Fault::new(Kind::Config, format!("{source:.40} holds no revocation list of this province")).why(why.to_string())
    };
    let list: Revocations = paper::text(source)?.parse().map_err(|error| bad(&error))?;
    list.verify(province).map_err(|error| bad(&error))?;
    Ok(list)
}

fn said(found: &Confirmation, statement: &Statement, list: Option<&Revocations>, communes: &Communes) -> String {
    let courses: Vec<String> = found.courses.iter().map(u16::to_string).collect();
    let holder = if found.holder.is_empty() { "without a name" } else { &found.holder };
    let mut text = format!("believed: confirmed in courses {}\n", courses.join(","));
    let _ = match found.criteria {
        0 => writeln!(text, "  criteria of basic digital skills: not met, or not looked at"),
        version => writeln!(text, "  criteria of basic digital skills: version {version} met"),
    };
    let _ = writeln!(text, "  holder   {holder}");
    let _ = writeln!(text, "  learner  {}", found.learner);
    let _ = writeln!(text, "  commune  {} {}", found.commune, communes.title(found.commune.0));
    let _ = writeln!(text, "  day      {}", days::shown(statement.day));
    let _ = writeln!(text, "  signer   {}", statement.signer.in_full());
    let _ = match list {
        Some(list) => writeln!(text, "not revoked as of list {}", list.epoch),
        None => writeln!(text, "revocation not checked: name the province's list with --list FILE"),
    };
    text
}

/// Writes a statement as it is handed over.
///
/// # Errors
///
/// When the bytes are none.
pub(crate) fn text(bytes: &[u8]) -> Result<String, String> {
    Statement::decode(bytes).map(|statement| statement.to_string()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use sync::authority::Chain;
    use sync::{CommuneCode, Day, DeviceId, LearnerId};

    use super::*;

    #[test]
    fn what_is_confirmed_is_said() {
        let found = Confirmation {
            learner: LearnerId([0x0f; 16]),
            commune: CommuneCode(30_307),
            courses: vec![1, 2],
            criteria: 1,
            holder: "Bà Sáu".to_owned(),
        };
        let statement = Statement {
            purpose: sync::authority::Purpose::Confirmation,
            day: Day(20_779),
            signer: DeviceId([1; 32]),
            chain: Chain::default(),
            payload: Vec::new(),
            signature: [1; 64],
        };
        let text = said(&found, &statement, None, &Communes::built_in().unwrap());
        for part in
            ["courses 1,2", "holder   Bà Sáu", "version 1 met", "30307 Phường Long Xuyên", "2026-11-22", "--list FILE"]
        {
            assert!(text.contains(part), "{text}");
        }
    }
}
