//! QR codes of a text (ISO/IEC 18004), small enough for a learner's first bundle.
//!
//! Bytes only, the lowest error correction, for a screen is neither dirty nor torn, and always the same mask:
//! what is drawn here is base64, which has no large even areas that another mask would have to break up.

/// Greatest version drawn: 97 modules wide, which a phone's camera still reads from another's screen.
const VERSION_MAX: usize = 20;
/// Codewords of error correction in a block, by version from 1 (table 9, level L).
const CORRECTION: [usize; VERSION_MAX] =
    [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28];
/// Blocks, by version from 1 (table 9, level L).
const BLOCKS: [usize; VERSION_MAX] = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8];
/// Light modules around a code.
const QUIET: usize = 4;
/// Level L with mask 0, which turns where row and column add up to an even number; with its check bits.
const FORMAT: u32 = 0b111_0111_1100_0100;

/// A drawn code.
#[derive(Debug, Clone)]
pub struct Code {
    size: usize,
    dark: Vec<bool>,
    /// Modules that are not for data.
    fixed: Vec<bool>,
}

/// Draws a text; `None` if it is longer than the greatest version holds, 858 bytes.
pub fn code(text: &str) -> Option<Code> {
    let version = (1..=VERSION_MAX).find(|version| text.len() + overhead(*version) <= data_bytes(*version))?;
    let mut code = Code::blank(version);
    code.place(&interleave(&codewords(text.as_bytes(), version), version));
    Some(code)
}

/// Bytes that mode, length and end take.
fn overhead(version: usize) -> usize {
    if version < 10 { 2 } else { 3 }
}

fn raw_bytes(version: usize) -> usize {
    let mut modules = (16 * version + 128) * version + 64;
    if version >= 2 {
        let aligned = version / 7 + 2;
        modules -= (25 * aligned - 10) * aligned - 55;
    }
    if version >= 7 {
        modules -= 36;
    }
    modules / 8
}

fn data_bytes(version: usize) -> usize {
    raw_bytes(version) - CORRECTION[version - 1] * BLOCKS[version - 1]
}

/// Mode (4 bits), length (8 or 16), bytes, end, filled up.
fn codewords(text: &[u8], version: usize) -> Vec<u8> {
    const BYTES: u8 = 0b0100;
    let length = text.len().to_be_bytes();
    let length = &length[length.len() + 1 - overhead(version)..];
    let mut words = Vec::with_capacity(data_bytes(version));
    let mut left = BYTES;
    for byte in length.iter().chain(text) {
        words.push(left << 4 | byte >> 4);
        left = byte & 15;
    }
    words.push(left << 4);
    let mut fill = [0xec, 0x11].into_iter().cycle();
    words.resize_with(data_bytes(version), || fill.next().unwrap_or_default());
    words
}

fn interleave(words: &[u8], version: usize) -> Vec<u8> {
    let (count, correction) = (BLOCKS[version - 1], CORRECTION[version - 1]);
    let short = words.len() / count;
    let long_from = count - words.len() % count;
    let divisor = divisor(correction);
    let (mut blocks, mut at) = (Vec::new(), 0);
    for block in 0..count {
        let end = at + short + usize::from(block >= long_from);
        blocks.push((&words[at..end], remainder(&words[at..end], &divisor)));
        at = end;
    }
    let data = (0..=short).flat_map(|at| blocks.iter().filter_map(move |(data, _)| data.get(at).copied()));
    let checks = (0..correction).flat_map(|at| blocks.iter().map(move |(_, check)| check[at]));
    data.chain(checks).collect()
}

/// Multiplies in GF(2⁸) modulo x⁸+x⁴+x³+x²+1.
fn multiply(a: u8, b: u8) -> u8 {
    (0..8).rev().fold(0, |product: u8, bit| {
        let doubled = (product << 1) ^ ((product >> 7) * 0x1d);
        doubled ^ ((b >> bit & 1) * a)
    })
}

/// The Reed-Solomon generator of a degree, without its leading 1.
fn divisor(degree: usize) -> Vec<u8> {
    let mut result = vec![0; degree];
    result[degree - 1] = 1;
    let mut root = 1;
    for _ in 0..degree {
        for at in 0..degree {
            result[at] = multiply(result[at], root) ^ result.get(at + 1).copied().unwrap_or(0);
        }
        root = multiply(root, 2);
    }
    result
}

fn remainder(data: &[u8], divisor: &[u8]) -> Vec<u8> {
    let mut result = vec![0; divisor.len()];
    for byte in data {
        let factor = byte ^ result[0];
        result.rotate_left(1);
        result[divisor.len() - 1] = 0;
        result.iter_mut().zip(divisor).for_each(|(word, part)| *word ^= multiply(*part, factor));
    }
    result
}

impl Code {
    /// Draws what every code of a version has.
    fn blank(version: usize) -> Self {
        let size = 17 + 4 * version;
        let mut code = Self { size, dark: vec![false; size * size], fixed: vec![false; size * size] };
        for at in 0..size {
            code.fix(6, at, at % 2 == 0);
            code.fix(at, 6, at % 2 == 0);
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            code.finder(x, y);
        }
        let places = alignments(version);
        for &x in &places {
            for &y in &places {
                let corner = [(6, 6), (6, size - 7), (size - 7, 6)].contains(&(x, y));
                if !corner {
                    code.square(x, y, 2);
                }
            }
        }
        code.format();
        code.version(version);
        code
    }

    fn fix(&mut self, x: usize, y: usize, dark: bool) {
        self.dark[y * self.size + x] = dark;
        self.fixed[y * self.size + x] = true;
    }

    /// A dark middle and a dark ring, with a light ring between.
    fn square(&mut self, x: usize, y: usize, reach: usize) {
        for row in y - reach..=y + reach {
            for column in x - reach..=x + reach {
                self.fix(column, row, row.abs_diff(y).max(column.abs_diff(x)) != 1);
            }
        }
    }

    fn finder(&mut self, x: usize, y: usize) {
        for row in y.saturating_sub(4)..=(y + 4).min(self.size - 1) {
            for column in x.saturating_sub(4)..=(x + 4).min(self.size - 1) {
                let ring = row.abs_diff(y).max(column.abs_diff(x));
                self.fix(column, row, ring != 2 && ring != 4);
            }
        }
    }

    /// Level and mask, twice.
    fn format(&mut self) {
        let (size, bit) = (self.size, |at: usize| FORMAT >> at & 1 == 1);
        for at in 0..6 {
            self.fix(8, at, bit(at));
            self.fix(5 - at, 8, bit(9 + at));
        }
        self.fix(8, 7, bit(6));
        self.fix(8, 8, bit(7));
        self.fix(7, 8, bit(8));
        for at in 0..8 {
            self.fix(size - 1 - at, 8, bit(at));
        }
        for at in 8..15 {
            self.fix(8, size - 15 + at, bit(at));
        }
        self.fix(8, size - 8, true);
    }

    /// The version, twice, in codes large enough to need it.
    fn version(&mut self, version: usize) {
        if version < 7 {
            return;
        }
        let check = (0..12).fold(version, |rest, _| (rest << 1) ^ ((rest >> 11) * 0x1f25));
        let bits = version << 12 | check;
        for at in 0..18 {
            let (far, near, dark) = (self.size - 11 + at % 3, at / 3, bits >> at & 1 == 1);
            self.fix(far, near, dark);
            self.fix(near, far, dark);
        }
    }

    /// Places codewords in pairs of columns from the right, up and down in turn, under the mask.
    fn place(&mut self, words: &[u8]) {
        let mut bits = words.iter().flat_map(|word| (0..8).rev().map(move |bit| word >> bit & 1 == 1));
        let mut upward = true;
        let columns = (0..self.size).rev().filter(|column| *column != 6).collect::<Vec<_>>();
        for pair in columns.chunks(2) {
            for step in 0..self.size {
                let y = if upward { self.size - 1 - step } else { step };
                for &x in pair {
                    if !self.fixed[y * self.size + x] {
                        self.dark[y * self.size + x] = bits.next().unwrap_or(false) ^ ((x + y) % 2 == 0);
                    }
                }
            }
            upward = !upward;
        }
    }

    /// Modules on a side.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Tells whether a module is dark.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.size + x]
    }

    /// Returns the side with the light edge, and the dark modules as an SVG path in it.
    pub fn path(&self) -> (usize, String) {
        let mut path = String::new();
        for y in 0..self.size {
            let mut x = 0;
            while x < self.size {
                let run = (x..self.size).take_while(|x| self.is_dark(*x, y)).count();
                if run > 0 {
                    let [left, top, run] = [x + QUIET, y + QUIET, run].map(|number| number.to_string());
                    path.push_str(&["M", &left, " ", &top, "h", &run, "v1h-", &run, "z"].concat());
                }
                x += run + 1;
            }
        }
        (self.size + 2 * QUIET, path)
    }
}

/// Where the small squares are, on both axes.
fn alignments(version: usize) -> Vec<usize> {
    if version == 1 {
        return Vec::new();
    }
    let count = version / 7 + 2;
    let step = (version * 8 + count * 3 + 5) / (count * 4 - 4) * 2;
    let last = 10 + 4 * version;
    let mut places: Vec<usize> = (0..count - 1).map(|at| last - at * step).collect();
    places.push(6);
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a code as a camera's software does.
    fn read(code: &Code) -> String {
        const SCALE: usize = 4;
        let side = (code.size() + 2 * QUIET) * SCALE;
        let shade = |x: usize, y: usize| {
            let inside = |at: usize| (at / SCALE).checked_sub(QUIET).filter(|at| *at < code.size());
            let dark = inside(x).zip(inside(y)).is_some_and(|(x, y)| code.is_dark(x, y));
            if dark { 0 } else { 255 }
        };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, shade);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1, "one code is seen");
        grids[0].decode().unwrap().1
    }

    #[test]
    fn codes_of_every_size_are_read() {
        let mut sizes = Vec::new();
        for length in (1..858).step_by(19).chain([855]) {
            let text: String = (0..length).map(|at: u32| char::from(b'!' + (at * 31 % 90) as u8)).collect();
            let code = code(&text).unwrap();
            assert_eq!(read(&code), text, "{length} bytes");
            sizes.push((code.size() - 17) / 4);
        }
        sizes.dedup();
        assert_eq!(sizes, (1..=VERSION_MAX).collect::<Vec<_>>());
    }

    #[test]
    fn the_greatest_code_holds_what_it_says() {
        assert!(code(&"x".repeat(858)).is_some());
        assert!(code(&"x".repeat(859)).is_none());
    }

    #[test]
    fn the_path_has_every_dark_module() {
        let code = code("http://192.168.1.10:8080/toi").unwrap();
        let (side, path) = code.path();
        assert_eq!(side, code.size() + 8);
        let dark: usize = path.split('h').skip(1).filter_map(|run| run.split('v').next()?.parse::<usize>().ok()).sum();
        assert_eq!(dark, code.dark.iter().filter(|dark| **dark).count());
    }
}
