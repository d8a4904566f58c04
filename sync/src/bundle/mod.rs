//! Bundles: the frames of a session in a file, for where no network is.
//!
//! ```text
//! bundle   magic 8 B · version 1 B · record*
//! record   frame · check 8 B
//! frame    as in `wire::frame`, or one of these two:
//!            tag  name  body
//!            64   Head  device 32 B · store 16 B · position · since · scope · minutes · signature 64 B
//!                         position   everything up to it in the store is in the file
//!                         since      0 from the beginning · 1 position: only what changed after it
//!                         signature  Ed25519 of the device over "bdhv/bundle/head/1" 0x00 ‖ tag to minutes
//!            65   End   signature 64 B
//!                         signature  Ed25519 of the device over "bdhv/bundle/end/1" 0x00 ‖ BLAKE3 of
//!                                    every byte of the file before the record
//! check    first 8 B of BLAKE3 of every byte of the file before it
//!
//! order    Head · Revocations? · ( Withdrawn* · Changes · Entries* )* · End
//! ```
//!
//! The magic begins with a byte above 127 and ends with a line break in the way of PNG (RFC 2083, 12.11), so
//! that a stick or a mail program that takes the file for text is found out at once. The check runs over
//! the whole file: what is torn or altered breaks it in the record where it happened, and everything before
//! was right. It guards against accidents. Against forgery stand the signatures: each log's by its device,
//! which every import verifies, and the bundle's by the device that made it, without which a carrier could
//! leave out a withdrawal unnoticed.
//!
//! `Changes` has no receipts. Its offers are numbered as on the wire, their `Entries` follow in the same
//! order and begin at entry 0: whoever reads the file may hold nothing of the log. Withdrawals come in the
//! store's order, before the logs that they erased.
//!
//! [`Writer`] and [`Reader`] are the bytes; [`Export`] and [`Import`] drive them from and to a store, by the
//! same queries as a session.
//!
//! # Bounds
//! A [`Reader`] holds one record, what was pushed, and one log of at most [`UNSIGNED_BYTES_MAX`]; an
//! [`Import`] besides that at most about [`RECEIVE_BYTES_MAX`] that wait for the store.
//!
//! [`UNSIGNED_BYTES_MAX`]: crate::session::UNSIGNED_BYTES_MAX
//! [`RECEIVE_BYTES_MAX`]: crate::session::RECEIVE_BYTES_MAX

mod export;
mod import;
mod reader;
mod report;
mod writer;

#[cfg(test)]
mod golden;
#[cfg(all(test, feature = "store"))]
mod tests;

pub use export::{Export, ExportError, Exported, Plan};
pub use import::Import;
pub use reader::{Item, Reader, Skip};
pub use report::{REFUSALS_LISTED_MAX, Refusal, Report};
pub use writer::Writer;

use ed25519_dalek::SigningKey;
use thiserror::Error;

use crate::authority::{sign, verifies};
use crate::id::{DeviceId, Minutes, StoreId};
use crate::log::device_of;
use crate::wire::codec::{self, DecodeError, Fault, put_varint};
use crate::wire::frame::Scope;

/// First bytes of a bundle.
pub const MAGIC: [u8; 8] = *b"\xbdbdhv\r\n\n";
/// Version of the layout, after the magic.
pub const VERSION: u8 = 1;
/// Bytes before the first record.
pub const START_BYTES: usize = MAGIC.len() + 1;
/// Bytes of a check: 64 bits leave an accident one chance in 1.8 × 10¹⁹.
pub const CHECK_BYTES: usize = 8;

const TAG_HEAD: u8 = 64;
const TAG_END: u8 = 65;
const HEAD_DOMAIN: &[u8] = b"bdhv/bundle/head/1\0";
const END_DOMAIN: &[u8] = b"bdhv/bundle/end/1\0";

/// What a bundle says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Who made it.
    pub device: DeviceId,
    /// From which store.
    pub store: StoreId,
    /// Everything up to this position of the store is in it.
    pub position: u64,
    /// Only what changed after this position is in it; `None` for everything.
    pub since: Option<u64>,
    /// Whose logs are in it.
    pub scope: Scope,
    /// When it was made, by that device's clock.
    pub made: Minutes,
}

/// Where a bundle stops being readable. Everything before was yielded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("byte {at} (record {record}): {what}")]
pub struct Damage {
    /// Offset of the record that could not be read, or of the end of a file that ends too early.
    pub at: u64,
    /// Counts the records, from 0.
    pub record: u64,
    /// What is wrong.
    pub what: DamageKind,
}

/// What can be wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DamageKind {
    /// The file is something else.
    #[error("this is no bundle")]
    Magic,
    /// Another release wrote it.
    #[error("the bundle has version {found}, and version {VERSION} is read here")]
    Version {
        /// The version of the file.
        found: u8,
    },
    /// The file ends too early: within this record, or before the last.
    #[error("the file ends too early, with {left} bytes of a record")]
    Torn {
        /// Bytes that are there of the record.
        left: usize,
    },
    /// A byte of the record was altered.
    #[error("the record was altered: its check does not match")]
    Check,
    /// A record cannot be read.
    #[error("within the record, {0}")]
    Record(#[from] DecodeError),
    /// A record stands where it may not.
    #[error("{0}")]
    Turn(&'static str),
    /// The device that the head names did not sign it.
    #[error("the {0} is not signed by the device that made the bundle")]
    Signature(&'static str),
}

impl Head {
    /// The record's frame, signed, with its length. `secret` is that of [`device`](Self::device).
    pub fn encode(&self, secret: &SigningKey, out: &mut Vec<u8>) {
        debug_assert_eq!(self.device, device_of(secret));
        let mut body = vec![TAG_HEAD];
        body.extend(self.device.0);
        body.extend(self.store.0);
        put_varint(&mut body, self.position);
        match self.since {
            None => body.push(0),
            Some(position) => {
                body.push(1);
                put_varint(&mut body, position);
            }
        }
        self.scope.encode(&mut body);
        put_varint(&mut body, self.made.0);
        body.extend(sign(secret, HEAD_DOMAIN, &body));
        codec::put_slice(out, &body);
    }

    /// Reads tag and body of a frame, as [`split_frame`](crate::wire::frame::split_frame) found it, and
    /// verifies the signature.
    ///
    /// # Errors
    /// [`DamageKind::Record`], [`DamageKind::Turn`] if it is another frame, [`DamageKind::Signature`].
    pub fn decode(frame: &[u8]) -> Result<Self, DamageKind> {
        let mut reader = codec::Reader::new(frame);
        if reader.byte("tag of a frame")? != TAG_HEAD {
            return Err(DamageKind::Turn("the first record is not the head"));
        }
        let head = Self {
            device: DeviceId(reader.array("device")?),
            store: StoreId(reader.array("store")?),
            position: reader.varint("position", u64::MAX)?,
            since: decode_since(&mut reader)?,
            scope: Scope::decode(&mut reader)?,
            made: Minutes(reader.varint("minutes", u64::MAX)?),
        };
        let signed = reader.since(0);
        let signature = reader.array("signature")?;
        reader.finish()?;
        let signed = verifies(&head.device.0, HEAD_DOMAIN, signed, &signature);
        if signed { Ok(head) } else { Err(DamageKind::Signature("head")) }
    }
}

fn decode_since(reader: &mut codec::Reader<'_>) -> Result<Option<u64>, DecodeError> {
    let at = reader.position();
    match reader.byte("since")? {
        0 => Ok(None),
        1 => reader.varint("position since", u64::MAX).map(Some),
        found => Err(codec::Reader::fault(at, Fault::Unknown { what: "since", found: found.into() })),
    }
}
