//! The log of a device: a hash chain over keyed digests, covered by one signature.
//!
//! ```text
//! digest_i = BLAKE3-keyed(key of the entry's learner, payload_i)
//! chain_0  = BLAKE3-derive("bdhv 2026-11 log chain", device 32 B ‖ incarnation u32 LE)
//! chain_i  = BLAKE3(chain_{i-1} ‖ digest_i)
//! head     = Ed25519 over "bdhv/head/1" 0x00 ‖ device ‖ incarnation u32 LE ‖ length u64 LE ‖ chain_length
//! ```
//!
//! One signature covers every entry before it, so only the newest is kept and sent. A payload can give
//! way to its digest and the chain still verifies; without the learner's key, which is erased with it,
//! nobody can find the payload by trying. The construction follows secure-logging chains (Schneier and
//! Kelsey, "Secure audit logs to support computer forensics", 1999), with keyed digests for erasure.
//!
//! The key that BLAKE3 is given is derived from the learner's 16 bytes with the context
//! "bdhv 2026-11 learner payload".

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use thiserror::Error;

use crate::entry::{Entry, EntryError, LOG_LEARNERS_MAX, SlotInfo};
use crate::id::{DeviceId, LearnerKey, LogId, Slot};
use crate::wire::codec::Reader;

const CHAIN_CONTEXT: &str = "bdhv 2026-11 log chain";
const PAYLOAD_CONTEXT: &str = "bdhv 2026-11 learner payload";
const HEAD_DOMAIN: &[u8] = b"bdhv/head/1\0";

/// Bound of a log's length: a phone writes a few entries a day, a gathering hub a few thousand.
pub const LOG_ENTRIES_MAX: u64 = 1 << 24;

/// A point of a log: how many entries, and the chain over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// Number of entries.
    pub length: u64,
    /// Chain value over them.
    pub chain: [u8; 32],
}

/// A device's signature over a [`Tail`] of its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadSignature(pub [u8; 64]);

/// The signature does not cover the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature of log {log} does not cover its {length} entries")]
pub struct BadSignature {
    /// Which log.
    pub log: LogId,
    /// The length it was said to cover.
    pub length: u64,
}

impl Tail {
    /// The point before the first entry.
    pub fn start(log: &LogId) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(CHAIN_CONTEXT);
        hasher.update(&log.device.0);
        hasher.update(&log.incarnation.to_le_bytes());
        Self { length: 0, chain: *hasher.finalize().as_bytes() }
    }

    /// Adds one entry by its digest.
    pub fn push(&mut self, digest: &[u8; 32]) {
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.chain);
        block[32..].copy_from_slice(digest);
        self.chain = *blake3::hash(&block).as_bytes();
        self.length += 1;
    }

    fn message(&self, log: &LogId) -> [u8; 88] {
        let mut message = [0; 88];
        let parts: [&[u8]; 5] =
            [HEAD_DOMAIN, &log.device.0, &log.incarnation.to_le_bytes(), &self.length.to_le_bytes(), &self.chain];
        let mut at = 0;
        for part in parts {
            message[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        message
    }

    /// Signs this point.
    pub fn sign(&self, log: &LogId, secret: &SigningKey) -> HeadSignature {
        HeadSignature(secret.sign(&self.message(log)).to_bytes())
    }

    /// Checks the device's signature over this point, strictly (RFC 8032 with small-order keys refused).
    ///
    /// # Errors
    /// [`BadSignature`], also when the device id is not a public key.
    pub fn verify(&self, log: &LogId, signature: &HeadSignature) -> Result<(), BadSignature> {
        VerifyingKey::from_bytes(&log.device.0)
            .and_then(|key| key.verify_strict(&self.message(log), &Signature::from_bytes(&signature.0)))
            .map_err(|_| BadSignature { log: *log, length: self.length })
    }
}

/// The device id that belongs to a secret key.
pub fn device_of(secret: &SigningKey) -> DeviceId {
    DeviceId(secret.verifying_key().to_bytes())
}

/// Digests payloads of one learner.
#[derive(Clone)]
pub struct Digester([u8; 32]);

impl Digester {
    /// Derives the digest key.
    pub fn new(key: &LearnerKey) -> Self {
        Self(blake3::derive_key(PAYLOAD_CONTEXT, &key.0))
    }

    /// The keyed digest of one payload.
    pub fn digest(&self, payload: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.0, payload).as_bytes()
    }
}

impl core::fmt::Debug for Digester {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Digester(secret)")
    }
}

/// Why entries do not continue a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WalkError {
    /// An entry cannot be read.
    #[error("entry {index}: {error}")]
    Entry {
        /// Its index in the log.
        index: u64,
        /// What is wrong.
        error: EntryError,
    },
    /// More learners than a log may declare.
    #[error("entry {index} declares learner {}, and a log may declare {LOG_LEARNERS_MAX}", LOG_LEARNERS_MAX + 1)]
    Learners {
        /// Index of the entry.
        index: u64,
    },
}

/// Follows a log from a known point: reads payloads, extends the chain, remembers new slots.
#[derive(Debug)]
pub struct Walker {
    tail: Tail,
    slots: u32,
    declared: Vec<SlotInfo>,
    digester: Option<(Slot, Digester)>,
}

impl Walker {
    /// Continues at `tail`, before which `slots` learners were declared.
    pub const fn new(tail: Tail, slots: u32) -> Self {
        Self { tail, slots, declared: Vec::new(), digester: None }
    }

    /// Where the walk is.
    pub const fn tail(&self) -> Tail {
        self.tail
    }

    /// The slots declared during the walk, in order.
    pub fn declared(&self) -> &[SlotInfo] {
        &self.declared
    }

    /// Reads one payload from the front, digests it and extends the chain. `known` finds slots declared
    /// before the walk began.
    ///
    /// # Errors
    /// [`WalkError`], or what `known` returns.
    pub fn step<E: From<WalkError>>(
        &mut self,
        reader: &mut Reader<'_>,
        known: &mut impl FnMut(Slot) -> Result<Option<SlotInfo>, E>,
    ) -> Result<(Entry, SlotInfo), E> {
        let start = reader.position();
        let index = self.tail.length;
        let (slots, declared) = (self.slots, &self.declared);
        let mut info = None;
        let entry = Entry::decode::<StepError<E>>(reader, |slot| {
            let found = match slot.0.checked_sub(slots) {
                None => known(slot).map_err(StepError::Lookup)?,
                Some(new) => declared.get(new as usize).copied(),
            };
            info = found;
            found.ok_or(StepError::Entry(crate::entry::UnknownSlot(slot).into()))
        });
        let entry = entry.map_err(|error| match error {
            StepError::Entry(error) => WalkError::Entry { index, error }.into(),
            StepError::Lookup(error) => error,
        })?;
        let (slot, info) = match (&entry, info) {
            (Entry::Joined(joined), _) => {
                let slot = Slot(self.slots + self.declared.len() as u32);
                if slot.0 >= LOG_LEARNERS_MAX {
                    return Err(WalkError::Learners { index }.into());
                }
                self.declared.push((*joined).into());
                (slot, (*joined).into())
            }
            (Entry::LessonDone(done), Some(info)) => (done.slot, info),
            (Entry::LessonDone(done), None) => {
                let error = crate::entry::UnknownSlot(done.slot).into();
                return Err(WalkError::Entry { index, error }.into());
            }
        };
        self.extend(slot, &info.key, reader.since(start));
        Ok((entry, info))
    }

    fn extend(&mut self, slot: Slot, key: &LearnerKey, payload: &[u8]) {
        let digester = match &self.digester {
            Some((last, digester)) if *last == slot => digester,
            _ => &self.digester.insert((slot, Digester::new(key))).1,
        };
        let digest = digester.digest(payload);
        self.tail.push(&digest);
    }
}

/// Splits what a step can fail of: the entry, or the look-up of a slot.
enum StepError<E> {
    Entry(EntryError),
    Lookup(E),
}

impl<E> From<EntryError> for StepError<E> {
    fn from(error: EntryError) -> Self {
        Self::Entry(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Joined, LessonDone};
    use crate::id::{CommuneCode, Day, LearnerId, LessonRef, Score};

    fn secret() -> SigningKey {
        SigningKey::from_bytes(&[3; 32])
    }

    fn log() -> LogId {
        LogId { device: device_of(&secret()), incarnation: 0 }
    }

    fn joined() -> Entry {
        Entry::Joined(Joined {
            learner: LearnerId([1; 16]),
            key: LearnerKey([2; 16]),
            commune: CommuneCode(30_307),
            day: Day(20_779),
        })
    }

    fn payloads() -> Vec<u8> {
        let mut out = Vec::new();
        joined().encode(Day(0), &mut out);
        let done = LessonDone {
            slot: Slot(0),
            lesson: LessonRef { course: 2, lesson: 1 },
            score: Score::MAX,
            day: Day(20_780),
        };
        Entry::LessonDone(done).encode(Day(20_779), &mut out);
        out
    }

    fn walk(bytes: &[u8]) -> Result<Tail, WalkError> {
        let mut walker = Walker::new(Tail::start(&log()), 0);
        let mut reader = Reader::new(bytes);
        while !reader.is_empty() {
            walker.step::<WalkError>(&mut reader, &mut |_| Ok(None))?;
        }
        Ok(walker.tail())
    }

    #[test]
    fn golden_chain_and_signature() {
        let tail = walk(&payloads()).unwrap();
        assert_eq!(tail.length, 2);
        assert_eq!(blake3::Hash::from(tail.chain).to_hex().as_str(), GOLDEN_CHAIN);
        let signature = tail.sign(&log(), &secret());
        assert_eq!(blake3::hash(&signature.0).to_hex().as_str(), GOLDEN_SIGNATURE_HASH);
        tail.verify(&log(), &signature).unwrap();
    }

    const GOLDEN_CHAIN: &str = "ebdea8641b97d85095857fe4ab63ec6b830d5179b89d02474bc1292c50644484";
    const GOLDEN_SIGNATURE_HASH: &str = "381c650e0b39d043e122e4ef1e99184a0b05ad52205dffafe0416115c6869c0a";

    #[test]
    fn a_signature_covers_log_length_and_every_byte() {
        let tail = walk(&payloads()).unwrap();
        let signature = tail.sign(&log(), &secret());
        let other = LogId { incarnation: 1, ..log() };
        assert!(tail.verify(&other, &signature).is_err());
        assert!(Tail { length: 3, ..tail }.verify(&log(), &signature).is_err());
        for index in 0..payloads().len() {
            let mut changed = payloads();
            changed[index] ^= 1;
            if let Ok(tail) = walk(&changed) {
                assert!(tail.verify(&log(), &signature).is_err(), "byte {index} is not covered");
            }
        }
    }

    #[test]
    fn an_undeclared_slot_is_named() {
        let only_done = &payloads()[39..];
        let error = walk(only_done).unwrap_err();
        assert_eq!(error.to_string(), "entry 0: slot 0 was not declared before in this log");
    }
}
