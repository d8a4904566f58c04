//! The elements of the set, and which symbols each is mapped to.

use core::fmt;
use core::num::NonZeroU64;

use super::SKETCH_SYMBOLS_MAX;
use crate::id::LogId;

const ITEM_CONTEXT: &str = "bdhv 2026-11 sketch item";
/// Separates the check of an item from the numbers that place it: the fraction of pi, as in Blowfish.
const CHECK_KEY: u64 = 0x243f_6a88_85a3_08d3;
/// Step of `SplitMix64`: 2^64 divided by the golden ratio, odd.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// One log at one state: 64 bits that stand for it in a [`Sketch`](super::Sketch).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item(NonZeroU64);

impl Item {
    /// The item of a log at a length, with the first bytes of its chain there.
    pub fn of(log: &LogId, length: u64, chain: &[u8; 8]) -> Self {
        Self::with(log, length, *chain, None)
    }

    /// The item of a log that is known to have forked after `common` entries: another than of one that is
    /// not, so that the proof is told to who does not know.
    pub fn of_forked(log: &LogId, length: u64, chain: &[u8; 8], common: u64) -> Self {
        Self::with(log, length, *chain, Some(common))
    }

    fn with(log: &LogId, length: u64, chain: [u8; 8], fork: Option<u64>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(ITEM_CONTEXT);
        hasher.update(&log.device.0);
        hasher.update(&log.incarnation.to_le_bytes());
        hasher.update(&length.to_le_bytes());
        hasher.update(&chain);
        if let Some(common) = fork {
            hasher.update(&common.to_le_bytes());
        }
        let mut bytes = [0; 8];
        hasher.finalize_xof().fill(&mut bytes);
        Self::from_bytes(bytes).unwrap_or(Self(NonZeroU64::MIN))
    }

    /// Reads an item; `None` for zero, which stands for no log.
    pub const fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        Self::new(u64::from_le_bytes(bytes))
    }

    /// The item as it is sent and stored.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.get().to_le_bytes()
    }

    pub(super) const fn new(value: u64) -> Option<Self> {
        match NonZeroU64::new(value) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }

    pub(super) const fn get(self) -> u64 {
        self.0.get()
    }

    /// What tells a symbol with this item alone from one whose items add up to the same number.
    pub(super) const fn check(self) -> u32 {
        (mix(self.get() ^ CHECK_KEY) >> 32) as u32
    }

    /// The symbols that the item is mapped to, ascending.
    pub(super) const fn symbols(self) -> Symbols {
        Symbols { state: self.get(), next: 0 }
    }

    pub(super) fn is_mapped_to(self, symbol: usize) -> bool {
        self.symbols().find(|&mapped| mapped >= symbol) == Some(symbol)
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Item({:016x})", self.0)
    }
}

/// Walks the symbols of one item.
pub(super) struct Symbols {
    state: u64,
    next: u64,
}

impl Iterator for Symbols {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let symbol = self.next;
        if symbol >= SKETCH_SYMBOLS_MAX as u64 {
            return None;
        }
        self.state = self.state.wrapping_add(STEP);
        self.next = following(symbol, (mix(self.state) >> 32) as u32);
        Some(symbol as usize)
    }
}

/// The next symbol of an item after `symbol` < 2^13, drawn by a uniform number.
///
/// An item is in symbol i with probability 2/(i + 2), so it skips all of i+1..=n with probability
/// (i+1)(i+2) / ((n+1)(n+2)), the product telescoping. The next symbol is the least n for which that is
/// below u = (random + 1) / 2^32.
const fn following(symbol: u64, random: u32) -> u64 {
    let bound = (((symbol + 1) * (symbol + 2)) << 32) / (random as u64 + 1);
    // The least n with (n+1)(n+2) > bound, by completing the square.
    ((4 * bound + 1).isqrt() - 1) / 2
}

/// The output function of `SplitMix64` (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014).
const fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DeviceId;
    use proptest::prelude::*;

    fn log(device: u8, incarnation: u32) -> LogId {
        LogId { device: DeviceId([device; 32]), incarnation }
    }

    #[test]
    fn an_item_is_shown_as_a_number() {
        let item = Item::of(&log(1, 2), 3, &[4; 8]);
        assert_eq!(format!("{item:?}"), "Item(a6525d561a168225)");
    }

    #[test]
    fn every_part_of_a_state_makes_another_item() {
        let state = Item::of(&log(1, 2), 3, &[4; 8]);
        for other in [(log(2, 2), 3, [4; 8]), (log(1, 3), 3, [4; 8]), (log(1, 2), 4, [4; 8]), (log(1, 2), 3, [5; 8])] {
            assert_ne!(Item::of(&other.0, other.1, &other.2), state);
        }
    }

    #[test]
    fn an_item_costs_about_sixteen_symbols() {
        let items = (1..=10_000).filter_map(|n| Item::new(mix(n)));
        let symbols: usize = items.map(|item| item.symbols().count()).sum();
        assert!((155_000..161_000).contains(&symbols), "{symbols} symbols for 10,000 items, not about 158,000");
    }

    proptest! {
        #[test]
        fn the_next_symbol_is_the_least_not_skipped(symbol in 0..SKETCH_SYMBOLS_MAX as u64, random: u32) {
            let product = |n: u64| u128::from((n + 1) * (n + 2));
            let skips = |n: u64| product(n) * u128::from(u64::from(random) + 1) <= product(symbol) << 32;
            let next = following(symbol, random);
            prop_assert!(next > symbol && !skips(next));
            prop_assert!(next == symbol + 1 || skips(next - 1));
        }

        #[test]
        fn an_item_is_mapped_to_its_symbols_alone(value in 1u64.., symbol in 0..SKETCH_SYMBOLS_MAX) {
            let item = Item::new(value).unwrap();
            prop_assert_eq!(item.is_mapped_to(symbol), item.symbols().any(|mapped| mapped == symbol));
        }
    }
}
