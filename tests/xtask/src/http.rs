//! One HTTP request at a time, counted byte by byte.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, bail};

/// How long an answer may take.
const ANSWER_SECONDS_MAX: u64 = 30;
/// Most bytes of an answer; ten times the largest budget.
const ANSWER_BYTES_MAX: u64 = 8_000_000;

/// An answer, and what it took on the wire.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Bytes received: status line, headers and body as encoded.
    pub wire_bytes: usize,
    /// Body as it came, where it was sent in one piece.
    pub body: Vec<u8>,
}

/// Asks `http://HOST:PORT` for a path as a browser does, which takes brotli.
///
/// # Errors
///
/// When nothing, or nothing that is HTTP, answers.
pub fn get(origin: &str, path: &str) -> anyhow::Result<Answer> {
    request(origin, path, "br").with_context(|| format!("asking for {origin}{path}"))
}

/// Asks for a path without compression, to read its body.
///
/// # Errors
///
/// As [`get`].
pub fn get_plain(origin: &str, path: &str) -> anyhow::Result<Answer> {
    request(origin, path, "identity").with_context(|| format!("asking for {origin}{path}"))
}

fn request(origin: &str, path: &str, encoding: &str) -> anyhow::Result<Answer> {
    let authority = origin.strip_prefix("http://").context("only plain HTTP")?;
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(Duration::from_secs(ANSWER_SECONDS_MAX)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nAccept: */*\r\n\
         Accept-Encoding: {encoding}\r\nConnection: close\r\n\r\n"
    )?;
    let mut received = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut received)?;
    let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
        bail!("the answer has no headers");
    };
    let head = String::from_utf8_lossy(&received[..end]);
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).context("the answer has no status")?;
    Ok(Answer { status, wire_bytes: received.len(), body: received[end + 4..].to_vec() })
}
