//! The command line, checked: what [`crate::node::run`] starts from.

use std::net::SocketAddr;
use std::path::PathBuf;

use sync::CommuneCode;
use sync::net::Ticket;

use crate::cli::{HubArgs, NodeArgs, ProvinceArgs};
use crate::communes::Communes;
use crate::credential::paper;
use crate::fault::{Fault, Kind};

/// Whose node it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A team's.
    Hub,
    /// The province's: holds every commune and shows the dashboard.
    Province,
}

impl Role {
    /// Returns the role that sessions and tickets name.
    pub(crate) fn wire(self) -> sync::wire::frame::Role {
        match self {
            Self::Hub => sync::wire::frame::Role::Hub,
            Self::Province => sync::wire::frame::Role::Province,
        }
    }

    /// Returns the name used in `hub.json`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Province => "province",
        }
    }
}

/// Certificate and key of `--tls-cert` and `--tls-key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// PEM file of the certificate chain.
    pub(crate) certificate: PathBuf,
    /// PEM file of the private key.
    pub(crate) key: PathBuf,
}

/// How to run a node.
#[derive(Debug)]
pub(crate) struct Options {
    /// Whose node it is.
    pub(crate) role: Role,
    /// Data folder.
    pub(crate) data: PathBuf,
    /// Address to serve on.
    pub(crate) http: SocketAddr,
    /// Files for https.
    pub(crate) tls: Option<TlsFiles>,
    /// Address learners type, without a slash at the end; `None` for the one served on.
    pub(crate) public_url: Option<String>,
    /// Communes the node works for, sorted; none means all of them.
    pub(crate) communes: Vec<CommuneCode>,
    /// Nodes to sync with.
    pub(crate) peers: Vec<Ticket>,
    /// Text of a credential to take at the start.
    pub(crate) credential: Option<String>,
    /// Whether to print the line of JSON.
    pub(crate) ready_json: bool,
    /// Whether other machines see the dashboard.
    pub(crate) dashboard_open: bool,
}

impl Options {
    /// Checks the options of `bdhv serve`.
    ///
    /// # Errors
    ///
    /// When a commune code does not exist, or a ticket or an address cannot be read.
    pub(crate) fn hub(args: HubArgs) -> Result<Self, Fault> {
        let communes = communes(&args.commune)?;
        Ok(Self { communes, ..Self::node(args.node, Role::Hub)? })
    }

    /// Checks the options of `bdhv province serve`.
    ///
    /// # Errors
    ///
    /// When a ticket or an address cannot be read.
    pub(crate) fn province(args: ProvinceArgs) -> Result<Self, Fault> {
        let mut options = Self::node(args.node, Role::Province)?;
        options.dashboard_open = args.dashboard_open;
        Ok(options)
    }

    fn node(args: NodeArgs, role: Role) -> Result<Self, Fault> {
        let tls = args.tls_cert.zip(args.tls_key);
        Ok(Self {
            role,
            data: args.data,
            http: args.http,
            tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
            public_url: args.public_url.as_deref().map(public_url).transpose()?,
            communes: Vec::new(),
            peers: args.peer.iter().map(|text| ticket(text)).collect::<Result<_, _>>()?,
            credential: args.credential.as_deref().map(paper::text).transpose()?,
            ready_json: args.ready_json,
            dashboard_open: false,
        })
    }
}

/// Checks the codes of `--commune`, and sorts them.
///
/// # Errors
///
/// When one does not exist.
pub(crate) fn communes(given: &[String]) -> Result<Vec<CommuneCode>, Fault> {
    let list = Communes::built_in()?;
    let mut codes = given.iter().map(|given| commune(&list, given)).collect::<Result<Vec<_>, _>>()?;
    codes.sort_unstable();
    codes.dedup();
    Ok(codes)
}

/// Finds a commune by the code given on the command line.
///
/// # Errors
///
/// When there is none; the nearest are named.
pub(crate) fn commune(list: &Communes, given: &str) -> Result<CommuneCode, Fault> {
    list.find(given).map(CommuneCode).map_err(|nearest| unknown_commune(given, &nearest))
}

fn unknown_commune(given: &str, nearest: &[String]) -> Fault {
    let fault = Fault::new(Kind::Config, format!("no commune has the code {given:.40}"));
    if nearest.is_empty() {
        fault.help("write the official five-digit code, as in --commune 30307")
    } else {
        fault.help(format!("did you mean {}?", nearest.join(", ")))
    }
}

fn ticket(text: &str) -> Result<Ticket, Fault> {
    text.trim().parse().map_err(|error| {
        Fault::new(Kind::Config, format!("--peer {text:.24}… is not a ticket"))
            .why(error)
            .help("copy the whole line that the other node prints as its ticket")
    })
}

/// Reads `https://hoc.example.vn` or `http://10.0.0.2:8080`, with or without a slash at the end.
fn public_url(text: &str) -> Result<String, Fault> {
    let plain = text.trim().trim_end_matches('/');
    let host = plain.strip_prefix("https://").or_else(|| plain.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', ' ', '@']) => Ok(plain.to_owned()),
        _ => Err(Fault::new(Kind::Config, format!("--public-url {text:.80} is not an address"))
            .help("write scheme and name only, as in https://hoc.example.vn")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;

    fn hub(rest: &[&str]) -> Result<Options, Fault> {
        let line = ["bdhv", "serve", "--data", "d"].iter().chain(rest);
        match Cli::try_parse_from(line).unwrap().command {
            Command::Serve(args) => Options::hub(args),
            _ => unreachable!("the line says `serve`"),
        }
    }

    #[test]
    fn what_is_wrong_with_an_option_is_said() {
        let cases: [(&[&str], &str); 5] = [
            (&["--commune", "30308"], "did you mean 30307 (Phường Long Xuyên)"),
            (&["--commune", "Long Xuyên"], "did you mean 30307 (Phường Long Xuyên)"),
            (&["--peer", "bdhv1"], "is not a ticket"),
            (&["--peer", "xin chào"], "is not a ticket"),
            (&["--public-url", "hoc.example.vn"], "https://hoc.example.vn"),
        ];
        for (rest, expected) in cases {
            let fault = hub(rest).unwrap_err();
            assert!(fault.to_string().contains(expected), "{fault}");
            assert!(!fault.to_string().contains('\n'), "{fault}");
        }
    }

    #[test]
    fn options_are_read() {
        let options = hub(&["--commune", "30307", "--public-url", "https://hoc.example.vn/"]).unwrap();
        assert_eq!(options.communes, [CommuneCode(30307)]);
        assert_eq!(options.public_url.as_deref(), Some("https://hoc.example.vn"));
        assert_eq!(options.role, Role::Hub);
    }
}
