//! `bdhv`: hub of a team, node of the province.
//!
//! | module | what |
//! |---|---|
//! | [`cli`] | the command line |
//! | [`options`] | the command line, checked |
//! | [`credential`] | who may do what: keys, credentials, revocation |
//! | [`records`] | what a credential is for: learners confirmed, withdrawn, listed |
//! | [`mod@content`] | courses, from an author's folder to a node |
//! | [`packs`] | signed courses on disk, and from hub to hub |
//! | [`confirmation`] | what a confirmed learner shows, and how it is checked |
//! | [`badge`] | the same as an Open Badges credential |
//! | [`criteria`] | what counts as basic digital skills |
//! | [`order`] | what commands ask of a store, running or not |
//! | [`control`] | the socket by which they reach a running one |
//! | [`keyfile`], [`passphrase`] | keys of issuers |
//! | [`days`] | calendar days as written |
//! | [`node`] | one process from start to stop |
//! | [`store`] | the data folder |
//! | [`bundle`] | records in a file |
//! | [`content`](mod@content) | what authors need: checking and seeing courses |
//! | [`reach`] | how far the sockets reach |
//! | [`endpoint`] | iroh, asking nobody but the own relay |
//! | [`discovery`] | hubs on one network find each other |
//! | [`http`] | everything on the one port |
//! | [`site`] | the embedded app, catalogue and packs |
//! | [`communes`] | the list of the province |
//! | [`overview`] | the numbers of the dashboard |
//! | [`banner`], [`qr`] | what the operator sees |
//! | [`fault`] | what ends the process, and its exit code |

mod badge;
mod banner;
mod bundle;
mod cli;
mod communes;
mod confirmation;
mod content;
mod control;
mod credential;
mod criteria;
mod days;
mod discovery;
mod endpoint;
mod fault;
mod http;
mod keyfile;
mod node;
mod options;
mod order;
mod overview;
mod packs;
mod passphrase;
mod qr;
mod reach;
mod records;
mod site;
mod store;

use std::io::{IsTerminal as _, Write as _};
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
    let said = match command {
        Command::Serve(args) => return serve(Options::hub(args)?),
        Command::Province(Province::Serve(args)) => return serve(Options::province(args)?),
        Command::Province(Province::Init(args)) => credential::init(&args)?,
        Command::Credential(what) => credential::run(what)?,
        Command::Attest(args) => records::attest(&args)?,
        Command::Confirm(args) => confirmation::confirm(&args)?,
        Command::Verify(args) => confirmation::verify(&args)?,
        Command::Export(cli::Export::Badges(args)) => confirmation::export(&args)?,
        Command::Withdraw(args) => records::withdraw(&args)?,
        Command::Learners(args) => records::learners(&args)?,
        Command::Bundle(what) => bundle::run(what)?,
        Command::Content(what) => content::run(what)?,
    };
    // Whoever reads this may have stopped reading, as `head` does.
    drop(std::io::stdout().lock().write_all(said.as_bytes()));
    Ok(())
}

fn serve(options: Options) -> Result<(), Fault> {
    raise_file_limit();
    block_on(node::run(options))
}

/// Runs what serves to its end.
fn block_on(serving: impl Future<Output = Result<(), Fault>>) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::new(Kind::Software, "cannot start the async runtime").why(error))?;
    runtime.block_on(serving)
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
