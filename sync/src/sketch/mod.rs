//! Set reconciliation.

mod decoder;
mod item;

use core::fmt;
use core::ops::{BitOr, BitOrAssign, Range};

use crate::wire::codec::{DecodeError, Reader, put_varint};

pub use decoder::{Decoder, Progress, TakeError};
pub use item::Item;

/// Symbols that a store keeps of each sketch: enough for 2,900 differing items.
pub const SKETCH_SYMBOLS_MAX: usize = 4096;
/// Symbols of a row.
pub const SKETCH_CHUNK_SYMBOLS: usize = 64;
/// Rows of a sketch: as many as a word has bits, see [`Touched`].
pub const SKETCH_CHUNKS: usize = SKETCH_SYMBOLS_MAX / SKETCH_CHUNK_SYMBOLS;
/// Bytes of a row.
pub const SKETCH_CHUNK_BYTES: usize = SKETCH_CHUNK_SYMBOLS * SYMBOL_BYTES;
/// Symbols of the first block: it settles up to some 20 differing items in 385 bytes.
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
