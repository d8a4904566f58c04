//! Who may do what: credentials from the province down to a device, their revocation, and withdrawals.
//!
//! Pure: no I/O, no clock, no randomness. A day is an argument; what is revoked is asked of
//! [`Revocations`], since a chain itself never changes.
//!
//! # Bytes
//!
//! Numbers are varints unless a width is given; `list<T>` is a count and the items.
//!
//! ```text
//! area         0 everywhere | 1 list<commune>            sorted, each once, at least one
//! credential   version 1 B (1) · issuer 32 B · subject 32 B · rank 1 B · rights 1 B · team · area
//!              · from day · until day · signature 64 B
//!                rank       0 province · 1 commune · 2 team · 3 device
//!                rights     sum of 1 collect · 2 attest · 4 publish · 8 delegate
//!                signature  Ed25519 of the issuer over "bdhv/credential/1" 0x00 ‖ everything before it
//! chain        list<credential>
//! revocations  version 1 B (1) · epoch · list<revoked> · signature 64 B
//!                revoked    device 32 B · list<cut>      sorted by device, each once
//!                cut        incarnation · length · chain 32 B      sorted by incarnation, each once
//!                signature  Ed25519 of the province over "bdhv/revocations/1" 0x00 ‖ everything before it
//! withdrawal   0 · secret 16 B
//!              1 · learner 16 B · day · signer 32 B · chain · signature 64 B
//!                signature  Ed25519 of the signer over "bdhv/withdrawal/1" 0x00 ‖ learner ‖ day u32 LE
//! statement    version 1 B (1) · purpose 1 B · day · signer 32 B · chain · payload: length, bytes · signature 64 B
//!                purpose    1 an edition of a course · 2 a confirmation: payload
//!                           learner 16 B · commune · list<course> ascending · version of the criteria
//!                           that are met (0: none) · name: length, UTF-8
//!                signature  Ed25519 of the signer over "bdhv/statement/1" 0x00 ‖ everything before it
//! ```
//!
//! Equal values have equal bytes: numbers are in their shortest form and lists are sorted, or they are
//! refused.

mod area;
mod chain;
pub(crate) mod confirmation;
mod credential;
mod revocation;
pub(crate) mod statement;
mod terms;
#[cfg(feature = "net")]
mod text;
mod withdrawal;

#[cfg(any(test, feature = "golden"))]
pub(crate) mod golden;
#[cfg(test)]
mod tests;

pub use area::{AREA_COMMUNES_MAX, Area};
pub use chain::{CHAIN_BYTES_MAX, CHAIN_MAX, Chain, ChainError, Grant, LinkFault};
pub use confirmation::{CONFIRMED_COURSES_MAX, Confirmation, HOLDER_BYTES_MAX};
pub use credential::Credential;
pub use revocation::{CUTS_MAX, Cut, REVOCATIONS_BYTES_MAX, REVOKED_MAX, RevocationError, Revocations, Revoked};
pub use statement::{PAYLOAD_BYTES_MAX, Purpose, STATEMENT_BYTES_MAX, Statement, StatementError};
pub use terms::{Rank, Rights, Terms, UnknownRight};
#[cfg(feature = "net")]
pub use text::{CHAIN_CHARS_MAX, REVOCATIONS_CHARS_MAX, STATEMENT_CHARS_MAX, TextError};
pub use withdrawal::{Reach, WITHDRAWAL_BYTES_MAX, Withdrawal, WithdrawalError};

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use thiserror::Error;

use crate::wire::codec::{DecodeError, Fault, Reader};

/// The first byte of a credential, of a list of revocations and of a statement.
const VERSION: u8 = 1;

/// Why bytes are not an object of authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// A value cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A list is empty, not sorted, or names something twice.
    #[error("byte {at}: {rule}")]
    Rule {
        /// Offset of the first byte of the item that breaks it.
        at: usize,
        /// What holds for the list.
        rule: &'static str,
    },
}

/// Signs `body` for one purpose, which `domain` names.
pub(crate) fn sign(secret: &SigningKey, domain: &[u8], body: &[u8]) -> [u8; 64] {
    secret.sign(&[domain, body].concat()).to_bytes()
}

/// Whether `key` signed `body`, strictly (RFC 8032 with small-order keys refused).
pub(crate) fn verifies(key: &[u8; 32], domain: &[u8], body: &[u8], signature: &[u8; 64]) -> bool {
    let message = [domain, body].concat();
    VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify_strict(&message, &Signature::from_bytes(signature)).is_ok())
}

fn read_version(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let at = reader.position();
    match reader.byte("version")? {
        VERSION => Ok(()),
        found => Err(Reader::fault(at, Fault::Unknown { what: "version", found: found.into() })),
    }
}

/// An error about an object of `found` bytes that may have `max`.
const fn too_long(at: usize, what: &'static str, found: usize, max: usize) -> FormatError {
    FormatError::Decode(Reader::fault(at, Fault::TooLarge { what, found: found as u64, max: max as u64 }))
}
