//! A real `bdhv` as a child process: started, waited for, listened to, stopped or killed.

use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

/// How long a node may take to say that it is ready, or to say in its log what is awaited. A debug
/// build opens its store in a second; a busy machine of two cores gets the rest.
pub const WAIT_SECONDS_MAX: u64 = 60;

/// Most lines of its log that are kept; what a test looks for is among the newest.
pub const LOG_LINES_MAX: usize = 20_000;

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `bdhv serve`
    Hub,
    /// `bdhv province serve`
    Province,
}

impl Role {
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Hub => &["serve"],
            Self::Province => &["province", "serve"],
        }
    }
}

/// Where the lines go that a node prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// Kept for [`Node::log`].
    Kept,
    /// Kept, and shown at once.
    Shown,
}

/// How to start a node.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// Where `bdhv` is.
    pub program: &'a Path,
    /// What it does.
    pub role: Role,
    /// Folder of its data.
    pub data: &'a Path,
    /// Address it serves on; port 0 takes any.
    pub http: &'a str,
    /// Further arguments.
    pub more: &'a [String],
    /// What it logs, as `RUST_LOG` has it; `None` leaves that to the environment.
    pub log: Option<&'a str>,
    /// Where its lines go.
    pub lines: Lines,
}

impl Start<'_> {
    /// Adds the node's arguments to a command that already names the program, such as one that enters
    /// a network namespace first.
    pub fn command(&self, mut command: Command) -> Command {
        command.args(self.role.words()).arg("--data").arg(self.data);
        command.args(["--http", self.http, "--ready-json"]).args(self.more);
        if let Some(log) = self.log {
            command.env("RUST_LOG", log);
        }
        command
    }
}

/// Runs a command of `bdhv` to its end, and returns what it printed.
///
/// # Errors
///
/// When it cannot be started or does not end well; the error holds what it said.
pub fn command(program: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot start {}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`bdhv {}` ended with {}: {said}", arguments.join(" "), output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// What a node says of itself once it accepts connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// Address of its pages, `http://127.0.0.1:PORT`, without a slash at the end.
    pub http: String,
    /// Its endpoint id, as hexadecimal text.
    pub endpoint: String,
    /// What another node takes as `--peer`.
    pub ticket: String,
}

/// A running node. Dropping it kills it.
#[derive(Debug)]
pub struct Node {
    child: Child,
    /// What it said when it got ready.
    pub ready: Ready,
    log: Arc<Log>,
    readers: Vec<JoinHandle<()>>,
}

impl Node {
    /// Starts a node, and waits until it is ready.
    ///
    /// # Errors
    ///
    /// When it cannot be started, ends early, or is not ready within [`WAIT_SECONDS_MAX`]; the error
    /// holds what it printed.
    pub fn start(start: &Start<'_>) -> anyhow::Result<Self> {
        Self::start_command(start.command(Command::new(start.program)), start.lines)
    }

    /// Starts a prepared command that ends in a node with `--ready-json`, and waits until it is
    /// ready.
    ///
    /// # Errors
    ///
    /// As [`Node::start`].
    pub fn start_command(mut command: Command, lines: Lines) -> anyhow::Result<Self> {
        // A group of its own: Ctrl-C reaches whoever started the node, who then asks it once.
        command.process_group(0);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let log = Arc::new(Log::default());
        let stdout = child.stdout.take().context("stdout was asked for")?;
        let stderr = child.stderr.take().context("stderr was asked for")?;
        let readers = vec![log.read(stdout, Stream::Out, lines), log.read(stderr, Stream::Error, lines)];
        let mut node = Self {
            child,
            ready: Ready { http: String::new(), endpoint: String::new(), ticket: String::new() },
            log,
            readers,
        };
        node.ready = node.wait_ready()?;
        Ok(node)
    }

    fn wait_ready(&self) -> anyhow::Result<Ready> {
        let first = self.log.wait(|state| state.first.clone().map(Some).or_else(|| (state.open == 0).then_some(None)));
        let Some(Some(line)) = first else {
            bail!("the node did not get ready; it printed:\n{}", self.log());
        };
        let value: serde_json::Value = serde_json::from_str(&line)
            .with_context(|| format!("the node's first line is no JSON:\n{}", self.log()))?;
        let text = |key: &str| {
            let found = value[key].as_str().map(str::to_owned);
            found.with_context(|| format!("the ready line has no `{key}`: {line}"))
        };
        Ok(Ready {
            http: text("http")?.trim_end_matches('/').to_owned(),
            endpoint: text("endpoint")?,
            ticket: text("ticket")?,
        })
    }

    /// Returns the id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.log.locked().open == 0
    }

    /// Returns what it printed so far, oldest line first.
    pub fn log(&self) -> String {
        self.log.locked().lines.join("\n")
    }

    /// Waits until a line of its log holds every one of `parts`, and returns the line.
    ///
    /// # Errors
    ///
    /// When there is no such line within [`WAIT_SECONDS_MAX`], or the node ended without one.
    pub fn wait_log(&self, parts: &[&str]) -> anyhow::Result<String> {
        let matches = |line: &&String| parts.iter().all(|part| line.contains(part));
        let found = self.log.wait(|state| {
            let line = state.lines.iter().find(matches).cloned();
            line.map(Some).or_else(|| (state.open == 0).then_some(None))
        });
        found.flatten().with_context(|| format!("no line of the log holds {parts:?}:\n{}", self.log()))
    }

    /// Waits until it has ended, and returns how.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn wait(mut self) -> anyhow::Result<ExitStatus> {
        let status = self.child.wait()?;
        for reader in self.readers.drain(..) {
            drop(reader.join());
        }
        Ok(status)
    }

    /// Asks it to stop, as Ctrl-C does, and waits until it has.
    ///
    /// # Errors
    ///
    /// When it ends otherwise than well; the error holds its log.
    pub fn stop(self) -> anyhow::Result<()> {
        let id = self.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status()?;
        ensure!(asked.success(), "cannot signal process {id}");
        let log = Arc::clone(&self.log);
        let status = self.wait()?;
        ensure!(status.success(), "the node stopped with {status}:\n{}", log.locked().lines.join("\n"));
        Ok(())
    }

    /// Kills it at once, as a pulled plug does, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// When it was no longer there to be killed.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        let log = Arc::clone(&self.log);
        let status = self.wait()?;
        ensure!(
            status.signal().is_some(),
            "the node had ended before with {status}:\n{}",
            log.locked().lines.join("\n")
        );
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Error,
}

/// Lines of both streams, in order of arrival.
#[derive(Debug, Default)]
struct Log {
    state: Mutex<LogState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct LogState {
    lines: Vec<String>,
    /// First line of the standard output.
    first: Option<String>,
    /// Streams that are still read.
    open: usize,
}

impl Log {
    fn locked(&self) -> std::sync::MutexGuard<'_, LogState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(self: &Arc<Self>, from: impl Read + Send + 'static, stream: Stream, lines: Lines) -> JoinHandle<()> {
        let log = Arc::clone(self);
        log.locked().open += 1;
        std::thread::spawn(move || {
            let mut reader = BufReader::new(from);
            let mut bytes = Vec::new();
            while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
                let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
                log.add(line, stream, lines);
                bytes.clear();
            }
            log.locked().open -= 1;
            log.changed.notify_all();
        })
    }

    fn add(&self, line: String, stream: Stream, lines: Lines) {
        let mut state = self.locked();
        let ready = stream == Stream::Out && state.first.is_none();
        if ready {
            state.first = Some(line.clone());
        } else if lines == Lines::Shown && stream == Stream::Out {
            println!("{line}");
        } else if lines == Lines::Shown {
            eprintln!("{line}");
        }
        if state.lines.len() >= LOG_LINES_MAX {
            state.lines.drain(..LOG_LINES_MAX / 2);
        }
        state.lines.push(line);
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until `look` finds something, within [`WAIT_SECONDS_MAX`].
    fn wait<T>(&self, look: impl Fn(&LogState) -> Option<T>) -> Option<T> {
        let end = Instant::now() + Duration::from_secs(WAIT_SECONDS_MAX);
        let mut state = self.locked();
        loop {
            if let Some(found) = look(&state) {
                return Some(found);
            }
            let left = end.checked_duration_since(Instant::now())?;
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
