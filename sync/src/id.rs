//! Identifiers and quantities. Each is a newtype, so that one is never taken for another.

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

const LEARNER_ID_CONTEXT: &str = "bdhv 2026-11 learner id";

/// A device: the Ed25519 public key that signs its logs, which is also its iroh endpoint id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(pub [u8; 32]);

/// One log: a device and its incarnation. A device starts a new incarnation only when its log diverged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LogId {
    /// Who signs the log.
    pub device: DeviceId,
    /// Counts from 0.
    pub incarnation: u32,
}

/// A person who learns: the lock of a [`LearnerSecret`] made on the device, bound to no name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LearnerId(pub [u8; 16]);

/// The secret behind a [`LearnerId`]: 16 random bytes made on the device. The id is a hash lock: whoever
/// shows the secret may withdraw the learner, on any device, with no signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LearnerSecret(pub [u8; 16]);

/// The secret that keys the digests of one learner's entries. Erased, nobody can guess them back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LearnerKey(pub [u8; 16]);

/// The public key of the province, from which every right comes. Shown in full, since people compare it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ProvinceKey(pub [u8; 32]);

/// A store since it was last opened: 16 random bytes. A store remembers its former ids and the position
/// where each ended, so that it tells a cursor into its past from one into a past that it was set back
/// from, as a restored backup is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId(pub [u8; 16]);

/// The official code of a commune-level unit, as in the General Statistics Office's list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CommuneCode(pub u32);

/// A lesson, by the stable numbers in the front matter of course and lesson. Never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LessonRef {
    /// Number of the course.
    pub course: u16,
    /// Number of the lesson within the course.
    pub lesson: u16,
}

/// The index of a learner within a log, counting that log's `Joined` entries from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Slot(pub u32);

/// A share of right answers, in percent, 0 to 100.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Score(u8);

/// A calendar day in Vietnam (UTC+7), counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(pub u32);

/// A moment, in minutes since 1970-01-01T00:00Z. The core takes it as an argument and reads no clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Minutes(pub u64);

/// A text is no id: not hexadecimal, or of another length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{what} is written with {digits} hexadecimal digits, and this has {found} characters{stray}",
    stray = if *.found == *.digits { ", some of which are no such digit" } else { "" })]
pub struct IdError {
    /// What it should be.
    pub what: &'static str,
    /// How many digits it takes.
    pub digits: usize,
    /// How many characters there are.
    pub found: usize,
}

impl DeviceId {
    /// All of it, as [`FromStr`] reads it; [`Display`](fmt::Display) shows the start.
    pub fn in_full(&self) -> String {
        ProvinceKey(self.0).to_string()
    }
}

impl FromStr for DeviceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        take_hex("a device", text).map(Self)
    }
}

impl FromStr for ProvinceKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        take_hex("a province's key", text).map(Self)
    }
}

impl FromStr for LearnerId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        take_hex("a learner", text).map(Self)
    }
}

/// Reads an id. Space around it does not matter, nor does case.
fn take_hex<const N: usize>(what: &'static str, text: &str) -> Result<[u8; N], IdError> {
    let text = text.trim();
    let wrong = || IdError { what, digits: 2 * N, found: text.chars().count() };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return Err(wrong());
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16).ok_or_else(wrong);
        *byte = (digit(0)? << 4 | digit(1)?) as u8;
    }
    Ok(bytes)
}

impl LearnerSecret {
    /// The id that this secret unlocks: the first bytes of BLAKE3-derive("bdhv 2026-11 learner id", secret).
    pub fn id(&self) -> LearnerId {
        let mut id = [0; 16];
        id.copy_from_slice(&blake3::derive_key(LEARNER_ID_CONTEXT, &self.0)[..16]);
        LearnerId(id)
    }
}

impl Score {
    /// The greatest score.
    pub const MAX: Self = Self(100);

    /// Takes a percentage; `None` above 100.
    pub const fn new(percent: u8) -> Option<Self> {
        if percent <= 100 { Some(Self(percent)) } else { None }
    }

    /// The percentage.
    pub const fn percent(self) -> u8 {
        self.0
    }
}

impl Minutes {
    /// The calendar day in Vietnam, which keeps UTC+7 all year.
    pub const fn day(self) -> Day {
        const OFFSET_MINUTES: u64 = 7 * 60;
        const DAY_MINUTES: u64 = 24 * 60;
        Day(((self.0 + OFFSET_MINUTES) / DAY_MINUTES) as u32)
    }
}

/// Writes bytes of an id in hex: for a log line the first few, which are enough to tell two apart.
fn put_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put_hex(f, &self.0[..5])
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceId({self})")
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.device, self.incarnation)
    }
}

impl fmt::Display for LearnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put_hex(f, &self.0)
    }
}

impl fmt::Debug for LearnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LearnerId(")?;
        put_hex(f, &self.0[..4])?;
        f.write_str(")")
    }
}

impl fmt::Debug for LearnerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LearnerSecret(secret)")
    }
}

impl fmt::Debug for LearnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LearnerKey(secret)")
    }
}

impl fmt::Display for ProvinceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put_hex(f, &self.0)
    }
}

impl fmt::Debug for ProvinceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProvinceKey({self})")
    }
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        put_hex(f, &self.0[..4])
    }
}

impl fmt::Debug for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreId({self})")
    }
}

impl fmt::Display for CommuneCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_vietnam() {
        assert_eq!(Minutes(17 * 60 - 1).day(), Day(0));
        assert_eq!(Minutes(17 * 60).day(), Day(1));
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", LearnerKey([7; 16])), "LearnerKey(secret)");
        assert_eq!(format!("{:?}", LearnerSecret([7; 16])), "LearnerSecret(secret)");
    }

    #[test]
    fn a_learner_is_the_hash_of_a_secret_as_pages_make_it() {
        assert_eq!(format!("{}", LearnerSecret([0x11; 16]).id()), "3420f9c87062ce7a3076fb267eba6578");
    }

    #[test]
    fn ids_come_back_from_their_text() {
        let (device, learner) = (DeviceId([0xa7; 32]), LearnerId([0x0f; 16]));
        assert_eq!(device.in_full().parse::<DeviceId>(), Ok(device));
        assert_eq!(format!(" {}\n", device.in_full().to_uppercase()).parse::<DeviceId>(), Ok(device));
        assert_eq!(learner.to_string().parse::<LearnerId>(), Ok(learner));
        assert_eq!("a7".repeat(32).parse::<ProvinceKey>(), Ok(ProvinceKey([0xa7; 32])));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let cases = [
            (String::new(), "a learner is written with 32 hexadecimal digits, and this has 0 characters"),
            ("a7".repeat(17), "a learner is written with 32 hexadecimal digits, and this has 34 characters"),
            ("é".repeat(16), "a learner is written with 32 hexadecimal digits, and this has 16 characters"),
            (
                "+f".repeat(16),
                "a learner is written with 32 hexadecimal digits, and this has 32 characters, \
                 some of which are no such digit",
            ),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<LearnerId>().unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn a_province_key_is_shown_in_full() {
        assert_eq!(ProvinceKey([0x0a; 32]).to_string(), "0a".repeat(32));
    }
}
