//! The province's numbers, as its page receives them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

/// How long awaited numbers may take to arrive, on a busy machine of two cores.
pub const WAIT_SECONDS_MAX: u64 = 60;

/// The numbers of one moment.
#[derive(Debug, Clone)]
pub struct Snapshot(Value);

impl Snapshot {
    /// Returns how many learners the province counts in all communes.
    pub fn learners(&self) -> u64 {
        self.sum("learners")
    }

    /// Returns how many completed lessons the province counts in all communes.
    pub fn lessons(&self) -> u64 {
        self.sum("lessons")
    }

    /// Returns how many learners the province counts as confirmed in all communes.
    pub fn confirmed(&self) -> u64 {
        self.sum("confirmed")
    }

    /// Returns learners and lessons of the commune with this official code; `None` without any.
    pub fn commune(&self, code: u32) -> Option<(u64, u64)> {
        let row = self.communes().find(|row| row["code"] == code)?;
        Some((row["learners"].as_u64()?, row["lessons"].as_u64()?))
    }

    fn sum(&self, key: &str) -> u64 {
        self.communes().filter_map(|row| row[key].as_u64()).sum()
    }

    /// Communes that have learners, one row each.
    fn communes(&self) -> impl Iterator<Item = &Value> {
        self.0["communes"].as_array().into_iter().flatten()
    }
}

/// An open stream of [`Snapshot`]s: one at once, then one a change.
#[derive(Debug)]
pub struct Feed {
    lines: BufReader<TcpStream>,
    last: Option<Snapshot>,
}

impl Feed {
    /// Opens the feed of the province at `http://HOST:PORT`.
    ///
    /// # Errors
    ///
    /// When it does not answer with a feed.
    pub fn open(origin: &str) -> anyhow::Result<Self> {
        let authority = origin.strip_prefix("http://").context("only plain HTTP")?;
        let mut stream = TcpStream::connect(authority).with_context(|| format!("{origin} does not answer"))?;
        // HTTP/1.0, so that the body comes as it is and not in chunks.
        write!(stream, "GET /tinh/feed HTTP/1.0\r\nHost: {authority}\r\n\r\n")?;
        stream.set_read_timeout(Some(Duration::from_secs(WAIT_SECONDS_MAX)))?;
        let mut lines = BufReader::new(stream);
        let mut status = String::new();
        lines.read_line(&mut status)?;
        ensure!(status.contains(" 200"), "the feed answered {status}");
        Ok(Self { lines, last: None })
    }

    /// Waits for numbers of which `awaited` holds, and returns them.
    ///
    /// # Errors
    ///
    /// When they do not come within [`WAIT_SECONDS_MAX`]; the error holds the last ones.
    pub fn wait(&mut self, what: &str, awaited: impl Fn(&Snapshot) -> bool) -> anyhow::Result<Snapshot> {
        let end = Instant::now() + Duration::from_secs(WAIT_SECONDS_MAX);
        if let Some(last) = self.last.as_ref().filter(|last| awaited(last)) {
            return Ok(last.clone());
        }
        loop {
            let left = end.checked_duration_since(Instant::now());
            let (Some(left), Ok(next)) = (left, self.receive()) else {
                let shown = self.last.as_ref().map(|last| (last.learners(), last.lessons()));
                bail!("the province does not come to show {what}; last (learners, lessons): {shown:?}");
            };
            self.lines.get_ref().set_read_timeout(Some(left))?;
            if awaited(&next) {
                return Ok(next);
            }
        }
    }

    /// Waits for the next snapshot.
    ///
    /// # Errors
    ///
    /// When none comes in time, or the stream ends.
    pub fn receive(&mut self) -> anyhow::Result<Snapshot> {
        loop {
            let mut line = String::new();
            ensure!(self.lines.read_line(&mut line)? > 0, "the feed ended");
            if let Some(data) = line.strip_prefix("data:") {
                let snapshot = Snapshot(serde_json::from_str(data.trim())?);
                self.last = Some(snapshot.clone());
                return Ok(snapshot);
            }
        }
    }
}
