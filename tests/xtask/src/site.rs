//! The site: every file a hub serves, under the path it serves it at, each with its compressed
//! forms beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use content::pack::media_type;

use xtask::wire::LIST;

use crate::compress::{Form, compress};
use crate::prerequisites::Toolchain;
use crate::process::Steps;
use crate::web::{Bundle, short_hash};
use crate::{courses, paths, web};

/// How many steps [`build`] announces.
pub(crate) const STEPS: usize = web::STEPS + 2;

/// Media type of what no compression makes smaller.
const AUDIO: &str = "audio/ogg";

/// Files by their path under the site's root.
type Files = BTreeMap<String, Vec<u8>>;

/// Builds the site from the sources. When nothing changed, no file is touched.
pub(crate) fn build(steps: &mut Steps, toolchain: &Toolchain) -> anyhow::Result<()> {
    build_only(steps, toolchain, &[])
}

/// Builds the site with only these bundles compiled anew, for who works on them; none means all.
pub(crate) fn build_only(steps: &mut Steps, toolchain: &Toolchain, only: &[&str]) -> anyhow::Result<()> {
    let bundles = web::build(steps, toolchain, only)?;
    let mut files = Files::new();
    let mut list = serde_json::Map::new();
    for bundle in bundles {
        add_bundle(bundle, &mut files, &mut list);
    }
    steps.begin("compiling the courses, and making their audio; a minute at first");
    files.extend(courses::compile()?);
    list.insert("catalogue".into(), format!("/{}", courses::CATALOGUE).into());
    add_communes(&mut files, &mut list)?;
    steps.begin("compressing what phones download");
    let mut site = Files::new();
    for (path, bytes) in files {
        // Audio is compressed as it is.
        for form in Form::ALL.into_iter().filter(|_| media_type(&bytes) != AUDIO) {
            site.insert(format!("{path}.{}", form.ending()), compress(&bytes, form)?);
        }
        site.insert(path, bytes);
    }
    site.insert(LIST.into(), serde_json::to_vec_pretty(&list)?);
    replace(&paths::site(), &site)
}

fn add_bundle(bundle: Bundle, files: &mut Files, list: &mut serde_json::Map<String, serde_json::Value>) {
    let named = [("js", bundle.script), ("wasm", bundle.wasm)];
    for (kind, (name, bytes)) in named {
        let key = format!("{}_{kind}", bundle.name);
        list.insert(key, format!("/app/{name}").into());
        files.insert(format!("app/{name}"), bytes);
    }
    for (beside, bytes) in bundle.snippets {
        files.insert(format!("app/{beside}"), bytes);
    }
}

fn add_communes(files: &mut Files, list: &mut serde_json::Map<String, serde_json::Value>) -> anyhow::Result<()> {
    let source = paths::root().join("app/communes.csv");
    let bytes = std::fs::read(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let path = format!("app/communes-{}.csv", short_hash(&bytes));
    list.insert("communes".into(), format!("/{path}").into());
    files.insert(path, bytes);
    Ok(())
}

/// Puts the site in place whole, unless the same one is there already: a touched file would make
/// cargo build `bdhv` again.
fn replace(folder: &Path, site: &Files) -> anyhow::Result<()> {
    if present(folder, folder).is_ok_and(|found| found == *site) {
        return Ok(());
    }
    let new = beside(folder, "new");
    let old = beside(folder, "old");
    for leftover in [&new, &old] {
        remove(leftover)?;
    }
    for (path, bytes) in site {
        let file = new.join(path);
        let inner = file.parent().context("a file has a folder")?;
        std::fs::create_dir_all(inner).with_context(|| format!("cannot make {}", inner.display()))?;
        std::fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if folder.exists() {
        std::fs::rename(folder, &old).context("cannot move the old site away")?;
    }
    std::fs::rename(&new, folder).context("cannot put the new site in place")?;
    remove(&old)
}

fn present(root: &Path, folder: &Path) -> anyhow::Result<Files> {
    let mut found = Files::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(present(root, &path)?);
        } else {
            let under = path.strip_prefix(root)?.to_string_lossy().into_owned();
            found.insert(under, std::fs::read(&path)?);
        }
    }
    Ok(found)
}

fn beside(folder: &Path, ending: &str) -> PathBuf {
    folder.with_extension(format!("{ending}-{}", std::process::id()))
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
