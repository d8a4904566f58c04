//! Frames by which hubs give each other signed courses, ALPN [`ALPN`].
//!
//! A connection is for both sides alike. Each opens one unidirectional stream and says there which editions
//! it has whole, all of them in one `Shelf`, and all of them again whenever that changes. What is wanted of
//! it is asked for on a bidirectional stream of its own: one request, one answer, and after `Given` the bytes
//! themselves, unframed, to the end of the stream. QUIC bounds how many streams are open at once.
//!
//! A frame is `length varint ‖ tag 1 B ‖ body`; the length counts tag and body and is at most
//! [`FRAME_BYTES_MAX`]. Numbers are LEB128 varints in their shortest form.
//!
//! ```text
//! tag  name     body                                       where
//! 1    Shelf    list<title>                                on the stream of who has them
//!                 title   course · edition · hash 32 B     sorted by course, each once
//!                 hash    BLAKE3 of the signed edition, a statement of `authority`
//! 2    Edition  hash 32 B                                  request: the signed edition of this hash
//! 3    Blob     hash 32 B · from                           request: a blob, from this byte on
//! 4    Given    size                                       answer: size − from bytes follow (from is 0 of an edition)
//! 5    Absent   nothing                                    answer: it is not here
//! ```
//!
//! Nothing here is trusted: an edition is checked by its signature, a blob by the hash that names it. A blob
//! has at most [`BLOB_BYTES_MAX`] bytes, so that this is what a liar can make a hub fetch in vain. Who asks
//! is not looked at: the same courses are on every hub's pages.

use super::codec::{DecodeError, Fault, Reader, put_varint};

/// Application protocol of the exchange of courses, with its version.
pub const ALPN: &[u8] = b"bdhv/packs/1";
/// Bound of a frame: a full shelf of [`TITLES_MAX`] titles of 40 bytes.
pub const FRAME_BYTES_MAX: usize = 4 * 1024;
/// Bound of the titles on a shelf: a catalogue has no more courses.
pub const TITLES_MAX: usize = 64;
/// Bound of a blob: a lesson has at most this, an image far less.
pub const BLOB_BYTES_MAX: u64 = 1 << 20;
/// Bytes before a frame's body that say how long it is, at most.
const LENGTH_BYTES_MAX: usize = 2;

const SHELF: u8 = 1;
const EDITION: u8 = 2;
const BLOB: u8 = 3;
const GIVEN: u8 = 4;
const ABSENT: u8 = 5;

/// An edition of a course that a hub has whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Title {
    /// Number of the course.
    pub course: u16,
    /// Number of the edition.
    pub edition: u32,
    /// BLAKE3 of the signed edition.
    pub hash: [u8; 32],
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// What the sender has.
    Shelf(Vec<Title>),
    /// Asks for a signed edition.
    Edition {
        /// BLAKE3 of it.
        hash: [u8; 32],
    },
    /// Asks for a blob.
    Blob {
        /// BLAKE3 of it.
        hash: [u8; 32],
        /// The first byte wanted: those before are held.
        from: u64,
    },
    /// The bytes follow.
    Given {
        /// How many there are in all.
        size: u64,
    },
    /// It is not here.
    Absent,
}

impl Frame {
    /// Appends the frame with its length.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut body = Vec::new();
        self.encode_body(&mut body);
        put_varint(out, body.len() as u64);
        out.extend(body);
    }

    fn encode_body(&self, out: &mut Vec<u8>) {
        match self {
            Self::Shelf(titles) => {
                out.push(SHELF);
                put_varint(out, titles.len() as u64);
                for title in titles {
                    title.encode(out);
                }
            }
            Self::Edition { hash } => {
                out.push(EDITION);
                out.extend(hash);
            }
            Self::Blob { hash, from } => {
                out.push(BLOB);
                out.extend(hash);
                put_varint(out, *from);
            }
            Self::Given { size } => {
                out.push(GIVEN);
                put_varint(out, *size);
            }
            Self::Absent => out.push(ABSENT),
        }
    }

    /// Reads tag and body.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let frame = match reader.byte("tag")? {
            SHELF => Self::Shelf(read_titles(&mut reader)?),
            EDITION => Self::Edition { hash: reader.array("hash")? },
            BLOB => Self::Blob { hash: reader.array("hash")?, from: reader.varint("first byte", BLOB_BYTES_MAX)? },
            GIVEN => Self::Given { size: reader.varint("size", BLOB_BYTES_MAX)? },
            ABSENT => Self::Absent,
            found => return Err(Reader::fault(0, Fault::Unknown { what: "tag", found: found.into() })),
        };
        reader.finish()?;
        Ok(frame)
    }
}

/// Splits the first frame off `bytes`; returns its tag and body, and how many bytes it took. `None` if it
/// is not all there yet.
///
/// # Errors
/// [`DecodeError`] if it claims to be longer than any.
pub fn split_frame(bytes: &[u8]) -> Result<Option<(&[u8], usize)>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let length = match reader.varint("length of a frame", FRAME_BYTES_MAX as u64) {
        Ok(length) => length as usize,
        Err(DecodeError { what: Fault::Short(_), .. }) if bytes.len() < LENGTH_BYTES_MAX => return Ok(None),
        Err(error) => return Err(error),
    };
    let start = reader.position();
    Ok(bytes.get(start..start + length).map(|frame| (frame, start + length)))
}

impl Title {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.course.into());
        put_varint(out, self.edition.into());
        out.extend(self.hash);
    }
}

fn read_titles(reader: &mut Reader<'_>) -> Result<Vec<Title>, DecodeError> {
    let mut titles: Vec<Title> = Vec::new();
    for _ in 0..reader.varint("number of titles", TITLES_MAX as u64)? {
        let at = reader.position();
        let course = reader.varint("course", u16::MAX.into())? as u16;
        if titles.last().is_some_and(|last| last.course >= course) {
            return Err(Reader::fault(at, Fault::Unsorted("the titles of a shelf")));
        }
        let edition = reader.varint("edition", u32::MAX.into())? as u32;
        titles.push(Title { course, edition, hash: reader.array("hash")? });
    }
    Ok(titles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn title(course: u16, edition: u32) -> Title {
        Title { course, edition, hash: [course as u8; 32] }
    }

    fn encoded(frame: &Frame) -> Vec<u8> {
        let mut out = Vec::new();
        frame.encode(&mut out);
        out
    }

    #[test]
    fn frames_have_their_golden_bytes() {
        let hash = [0xab; 32];
        let cases: [(Frame, Vec<&[u8]>); 6] = [
            (Frame::Shelf(Vec::new()), vec![&[2, 1, 0]]),
            (
                Frame::Shelf(vec![title(7, 2), title(300, 128)]),
                vec![&[72, 1, 2], &[7, 2], &[7; 32], &[0xac, 0x02, 0x80, 0x01], &[0x2c; 32]],
            ),
            (Frame::Edition { hash }, vec![&[33, 2], &hash]),
            (Frame::Blob { hash, from: 300 }, vec![&[35, 3], &hash, &[0xac, 0x02]]),
            (Frame::Given { size: 1 << 20 }, vec![&[4, 4, 0x80, 0x80, 0x40]]),
            (Frame::Absent, vec![&[1, 5]]),
        ];
        for (frame, bytes) in cases {
            let bytes = bytes.concat();
            assert_eq!(encoded(&frame), bytes, "{frame:?}");
            let (body, taken) = split_frame(&bytes).unwrap().unwrap();
            assert_eq!((Frame::decode(body), taken), (Ok(frame), bytes.len()));
            for cut in 0..bytes.len() {
                assert_eq!(split_frame(&bytes[..cut]), Ok(None), "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_full_shelf_fits_its_frame() {
        let titles = (0..TITLES_MAX as u16).map(|n| title(u16::MAX - TITLES_MAX as u16 + n, u32::MAX)).collect();
        assert!(encoded(&Frame::Shelf(titles)).len() <= FRAME_BYTES_MAX);
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_with_its_place() {
        let cases: [(&[u8], &str); 6] = [
            (&[], "byte 0: the input ends here, within tag"),
            (&[6], "byte 0: tag 6 is not known here"),
            (&[5, 0], "byte 1: bytes follow the last value"),
            (&[1, 65], "byte 1: number of titles is 65, and at most 64 is allowed"),
            (&[4, 0x81, 0x80, 0x40], "byte 1: size is 1048577, and at most 1048576 is allowed"),
            (&[2, 1], "byte 1: the input ends here, within hash"),
        ];
        for (bytes, error) in cases {
            assert_eq!(Frame::decode(bytes).unwrap_err().to_string(), error);
        }
        let twice = encoded(&Frame::Shelf(vec![title(7, 1), title(7, 2)]));
        let error = Frame::decode(&twice[1..]).unwrap_err().to_string();
        assert_eq!(error, "byte 36: the titles of a shelf are not sorted, each once");
        let error = split_frame(&[0x81, 0x20]).unwrap_err().to_string();
        assert_eq!(error, "byte 0: length of a frame is 4097, and at most 4096 is allowed");
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            if let Ok(frame) = Frame::decode(&bytes) {
                let again = encoded(&frame);
                prop_assert_eq!(split_frame(&again), Ok(Some((&bytes[..], again.len()))));
            }
        }
    }
}
