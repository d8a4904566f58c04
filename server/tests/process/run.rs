//! Runs `bdhv` on loopback, in a folder of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Longest wait for an answer before a test is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder that is removed at the end of a test.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("bdhv-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs `bdhv` to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bdhv")).args(arguments).env_remove("RUST_LOG").output().unwrap()
}

/// A running node; killed when dropped.
#[derive(Debug)]
pub(crate) struct Node {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    pub(crate) ready: serde_json::Value,
}

impl Node {
    /// Starts a hub or a province and waits until it serves.
    pub(crate) fn start(command: &[&str], data: &str, more: &[&str]) -> Self {
        Self::spawn(&[command, &["--data", data], more].concat())
    }

    /// Starts anything that serves and waits until it does.
    pub(crate) fn spawn(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bdhv"))
            .args(arguments)
            .args(["--http", "127.0.0.1:0", "--ready-json"])
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("first line {line:?}: {error}"));
        Self { child, _stdout: stdout, ready }
    }

    pub(crate) fn hub(data: &str) -> Self {
        Self::start(&["serve"], data, &[])
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The address of its HTTP port.
    pub(crate) fn address(&self) -> SocketAddr {
        let http = self.ready["http"].as_str().unwrap();
        http.rsplit_once("//").unwrap().1.parse().unwrap()
    }

    /// Sends SIGTERM and returns the exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }

    /// Opens a connection to it.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends bytes and reads the answer until the server ends the connection.
    pub(crate) fn exchange(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // A server that has refused stops reading; what it said is still to be read.
        let _ = stream.write_all(request);
        Self::rest(stream)
    }

    /// Sends bytes and that nothing follows, and reads the answer.
    pub(crate) fn exchange_and_end(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        let _ = stream.write_all(request).and_then(|()| stream.shutdown(Shutdown::Write));
        Self::rest(stream)
    }

    fn rest(mut stream: TcpStream) -> Answer {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Gets a path, with further header lines.
    pub(crate) fn get(&self, path: &str, headers: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n", self.address());
        self.exchange(request.as_bytes())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Answer(pub(crate) String);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.0.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let head = self.0.split("\r\n\r\n").next().unwrap_or_default();
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
    }

    pub(crate) fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}
