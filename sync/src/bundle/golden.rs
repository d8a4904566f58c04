//! Golden bytes of a bundle, and what a reader makes of damaged ones.

use super::*;
use crate::id::{CommuneCode, LogId};
use crate::log::HeadSignature;
use crate::session::{Extension, Span, SpanWanted, UNSIGNED_BYTES_MAX};
use crate::wire::frame::{ENTRIES_BYTES_MAX, Offer};
use proptest::prelude::*;

fn secret() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn head() -> Head {
    Head {
        device: device_of(&secret()),
        store: StoreId([0x51; 16]),
        position: 300,
        since: Some(5),
        scope: Scope::Communes(vec![CommuneCode(30_307)]),
        made: Minutes(29_922_000),
    }
}

fn log(n: u8) -> LogId {
    LogId { device: DeviceId([n; 32]), incarnation: 1 }
}

fn offer(n: u8) -> Offer {
    Offer { log: log(n), length: 2, chain: [0xcc; 8] }
}

fn span(offer: u64, log: LogId, from: u64, signed: bool) -> Span {
    let signature = signed.then_some(HeadSignature([0x99; 64]));
    Span { wanted: SpanWanted { offer, log, from }, count: 1, payloads: vec![0x20, 2, 1, 100, 0], signature }
}

/// Every kind of record, each as its bytes without the check, in parts that say what they are.
fn parts() -> Vec<Vec<Vec<u8>>> {
    let mut file = Vec::new();
    head().encode(&secret(), &mut file);
    let signature = |bytes: &[u8]| bytes[bytes.len() - 64..].to_vec();
    let bundle = bundle();
    vec![
        vec![
            vec![126, 64],
            device_of(&secret()).0.to_vec(),
            vec![0x51; 16],
            vec![0xac, 0x02],
            vec![1, 5],
            vec![2, 1, 0xe3, 0xec, 0x01],
            vec![0xd0, 0xa5, 0xa2, 0x0e],
            signature(&file),
        ],
        vec![vec![5, 7, 3], vec![0xab; 3]],
        vec![vec![5, 8, 1, 2], vec![0xcd; 2]],
        vec![
            vec![0x58, 2, 42, 2],
            [vec![0xdd; 32], vec![1, 2], vec![0xcc; 8]].concat(),
            [vec![0xde; 32], vec![1, 2], vec![0xcc; 8]].concat(),
            vec![0],
        ],
        vec![vec![11, 4, 0, 0, 1, 0], vec![5, 0x20, 2, 1, 100, 0]],
        vec![vec![75, 4, 0, 1, 1, 1], vec![5, 0x20, 2, 1, 100, 0], vec![0x99; 64]],
        vec![vec![75, 4, 1, 0, 1, 1], vec![5, 0x20, 2, 1, 100, 0], vec![0x99; 64]],
        vec![vec![65, 65], signature(&bundle[..bundle.len() - CHECK_BYTES])],
    ]
}

/// A bundle with every kind of record.
fn bundle() -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = Writer::start(&head(), &secret(), &mut out);
    writer.revocations(vec![0xab; 3], &mut out);
    writer.withdrawals(&[vec![0xcd; 2]], &mut out);
    assert_eq!(writer.offers(42, vec![offer(0xdd), offer(0xde)], &mut out), 0);
    writer.span(span(0, log(0xdd), 0, false), &mut out);
    writer.span(span(0, log(0xdd), 1, true), &mut out);
    writer.span(span(1, log(0xde), 0, true), &mut out);
    writer.end(&secret(), &mut out);
    out
}

fn items() -> Vec<Item> {
    let extension = |n: u8, count: u64| {
        let payloads = [0x20, 2, 1, 100, 0].repeat(count as usize);
        Item::Log(Extension { log: log(n), from: 0, count, payloads, signature: HeadSignature([0x99; 64]) })
    };
    vec![
        Item::Head(head()),
        Item::Revocations(vec![0xab; 3]),
        Item::Withdrawals(vec![vec![0xcd; 2]]),
        Item::Offers(vec![offer(0xdd), offer(0xde)]),
        extension(0xdd, 2),
        extension(0xde, 1),
        Item::End,
    ]
}

/// Where each record of [`bundle`] starts, the end of the file, and how many items are there by then.
fn records() -> Vec<(usize, usize)> {
    let yields = [1, 1, 1, 1, 0, 1, 1, 1];
    let mut starts = vec![(START_BYTES, 0)];
    for (record, yielded) in parts().iter().zip(yields) {
        let (at, before) = *starts.last().unwrap();
        starts.push((at + record.concat().len() + CHECK_BYTES, before + yielded));
    }
    starts
}

/// Reads pieces of `piece` bytes to the end.
fn read(bytes: &[u8], piece: usize) -> (Vec<Item>, Result<(), Damage>) {
    let (mut reader, mut items) = (Reader::new(), Vec::new());
    for piece in bytes.chunks(piece) {
        reader.push(piece);
        loop {
            match reader.next() {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(damage) => {
                    assert_eq!(reader.finish(), Err(damage.clone()));
                    return (items, Err(damage));
                }
            }
        }
    }
    (items, reader.finish())
}

#[test]
fn a_bundle_has_its_golden_bytes() {
    let mut expected = [&b"\xbdbdhv\r\n\n"[..], &[1]].concat();
    for record in parts() {
        expected.extend(record.concat());
        let check = blake3::hash(&expected);
        expected.extend(&check.as_bytes()[..8]);
    }
    let bytes = bundle();
    assert_eq!(bytes, expected);
    assert_eq!(blake3::hash(&bytes).to_hex().as_str(), GOLDEN_HASH);
    assert_eq!(read(&bytes, usize::MAX), (items(), Ok(())));
}

const GOLDEN_HASH: &str = "6f8ffa8fbadbc8df70e1e9e45cf7fc60bfbb3d0bbe6bc4141c68999811320fc5";

#[test]
fn signatures_cover_what_is_drawn() {
    let bytes = bundle();
    let starts: Vec<usize> = records().iter().map(|(start, _)| *start).collect();
    let head = &bytes[starts[0] + 1..starts[1] - CHECK_BYTES];
    let (signed, signature) = head.split_last_chunk().unwrap();
    assert!(verifies(&device_of(&secret()).0, b"bdhv/bundle/head/1\0", signed, signature));
    let end = &bytes[starts[7] + 2..starts[8] - CHECK_BYTES];
    let before = *blake3::hash(&bytes[..starts[7]]).as_bytes();
    assert!(verifies(&device_of(&secret()).0, b"bdhv/bundle/end/1\0", &before, end.try_into().unwrap()));
}

#[test]
fn a_bundle_torn_anywhere_yields_what_is_before_and_says_where() {
    let bytes = bundle();
    for cut in 0..bytes.len() {
        let (found, damage) = read(&bytes[..cut], 7);
        let (start, yielded) = records().into_iter().rfind(|(start, _)| *start <= cut).unwrap_or((0, 0));
        assert_eq!(found, items()[..yielded], "cut at {cut}");
        let damage = damage.unwrap_err();
        assert_eq!((damage.at, damage.what), (start as u64, DamageKind::Torn { left: cut - start }), "cut at {cut}");
    }
}

#[test]
fn a_flipped_bit_is_found_in_its_record() {
    let bytes = bundle();
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let (found, damage) = read(&altered, 64);
        let (start, yielded) = records().into_iter().rfind(|(start, _)| *start <= bit / 8).unwrap_or((0, 0));
        assert_eq!(found, items()[..yielded], "bit {bit}");
        assert_eq!(damage.unwrap_err().at, start as u64, "bit {bit}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let says = |bytes: &[u8]| read(bytes, usize::MAX).1.unwrap_err().to_string();
    let bytes = bundle();
    let mut newer = bytes.clone();
    newer[8] = 2;
    assert_eq!(says(b"PK\x03\x04"), "byte 0 (record 0): this is no bundle");
    assert_eq!(says(&newer), "byte 0 (record 0): the bundle has version 2, and version 1 is read here");
    assert_eq!(says(&bytes[..20]), "byte 9 (record 0): the file ends too early, with 11 bytes of a record");
    let (at, _) = records()[8];
    let more = [&bytes[..], &[0]].concat();
    assert_eq!(says(&more), format!("byte {at} (record 8): bytes follow the end of the bundle"));
    let mut altered = bytes;
    altered[records()[3].0 + 10] ^= 1;
    let at = records()[3].0;
    assert_eq!(says(&altered), format!("byte {at} (record 3): the record was altered: its check does not match"));
}

/// A bundle whose checks are right, as a forger would make it.
fn forged(secret: &SigningKey, write: impl FnOnce(&mut Writer, &mut Vec<u8>)) -> (Vec<Item>, Result<(), Damage>) {
    let mut out = Vec::new();
    let mut writer = Writer::start(&head(), &self::secret(), &mut out);
    write(&mut writer, &mut out);
    writer.end(secret, &mut out);
    read(&out, 1000)
}

#[test]
fn a_record_left_out_breaks_the_signature_of_the_end() {
    let (found, damage) = forged(&SigningKey::from_bytes(&[8; 32]), |_, _| {});
    assert_eq!(found, [Item::Head(head())]);
    assert_eq!(damage.unwrap_err().what, DamageKind::Signature("end"));
}

#[test]
fn entries_out_of_turn_are_refused() {
    type Write = fn(&mut Writer, &mut Vec<u8>);
    let cases: [(Write, &str); 4] = [
        (|writer, out| writer.span(span(0, log(1), 0, true), out), "entries of a log that was not offered just before"),
        (
            |writer, out| {
                writer.offers(1, vec![offer(1), offer(2)], out);
                writer.span(span(1, log(2), 0, true), out);
                writer.span(span(0, log(1), 0, true), out);
            },
            "entries of a log that was passed",
        ),
        (
            |writer, out| {
                writer.offers(1, vec![offer(1)], out);
                writer.span(span(0, log(1), 1, true), out);
            },
            "entries do not follow the ones before",
        ),
        (
            |writer, out| writer.frame(&crate::wire::frame::Frame::Want(Vec::new()), out),
            "a frame that has no place in a bundle",
        ),
    ];
    for (write, what) in cases {
        assert_eq!(forged(&secret(), write).1.unwrap_err().what, DamageKind::Turn(what));
    }
}

#[test]
fn a_log_without_its_end_or_with_too_much_is_passed_over() {
    let whole = |offer: u64, n: u8| span(offer, log(n), 0, true);
    let (found, end) = forged(&secret(), |writer, out| {
        writer.offers(1, vec![offer(1), offer(2), offer(3)], out);
        writer.span(span(0, log(1), 0, false), out);
        for from in 0..=(UNSIGNED_BYTES_MAX / ENTRIES_BYTES_MAX) as u64 {
            let payloads = vec![0; ENTRIES_BYTES_MAX];
            writer.span(Span { payloads, ..span(1, log(2), from, false) }, out);
        }
        writer.span(span(1, log(2), (UNSIGNED_BYTES_MAX / ENTRIES_BYTES_MAX) as u64 + 1, true), out);
        writer.span(whole(2, 3), out);
    });
    assert_eq!(end, Ok(()));
    assert_eq!(found[2], Item::Skipped(log(1), Skip::Unsigned));
    assert_eq!(found[3], Item::Skipped(log(2), Skip::TooLong));
    assert!(matches!(&found[4], Item::Log(taken) if taken.log == log(3)), "{:?}", found[4]);
}

proptest! {
    #[test]
    fn a_bundle_is_read_alike_in_pieces_of_any_size(piece in 1..2000usize) {
        prop_assert_eq!(read(&bundle(), piece), (items(), Ok(())));
    }

    #[test]
    fn bytes_after_a_good_start_never_panic(bytes: Vec<u8>, records_kept in 0..8usize) {
        let kept = records()[records_kept];
        let file = [&bundle()[..kept.0], &bytes].concat();
        let (found, damage) = read(&file, 100);
        prop_assert_eq!(&found[..kept.1], &items()[..kept.1]);
        prop_assert_eq!(found.len(), kept.1);
        prop_assert_eq!(damage.unwrap_err().at, kept.0 as u64);
    }
}
