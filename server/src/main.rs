//! `bdhv`: hub of a team, node of the province.
//!
//! | module | what |
//! |---|---|
//! | [`cli`] | the command line |
//! | [`options`] | the command line, checked |
//! | [`node`] | one process from start to stop |
//! | [`store`] | the data folder |
//! | [`bundle`] | records in a file |
//! | [`reach`] | how far the sockets reach |
//! | [`endpoint`] | iroh, asking nobody but the own relay |
//! | [`discovery`] | hubs on one network find each other |
//! | [`http`] | everything on the one port |
//! | [`site`] | the embedded app, catalogue and packs |
//! | [`communes`] | the list of the province |
//! | [`overview`] | the numbers of the dashboard |
//! | [`banner`], [`qr`] | what the operator sees |
//! | [`fault`] | what ends the process, and its exit code |

mod banner;
mod bundle;
mod cli;
mod communes;
mod discovery;
mod endpoint;
mod fault;
mod http;
mod node;
mod options;
mod overview;
mod qr;
mod reach;
mod site;
mod store;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use cli::{Cli, Command, Province};
use fault::{Fault, Kind};
use options::Options;

/// Levels when `RUST_LOG` is not set. The mDNS library warns about every packet an interface refuses, the
/// relay about every phone that leaves.
const LOG_LEVELS: &str = "warn,bdhv=info,sync=info,iroh_relay=error,swarm_discovery=error";

fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr();
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            fault.code()
        }
    }
}

fn run(command: Command) -> Result<(), Fault> {
    let options = match command {
        Command::Serve(args) => Options::hub(args)?,
        Command::Province(Province::Serve(args)) => Options::province(args)?,
        Command::Bundle(command) => return bundle::run(command),
    };
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::new(Kind::Software, "cannot start the async runtime").why(error))?;
    runtime.block_on(node::run(options))
}

fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG_LEVELS));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

/// Raises the soft limit of open files: the usual 1,024 is fewer than a full hall needs.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    /// Sockets of HTTP and relay at their bounds, and room for the store and iroh.
    const WANTED: u64 = 4096;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    if current.is_some_and(|current| current < wanted) {
        let limit = Rlimit { current: Some(wanted), maximum };
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!("the limit of open files stays at {current:?}: {error}");
        }
    }
}
