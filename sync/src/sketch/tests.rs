use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::golden::{item, sketch, values};
use super::*;
use crate::wire::frame::FRAME_BYTES_MAX;

/// Takes blocks, each through `change`, until the decoder has an answer.
fn decode(
    ours: Sketch,
    theirs: &Sketch,
    mut change: impl FnMut(usize, &mut Vec<u8>),
) -> Result<(Progress, usize), TakeError> {
    let mut decoder = Decoder::new(ours);
    while let Some(symbols) = block_after(decoder.taken()) {
        let mut block = theirs.encode_block(symbols.clone());
        change(symbols.start, &mut block);
        let progress = decoder.take(&block)?;
        if progress != Progress::More {
            return Ok((progress, decoder.taken()));
        }
    }
    unreachable!("the last block ends in an answer")
}

fn difference(ours: &BTreeSet<u64>, theirs: &BTreeSet<u64>) -> Progress {
    let only = |these: &BTreeSet<u64>, those| these.difference(those).copied().map(item).collect();
    Progress::Done { theirs: only(theirs, ours), ours: only(ours, theirs) }
}

fn sets() -> impl Strategy<Value = [BTreeSet<u64>; 3]> {
    [btree_set(1u64.., 0..60), btree_set(1u64.., 0..60), btree_set(1u64.., 0..60)]
}

#[test]
fn equal_sets_take_one_block() {
    let ours = sketch(&values(1, 500));
    let done = Progress::Done { theirs: Vec::new(), ours: Vec::new() };
    assert_eq!(decode(ours.clone(), &ours, |_, _| ()), Ok((done, BLOCK_SYMBOLS_MIN)));
}

#[test]
fn two_thousand_differing_items_take_37_kilobytes() {
    let values = values(2, 3000);
    let (ours, theirs) = (sketch(&values[..2000]), sketch(&values[1000..]));
    let mut bytes = 0;
    let (progress, _) = decode(ours, &theirs, |_, block| bytes += block.len()).unwrap();
    let set = |values: &[u64]| values.iter().copied().collect();
    assert_eq!(progress, difference(&set(&values[..2000]), &set(&values[1000..])));
    assert!(bytes <= 37_000, "{bytes} bytes");
}

#[test]
fn the_kept_symbols_tell_the_items_promised() {
    let values = values(5, SKETCH_ITEMS_MAX);
    let (progress, _) = decode(sketch(&values), &Sketch::new(), |_, _| ()).unwrap();
    assert_eq!(progress, difference(&values.into_iter().collect(), &BTreeSet::new()));
}

#[test]
fn more_than_the_symbols_tell_is_said() {
    let ours = sketch(&values(3, 4000));
    assert_eq!(decode(ours, &Sketch::new(), |_, _| ()), Ok((Progress::TooMany, SKETCH_SYMBOLS_MAX)));
}

#[test]
fn blocks_that_were_on_their_way_change_nothing() {
    let (ours, theirs) = (sketch(&[1, 2]), sketch(&[2, 3]));
    let mut decoder = Decoder::new(ours);
    let first = decoder.take(&theirs.encode_block(0..64)).unwrap();
    assert_eq!(first, Progress::Done { theirs: vec![item(3)], ours: vec![item(1)] });
    assert_eq!(decoder.take(&theirs.encode_block(64..128)), Ok(first));
}

#[test]
fn an_item_in_both_of_two_merged_sets_is_not_lost_silently() {
    let mut ours = sketch(&[7, 8]);
    ours.merge(&sketch(&[7, 9]));
    assert_eq!(decode(ours, &Sketch::new(), |_, _| ()), Ok((Progress::TooMany, SKETCH_SYMBOLS_MAX)));
}

#[test]
fn an_item_that_comes_out_twice_contradicts() {
    let seven = item(7);
    let symbol = seven.symbols().nth(1).unwrap();
    assert!(symbol < BLOCK_SYMBOLS_MIN);
    let mut theirs = Sketch::new();
    theirs.symbols[symbol] = Symbol::of(seven);
    let error = decode(Sketch::new(), &theirs, |_, _| ()).unwrap_err();
    assert!(matches!(error, TakeError::Contradiction { .. }), "{error}");
}

#[test]
fn an_item_in_a_symbol_that_it_is_not_mapped_to_is_not_taken() {
    let seven = item(7);
    let symbol = (0..SKETCH_SYMBOLS_MAX).find(|&symbol| !seven.is_mapped_to(symbol)).unwrap();
    let mut theirs = Sketch::new();
    theirs.symbols[symbol] = Symbol::of(seven);
    assert_eq!(decode(Sketch::new(), &theirs, |_, _| ()), Ok((Progress::TooMany, SKETCH_SYMBOLS_MAX)));
}

#[test]
fn faults_of_a_block_are_named() {
    let refused = |block: &[u8]| Decoder::new(Sketch::new()).take(block).unwrap_err().to_string();
    assert_eq!(refused(&[]), "block of a sketch, byte 0: the input ends here, within first symbol");
    assert_eq!(refused(&[0]), "block of a sketch, byte 1: the input ends here, within sum of a symbol");
    assert_eq!(refused(&[0; 24]), "block of a sketch, byte 21: the input ends here, within check of a symbol");
    assert_eq!(refused(&[5; 13]), "the block starts at symbol 5, and 0 comes next");
    assert_eq!(refused(&[0x81, 0x20]), "block of a sketch, byte 0: first symbol is 4097, and at most 4096 is allowed");
    let long = vec![0; 1 + (SKETCH_SYMBOLS_MAX + 1) * SYMBOL_BYTES];
    assert_eq!(refused(&long), "block of a sketch, byte 49153: bytes follow the last value");
}

#[test]
fn nothing_of_a_broken_block_is_taken() {
    let theirs = sketch(&[3]);
    let mut decoder = Decoder::new(Sketch::new());
    let block = theirs.encode_block(0..32);
    decoder.take(&block[..block.len() - 1]).unwrap_err();
    assert_eq!(decoder.take(&block), Ok(Progress::Done { theirs: vec![item(3)], ours: Vec::new() }));
}

#[test]
fn blocks_follow_each_other_to_the_end_and_fit_a_frame() {
    let mut sent = 0;
    while let Some(symbols) = block_after(sent) {
        assert_eq!(symbols.start, sent);
        assert!(Sketch::new().encode_block(symbols.clone()).len() < FRAME_BYTES_MAX);
        sent = symbols.end;
    }
    assert_eq!(sent, SKETCH_SYMBOLS_MAX);
    assert_eq!(block_after(usize::MAX), None);
}

#[test]
fn ranges_past_the_symbols_are_cut() {
    let sketch = sketch(&[1]);
    assert_eq!(sketch.encode_block(4095..usize::MAX).len(), 2 + SYMBOL_BYTES);
    assert_eq!(sketch.encode_block(5000..6000).len(), 2);
    assert!(sketch.chunk(SKETCH_CHUNKS).is_empty());
    assert!(sketch.chunk(usize::MAX).is_empty());
}

#[test]
fn a_row_of_another_length_is_not_taken() {
    let mut sketch = sketch(&[1]);
    let before = sketch.clone();
    for (chunk, length) in [(0, 0), (0, SKETCH_CHUNK_BYTES - 1), (0, SKETCH_CHUNK_BYTES + 1), (SKETCH_CHUNKS, 1)] {
        sketch.set_chunk(chunk, &vec![0; length]).unwrap_err();
        assert_eq!(sketch, before);
    }
}

proptest! {
    #[test]
    fn the_difference_of_two_sets_is_found([ours, theirs, both] in sets()) {
        let (ours, theirs) = (&ours | &both, &theirs | &both);
        let (progress, _) = decode(sketch(&ours), &sketch(&theirs), |_, _| ()).unwrap();
        prop_assert_eq!(progress, difference(&ours, &theirs));
    }

    #[test]
    fn items_added_and_removed_leave_nothing(values in btree_set(1u64.., 0..40), keep in btree_set(1u64.., 0..40)) {
        let mut changed = sketch(&values);
        keep.difference(&values).for_each(|value| _ = changed.add(item(*value)));
        values.difference(&keep).for_each(|value| _ = changed.remove(item(*value)));
        prop_assert_eq!(changed, sketch(&keep));
    }

    #[test]
    fn merged_sketches_are_the_sketch_of_the_union([first, second, _] in sets()) {
        prop_assume!(first.is_disjoint(&second));
        let (mut one, mut other) = (sketch(&first), sketch(&second));
        let before = one.clone();
        one.merge(&other);
        other.merge(&before);
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(one, sketch(&(&first | &second)));
    }

    #[test]
    fn only_touched_rows_are_to_be_written(values in btree_set(1u64.., 0..40), change in 1u64..) {
        let mut changed = sketch(&values);
        let mut stored = changed.clone();
        for chunk in changed.add(item(change)).chunks() {
            prop_assert_ne!(stored.chunk(chunk), changed.chunk(chunk));
            stored.set_chunk(chunk, &changed.chunk(chunk)).unwrap();
        }
        prop_assert_eq!(stored, changed);
    }

    #[test]
    fn a_flipped_bit_gives_no_wrong_difference(
        seed: u64,
        common in 0usize..50,
        differ in 0usize..200,
        at: prop::sample::Index,
    ) {
        let values = values(seed, common + differ);
        let (ours, theirs) = (sketch(&values[..common]), sketch(&values));
        let (_, taken) = decode(ours.clone(), &theirs, |_, _| ()).unwrap();
        let bit = at.index(taken * SYMBOL_BYTES * 8);
        let (symbol, bit) = (bit / (SYMBOL_BYTES * 8), bit % (SYMBOL_BYTES * 8));
        let outcome = decode(ours, &theirs, |start, block| {
            let symbols = block.len() / SYMBOL_BYTES;
            if (start..start + symbols).contains(&symbol) {
                let at = block.len() - (start + symbols - symbol) * SYMBOL_BYTES;
                block[at + bit / 8] ^= 1 << (bit % 8);
            }
        });
        prop_assert!(!matches!(outcome, Ok((Progress::Done { .. }, _))), "{outcome:?}");
    }

    #[test]
    fn hostile_blocks_end(blocks in vec(vec(any::<u8>(), 0..400), 0..8)) {
        let mut decoder = Decoder::new(sketch(&[1, 2, 3]));
        for bytes in blocks {
            let mut block = Vec::new();
            put_varint(&mut block, decoder.taken() as u64);
            block.extend_from_slice(&bytes);
            let before = decoder.taken();
            _ = decoder.take(&bytes);
            _ = decoder.take(&block);
            prop_assert!(decoder.taken() <= before + (2 * bytes.len()) / SYMBOL_BYTES);
        }
    }

    /// Every symbol holds one item that is mapped there and checks, which no set gives.
    #[test]
    fn symbols_that_all_look_alone_end(seed: u64, step in 1usize..9) {
        let mut theirs = Sketch::new();
        for value in values(seed, 2000) {
            for symbol in item(value).symbols().step_by(step) {
                theirs.symbols[symbol] = Symbol::of(item(value));
            }
        }
        let outcome = decode(Sketch::new(), &theirs, |_, _| ());
        prop_assert!(!matches!(outcome, Ok((Progress::Done { .. }, _))), "{outcome:?}");
    }
}
