//! Brotli and gzip at their best, kept by content so that nothing is compressed twice.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::paths;

/// Brotli's quality; 11 is its best.
const BROTLI_QUALITY: i32 = 11;
/// Base-2 logarithm of brotli's window; 22 holds 4 MiB and every browser accepts it.
const BROTLI_WINDOW: i32 = 22;

/// A compressed form of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// `Content-Encoding: br`
    Brotli,
    /// `Content-Encoding: gzip`
    Gzip,
}

impl Form {
    /// Every form in which the site keeps a file.
    pub(crate) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// Returns what follows the file's name.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
        }
    }
}

/// Compresses bytes, or takes the result of an earlier time.
pub(crate) fn compress(bytes: &[u8], form: Form) -> anyhow::Result<Vec<u8>> {
    let kept = kept_at(bytes, form);
    if let Ok(found) = std::fs::read(&kept) {
        return Ok(found);
    }
    let packed = match form {
        Form::Brotli => brotli(bytes)?,
        Form::Gzip => gzip(bytes)?,
    };
    write_whole(&kept, &packed)?;
    Ok(packed)
}

/// Writes a file so that a reader sees all of it or nothing.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let part = path.with_extension(format!("part-{}", std::process::id()));
    std::fs::write(&part, bytes).with_context(|| format!("cannot write {}", part.display()))?;
    std::fs::rename(&part, path).with_context(|| format!("cannot write {}", path.display()))
}

fn kept_at(bytes: &[u8], form: Form) -> PathBuf {
    let name = format!("{}.{}", blake3::hash(bytes).to_hex(), form.ending());
    paths::target().join("compressed").join(name)
}

fn brotli(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let how = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &how)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}
