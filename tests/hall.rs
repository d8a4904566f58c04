//! Hubs and provinces as real processes with data of their own.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use sync::DeviceId;
use sync::authority::Terms;
use xtask::node::{self, Lines, Node, Role, Start};

use crate::authority::{self, hub_terms, province_terms};
use crate::logs::SignedLog;
use crate::peer::{Peer, entries};
use crate::scratch::Scratch;

/// What nodes log: enough to see what was refused, and how far a peer has caught up.
const LOG: &str = "info,sync=debug,bdhv::packs=debug";

/// Finds the program under test: what `BDHV_BIN` names, else the one cargo built beside the tests.
///
/// # Errors
///
/// When it was not built.
pub fn bdhv() -> anyhow::Result<PathBuf> {
    let path = if let Some(named) = std::env::var_os("BDHV_BIN") {
        PathBuf::from(named)
    } else {
        let test = std::env::current_exe()?;
        test.ancestors().nth(2).context("tests run below target/debug/deps")?.join("bdhv")
    };
    ensure!(path.is_file(), "{} is not there; `cargo xtask test` builds it", path.display());
    Ok(path)
}

/// Runs a command of `bdhv` to its end, and returns what it printed.
///
/// # Errors
///
/// When it does not end well; the error holds what it said.
pub fn command(arguments: &[&str]) -> anyhow::Result<String> {
    node::command(&bdhv()?, arguments)
}

/// Returns the device id of the node whose data is in a folder, which is made on first use.
///
/// # Errors
///
/// When the folder cannot be had.
pub fn device(data: &Path) -> anyhow::Result<DeviceId> {
    let data = data.to_str().context("the folder's name is no text")?;
    Ok(command(&["credential", "request", "--data", data])?.parse()?)
}

/// Returns the arguments with which a node on this data starts as one of the suite's province.
///
/// # Errors
///
/// When the folder cannot be had.
pub fn enrolment(data: &Path, terms: Terms) -> anyhow::Result<Vec<String>> {
    Ok(enrolled(device(data)?, terms))
}

fn enrolled(device: DeviceId, terms: Terms) -> Vec<String> {
    vec!["--credential".to_owned(), authority::issue(device, terms).to_string()]
}

/// A hub or a province whose process can be killed and started again on the same data.
#[derive(Debug)]
pub struct Station {
    role: Role,
    data: Scratch,
    http: String,
    more: Vec<String>,
    program: PathBuf,
    node: Option<Node>,
}

impl Station {
    /// Starts a hub on loopback that syncs with the nodes of these tickets.
    ///
    /// # Errors
    ///
    /// When it does not get ready.
    pub fn hub(peers: &[&str]) -> anyhow::Result<Self> {
        Self::with(Role::Hub, peers, |device| Ok(enrolled(device, hub_terms())))
    }

    /// Starts a hub on loopback that was never given a credential.
    ///
    /// # Errors
    ///
    /// When it does not get ready.
    pub fn stranger(peers: &[&str]) -> anyhow::Result<Self> {
        Self::with(Role::Hub, peers, |_| Ok(Vec::new()))
    }

    /// Starts a province on loopback.
    ///
    /// # Errors
    ///
    /// When it does not get ready.
    pub fn province() -> anyhow::Result<Self> {
        Self::with(Role::Province, &[], |device| Ok(enrolled(device, province_terms())))
    }

    /// Starts a node on loopback with further arguments, which depend on its device id.
    ///
    /// # Errors
    ///
    /// When it does not get ready.
    pub fn with(
        role: Role,
        peers: &[&str],
        arguments: impl FnOnce(DeviceId) -> anyhow::Result<Vec<String>>,
    ) -> anyhow::Result<Self> {
        let name = if role == Role::Hub { "hub" } else { "province" };
        let data = Scratch::new(name)?;
        let mut more: Vec<String> =
            peers.iter().flat_map(|ticket| ["--peer".to_owned(), (*ticket).to_owned()]).collect();
        more.extend(arguments(device(data.path())?)?);
        let http = "127.0.0.1:0".to_owned();
        let mut station = Self { role, data, http, more, program: bdhv()?, node: None };
        station.resume()?;
        // The same port after a restart: phones and peers know the address.
        station.http = station.node()?.ready.http.trim_start_matches("http://").to_owned();
        Ok(station)
    }

    /// Starts its process again, on the same data and the same port.
    ///
    /// # Errors
    ///
    /// When it runs already or does not get ready.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        ensure!(self.node.is_none(), "it is running");
        self.node = Some(Node::start(&Start {
            program: &self.program,
            role: self.role,
            data: self.data.path(),
            http: &self.http,
            more: &self.more,
            log: Some(LOG),
            lines: Lines::Kept,
        })?);
        Ok(())
    }

    /// Returns the folder of its data, as text.
    ///
    /// # Errors
    ///
    /// When its name is no text.
    pub fn data(&self) -> anyhow::Result<&str> {
        self.data.path().to_str().context("the folder's name is no text")
    }

    /// Adds peers for the next start.
    pub fn add_peer(&mut self, ticket: &str) {
        self.more.extend(["--peer".to_owned(), ticket.to_owned()]);
    }

    /// Takes another release of the program for the next start.
    pub fn install(&mut self, program: &Path) {
        program.clone_into(&mut self.program);
    }

    /// Returns the running process.
    ///
    /// # Errors
    ///
    /// When it was stopped or killed.
    pub fn node(&self) -> anyhow::Result<&Node> {
        self.node.as_ref().context("it is not running")
    }

    /// Returns the address of its pages as a secure context: `http://localhost:PORT`.
    ///
    /// # Errors
    ///
    /// When it is not running.
    pub fn localhost(&self) -> anyhow::Result<String> {
        Ok(format!("http://localhost:{}", self.port()?))
    }

    /// Returns the address of its pages as phones in a hall see it, an insecure context:
    /// `http://hall.test:PORT`.
    ///
    /// # Errors
    ///
    /// When it is not running.
    pub fn hall(&self) -> anyhow::Result<String> {
        Ok(format!("http://hall.test:{}", self.port()?))
    }

    /// Returns the port of its pages.
    ///
    /// # Errors
    ///
    /// When it is not running.
    pub fn port(&self) -> anyhow::Result<u16> {
        let http = &self.node()?.ready.http;
        let port = http.rsplit(':').next().and_then(|port| port.parse().ok());
        port.with_context(|| format!("{http} has no port"))
    }

    /// Returns what other nodes take as `--peer`.
    ///
    /// # Errors
    ///
    /// When it is not running.
    pub fn ticket(&self) -> anyhow::Result<&str> {
        Ok(&self.node()?.ready.ticket)
    }

    /// Kills its process at once, as a pulled plug does.
    ///
    /// # Errors
    ///
    /// When it was not running.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.node.take().context("it is not running")?.kill()
    }

    /// Asks its process to stop, and waits for it.
    ///
    /// # Errors
    ///
    /// When it does not stop well.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.node.take().context("it is not running")?.stop()
    }
}

/// Hands logs over as an honest hub does, and returns how many were acknowledged.
///
/// # Errors
///
/// When the node does not take them.
pub async fn hand_over(ticket: &str, logs: &[SignedLog]) -> anyhow::Result<usize> {
    let mut peer = Peer::connect(ticket).await?;
    peer.greet().await?;
    let wanted = peer.offer(logs).await?;
    for (&offer, &from) in &wanted {
        peer.send(&entries(offer, from, &logs[usize::try_from(offer)?])?).await?;
    }
    let mut acknowledged = 0;
    while acknowledged < wanted.len() {
        acknowledged += peer.acknowledged().await?.len();
    }
    peer.close().await;
    Ok(acknowledged)
}
