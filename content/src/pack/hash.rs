//! Addresses of blobs.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// Addresses a blob by the BLAKE3 hash of its bytes.
///
/// Shown and parsed as 64 lower-case hexadecimal digits.
///
/// # Example
///
/// ```
/// use content::pack::Hash;
///
/// let hash = Hash::of(b"xin ch\xc3\xa0o");
/// assert_eq!(hash.to_string().parse(), Ok(hash));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Hash(pub [u8; 32]);

/// Says why a text is not a [`struct@Hash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The text is not 64 bytes long.
    #[error("a hash has 64 digits, found {found} bytes")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// A character is not a lower-case hexadecimal digit.
    #[error("byte {at} is not one of 0-9 and a-f")]
    Digit {
        /// Index of the byte, from 0.
        at: usize,
    },
}

impl Hash {
    /// Hashes the bytes of a blob.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| HashError::Length { found: text.len() })?;
        let mut bytes = [0; 32];
        for (at, &digit) in digits.iter().enumerate() {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return Err(HashError::Digit { at }),
            };
            bytes[at / 2] = bytes[at / 2] << 4 | value;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::{Hash, HashError};

    #[test]
    fn shows_and_parses_hex() {
        let text = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
        assert_eq!(Hash::of(b"").to_string(), text, "BLAKE3 of nothing, from its test vectors");
        assert_eq!(text.parse(), Ok(Hash::of(b"")));
    }

    #[test]
    fn refuses_what_is_not_a_hash() {
        assert_eq!("af13".parse::<Hash>(), Err(HashError::Length { found: 4 }));
        assert_eq!("AF".repeat(32).parse::<Hash>(), Err(HashError::Digit { at: 0 }));
        assert_eq!("ă".repeat(32).parse::<Hash>(), Err(HashError::Digit { at: 0 }));
    }
}
