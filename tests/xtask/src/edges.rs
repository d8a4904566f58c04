//! The edges between crates, and what must not stand in the sources. Held by the suite and by
//! `cargo xtask lint`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// Every package with the packages of this workspace it may depend on.
const MAY_USE: [(&str, &[&str]); 6] = [
    ("content", &[]),
    ("sync", &[]),
    ("app", &["content", "sync"]),
    ("server", &["app", "content", "sync"]),
    ("xtask", &["content"]),
    ("tests", &["app", "content", "server", "sync", "xtask"]),
];

/// A build that must do without some crates, however they would come in.
struct Without {
    package: &'static str,
    arguments: &'static [&'static str],
    crates: &'static [&'static str],
}

const WITHOUT: [Without; 3] = [
    Without { package: "content", arguments: &[], crates: &["tokio", "iroh", "iroh-relay", "redb"] },
    Without {
        package: "sync",
        arguments: &["--no-default-features"],
        crates: &["tokio", "iroh", "iroh-relay", "redb"],
    },
    Without {
        package: "sync",
        arguments: &["--no-default-features", "--features", "store"],
        crates: &["tokio", "iroh", "iroh-relay"],
    },
];

/// What may stand at the top of the repository.
const TOP_LEVEL: [&str; 16] = [
    ".cargo",
    ".ci",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "NOTICE",
    "README.md",
    "app",
    "clippy.toml",
    "content",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "server",
    "sync",
    "tests",
];

/// Text that must not stand in Rust sources below some folders.
struct Banned {
    below: &'static [&'static str],
    /// Written in two parts, so that this file does not hold the text itself.
    text: (&'static str, &'static str),
    why: &'static str,
}

const EVERYWHERE: &[&str] = &["app", "content", "server", "sync", "tests"];
const PURE: &[&str] = &["content/src", "sync/src"];

const BANNED: [Banned; 12] = [
    Banned { below: EVERYWHERE, text: ("#[ign", "ore"), why: "a test that does not run holds nothing" },
    Banned { below: EVERYWHERE, text: ("#[should", "_panic"), why: "outside input must not panic" },
    Banned { below: EVERYWHERE, text: ("todo", "!("), why: "unfinished" },
    Banned { below: EVERYWHERE, text: ("unimplemented", "!("), why: "unfinished" },
    Banned { below: EVERYWHERE, text: ("dbg", "!("), why: "left over" },
    Banned { below: EVERYWHERE, text: ("thread::sl", "eep"), why: "wait for what is awaited" },
    Banned { below: &["tests"], text: ("time::sl", "eep"), why: "wait for what is awaited" },
    Banned { below: PURE, text: ("std::", "fs"), why: "the core does no I/O" },
    Banned { below: PURE, text: ("std::", "net"), why: "the core does no I/O" },
    Banned { below: PURE, text: ("std::", "env"), why: "the core does no I/O" },
    Banned { below: PURE, text: ("System", "Time"), why: "the core reads no clock" },
    Banned { below: PURE, text: ("Instant::", "now"), why: "the core reads no clock" },
];

/// Parts of `sync` that are not its core (features `net` and `store`), and may do I/O.
const NOT_CORE: [&str; 3] = ["sync/src/net", "sync/src/replica.rs", "sync/src/store"];

/// Modules of `sync`, to tell it from `std::sync`.
const SYNC_MODULES: [&str; 9] = ["authority", "entry", "id::", "log::", "net::", "replica", "session", "store", "wire"];

/// What of `sync` brings in iroh, redb or whole logs: for the worker alone.
const BEYOND_CORE: [&str; 5] = ["net::", "replica", "session", "sketch", "store"];

/// Checks every rule on the workspace in `root`; returns what breaks one, a line each.
///
/// # Errors
///
/// When cargo or git cannot be asked, or a file cannot be read.
pub fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut broken = packages(root)?;
    for without in &WITHOUT {
        broken.extend(trees(root, without)?);
    }
    broken.extend(app_library(root)?);
    broken.extend(top_level(root)?);
    for banned in &BANNED {
        broken.extend(texts(root, banned)?);
    }
    Ok(broken)
}

/// Packages are named as their folders, and use only whom they may.
fn packages(root: &Path) -> anyhow::Result<Vec<String>> {
    let metadata = cargo(root, &["metadata", "--no-deps", "--format-version", "1", "--locked", "--offline"])?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let mut broken = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let folder = Path::new(package["manifest_path"].as_str().unwrap_or_default()).parent();
        if folder.and_then(Path::file_name).is_none_or(|folder| folder != name) {
            broken.push(format!("the package `{name}` is not named as its folder"));
        }
        let Some((_, may)) = MAY_USE.iter().find(|(known, _)| *known == name) else {
            broken.push(format!("the package `{name}` is not part of the layout"));
            continue;
        };
        let used = package["dependencies"].as_array().into_iter().flatten();
        let used = used.filter_map(|dependency| dependency["name"].as_str());
        let own = used.filter(|used| MAY_USE.iter().any(|(known, _)| known == used));
        broken.extend(own.filter(|used| !may.contains(used)).map(|used| format!("`{name}` must not use `{used}`")));
    }
    Ok(broken)
}

fn trees(root: &Path, without: &Without) -> anyhow::Result<Vec<String>> {
    let Without { package, arguments, crates } = without;
    let mut words =
        vec!["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--package", package];
    words.extend(*arguments);
    let tree = cargo(root, &words)?;
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    ensure!(names.contains(package), "cargo tree does not name {package}");
    let found = crates.iter().filter(|forbidden| names.contains(forbidden));
    Ok(found.map(|found| format!("`{package}` {} brings in `{found}`", arguments.join(" "))).collect())
}

/// Only the worker's bundle holds all of `sync`, and with it iroh and redb; the confirmations' page checks
/// statements with its core.
fn app_library(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut broken = Vec::new();
    for file in sources(&root.join("app/src"))? {
        let names = match Reach::of(file.strip_prefix(root)?) {
            Reach::All => continue,
            Reach::Core => names_beyond_the_core,
            Reach::Nothing => names_sync,
        };
        let shown = file.strip_prefix(root)?.display();
        let source = read(&file)?;
        let found = source.lines().enumerate().filter(|(_, line)| names(line));
        broken.extend(found.map(|(number, _)| format!("{shown}:{}: only the worker may use this", number + 1)));
    }
    Ok(broken)
}

/// How much of `sync` a part of the app may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    All,
    Core,
    Nothing,
}

impl Reach {
    fn of(file: &Path) -> Self {
        if file.starts_with("app/src/bin/worker") {
            Self::All
        } else if file.starts_with("app/src/bin/paper") {
            Self::Core
        } else {
            Self::Nothing
        }
    }
}

fn names_sync(line: &str) -> bool {
    names_module(line, &SYNC_MODULES) || line.contains("use sync::")
}

fn names_beyond_the_core(line: &str) -> bool {
    names_module(line, &BEYOND_CORE)
}

fn names_module(line: &str, modules: &[&str]) -> bool {
    let mut uses = line.split("sync::").skip(1).map(|after| after.trim_start_matches('{'));
    uses.any(|after| modules.iter().any(|name| after.starts_with(name)))
}

fn top_level(root: &Path) -> anyhow::Result<Vec<String>> {
    // Ended by zero bytes, for otherwise git quotes Vietnamese names.
    let files = run(Command::new("git").args(["ls-files", "-z"]).current_dir(root))?;
    let mut tops: Vec<&str> =
        files.split('\0').filter(|path| !path.is_empty()).filter_map(|path| path.split('/').next()).collect();
    tops.dedup();
    let strange = tops.into_iter().filter(|top| !TOP_LEVEL.contains(top));
    Ok(strange.map(|top| format!("`{top}` has no place at the top of the repository")).collect())
}

fn texts(root: &Path, banned: &Banned) -> anyhow::Result<Vec<String>> {
    let text = [banned.text.0, banned.text.1].concat();
    let pure = banned.below == PURE;
    let mut broken = Vec::new();
    for folder in banned.below {
        for file in sources(&root.join(folder))? {
            if pure && NOT_CORE.iter().any(|outside| file.starts_with(root.join(outside))) {
                continue;
            }
            let source = read(&file)?;
            let lines = source.lines().enumerate();
            let found = lines.filter(|(_, line)| line.contains(&text) && !line.trim_start().starts_with("//"));
            let file = file.strip_prefix(root)?.display().to_string();
            broken.extend(found.map(|(number, _)| format!("{file}:{}: `{text}`: {}", number + 1, banned.why)));
        }
    }
    Ok(broken)
}

/// Lists the Rust sources below a folder.
fn sources(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(inner) = left.pop() {
        for entry in std::fs::read_dir(&inner).with_context(|| format!("cannot list {}", inner.display()))? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("target") {
                left.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn cargo(root: &Path, words: &[&str]) -> anyhow::Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(Command::new(cargo).args(words).current_dir(root))
}

fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_confirmations_reaches_the_core_of_sync_and_the_learners_page_nothing() {
        let reach = |file: &str| Reach::of(Path::new(file));
        assert_eq!(reach("app/src/bin/worker/desk.rs"), Reach::All);
        assert_eq!(reach("app/src/bin/paper/judge.rs"), Reach::Core);
        assert_eq!(reach("app/src/bin/ui/page.rs"), Reach::Nothing);
        assert_eq!(reach("app/src/state.rs"), Reach::Nothing);
        for line in ["use sync::authority::Statement;", "    let a = sync::authority::parse(b);"] {
            assert!(names_sync(line) && !names_beyond_the_core(line), "{line}");
        }
        for line in ["use sync::store::Store;", "use sync::{store::Store, wire};", "sync::net::serve();"] {
            assert!(names_sync(line) && names_beyond_the_core(line), "{line}");
        }
        assert!(!names_sync("use std::sync::Arc;"));
    }

    #[test]
    fn a_banned_text_is_found_with_its_line() -> anyhow::Result<()> {
        let folder = std::env::temp_dir().join(format!("edges-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("tests"))?;
        std::fs::write(folder.join("tests/a.rs"), ["fn a() {\n    dbg", "!(1);\n}\n"].concat())?;
        let banned = Banned { below: &["tests"], text: ("dbg", "!("), why: "left over" };
        let found = texts(&folder, &banned)?;
        std::fs::remove_dir_all(&folder)?;
        assert_eq!(found, [["tests/a.rs:2: `dbg", "!(`: left over"].concat()]);
        Ok(())
    }
}
