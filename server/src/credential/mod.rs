//! Who may do what: making keys, issuing, showing, revoking and installing credentials.

mod issue;
pub(crate) mod paper;
mod revoke;
mod show;

use std::path::Path;

use ed25519_dalek::SigningKey;
use sync::DeviceId;

use crate::cli::{Credential, InitArgs, InstallArgs, KeyArgs, NewLock};
use crate::fault::{Fault, Kind};
use crate::order::{Order, Report};
use crate::{control, keyfile, passphrase};

/// Runs `bdhv province init`, and returns what it prints: the public key.
///
/// # Errors
///
/// When the file exists or cannot be written, or there is no passphrase though one is wanted.
pub(crate) fn init(args: &InitArgs) -> Result<String, Fault> {
    Ok(format!("{}\n", device_of(&new_key(&args.key, &args.lock)?).in_full()))
}

/// Runs `bdhv credential …`, and returns what it prints.
///
/// # Errors
///
/// See each command.
pub(crate) fn run(what: Credential) -> Result<String, Fault> {
    match what {
        Credential::Request(args) => device(&args.data).map(|device| format!("{device}\n")),
        Credential::Issue(args) => issue::run(&args),
        Credential::Show(args) => show::run(&args),
        Credential::Revoke(args) => revoke::run(&args),
        Credential::Install(args) => install(&args),
    }
}

fn device(data: &Path) -> Result<String, Fault> {
    match control::ask(data, &Order::Device)? {
        Report::Device { device } => Ok(device),
        other => Err(unexpected(&other)),
    }
}

fn install(args: &InstallArgs) -> Result<String, Fault> {
    let order = Order::Install { text: paper::text(&args.source)? };
    control::ask(&args.data, &order)?.accepted(NOT_TAKEN)?;
    Ok("installed\n".to_owned())
}

/// What a refusal to install begins with.
pub(crate) const NOT_TAKEN: &str = "the credential or revocation list was not taken";

/// Makes a key file, and warns if whoever copies it can use it.
fn new_key(path: &Path, lock: &NewLock) -> Result<SigningKey, Fault> {
    let passphrase = passphrase::new(lock.new_passphrase_file.as_deref(), lock.new_passphrase)?;
    let key = keyfile::make(path, passphrase.as_deref())?;
    if passphrase.is_none() {
        eprintln!(
            "warning: {} is not encrypted: whoever copies it can issue credentials; \
             make one with --new-passphrase or --new-passphrase-file",
            path.display()
        );
    }
    Ok(key)
}

pub(crate) fn signer(args: &KeyArgs) -> Result<SigningKey, Fault> {
    keyfile::load(&args.key, || passphrase::known(args.passphrase_file.as_deref()))
}

pub(crate) fn device_of(key: &SigningKey) -> DeviceId {
    DeviceId(key.verifying_key().to_bytes())
}

fn unexpected(report: &Report) -> Fault {
    Fault::new(Kind::Software, "the node answered something else").why(format!("{report:?}"))
}
