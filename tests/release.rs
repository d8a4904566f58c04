//! Other releases of `bdhv`: the program under test with something else in it.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use crate::hall::bdhv;
use crate::lessons::site;

/// A text of one part of the app, and what another release has there.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// What the release under test has.
    pub older: &'static str,
    /// What [`newer`] has; where it is shorter, spaces follow.
    pub newer: &'static str,
}

/// A text of every page and of nothing else.
pub const PAGE: Mark = Mark { older: "/* Help, notices */", newer: "/* Help, NOTICES */" };
/// What the script of the learner's screens does last.
pub const SCRIPT: Mark = Mark {
    older: ".catch((error) => console.error(\"ui did not start\", error));",
    newer: ";globalThis.newer = true;",
};
/// What the module that this script loads says of a page that is kept.
pub const MODULE: Mark =
    Mark { older: "Trang này mở được cả khi không có mạng", newer: "Trang này mở được luôn" };

/// Texts of that module that no story of an update shows. Without them it is smaller by more than compressing it
/// varies, which is some hundred bytes.
const LEFT_OUT: [&str; 6] = [
    "Máy này đang không giữ bài đã học nào. Bài đã gửi thì tổ vẫn còn.",
    "Máy của tổ chưa có khóa học nào. Bà con nhắn người hướng dẫn nhé.",
    "Trình duyệt này chưa lưu lâu dài được. Bà con vẫn học bình thường.",
    "Trình duyệt đang chặn việc lưu. Có thể do chế độ ẩn danh.",
    "Máy chưa đọc được dữ liệu đã lưu. Bà con nhờ tổ xem giúp.",
    "Dữ liệu do bản mới hơn ghi. Bà con tải lại trang nhé.",
];

/// A bundle's name ends in so many digits of its hash.
const HASH_DIGITS: usize = 8;
/// The best that brotli does, as the build asks for.
const BROTLI_QUALITY: i32 = 11;
/// Bytes handed to brotli at a time.
const BROTLI_BUFFER: usize = 1 << 16;
/// Ends of brotli's blocks, on a byte's edge (RFC 7932 §9.2): metadata of no bytes, and the last block, empty.
const BROTLI_NOTHING: u8 = 0x06;
const BROTLI_LAST: u8 = 0x03;
/// Bytes that a field of no bytes takes in the head of gzip (RFC 1952 §2.3.1).
const GZIP_FIELD: usize = 2;

/// Makes a release in which one text stands in place of another of the same length.
///
/// # Errors
///
/// When the program has no such text, or the folder cannot be written.
pub fn another(folder: &Path, text: &str, instead: &str) -> anyhow::Result<PathBuf> {
    let mut program = std::fs::read(bdhv()?)?;
    replace(&mut program, text.as_bytes(), instead.as_bytes())?;
    write(folder, &program)
}

/// Makes a release whose pages, script and module are all others, under other names, as after any real change.
///
/// # Errors
///
/// When the program is not of the site that is built, or the folder cannot be written.
pub fn newer(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut program = std::fs::read(bdhv()?)?;
    replace(&mut program, PAGE.older.as_bytes(), PAGE.newer.as_bytes())?;
    let [script, module] = ["ui_js", "ui_wasm"].map(listed);
    let left_out = LEFT_OUT.map(|text| Mark { older: text, newer: "" });
    let changes: Vec<_> = left_out.into_iter().chain([MODULE]).map(Mark::padded).collect();
    let module = Changed::of(&module?, &changes)?;
    let named = (module.name.clone(), module.newer_name.clone());
    let script = Changed::of(&script?, &[SCRIPT.padded(), named])?;
    // The names last: the script, too, has the module's in it.
    for (older, newer) in module.forms.iter().chain(&script.forms) {
        replace(&mut program, older, newer)?;
    }
    for changed in [module, script] {
        replace(&mut program, changed.name.as_bytes(), changed.newer_name.as_bytes())?;
    }
    write(folder, &program)
}

impl Mark {
    fn padded(self) -> (String, String) {
        let room = self.older.len().saturating_sub(self.newer.len());
        (self.older.to_owned(), [self.newer, &" ".repeat(room)].concat())
    }
}

/// A file of the site as two releases have it.
struct Changed {
    name: String,
    newer_name: String,
    /// Its forms: as it is, brotli, gzip.
    forms: [(Vec<u8>, Vec<u8>); 3],
}

impl Changed {
    /// Changes texts of a file, which is named by its address.
    fn of(address: &str, texts: &[(String, String)]) -> anyhow::Result<Self> {
        let at = |ending: &str| -> anyhow::Result<Vec<u8>> {
            let path = site()?.join([address.trim_start_matches('/'), ending].concat());
            std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let [plain, br, gz] = [at("")?, at(".br")?, at(".gz")?];
        let mut newer = plain.clone();
        for (text, instead) in texts {
            replace(&mut newer, text.as_bytes(), instead.as_bytes())?;
        }
        let (newer_br, newer_gz) = (brotli(&newer, br.len())?, gzip(&newer, gz.len())?);
        let name = address.rsplit('/').next().unwrap_or_default().to_owned();
        let newer_name = renamed(&name, &newer)?;
        Ok(Self { name, newer_name, forms: [(plain, newer), (br, newer_br), (gz, newer_gz)] })
    }
}

/// Finds the address of a bundle's file.
fn listed(key: &str) -> anyhow::Result<String> {
    let list: serde_json::Value = serde_json::from_slice(&std::fs::read(site()?.join("site.json"))?)?;
    list[key].as_str().map(str::to_owned).with_context(|| format!("the site has no {key}"))
}

/// Names a file after its content: `ui-0a1b2c3d.js`.
fn renamed(name: &str, bytes: &[u8]) -> anyhow::Result<String> {
    let (bundle, rest) = name.split_once('-').with_context(|| format!("{name} holds no hash"))?;
    let ending = rest.get(HASH_DIGITS..).with_context(|| format!("{name} holds no hash"))?;
    Ok([bundle, "-", &blake3::hash(bytes).to_hex()[..HASH_DIGITS], ending].concat())
}

/// Compresses to exactly so many bytes; what is left over holds nothing.
fn brotli(bytes: &[u8], length: usize) -> anyhow::Result<Vec<u8>> {
    let how = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        size_hint: bytes.len(),
        ..brotli::enc::BrotliEncoderParams::default()
    };
    let mut writer = brotli::CompressorWriter::with_params(Vec::new(), BROTLI_BUFFER, &how);
    writer.write_all(bytes)?;
    writer.flush()?;
    let mut packed = writer.get_ref().clone();
    ensure!(packed.len() < length, "{} bytes of brotli do not fit into {length}", packed.len());
    packed.resize(length - 1, BROTLI_NOTHING);
    packed.push(BROTLI_LAST);
    Ok(packed)
}

/// As [`brotli()`]; a field of the head takes what is left over.
fn gzip(bytes: &[u8], length: usize) -> anyhow::Result<Vec<u8>> {
    let packed = |head: flate2::GzBuilder| -> anyhow::Result<Vec<u8>> {
        let mut writer = head.write(Vec::new(), flate2::Compression::best());
        writer.write_all(bytes)?;
        Ok(writer.finish()?)
    };
    let least = packed(flate2::GzBuilder::new())?.len() + GZIP_FIELD;
    ensure!(least <= length, "{least} bytes of gzip do not fit into {length}");
    packed(flate2::GzBuilder::new().extra(vec![0; length - least]))
}

fn replace(program: &mut [u8], text: &[u8], instead: &[u8]) -> anyhow::Result<()> {
    let shown = || String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
    ensure!(text.len() == instead.len(), "“{}” and what is to stand there differ in length", shown());
    let places = find(program, text);
    ensure!(!places.is_empty(), "the program has no “{}”", shown());
    for place in places {
        program[place..place + text.len()].copy_from_slice(instead);
    }
    Ok(())
}

/// Finds every place of a text, as Horspool does: a debug build has 200 MB, most of which is passed over.
fn find(program: &[u8], text: &[u8]) -> Vec<usize> {
    let Some((last, before)) = text.split_last() else { return Vec::new() };
    let mut skips = [text.len(); 256];
    for (at, &byte) in before.iter().enumerate() {
        skips[usize::from(byte)] = before.len() - at;
    }
    let (mut places, mut end) = (Vec::new(), before.len());
    while let Some(byte) = program.get(end) {
        if byte == last && program[..end].ends_with(before) {
            places.push(end - before.len());
        }
        end += skips[usize::from(*byte)];
    }
    places
}

fn write(folder: &Path, program: &[u8]) -> anyhow::Result<PathBuf> {
    let path = folder.join("bdhv");
    std::fs::write(&path, program)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(path)
}
