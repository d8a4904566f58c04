//! The browser bundles: one for every binary of the `app` package.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::prerequisites::{Toolchain, WASM};
use crate::process::{self, Steps};
use crate::{bindings, paths};

/// How many steps [`build`] announces.
pub(crate) const STEPS: usize = 2;

/// The cargo profile of what a phone downloads.
const PROFILE: &str = "web";

/// The two files of a bundle, as the browser gets them.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// The binary's name: `ui`, `worker`, …
    pub(crate) name: String,
    /// File name with the hash of its content, `ui-0a1b2c3d.js`. Running it starts the bundle.
    pub(crate) script: (String, Vec<u8>),
    /// File name with the hash of its content, `ui-0a1b2c3d.wasm`.
    pub(crate) wasm: (String, Vec<u8>),
    /// Further scripts that the first one imports, by their path beside it.
    pub(crate) snippets: BTreeMap<String, Vec<u8>>,
}

/// Compiles the bundles named, or every one if none is, and generates what joins each to the browser.
///
/// Of a bundle not named, what was compiled last is taken.
pub(crate) fn build(steps: &mut Steps, toolchain: &Toolchain, only: &[&str]) -> anyhow::Result<Vec<Bundle>> {
    let names = names()?;
    if let Some(other) = only.iter().find(|&&name| !names.iter().any(|known| known == name)) {
        bail!("`{other}` is not a bundle; there are {}", names.join(", "));
    }
    let compiled: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| only.is_empty() || only.contains(name)).collect();
    steps.begin(&format!(
        "compiling for the browser ({}); minutes at first, seconds when nothing changed",
        compiled.join(", ")
    ));
    let mut cargo = toolchain.cargo("build");
    cargo.args(["--package", "app", "--profile", PROFILE]);
    for name in compiled {
        cargo.args(["--bin", name]);
    }
    process::run(&mut cargo)?;
    steps.begin("joining the bundles to the browser");
    names.iter().map(|name| generate(name)).collect()
}

/// Returns the names of the binaries of `app`: every file or folder in `app/src/bin`.
fn names() -> anyhow::Result<Vec<String>> {
    let folder = paths::root().join("app/src/bin");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) {
            names.push(stem.to_owned());
        }
    }
    if names.is_empty() {
        bail!("{} holds no bundle", folder.display());
    }
    names.sort();
    Ok(names)
}

fn generate(name: &str) -> anyhow::Result<Bundle> {
    let compiled = paths::web_target().join(WASM).join(PROFILE).join(format!("{name}.wasm"));
    let bytes = std::fs::read(&compiled).with_context(|| format!("cannot read {}", compiled.display()))?;
    let folder = bindings::of(name, &bytes)?;
    let wasm = read(&folder.join(format!("{name}_bg.wasm")))?;
    let wasm_name = format!("{name}-{}.wasm", short_hash(&wasm));
    let script = String::from_utf8(read(&folder.join(format!("{name}.js")))?).context("the bindings are not UTF-8")?;
    let script = starting_itself(name, &script, &wasm_name).into_bytes();
    Ok(Bundle {
        name: name.to_owned(),
        script: (format!("{name}-{}.js", short_hash(&script)), script),
        wasm: (wasm_name, wasm),
        snippets: snippets(&folder)?,
    })
}

/// Lets the script load its module by itself, so that neither a page nor `new Worker(…)` needs a line
/// of script of its own.
fn starting_itself(name: &str, script: &str, wasm_name: &str) -> String {
    let failed = failed(name);
    format!("{script}\n__wbg_init({{ module_or_path: new URL(\"{wasm_name}\", import.meta.url) }}).catch({failed});\n")
}

/// What a bundle does whose module does not come or start. Of a worker only what nobody catches reaches its page,
/// and of a promise not even that.
fn failed(name: &str) -> String {
    match name {
        "worker" => "(error) => setTimeout(() => { throw error; })".to_owned(),
        name => format!("(error) => console.error(\"{name} did not start\", error)"),
    }
}

fn snippets(folder: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.join("snippets")];
    while let Some(inner) = left.pop() {
        let Ok(entries) = std::fs::read_dir(&inner) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                left.push(path);
            } else {
                let beside = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                found.insert(beside, read(&path)?);
            }
        }
    }
    Ok(found)
}

/// Returns the eight hexadecimal digits that stand in a file's name for its content.
pub(crate) fn short_hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..8].to_owned()
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
