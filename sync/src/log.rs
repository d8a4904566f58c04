//! The log of a device: a hash chain over keyed digests, covered by one signature.
//!
//! ```text
//! inner_i  = BLAKE3-keyed(key of the entry's learner, payload_i)
//! digest_i = of a declaration: BLAKE3-derive("bdhv 2026-11 declaration",
//!                                  learner 16 B ‖ commune u32 LE ‖ inner_i), first 28 B
//!            of any other entry: inner_i, first 28 B
//! chain_0  = BLAKE3-derive("bdhv 2026-11 log chain", device 32 B ‖ incarnation u32 LE)
//! chain_i  = BLAKE3(chain_{i-1} ‖ slot u32 LE ‖ digest_i)      slot: 0xffffffff for entries without
//! head     = Ed25519 over "bdhv/head/1" 0x00 ‖ device ‖ incarnation u32 LE ‖ length u64 LE ‖ chain_length
//! ```
//!
//! One signature covers every entry before it, so only the newest is kept and sent. A payload can give
//! way to its digest and the chain still verifies; without the learner's key, which is erased with it,
//! nobody can find the payload by trying. Slot and learner stay bound by the chain, so that a peer cannot
//! claim that an entry belongs to somebody who withdrew. The construction follows secure-logging chains
//! (Schneier and Kelsey, "Secure audit logs to support computer forensics", 1999), with keyed digests for
//! erasure.
//!
//! The signature is checked with the cofactor, so that one alone and many together are judged alike: see
//! `signature`.
//!
//! The key that BLAKE3 is given is derived from the learner's 16 bytes with the context
//! "bdhv 2026-11 learner payload"; entries that concern no learner take 16 zero bytes.

use ed25519_dalek::{Signer, SigningKey};
use thiserror::Error;

use crate::entry::{Digest, Entry, EntryError, ErasedDeclaration, LOG_LEARNERS_MAX, SlotInfo};
use crate::id::{DeviceId, LearnerKey, LogId, Slot};
use crate::signature;
use crate::wire::codec::Reader;

const CHAIN_CONTEXT: &str = "bdhv 2026-11 log chain";
const DECLARATION_CONTEXT: &str = "bdhv 2026-11 declaration";
const PAYLOAD_CONTEXT: &str = "bdhv 2026-11 learner payload";
const HEAD_DOMAIN: &[u8] = b"bdhv/head/1\0";
/// Bytes of what a device signs: domain, device, incarnation, length, chain.
pub(crate) const MESSAGE_BYTES: usize = 12 + 32 + 4 + 8 + 32;

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

    /// Adds one entry by its slot and digest.
    pub fn push(&mut self, slot: Option<Slot>, digest: &Digest) {
        self.push_block(&Block::new(slot, *digest));
    }

    /// Adds one entry by what it adds to the chain.
    pub fn push_block(&mut self, block: &Block) {
        let mut hashed = [0; 64];
        hashed[..32].copy_from_slice(&self.chain);
        hashed[32..36].copy_from_slice(&block.slot.to_le_bytes());
        hashed[36..].copy_from_slice(&block.digest.0);
        self.chain = *blake3::hash(&hashed).as_bytes();
        self.length += 1;
    }

    pub(crate) fn message(&self, log: &LogId) -> [u8; MESSAGE_BYTES] {
        let mut message = [0; MESSAGE_BYTES];
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

    /// Checks the device's signature over this point (RFC 8032, with keys of small order refused).
    ///
    /// # Errors
    /// [`BadSignature`], also when the device id is not a public key.
    pub fn verify(&self, log: &LogId, signature: &HeadSignature) -> Result<(), BadSignature> {
        let signed = signature::verify(&log.device, &self.message(log), signature);
        signed.then_some(()).ok_or(BadSignature { log: *log, length: self.length })
    }
}

/// What an entry adds to its log's chain: its slot, `u32::MAX` for none, and its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The slot.
    pub slot: u32,
    /// The digest.
    pub digest: Digest,
}

impl Block {
    /// The block of an entry.
    pub fn new(slot: Option<Slot>, digest: Digest) -> Self {
        Self { slot: slot.map_or(u32::MAX, |slot| slot.0), digest }
    }
}

/// One version of a log that forked, from where it parts from the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// What it adds, entry by entry; at least one, at most [`BRANCH_BLOCKS_MAX`].
    pub blocks: Vec<Block>,
    /// The device's signature over its end.
    pub signature: HeadSignature,
}

/// Bound of the blocks that prove one branch. A device that meets a hub once a month learns of its clone
/// within some hundred entries; of a longer fork only those nodes know that found it.
pub const BRANCH_BLOCKS_MAX: usize = 960;

/// A log whose device signed two versions of it: a cloned phone, or a cheat. It proves itself: both branches
/// begin at one point, differ in their first entries, and end under the device's signature. Blocks tell
/// nothing of what the entries say, and stay as they are when a learner is erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// Which log.
    pub log: LogId,
    /// What both versions have: that much counts.
    pub common: Tail,
    /// The two versions.
    pub branches: [Branch; 2],
}

impl Fork {
    /// Checks that the device signed both versions, and that they part where it says.
    ///
    /// # Errors
    /// [`BadSignature`] of the first version that is not signed; of length 0 if they do not part.
    pub fn verify(&self) -> Result<(), BadSignature> {
        let [first, second] = self.branches.each_ref().map(|branch| branch.blocks.first());
        if first.is_none() || second.is_none() || first == second {
            return Err(BadSignature { log: self.log, length: 0 });
        }
        self.branches.iter().zip(self.heads()).try_for_each(|(branch, head)| head.verify(&self.log, &branch.signature))
    }

    /// Where each version ends.
    pub fn heads(&self) -> [Tail; 2] {
        self.branches.each_ref().map(|branch| {
            let mut tail = self.common;
            branch.blocks.iter().for_each(|block| tail.push_block(block));
            tail
        })
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

    /// The keyed digest of one payload, whole.
    pub fn inner(&self, payload: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.0, payload).as_bytes()
    }

    /// What an entry becomes when its learner withdraws, and what the chain takes of it. `slot` is the one
    /// it names or declares.
    pub fn erased(&self, entry: &Entry, slot: Slot, payload: &[u8]) -> Entry {
        let inner = self.inner(payload);
        match entry.declares() {
            Some(SlotInfo { learner, commune, .. }) => {
                Entry::ErasedDeclaration(ErasedDeclaration { learner, commune, inner })
            }
            None => Entry::Erased(slot, first_28(&inner)),
        }
    }
}

impl ErasedDeclaration {
    /// What the chain takes of the declaration.
    pub fn digest(&self) -> Digest {
        let mut hasher = blake3::Hasher::new_derive_key(DECLARATION_CONTEXT);
        hasher.update(&self.learner.0);
        hasher.update(&self.commune.0.to_le_bytes());
        hasher.update(&self.inner);
        first_28(hasher.finalize().as_bytes())
    }
}

fn first_28(hash: &[u8; 32]) -> Digest {
    let mut digest = [0; 28];
    digest.copy_from_slice(&hash[..28]);
    Digest(digest)
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
    /// An entry in clear of a learner who has withdrawn: without the key nobody can check it.
    #[error("entry {index} is in clear, and its learner has withdrawn")]
    Withdrawn {
        /// Index of the entry.
        index: u64,
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
    digester: Option<(Option<Slot>, Digester)>,
}

/// One entry of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it says.
    pub entry: Entry,
    /// The slot that it names or declares, and what is known of it; none for entries without a learner.
    pub slot: Option<(Slot, SlotInfo)>,
}

impl Step {
    /// What the chain takes of an entry that is held: its own digest if it was erased, or that of its
    /// payload.
    pub fn digest(&self, payload: &[u8]) -> Digest {
        let key = self.slot.map_or(Some(LearnerKey([0; 16])), |(_, info)| info.key);
        match (&self.entry, key) {
            (Entry::Erased(_, digest), _) => *digest,
            (Entry::ErasedDeclaration(declaration), _) => declaration.digest(),
            (entry, key) => {
                // An entry in clear has its key; a store that lost it yields a chain that nobody signed.
                let inner = Digester::new(&key.unwrap_or(LearnerKey([0; 16]))).inner(payload);
                digest_of(entry, inner)
            }
        }
    }

    /// What an entry that is held adds to the chain.
    pub fn block(&self, payload: &[u8]) -> Block {
        Block::new(self.slot.map(|(slot, _)| slot), self.digest(payload))
    }
}

fn digest_of(entry: &Entry, inner: [u8; 32]) -> Digest {
    match entry.declares() {
        Some(SlotInfo { learner, commune, .. }) => ErasedDeclaration { learner, commune, inner }.digest(),
        None => first_28(&inner),
    }
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
    ) -> Result<Step, E> {
        let start = reader.position();
        let index = self.tail.length;
        let (slots, declared) = (self.slots, &self.declared);
        let mut info = None;
        let entry = Entry::decode::<StepError<E>>(reader, |slot| {
            info = match slot.0.checked_sub(slots) {
                None => known(slot).map_err(StepError::Lookup)?,
                Some(new) => declared.get(new as usize).copied(),
            };
            info.ok_or(StepError::Entry(crate::entry::UnknownSlot(slot).into()))
        });
        let entry = entry.map_err(|error| match error {
            StepError::Entry(error) => WalkError::Entry { index, error }.into(),
            StepError::Lookup(error) => error,
        })?;
        let slot = match entry.declares() {
            Some(declared) => Some((self.declare(declared)?, declared)),
            None => entry.slot().zip(info),
        };
        self.extend(&entry, slot, reader.since(start))?;
        Ok(Step { entry, slot })
    }

    fn declare(&mut self, info: SlotInfo) -> Result<Slot, WalkError> {
        let slot = Slot(self.slots + self.declared.len() as u32);
        if slot.0 >= LOG_LEARNERS_MAX {
            return Err(WalkError::Learners { index: self.tail.length });
        }
        self.declared.push(info);
        Ok(slot)
    }

    fn extend(&mut self, entry: &Entry, slot: Option<(Slot, SlotInfo)>, payload: &[u8]) -> Result<(), WalkError> {
        let number = slot.map(|(slot, _)| slot);
        let key = match slot {
            Some((_, info)) => info.key,
            None => Some(LearnerKey([0; 16])),
        };
        let digest = match (entry, key) {
            (Entry::Erased(_, digest), _) => *digest,
            (Entry::ErasedDeclaration(declaration), _) => declaration.digest(),
            (_, None) => return Err(WalkError::Withdrawn { index: self.tail.length }),
            (_, Some(key)) => self.digest(entry, number, &key, payload),
        };
        self.tail.push(number, &digest);
        Ok(())
    }

    fn digest(&mut self, entry: &Entry, slot: Option<Slot>, key: &LearnerKey, payload: &[u8]) -> Digest {
        let digester = match &self.digester {
            Some((last, digester)) if *last == slot => digester,
            _ => &self.digester.insert((slot, Digester::new(key))).1,
        };
        digest_of(entry, digester.inner(payload))
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

#[cfg(any(test, feature = "golden"))]
pub(crate) mod tests {
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

    #[cfg_attr(test, test)]
    pub(crate) fn golden_chain_and_signature() {
        let tail = walk(&payloads()).unwrap();
        assert_eq!(tail.length, 2);
        assert_eq!(blake3::Hash::from(tail.chain).to_hex().as_str(), GOLDEN_CHAIN);
        let signature = tail.sign(&log(), &secret());
        assert_eq!(blake3::hash(&signature.0).to_hex().as_str(), GOLDEN_SIGNATURE_HASH);
        tail.verify(&log(), &signature).unwrap();
    }

    const GOLDEN_CHAIN: &str = "096f4d5565dddd7dc2f57e834774813938b8e7779c4710f0d5c9b0beb6746997";
    const GOLDEN_SIGNATURE_HASH: &str = "b44a3031bcbfe51b8e63cdc13be2152cf30db28b15746a530a710bcf20fe7563";

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
