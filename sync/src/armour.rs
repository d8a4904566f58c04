//! Bytes as a text that people copy and that fits into a QR code.
//!
//! ```text
//! text   prefix, which says what it is and in which version ‖ base32, lower case, no padding, of:
//! bytes  the object ‖ check 4 B: the first bytes of BLAKE3 over the object
//! ```

use data_encoding::BASE32_NOPAD;
use thiserror::Error;

const CHECK_BYTES: usize = 4;

/// One kind of text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Armour {
    /// What it is, for errors.
    pub(crate) what: &'static str,
    /// How it begins.
    pub(crate) prefix: &'static str,
    /// Bound of its length.
    pub(crate) chars_max: usize,
}

/// Why a text is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArmourError {
    /// It does not begin as one.
    #[error("a {what} begins with {prefix}")]
    Prefix {
        /// What it should be.
        what: &'static str,
        /// How it should begin.
        prefix: &'static str,
    },
    /// It is too long.
    #[error("a {what} has at most {max} characters, and this has {found}")]
    TooLong {
        /// What it should be.
        what: &'static str,
        /// Its length in bytes.
        found: usize,
        /// The bound.
        max: usize,
    },
    /// A character is not of the alphabet.
    #[error("character {at} is not one of a–z and 2–7")]
    Character {
        /// Counted from 1, in the whole text.
        at: usize,
    },
    /// The check does not fit: a character is wrong or missing.
    #[error("a character is wrong or missing: copy the {what} again")]
    Check {
        /// What it should be.
        what: &'static str,
    },
}

impl Armour {
    /// A kind of text for objects of at most `bytes_max`.
    pub(crate) const fn for_bytes(what: &'static str, prefix: &'static str, bytes_max: usize) -> Self {
        let chars_max = prefix.len() + ((bytes_max + CHECK_BYTES) * 8).div_ceil(5);
        Self { what, prefix, chars_max }
    }

    /// Writes an object.
    pub(crate) fn write(&self, object: &[u8]) -> String {
        let bytes = [object, &check(object)].concat();
        format!("{}{}", self.prefix, BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
    }

    /// Reads an object. Space around the text does not matter, nor does the case of what follows the prefix.
    ///
    /// # Errors
    /// [`ArmourError`].
    pub(crate) fn read(&self, text: &str) -> Result<Vec<u8>, ArmourError> {
        let Self { what, prefix, chars_max: max } = *self;
        let text = text.trim();
        if text.len() > max {
            return Err(ArmourError::TooLong { what, found: text.len(), max });
        }
        let body = text.strip_prefix(prefix).ok_or(ArmourError::Prefix { what, prefix })?;
        if let Some(index) = body.chars().position(|letter| !matches!(letter, 'a'..='z' | 'A'..='Z' | '2'..='7')) {
            return Err(ArmourError::Character { at: prefix.len() + index + 1 });
        }
        read_checked(body).ok_or(ArmourError::Check { what })
    }
}

fn read_checked(body: &str) -> Option<Vec<u8>> {
    let mut bytes = BASE32_NOPAD.decode(body.to_ascii_uppercase().as_bytes()).ok()?;
    let (object, found) = bytes.split_last_chunk::<CHECK_BYTES>()?;
    if check(object) != *found {
        return None;
    }
    bytes.truncate(bytes.len() - CHECK_BYTES);
    Some(bytes)
}

fn check(object: &[u8]) -> [u8; CHECK_BYTES] {
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&blake3::hash(object).as_bytes()[..CHECK_BYTES]);
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARMOUR: Armour = Armour::for_bytes("note", "note1", 8);

    #[test]
    fn every_length_comes_back() {
        for length in 0..=8 {
            let object: Vec<u8> = (0..length).collect();
            let text = ARMOUR.write(&object);
            assert_eq!(ARMOUR.read(&format!(" {text}\n")), Ok(object.clone()));
            assert_eq!(ARMOUR.read(&text.to_uppercase().replacen("NOTE1", "note1", 1)), Ok(object));
            assert!(text.len() <= ARMOUR.chars_max);
        }
        assert_eq!(ARMOUR.write(&[0; 8]).len(), ARMOUR.chars_max);
    }

    #[test]
    fn a_text_cut_or_changed_anywhere_is_refused() {
        let text = ARMOUR.write(&[1, 2, 3, 4]);
        for at in 0..text.len() {
            let other = if text[at..].starts_with('a') { "b" } else { "a" };
            assert!(ARMOUR.read(&text[..at]).is_err(), "cut at {at}");
            assert!(ARMOUR.read(&[&text[..at], other, &text[at + 1..]].concat()).is_err(), "changed at {at}");
            assert!(ARMOUR.read(&[&text[..at], &text[at + 1..]].concat()).is_err(), "left out at {at}");
        }
    }

    #[test]
    fn errors_say_what_and_where() {
        let cases = [
            ("hello", "a note begins with note1"),
            ("note1", "a character is wrong or missing: copy the note again"),
            ("note1ab1d", "character 8 is not one of a–z and 2–7"),
            ("note1áb", "character 6 is not one of a–z and 2–7"),
            ("note1aaaaaaaaaaaaaaaaaaaaa", "a note has at most 25 characters, and this has 26"),
        ];
        for (text, error) in cases {
            assert_eq!(ARMOUR.read(text).unwrap_err().to_string(), error);
        }
    }
}
