//! Sealed bundles: a courier carries what only the addressed node can read.
//!
//! ```text
//! sealed     magic 8 B · version 1 B · recipient 32 B · ephemeral 32 B · head · chunk*
//! recipient  device that can open it: its Ed25519 key
//! ephemeral  X25519 key made for this file
//! head       the bundle's first frame in clear: who made it, from which position, for which communes
//! chunk      ChaCha20-Poly1305 of 64 KiB of the bundle, the last one of 1 B to 64 KiB · tag 16 B
//!              key    BLAKE3-derive("bdhv 2026-11 bundle seal", shared 32 B ‖ everything before the chunks)
//!              nonce  number of the chunk, from 0, 11 B big-endian · 1 B: 1 for the last chunk, else 0
//! shared     X25519 of the ephemeral secret and the recipient's key on the Montgomery curve
//! ```
//!
//! The chunks are STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, "Online authenticated-encryption and its
//! nonce-reuse misuse-resistance", CRYPTO 2015) with the nonces of age (age-encryption.org/v1): chunks can be
//! neither reordered nor left out, and a file that was cut has no last chunk. The key is new with every file,
//! so that counted nonces never repeat under it, and it covers the clear part.
//!
//! A device has one key for signatures and for this. That is sound for Ed25519 with an X25519-based key
//! encapsulation (Thormarker, "On using the same key pair for Ed25519 and an X25519 based KEM", 2021).
//! Nobody is authenticated by the seal: the signatures inside do that.

use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use curve25519_dalek::MontgomeryPoint;
use ed25519_dalek::{SigningKey, VerifyingKey};
use sync::DeviceId;
use sync::bundle::{DamageKind, Head};
use sync::wire::frame::split_frame;
use thiserror::Error;

/// First bytes of a sealed bundle.
pub(super) const MAGIC: [u8; 8] = *b"\xbdbdhs\r\n\n";
/// Version of the layout, after the magic.
const VERSION: u8 = 1;
/// Plaintext of a chunk: as much as one frame, and little to hold.
const CHUNK_BYTES: usize = 64 * 1024;
/// What Poly1305 adds.
const TAG_BYTES: usize = 16;
/// Bytes before the head.
const START_BYTES: usize = MAGIC.len() + 1 + 32 + 32;
const KEY_CONTEXT: &str = "bdhv 2026-11 bundle seal";

/// Why a sealed bundle cannot be made or opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum SealError {
    /// Nothing can be sealed to this device.
    #[error("device {0} is no key that anything can be sealed to")]
    Recipient(DeviceId),
    /// Another release sealed it.
    #[error("the sealed bundle has version {found}, and version {VERSION} is read here")]
    Version {
        /// The version of the file.
        found: u8,
    },
    /// It is sealed to another device.
    #[error("it is sealed to device {0}, and only that one can open it")]
    OtherDevice(DeviceId),
    /// The clear part cannot be read.
    #[error("byte {START_BYTES}: the clear head: {0}")]
    Head(DamageKind),
    /// A chunk was altered, or sealed with another key.
    #[error("byte {at} (chunk {chunk}): the chunk was altered")]
    Altered {
        /// Offset of the chunk.
        at: u64,
        /// Counts from 0.
        chunk: u64,
    },
    /// The last chunk is missing, cut or altered.
    #[error("byte {at} (chunk {chunk}): the file ends too early, or its last chunk was altered")]
    Torn {
        /// Offset of the chunk that is missing or cut, or of the end within the clear part.
        at: u64,
        /// Counts from 0.
        chunk: u64,
    },
}

/// What a sealed bundle says in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    /// Who can open it.
    pub(super) recipient: DeviceId,
    /// What it holds.
    pub(super) head: Head,
    ephemeral: MontgomeryPoint,
    /// Its length.
    bytes: usize,
}

impl Label {
    /// Reads the clear part from the front; none if more of it is needed. `bytes` begin with [`MAGIC`].
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, SealError> {
        match bytes.get(MAGIC.len()) {
            None | Some(&VERSION) => {}
            Some(&found) => return Err(SealError::Version { found }),
        }
        let Some((start, rest)) = bytes.split_at_checked(START_BYTES) else { return Ok(None) };
        let Some((frame, length)) = split_frame(rest).map_err(|error| SealError::Head(error.into()))? else {
            return Ok(None);
        };
        let head = Head::decode(frame).map_err(SealError::Head)?;
        let (keys, _) = start[MAGIC.len() + 1..].as_chunks::<32>();
        let (recipient, ephemeral) = (DeviceId(keys[0]), MontgomeryPoint(keys[1]));
        Ok(Some(Self { recipient, head, ephemeral, bytes: START_BYTES + length }))
    }
}

/// The chunks of one file.
struct Stream {
    cipher: ChaCha20Poly1305,
    chunk: u64,
}

impl Stream {
    /// `label` is everything before the chunks.
    fn new(shared: MontgomeryPoint, label: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(KEY_CONTEXT);
        hasher.update(&shared.0);
        hasher.update(label);
        let key: [u8; 32] = *hasher.finalize().as_bytes();
        Self { cipher: ChaCha20Poly1305::new(&key.into()), chunk: 0 }
    }

    fn nonce(&self, last: bool) -> Nonce {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&self.chunk.to_be_bytes());
        nonce[11] = u8::from(last);
        nonce.into()
    }

    /// Appends one chunk, sealed. Fails only above the cipher's 256 GiB.
    fn seal(&mut self, plain: &[u8], last: bool, out: &mut Vec<u8>) {
        let mut chunk = plain.to_vec();
        let sealed = self.cipher.encrypt_in_place(&self.nonce(last), &[], &mut chunk);
        debug_assert!(sealed.is_ok());
        self.chunk += 1;
        out.append(&mut chunk);
    }

    /// Appends the plaintext of one chunk; whether it is genuine.
    fn open(&mut self, sealed: &[u8], last: bool, out: &mut Vec<u8>) -> bool {
        let mut chunk = sealed.to_vec();
        let genuine = self.cipher.decrypt_in_place(&self.nonce(last), &[], &mut chunk).is_ok();
        if genuine {
            self.chunk += 1;
            out.append(&mut chunk);
        }
        genuine
    }
}

/// Seals a bundle piece by piece.
pub(super) struct Sealer {
    stream: Stream,
    plain: Vec<u8>,
}

impl Sealer {
    /// Begins a file for `recipient`; also returns its clear part. `secret` is 32 random bytes, for this file
    /// alone; `head` the bundle's first frame.
    pub(super) fn start(recipient: DeviceId, secret: &[u8; 32], head: &[u8]) -> Result<(Self, Vec<u8>), SealError> {
        let key = VerifyingKey::from_bytes(&recipient.0).ok().filter(|key| !key.is_weak());
        let key = key.ok_or(SealError::Recipient(recipient))?;
        let mut label = MAGIC.to_vec();
        label.push(VERSION);
        label.extend(recipient.0);
        label.extend(MontgomeryPoint::mul_base_clamped(*secret).0);
        label.extend(head);
        let stream = Stream::new(key.to_montgomery().mul_clamped(*secret), &label);
        Ok((Self { stream, plain: Vec::new() }, label))
    }

    /// Takes the next bytes of the bundle, and returns those of the file.
    pub(super) fn push(&mut self, plain: &[u8]) -> Vec<u8> {
        self.plain.extend_from_slice(plain);
        let mut out = Vec::new();
        // What may be the last chunk waits.
        while self.plain.len() > CHUNK_BYTES {
            self.stream.seal(&self.plain[..CHUNK_BYTES], false, &mut out);
            self.plain.drain(..CHUNK_BYTES);
        }
        out
    }

    /// Ends the file, and returns its last bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let mut out = Vec::new();
        self.stream.seal(&self.plain, true, &mut out);
        out
    }
}

/// Opens a sealed bundle piece by piece.
pub(super) struct Opener {
    secret: SigningKey,
    sealed: Vec<u8>,
    stream: Option<Stream>,
    /// Offset of `sealed` in the file.
    at: u64,
}

impl Opener {
    /// Opens what is sealed to the device with this secret key.
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        Self { secret: SigningKey::from_bytes(secret), sealed: Vec::new(), stream: None, at: 0 }
    }

    /// Takes the next bytes of the file, and appends bytes of the bundle.
    pub(super) fn push(&mut self, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        self.sealed.extend_from_slice(sealed);
        if self.stream.is_none() {
            let Some(label) = Label::read(&self.sealed)? else { return Ok(()) };
            self.begin(&label)?;
        }
        // A whole chunk that may be the last one waits.
        while self.sealed.len() > CHUNK_BYTES + TAG_BYTES {
            self.chunk(CHUNK_BYTES + TAG_BYTES, false, out)?;
        }
        Ok(())
    }

    fn begin(&mut self, label: &Label) -> Result<(), SealError> {
        if label.recipient.0 != self.secret.verifying_key().to_bytes() {
            return Err(SealError::OtherDevice(label.recipient));
        }
        let shared = label.ephemeral.mul_clamped(self.secret.to_scalar_bytes());
        self.stream = Some(Stream::new(shared, &self.sealed[..label.bytes]));
        self.advance(label.bytes);
        Ok(())
    }

    fn advance(&mut self, bytes: usize) {
        self.sealed.drain(..bytes);
        self.at += bytes as u64;
    }

    fn chunk(&mut self, bytes: usize, last: bool, out: &mut Vec<u8>) -> Result<(), SealError> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        let (at, chunk) = (self.at, stream.chunk);
        if !stream.open(&self.sealed[..bytes], last, out) {
            return Err(SealError::Altered { at, chunk });
        }
        self.advance(bytes);
        Ok(())
    }

    /// No more bytes come. Appends what is left of the bundle, also if the file was cut after a whole chunk.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        let left = self.sealed.len();
        if self.stream.is_some() && self.chunk(left, true, out).is_ok() {
            return Ok(());
        }
        if left == CHUNK_BYTES + TAG_BYTES {
            self.chunk(left, false, out)?;
        }
        let at = if self.stream.is_some() { self.at } else { self.at + self.sealed.len() as u64 };
        Err(SealError::Torn { at, chunk: self.stream.as_ref().map_or(0, |stream| stream.chunk) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync::wire::frame::Scope;
    use sync::{Minutes, StoreId};

    fn secret(n: u8) -> [u8; 32] {
        [n; 32]
    }

    fn device(n: u8) -> DeviceId {
        DeviceId(SigningKey::from_bytes(&secret(n)).verifying_key().to_bytes())
    }

    fn head_frame() -> Vec<u8> {
        let (store, scope, made) = (StoreId([0x51; 16]), Scope::All, Minutes(29_922_000));
        let head = Head { device: device(1), store, position: 3, since: None, scope, made };
        let mut out = Vec::new();
        head.encode(&SigningKey::from_bytes(&secret(1)), &mut out);
        out
    }

    fn seal(plain: &[u8]) -> Vec<u8> {
        let (mut sealer, mut out) = Sealer::start(device(2), &secret(9), &head_frame()).unwrap();
        for piece in plain.chunks(10_000) {
            out.extend(sealer.push(piece));
        }
        out.extend(sealer.finish());
        out
    }

    fn open(n: u8, sealed: &[u8]) -> (Vec<u8>, Result<(), SealError>) {
        let (mut opener, mut out) = (Opener::new(&secret(n)), Vec::new());
        let read = sealed.chunks(7_000).try_for_each(|piece| opener.push(piece, &mut out));
        let read = read.and_then(|()| opener.finish(&mut out));
        (out, read)
    }

    fn plain(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|index| (index % 251) as u8).collect()
    }

    #[test]
    fn a_sealed_bundle_has_its_golden_bytes() {
        let sealed = seal(&plain(100));
        let ephemeral = MontgomeryPoint::mul_base_clamped(secret(9)).0;
        let label = [&b"\xbdbdhs\r\n\n\x01"[..], &device(2).0, &ephemeral, &head_frame()].concat();
        assert_eq!(sealed[..label.len()], label);
        assert_eq!(sealed.len(), label.len() + 100 + TAG_BYTES);
        assert_eq!(blake3::hash(&sealed).to_hex().as_str(), GOLDEN_HASH);
    }

    const GOLDEN_HASH: &str = "1471f7451e1b010a2339112d7f62885c17215cc2f2e6b6b5ad176106e874de95";

    #[test]
    fn only_the_addressed_device_opens_it() {
        for bytes in [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            let sealed = seal(&plain(bytes));
            assert_eq!(open(2, &sealed), (plain(bytes), Ok(())), "{bytes}");
            assert_eq!(open(3, &sealed), (Vec::new(), Err(SealError::OtherDevice(device(2)))));
            let mut readdressed = sealed;
            readdressed[9..41].copy_from_slice(&device(3).0);
            let (found, end) = open(3, &readdressed);
            assert!(found.is_empty() && end.is_err(), "{end:?}");
        }
    }

    #[test]
    fn a_cut_is_noticed_and_whole_chunks_before_it_are_read() {
        let all = plain(3 * CHUNK_BYTES);
        let sealed = seal(&all);
        let label = sealed.len() - 3 * (CHUNK_BYTES + TAG_BYTES);
        for chunks in 0..3usize {
            let at = label + chunks * (CHUNK_BYTES + TAG_BYTES);
            for more in [0, 1, TAG_BYTES, CHUNK_BYTES + TAG_BYTES - 1] {
                let (found, end) = open(2, &sealed[..at + more]);
                assert_eq!(found, all[..chunks * CHUNK_BYTES], "{chunks} chunks and {more}");
                assert_eq!(end, Err(SealError::Torn { at: at as u64, chunk: chunks as u64 }));
            }
        }
        for cut in 0..label {
            let (found, end) = open(2, &sealed[..cut]);
            assert_eq!((found, end), (Vec::new(), Err(SealError::Torn { at: cut as u64, chunk: 0 })));
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_noticed() {
        let all = plain(CHUNK_BYTES + 40);
        let sealed = seal(&all);
        let label = sealed.len() - all.len() - 2 * TAG_BYTES;
        let places = (MAGIC.len()..label).chain([
            label,
            label + CHUNK_BYTES / 2,
            label + CHUNK_BYTES + TAG_BYTES,
            sealed.len() - 1,
        ]);
        for place in places {
            let mut altered = sealed.clone();
            altered[place] ^= 0x10;
            let (found, end) = open(2, &altered);
            assert!(end.is_err(), "byte {place}");
            assert!(found.is_empty() || found == all[..CHUNK_BYTES], "byte {place}");
        }
    }

    #[test]
    fn swapped_chunks_are_noticed() {
        let mut sealed = seal(&plain(3 * CHUNK_BYTES));
        let chunk = CHUNK_BYTES + TAG_BYTES;
        let label = sealed.len() - 3 * chunk;
        let (first, second) = sealed[label..].split_at_mut(chunk);
        first.swap_with_slice(&mut second[..chunk]);
        assert_eq!(open(2, &sealed).1, Err(SealError::Altered { at: label as u64, chunk: 0 }));
    }

    #[test]
    fn nothing_is_sealed_to_a_weak_key() {
        let mut weak = [0; 32];
        weak[0] = 1;
        let start = Sealer::start(DeviceId(weak), &secret(9), &head_frame());
        assert_eq!(start.err(), Some(SealError::Recipient(DeviceId(weak))));
    }
}
