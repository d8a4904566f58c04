//! Objects that are valid in every way, signed by keys that nobody else has.

use std::sync::LazyLock;

use content::pack::{CourseManifest, Date, Hash, LessonSummary};
use ed25519_dalek::SigningKey;
use sync::authority::{
    Area, Chain, Credential, Cut, Purpose, Rank, Revocations, Revoked, Rights, Statement, Terms, Withdrawal,
};
use sync::entry::{Attested, Digest, Entry, Joined, LessonDone};
use sync::log::{Block, Branch, Fork, Tail, WalkError, Walker, device_of};
use sync::session::Extension;
use sync::wire::codec::Reader;
use sync::{
    CommuneCode, Day, DeviceId, LearnerId, LearnerKey, LearnerSecret, LessonRef, LogId, Minutes, ProvinceKey, Score,
    Slot,
};

/// A day within every credential.
pub const TODAY: Day = Day(20_779);
/// A minute of that day.
pub const NOW: Minutes = Minutes(29_922_000);
/// Where everybody lives.
pub const COMMUNE: CommuneCode = CommuneCode(30_307);

const PROVINCE: u8 = 200;
/// The hub that collects.
pub const HUB: u8 = 2;
/// A phone, which shows no credential.
pub const PHONE: u8 = 3;
/// A device that was revoked.
pub const REVOKED: u8 = 4;

/// The secret key of a device by its number.
pub fn secret(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// The device with that key.
pub fn device(number: u8) -> DeviceId {
    device_of(&secret(number))
}

/// Who is trusted to delegate.
pub fn province() -> ProvinceKey {
    static KEY: LazyLock<ProvinceKey> = LazyLock::new(|| ProvinceKey(device(PROVINCE).0));
    *KEY
}

/// The province's key.
pub fn provincial() -> SigningKey {
    secret(PROVINCE)
}

/// Province, commune, team: the credentials of a hub.
pub fn chain(hub: u8) -> Chain {
    let rights = Rights::COLLECT.with(Rights::ATTEST);
    let area = Area::Communes(vec![COMMUNE, CommuneCode(30_316)]);
    let (from, until) = (Day(20_000), Day(21_143));
    let above = Terms { rank: Rank::Commune, team: 0, area, rights: rights.with(Rights::DELEGATE), from, until };
    let terms = Terms { rank: Rank::Team, team: 300, rights, ..above.clone() };
    let commune = secret(PROVINCE - 1);
    let first = Credential::issue(&secret(PROVINCE), device_of(&commune), above);
    Chain(vec![first, Credential::issue(&commune, device(hub), terms)])
}

/// An edition of a course by a publisher of the province.
pub fn statement() -> &'static Statement {
    static STATEMENT: LazyLock<Statement> = LazyLock::new(|| {
        let (rights, area) = (Rights::PUBLISH, Area::Everywhere);
        let terms = Terms { rank: Rank::Province, team: 0, area, rights, from: Day(20_000), until: Day(21_143) };
        let chain = Chain(vec![Credential::issue(&provincial(), device(HUB), terms)]);
        let manifest = manifest().encode().expect("a short manifest");
        Statement::sign(&secret(HUB), Purpose::CourseEdition, TODAY, chain, manifest).expect("a short payload")
    });
    &STATEMENT
}

/// What [`statement`] is about.
pub fn manifest() -> CourseManifest {
    let reviewed = Date::new(2026, 11, 22).expect("a day");
    let (blob, assets) = (Hash([1; 32]), vec![Hash([2; 32])]);
    let lessons = vec![LessonSummary { lesson: 1, title: "B".to_owned(), minutes: 5, blob, assets, goal: String::new() }];
    let (title, summary, language) = ("T".to_owned(), "S".to_owned(), "vi".to_owned());
    CourseManifest { course: 1, edition: 2, title, summary, reviewed, language, lessons, speech: None }
}

/// The bytes of [`chain`].
pub fn chain_bytes(hub: u8) -> Vec<u8> {
    let mut out = Vec::new();
    chain(hub).encode(&mut out);
    out
}

/// A list with two devices.
pub fn revocations() -> &'static Revocations {
    static LIST: LazyLock<Revocations> = LazyLock::new(|| {
        let cut = |incarnation| Cut { incarnation, length: 3, chain: [0xc0; 32] };
        let devices = [(device(REVOKED), vec![cut(0), cut(2)]), (DeviceId([0x0b; 32]), Vec::new())];
        let revoked = devices.map(|(device, cuts)| Revoked { device, cuts });
        Revocations::sign(&secret(PROVINCE), 7, revoked.into()).expect("a short list")
    });
    &LIST
}

/// A hub withdraws a learner of [`log`].
pub fn withdrawal() -> &'static Withdrawal {
    static WITHDRAWAL: LazyLock<Withdrawal> =
        LazyLock::new(|| Withdrawal::sign(&secret(HUB), learner(PHONE), TODAY, chain(HUB)));
    &WITHDRAWAL
}

/// A learner withdraws.
pub fn own_withdrawal() -> Withdrawal {
    Withdrawal::ByLearner { secret: LearnerSecret([PHONE; 16]) }
}

/// The learner who joined on a device.
pub fn learner(number: u8) -> LearnerId {
    LearnerSecret([number; 16]).id()
}

/// The entries of a device with one learner.
pub fn entries(number: u8, lessons: u16) -> Vec<Entry> {
    let key = LearnerKey([number ^ 0xff; 16]);
    let joined = Joined { learner: learner(number), key, commune: COMMUNE, day: TODAY };
    let done = |lesson| {
        let lesson = LessonRef { course: 2, lesson };
        Entry::LessonDone(LessonDone { slot: Slot(0), lesson, score: Score::MAX, day: TODAY })
    };
    let mut entries = vec![Entry::Joined(joined)];
    entries.extend((1..=lessons).map(done));
    entries
}

/// The entries of a hub that attests the learner of another device.
pub fn attesting() -> Vec<Entry> {
    let joined = Joined { learner: learner(PHONE), key: LearnerKey([9; 16]), commune: COMMUNE, day: TODAY };
    let attested = Attested { slot: Slot(0), course: 2, day: Day(TODAY.0 + 1) };
    vec![Entry::Credential(chain_bytes(HUB)), Entry::Introduced(joined), Entry::Attested(attested)]
}

/// The payloads of entries, one after the other.
pub fn payloads(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        entry.encode(TODAY, &mut out);
    }
    out
}

/// The first log of a device.
pub fn log(number: u8) -> LogId {
    LogId { device: device(number), incarnation: 0 }
}

/// A log that a device signed.
pub fn extension(number: u8, entries: &[Entry]) -> Extension {
    let (log, payloads) = (log(number), payloads(entries));
    let signature = tail(&log, &payloads).sign(&log, &secret(number));
    Extension { log, from: 0, count: entries.len() as u64, payloads, signature }
}

/// Where a log ends.
pub fn tail(log: &LogId, payloads: &[u8]) -> Tail {
    let (mut walker, mut reader) = (Walker::new(Tail::start(log), 0), Reader::new(payloads));
    while !reader.is_empty() {
        walker.step::<WalkError>(&mut reader, &mut |_| Ok(None)).expect("golden entries are read");
    }
    walker.tail()
}

/// Two versions of a log that one device signed.
pub fn fork(number: u8) -> Fork {
    let log = log(number);
    let common = Tail { length: 2, chain: [2; 32] };
    let branches = [1, 3].map(|blocks| {
        let blocks: Vec<Block> = (0..blocks).map(|n| Block { slot: n, digest: Digest([blocks as u8; 28]) }).collect();
        let mut head = common;
        blocks.iter().for_each(|block| head.push_block(block));
        Branch { blocks, signature: head.sign(&log, &secret(number)) }
    });
    Fork { log, common, branches }
}
