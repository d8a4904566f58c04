//! Golden bytes of every object: what they say is what any other implementation must read and write.
//! Ed25519 signs without randomness, so that the signatures are golden too: by the hash of the whole.

use super::*;
use crate::id::{CommuneCode, Day, DeviceId, LearnerId, LearnerSecret, ProvinceKey};
use crate::log::device_of;
#[cfg(test)]
use proptest::prelude::*;

pub(super) const SINCE: Day = Day(20_779);
pub(super) const UNTIL: Day = Day(21_143);
pub(super) const LONG_XUYEN: CommuneCode = CommuneCode(30_307);
pub(super) const CHAU_DOC: CommuneCode = CommuneCode(30_316);

/// The secret key of a test: 0 is the province, 1 the first subject and so on.
pub(super) fn secret(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number + 1; 32])
}

pub(super) fn device(number: u8) -> DeviceId {
    device_of(&secret(number))
}

pub(super) fn province() -> ProvinceKey {
    ProvinceKey(device(0).0)
}

/// Signs terms one below the other, from the province's key down.
pub(super) fn chain_of(terms: &[Terms]) -> Chain {
    let issue = |(above, terms): (u8, &Terms)| Credential::issue(&secret(above), device(above + 1), terms.clone());
    Chain((0..).zip(terms).map(issue).collect())
}

pub(super) fn commune_terms() -> Terms {
    let area = Area::Communes(vec![LONG_XUYEN, CHAU_DOC]);
    let rights = Rights::COLLECT.with(Rights::ATTEST).with(Rights::DELEGATE);
    Terms { rank: Rank::Commune, team: 0, area, rights, from: SINCE, until: UNTIL }
}

pub(super) fn team_terms() -> Terms {
    let rights = Rights::COLLECT.with(Rights::ATTEST);
    Terms { rank: Rank::Team, team: 300, area: Area::Communes(vec![LONG_XUYEN]), rights, ..commune_terms() }
}

/// Province, commune, team.
pub(super) fn chain() -> Chain {
    chain_of(&[commune_terms(), team_terms()])
}

pub(super) fn revoked() -> Vec<Revoked> {
    let cuts = vec![
        Cut { incarnation: 0, length: 300, chain: [0xc0; 32] },
        Cut { incarnation: 2, length: 0, chain: [0xc2; 32] },
    ];
    vec![Revoked { device: DeviceId([0x0a; 32]), cuts }, Revoked { device: DeviceId([0x0b; 32]), cuts: Vec::new() }]
}

pub(super) fn revocations() -> Revocations {
    Revocations::sign(&secret(0), 7, revoked()).unwrap()
}

pub(super) fn by_learner() -> Withdrawal {
    Withdrawal::ByLearner { secret: LearnerSecret([0x5e; 16]) }
}

pub(super) fn by_device() -> Withdrawal {
    Withdrawal::sign(&secret(2), LearnerId([0xaa; 16]), SINCE, chain())
}

const SINCE_BYTES: [u8; 3] = [0xab, 0xa2, 0x01];
const UNTIL_BYTES: [u8; 3] = [0x97, 0xa5, 0x01];

/// The parts of a credential in a chain, so that a part says what it is.
fn credential_parts(link: &Credential, rank_and_rights: [u8; 2], team: &[u8], area: &[u8]) -> Vec<u8> {
    let parts: [&[u8]; 9] = [
        &[1],
        &link.issuer.0,
        &link.subject.0,
        &rank_and_rights,
        team,
        area,
        &SINCE_BYTES,
        &UNTIL_BYTES,
        &link.signature,
    ];
    parts.concat()
}

fn chain_parts() -> Vec<Vec<u8>> {
    let chain = chain();
    let both = [1, 2, 0xe3, 0xec, 0x01, 0xec, 0xec, 0x01]; // 30307, 30316
    let one = [1, 1, 0xe3, 0xec, 0x01];
    vec![
        vec![2],
        credential_parts(&chain.0[0], [1, 1 + 2 + 8], &[0], &both),
        credential_parts(&chain.0[1], [2, 1 + 2], &[0xac, 0x02], &one),
    ]
}

fn revocation_parts() -> Vec<Vec<u8>> {
    vec![
        vec![1, 7],
        vec![2],
        vec![0x0a; 32],
        vec![2],
        vec![0, 0xac, 0x02],
        vec![0xc0; 32],
        vec![2, 0],
        vec![0xc2; 32],
        vec![0x0b; 32],
        vec![0],
        revocations().signature.to_vec(),
    ]
}

fn by_device_parts() -> Vec<Vec<u8>> {
    let Withdrawal::ByDevice { signature, .. } = by_device() else { unreachable!() };
    let mut parts = vec![vec![1], vec![0xaa; 16], SINCE_BYTES.to_vec(), device(2).0.to_vec()];
    parts.extend(chain_parts());
    parts.push(signature.to_vec());
    parts
}

/// Reads bytes as one kind of object and writes them again.
type Rewrite = fn(&[u8]) -> Result<Vec<u8>, FormatError>;

fn rewrite_chain(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    Chain::decode(bytes)?.encode(&mut out);
    Ok(out)
}

fn rewrite_revocations(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    Revocations::decode(bytes)?.encode(&mut out);
    Ok(out)
}

fn rewrite_withdrawal(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    Withdrawal::decode(bytes)?.encode(&mut out);
    Ok(out)
}

/// Each object's name, bytes, and how it is read and written again.
pub(super) fn objects() -> Vec<(&'static str, Vec<u8>, Rewrite)> {
    let mut bytes = vec![Vec::new(); 4];
    chain().encode(&mut bytes[0]);
    revocations().encode(&mut bytes[1]);
    by_learner().encode(&mut bytes[2]);
    by_device().encode(&mut bytes[3]);
    let names = ["chain", "revocations", "withdrawal by the learner", "withdrawal by a device"];
    let rewrites: [Rewrite; 4] = [rewrite_chain, rewrite_revocations, rewrite_withdrawal, rewrite_withdrawal];
    names.into_iter().zip(bytes).zip(rewrites).map(|((name, bytes), rewrite)| (name, bytes, rewrite)).collect()
}

#[cfg_attr(test, test)]
pub(crate) fn objects_have_their_golden_bytes() {
    let by_learner = vec![vec![0], vec![0x5e; 16]];
    let parts = [chain_parts(), revocation_parts(), by_learner, by_device_parts()];
    for (((name, bytes, rewrite), parts), hash) in objects().into_iter().zip(parts).zip(GOLDEN_HASHES) {
        assert_eq!(bytes, parts.concat(), "{name}");
        assert_eq!(blake3::hash(&bytes).to_hex().as_str(), hash, "{name}");
        assert_eq!(rewrite(&bytes), Ok(bytes), "{name}");
    }
}

const GOLDEN_LEARNER: u128 = 0x4505_5f76_5492_431c_9e3a_3d18_6740_38b0;
const GOLDEN_DIGEST: u64 = 0xe97a_0b0f_b11f_8f93;
const GOLDEN_HASHES: [&str; 4] = [
    "e97a0b0fb11f8f9345b9c2391a7e344ccd0e8840dabd7efcc516031207d5cae7",
    "2a6652596db194e3ee1b5a1425815068d671dd1991ff21f84f0a732499e9a9a8",
    "56ee4b89bf1984f71d6771bce13002451c6da828061827c1e3a25c774f14fc6f",
    "ba93d1f113e97ebc0c09751ae85f1f5df0dd2b9ce4def6dd20e228512e23639a",
];

#[cfg_attr(test, test)]
pub(crate) fn signatures_cover_what_is_drawn() {
    let signed = |key: &DeviceId, domain: &[u8], body: &[u8], signature: &[u8; 64]| {
        let key = VerifyingKey::from_bytes(&key.0).unwrap();
        key.verify_strict(&[domain, body].concat(), &Signature::from_bytes(signature)).unwrap();
    };
    let (link, signature) = chain_parts()[2].split_last_chunk().map(|(body, end)| (body.to_vec(), *end)).unwrap();
    signed(&device(1), b"bdhv/credential/1\0", &link, &signature);
    let list = revocation_parts();
    signed(&device(0), b"bdhv/revocations/1\0", &list[..list.len() - 1].concat(), &revocations().signature);
    let Withdrawal::ByDevice { signature, .. } = by_device() else { unreachable!() };
    let body = [&[0xaa; 16][..], &[0x2b, 0x51, 0, 0]].concat(); // 20779
    signed(&device(2), b"bdhv/withdrawal/1\0", &body, &signature);
}

#[cfg_attr(test, test)]
pub(crate) fn short_names_are_golden() {
    assert_eq!(LearnerSecret([0x5e; 16]).id(), LearnerId(GOLDEN_LEARNER.to_be_bytes()));
    assert_eq!(chain().digest(), GOLDEN_DIGEST.to_be_bytes());
    assert!(GOLDEN_HASHES[0].starts_with(&format!("{GOLDEN_DIGEST:016x}")));
}

#[test]
fn an_object_cut_anywhere_is_refused() {
    for (name, bytes, rewrite) in objects() {
        for cut in 0..bytes.len() {
            assert!(rewrite(&bytes[..cut]).is_err(), "{name} cut at {cut}");
        }
        assert!(rewrite(&[&bytes[..], &[0]].concat()).is_err(), "{name} with a byte more");
    }
}

#[test]
fn broken_rules_are_named_with_their_place() {
    let chain_with = |area: &[u8]| {
        let parts: [&[u8]; 6] = [&[1, 1], &[0; 64], &[1, 1, 0], area, &[0, 0], &[0; 64]];
        Chain::decode(&parts.concat()).map(drop).map_err(|error| error.to_string())
    };
    let cases: [(&[u8], &str); 5] = [
        (&[2], "byte 69: area 2 is not known here"),
        (&[1, 0], "byte 70: an area lists at least one commune"),
        (&[1, 2, 5, 5], "byte 72: the communes of an area are sorted, each once"),
        (&[1, 2, 5, 4], "byte 72: the communes of an area are sorted, each once"),
        (&[1, 0x81, 0x01], "byte 70: number of communes is 129, and at most 128 is allowed"),
    ];
    for (area, error) in cases {
        assert_eq!(chain_with(area), Err(error.to_owned()));
    }
    assert_eq!(chain_with(&[1, 2, 4, 5]), Ok(()));
}

#[test]
fn a_list_out_of_order_is_refused() {
    let error_of = |change: fn(&mut Vec<Revoked>)| {
        let (mut list, mut out) = (revocations(), Vec::new());
        change(&mut list.revoked);
        list.encode(&mut out);
        Revocations::decode(&out).unwrap_err().to_string()
    };
    let (devices, cuts) = ("revoked devices are sorted, each once", "cuts are sorted by incarnation, each once");
    assert_eq!(error_of(|revoked| revoked.swap(0, 1)), format!("byte 36: {devices}"));
    assert_eq!(error_of(|revoked| revoked[1].device = revoked[0].device), format!("byte 105: {devices}"));
    assert_eq!(error_of(|revoked| revoked[0].cuts.swap(0, 1)), format!("byte 70: {cuts}"));
    assert_eq!(error_of(|revoked| revoked[0].cuts[1].incarnation = 0), format!("byte 71: {cuts}"));
}

#[test]
fn what_is_too_long_is_refused() {
    let error = Revocations::decode(&vec![0; REVOCATIONS_BYTES_MAX + 1]).unwrap_err();
    assert_eq!(error.to_string(), "byte 0: length of a list of revocations is 49153, and at most 49152 is allowed");
    assert!(Withdrawal::decode(&[1; WITHDRAWAL_BYTES_MAX + 1]).is_err());
    let mut links = Vec::new();
    chain_of(&vec![long_terms(); CHAIN_MAX]).encode(&mut links);
    assert_eq!(
        Chain::decode(&links).unwrap_err().to_string(),
        format!("byte 0: length of a chain is {}, and at most 2048 is allowed", links.len())
    );
}

/// Terms that list as many communes as they may.
pub(super) fn long_terms() -> Terms {
    let area = Area::of((0..AREA_COMMUNES_MAX as u32).map(|code| CommuneCode(30_000 + code)).collect()).unwrap();
    Terms { area, ..commune_terms() }
}

#[cfg(test)]
proptest! {
    #[test]
    fn what_is_accepted_is_canonical(edits in proptest::collection::vec((any::<u16>(), any::<u8>(), 0..3u8), 0..4)) {
        for (name, mut bytes, rewrite) in objects() {
            for (at, byte, kind) in &edits {
                let at = usize::from(*at) % bytes.len();
                match kind {
                    0 => bytes[at] = *byte,
                    1 => bytes.insert(at, *byte),
                    _ => drop(bytes.drain(at..(at + 1 + usize::from(*byte % 3)).min(bytes.len() - 1).max(at))),
                }
            }
            if let Ok(again) = rewrite(&bytes) {
                prop_assert_eq!(again, bytes, "{}", name);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(0..4u8, 0..300)) {
        for rewrite in [rewrite_chain as Rewrite, rewrite_revocations, rewrite_withdrawal] {
            if let Ok(again) = rewrite(&bytes) {
                prop_assert_eq!(&again, &bytes);
            }
        }
    }
}
