//! What Open Badges 3.0 (1EdTech, document version 1.2) and what it builds on require of a credential: the data model
//! of W3C (VC Data Model 2.0) and its proofs (VC-DI-EdDSA 1.0). Each rule is named where it is checked.

use serde_json::Value;

use super::tests::{badges, statement, title};

/// Members of an object that the specification knows, and those it requires among them.
struct Class {
    name: &'static str,
    required: &'static [&'static str],
    known: &'static [&'static str],
}

/// Appendix C, "Data models": the classes of which a badge of ours consists. Known is what also has a term in one of
/// the contexts, without which programs that process JSON-LD refuse it, or leave it out.
const CLASSES: [Class; 7] = [
    Class {
        name: "AchievementCredential",
        required: &["@context", "id", "type", "credentialSubject", "issuer", "validFrom"],
        known: &["name", "description", "image", "awardedDate", "evidence", "validUntil", "proof", "credentialSchema"],
    },
    Class { name: "Profile", required: &["id", "type"], known: &["name", "url", "email"] },
    Class { name: "AchievementSubject", required: &["type", "achievement"], known: &["id", "identifier", "result"] },
    Class {
        name: "Achievement",
        required: &["id", "type", "name", "description", "criteria"],
        known: &["achievementType", "alignment", "creator", "image", "tag", "version"],
    },
    Class { name: "Criteria", required: &[], known: &["id", "narrative"] },
    Class { name: "IdentityObject", required: &["type", "hashed", "identityHash", "identityType"], known: &["salt"] },
    Class { name: "Evidence", required: &["type"], known: &["id", "name", "description", "narrative", "genre"] },
];

/// Values of `IdentifierTypeEnum` that say what ours are.
const IDENTITIES: [&str; 2] = ["identifier", "name"];

fn check(object: &Value, class: &str) {
    let class = CLASSES.iter().find(|found| found.name == class).unwrap();
    let object = object.as_object().unwrap_or_else(|| panic!("{} is an object: {object}", class.name));
    for required in class.required {
        assert!(object.get(*required).is_some_and(|value| !value.is_null()), "{} requires {required}", class.name);
    }
    for member in object.keys().map(String::as_str) {
        let known = class.required.contains(&member) || class.known.contains(&member);
        assert!(known, "{} has no {member}", class.name);
    }
}

/// The type is an unordered set with a value for the class; of an `IdentityObject` it is that word itself.
fn is_a(object: &Value, class: &str) {
    check(object, class);
    let types = object["type"].as_array().unwrap_or_else(|| panic!("types of {class}: {}", object["type"]));
    assert!(types.iter().any(|found| found == class), "{class} in {types:?}");
}

fn text(value: &Value) -> &str {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is a text"));
    assert!(!text.trim().is_empty());
    text
}

/// A URI (RFC 3986): a scheme, a colon, and nothing that must be escaped.
fn uri(value: &Value) -> &str {
    let uri = text(value);
    let (scheme, rest) = uri.split_once(':').unwrap_or_else(|| panic!("{uri} has a scheme"));
    assert!(scheme.starts_with(|c: char| c.is_ascii_lowercase()) && scheme.bytes().all(|c| c.is_ascii_alphanumeric()));
    assert!(rest.bytes().all(|c| c.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&c)) && !rest.is_empty(), "{uri}");
    uri
}

/// A dateTimeStamp of XML Schema 1.1, as VC Data Model 2.0 §4.9 requires: to the second, and with its zone.
fn stamp(value: &Value) {
    let stamp = text(value);
    let shape: String = stamp.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert!(["0000-00-00T00:00:00Z", "0000-00-00T00:00:00+00:00"].contains(&&*shape), "{stamp}");
}

/// Multibase (VC-DI §2.4): `z`, then base 58 with the letters that nobody takes for others.
fn multibase(value: &Value, digits: std::ops::RangeInclusive<usize>) {
    let rest = text(value).strip_prefix('z').unwrap();
    assert!(rest.bytes().all(|c| c.is_ascii_alphanumeric() && !b"0OIl".contains(&c)), "{rest}");
    assert!(digits.contains(&rest.len()), "{rest}");
}

#[test]
fn a_badge_is_what_open_badges_requires() {
    let badge = badges().of(&statement(), title).unwrap();
    // §"Serialization": both contexts, that of W3C first, under these very addresses.
    let contexts =
        ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"];
    assert_eq!(badge["@context"], serde_json::json!(contexts));
    // VC Data Model 2.0 §4.5: VerifiableCredential is among the types; Open Badges: so is one of its own.
    check(&badge, "AchievementCredential");
    assert_eq!(badge["type"], serde_json::json!(["VerifiableCredential", "OpenBadgeCredential"]));
    uri(&badge["id"]);
    stamp(&badge["validFrom"]);
    is_a(&badge["issuer"], "Profile");
    uri(&badge["issuer"]["id"]);

    let subject = &badge["credentialSubject"];
    is_a(subject, "AchievementSubject");
    // AchievementSubject: an `id`, or at least one `identifier`.
    let identifiers = subject["identifier"].as_array().unwrap();
    assert_eq!(identifiers.len(), 2);
    for identifier in identifiers {
        check(identifier, "IdentityObject");
        assert_eq!(identifier["type"], "IdentityObject");
        assert!(identifier["hashed"].is_boolean() && IDENTITIES.contains(&text(&identifier["identityType"])));
        text(&identifier["identityHash"]);
    }
    let achievement = &subject["achievement"];
    is_a(achievement, "Achievement");
    uri(&achievement["id"]);
    for part in ["name", "description"] {
        text(&achievement[part]);
    }
    // Criteria: an `id`, or a `narrative`.
    check(&achievement["criteria"], "Criteria");
    text(&achievement["criteria"]["narrative"]);
    badge["evidence"].as_array().unwrap().iter().for_each(|evidence| is_a(evidence, "Evidence"));
}

#[test]
fn its_proof_is_what_the_cryptosuite_requires() {
    let badge = badges().of(&statement(), title).unwrap();
    let proof = &badge["proof"];
    // VC-DI-EdDSA §2.2.1: these two words, and a value of 64 bytes.
    assert_eq!(proof["type"], "DataIntegrityProof");
    assert_eq!(proof["cryptosuite"], "eddsa-rdfc-2022");
    multibase(&proof["proofValue"], 86..=88);
    // Open Badges §8.3.1: made to assert; VC-DI §2.1: a moment with its zone.
    assert_eq!(proof["proofPurpose"], "assertionMethod");
    stamp(&proof["created"]);
    // did:key: the method is the key's own name below the issuer's, and the key is 34 bytes with those of its codec.
    let method = uri(&proof["verificationMethod"]);
    let (issuer, key) = method.split_once('#').unwrap();
    assert_eq!((issuer, issuer.strip_prefix("did:key:")), (uri(&badge["issuer"]["id"]), Some(key)));
    multibase(&key.into(), 46..=48);
    let known = ["type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"];
    assert!(proof.as_object().unwrap().keys().all(|member| known.contains(&&**member)), "{proof}");
}
