//! Signed logs of many devices, and files of them.
//!
//! A learner is one `Joined` and [`LESSONS`] completions. Scores and days vary, so that they cost what
//! they cost in life.
//!
//! ```text
//! file   of each extension: device 32 B · incarnation u32 LE · from u64 LE · count u64 LE ·
//!        payload bytes u64 LE · payloads · signature 64 B
//! ```

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::ops::Range;
use std::path::Path;

use anyhow::Context as _;
use ed25519_dalek::SigningKey;
use sync::entry::{Entry, Joined, LessonDone};
use sync::log::{HeadSignature, Tail, WalkError, Walker, device_of};
use sync::session::Extension;
use sync::wire::codec::Reader;
use sync::{CommuneCode, Day, DeviceId, LearnerId, LearnerKey, LessonRef, LogId, Score, Slot};

/// Completions of a learner: those of DESIGN §12.
pub(crate) const LESSONS: u64 = 42;
/// Lessons of one course.
const COURSE_LESSONS: u64 = 14;
/// Communes of the province, over which the logs are spread.
pub(crate) const COMMUNES: u32 = 102;
/// Code of the first.
const FIRST_COMMUNE: u32 = 30_001;
/// Bound of the payloads of one extension in a file: what the longest log of a bench stays far below.
const PAYLOAD_BYTES_MAX: u64 = 64 << 20;
/// Logs that are made before they are written.
const CHUNK: usize = 1024;

/// Entries of a log: those from `from` to `length`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Number of the log.
    pub(crate) number: u32,
    /// Index of the first entry.
    pub(crate) from: u64,
    /// Length of the log with the last.
    pub(crate) length: u64,
}

/// The commune in which log number `number` has its learners.
pub(crate) const fn commune(number: u32) -> CommuneCode {
    CommuneCode(FIRST_COMMUNE + number % COMMUNES)
}

/// Makes part of a log. The same numbers always give the same log.
fn make(Part { number, from, length }: Part) -> Extension {
    let secret = secret(number);
    let log = LogId { device: device_of(&secret), incarnation: 0 };
    let mut payloads = Vec::new();
    let mut cut = 0;
    for index in 0..length {
        if index == from {
            cut = payloads.len();
        }
        put_entry(number, index, &mut payloads);
    }
    let mut walker = Walker::new(Tail::start(&log), 0);
    let mut reader = Reader::new(&payloads);
    while !reader.is_empty() {
        walker.step::<WalkError>(&mut reader, &mut |_| Ok(None)).expect("the entries are in order");
    }
    let signature = walker.tail().sign(&log, &secret);
    payloads.drain(..cut);
    Extension { log, from, count: length - from, payloads, signature }
}

fn secret(number: u32) -> SigningKey {
    let mut seed = [1; 32];
    seed[..4].copy_from_slice(&number.to_le_bytes());
    SigningKey::from_bytes(&seed)
}

fn put_entry(number: u32, index: u64, payloads: &mut Vec<u8>) {
    let (slot, lesson) = ((index / (LESSONS + 1)) as u32, index % (LESSONS + 1));
    let since = Day(20_600 + (number + slot) % 150);
    let entry = match lesson {
        0 => joined(number, slot, since),
        lesson => done(number, slot, lesson - 1, since),
    };
    entry.encode(since, payloads);
}

fn joined(number: u32, slot: u32, since: Day) -> Entry {
    // As random as ids and keys are, so that nothing gains from their looks.
    let random = blake3::hash(&[number.to_le_bytes(), slot.to_le_bytes()].concat());
    let (mut learner, mut key) = ([0; 16], [0; 16]);
    learner.copy_from_slice(&random.as_bytes()[..16]);
    key.copy_from_slice(&random.as_bytes()[16..]);
    Entry::Joined(Joined { learner: LearnerId(learner), key: LearnerKey(key), commune: commune(number), day: since })
}

fn done(number: u32, slot: u32, lesson: u64, since: Day) -> Entry {
    let lesson_ref =
        LessonRef { course: 1 + (lesson / COURSE_LESSONS) as u16, lesson: 1 + (lesson % COURSE_LESSONS) as u16 };
    let percent = 50 + (u64::from(number) + 7 * lesson) % 51;
    let score = Score::new(percent as u8).expect("a share is at most 100 per cent");
    Entry::LessonDone(LessonDone { slot: Slot(slot), lesson: lesson_ref, score, day: Day(since.0 + 2 * lesson as u32) })
}

/// Makes parts of logs, with two threads.
pub(crate) fn made(parts: &[Part]) -> Vec<Extension> {
    let make_all = |parts: &[Part]| parts.iter().map(|part| make(*part)).collect::<Vec<_>>();
    let (first, second) = parts.split_at(parts.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(move || make_all(second));
        let mut all = make_all(first);
        all.extend(other.join().expect("making logs does not panic"));
        all
    })
}

/// The logs of a range of numbers, each to this length.
pub(crate) fn parts(numbers: Range<u32>, length: u64) -> Vec<Part> {
    numbers.map(|number| Part { number, from: 0, length }).collect()
}

/// Writes parts of logs to a file.
pub(crate) fn write(path: &Path, parts: &[Part]) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(path).with_context(|| path.display().to_string())?);
    for parts in parts.chunks(CHUNK) {
        let mut bytes = Vec::new();
        for extension in made(parts) {
            put(&extension, &mut bytes);
        }
        file.write_all(&bytes)?;
    }
    Ok(file.flush()?)
}

fn put(extension: &Extension, bytes: &mut Vec<u8>) {
    bytes.extend(extension.log.device.0);
    bytes.extend(extension.log.incarnation.to_le_bytes());
    for number in [extension.from, extension.count, extension.payloads.len() as u64] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(&extension.payloads);
    bytes.extend(extension.signature.0);
}

/// Reads a file of logs, one after the other.
#[derive(Debug)]
pub(crate) struct LogFile(BufReader<File>);

impl LogFile {
    /// Opens a file.
    pub(crate) fn open(path: &str) -> anyhow::Result<Self> {
        Ok(Self(BufReader::new(File::open(path).with_context(|| path.to_owned())?)))
    }

    /// Returns the next extension, or none at the end.
    pub(crate) fn next(&mut self) -> anyhow::Result<Option<Extension>> {
        let mut device = [0; 32];
        match self.0.read_exact(&mut device) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let incarnation = u32::from_le_bytes(self.array()?);
        let [from, count, bytes] = [self.number()?, self.number()?, self.number()?];
        anyhow::ensure!(bytes <= PAYLOAD_BYTES_MAX, "an extension of {bytes} bytes");
        let mut payloads = vec![0; usize::try_from(bytes)?];
        self.0.read_exact(&mut payloads)?;
        let signature = HeadSignature(self.array()?);
        let log = LogId { device: DeviceId(device), incarnation };
        Ok(Some(Extension { log, from, count, payloads, signature }))
    }

    fn number(&mut self) -> anyhow::Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn array<const N: usize>(&mut self) -> anyhow::Result<[u8; N]> {
        let mut array = [0; N];
        self.0.read_exact(&mut array)?;
        Ok(array)
    }
}
