//! A confirmation as an Open Badges 3.0 credential (1EdTech), for wallets and programs of others.
//!
//! It is a Verifiable Credential (W3C VC Data Model 2.0) issued by this device, whose `did:key` is the device's
//! id, with a Data Integrity proof `eddsa-rdfc-2022` (W3C VC-DI-EdDSA §3.2). The key alone says nothing about
//! who this device is: the evidence holds the confirmation itself, whose chain leads to the province.
//!
//! It is that proof because Open Badges names it and the validators and wallets of others check it. It stands alone:
//! `eddsa-jcs-2022`, which signs the JSON as it is, is unknown to most of them, and nothing here reads a proof (the
//! command `verify` reads the confirmation within), so a second one would be signed for nobody. Signed is not the JSON
//! but the RDF statements that it stands for. Ours have one shape and two fixed contexts, which `terms` knows as a table;
//! `canonical` writes them in their one order. The crates that do this for any document are a hundred more to build
//! (json-ld 0.21 with rdf-canon 0.15: 178, sophia 0.10: 127), and would read the contexts from the network or from
//! copies. That other implementations get the same bytes, `golden` shows.

mod canonical;
mod terms;

use std::fmt::Write as _;

use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sync::authority::{Confirmation, Rank, Statement};

use canonical::{Alike, canonical};
use terms::Unknown;

use crate::communes::Communes;
use crate::days;

const CONTEXT: [&str; 2] =
    ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"];
/// Multicodec of an Ed25519 public key.
const ED25519_PUBLIC: [u8; 2] = [0xed, 0x01];

/// What is to be signed has no canonical form here.
#[derive(Debug, thiserror::Error)]
enum FormError {
    #[error(transparent)]
    Unknown(#[from] Unknown),
    #[error(transparent)]
    Alike(#[from] Alike),
}

/// Signs badges of one device.
#[derive(Clone)]
pub(crate) struct Badges {
    key: SigningKey,
    communes: Communes,
}

impl std::fmt::Debug for Badges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Badges(secret)")
    }
}

impl Badges {
    /// Signs with a device's secret key.
    pub(crate) fn new(secret: [u8; 32], communes: Communes) -> Self {
        Self { key: SigningKey::from_bytes(&secret), communes }
    }

    /// Makes the badge of a confirmation that this device signed; `title` names a course.
    ///
    /// # Errors
    ///
    /// Says why, when it is no confirmation of this device.
    pub(crate) fn of(&self, statement: &Statement, title: impl Fn(u16) -> Option<String>) -> Result<Value, String> {
        let found = statement.confirmed().map_err(|error| error.to_string())?;
        if statement.signer.0 != self.key.verifying_key().to_bytes() {
            return Err("another device signed the confirmation".to_owned());
        }
        let credential = self.credential(statement, &found, title);
        self.proven(credential, &moment(statement)).map_err(|error| error.to_string())
    }

    fn did(&self) -> String {
        let key = self.key.verifying_key().to_bytes();
        format!("did:key:{}", multibase(&[&ED25519_PUBLIC[..], &key].concat()))
    }

    fn credential(&self, statement: &Statement, found: &Confirmation, title: impl Fn(u16) -> Option<String>) -> Value {
        let titles: Vec<String> = found
            .courses
            .iter()
            .map(|course| title(*course).unwrap_or_else(|| format!("Khóa học số {course}")))
            .collect();
        let list = titles.join("; ");
        let name = if found.criteria > 0 { "Kỹ năng số cơ bản" } else { "Kỹ năng số" };
        let narrative = if found.criteria > 0 {
            format!("Đạt bộ tiêu chí kỹ năng số cơ bản số {}. Các khóa: {list}.", found.criteria)
        } else {
            format!("Người của tổ đã xem người học làm được các việc trong khóa: {list}.")
        };
        let courses: Vec<String> = found.courses.iter().map(u16::to_string).collect();
        json!({
            "@context": CONTEXT,
            "id": format!("urn:uuid:{}", uuid(statement)),
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": name,
            "issuer": { "id": self.did(), "type": ["Profile"], "name": self.issuer(statement, found) },
            "validFrom": moment(statement),
            "credentialSubject": {
                "type": ["AchievementSubject"],
                "identifier": identifiers(found),
                "achievement": {
                    "id": format!("urn:bdhv:criteria:{}:courses:{}", found.criteria, courses.join("-")),
                    "type": ["Achievement"],
                    "achievementType": "Competency",
                    "name": name,
                    "description": format!("Các khóa đã được xác nhận: {list}."),
                    "criteria": { "narrative": narrative },
                },
            },
            "evidence": [{
                "type": ["Evidence"],
                "name": "Giấy xác nhận",
                "description": "Kiểm tra bằng khóa của tỉnh: bdhv verify, hoặc trang /xac-nhan của một máy bất kỳ.",
                "narrative": statement.to_string(),
            }],
        })
    }

    fn issuer(&self, statement: &Statement, found: &Confirmation) -> String {
        let commune = self.communes.title(found.commune.0);
        match statement.chain.0.last().map(|link| (link.terms.rank, link.terms.team)) {
            None | Some((Rank::Province, _)) => "Tỉnh An Giang".to_owned(),
            Some((Rank::Commune, _)) => commune,
            Some((_, 0)) => format!("Tổ công nghệ số cộng đồng, {commune}"),
            Some((_, team)) => format!("Tổ công nghệ số cộng đồng số {team}, {commune}"),
        }
    }

    /// Adds the proof.
    fn proven(&self, mut credential: Value, created: &str) -> Result<Value, FormError> {
        let mut proof = self.options(created);
        proof["proofValue"] = self.sign(hash(&proof)?, hash(&credential)?).into();
        credential["proof"] = proof;
        Ok(credential)
    }

    /// What the proof says of itself, all of it signed too.
    fn options(&self, created: &str) -> Value {
        let did = self.did();
        let method = format!("{did}#{}", did.trim_start_matches("did:key:"));
        json!({
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "created": created,
            "verificationMethod": method,
            "proofPurpose": "assertionMethod",
        })
    }

    fn sign(&self, options: [u8; 32], credential: [u8; 32]) -> String {
        multibase(&self.key.sign(&[options, credential].concat()).to_bytes())
    }
}

/// Hashes what an object says.
fn hash(value: &Value) -> Result<[u8; 32], FormError> {
    Ok(Sha256::digest(canonical(&terms::quads(value)?)?).into())
}

fn identifiers(found: &Confirmation) -> Value {
    let identity = |kind: &str, value: &str| json!({ "type": "IdentityObject", "hashed": false, "identityHash": value, "identityType": kind });
    let mut all = vec![identity("identifier", &found.learner.to_string())];
    if !found.holder.is_empty() {
        all.push(identity("name", &found.holder));
    }
    all.into()
}

/// The day of signing as a moment: its midnight in Vietnam.
fn moment(statement: &Statement) -> String {
    format!("{}T00:00:00+07:00", days::shown(statement.day))
}

/// A UUID of version 8 (RFC 9562) from the hash of the confirmation: the same paper has the same id.
fn uuid(statement: &Statement) -> String {
    let mut bytes = Vec::new();
    statement.encode(&mut bytes);
    let mut id = [0; 16];
    id.copy_from_slice(&blake3::hash(&bytes).as_bytes()[..16]);
    id[6] = id[6] & 0x0f | 0x80;
    id[8] = id[8] & 0x3f | 0x80;
    let mut text = String::new();
    for (at, byte) in id.iter().enumerate() {
        let dash = if [4, 6, 8, 10].contains(&at) { "-" } else { "" };
        // Writing into a string cannot fail.
        let _ = write!(text, "{dash}{byte:02x}");
    }
    text
}

/// Writes bytes as multibase base58btc: `z`, then the digits of the bytes as one number.
fn multibase(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut digits: Vec<u8> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).map(|_| b'1');
    let digits = digits.iter().rev().map(|digit| ALPHABET[usize::from(*digit)]);
    std::iter::once(b'z').chain(zeros).chain(digits).map(char::from).collect()
}

#[cfg(test)]
mod golden;
#[cfg(test)]
mod specification;
#[cfg(test)]
mod tests {
    use canonical::{Quad, Term};
    use data_encoding::HEXLOWER as HEX;
    use sync::authority::Chain;
    use sync::{CommuneCode, Day, LearnerId};

    use super::*;

    /// The vector of W3C VC-DI-EdDSA, B.1 "Representation: eddsa-rdfc-2022". Two words of its credential are of a
    /// context of examples, so they are said here.
    #[test]
    fn the_proof_of_the_specification_comes_out() {
        let credential = json!({
            "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
            "type": ["VerifiableCredential"],
            "name": "Alumni Credential",
            "description": "A minimum viable example of an Alumni Credential.",
            "issuer": "https://vc.example/issuers/5678",
            "validFrom": "2023-01-01T00:00:00Z",
            "credentialSubject": { "id": "did:example:abcdefgh" },
        });
        let mut said = terms::quads(&credential).unwrap();
        let iri = |text: &str| Term::Iri(text.to_owned());
        let mut say = |subject, predicate: &str, object| {
            said.insert(Quad { subject: iri(subject), predicate: predicate.to_owned(), object });
        };
        let kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
        let alumni = iri("https://www.w3.org/ns/credentials/examples#AlumniCredential");
        say("urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33", kind, alumni);
        let school = Term::Text("The School of Examples".to_owned());
        say("did:example:abcdefgh", "https://www.w3.org/ns/credentials/examples#alumniOf", school);
        let hashed = Sha256::digest(canonical(&said).unwrap());
        assert_eq!(HEX.encode(&hashed), "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017");

        let secret = HEX.decode(b"c96ef9ea10c5e414c471723aff9de72c35fa5b70fae97e8832ecac7d2e2b8ed6").unwrap();
        let badges = Badges::new(secret.try_into().unwrap(), Communes::built_in().unwrap());
        assert_eq!(badges.did(), "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2");
        let options = hash(&badges.options("2023-02-24T23:36:38Z")).unwrap();
        assert_eq!(HEX.encode(&options), "bea7b7acfbad0126b135104024a5f1733e705108f42d59668b05c0c50004c6b0");
        let expected = "z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme";
        assert_eq!(badges.sign(options, hashed.into()), expected);
    }

    pub(super) fn badges() -> Badges {
        Badges::new([5; 32], Communes::built_in().unwrap())
    }

    pub(super) fn statement() -> Statement {
        let confirmation = Confirmation {
            learner: LearnerId([0x0f; 16]),
            commune: CommuneCode(30_697),
            courses: vec![1, 9],
            criteria: 1,
            holder: "Bà \"Sáu\"".to_owned(),
        };
        confirmation.sign(&SigningKey::from_bytes(&[5; 32]), Day(20_779), Chain::default()).unwrap()
    }

    pub(super) fn title(course: u16) -> Option<String> {
        (course == 1).then(|| "VNeID".to_owned())
    }

    #[test]
    fn a_badge_says_what_the_confirmation_says() {
        let badge = badges().of(&statement(), title).unwrap();
        assert!(badge["id"].as_str().unwrap().starts_with("urn:uuid:"));
        assert_eq!(badge["validFrom"], "2026-11-22T00:00:00+07:00");
        assert!(badge["issuer"]["id"].as_str().unwrap().starts_with("did:key:z6Mk"));
        let achievement = &badge["credentialSubject"]["achievement"];
        let narrative = achievement["criteria"]["narrative"].as_str().unwrap();
        assert!(narrative.contains("số 1") && narrative.contains("VNeID; Khóa học số 9"), "{narrative}");
        assert_eq!(badge["evidence"][0]["narrative"].as_str().unwrap().parse(), Ok(statement()));
    }

    /// The way to every value within one.
    fn ways(value: &Value, at: &str) -> Vec<String> {
        let below: Vec<(String, &Value)> = match value {
            Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), value)).collect(),
            Value::Array(list) => list.iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect(),
            _ => return vec![at.to_owned()],
        };
        below.into_iter().flat_map(|(name, value)| ways(value, &format!("{at}/{name}"))).collect()
    }

    #[test]
    fn the_proof_covers_every_letter() {
        let badge = badges().of(&statement(), title).unwrap();
        let value = |badge: &Value| {
            let (mut credential, mut proof) = (badge.clone(), badge["proof"].clone());
            let value = proof.as_object_mut().unwrap().remove("proofValue").unwrap();
            credential.as_object_mut().unwrap().remove("proof");
            let signed = hash(&proof).and_then(|options| Ok(badges().sign(options, hash(&credential)?)));
            (value.as_str().unwrap().to_owned(), signed)
        };
        let (there, signed) = value(&badge);
        assert_eq!(there, signed.unwrap());
        let mut all = ways(&badge, "");
        // The contexts are what gives the words their meaning: they are signed with every word.
        all.retain(|at| !at.starts_with("/@context/") && at != "/proof/proofValue");
        assert_eq!(all.len(), 32, "{all:?}");
        for at in all {
            let mut changed = badge.clone();
            let part = changed.pointer_mut(&at).unwrap();
            *part = part.as_str().map_or(json!(true), |text| format!("{text}.").into());
            // What is no word any more is refused.
            assert!(value(&changed).1.is_err() || value(&changed).1.unwrap() != there, "{at}");
        }
        let mut more = badge.clone();
        more["credentialSubject"]["holder"] = "Bà Sáu".into();
        assert!(value(&more).1.unwrap_err().to_string().contains("holder"));
    }

    #[test]
    fn only_what_this_device_signed_becomes_its_badge() {
        let stranger = Badges::new([6; 32], Communes::built_in().unwrap());
        assert!(stranger.of(&statement(), title).unwrap_err().contains("another device"));
    }

    #[test]
    fn numbers_are_written_as_others_read_them() {
        assert_eq!(multibase(&[]), "z");
        assert_eq!(multibase(&[0, 0, 1]), "z112");
        assert_eq!(multibase(b"hello world"), "zStV1DL6CwTryKyV");
    }
}
