//! Chains, lists of revocations and confirmations as text, for files, for copying and for QR codes.
//!
//! ```text
//! chain        "bdhvc1" ‖ armour of its bytes
//! revocations  "bdhvr1" ‖ armour of its bytes
//! statement    "bdhvs1" ‖ armour of its bytes: a confirmation
//! ```
//!
//! The armour is drawn in [`crate::armour`].

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use super::{CHAIN_BYTES_MAX, Chain, FormatError, REVOCATIONS_BYTES_MAX, Revocations, STATEMENT_BYTES_MAX, Statement};
use crate::armour::{Armour, ArmourError};

const CHAIN: Armour = Armour::for_bytes("chain of credentials", "bdhvc1", CHAIN_BYTES_MAX);
const STATEMENT: Armour = Armour::for_bytes("confirmation", "bdhvs1", STATEMENT_BYTES_MAX);
const REVOCATIONS: Armour = Armour::for_bytes("list of revocations", "bdhvr1", REVOCATIONS_BYTES_MAX);

/// Bound of a chain's text.
pub const CHAIN_CHARS_MAX: usize = CHAIN.chars_max;
/// Bound of the text of a list of revocations.
pub const REVOCATIONS_CHARS_MAX: usize = REVOCATIONS.chars_max;
/// Bound of the text of a statement.
pub const STATEMENT_CHARS_MAX: usize = STATEMENT.chars_max;

/// Why a text is not an object of authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextError {
    /// The text is not one of these, or was copied wrongly.
    #[error(transparent)]
    Armour(#[from] ArmourError),
    /// The bytes within are not those of the object.
    #[error(transparent)]
    Format(#[from] FormatError),
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::new();
        self.encode(&mut bytes);
        f.write_str(&CHAIN.write(&bytes))
    }
}

impl FromStr for Chain {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Ok(Self::decode(&CHAIN.read(text)?)?)
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::new();
        self.encode(&mut bytes);
        f.write_str(&STATEMENT.write(&bytes))
    }
}

impl FromStr for Statement {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Ok(Self::decode(&STATEMENT.read(text)?)?)
    }
}

impl fmt::Display for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::new();
        self.encode(&mut bytes);
        f.write_str(&REVOCATIONS.write(&bytes))
    }
}

impl FromStr for Revocations {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Ok(Self::decode(&REVOCATIONS.read(text)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::golden::{chain, revocations};
    use super::*;

    #[test]
    fn objects_come_back_from_their_text() {
        assert_eq!(chain().to_string().parse(), Ok(chain()));
        assert_eq!(revocations().to_string().parse(), Ok(revocations()));
        assert!(chain().to_string().starts_with("bdhvc1aia"));
        assert!(revocations().to_string().starts_with("bdhvr1aedq"));
    }

    #[test]
    fn one_text_is_not_taken_for_the_other() {
        let error = chain().to_string().parse::<Revocations>().unwrap_err();
        assert_eq!(error.to_string(), "a list of revocations begins with bdhvr1");
        let error = revocations().to_string().parse::<Chain>().unwrap_err();
        assert_eq!(error.to_string(), "a chain of credentials begins with bdhvc1");
    }

    #[test]
    fn bytes_that_are_no_chain_are_refused() {
        let error = CHAIN.write(&[5]).parse::<Chain>().unwrap_err();
        assert_eq!(error.to_string(), "byte 0: number of links is 5, and at most 4 is allowed");
    }
}
