//! Signed logs of many phones, made without the phones.

use ed25519_dalek::SigningKey;
use sync::entry::{Entry, Joined, LessonDone};
use sync::log::{HeadSignature, Tail, WalkError, Walker, device_of};
use sync::wire::codec::Reader;
use sync::{CommuneCode, Day, LearnerId, LearnerKey, LessonRef, LogId, Score, Slot};

/// A log with everything a peer sends of it.
#[derive(Debug, Clone)]
pub struct SignedLog {
    /// Which log.
    pub log: LogId,
    /// Its length and chain.
    pub tail: Tail,
    /// Payload of each entry.
    pub payloads: Vec<Vec<u8>>,
    /// The device's signature over all of them.
    pub signature: HeadSignature,
}

/// The key with which phone number `phone` signs.
pub fn secret(phone: u32) -> SigningKey {
    SigningKey::from_bytes(&numbered(phone, 0))
}

/// The learner on phone number `phone`.
pub fn learner(phone: u32) -> LearnerId {
    LearnerId(numbered(phone, 7))
}

/// The secret that keys the digests of that learner's entries.
pub fn key(phone: u32) -> LearnerKey {
    LearnerKey(numbered(phone, 8))
}

fn numbered<const N: usize>(phone: u32, filler: u8) -> [u8; N] {
    let mut bytes = [filler; N];
    bytes[..4].copy_from_slice(&phone.to_le_bytes());
    bytes
}

/// Makes the log of phone number `phone`: one learner of `commune`, and lessons 1 to `lessons` of
/// course 1. The same numbers always give the same log.
pub fn phone(phone: u32, commune: CommuneCode, lessons: u16) -> SignedLog {
    let secret = secret(phone);
    let log = LogId { device: device_of(&secret), incarnation: 0 };
    let since = Day(20_779);
    let joined = Joined { learner: learner(phone), key: key(phone), commune, day: since };
    let score = Score::MAX;
    let done = (1..=lessons).map(|lesson| {
        let lesson = LessonRef { course: 1, lesson };
        Entry::LessonDone(LessonDone { slot: Slot(0), lesson, score, day: since })
    });
    let mut walker = Walker::new(Tail::start(&log), 0);
    let mut payloads = Vec::new();
    for entry in std::iter::once(Entry::Joined(joined)).chain(done) {
        let mut payload = Vec::new();
        entry.encode(since, &mut payload);
        let step = walker.step::<WalkError>(&mut Reader::new(&payload), &mut |_| Ok(None));
        step.expect("the entries are in order");
        payloads.push(payload);
    }
    let tail = walker.tail();
    let signature = tail.sign(&log, &secret);
    SignedLog { log, tail, payloads, signature }
}
