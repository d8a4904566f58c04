//! Other releases of `bdhv`: the program under test with something else in it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::ensure;

use crate::hall::bdhv;

/// Makes a release in which one text stands in place of another of the same length.
///
/// # Errors
///
/// When the program has no such text, or the folder cannot be written.
pub fn another(folder: &Path, text: &str, instead: &str) -> anyhow::Result<PathBuf> {
    ensure!(text.len() == instead.len(), "the texts differ in length");
    let mut program = std::fs::read(bdhv()?)?;
    let places: Vec<usize> = find(&program, text.as_bytes());
    ensure!(!places.is_empty(), "the program has no “{text}”");
    for place in places {
        program[place..place + text.len()].copy_from_slice(instead.as_bytes());
    }
    let path = folder.join("bdhv");
    std::fs::write(&path, program)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

fn find(program: &[u8], text: &[u8]) -> Vec<usize> {
    // Its first byte is looked for fast: a debug build has 200 MB.
    let Some(&first) = text.first() else { return Vec::new() };
    let starts = program.iter().enumerate().filter(|&(_, &byte)| byte == first).map(|(at, _)| at);
    starts.filter(|&at| program[at..].starts_with(text)).collect()
}
