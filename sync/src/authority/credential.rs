//! One signed statement: this key may do that. The bytes are drawn in the parent module.

use ed25519_dalek::SigningKey;

use crate::id::DeviceId;
use crate::log::device_of;
use crate::wire::codec::Reader;

use super::{FormatError, Terms, VERSION, read_version, sign, verifies};

const DOMAIN: &[u8] = b"bdhv/credential/1\0";

/// What an issuer lets a subject do. Says something only as part of a [`Chain`](super::Chain).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Whose key signed it.
    pub issuer: DeviceId,
    /// Whose key it speaks of.
    pub subject: DeviceId,
    /// What the subject may do.
    pub terms: Terms,
    /// The issuer's signature over everything above.
    pub signature: [u8; 64],
}

impl Credential {
    /// Signs terms for a subject. Whether the issuer may grant them shows in the chain.
    pub fn issue(secret: &SigningKey, subject: DeviceId, terms: Terms) -> Self {
        let mut credential = Self { issuer: device_of(secret), subject, terms, signature: [0; 64] };
        credential.signature = sign(secret, DOMAIN, &credential.body());
        credential
    }

    /// Whether the issuer's signature covers it.
    pub fn is_signed(&self) -> bool {
        verifies(&self.issuer.0, DOMAIN, &self.body(), &self.signature)
    }

    fn body(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend(self.issuer.0);
        out.extend(self.subject.0);
        self.terms.encode(&mut out);
        out
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.body());
        out.extend(self.signature);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        read_version(reader)?;
        Ok(Self {
            issuer: DeviceId(reader.array("issuer")?),
            subject: DeviceId(reader.array("subject")?),
            terms: Terms::read(reader)?,
            signature: reader.array("signature")?,
        })
    }
}
