//! `bdhv credential show`: what a credential or a revocation list says, in words.

use std::fmt::Write as _;

use sync::authority::{Area, Chain, Grant, Revocations, Revoked};
use sync::{Day, ProvinceKey};

use super::paper;
use crate::cli::ShowArgs;
use crate::communes::Communes;
use crate::days;
use crate::fault::Fault;
use crate::order::Paper;

/// Shows it.
///
/// # Errors
///
/// When it cannot be read.
pub(super) fn run(args: &ShowArgs) -> Result<String, Fault> {
    match paper::paper(&args.source)? {
        Paper::Chain(chain) => Ok(show_chain(&chain, args.province, &Communes::built_in()?, days::today())),
        Paper::Revocations(list) => Ok(show_list(&list, args.province)),
    }
}

fn show_chain(chain: &Chain, province: Option<ProvinceKey>, communes: &Communes, today: Day) -> String {
    let mut text = String::new();
    for (index, link) in chain.0.iter().enumerate() {
        let terms = &link.terms;
        let _ = writeln!(text, "link {}", index + 1);
        let _ = writeln!(text, "  issuer   {}{}", link.issuer.in_full(), if index == 0 { " (province)" } else { "" });
        let _ = writeln!(text, "  subject  {}", link.subject.in_full());
        let _ = writeln!(text, "  rank     {}", terms.rank);
        let _ = writeln!(text, "  where    {}", area(&terms.area, communes));
        if terms.team > 0 {
            let _ = writeln!(text, "  team     {}", terms.team);
        }
        let _ = writeln!(text, "  rights   {}", terms.rights);
        let _ = writeln!(text, "  days     {} to {}", days::shown(terms.from), days::shown(terms.until));
    }
    let _ = writeln!(text, "{}", verdict(chain, province, today));
    text
}

fn area(area: &Area, communes: &Communes) -> String {
    let Area::Communes(codes) = area else { return "everywhere".to_owned() };
    let named = codes.iter().map(|code| format!("{code} {}", communes.title(code.0)).trim_end().to_owned());
    named.collect::<Vec<_>>().join(", ")
}

fn verdict(chain: &Chain, province: Option<ProvinceKey>, today: Day) -> String {
    let (Some(first), Some(last)) = (chain.0.first(), chain.0.last()) else {
        return "does not hold: the chain is empty".to_owned();
    };
    let root = province.unwrap_or(ProvinceKey(first.issuer.0));
    match chain.grant(&root, last.subject) {
        Ok(grant) => holds(&grant, today),
        Err(error) => format!("does not hold: {error}"),
    }
}

fn holds(grant: &Grant, today: Day) -> String {
    let (from, until) = (days::shown(grant.from), days::shown(grant.until));
    if today < grant.from {
        format!("holds from {from} until {until}: not yet")
    } else if today > grant.until {
        format!("held from {from} until {until}: expired")
    } else {
        format!("holds until {until}, unless revoked")
    }
}

fn show_list(list: &Revocations, province: Option<ProvinceKey>) -> String {
    let mut text = format!("revocation list {}, {} revoked\n", list.epoch, list.revoked.len());
    for Revoked { device, cuts } in &list.revoked {
        let _ = writeln!(text, "  {}", device.in_full());
        if cuts.is_empty() {
            let _ = writeln!(text, "    nothing of it counts");
        }
        for cut in cuts {
            let _ = writeln!(text, "    log {}: {} entries count", cut.incarnation, cut.length);
        }
    }
    let signed = match province.map(|province| list.verify(&province)) {
        Some(Ok(())) => "signed by this province".to_owned(),
        Some(Err(error)) => error.to_string(),
        None => "signature not checked: name the province's key with --province HEX".to_owned(),
    };
    let _ = writeln!(text, "{signed}");
    text
}
