//! Makes the sound of a text with other programs, once for each text and voice.
//!
//! `tests/xtask` compiles this file too: it makes the audio that `bdhv` carries, before there is a `bdhv`.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{available_parallelism, scope, sleep};
use std::time::{Duration, Instant};

use content::pack::RECORDING_BYTES_MAX;
use content::speech::{CHILD_TIME_MAX, PROGRAMS, Program, Voice};

/// Time between two looks at a program that runs; most take some hundredths of a second.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);
/// Most bytes of a WAV file before it is encoded: two minutes at espeak-ng's 44,100 bytes a second.
const WAV_BYTES_MAX: u64 = 120 * 44_100;
/// Most bytes of a text: less than a pipe holds (64 KiB), so that nobody waits for a program that does not read.
const TEXT_BYTES_MAX: u64 = 60_000;
/// Most programs at once.
const WORKERS_MAX: usize = 8;
/// What the name of a finished file ends in.
pub(crate) const ENDING: &str = "opus";

/// Says why a text has no sound.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MakeError {
    /// A program is not there.
    #[error("there is no program `{}`", .0.name)]
    Missing(Program),
    /// A program failed.
    #[error("`{program}` failed on “{text}”: {said}")]
    Failed {
        /// Its name.
        program: &'static str,
        /// The beginning of the text.
        text: String,
        /// What it said, or how it ended.
        said: String,
    },
    /// A program did not end.
    #[error("`{program}` took more than {} s for “{text}”", CHILD_TIME_MAX.as_secs())]
    Slow {
        /// Its name.
        program: &'static str,
        /// The beginning of the text.
        text: String,
    },
    /// What came is longer than a recording may be.
    #[error("“{text}” takes {bytes} bytes, at most {max} fit: write it in two blocks")]
    Long {
        /// The beginning of the text.
        text: String,
        /// Bytes it takes.
        bytes: u64,
        /// Bytes it may take.
        max: u64,
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Returns the command that installs what is missing on Debian and Ubuntu.
pub(crate) fn how_to_install() -> String {
    let packages = PROGRAMS.map(|program| program.package).join(" ");
    format!("sudo apt-get install -y --no-install-recommends {packages}")
}

/// A folder of sounds, by [`Voice::key`].
#[derive(Clone, Debug)]
pub(crate) struct Sounds {
    /// Where.
    pub(crate) folder: PathBuf,
}

impl Sounds {
    /// Reads what was made of a text; nothing if it was not made, or is no recording.
    pub(crate) fn get(&self, voice: &Voice, text: &str) -> Option<Vec<u8>> {
        let path = self.path(voice, text);
        let fits = fs::metadata(&path).is_ok_and(|found| found.len() <= RECORDING_BYTES_MAX as u64);
        fs::read(path).ok().filter(|bytes| fits && bytes.starts_with(b"OggS"))
    }

    /// Where the sound of a text lies.
    pub(crate) fn path(&self, voice: &Voice, text: &str) -> PathBuf {
        self.folder.join(voice.key(text)).with_extension(ENDING)
    }

    /// Makes the sound of a text. A file has its name only when it is whole.
    ///
    /// # Errors
    ///
    /// When a program is missing, fails, or takes too long, or the disk fails.
    pub(crate) fn make(&self, voice: &Voice, text: &str) -> Result<(), MakeError> {
        let path = self.path(voice, text);
        let part = |ending: &str| path.with_extension(format!("{}.{ending}", std::process::id()));
        let (wav, opus) = (part("wav"), part("part"));
        fs::create_dir_all(&self.folder).map_err(at(&self.folder))?;
        let [speaker, encoder] = PROGRAMS;
        let made = fits(text.len() as u64, text, TEXT_BYTES_MAX)
            .and_then(|()| run(speaker, &voice.speak(&wav), text))
            .and_then(|()| fits(length(&wav)?, text, WAV_BYTES_MAX))
            .and_then(|()| run(encoder, &voice.encode(&wav, &opus), text))
            .and_then(|()| fits(length(&opus)?, text, RECORDING_BYTES_MAX as u64))
            .and_then(|()| fs::rename(&opus, &path).map_err(at(&path)));
        for leftover in [wav, opus] {
            drop(fs::remove_file(leftover));
        }
        made
    }

    /// Makes sounds on every processor; the first failure ends it.
    ///
    /// # Errors
    ///
    /// As [`make`](Self::make).
    pub(crate) fn make_all(&self, voice: &Voice, texts: &[&str]) -> Result<(), MakeError> {
        let (next, failure) = (AtomicUsize::new(0), Mutex::new(None));
        let work = || {
            while let Some(text) = texts.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(error) = self.make(voice, text) {
                    next.store(texts.len(), Ordering::Relaxed);
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            }
        };
        let workers = available_parallelism().map_or(1, NonZero::get).min(WORKERS_MAX);
        scope(|threads| {
            for _ in 0..workers {
                threads.spawn(work);
            }
        });
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

/// Runs a program that may read the text, and ends it when it takes too long.
fn run(program: Program, arguments: &[OsString], text: &str) -> Result<(), MakeError> {
    let failed = |said: String| MakeError::Failed { program: program.name, text: beginning(text), said };
    let mut command = Command::new(program.name);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(MakeError::Missing(program)),
        child => child.map_err(|error| failed(error.to_string()))?,
    };
    if let Some(mut input) = child.stdin.take() {
        // The encoder reads nothing, and may have ended by now.
        drop(input.write_all(text.as_bytes()));
    }
    if !ends(&mut child).map_err(|error| failed(error.to_string()))? {
        drop(child.kill());
        drop(child.wait());
        return Err(MakeError::Slow { program: program.name, text: beginning(text) });
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(format!("{}: {}", output.status, said.lines().next_back().unwrap_or_default())))
}

/// Waits for a program; tells whether it ended in time.
fn ends(child: &mut Child) -> io::Result<bool> {
    let start = Instant::now();
    while start.elapsed() < CHILD_TIME_MAX {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        sleep(LOOK_INTERVAL);
    }
    Ok(false)
}

fn length(path: &Path) -> Result<u64, MakeError> {
    fs::metadata(path).map(|found| found.len()).map_err(at(path))
}

fn fits(bytes: u64, text: &str, max: u64) -> Result<(), MakeError> {
    if bytes > max { Err(MakeError::Long { text: beginning(text), bytes, max }) } else { Ok(()) }
}

fn at(path: &Path) -> impl Fn(io::Error) -> MakeError {
    let path = path.to_owned();
    move |source| MakeError::File { path: path.clone(), source }
}

/// As much of a text as tells which one it is.
fn beginning(text: &str) -> String {
    const CHARS: usize = 60;
    let mut shown: String = text.chars().take(CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
