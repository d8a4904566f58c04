//! Golden items, symbols, blocks and rows: what stores must agree on.

use super::*;
use crate::id::{DeviceId, LogId};

pub(super) fn item(value: u64) -> Item {
    Item::new(value).unwrap()
}

pub(super) fn sketch<'a>(values: impl IntoIterator<Item = &'a u64>) -> Sketch {
    let mut sketch = Sketch::new();
    for value in values {
        sketch.add(item(*value));
    }
    sketch
}

/// Numbers as even as hashes, from a seed.
pub(super) fn values(seed: u64, count: usize) -> Vec<u64> {
    let mut bytes = vec![0; count * 8];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes.chunks_exact(8).map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap())).collect()
}

#[cfg_attr(test, test)]
pub(crate) fn golden_item_and_symbols() {
    let item = Item::of(&LogId { device: DeviceId([1; 32]), incarnation: 2 }, 3, &[4; 8]);
    assert_eq!(item.get(), 0xa652_5d56_1a16_8225);
    assert_eq!(item.check(), 0x8062_5295);
    assert_eq!(item.symbols().collect::<Vec<_>>(), [0, 8, 24, 31, 42, 47, 109, 450, 529, 558, 1541]);
}

#[cfg_attr(test, test)]
pub(crate) fn golden_block_and_rows() {
    let sketch = sketch(&values(4, 3));
    assert_eq!(sketch.encode_block(0..3), GOLDEN_BLOCK);
    let rows: Vec<_> = (0..SKETCH_CHUNKS).flat_map(|chunk| sketch.chunk(chunk)).collect();
    assert_eq!(rows.len(), SKETCH_CHUNKS * SKETCH_CHUNK_BYTES);
    assert_eq!(blake3::hash(&rows).to_hex().as_str(), GOLDEN_ROWS_HASH);
}

const GOLDEN_BLOCK: &[u8] = b"\x00\
    \x0f\x83\xe4\xb8\x54\xea\x62\x26\x46\xdc\x18\xbb\
    \x10\xba\xe1\xa4\xfd\xe3\x26\x93\x8e\xc1\xba\x39\
    \x10\xba\xe1\xa4\xfd\xe3\x26\x93\x8e\xc1\xba\x39";
const GOLDEN_ROWS_HASH: &str = "a9ea70e0cacded7c240bfa21e985aca70d9ec4e621f7ebf9e64b88e72aeef9ac";
