//! `bdhv credential issue`: one more link.

use ed25519_dalek::SigningKey;
use sync::authority::{AREA_COMMUNES_MAX, Area, Chain, Credential, Rank, Rights, Terms};
use sync::{Day, DeviceId, ProvinceKey};

use super::{device_of, new_key, paper, signer};
use crate::cli::IssueArgs;
use crate::communes::Communes;
use crate::days;
use crate::fault::{Fault, Kind};
use crate::options::commune;
use crate::order::Paper;

/// Issues the credential, and returns what to print.
///
/// # Errors
///
/// When the issuer may not issue it, or a file cannot be read or written.
pub(super) fn run(args: &IssueArgs) -> Result<String, Fault> {
    let issuer = signer(&args.signer)?;
    let above = args.chain.as_deref().map(chain).transpose()?.unwrap_or_default();
    let terms = terms(args, &above)?;
    // Checked for the issuer itself first, so that no key is made for nothing.
    link(&issuer, &above, device_of(&SigningKey::from_bytes(&[0; 32])), terms.clone())?;
    let subject = match (&args.device, &args.new_key) {
        (Some(device), _) => *device,
        (None, Some(path)) => device_of(&new_key(path, &args.lock)?),
        (None, None) => return Err(Fault::new(Kind::Config, "the credential is for nobody").help("give --device HEX")),
    };
    give(args, &link(&issuer, &above, subject, terms)?)
}

fn give(args: &IssueArgs, chain: &Chain) -> Result<String, Fault> {
    let Some(out) = &args.out else { return Ok(format!("{chain}\n")) };
    paper::write_new(out, &chain.to_string()).map_err(|error| {
        Fault::new(Kind::CannotCreate, format!("cannot make {}", out.display()))
            .why(error)
            .help("choose another name with --out FILE")
    })?;
    Ok(String::new())
}

/// Reads the issuer's own chain.
fn chain(source: &str) -> Result<Chain, Fault> {
    match paper::paper(source)? {
        Paper::Chain(chain) => Ok(chain),
        Paper::Revocations(_) => Err(Fault::new(Kind::Config, "--chain names a revocation list")
            .help("give the issuer's own credential, or leave --chain out for the province's key")),
    }
}

/// Adds a link to the issuer's chain, and checks that the whole grants something.
fn link(issuer: &SigningKey, above: &Chain, subject: DeviceId, terms: Terms) -> Result<Chain, Fault> {
    let mut chain = above.clone();
    chain.0.push(Credential::issue(issuer, subject, terms));
    let province = chain.0.first().map_or(ProvinceKey([0; 32]), |first| ProvinceKey(first.issuer.0));
    match chain.grant(&province, subject) {
        Ok(_) => Ok(chain),
        Err(error) => {
            Err(Fault::new(Kind::NotAllowed, "this key cannot issue that").why(error).help(if above.0.is_empty() {
                "give the issuer's own credential with --chain, unless the key is the province's"
            } else {
                "see what the issuer may give with `bdhv credential show`"
            }))
        }
    }
}

fn terms(args: &IssueArgs, above: &Chain) -> Result<Terms, Fault> {
    let own = above.0.last().map(|link| &link.terms);
    let from = args.from.unwrap_or_else(days::today);
    let until = match (args.until, args.days) {
        (Some(until), _) => until,
        (None, days) => Day(from.0.saturating_add(days.unwrap_or(1) - 1)),
    };
    if days::parse(&days::shown(until)).is_err() {
        return Err(Fault::new(Kind::Config, "the credential would hold beyond the year 2099"));
    }
    let rank = args.rank.rank();
    let rights = args.rights.unwrap_or_else(|| usual(rank, args.new_key.is_some()));
    let team = args.team.or_else(|| own.map(|own| own.team)).unwrap_or_default();
    Ok(Terms { rank, team, area: area(args, own)?, rights, from, until })
}

/// The rights of a rank when none are named.
fn usual(rank: Rank, issues: bool) -> Rights {
    let rights = if rank == Rank::Device { Rights::ATTEST } else { Rights::COLLECT.with(Rights::ATTEST) };
    if issues { rights.with(Rights::DELEGATE) } else { rights }
}

/// Where it holds: as told, else where the issuer's own does, else everywhere for the province's devices.
fn area(args: &IssueArgs, own: Option<&Terms>) -> Result<Area, Fault> {
    if args.everywhere {
        return Ok(Area::Everywhere);
    }
    if args.commune.is_empty() {
        return match own {
            Some(own) => Ok(own.area.clone()),
            None if args.rank.rank() == Rank::Province => Ok(Area::Everywhere),
            None => Err(Fault::new(Kind::Config, "the credential would hold nowhere")
                .help("name communes with --commune CODE, or say --everywhere")),
        };
    }
    let list = Communes::built_in()?;
    let communes = args.commune.iter().map(|given| commune(&list, given)).collect::<Result<_, _>>()?;
    Area::of(communes).ok_or_else(|| {
        Fault::new(Kind::Config, format!("more than {AREA_COMMUNES_MAX} communes")).help("say --everywhere")
    })
}
