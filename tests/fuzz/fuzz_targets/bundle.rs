//! Bundles: whatever a file holds, reading ends within its bounds, and alike however the bytes are cut.
//!
//! The first byte says how: bare bytes of a file, or records behind a signed head, each with its right
//! check, which no fuzzer would guess.
//!
//! `cd tests && cargo +nightly fuzz run bundle -- -runs=10000000 -max_len=512`

#![no_main]

use std::sync::LazyLock;

use ed25519_dalek::{Signer as _, SigningKey};
use fuzz::golden;
use libfuzzer_sys::fuzz_target;
use sync::StoreId;
use sync::bundle::{CHECK_BYTES, Damage, Head, Item, Reader, Writer};
use sync::wire::codec::put_slice;
use sync::wire::frame::Scope;

/// Flag of an input: its bytes are records, each with a length of one byte.
const RECORDS: u8 = 1;
/// Flag of an input: the bundle ends with the signature of its device.
const ENDED: u8 = 2;
/// What is left of the first byte is the length of the pieces that are compared with the whole.
const PIECE: u8 = 2;

fuzz_target!(|bytes: &[u8]| {
    let Some((how, bytes)) = bytes.split_first() else { return };
    let file = if how & RECORDS == RECORDS { records(bytes, how & ENDED == ENDED) } else { bytes.to_vec() };
    let whole = read(&file, file.len().max(1));
    let carried: usize = whole.0.iter().map(carries).sum();
    assert!(carried <= file.len());
    let piece = usize::from(how >> PIECE);
    if piece > 0 {
        assert_eq!(read(&file, piece), whole);
    }
});

/// What a file holds, and how it ends.
fn read(file: &[u8], piece: usize) -> (Vec<Item>, Result<(), Damage>) {
    let (mut reader, mut items) = (Reader::new(), Vec::new());
    for piece in file.chunks(piece) {
        reader.push(piece);
        while let Ok(Some(item)) = reader.next() {
            items.push(item);
        }
    }
    (items, reader.finish())
}

/// Bytes that an item holds.
fn carries(item: &Item) -> usize {
    match item {
        Item::Revocations(bytes) => bytes.len(),
        Item::Withdrawals(withdrawals) => withdrawals.iter().map(Vec::len).sum(),
        Item::Log(extension) => extension.payloads.len(),
        Item::Offers(offers) => offers.len() * 40,
        _ => 0,
    }
}

static SECRET: LazyLock<SigningKey> = LazyLock::new(|| golden::secret(golden::HUB));

/// Signed once: signing costs more than everything else here.
static HEAD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let (device, made) = (golden::device(golden::HUB), golden::NOW);
    let head = Head { device, store: StoreId([7; 16]), position: 9, since: None, scope: Scope::All, made };
    let mut out = Vec::new();
    Writer::start(&head, &SECRET, &mut out);
    out
});

fn records(mut bytes: &[u8], ended: bool) -> Vec<u8> {
    let mut out = HEAD.clone();
    let mut running = blake3::Hasher::new();
    running.update(&out);
    while let Some((length, rest)) = bytes.split_first() {
        let (body, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        bytes = rest;
        record(&mut out, &mut running, body);
    }
    if ended {
        let signature = signature_of_end(&running);
        record(&mut out, &mut running, &signature);
    }
    out
}

fn record(out: &mut Vec<u8>, running: &mut blake3::Hasher, body: &[u8]) {
    let start = out.len();
    put_slice(out, body);
    running.update(&out[start..]);
    let check = running.finalize();
    let check = &check.as_bytes()[..CHECK_BYTES];
    running.update(check);
    out.extend(check);
}

/// The record that ends a bundle, as `sync::bundle` draws it.
fn signature_of_end(running: &blake3::Hasher) -> Vec<u8> {
    let message = [&b"bdhv/bundle/end/1\0"[..], running.finalize().as_bytes()].concat();
    let signature = SECRET.sign(&message);
    [&[65][..], &signature.to_bytes()].concat()
}
