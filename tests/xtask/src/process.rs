//! Running other programs, and saying what is being done.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};

use crate::paths;

/// Numbered progress lines: `[3/7] packing the worker bundle …`.
#[derive(Debug)]
pub(crate) struct Steps {
    done: usize,
    total: usize,
    start: Instant,
}

impl Steps {
    /// Starts counting towards `total` steps.
    pub(crate) fn new(total: usize) -> Self {
        Self { done: 0, total, start: Instant::now() }
    }

    /// Says which step begins.
    pub(crate) fn begin(&mut self, what: &str) {
        self.done += 1;
        let seconds = self.start.elapsed().as_secs();
        eprintln!("[{}/{}] {what} … ({}:{:02})", self.done, self.total, seconds / 60, seconds % 60);
    }
}

/// How variables begin that cargo sets for the program that it runs, about its package.
const OWN_VARIABLES: [&str; 2] = ["CARGO_MANIFEST_", "CARGO_PKG_"];

/// Returns the cargo that started this program, in the root of the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(paths::root());
    // What `cargo run` told this program about itself: build scripts that look at it (ring's) would compile
    // everything above them again, whenever cargo is called once by this program and once by hand.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| OWN_VARIABLES.iter().any(|own| name.starts_with(own))) {
            command.env_remove(name);
        }
    }
    if paths::site() != paths::root().join("target/site") {
        // Where `server/build.rs` looks by itself, naming it would only make cargo build twice.
        command.env("BDHV_SITE", paths::site());
    }
    command
}

/// Runs a program to its end, showing what it prints.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = show(command);
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs a program to its end and returns what it printed; what it printed on failure is part of
/// the error.
pub(crate) fn capture(command: &mut Command) -> anyhow::Result<String> {
    let shown = show(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` ended with {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` printed no UTF-8"))
}

/// Finds a program in `PATH`.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Builds `bdhv` with the site inside, with the feature set that the tests use, and returns it.
pub(crate) fn build_bdhv(steps: &mut Steps) -> anyhow::Result<PathBuf> {
    steps.begin("building bdhv with the site inside");
    run(cargo().args(["build", "--workspace", "--bin", "bdhv"]))?;
    Ok(paths::bdhv())
}

fn show(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
