//! What the two contexts of a badge make of its words: JSON as RDF statements.
//!
//! A program of others reads the contexts and applies all of JSON-LD 1.1. Both documents are fixed, and so is the
//! shape of our badges: this table holds the words they use, with the IRIs and types that the contexts give them. A
//! word that is not in it is refused, so that nothing stands in a badge beside what is signed.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::canonical::{Quad, Term};

const CREDENTIALS: &str = "https://www.w3.org/2018/credentials#";
const SECURITY: &str = "https://w3id.org/security#";
const BADGES: &str = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#";
const SCHEMA: &str = "https://schema.org/";
const DUBLIN_CORE: &str = "http://purl.org/dc/terms/";

const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const MOMENT: &str = "http://www.w3.org/2001/XMLSchema#dateTime";
/// With another scheme than [`MOMENT`]: so the context of Open Badges has it.
const BOOLEAN: &str = "https://www.w3.org/2001/XMLSchema#boolean";
const SUITE: &str = "https://w3id.org/security#cryptosuiteString";

/// How a value is to be read that is no object.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    /// The name of a node.
    Iri,
    /// One of [`WORDS`].
    Word,
    /// Of a type.
    Typed(&'static str),
}

/// Members of objects: what stands in JSON, the vocabulary, the word there, and how a value is read.
const MEMBERS: [(&str, &str, &str, Kind); 19] = [
    ("achievement", BADGES, "achievement", Kind::Text),
    ("achievementType", BADGES, "achievementType", Kind::Text),
    ("created", DUBLIN_CORE, "created", Kind::Typed(MOMENT)),
    ("credentialSubject", CREDENTIALS, "credentialSubject", Kind::Iri),
    ("criteria", BADGES, "Criteria", Kind::Iri),
    ("cryptosuite", SECURITY, "cryptosuite", Kind::Typed(SUITE)),
    ("description", SCHEMA, "description", Kind::Text),
    ("evidence", CREDENTIALS, "evidence", Kind::Iri),
    ("hashed", BADGES, "hashed", Kind::Typed(BOOLEAN)),
    ("identifier", BADGES, "identifier", Kind::Text),
    ("identityHash", BADGES, "identityHash", Kind::Text),
    ("identityType", BADGES, "identityType", Kind::Text),
    ("issuer", CREDENTIALS, "issuer", Kind::Iri),
    ("name", SCHEMA, "name", Kind::Text),
    ("narrative", BADGES, "narrative", Kind::Text),
    ("proofPurpose", SECURITY, "proofPurpose", Kind::Word),
    ("type", TYPE, "", Kind::Word),
    ("validFrom", CREDENTIALS, "validFrom", Kind::Typed(MOMENT)),
    ("verificationMethod", SECURITY, "verificationMethod", Kind::Iri),
];

/// Words that stand for IRIs as values.
const WORDS: [(&str, &str); 9] = [
    ("Achievement", BADGES),
    ("AchievementSubject", BADGES),
    ("DataIntegrityProof", SECURITY),
    ("Evidence", BADGES),
    ("IdentityObject", BADGES),
    ("OpenBadgeCredential", BADGES),
    ("Profile", BADGES),
    ("VerifiableCredential", CREDENTIALS),
    ("assertionMethod", SECURITY),
];

/// It is not as our badges are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unknown {
    #[error("no context of a badge is known to have {0}")]
    Word(String),
    #[error("{member} of a badge cannot be {value}")]
    Value { member: String, value: Value },
}

/// Reads an object with all that is in it.
///
/// # Errors
///
/// [`Unknown`], when a word or a value is none of ours.
pub(super) fn quads(object: &Value) -> Result<BTreeSet<Quad>, Unknown> {
    let mut reader = Reader::default();
    let Value::Object(members) = object else { return Err(unfit("the whole", object)) };
    reader.node(members)?;
    Ok(reader.quads)
}

#[derive(Default)]
struct Reader {
    quads: BTreeSet<Quad>,
    blanks: usize,
}

impl Reader {
    /// Reads an object, and returns its node.
    fn node(&mut self, members: &Map<String, Value>) -> Result<Term, Unknown> {
        let subject = match members.get("id") {
            None => self.blank(),
            Some(Value::String(id)) => Term::Iri(id.clone()),
            Some(other) => return Err(unfit("id", other)),
        };
        for (name, value) in members.iter().filter(|(name, _)| !["id", "@context"].contains(&name.as_str())) {
            self.member(&subject, name, value)?;
        }
        Ok(subject)
    }

    fn blank(&mut self) -> Term {
        self.blanks += 1;
        Term::Blank(self.blanks - 1)
    }

    /// Reads a member; of an array each value says something of its own, and their order nothing.
    fn member(&mut self, subject: &Term, name: &str, value: &Value) -> Result<(), Unknown> {
        let known = MEMBERS.iter().find(|(member, ..)| *member == name);
        let (_, vocabulary, word, kind) = known.ok_or_else(|| Unknown::Word(name.to_owned()))?;
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            let object = self.value(name, *kind, value)?;
            self.quads.insert(Quad { subject: subject.clone(), predicate: format!("{vocabulary}{word}"), object });
        }
        Ok(())
    }

    fn value(&mut self, name: &str, kind: Kind, value: &Value) -> Result<Term, Unknown> {
        match (kind, value) {
            (Kind::Iri | Kind::Text, Value::Object(members)) => self.node(members),
            (Kind::Iri, Value::String(iri)) => Ok(Term::Iri(iri.clone())),
            (Kind::Text, Value::String(text)) => Ok(Term::Text(text.clone())),
            (Kind::Typed(datatype), Value::String(text)) => Ok(Term::Typed(text.clone(), datatype)),
            (Kind::Typed(datatype), Value::Bool(truth)) => Ok(Term::Typed(truth.to_string(), datatype)),
            (Kind::Word, Value::String(word)) => meant(word),
            _ => Err(unfit(name, value)),
        }
    }
}

fn meant(word: &str) -> Result<Term, Unknown> {
    let found = WORDS.iter().find(|(known, _)| *known == word);
    let (word, vocabulary) = found.ok_or_else(|| Unknown::Word(word.to_owned()))?;
    Ok(Term::Iri(format!("{vocabulary}{word}")))
}

fn unfit(member: &str, value: &Value) -> Unknown {
    Unknown::Value { member: member.to_owned(), value: value.clone() }
}
