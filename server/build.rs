//! Embeds the site, so that `bdhv` is one file to copy to a laptop.
//!
//! Reads the folder `cargo xtask` built (`BDHV_SITE`, else `target/site` of the workspace) and writes
//! `$OUT_DIR/site.rs`: one `Asset` a file, with its compressed forms where `<file>.br` and `<file>.gz`
//! stand beside it, sorted by path. Without a built site the table is empty and `bdhv` says so itself.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=BDHV_SITE");
    let site = site_folder()?;
    println!("cargo::rerun-if-changed={}", site.display());

    let mut files = Vec::new();
    collect(&site, &mut files)?;
    files.sort();

    let mut table = String::from("static ASSETS: &[Asset] = &[\n");
    for file in &files {
        if matches!(file.extension().and_then(|e| e.to_str()), Some("br" | "gz")) {
            continue;
        }
        let path = url_path(&site, file);
        let _ = writeln!(
            table,
            "    Asset {{ path: {path:?}, identity: include_bytes!({:?}), br: {}, gz: {} }},",
            file.display().to_string(),
            compressed(file, "br"),
            compressed(file, "gz"),
        );
    }
    table.push_str("];\n");

    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("site.rs"), table)
}

/// Finds the folder of the built site.
///
/// The default folder is created when missing: cargo rebuilds on every call while a watched path does
/// not exist.
fn site_folder() -> io::Result<PathBuf> {
    if let Some(given) = env::var_os("BDHV_SITE") {
        return fs::canonicalize(&given).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!(
                    "BDHV_SITE={}: {error}; build the site with `cargo xtask run`, or unset BDHV_SITE",
                    Path::new(&given).display()
                ),
            )
        });
    }
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let site = package.join("../target/site");
    fs::create_dir_all(&site)?;
    fs::canonicalize(&site)
}

/// Collects every file below `folder`.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Turns a file of the site into the path it is served under: `/app/ui-….js`.
fn url_path(site: &Path, file: &Path) -> String {
    let parts = file.strip_prefix(site).unwrap_or(file).components();
    let mut path = String::new();
    for part in parts {
        path.push('/');
        path.push_str(&part.as_os_str().to_string_lossy());
    }
    path
}

/// Writes the expression for the compressed form of `file`.
fn compressed(file: &Path, extension: &str) -> String {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    if Path::new(&name).is_file() {
        format!("Some(include_bytes!({:?}))", Path::new(&name).display().to_string())
    } else {
        "None".to_owned()
    }
}
