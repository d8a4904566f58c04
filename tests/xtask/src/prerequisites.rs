//! What the machine must have, and getting it from its own package archive.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use content::speech::PROGRAMS;

use crate::process::{self, Steps, capture, which};

/// How many steps every function here announces.
pub(crate) const STEPS: usize = 1;

/// The target of the browser bundles.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Flags of every crate in a bundle: where randomness comes from, and neither the texts of `Debug` nor the
/// source positions of panics, which no learner reads. The last two took the worker's bundle from 866,774
/// to 806,300 bytes of brotli; they are unstable, hence `RUSTC_BOOTSTRAP`.
///
/// `--cfg erase_components` would take 19 KB from a lesson's first load, but with it leptos 0.8 takes every
/// attribute off and puts it on again whenever anything changes: what has the focus loses it.
const WASM_FLAGS: [&str; 4] = ["--cfg", "getrandom_backend=\"wasm_js\"", "-Zfmt-debug=none", "-Zlocation-detail=none"];

/// Where the standard library is built along, a panic is a trap without a text: pages and workers hear of it
/// by the browser's `error` event, and phones are spared what formats it.
const OWN_STD_FLAGS: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

/// Debian's compiler for the browser: rustc and cargo of a current release, the sources of the
/// standard library, its LLVM and linker.
const DEBIAN_RUST: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];

/// Where Debian's `cargo-web` and `rustc-web` are.
const DEBIAN_BIN: &str = "/usr/bin";

/// What compiles Rust for the browser.
#[derive(Debug)]
pub(crate) enum Toolchain {
    /// The toolchain in use has the target's standard library.
    Installed,
    /// Debian's `rustc-web`, which builds the standard library from its sources.
    Debian,
}

impl Toolchain {
    /// Returns cargo for the browser: `cargo <verb> --target … --target-dir …`.
    pub(crate) fn cargo(&self, verb: &str) -> Command {
        let mut command = match self {
            Self::Installed => process::cargo(),
            Self::Debian => debian_cargo(),
        };
        command.arg(verb).args(["--target", WASM]);
        if matches!(self, Self::Debian) {
            command.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
        }
        let mut flags = WASM_FLAGS.to_vec();
        if matches!(self, Self::Debian) {
            flags.extend(OWN_STD_FLAGS);
        }
        command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.join(" "));
        command.arg("--target-dir").arg(crate::paths::web_target());
        command
    }
}

/// Debian's cargo, without what rustup's cargo put into the environment of this program: its
/// library path would make Debian's compiler load the wrong LLVM.
fn debian_cargo() -> Command {
    let mut command = Command::new(Path::new(DEBIAN_BIN).join("cargo"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let ours = matches!(&*text, "CARGO_HOME" | "CARGO_NET_OFFLINE")
            || text.starts_with("CARGO_HTTP_")
            || text.starts_with("CARGO_TERM_");
        if !ours && (text.starts_with("CARGO") || text.starts_with("RUST")) {
            command.env_remove(&name);
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(PathBuf::from(DEBIAN_BIN)).chain(std::env::split_paths(&path));
    command
        .current_dir(crate::paths::root())
        .env("PATH", std::env::join_paths(folders).unwrap_or(path))
        .env("RUSTC", Path::new(DEBIAN_BIN).join("rustc"))
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("LD_LIBRARY_PATH");
    command
}

/// Gets what the site needs: what compiles the bundles, and what speaks.
pub(crate) fn web(steps: &mut Steps) -> anyhow::Result<Toolchain> {
    get(steps, &[])
}

/// Gets what the bundles and the whole suite need: a browser, fonts, network namespaces, what fetches axe-core, and
/// what draws the pages of a PDF.
pub(crate) fn web_and_browser(steps: &mut Steps) -> anyhow::Result<Toolchain> {
    let mut packages = vec!["fonts-noto-core", "iproute2", "poppler-utils"];
    if browser().is_none() {
        packages.push("chromium");
    }
    if which("curl").is_none() {
        packages.extend(["curl", "ca-certificates"]);
    }
    get(steps, &packages)
}

/// Gets node and its package manager, for tools that exist nowhere else.
pub(crate) fn node() -> anyhow::Result<()> {
    let missing = [("node", "nodejs"), ("npm", "npm")].into_iter().filter(|(program, _)| which(program).is_none());
    install(&missing.map(|(_, package)| package).collect::<Vec<_>>())
}

/// Gets what the bundles and clippy on them need.
pub(crate) fn web_and_clippy(steps: &mut Steps) -> anyhow::Result<Toolchain> {
    let packages: &[&str] = if target_installed()? { &[] } else { &["rust-web-clippy"] };
    get(steps, packages)
}

/// Finds a browser of the Chromium family.
pub(crate) fn browser() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(which)
}

fn get(steps: &mut Steps, more: &[&str]) -> anyhow::Result<Toolchain> {
    steps.begin("checking what this machine has");
    let toolchain = if target_installed()? {
        Toolchain::Installed
    } else if packaged("rustc-web") {
        Toolchain::Debian
    } else {
        // Nothing is fetched from outside the system's own archive: that is for the person to decide.
        bail!(
            "no Rust compiler for the browser: this system's archive has no rustc-web, and rustc has no {WASM}. \
             Type: rustup target add {WASM}"
        );
    };
    let mut wanted = more.to_vec();
    if which("clang").is_none() {
        // ring's C code for the browser.
        wanted.push("clang");
    }
    if matches!(toolchain, Toolchain::Debian) {
        wanted.extend(DEBIAN_RUST);
    }
    // What makes the audio of the courses.
    wanted.extend(PROGRAMS.iter().filter(|program| which(program.name).is_none()).map(|program| program.package));
    install(&wanted)?;
    Ok(toolchain)
}

fn target_installed() -> anyhow::Result<bool> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = capture(Command::new(rustc).args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib").join(WASM).join("lib").is_dir())
}

/// Installs the packages that are missing, or says what to type.
fn install(wanted: &[&str]) -> anyhow::Result<()> {
    let missing: Vec<&str> = wanted.iter().copied().filter(|package| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if which("apt-get").is_none() {
        bail!(
            "this machine lacks {}, and only Debian and Ubuntu are known here; install what your \
             system calls them, then type the command again",
            missing.join(", ")
        );
    }
    let typed = format!("apt-get update && apt-get install -y --no-install-recommends {}", missing.join(" "));
    let Some(mut update) = as_root() else {
        bail!("this machine lacks {}. Type: sudo sh -c '{typed}'", missing.join(", "));
    };
    eprintln!("      missing: {}; {typed}", missing.join(" "));
    process::run(update.args(["apt-get", "update", "-q"]))
        .with_context(|| format!("could not read the package archive; type: {typed}"))?;
    let mut get = as_root().expect("it was there a moment ago");
    get.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
        // Another installer may be at work; it is waited for, not fought.
        .args(["-o", "DPkg::Lock::Timeout=300"])
        .args(["install", "-q", "-y", "--no-install-recommends"])
        .args(&missing);
    process::run(&mut get).with_context(|| format!("could not install; type: {typed}"))
}

/// Returns the start of a command that runs as root, or nothing where that needs a password.
fn as_root() -> Option<Command> {
    let root = capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if root {
        return Some(Command::new("env"));
    }
    let allowed = Command::new("sudo")
        .args(["-n", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    allowed.then(|| {
        let mut command = Command::new("sudo");
        command.args(["-n", "env"]);
        command
    })
}

fn installed(package: &str) -> bool {
    capture(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}", package]))
        .is_ok_and(|status| status == "installed")
}

/// Tells whether the archive has the package, as far as the last `apt-get update` knows; a machine
/// that never ran it knows nothing, so it runs once.
fn packaged(package: &str) -> bool {
    let known =
        || capture(Command::new("apt-cache").args(["policy", package])).is_ok_and(|policy| has_candidate(&policy));
    if installed(package) || known() {
        return true;
    }
    if let Some(mut update) = as_root() {
        eprintln!("      looking for {package} in the archive: apt-get update");
        if process::run(update.args(["apt-get", "update", "-q"])).is_ok() {
            return known();
        }
    }
    // Without root nobody can tell; Debian has it.
    std::fs::read_to_string("/etc/os-release").is_ok_and(|text| text.contains("ID=debian"))
}

/// Tells whether `apt-cache policy` names a version that can be installed. A package that is not
/// installed says `(none)` too, on another line.
fn has_candidate(policy: &str) -> bool {
    let candidate = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate:"));
    candidate.is_some_and(|version| version.trim() != "(none)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_is_not_installed_can_still_be_had() {
        let cases = [
            ("rustc-web:\n  Installed: (none)\n  Candidate: 1.96.0+dfsg1-1~deb12u2\n", true),
            ("rustc-web:\n  Installed: 1.96.0\n  Candidate: 1.96.0\n", true),
            ("gone:\n  Installed: (none)\n  Candidate: (none)\n", false),
            ("", false),
        ];
        for (policy, expected) in cases {
            assert_eq!(has_candidate(policy), expected, "{policy}");
        }
    }
}
