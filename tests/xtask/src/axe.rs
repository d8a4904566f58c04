//! axe-core, which the suite runs in pages to find what is not accessible: one file of one release, from npm's
//! registry. It is never part of what is built or served.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::paths;
use crate::process::{self, Steps};

/// How many steps [`get`] announces.
pub(crate) const STEPS: usize = 1;

/// The release.
const PACKAGE: &str = "https://registry.npmjs.org/axe-core/-/axe-core-4.14.1.tgz";

/// The file of the package that a page runs.
const FILE: &str = "package/axe.min.js";

/// BLAKE3 of that file.
const HASH: &str = "a0ed4373d1e8caa6416959a32966c75840c12038c33fc4b8d68e50eed251640d";

/// Most bytes of the package; it has 708,405.
const PACKAGE_BYTES_MAX: &str = "2000000";

/// Fetches the file unless it is there, and returns where it is.
pub(crate) fn get(steps: &mut Steps) -> anyhow::Result<PathBuf> {
    steps.begin("getting axe-core, which looks for barriers on pages");
    let folder = paths::target().join("axe");
    let file = folder.join("axe.min.js");
    if std::fs::read(&file).is_ok_and(|bytes| is_right(&bytes)) {
        return Ok(file);
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let package = folder.join("package.tgz");
    let mut fetch = Command::new("curl");
    fetch.args(["--fail", "--silent", "--show-error", "--proto", "=https", "--max-filesize", PACKAGE_BYTES_MAX]);
    process::run(fetch.arg("--output").arg(&package).arg(PACKAGE))?;
    let mut unpack = Command::new("tar");
    unpack.arg("-xzf").arg(&package).arg("-C").arg(&folder).args(["--strip-components=1", FILE]);
    process::run(&mut unpack)?;
    let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    if !is_right(&bytes) {
        // What is not what it should be must not run, now or the next time.
        std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        bail!(
            "{FILE} of {PACKAGE} is not the file it was: its BLAKE3 is {}, not {HASH}",
            blake3::hash(&bytes).to_hex()
        );
    }
    Ok(file)
}

fn is_right(bytes: &[u8]) -> bool {
    blake3::hash(bytes).to_hex().as_str() == HASH
}
