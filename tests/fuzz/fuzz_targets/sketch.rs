//! Blocks of a set sketch: whatever comes, decoding ends within its bounds; and what an honest peer sends
//! tells exactly what differs.
//!
//! `cd tests && cargo +nightly fuzz run sketch -- -runs=10000000 -max_len=512`

#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sync::sketch::{Decoder, Item, Progress, SKETCH_ITEMS_MAX, SKETCH_SYMBOLS_MAX, Sketch, block_after};
use sync::wire::codec::put_varint;

/// Flag of an input: its items are what an honest peer has. Without, its bytes are blocks.
const HONEST: u8 = 1;
/// Flag of a block's length byte: the number of its first symbol is put right.
const FOLLOWS: u8 = 0x80;

static OURS: LazyLock<BTreeSet<Item>> =
    LazyLock::new(|| (1..=40_u64).filter_map(|number| item(&(number * 0x9e37_79b9).to_be_bytes())).collect());
static OUR_SKETCH: LazyLock<Sketch> = LazyLock::new(|| sketch(&OURS));

fuzz_target!(|bytes: &[u8]| {
    let Some((flags, bytes)) = bytes.split_first() else { return };
    if flags & HONEST == HONEST { honest(bytes) } else { hostile(bytes) }
});

fn hostile(mut bytes: &[u8]) {
    let mut decoder = Decoder::new(OUR_SKETCH.clone());
    while let Some((length, rest)) = bytes.split_first() {
        let (block, rest) = rest.split_at(rest.len().min(usize::from(length & !FOLLOWS)));
        bytes = rest;
        let mut framed = Vec::new();
        if length & FOLLOWS == FOLLOWS {
            put_varint(&mut framed, decoder.taken() as u64);
        }
        framed.extend(block);
        let taken = decoder.taken();
        match decoder.take(&framed) {
            Ok(Progress::Done { theirs, ours }) => assert!(theirs.len() + ours.len() <= SKETCH_SYMBOLS_MAX),
            Ok(Progress::More | Progress::TooMany) => {}
            Err(_) => assert!(decoder.taken() >= taken),
        }
        assert!(decoder.taken() <= SKETCH_SYMBOLS_MAX);
    }
}

fn honest(bytes: &[u8]) {
    let theirs: BTreeSet<Item> = bytes.chunks_exact(8).filter_map(item).collect();
    assert!(theirs.len() + OURS.len() < SKETCH_ITEMS_MAX);
    let (sketch, mut decoder) = (sketch(&theirs), Decoder::new(OUR_SKETCH.clone()));
    let found = loop {
        let symbols = block_after(decoder.taken()).expect("so few items are told before all symbols");
        match decoder.take(&sketch.encode_block(symbols)) {
            Ok(Progress::More) => {}
            found => break found,
        }
    };
    let only = |some: &BTreeSet<Item>, other: &BTreeSet<Item>| some.difference(other).copied().collect();
    assert_eq!(found, Ok(Progress::Done { theirs: only(&theirs, &OURS), ours: only(&OURS, &theirs) }));
}

fn item(bytes: &[u8]) -> Option<Item> {
    Item::from_bytes(bytes.try_into().ok()?)
}

fn sketch(items: &BTreeSet<Item>) -> Sketch {
    let mut sketch = Sketch::new();
    for item in items {
        sketch.add(*item);
    }
    sketch
}
