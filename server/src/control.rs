//! The control socket: commands reach the store of a running node, which alone has it open.
//!
//! `DIR/control.sock` takes one [`Order`] a connection, a line of JSON, and answers with one [`Report`].
//! Only the user who runs the node may connect. The node that starts holds the store, so a socket it finds
//! is left over from one that was killed.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream as Blocking;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sync::ProvinceKey;
use sync::authority::REVOCATIONS_CHARS_MAX;
use sync::replica::{Replica, RequestError};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::badge::Badges;
use crate::communes::Communes;
use crate::fault::{Fault, Kind};
use crate::order::{self, Order, Report, live_province};
use crate::packs::{self, Library};
use crate::site::Site;
use crate::store;

/// Name of the socket in the data folder.
const SOCKET: &str = "control.sock";
/// Longest order: a revocation list, and room for the JSON around it.
const ORDER_BYTES_MAX: u64 = REVOCATIONS_CHARS_MAX as u64 + 1024;
/// Longest report: the most learners that a store lists, at 160 bytes each.
const REPORT_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Commands at once: an operator runs one, a script a few.
const CONNECTIONS_MAX: usize = 8;
/// How long a command may take to say what it wants, or to take its answer.
const SILENCE_SECONDS_MAX: Duration = Duration::from_secs(10);
/// How long a node may take to answer: a withdrawal in a large store is a commit like any other.
const ANSWER_SECONDS_MAX: Duration = Duration::from_mins(1);

/// The node's side. The socket is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Control {
    path: PathBuf,
    listener: UnixListener,
}

impl Control {
    /// Opens the socket in the data folder of a node that holds its store.
    ///
    /// # Errors
    ///
    /// When it cannot be made: a path of more than 107 bytes is too long for one.
    pub(crate) fn bind(data: &Path) -> io::Result<Self> {
        let path = data.join(SOCKET);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        let control = Self { path, listener };
        fs::set_permissions(&control.path, fs::Permissions::from_mode(0o600))?;
        Ok(control)
    }

    /// Serves commands until dropped; `installed` is told the province after something was installed.
    pub(crate) async fn serve(
        self,
        replica: Replica,
        library: Library,
        badges: Badges,
        installed: impl Fn(ProvinceKey) + Send + Sync + 'static,
    ) {
        let data = self.path.parent().unwrap_or(&self.path).to_owned();
        let courses = Courses { library, data, badges };
        let (mut open, installed) = (JoinSet::new(), Arc::new(installed));
        loop {
            while open.len() >= CONNECTIONS_MAX {
                open.join_next().await;
            }
            let stream = match self.listener.accept().await {
                Ok((stream, _)) if is_own(&stream) => stream,
                Ok(_) => {
                    warn!("refused a command of another user");
                    continue;
                }
                Err(error) => {
                    warn!("cannot take commands: {error}");
                    return;
                }
            };
            let (replica, courses, installed) = (replica.clone(), courses.clone(), installed.clone());
            open.spawn(async move {
                if let Err(error) = answer(stream, &replica, courses, &*installed).await {
                    info!("a command was not answered: {error}");
                }
            });
            while open.try_join_next().is_some() {}
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // What is left is replaced at the next start.
        drop(fs::remove_file(&self.path));
    }
}

/// Where courses are published, and who signs badges of them.
#[derive(Clone)]
struct Courses {
    library: Library,
    data: PathBuf,
    badges: Badges,
}

impl Courses {
    async fn publish(self, replica: &Replica, staged: String) -> Result<Report, RequestError> {
        let standing = packs::standing(replica).await?;
        let taken = move || order::publish(&self.library, &self.data, &staged, &standing);
        tokio::task::spawn_blocking(taken).await.map_err(|error| RequestError::Failed(error.to_string()))
    }
}

/// Tells whether the user at the other end is the one who runs this node, or the system's own.
fn is_own(stream: &UnixStream) -> bool {
    let own = rustix::process::getuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| [own, 0].contains(&peer.uid()))
}

async fn answer(
    mut stream: UnixStream,
    replica: &Replica,
    courses: Courses,
    installed: &(impl Fn(ProvinceKey) + Sync),
) -> io::Result<()> {
    let line = timeout(SILENCE_SECONDS_MAX, read_line(&mut stream)).await??;
    let report = match serde_json::from_str::<Order>(&line) {
        Ok(Order::Publish { staged }) => courses.publish(replica, staged).await.map_err(io::Error::other)?,
        Ok(order) => {
            let report = order.ask_live(replica).await.map_err(io::Error::other)?;
            if let (Order::Install { .. }, Report::Done) = (&order, &report)
                && let Some(province) = live_province(replica).await
            {
                installed(province);
            }
            match order {
                Order::Badge { .. } => report.badge(&courses.badges, &courses.library.catalogue()),
                _ => report,
            }
        }
        Err(error) => Report::Refused { why: format!("no order that this version knows: {error}") },
    };
    let mut bytes = serde_json::to_vec(&report)?;
    bytes.push(b'\n');
    timeout(SILENCE_SECONDS_MAX, stream.write_all(&bytes)).await?
}

async fn read_line(stream: &mut UnixStream) -> io::Result<String> {
    let mut line = String::new();
    tokio::io::BufReader::new(stream.take(ORDER_BYTES_MAX)).read_line(&mut line).await?;
    Ok(line)
}

/// Asks the node whose data is in a folder: the process that runs it, else its store.
///
/// # Errors
///
/// When neither can be had; see [`Fault`].
pub(crate) fn ask(data: &Path, order: &Order) -> Result<Report, Fault> {
    match Blocking::connect(data.join(SOCKET)) {
        Ok(stream) => ask_running(stream, order).map_err(|error| {
            Fault::new(Kind::Busy, format!("the node that runs in {} does not answer", data.display()))
                .why(error)
                .help("see what it logs, or stop it and try again")
        }),
        Err(_) => ask_stopped(data, order),
    }
}

fn ask_stopped(data: &Path, order: &Order) -> Result<Report, Fault> {
    let store = store::open(data)?;
    if !matches!(order, Order::Publish { .. } | Order::Badge { .. }) {
        return Ok(order.ask(&store));
    }
    let standing = order::standing(&store);
    let library = packs::open(data, Arc::new(Site::built_in()?), &standing)?;
    if let Order::Publish { staged } = order {
        return Ok(order::publish(&library, data, staged, &standing));
    }
    let badges = Badges::new(store.secret(), Communes::built_in()?);
    Ok(order.ask(&store).badge(&badges, &library.catalogue()))
}

fn ask_running(mut stream: Blocking, order: &Order) -> io::Result<Report> {
    stream.set_read_timeout(Some(ANSWER_SECONDS_MAX))?;
    stream.set_write_timeout(Some(SILENCE_SECONDS_MAX))?;
    let mut bytes = serde_json::to_vec(order)?;
    bytes.push(b'\n');
    stream.write_all(&bytes)?;
    let mut line = String::new();
    BufReader::new(stream.take(REPORT_BYTES_MAX)).read_line(&mut line)?;
    if line.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_str(&line)?)
}
