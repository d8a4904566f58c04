//! Finds what differs between our set and a peer's from our sketch and the peer's blocks.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Item, SKETCH_SYMBOLS_MAX, Sketch, Symbol};
use crate::wire::codec::{DecodeError, Reader};

/// Why a peer's block was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TakeError {
    /// The block cannot be read.
    #[error("block of a sketch, {0}")]
    Block(#[from] DecodeError),
    /// The block does not follow the one before.
    #[error("the block starts at symbol {found}, and {expected} comes next")]
    OutOfOrder {
        /// Where it starts.
        found: usize,
        /// How many symbols were taken.
        expected: usize,
    },
    /// The symbols are of no set: an item came out of them twice, or more items than symbols.
    #[error("symbol {symbol} contradicts the others")]
    Contradiction {
        /// Where it showed.
        symbol: usize,
    },
}

/// How far the decoding is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// More symbols are needed.
    More,
    /// The difference is known, each side ascending.
    Done {
        /// Items that the peer says it has, and we have not.
        theirs: Vec<Item>,
        /// Items that the peer says it has not. Whether we have them is to be looked up: a peer that
        /// lies can make some up.
        ours: Vec<Item>,
    },
    /// All [`SKETCH_SYMBOLS_MAX`] symbols do not tell the difference: too much differs.
    TooMany,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Ours,
    Theirs,
}

/// Takes a peer's blocks in order until the difference is known.
#[derive(Debug)]
pub struct Decoder {
    /// Our symbols, less the peer's below `taken`, less what was found: zero throughout in the end.
    rest: Sketch,
    taken: usize,
    found: BTreeMap<Item, Side>,
}

impl Decoder {
    /// Starts with our sketch and nothing of the peer's.
    pub const fn new(ours: Sketch) -> Self {
        Self { rest: ours, taken: 0, found: BTreeMap::new() }
    }

    /// How many of the peer's symbols were taken.
    pub const fn taken(&self) -> usize {
        self.taken
    }

    /// Takes the peer's next block.
    ///
    /// # Errors
    /// [`TakeError`]. After [`TakeError::Contradiction`] nothing more can be learnt from this peer's
    /// sketch.
    pub fn take(&mut self, block: &[u8]) -> Result<Progress, TakeError> {
        let symbols = self.read(block)?;
        for theirs in symbols {
            let symbol = &mut self.rest.symbols[self.taken];
            *symbol = symbol.plus(theirs.negated());
            self.taken += 1;
        }
        while self.sweep()? {}
        Ok(self.progress())
    }

    /// Reads a block whole, so that half of one is never taken.
    fn read(&self, block: &[u8]) -> Result<Vec<Symbol>, TakeError> {
        let mut reader = Reader::new(block);
        let found = reader.varint("first symbol", SKETCH_SYMBOLS_MAX as u64)? as usize;
        if found != self.taken {
            return Err(TakeError::OutOfOrder { found, expected: self.taken });
        }
        let mut symbols = vec![Symbol::decode(&mut reader)?];
        while !reader.is_empty() && self.taken + symbols.len() < SKETCH_SYMBOLS_MAX {
            symbols.push(Symbol::decode(&mut reader)?);
        }
        reader.finish()?;
        Ok(symbols)
    }

    /// Takes the items out that are alone in a symbol, and tells whether there were any. From the last
    /// symbol to the first, because the later ones hold fewer items.
    fn sweep(&mut self) -> Result<bool, TakeError> {
        let before = self.found.len();
        for symbol in (0..self.taken).rev() {
            if let Some((item, side)) = self.alone(symbol) {
                self.peel(item, side).ok_or(TakeError::Contradiction { symbol })?;
            }
        }
        Ok(self.found.len() > before)
    }

    /// The item that is alone in a symbol. That it is mapped there is what makes the symbol zero next.
    fn alone(&self, symbol: usize) -> Option<(Item, Side)> {
        let rest = self.rest.symbols[symbol];
        [(rest, Side::Ours), (rest.negated(), Side::Theirs)].into_iter().find_map(|(rest, side)| {
            let item = Item::new(rest.sum)?;
            (item.check() == rest.check && item.is_mapped_to(symbol)).then_some((item, side))
        })
    }

    /// Takes an item out of all its symbols; `None` if it came out before, or if more came out than the
    /// symbols of a set can hold: each item leaves one that is zero from then on.
    fn peel(&mut self, item: Item, side: Side) -> Option<()> {
        if self.found.len() >= self.taken || self.found.insert(item, side).is_some() {
            return None;
        }
        match side {
            Side::Ours => self.rest.remove(item),
            Side::Theirs => self.rest.add(item),
        };
        Some(())
    }

    fn progress(&self) -> Progress {
        if self.rest.symbols[..self.taken].iter().all(|symbol| *symbol == Symbol::ZERO) {
            Progress::Done { theirs: self.side(Side::Theirs), ours: self.side(Side::Ours) }
        } else if self.taken == SKETCH_SYMBOLS_MAX {
            Progress::TooMany
        } else {
            Progress::More
        }
    }

    fn side(&self, wanted: Side) -> Vec<Item> {
        self.found.iter().filter(|(_, side)| **side == wanted).map(|(item, _)| *item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_items_come_out_than_symbols_were_taken() {
        let mut theirs = Sketch::new();
        theirs.add(Item::new(7).unwrap());
        let mut decoder = Decoder::new(Sketch::new());
        decoder.take(&theirs.encode_block(0..1)).unwrap();
        assert_eq!(decoder.peel(Item::new(8).unwrap(), Side::Theirs), None);
        assert_eq!(decoder.found.len(), decoder.taken);
    }
}
