//! Processes of the bench: this program again, in a role, spoken to by lines.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// A running process, killed when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts this program in a role.
    pub(crate) fn start(words: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("its output is a pipe")?;
        let stdin = child.stdin.take();
        Ok(Self { child, stdin, lines: BufReader::new(stdout).lines() })
    }

    /// Waits for its next line, as JSON.
    pub(crate) fn line(&mut self) -> anyhow::Result<Value> {
        let line = self.lines.next().context("the process ended without a word")??;
        serde_json::from_str(&line).with_context(|| line.clone())
    }

    /// Tells it something, and waits for its answer.
    pub(crate) fn ask(&mut self, words: &str) -> anyhow::Result<Value> {
        let stdin = self.stdin.as_mut().context("it listens")?;
        writeln!(stdin, "{words}")?;
        self.line()
    }

    /// The most memory that it ever had, in megabytes.
    pub(crate) fn memory(&self) -> anyhow::Result<f64> {
        memory_of(Path::new(&format!("/proc/{}/status", self.child.id())))
    }

    /// Waits until it ends by itself.
    pub(crate) fn end(&mut self) -> anyhow::Result<ExitStatus> {
        drop(self.stdin.take());
        Ok(self.child.wait()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs this program in a role to its end, and returns the line that it printed.
pub(crate) fn run(words: &[&str]) -> anyhow::Result<Value> {
    let mut process = Process::start(words)?;
    let line = process.line()?;
    let status = process.end()?;
    ensure!(status.success(), "`{}` ended with {status}", words.join(" "));
    Ok(line)
}

/// Returns a number of a process's line.
pub(crate) fn number(line: &Value, name: &str) -> anyhow::Result<f64> {
    line[name].as_f64().with_context(|| format!("no {name} in {line}"))
}

/// The most memory that this process ever had, in megabytes.
pub(crate) fn own_memory() -> anyhow::Result<f64> {
    memory_of(Path::new("/proc/self/status"))
}

fn memory_of(status: &Path) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(status)?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the kernel tells the peak")?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes * 1024.0 / 1e6)
}
