//! Reading and writing of bytes: fixed arrays, LEB128 integers, bounded slices.

use thiserror::Error;

/// Why bytes could not be read, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("byte {at}: {what}")]
pub struct DecodeError {
    /// Offset of the first byte of what could not be read.
    pub at: usize,
    /// What is wrong with it.
    pub what: Fault,
}

/// What can be wrong with bytes.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// The input ends within a value.
    #[error("the input ends here, within {0}")]
    Short(&'static str),
    /// A number is longer than its type, or not in its shortest form.
    #[error("{0} is not a number in its shortest form")]
    Varint(&'static str),
    /// A number is outside its range.
    #[error("{what} is {found}, and at most {max} is allowed")]
    TooLarge {
        /// The value's name.
        what: &'static str,
        /// What the input says.
        found: u64,
        /// Its named bound.
        max: u64,
    },
    /// A tag that this version does not know.
    #[error("{what} {found} is not known here")]
    Unknown {
        /// The tag's name.
        what: &'static str,
        /// What the input says.
        found: u64,
    },
    /// Bytes follow the last value.
    #[error("bytes follow the last value")]
    Trailing,
    /// A list is not in its order, or names something twice.
    #[cfg(not(target_family = "wasm"))]
    #[error("{0} are not sorted, each once")]
    Unsorted(&'static str),
    /// Text is not UTF-8.
    #[error("{0} is not UTF-8")]
    Text(&'static str),
}

/// Reads values from the front of a slice and knows how far it came.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// Whether everything was read.
    pub const fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Everything from `start`, an earlier [`position`](Self::position), to here.
    pub fn since(&self, start: usize) -> &'a [u8] {
        &self.bytes[start..self.at]
    }

    /// An error about the value that starts at `at`.
    pub const fn fault(at: usize, what: Fault) -> DecodeError {
        DecodeError { at, what }
    }

    /// Reads `n` bytes.
    ///
    /// # Errors
    /// [`Fault::Short`] if fewer are left.
    pub fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], DecodeError> {
        let slice = self
            .at
            .checked_add(n)
            .and_then(|end| self.bytes.get(self.at..end))
            .ok_or(Self::fault(self.at, Fault::Short(what)))?;
        self.at += n;
        Ok(slice)
    }

    /// Reads a fixed array.
    ///
    /// # Errors
    /// [`Fault::Short`] if fewer bytes are left.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], DecodeError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N, what)?);
        Ok(out)
    }

    /// Reads one byte.
    ///
    /// # Errors
    /// [`Fault::Short`] at the end.
    pub fn byte(&mut self, what: &'static str) -> Result<u8, DecodeError> {
        Ok(self.take(1, what)?[0])
    }

    /// Reads an unsigned LEB128 integer of at most `max`. Only the shortest form is accepted, so that
    /// equal values have equal bytes.
    ///
    /// # Errors
    /// [`Fault::Varint`], [`Fault::TooLarge`] or [`Fault::Short`].
    pub fn varint(&mut self, what: &'static str, max: u64) -> Result<u64, DecodeError> {
        let start = self.at;
        let mut value = 0u64;
        for shift in (0..).step_by(7) {
            let byte = self.byte(what)?;
            let bits = u64::from(byte & 0x7f);
            if shift > 63 || (shift == 63 && bits > 1) || (byte == 0 && shift > 0) {
                return Err(Self::fault(start, Fault::Varint(what)));
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if value > max {
            return Err(Self::fault(start, Fault::TooLarge { what, found: value, max }));
        }
        Ok(value)
    }

    /// Reads a length of at most `max`, then that many bytes. The length is checked before anything
    /// is taken.
    ///
    /// # Errors
    /// As [`varint`](Self::varint) and [`take`](Self::take).
    pub fn slice(&mut self, what: &'static str, max: usize) -> Result<&'a [u8], DecodeError> {
        let length = self.varint(what, max as u64)?;
        self.take(length as usize, what)
    }

    /// Takes everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        self.at = self.bytes.len();
        rest
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Fault::Trailing`] if bytes are left.
    pub const fn finish(self) -> Result<(), DecodeError> {
        if self.is_empty() { Ok(()) } else { Err(Self::fault(self.at, Fault::Trailing)) }
    }
}

/// Appends an unsigned LEB128 integer in its shortest form.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a length and the bytes.
pub fn put_slice(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Maps a signed difference to an unsigned one, small magnitudes first: 0, −1, 1, −2, …
pub const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// Reverses [`zigzag`].
pub const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(value: u64, signed: i64) {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            let mut reader = Reader::new(&out);
            prop_assert_eq!(reader.varint("n", u64::MAX), Ok(value));
            prop_assert!(reader.is_empty());
            prop_assert_eq!(unzigzag(zigzag(signed)), signed);
        }

        #[test]
        fn what_is_read_is_in_shortest_form(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes);
            if let Ok(value) = reader.varint("n", u64::MAX) {
                let mut out = Vec::new();
                put_varint(&mut out, value);
                prop_assert_eq!(&out[..], reader.since(0));
            }
        }
    }

    #[test]
    fn faults_say_what_and_where() {
        let mut reader = Reader::new(&[5, 0x80, 0x00]);
        assert_eq!(reader.byte("tag"), Ok(5));
        let error = reader.varint("length", 9).unwrap_err();
        assert_eq!(error.to_string(), "byte 1: length is not a number in its shortest form");
        let error = Reader::new(&[200, 1]).varint("length", 9).unwrap_err();
        assert_eq!(error.to_string(), "byte 0: length is 200, and at most 9 is allowed");
    }
}
