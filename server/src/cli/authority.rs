//! The command line of who may do what: keys, credentials, revocation, and what a credential is for.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use sync::authority::{Rank, Rights};
use sync::{Day, DeviceId, LearnerId, ProvinceKey};

use crate::days;

/// Makes the province's signing key.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// File to make for the key. Keep it off the machines that serve, and keep a copy of it.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// How to encrypt it.
    #[command(flatten)]
    pub(crate) lock: NewLock,
}

/// How a new key file is encrypted; not at all without either.
#[derive(Debug, Args)]
pub(crate) struct NewLock {
    /// File whose first line is the passphrase to encrypt the new key with.
    #[arg(long, value_name = "FILE", conflicts_with = "new_passphrase")]
    pub(crate) new_passphrase_file: Option<PathBuf>,
    /// Ask for a passphrase to encrypt the new key with.
    #[arg(long)]
    pub(crate) new_passphrase: bool,
}

/// The key that signs.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// Key file of the issuer.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// File whose first line is the passphrase of the key file; asked for on a terminal without it.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// What can be done with credentials.
#[derive(Debug, Subcommand)]
pub(crate) enum Credential {
    /// Print the device id of a node, for whoever issues its credential.
    Request(RequestArgs),
    /// Issue a credential: to a device, or to a new key that issues further ones.
    Issue(Box<IssueArgs>),
    /// Show a credential or a revocation list in words.
    Show(ShowArgs),
    /// Add a device to the province's revocation list.
    Revoke(RevokeArgs),
    /// Give a credential or a revocation list to a node, running or not.
    Install(InstallArgs),
}

/// Whose device id.
#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    /// Data folder of the node; made on first use.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
}

/// What to issue.
#[derive(Debug, Args)]
pub(crate) struct IssueArgs {
    /// Who signs.
    #[command(flatten)]
    pub(crate) signer: KeyArgs,
    /// The issuer's own credential; left out, the key is the province's.
    #[arg(long, value_name = "FILE|TEXT")]
    pub(crate) chain: Option<String>,
    /// Device id that the credential is for, as `bdhv credential request` prints it.
    #[arg(long, value_name = "HEX", required_unless_present = "new_key", conflicts_with = "new_key")]
    pub(crate) device: Option<DeviceId>,
    /// Make a key file here and issue the credential to it: for a commune or a team that issues itself.
    #[arg(long, value_name = "FILE")]
    pub(crate) new_key: Option<PathBuf>,
    /// How to encrypt the new key.
    #[command(flatten)]
    pub(crate) lock: NewLock,
    /// Rank: below the issuer's.
    #[arg(long)]
    pub(crate) rank: RankName,
    /// Code of a commune where it holds; repeat for more. Without any, where the issuer's own holds.
    #[arg(long, value_name = "CODE", conflicts_with = "everywhere")]
    pub(crate) commune: Vec<String>,
    /// It holds in every commune; the default for rank province.
    #[arg(long)]
    pub(crate) everywhere: bool,
    /// Number of the team; the issuer's own team without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) team: Option<u32>,
    /// What it allows, of collect, attest, publish and delegate. Without it: collect and attest, for rank
    /// device attest only; with --new-key also delegate.
    #[arg(long, value_name = "LIST")]
    pub(crate) rights: Option<Rights>,
    /// Last day on which it holds.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = days::parse, required_unless_present = "days",
        conflicts_with = "days")]
    pub(crate) until: Option<Day>,
    /// How many days it holds, from the first day on.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) days: Option<u32>,
    /// First day on which it holds; today without it.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = days::parse)]
    pub(crate) from: Option<Day>,
    /// File to make for the credential; printed without it.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// A rank as written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RankName {
    /// A device of the province.
    Province,
    /// A commune's device or key.
    Commune,
    /// A team's hub or key.
    Team,
    /// A device of a team's member.
    Device,
}

impl RankName {
    /// Returns the rank.
    pub(crate) fn rank(self) -> Rank {
        match self {
            Self::Province => Rank::Province,
            Self::Commune => Rank::Commune,
            Self::Team => Rank::Team,
            Self::Device => Rank::Device,
        }
    }
}

/// What to show.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A credential or a revocation list, or the file that holds one.
    #[arg(value_name = "FILE|TEXT")]
    pub(crate) source: String,
    /// The province's public key, to check that the object is the province's.
    #[arg(long, value_name = "HEX")]
    pub(crate) province: Option<ProvinceKey>,
}

/// What to revoke.
#[derive(Debug, Args)]
pub(crate) struct RevokeArgs {
    /// The province's key.
    #[command(flatten)]
    pub(crate) signer: KeyArgs,
    /// The province's revocation list; made if it is not there.
    #[arg(long, value_name = "FILE")]
    pub(crate) list: PathBuf,
    /// Device id of what loses its rights: a device, or the public key of an issuer.
    #[arg(long, value_name = "HEX")]
    pub(crate) device: DeviceId,
    /// Data folder of a node, running or not: what it holds of the device stays. Without it, everything
    /// that the device ever recorded is cut off.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// What to install.
#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    /// Data folder of the node; made on first use.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// A credential or a revocation list, or the file that holds one.
    #[arg(value_name = "FILE|TEXT")]
    pub(crate) source: String,
}

/// Whom to attest.
#[derive(Debug, Args)]
pub(crate) struct AttestArgs {
    /// Data folder of the node that attests, running or not.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Learner, as `bdhv learners` prints it.
    #[arg(long, value_name = "HEX")]
    pub(crate) learner: LearnerId,
    /// Number of the course whose skills the learner has shown.
    #[arg(long, value_name = "N")]
    pub(crate) course: u16,
}

/// For whom to make a confirmation.
#[derive(Debug, Args)]
pub(crate) struct ConfirmArgs {
    /// Data folder of the node that signs, running or not.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Learner, as `bdhv learners` prints it.
    #[arg(long, value_name = "HEX")]
    pub(crate) learner: LearnerId,
    /// Name to stand in it, if the learner wants one. It is kept nowhere else.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) holder: String,
    /// Draw it as a QR code too.
    #[arg(long)]
    pub(crate) qr: bool,
    /// Address of a hub, as in `http://192.168.1.10:8080`: a phone's camera then opens the QR code there, and
    /// the phone of the learner keeps it.
    #[arg(long, value_name = "URL", requires = "qr")]
    pub(crate) hub: Option<String>,
}

/// For whom to make a badge.
#[derive(Debug, Args)]
pub(crate) struct BadgesArgs {
    /// Data folder of the node that signs, running or not.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Learner, as `bdhv learners` prints it.
    #[arg(long, value_name = "HEX")]
    pub(crate) learner: LearnerId,
    /// Name to stand in it, if the learner wants one. It is kept nowhere else.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) holder: String,
}

/// What to check.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A confirmation as text or as the address in its QR code, or the file that holds one.
    #[arg(value_name = "FILE|TEXT")]
    pub(crate) source: String,
    /// The province's public key, as `bdhv province init` printed it.
    #[arg(long, value_name = "HEX")]
    pub(crate) province: ProvinceKey,
    /// The province's revocation list, or the file that holds it.
    #[arg(long, value_name = "FILE|TEXT")]
    pub(crate) list: Option<String>,
}

/// Whom to withdraw.
#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    /// Data folder of the node that withdraws, running or not.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Learner, as `bdhv learners` prints it.
    #[arg(long, value_name = "HEX")]
    pub(crate) learner: LearnerId,
}

/// Whom to list.
#[derive(Debug, Args)]
pub(crate) struct LearnersArgs {
    /// Data folder of the node, running or not.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Only those of this commune.
    #[arg(long, value_name = "CODE")]
    pub(crate) commune: Option<String>,
}
