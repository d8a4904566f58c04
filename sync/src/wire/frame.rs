//! Frames of a sync session, ALPN [`ALPN`].
//!
//! A frame is `length varint ‖ tag 1 B ‖ body`; the length counts tag and body and is at most
//! [`FRAME_BYTES_MAX`]. Numbers are LEB128 varints in their shortest form unless a width is given;
//! `list<T>` is a count and the items; `bytes` is a length and the bytes.
//!
//! ```text
//! tag  name         body
//! 1    Hello        version 1 B · store 16 B · role 1 B · flags 1 B · scope · cursor · list<extension>
//!                     role       0 phone · 1 hub · 2 province
//!                     flags      bit 0: tell me what the province has (the sender takes our word for it)
//!                     scope      0 own logs · 1 every commune · 2 list<commune>
//!                     cursor     0 none · 1 store 16 B · position
//!                     extension  tag · bytes     unknown tags are skipped
//!                       1        credential chain of the sender, or the first 8 B of its BLAKE3 hash where
//!                                the peer has seen it
//!                       2        epoch of the sender's revocation list, varint; absent: it has none
//!                       3        how many logs the sender holds in its scope, varint: if its cursor is
//!                                lost, send a sketch; absent: it cannot take one
//! 2    Changes      upto · list<offer> · list<receipt>
//!                     offer      device 32 B · incarnation · length · chain, first 8 B
//!                     receipt    device 32 B · incarnation · length
//! 3    Want         list<want>                   one for each Changes that had offers, in their order
//!                     want       offer · from
//! 4    Entries      offer · from · count · end 1 B · payloads bytes · [signature 64 B if end = 1]
//! 5    Ack          list<ack>
//!                     ack        offer · length
//! 6    Refuse       reason · text bytes          the sender closes after it
//! 7    Revocations  bytes                        first, to a peer whose epoch is older
//! 8    Withdrawn    list<bytes>                  withdrawals, before the Changes that their erasure made
//! 9    Again        want                         the log diverged: the offer's entries once more, from 0
//! 10   Forked       device 32 B · incarnation · common length · chain 32 B · 2 × (count · count × (slot u32 LE ·
//!                   digest 28 B) · signature 64 B)
//!                                                with the log, before it is offered; proves itself: both end
//!                                                under the signature. Its own device begins another log
//! 11   Sketch       number of logs · block bytes    a block as `sketch` draws it
//! 12   Items        0: more blocks are wanted · 1 list<item 8 B>: these logs are lacking · 2: too many are
//! 64–65          reserved: head and end of a bundle file
//! ```
//!
//! Offers are numbered from 0 in each direction of a session, in the order in which they are sent; an
//! offer that the answering `Want` leaves out is one that the receiver has, durably, to that length.

use crate::authority::{REVOCATIONS_BYTES_MAX, WITHDRAWAL_BYTES_MAX};
use crate::entry::Digest;
use crate::id::{DeviceId, LogId};
use crate::log::{BRANCH_BLOCKS_MAX, Block, Branch, Fork, HeadSignature, LOG_ENTRIES_MAX, Tail};
use crate::sketch::{Item, SKETCH_SYMBOLS_MAX};
use crate::wire::codec::{DecodeError, Fault, Reader, put_slice, put_varint};
pub use crate::wire::hello::{Cursor, Hello, Presented, Role, Scope};

/// Application protocol of a session, with its version.
pub const ALPN: &[u8] = b"bdhv/sync/1";
/// Version within the protocol, in `Hello`.
pub const VERSION: u8 = 1;
/// Bound of a frame: a phone holds several at once in little memory.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// Bound of offers, and of receipts, in one `Changes`: 512 of 48 bytes and 512 of 40 stay below a frame.
pub const OFFERS_MAX: usize = 512;
/// Bound of the payload bytes in one `Entries`.
pub const ENTRIES_BYTES_MAX: usize = 48 * 1024;
/// Bound of the communes in a scope: as many as a credential names.
pub const SCOPE_COMMUNES_MAX: usize = crate::authority::AREA_COMMUNES_MAX;
/// Bound of the withdrawals in one `Withdrawn`: of the longest ones, these fill half a frame.
pub const WITHDRAWALS_MAX: usize = 12;
/// Bound of the items in one `Items`: no more come out of a sketch than it has symbols.
pub const ITEMS_MAX: usize = SKETCH_SYMBOLS_MAX;
/// Bound of the text in `Refuse`.
pub const REFUSE_TEXT_BYTES_MAX: usize = 300;
/// Bound of the extensions in `Hello`.
pub const EXTENSIONS_MAX: usize = 8;

/// A log as its sender has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Which log.
    pub log: LogId,
    /// Its length there.
    pub length: u64,
    /// The first bytes of its chain there: enough to notice a log that diverged.
    pub chain: [u8; 8],
}

/// The province has durably acknowledged a log up to a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Which log.
    pub log: LogId,
    /// How many of its entries.
    pub length: u64,
}

/// What changed at the sender since the receiver's cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The receiver's cursor once it has taken everything offered so far.
    pub upto: u64,
    /// Logs that grew.
    pub offers: Vec<Offer>,
    /// What the province has.
    pub receipts: Vec<Receipt>,
}

/// Asks for the entries of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// Number of the offer.
    pub offer: u64,
    /// Index of the first entry wanted.
    pub from: u64,
}

/// A span of a log's entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries {
    /// Number of the offer it answers.
    pub offer: u64,
    /// Index of the first entry.
    pub from: u64,
    /// How many entries.
    pub count: u64,
    /// Their payloads, one after the other.
    pub payloads: Vec<u8>,
    /// In the last span of an offer: the signature over the log up to here.
    pub signature: Option<HeadSignature>,
}

/// Symbols of the sketch of the logs that the sender has in the receiver's scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// How many logs are in the sketch.
    pub logs: u64,
    /// The next symbols, as [`encode_block`](crate::sketch::Sketch::encode_block) writes them.
    pub block: Vec<u8>,
}

/// How far the receiver of a sketch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Items {
    /// It needs more symbols.
    More,
    /// It lacks these, and nothing else of the set.
    Lacking(Vec<Item>),
    /// Too much differs: it is to be told everything.
    TooMany,
}

/// The receiver of an offer holds it durably.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ack {
    /// Number of the offer.
    pub offer: u64,
    /// How many entries it holds.
    pub length: u64,
}

/// Why a node ends a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefuseReason {
    /// A frame could not be read, or came out of turn.
    Protocol,
    /// The version in `Hello` is not spoken here.
    Version,
    /// Entries were not covered by their signature.
    Signature,
    /// The store here cannot take more at the moment.
    Storage,
    /// The peer may not have what it asked for.
    Scope,
    /// The node is shutting down, or has too many sessions.
    Busy,
    /// The peer's credential is not known, not valid, or revoked; or it withheld a revocation list.
    Credential,
}

/// The last frame of a session that a node ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refuse {
    /// Why, for programs.
    pub reason: RefuseReason,
    /// Why, for people who read logs.
    pub text: String,
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// See [`Hello`].
    Hello(Hello),
    /// See [`Changes`].
    Changes(Changes),
    /// See [`Want`].
    Want(Vec<Want>),
    /// See [`Entries`].
    Entries(Entries),
    /// See [`Ack`].
    Ack(Vec<Ack>),
    /// See [`Refuse`].
    Refuse(Refuse),
    /// A revocation list, as [`authority`](crate::authority) writes it.
    Revocations(Vec<u8>),
    /// Withdrawals, as [`authority`](crate::authority) writes them.
    Withdrawn(Vec<Vec<u8>>),
    /// Asks for an offer's entries once more.
    Again(Want),
    /// Shows a device that its log forked.
    Forked(Box<Fork>),
    /// See [`Sketch`].
    Sketch(Sketch),
    /// See [`Items`].
    Items(Items),
}

/// Finds the first whole frame in `bytes`: its tag and body, and how many bytes it takes with its length.
///
/// # Errors
/// [`DecodeError`] when the length passes [`FRAME_BYTES_MAX`] or is zero: nothing after it can be read.
pub fn split_frame(bytes: &[u8]) -> Result<Option<(&[u8], usize)>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let length = match reader.varint("length of a frame", FRAME_BYTES_MAX as u64) {
        Ok(0) => return Err(Reader::fault(0, Fault::Short("frame"))),
        Ok(length) => length as usize,
        Err(DecodeError { what: Fault::Short(_), .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let start = reader.position();
    Ok(bytes.get(start..start + length).map(|frame| (frame, start + length)))
}

impl Frame {
    /// Appends the frame with its length.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut body = Vec::new();
        match self {
            Self::Hello(hello) => hello.encode(&mut body),
            Self::Changes(changes) => changes.encode(&mut body),
            Self::Want(wants) => {
                body.push(TAG_WANT);
                put_list(&mut body, wants, |out, want| put_pair(out, want.offer, want.from));
            }
            Self::Entries(entries) => entries.encode(&mut body),
            Self::Ack(acks) => {
                body.push(TAG_ACK);
                put_list(&mut body, acks, |out, ack| put_pair(out, ack.offer, ack.length));
            }
            Self::Refuse(refuse) => {
                body.push(TAG_REFUSE);
                put_varint(&mut body, refuse.reason.number());
                put_slice(&mut body, clip(&refuse.text).as_bytes());
            }
            Self::Revocations(bytes) => {
                body.push(TAG_REVOCATIONS);
                put_slice(&mut body, bytes);
            }
            Self::Withdrawn(withdrawals) => {
                body.push(TAG_WITHDRAWN);
                put_list(&mut body, withdrawals, |out, withdrawal| put_slice(out, withdrawal));
            }
            Self::Again(want) => {
                body.push(TAG_AGAIN);
                put_pair(&mut body, want.offer, want.from);
            }
            Self::Forked(fork) => {
                body.push(TAG_FORKED);
                put_log(&mut body, &fork.log);
                encode_fork(&mut body, fork);
            }
            Self::Sketch(sketch) => {
                body.push(TAG_SKETCH);
                put_varint(&mut body, sketch.logs);
                put_slice(&mut body, &sketch.block);
            }
            Self::Items(items) => items.encode(&mut body),
        }
        debug_assert!(body.len() <= FRAME_BYTES_MAX);
        put_slice(out, &body);
    }

    /// Reads tag and body of one frame, as [`split_frame`] found it.
    ///
    /// # Errors
    /// [`DecodeError`] with the offset within the frame.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let frame = match reader.byte("tag of a frame")? {
            TAG_HELLO => Self::Hello(Hello::decode(&mut reader)?),
            TAG_CHANGES => Self::Changes(Changes::decode(&mut reader)?),
            TAG_WANT => {
                let item = |reader: &mut Reader<'_>| take_pair(reader).map(|(offer, from)| Want { offer, from });
                Self::Want(take_list(&mut reader, "wants", OFFERS_MAX, item)?)
            }
            TAG_ENTRIES => Self::Entries(Entries::decode(&mut reader)?),
            TAG_ACK => {
                let item = |reader: &mut Reader<'_>| take_pair(reader).map(|(offer, length)| Ack { offer, length });
                Self::Ack(take_list(&mut reader, "acks", OFFERS_MAX, item)?)
            }
            TAG_REFUSE => Self::Refuse(Refuse::decode(&mut reader)?),
            TAG_REVOCATIONS => Self::Revocations(reader.slice("revocations", REVOCATIONS_BYTES_MAX)?.to_vec()),
            TAG_WITHDRAWN => {
                let item =
                    |reader: &mut Reader<'_>| reader.slice("withdrawal", WITHDRAWAL_BYTES_MAX).map(<[u8]>::to_vec);
                Self::Withdrawn(take_list(&mut reader, "withdrawals", WITHDRAWALS_MAX, item)?)
            }
            TAG_AGAIN => {
                let (offer, from) = take_pair(&mut reader)?;
                Self::Again(Want { offer, from })
            }
            TAG_FORKED => {
                let log = take_log(&mut reader)?;
                Self::Forked(Box::new(decode_fork(&mut reader, log)?))
            }
            TAG_SKETCH => {
                let logs = reader.varint("number of logs", u64::MAX)?;
                Self::Sketch(Sketch { logs, block: reader.slice("block of a sketch", FRAME_BYTES_MAX)?.to_vec() })
            }
            TAG_ITEMS => Self::Items(Items::decode(&mut reader)?),
            tag => return Err(Reader::fault(0, Fault::Unknown { what: "tag of a frame", found: u64::from(tag) })),
        };
        reader.finish()?;
        Ok(frame)
    }
}

pub(super) const TAG_HELLO: u8 = 1;
const TAG_CHANGES: u8 = 2;
const TAG_WANT: u8 = 3;
const TAG_ENTRIES: u8 = 4;
const TAG_ACK: u8 = 5;
const TAG_REFUSE: u8 = 6;
const TAG_REVOCATIONS: u8 = 7;
const TAG_WITHDRAWN: u8 = 8;
const TAG_AGAIN: u8 = 9;
const TAG_FORKED: u8 = 10;
const TAG_SKETCH: u8 = 11;
const TAG_ITEMS: u8 = 12;

impl Changes {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(TAG_CHANGES);
        put_varint(out, self.upto);
        put_list(out, &self.offers, |out, offer| {
            put_log(out, &offer.log);
            put_varint(out, offer.length);
            out.extend(offer.chain);
        });
        put_list(out, &self.receipts, |out, receipt| {
            put_log(out, &receipt.log);
            put_varint(out, receipt.length);
        });
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            upto: reader.varint("position", u64::MAX)?,
            offers: take_list(reader, "offers", OFFERS_MAX, |reader| {
                Ok(Offer {
                    log: take_log(reader)?,
                    length: reader.varint("length of a log", LOG_ENTRIES_MAX)?,
                    chain: reader.array("chain")?,
                })
            })?,
            receipts: take_list(reader, "receipts", OFFERS_MAX, |reader| {
                Ok(Receipt { log: take_log(reader)?, length: reader.varint("length of a log", LOG_ENTRIES_MAX)? })
            })?,
        })
    }
}

impl Entries {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(TAG_ENTRIES);
        put_varint(out, self.offer);
        put_varint(out, self.from);
        put_varint(out, self.count);
        out.push(u8::from(self.signature.is_some()));
        put_slice(out, &self.payloads);
        if let Some(signature) = &self.signature {
            out.extend(signature.0);
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offer = reader.varint("offer", u64::MAX)?;
        let from = reader.varint("first entry", LOG_ENTRIES_MAX)?;
        let count = reader.varint("count of entries", ENTRIES_BYTES_MAX as u64)?;
        let at = reader.position();
        let end = reader.byte("end")?;
        let payloads = reader.slice("payloads", ENTRIES_BYTES_MAX)?.to_vec();
        let signature = match end {
            0 => None,
            1 => Some(HeadSignature(reader.array("signature")?)),
            found => return Err(Reader::fault(at, Fault::Unknown { what: "end", found: u64::from(found) })),
        };
        Ok(Self { offer, from, count, payloads, signature })
    }
}

impl Items {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::More => out.extend([TAG_ITEMS, 0]),
            Self::Lacking(items) => {
                out.extend([TAG_ITEMS, 1]);
                put_list(out, items, |out, item| out.extend(item.to_bytes()));
            }
            Self::TooMany => out.extend([TAG_ITEMS, 2]),
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        match reader.byte("status of the items")? {
            0 => Ok(Self::More),
            1 => take_list(reader, "items", ITEMS_MAX, |reader| {
                let at = reader.position();
                let item = Item::from_bytes(reader.array("item")?);
                item.ok_or(Reader::fault(at, Fault::Unknown { what: "item", found: 0 }))
            })
            .map(Self::Lacking),
            2 => Ok(Self::TooMany),
            found => Err(Reader::fault(at, Fault::Unknown { what: "status of the items", found: found.into() })),
        }
    }
}

impl RefuseReason {
    const ALL: [Self; 7] =
        [Self::Protocol, Self::Version, Self::Signature, Self::Storage, Self::Scope, Self::Busy, Self::Credential];

    fn number(self) -> u64 {
        Self::ALL.iter().position(|reason| *reason == self).map_or(0, |index| index as u64 + 1)
    }
}

impl Refuse {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let number = reader.varint("reason", 255)? as usize;
        // A reason from a newer version is still a refusal; its text says why.
        let reason = number.checked_sub(1).and_then(|index| RefuseReason::ALL.get(index));
        let at = reader.position();
        let text = reader.slice("text", REFUSE_TEXT_BYTES_MAX)?;
        let text = core::str::from_utf8(text).map_err(|_| Reader::fault(at, Fault::Text("text")))?;
        Ok(Self { reason: reason.copied().unwrap_or(RefuseReason::Protocol), text: text.to_owned() })
    }
}

/// Appends everything of a fork but its log.
pub(crate) fn encode_fork(out: &mut Vec<u8>, fork: &Fork) {
    put_varint(out, fork.common.length);
    out.extend(fork.common.chain);
    for branch in &fork.branches {
        put_list(out, &branch.blocks, |out, block| {
            out.extend(block.slot.to_le_bytes());
            out.extend(block.digest.0);
        });
        out.extend(branch.signature.0);
    }
}

/// Reads everything of a fork but its log.
pub(crate) fn decode_fork(reader: &mut Reader<'_>, log: LogId) -> Result<Fork, DecodeError> {
    let length = reader.varint("common length", LOG_ENTRIES_MAX)?;
    let common = Tail { length, chain: reader.array("chain")? };
    Ok(Fork { log, common, branches: [take_branch(reader)?, take_branch(reader)?] })
}

fn take_branch(reader: &mut Reader<'_>) -> Result<Branch, DecodeError> {
    let blocks = take_list(reader, "blocks", BRANCH_BLOCKS_MAX, |reader| {
        let slot = u32::from_le_bytes(reader.array("slot")?);
        Ok(Block { slot, digest: Digest(reader.array("digest")?) })
    })?;
    Ok(Branch { blocks, signature: HeadSignature(reader.array("signature")?) })
}

/// Cuts a text to its bound, at a character.
fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(REFUSE_TEXT_BYTES_MAX)]
}

fn put_log(out: &mut Vec<u8>, log: &LogId) {
    out.extend(log.device.0);
    put_varint(out, u64::from(log.incarnation));
}

fn take_log(reader: &mut Reader<'_>) -> Result<LogId, DecodeError> {
    let device = DeviceId(reader.array("device")?);
    let incarnation = reader.varint("incarnation", u64::from(u32::MAX))? as u32;
    Ok(LogId { device, incarnation })
}

fn put_pair(out: &mut Vec<u8>, first: u64, second: u64) {
    put_varint(out, first);
    put_varint(out, second);
}

fn take_pair(reader: &mut Reader<'_>) -> Result<(u64, u64), DecodeError> {
    Ok((reader.varint("offer", u64::MAX)?, reader.varint("length of a log", LOG_ENTRIES_MAX)?))
}

pub(super) fn put_list<T>(out: &mut Vec<u8>, items: &[T], put: impl Fn(&mut Vec<u8>, &T)) {
    put_varint(out, items.len() as u64);
    for item in items {
        put(out, item);
    }
}

/// Reads a list of at most `max` items. Space is taken for what was read, not for what was announced.
pub(super) fn take_list<T>(
    reader: &mut Reader<'_>,
    what: &'static str,
    max: usize,
    mut take: impl FnMut(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let count = reader.varint(what, max as u64)?;
    (0..count).map(|_| take(reader)).collect()
}
