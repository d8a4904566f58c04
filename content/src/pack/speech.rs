//! Which audio belongs to which words of a course.
//!
//! ```text
//! index     = format recording*
//! format    = 1 byte                       SPEECH_FORMAT
//! recording = lesson block part bytes blob 40 bytes
//!   lesson    2 bytes, little-endian       number of the lesson within the course
//!   block     1 byte                       index of the block, or Spot::HEAD
//!   part      1 byte                       what of the block, as Spot says
//!   bytes     4 bytes, little-endian       length of the blob
//!   blob      32 bytes                     its BLAKE3
//! ```
//!
//! Recordings ascend by lesson, block and part. Rows of one length need no decoder to speak of, which every
//! phone would download.

use super::Hash;

/// Format byte of an encoded [`SpeechIndex`].
pub const SPEECH_FORMAT: u8 = 1;
/// Most recordings of a course: 64 lessons of 64 spots. The curriculum's longest lesson has 46.
pub const RECORDINGS_MAX: usize = 4096;
/// Most bytes of an encoded index.
pub const SPEECH_BYTES_MAX: usize = 1 + RECORDINGS_MAX * ROW_BYTES;
/// Most bytes of a recording: two minutes at 16 kbit/s, where a minute is long for a block.
pub const RECORDING_BYTES_MAX: usize = 256 * 1024;

const ROW_BYTES: usize = 40;

/// Where in a lesson words stand that are said at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// Index of the block in [`Lesson::blocks`](super::Lesson::blocks), or [`Spot::HEAD`].
    pub block: u8,
    /// Part of the block: 0 is what is said before the reader has done anything. See
    /// [`speech::parts`](crate::speech::parts).
    pub part: u8,
}

impl Spot {
    /// Stands for what is no block: part 0 is title and goal, then comes [`Spot::END`]. More than
    /// [`BLOCKS_PER_LESSON_MAX`](super::BLOCKS_PER_LESSON_MAX).
    pub const HEAD: u8 = u8::MAX;

    /// What is said after the lesson: what the reader can do now, and the one thing to try.
    pub const END: Self = Self { block: Self::HEAD, part: 1 };
}

/// An audio file, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Number of the lesson.
    pub lesson: u16,
    /// The words.
    pub spot: Spot,
    /// Length of the file.
    pub bytes: u32,
    /// Address of the file: Opus in Ogg, one channel.
    pub blob: Hash,
}

/// Lists the audio of a course.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpeechIndex {
    /// In ascending order of lesson and spot, none twice; at most [`RECORDINGS_MAX`].
    pub recordings: Vec<Recording>,
}

/// Says why bytes are not an index, or recordings cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpeechError {
    /// The bytes were written in a format this release does not know.
    #[error("speech index of format {found}; this release reads format {SPEECH_FORMAT}")]
    UnknownFormat {
        /// Format byte found; 0 where there are no bytes.
        found: u8,
    },
    /// The last row is not whole.
    #[error("the speech index ends within a row of {ROW_BYTES} bytes: it has {bytes}")]
    Cut {
        /// Bytes of all.
        bytes: usize,
    },
    /// There are more recordings than a course may have.
    #[error("{found} recordings are too many for a course, at most {RECORDINGS_MAX} fit")]
    TooMany {
        /// How many.
        found: usize,
    },
    /// A recording does not come after the one before it.
    #[error("recording {at} does not come after the one before")]
    Order {
        /// Which, from 0.
        at: usize,
    },
    /// A recording is longer than a block may be.
    #[error("recording {at} has {bytes} bytes, at most {RECORDING_BYTES_MAX} fit")]
    Long {
        /// Which, from 0.
        at: usize,
        /// Its length.
        bytes: u32,
    },
}

impl SpeechIndex {
    /// Finds the audio of words.
    pub fn find(&self, lesson: u16, spot: Spot) -> Option<&Recording> {
        self.recordings.iter().find(|found| found.lesson == lesson && found.spot == spot)
    }

    /// Encodes the index as the bytes of its blob.
    ///
    /// # Errors
    ///
    /// When the recordings are too many, too long, or not in order.
    pub fn encode(&self) -> Result<Vec<u8>, SpeechError> {
        self.check()?;
        let mut bytes = Vec::with_capacity(1 + self.recordings.len() * ROW_BYTES);
        bytes.push(SPEECH_FORMAT);
        for Recording { lesson, spot, bytes: length, blob } in &self.recordings {
            bytes.extend(lesson.to_le_bytes());
            bytes.extend([spot.block, spot.part]);
            bytes.extend(length.to_le_bytes());
            bytes.extend(blob.0);
        }
        Ok(bytes)
    }

    /// Decodes what [`SpeechIndex::encode`] wrote.
    ///
    /// # Errors
    ///
    /// When the bytes are anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, SpeechError> {
        let (&format, rows) = bytes.split_first().unwrap_or((&0, &[]));
        if format != SPEECH_FORMAT {
            return Err(SpeechError::UnknownFormat { found: format });
        }
        let (rows, rest) = rows.as_chunks::<ROW_BYTES>();
        if !rest.is_empty() {
            return Err(SpeechError::Cut { bytes: bytes.len() });
        }
        if rows.len() > RECORDINGS_MAX {
            return Err(SpeechError::TooMany { found: rows.len() });
        }
        let index = Self { recordings: rows.iter().map(Recording::read).collect() };
        index.check().map(|()| index)
    }

    fn check(&self) -> Result<(), SpeechError> {
        let found = self.recordings.len();
        if found > RECORDINGS_MAX {
            return Err(SpeechError::TooMany { found });
        }
        let mut before = None;
        for (at, recording) in self.recordings.iter().enumerate() {
            let place = Some((recording.lesson, recording.spot));
            if before >= place {
                return Err(SpeechError::Order { at });
            }
            if recording.bytes as usize > RECORDING_BYTES_MAX {
                return Err(SpeechError::Long { at, bytes: recording.bytes });
            }
            before = place;
        }
        Ok(())
    }
}

impl Recording {
    fn read(row: &[u8; ROW_BYTES]) -> Self {
        let [l0, l1, block, part, b0, b1, b2, b3, blob @ ..] = *row;
        let (lesson, bytes) = (u16::from_le_bytes([l0, l1]), u32::from_le_bytes([b0, b1, b2, b3]));
        Self { lesson, spot: Spot { block, part }, bytes, blob: Hash(blob) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Hash, RECORDINGS_MAX, Recording, SpeechError, SpeechIndex, Spot};

    fn recording(lesson: u16, block: u8, part: u8) -> Recording {
        Recording { lesson, spot: Spot { block, part }, bytes: 0x0102, blob: Hash([0xab; 32]) }
    }

    #[test]
    fn an_index_has_these_bytes() {
        let index = SpeechIndex { recordings: vec![recording(0x0304, 5, 6), recording(0x0304, Spot::HEAD, 0)] };
        let row = |block, part| [&[4, 3, block, part, 2, 1, 0, 0][..], &[0xab; 32]].concat();
        let bytes = [&[1][..], &row(5, 6), &row(255, 0)].concat();
        assert_eq!(index.encode().unwrap(), bytes);
        assert_eq!(SpeechIndex::decode(&bytes).as_ref(), Ok(&index));
        assert_eq!(index.find(0x0304, Spot { block: 5, part: 6 }), Some(&index.recordings[0]));
        assert_eq!(index.find(0x0305, Spot { block: 5, part: 6 }), None);
    }

    #[test]
    fn anything_else_is_refused_and_said_why() {
        let good = SpeechIndex { recordings: vec![recording(1, 0, 0), recording(1, 0, 1)] };
        let bytes = good.encode().unwrap();
        assert_eq!(SpeechIndex::decode(&[]), Err(SpeechError::UnknownFormat { found: 0 }));
        assert_eq!(SpeechIndex::decode(&[2]), Err(SpeechError::UnknownFormat { found: 2 }));
        for end in 2..bytes.len() {
            let cut = SpeechIndex::decode(&bytes[..end]);
            assert_eq!(cut.is_ok(), end == 41, "cut at {end}");
        }
        let turned = SpeechIndex { recordings: good.recordings.iter().rev().copied().collect() };
        assert_eq!(turned.encode(), Err(SpeechError::Order { at: 1 }));
        let twice = SpeechIndex { recordings: vec![recording(1, 0, 0); 2] };
        assert_eq!(twice.encode(), Err(SpeechError::Order { at: 1 }));
        let long = SpeechIndex { recordings: vec![Recording { bytes: 1 << 20, ..recording(1, 0, 0) }] };
        assert_eq!(long.encode(), Err(SpeechError::Long { at: 0, bytes: 1 << 20 }));
        let many = SpeechIndex { recordings: vec![recording(1, 0, 0); RECORDINGS_MAX + 1] };
        assert_eq!(many.encode(), Err(SpeechError::TooMany { found: 4097 }));
        let many = [&[1][..], &vec![0; 4097 * 40]].concat();
        assert_eq!(SpeechIndex::decode(&many), Err(SpeechError::TooMany { found: 4097 }));
    }
}
