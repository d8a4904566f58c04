//! The command line.

mod authority;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use authority::{
    AttestArgs, BadgesArgs, ConfirmArgs, Credential, InitArgs, InstallArgs, IssueArgs, KeyArgs, LearnersArgs, NewLock,
    RevokeArgs, ShowArgs, VerifyArgs, WithdrawArgs,
};

/// Hub and province node of Bình dân học vụ số.
#[derive(Debug, Parser)]
#[command(name = "bdhv", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 stopped when asked, 2 wrong usage, 65 data from a newer version or damaged, or \
    courses with errors, 69 port taken, 73 data folder not writable, 75 data in use by another process, 77 not allowed, 78 wrong option \
    value.\n\
    Logs go to standard error; RUST_LOG sets their level.";

/// The commands of `bdhv`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a team's hub: serves the lessons to phones, keeps and syncs their progress.
    Serve(HubArgs),
    /// Run or set up the province's node.
    #[command(subcommand)]
    Province(Province),
    /// Issue, show, install and revoke credentials.
    #[command(subcommand)]
    Credential(Credential),
    /// Confirm that a learner can do what a course teaches.
    Attest(AttestArgs),
    /// Make what a confirmed learner can show to anybody.
    Confirm(ConfirmArgs),
    /// Check a confirmation, without a network.
    Verify(VerifyArgs),
    /// Write what is known in a form that other programs read.
    #[command(subcommand)]
    Export(Export),
    /// Erase a learner who asked for it, here and wherever the records went.
    Withdraw(WithdrawArgs),
    /// List the learners whose records a node holds.
    Learners(LearnersArgs),
    /// Carry records, withdrawals and revocations in a file, where no network is.
    #[command(subcommand)]
    Bundle(crate::bundle::Bundle),
    /// Check courses, see them as residents will, and publish them.
    #[command(subcommand)]
    Content(crate::content::Content),
}

/// What can be written for other programs.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// A learner's confirmation as an Open Badges 3.0 credential, signed by the node's own key.
    Badges(BadgesArgs),
}

/// The commands of the province.
#[derive(Debug, Subcommand)]
pub(crate) enum Province {
    /// Make the province's signing key, from which every credential comes.
    Init(InitArgs),
    /// Run the province's node: a hub that holds every commune and shows the dashboard at /tinh.
    Serve(ProvinceArgs),
}

/// Options of a hub.
#[derive(Debug, Args)]
pub(crate) struct HubArgs {
    /// Options of any node.
    #[command(flatten)]
    pub(crate) node: NodeArgs,
    /// Official code of a commune this team works for (five digits); repeat for more.
    #[arg(long, value_name = "CODE")]
    pub(crate) commune: Vec<String>,
}

/// Options of the province's node.
#[derive(Debug, Args)]
pub(crate) struct ProvinceArgs {
    /// Options of any node.
    #[command(flatten)]
    pub(crate) node: NodeArgs,
    /// Show the dashboard to other machines too, not only to this one.
    #[arg(long)]
    pub(crate) dashboard_open: bool,
}

/// Options of any node.
#[derive(Debug, Args)]
pub(crate) struct NodeArgs {
    /// Folder that holds this node's data and its key; made on first start.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Address to serve on. Loopback stays on this machine; a LAN address or 0.0.0.0 also announces the
    /// node to other hubs there.
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:8080")]
    pub(crate) http: SocketAddr,
    /// Certificate chain (PEM) to serve https instead of http.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// Private key (PEM) of the certificate.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Address learners type, when it is not the one served on, as in `https://hoc.example.vn`.
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Ticket of a node to sync with; repeat for more.
    #[arg(long, value_name = "TICKET")]
    pub(crate) peer: Vec<String>,
    /// Credential of this node, or the file that holds it; needed once. Without one a hub serves the lessons
    /// and takes what phones bring, and syncs with no other node.
    #[arg(long, value_name = "FILE|TEXT")]
    pub(crate) credential: Option<String>,
    /// Once the node serves, print one line of JSON before the address and its QR code.
    #[arg(long)]
    pub(crate) ready_json: bool,
}

/// Reads `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `:8080`, which is loopback too.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let port = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':'));
    match port.and_then(|port| port.parse().ok()) {
        Some(port) => Ok((Ipv4Addr::LOCALHOST, port).into()),
        None => Err("write an IP address and a port, as in 127.0.0.1:8080 or 0.0.0.0:8080".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn addresses_are_read_as_people_write_them() {
        assert_eq!(address("0.0.0.0:80").unwrap().to_string(), "0.0.0.0:80");
        assert_eq!(address("localhost:8080").unwrap().to_string(), "127.0.0.1:8080");
        assert_eq!(address(":0").unwrap().to_string(), "127.0.0.1:0");
        for wrong in ["", "8080", "localhost", "127.0.0.1", "127.0.0.1:99999", "hall.test:80"] {
            assert!(address(wrong).unwrap_err().contains("127.0.0.1:8080"), "{wrong}");
        }
    }

    #[test]
    fn a_hub_takes_communes_and_a_province_does_not() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' '));
        assert!(parse("bdhv serve --data d --commune 30307 --commune 30313 --peer a --peer b").is_ok());
        assert!(parse("bdhv province serve --data d --dashboard-open").is_ok());
        assert!(parse("bdhv province serve --data d --commune 30307").is_err());
        assert!(parse("bdhv serve --data d --dashboard-open").is_err());
        assert!(parse("bdhv serve --data d --tls-cert c").is_err());
        assert!(parse("bdhv serve").is_err());
    }
}
