//! Writes the bytes of a bundle.

use ed25519_dalek::SigningKey;

use super::{CHECK_BYTES, END_DOMAIN, Head, MAGIC, TAG_END, VERSION};
use crate::authority::sign;
use crate::session::Span;
use crate::wire::codec::put_slice;
use crate::wire::frame::{Changes, Entries, Frame, Offer, WITHDRAWALS_MAX};

/// Writes a bundle record by record. Each call appends bytes of the file to `out`.
#[derive(Debug)]
pub struct Writer {
    running: blake3::Hasher,
    next_offer: u64,
}

impl Writer {
    /// Begins a bundle. `secret` is that of the head's device.
    pub fn start(head: &Head, secret: &SigningKey, out: &mut Vec<u8>) -> Self {
        let mut writer = Self { running: blake3::Hasher::new(), next_offer: 0 };
        let start = out.len();
        out.extend(MAGIC);
        out.push(VERSION);
        writer.running.update(&out[start..]);
        writer.record(out, |out| head.encode(secret, out));
        writer
    }

    /// Adds a revocation list, encoded.
    pub fn revocations(&mut self, revocations: Vec<u8>, out: &mut Vec<u8>) {
        self.frame(&Frame::Revocations(revocations), out);
    }

    /// Adds withdrawals, encoded, in the store's order.
    pub fn withdrawals(&mut self, withdrawals: &[Vec<u8>], out: &mut Vec<u8>) {
        for withdrawals in withdrawals.chunks(WITHDRAWALS_MAX) {
            self.frame(&Frame::Withdrawn(withdrawals.to_vec()), out);
        }
    }

    /// Adds offers, at most [`OFFERS_MAX`](crate::wire::frame::OFFERS_MAX), and returns the number of the
    /// first. Spans of these, and no others, may follow.
    pub fn offers(&mut self, upto: u64, offers: Vec<Offer>, out: &mut Vec<u8>) -> u64 {
        let first = self.next_offer;
        self.next_offer += offers.len() as u64;
        self.frame(&Frame::Changes(Changes { upto, offers, receipts: Vec::new() }), out);
        first
    }

    /// Adds a span of a log that was offered.
    pub fn span(&mut self, span: Span, out: &mut Vec<u8>) {
        let Span { wanted, count, payloads, signature } = span;
        let entries = Entries { offer: wanted.offer, from: wanted.from, count, payloads, signature };
        self.frame(&Frame::Entries(entries), out);
    }

    /// Ends the bundle.
    pub fn end(mut self, secret: &SigningKey, out: &mut Vec<u8>) {
        let signature = sign(secret, END_DOMAIN, self.running.finalize().as_bytes());
        self.record(out, |out| put_slice(out, &[&[TAG_END][..], &signature].concat()));
    }

    pub(super) fn frame(&mut self, frame: &Frame, out: &mut Vec<u8>) {
        self.record(out, |out| frame.encode(out));
    }

    fn record(&mut self, out: &mut Vec<u8>, put: impl FnOnce(&mut Vec<u8>)) {
        let start = out.len();
        put(out);
        self.running.update(&out[start..]);
        let check: [u8; CHECK_BYTES] = check_of(&self.running);
        self.running.update(&check);
        out.extend(check);
    }
}

/// The check after everything that was hashed.
pub(super) fn check_of(running: &blake3::Hasher) -> [u8; CHECK_BYTES] {
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&running.finalize().as_bytes()[..CHECK_BYTES]);
    check
}
