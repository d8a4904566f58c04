//! Golden bytes of every frame: what they say is what a compatible peer must read and write.

use super::frame::*;
use crate::entry::Digest;
use crate::id::{CommuneCode, DeviceId, LogId, StoreId};
use crate::log::{Block, Branch, Fork, HeadSignature, Tail};
use crate::sketch::Item;
#[cfg(test)]
use proptest::prelude::*;

fn log() -> LogId {
    LogId { device: DeviceId([0xdd; 32]), incarnation: 1 }
}

/// Each frame with its bytes in parts, so that a part says what it is.
fn golden() -> Vec<(Frame, Vec<Vec<u8>>)> {
    let hello = Hello {
        store: StoreId([0x51; 16]),
        role: Role::Hub,
        wants_receipts: true,
        scope: Scope::Communes(vec![CommuneCode(30_307)]),
        cursor: Some(Cursor { store: StoreId([0x52; 16]), position: 300 }),
        credential: Presented::Known([0xee; 8]),
        epoch: Some(3),
        holds: Some(300),
    };
    let phone = Hello {
        store: StoreId([0x53; 16]),
        role: Role::Phone,
        wants_receipts: true,
        scope: Scope::Own,
        cursor: None,
        credential: Presented::Nothing,
        epoch: None,
        holds: None,
    };
    let chain = Hello { credential: Presented::Chain(vec![0xe0; 9]), ..phone.clone() };
    let changes = Changes {
        upto: 7,
        offers: vec![Offer { log: log(), length: 42, chain: [0xcc; 8] }],
        receipts: vec![Receipt { log: log(), length: 40 }],
    };
    let span = Entries { offer: 0, from: 40, count: 1, payloads: vec![0x20, 2, 1, 100, 0], signature: None };
    let last = Entries { signature: Some(HeadSignature([0x99; 64])), from: 41, ..span.clone() };
    let items = vec![Item::from_bytes([0x17; 8]).unwrap()];
    let refuse = Refuse { reason: RefuseReason::Signature, text: "no".to_owned() };
    vec![
        (
            Frame::Hello(hello),
            vec![
                vec![62, 1, 1],
                vec![0x51; 16],
                vec![1, 1],
                vec![2, 1, 0xe3, 0xec, 0x01],
                vec![1],
                vec![0x52; 16],
                vec![0xac, 0x02],
                vec![3, 1, 8],
                vec![0xee; 8],
                vec![2, 1, 3],
                vec![3, 2, 0xac, 0x02],
            ],
        ),
        (Frame::Hello(phone), vec![vec![23, 1, 1], vec![0x53; 16], vec![0, 1], vec![0], vec![0], vec![0]]),
        (
            Frame::Hello(chain),
            vec![vec![34, 1, 1], vec![0x53; 16], vec![0, 1], vec![0], vec![0], vec![1, 1, 9], vec![0xe0; 9]],
        ),
        (
            Frame::Changes(changes),
            vec![
                vec![80, 2, 7],
                vec![1],
                vec![0xdd; 32],
                vec![1, 42],
                vec![0xcc; 8],
                vec![1],
                vec![0xdd; 32],
                vec![1, 40],
            ],
        ),
        (Frame::Want(vec![Want { offer: 0, from: 40 }]), vec![vec![4, 3, 1, 0, 40]]),
        (Frame::Entries(span), vec![vec![11, 4, 0, 40, 1, 0], vec![5, 0x20, 2, 1, 100, 0]]),
        (Frame::Entries(last), vec![vec![75, 4, 0, 41, 1, 1], vec![5, 0x20, 2, 1, 100, 0], vec![0x99; 64]]),
        (Frame::Ack(vec![Ack { offer: 0, length: 42 }]), vec![vec![4, 5, 1, 0, 42]]),
        (Frame::Refuse(refuse), vec![vec![5, 6, 3, 2], b"no".to_vec()]),
        (Frame::Revocations(vec![0xab; 3]), vec![vec![5, 7, 3], vec![0xab; 3]]),
        (Frame::Withdrawn(vec![vec![0xcd; 2]]), vec![vec![5, 8, 1, 2], vec![0xcd; 2]]),
        (
            Frame::Forked(Box::new(Fork {
                log: log(),
                common: Tail { length: 4, chain: [0xc1; 32] },
                branches: [1, 2].map(|slot| Branch {
                    blocks: vec![Block { slot, digest: Digest([0xb1; 28]) }],
                    signature: HeadSignature([0x51; 64]),
                }),
            })),
            vec![
                vec![0x85, 0x02, 10],
                vec![0xdd; 32],
                vec![1, 4],
                vec![0xc1; 32],
                [vec![1, 1, 0, 0, 0], vec![0xb1; 28], vec![0x51; 64]].concat(),
                [vec![1, 2, 0, 0, 0], vec![0xb1; 28], vec![0x51; 64]].concat(),
            ],
        ),
        (Frame::Again(Want { offer: 5, from: 0 }), vec![vec![3, 9, 5, 0]]),
        (
            Frame::Sketch(Sketch { logs: 300, block: [vec![0], vec![0x5c; 12]].concat() }),
            vec![vec![17, 11, 0xac, 0x02, 13], vec![0], vec![0x5c; 12]],
        ),
        (Frame::Items(Items::More), vec![vec![2, 12, 0]]),
        (Frame::Items(Items::Lacking(items)), vec![vec![11, 12, 1, 1], vec![0x17; 8]]),
        (Frame::Items(Items::TooMany), vec![vec![2, 12, 2]]),
    ]
}

#[cfg_attr(test, test)]
pub(crate) fn frames_have_their_golden_bytes() {
    for (frame, parts) in golden() {
        let bytes = parts.concat();
        let mut out = Vec::new();
        frame.encode(&mut out);
        assert_eq!(out, bytes, "{frame:?}");
        let (body, length) = split_frame(&bytes).unwrap().unwrap();
        assert_eq!(length, bytes.len());
        assert_eq!(Frame::decode(body), Ok(frame));
    }
}

#[test]
fn a_frame_cut_anywhere_is_incomplete_or_refused() {
    for (_, parts) in golden() {
        let bytes = parts.concat();
        for cut in 0..bytes.len() {
            assert_eq!(split_frame(&bytes[..cut]), Ok(None));
        }
        let (body, _) = split_frame(&bytes).unwrap().unwrap();
        for cut in 0..body.len() {
            assert!(Frame::decode(&body[..cut]).is_err());
        }
    }
}

#[test]
fn an_oversized_frame_is_refused_at_its_length() {
    let error = split_frame(&[0x81, 0x80, 0x04]).unwrap_err();
    assert_eq!(error.to_string(), "byte 0: length of a frame is 65537, and at most 65536 is allowed");
    assert!(split_frame(&[0]).is_err());
}

#[test]
fn unknown_extensions_are_skipped() {
    let mut body = vec![1, 1];
    body.extend([0x53; 16]);
    body.extend([0, 1, 0, 0]);
    body.extend([1, 77, 3, 1, 2, 3]);
    assert!(matches!(Frame::decode(&body), Ok(Frame::Hello(_))));
}

#[test]
fn an_empty_credential_is_none() {
    // Found by fuzzing: it was read as a chain without bytes, which is written as no credential.
    let mut body = vec![1, 1];
    body.extend([0x51; 16]);
    body.extend([0, 1, 0, 0]);
    body.extend([1, 1, 0]);
    let Ok(Frame::Hello(hello)) = Frame::decode(&body) else { panic!("{body:?} is refused") };
    assert_eq!(hello.credential, Presented::Nothing);
}

#[cfg(test)]
proptest! {
    #[test]
    fn what_is_accepted_is_written_alike(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(frame) = Frame::decode(&bytes) {
            let mut out = Vec::new();
            frame.encode(&mut out);
            let (body, _) = split_frame(&out).unwrap().unwrap();
            prop_assert_eq!(Frame::decode(body), Ok(frame));
        }
    }
}
