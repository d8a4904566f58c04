//! A real Chromium, driven as a resident uses a phone: by what is seen and tapped.
//!
//! The browser takes its commands over a pipe (Chromium's `DevTools` protocol), so there is neither a
//! driver program nor a port between a test and it.

mod devtools;
mod measure;
mod tab;

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use serde_json::json;

pub use devtools::ConsoleLine;
pub use measure::{Slow, Transfer};
pub use tab::{Screen, Spoken, Tab};

use devtools::DevTools;

/// Hands the pipe over as the file descriptors 3 (commands) and 4 (answers) that Chromium expects.
const HAND_OVER: &str = r#"exec "$@" 3<&0 4>&1 0</dev/null 1>&2"#;

/// Flags of every start: no window, no account, no traffic of the browser's own, timers of hidden
/// tabs at full speed, and `hall.test` on loopback, which is an insecure context as a LAN address is.
const FLAGS: [&str; 16] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--host-resolver-rules=MAP hall.test 127.0.0.1",
    "--lang=vi",
    "--mute-audio",
    "--remote-debugging-pipe",
];

/// For [`Tab::before_pages`]: takes WebAssembly away, as some phones' makers and administrators do.
pub const NO_WEBASSEMBLY: &str = "delete globalThis.WebAssembly";

/// A running browser. Dropping it kills it.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    tools: Arc<DevTools>,
}

impl Browser {
    /// Starts a browser that keeps what pages store in `profile`.
    ///
    /// # Errors
    ///
    /// When there is no Chromium, or it does not start.
    pub fn start(profile: &Path) -> anyhow::Result<Self> {
        let program = program()?;
        let mut command = Command::new("sh");
        command.args(["-c", HAND_OVER, "sh"]).arg(&program).args(FLAGS);
        command.arg(format!("--user-data-dir={}", profile.display()));
        let mut child = command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let to = child.stdin.take().context("stdin was asked for")?;
        let from = child.stdout.take().context("stdout was asked for")?;
        let browser = Self { child, tools: DevTools::connect(to, from) };
        browser.tools.call("", "Browser.getVersion", &json!({}))?;
        Ok(browser)
    }

    /// Opens an address in a new tab, on a screen of 360 × 640.
    ///
    /// # Errors
    ///
    /// When the address does not answer.
    pub fn open(&self, url: &str) -> anyhow::Result<Tab> {
        let tab = self.blank()?;
        tab.go(url)?;
        Ok(tab)
    }

    /// Opens an empty tab, to prepare it before it goes anywhere.
    ///
    /// # Errors
    ///
    /// When the browser is gone.
    pub fn blank(&self) -> anyhow::Result<Tab> {
        Tab::new(Arc::clone(&self.tools))
    }

    /// Kills every process of the browser at once, as a phone that runs out of battery does.
    ///
    /// # Errors
    ///
    /// When it was gone already.
    pub fn kill(mut self) -> anyhow::Result<()> {
        ensure!(self.child.try_wait()?.is_none(), "the browser had ended before");
        self.kill_all();
        Ok(())
    }

    /// Stops all of the browser where it is, as a phone does that goes to sleep, or lets it go on.
    ///
    /// # Errors
    ///
    /// When the browser is gone.
    pub fn sleep(&self, asleep: bool) -> anyhow::Result<()> {
        ensure!(self.signal(if asleep { "-STOP" } else { "-CONT" }), "the browser is gone");
        Ok(())
    }

    fn kill_all(&mut self) {
        // Whatever is gone already needs no killing.
        self.signal("-KILL");
        drop(self.child.wait());
    }

    /// Sends every process of the browser a signal; `false` when there is none.
    fn signal(&self, name: &str) -> bool {
        let group = format!("-{}", self.child.id());
        let sent = Command::new("kill").args([name, "--", &group]).stderr(Stdio::null()).status();
        sent.is_ok_and(|status| status.success())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.kill_all();
    }
}

/// Finds the browser: what `BDHV_BROWSER` names, else Chromium in `PATH`.
fn program() -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os("BDHV_BROWSER") {
        return Ok(PathBuf::from(named));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join("chromium"))
        .find(|file| file.is_file())
        .context("no Chromium in PATH; `cargo xtask test` installs it")
}
