//! Finds what differs between two sets of logs, at a cost that grows with the difference alone.
//!
//! It serves a peer whose cursor is lost. Each store keeps, along with its logs, the first
//! [`SKETCH_SYMBOLS_MAX`] coded symbols of the set of its logs' states ([`Item`]). One sends its symbols
//! in blocks that grow, the other subtracts them from its own, and what both have cancels. The rest
//! decodes as soon as there are about 1.37 symbols for each differing item; neither needs to know the
//! size of the difference before. A log that grew is two items, its old state on one side and its new
//! state on the other.
//!
//! ```text
//! item    BLAKE3-derive("bdhv 2026-11 sketch item",
//!           device 32 B ‖ incarnation u32 LE ‖ length u64 LE ‖ chain, first 8 B)
//!           its first 8 B as u64 LE, and 1 in place of 0
//! check   mix(item xor 243f6a8885a308d3), high 32 bits               mix: output function of SplitMix64
//! places  0, then from i the least n with (n+1)(n+2)·(r+1) > (i+1)(i+2)·2^32
//!           r: high 32 bits of the next SplitMix64 output, state item
//! symbol  sum of items u64 LE · sum of checks u32 LE, both wrapping       12 B
//! block   first symbol varint · symbols, 1 or more, to the end of the block
//! row     64 symbols, 768 B: what a store keeps under (set, number of the chunk)
//! ```
//!
//! # Why this one
//!
//! The construction is Rateless IBLT (Yang, Gilad, Alizadeh, "Practical Rateless Set Reconciliation",
//! SIGCOMM 2024), where symbol i holds each item with probability 1/(1 + i/2). Two things differ from
//! the paper. The places come from integers alone, by an exact inverse where the paper approximates in
//! floating point, so every platform draws the same ones. And there are no counts: sums wrap instead of
//! XOR, so a symbol that holds one item holds it with the sign of its side, and is known by its check and
//! by the item's being mapped there. With 1,000,000 logs a count, as zigzag varint of the difference from
//! the expected, would take 3.5 KB more in 3,072 symbols (arithmetic, normal approximation).
//!
//! Measured (release build, random items, 1,000 runs a line; 12 B a symbol, blocks as [`block_after`]
//! chooses them; a log that grew is 2 items):
//!
//! ```text
//! items    symbols needed    bytes of blocks   not decoded   ms to decode
//!          median     max    median     max
//!     1         1       1       385     385             0         < 0.01
//!     2         3      20       385     385             0         < 0.01
//!    10        16      67       385   1,539             0         < 0.01
//!    20        32      80       385   1,539             0           0.01
//!   100       144     245     3,077   3,077             0           0.06
//!   200       284     340     6,151   6,151             0           0.12
//! 1,000     1,375   1,503    18,443  18,443             0           0.64
//! 2,000     2,737   2,865    36,881  36,881             0           1.54
//! 2,800     3,821   3,999    49,173  49,173             0           2.03
//! 2,900     3,952   4,092    49,173  49,173             7           2.17
//! ```
//!
//! Two sets of 1,000,000 logs of which 1,000 differ: 36,881 bytes of blocks, the same as for small sets,
//! and 87,881 with 51 bytes for asking and offering each log. One core hashes 2.8 to 5.2 million states a
//! second (four runs, other builds beside) and adds or removes 3.6 million items. Few items have the longest
//! tail, two of them sharing their first places: in 5,000 runs 2 items needed up to 34 symbols, 770 bytes,
//! and 20 items up to 164 symbols, 3,077 bytes. In 2,000 other runs 2,000 items needed up to 2,899 symbols.
//!
//! Against it, at 1,000,000 logs, bytes before asking and offering; IBLT over 1,000 runs, trees over 50:
//!
//! ```text
//! logs that differ                                        1        100      1,000
//! this sketch                              median       385      6,151     36,881
//!                                          max          385      6,151     36,881
//! IBLT, 3 places, sizes doubling           median       384      3,072     49,152
//!                                          max          768     12,288    196,608
//! tree of fingerprints, scattered          median       657     38,610    275,733
//!                                          max          691     39,828    279,939
//! tree of fingerprints, neighbours         median       667      1,827     12,661
//!                                          max          691      2,172     13,464
//! ```
//!
//! IBLT (Goodrich and Mitzenmacher, "Invertible Bloom Lookup Tables", 2011) is modelled with cells of 12
//! bytes and tables that fold, so that doubling sends only the new half. The tree (Meyer, "Range-Based Set
//! Reconciliation", 2023) is modelled in its favour, over logs in the order of their ids: 16 children with
//! fingerprints of 8 bytes, a mask of 2 bytes in answer, leaves of up to 16 logs listed by one side with 8
//! bytes each, and no framing. It wins only where the logs that differ are neighbours in its order, which
//! nothing promises here.
//!
//! # Bounds and failures
//!
//! Nothing that a peer sends panics or runs on. A [`Decoder`] holds [`SKETCH_SYMBOLS_MAX`] symbols and takes
//! no more. It takes out at most as many items as it took symbols, each once, or fails with
//! [`TakeError::Contradiction`]; every pass over the symbols takes out at least one item, or is the last of
//! its block. 4,096 blocks of one symbol, of noise or of 2,850 items, take 35 ms in all.
//!
//! * A symbol of several items passes for one with probability 2^-32 · 2/(i + 2), over a decoding of 2,000
//!   items about 2 in a million (arithmetic). The symbols then do not come to zero, and the outcome is
//!   [`Progress::TooMany`] or [`TakeError::Contradiction`], not a wrong answer: [`Progress::Done`] needs
//!   every symbol taken to be zero.
//! * Two honest states have the same item with probability 2^-64. Among 1,000,000 logs with 1,000 that
//!   differ, one of these is hidden by another log with probability 10^-10, until it grows.
//! * The context is public, for all stores must agree. A device can find two states of its own logs with
//!   one item in 2^32 hashes, and one that meets any of 1,000,000 other logs in 2^44. An item may thus
//!   stand for several logs, and whoever is asked for it offers them all. Such items, or two that share
//!   their places, can at worst keep sketches from decoding.
//! * A peer can claim any difference. The items it seems to lack are to be looked up before use.
//!
//! **Invariant:** merged sets have no item in common. One that is in both counts twice, is never alone in
//! a symbol, and if the peer lacks it the outcome is [`Progress::TooMany`]. Sets that are merged, as those
//! of communes, therefore divide the logs between them.
//!
//! # Example
//!
//! ```
//! use sync::sketch::{Decoder, Item, Progress, Sketch, block_after};
//! use sync::{DeviceId, LogId};
//!
//! let log = LogId { device: DeviceId([1; 32]), incarnation: 0 };
//! let (old, new) = (Item::of(&log, 30, &[5; 8]), Item::of(&log, 31, &[6; 8]));
//! let (mut ours, mut theirs) = (Sketch::new(), Sketch::new());
//! ours.add(old);
//! theirs.add(new);
//!
//! let mut decoder = Decoder::new(ours);
//! let symbols = block_after(decoder.taken()).expect("nothing was taken yet");
//! let progress = decoder.take(&theirs.encode_block(symbols))?;
//! assert_eq!(progress, Progress::Done { theirs: vec![new], ours: vec![old] });
//! # Ok::<(), sync::sketch::TakeError>(())
//! ```

mod decoder;
#[cfg(any(test, feature = "golden"))]
pub(crate) mod golden;
mod item;

use core::fmt;
use core::ops::{BitOr, BitOrAssign, Range};

use crate::wire::codec::{DecodeError, Reader, put_varint};

pub use decoder::{Decoder, Progress, TakeError};
pub use item::Item;

/// Symbols that a store keeps of each sketch, 48 KB: the 2,899 that 1,000 differing logs were seen to need,
/// rounded up to a power of two.
pub const SKETCH_SYMBOLS_MAX: usize = 4096;
/// Differing items that the kept symbols told in each of 2,000 runs. Where the sizes of two sets differ by
/// more, a sketch is not worth sending.
pub const SKETCH_ITEMS_MAX: usize = 2800;
/// Symbols of a row: a log that grew touches 13 rows of 768 bytes. With 32 symbols it would be 16 of 384,
/// with 256 it would be 8 of 3,072.
pub const SKETCH_CHUNK_SYMBOLS: usize = 64;
/// Rows of a sketch: as many as a word has bits, see [`Touched`].
pub const SKETCH_CHUNKS: usize = SKETCH_SYMBOLS_MAX / SKETCH_CHUNK_SYMBOLS;
/// Bytes of a row.
pub const SKETCH_CHUNK_BYTES: usize = SKETCH_CHUNK_SYMBOLS * SYMBOL_BYTES;
/// Symbols of the first block: it settles half of the differences of 20 items, in 385 bytes.
const BLOCK_SYMBOLS_MIN: usize = 32;
/// Bound of the symbols in the blocks that [`block_after`] chooses: the last block is wasted by at most
/// 6 KB, and stays far below a frame.
const BLOCK_SYMBOLS_MAX: usize = 512;
const SYMBOL_BYTES: usize = 12;

const _: () = assert!(SKETCH_CHUNKS == u64::BITS as usize);

/// The sum of the items mapped to one symbol, and of their checks, both modulo a power of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Symbol {
    sum: u64,
    check: u32,
}

impl Symbol {
    const ZERO: Self = Self { sum: 0, check: 0 };

    const fn of(item: Item) -> Self {
        Self { sum: item.get(), check: item.check() }
    }

    const fn plus(self, other: Self) -> Self {
        Self { sum: self.sum.wrapping_add(other.sum), check: self.check.wrapping_add(other.check) }
    }

    const fn negated(self) -> Self {
        Self { sum: self.sum.wrapping_neg(), check: self.check.wrapping_neg() }
    }

    fn encode(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.sum.to_le_bytes());
        out.extend_from_slice(&self.check.to_le_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let sum = u64::from_le_bytes(reader.array("sum of a symbol")?);
        Ok(Self { sum, check: u32::from_le_bytes(reader.array("check of a symbol")?) })
    }
}

/// The chunks that a change touched: those rows are to be written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Touched(u64);

impl Touched {
    const fn symbol(symbol: usize) -> Self {
        Self(1 << (symbol / SKETCH_CHUNK_SYMBOLS))
    }

    /// The numbers of the chunks, ascending.
    pub fn chunks(self) -> impl Iterator<Item = usize> {
        (0..SKETCH_CHUNKS).filter(move |chunk| self.0 >> chunk & 1 == 1)
    }
}

impl BitOr for Touched {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Touched {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

/// The first symbols of a set of items.
#[derive(Clone, PartialEq, Eq)]
pub struct Sketch {
    /// Always [`SKETCH_SYMBOLS_MAX`].
    symbols: Box<[Symbol]>,
}

impl Default for Sketch {
    fn default() -> Self {
        Self::new()
    }
}

impl Sketch {
    /// The sketch of no items.
    pub fn new() -> Self {
        Self { symbols: vec![Symbol::ZERO; SKETCH_SYMBOLS_MAX].into() }
    }

    /// Adds an item that is not in the set.
    pub fn add(&mut self, item: Item) -> Touched {
        self.shift(item, Symbol::of(item))
    }

    /// Removes an item that is in the set.
    pub fn remove(&mut self, item: Item) -> Touched {
        self.shift(item, Symbol::of(item).negated())
    }

    /// Adds `by` to the symbols of an item.
    fn shift(&mut self, item: Item, by: Symbol) -> Touched {
        item.symbols().fold(Touched::default(), |touched, symbol| {
            self.symbols[symbol] = self.symbols[symbol].plus(by);
            touched | Touched::symbol(symbol)
        })
    }

    /// Adds the items of another set, which has none in common with this one.
    pub fn merge(&mut self, other: &Self) {
        for (symbol, by) in self.symbols.iter_mut().zip(&other.symbols) {
            *symbol = symbol.plus(*by);
        }
    }

    /// The block of these symbols, as it is sent. A range past the kept symbols is cut.
    pub fn encode_block(&self, symbols: Range<usize>) -> Vec<u8> {
        let end = symbols.end.min(SKETCH_SYMBOLS_MAX);
        let mut out = Vec::new();
        put_varint(&mut out, symbols.start as u64);
        self.encode(symbols.start..end, &mut out);
        out
    }

    /// The row of a chunk, [`SKETCH_CHUNK_BYTES`] long; empty past [`SKETCH_CHUNKS`].
    pub fn chunk(&self, chunk: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(SKETCH_CHUNK_BYTES);
        self.encode(symbols_of(chunk), &mut out);
        out
    }

    fn encode(&self, symbols: Range<usize>, out: &mut Vec<u8>) {
        self.symbols.get(symbols).unwrap_or_default().iter().for_each(|symbol| symbol.encode(out));
    }

    /// Takes a row back, as [`chunk`](Self::chunk) made it. A row that is not stored is one of zeros.
    ///
    /// # Errors
    /// [`DecodeError`] when the row is not [`SKETCH_CHUNK_BYTES`] long; nothing is taken then.
    pub fn set_chunk(&mut self, chunk: usize, row: &[u8]) -> Result<(), DecodeError> {
        let symbols = self.symbols.get_mut(symbols_of(chunk)).unwrap_or_default();
        let mut reader = Reader::new(row);
        let read = (0..symbols.len()).map(|_| Symbol::decode(&mut reader)).collect::<Result<Vec<_>, _>>()?;
        reader.finish()?;
        symbols.copy_from_slice(&read);
        Ok(())
    }
}

impl fmt::Debug for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let used = self.symbols.iter().filter(|symbol| **symbol != Symbol::ZERO).count();
        write!(f, "Sketch({used} of {SKETCH_SYMBOLS_MAX} symbols used)")
    }
}

/// The symbols of a chunk; none past the last chunk.
fn symbols_of(chunk: usize) -> Range<usize> {
    let start = chunk.min(SKETCH_CHUNKS) * SKETCH_CHUNK_SYMBOLS;
    start..(start + SKETCH_CHUNK_SYMBOLS).min(SKETCH_SYMBOLS_MAX)
}

/// The symbols to send after the first `sent`: as many again, within bounds; `None` when all were sent.
pub fn block_after(sent: usize) -> Option<Range<usize>> {
    let end = sent.saturating_add(sent.clamp(BLOCK_SYMBOLS_MIN, BLOCK_SYMBOLS_MAX)).min(SKETCH_SYMBOLS_MAX);
    (sent < end).then_some(sent..end)
}

#[cfg(test)]
mod tests;
