//! `bdhv credential revoke`: the province's list with one device more.

use std::io;
use std::path::Path;

use ed25519_dalek::SigningKey;
use sync::authority::{Revocations, Revoked};
use sync::{DeviceId, ProvinceKey};

use super::{device_of, paper, signer, unexpected};
use crate::cli::RevokeArgs;
use crate::control;
use crate::fault::{Fault, Kind};
use crate::order::{Order, Report};

/// Writes the new list, and returns what to print.
///
/// # Errors
///
/// When the list is not this province's, or lists the device already.
pub(super) fn run(args: &RevokeArgs) -> Result<String, Fault> {
    let key = signer(&args.signer)?;
    let before = held(&args.list, &key)?;
    if before.as_ref().is_some_and(|list| list.revoked.iter().any(|revoked| revoked.device == args.device)) {
        return Err(Fault::new(Kind::Config, format!("device {} is listed already", args.device.in_full())));
    }
    let added = match &args.data {
        Some(data) => cuts(data, args.device)?,
        None => vec![Revoked { device: args.device, cuts: Vec::new() }],
    };
    let list = extend(&key, before, added)?;
    paper::replace(&args.list, &list.to_string()).map_err(|error| {
        Fault::new(Kind::CannotCreate, format!("cannot write the list {}", args.list.display())).why(error)
    })?;
    Ok(said(args, &list))
}

/// Reads the list that is extended, and checks that it is this province's; none if there is no file yet.
fn held(path: &Path, key: &SigningKey) -> Result<Option<Revocations>, Fault> {
    let fault = || Fault::new(Kind::Config, format!("cannot use the list {}", path.display()));
    let text = match paper::read_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|error| fault().why(error))?,
    };
    let list: Revocations = text.parse().map_err(|error| fault().why(error))?;
    list.verify(&ProvinceKey(device_of(key).0))
        .map_err(|error| fault().why(error).help("give the key that signed it with --key FILE"))?;
    Ok(Some(list))
}

/// Asks a node how far it holds the device, and those whose credential runs through it.
fn cuts(data: &Path, device: DeviceId) -> Result<Vec<Revoked>, Fault> {
    let report = control::ask(data, &Order::Cuts { device: device.in_full() })?;
    match report.accepted("the node cannot tell what it holds of the device")? {
        Report::Cuts { revoked } => revoked
            .iter()
            .map(|line| line.revoked().ok_or_else(|| unexpected(&Report::Cuts { revoked: revoked.clone() })))
            .collect(),
        other => Err(unexpected(&other)),
    }
}

fn extend(key: &SigningKey, before: Option<Revocations>, added: Vec<Revoked>) -> Result<Revocations, Fault> {
    let (epoch, mut revoked) = before.map_or((0, Vec::new()), |list| (list.epoch, list.revoked));
    for one in added {
        if revoked.iter().all(|listed| listed.device != one.device) {
            revoked.push(one);
        }
    }
    Revocations::sign(key, epoch + 1, revoked)
        .map_err(|error| Fault::new(Kind::Config, "the list cannot be extended").why(error))
}

fn said(args: &RevokeArgs, list: &Revocations) -> String {
    let kept: u64 = list
        .revoked
        .iter()
        .filter(|one| one.device == args.device)
        .flat_map(|one| &one.cuts)
        .map(|cut| cut.length)
        .sum();
    let device = args.device.in_full();
    let what = match &args.data {
        Some(_) => format!("{kept} of its entries stay"),
        None => "nothing that it ever recorded counts any more, for no --data was given".to_owned(),
    };
    format!(
        "device {device} is revoked: {what}\nlist {} with {} revoked is in {}; \
         give it to a node with `bdhv credential install`\n",
        list.epoch,
        list.revoked.len(),
        args.list.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revoked(n: u8) -> Revoked {
        Revoked { device: DeviceId([n; 32]), cuts: Vec::new() }
    }

    #[test]
    fn a_list_grows_and_counts() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let first = extend(&key, None, vec![revoked(2)]).unwrap();
        let second = extend(&key, Some(first.clone()), vec![revoked(1), revoked(2)]).unwrap();
        assert_eq!((first.epoch, second.epoch), (1, 2));
        assert_eq!(second.revoked, [revoked(1), revoked(2)]);
        second.succeeds(&first).unwrap();
        second.verify(&ProvinceKey(device_of(&key).0)).unwrap();
    }
}
