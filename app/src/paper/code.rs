//! QR codes as vectors, for the screen, the picture and the printed page.

use core::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around a code, as scanners want.
const QUIET: u32 = 4;

/// A QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    side: u32,
    dark: Vec<bool>,
}

/// Says that a text is longer than a QR code holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeError;

impl Code {
    /// Encodes a text; a code of medium error correction where it fits, else of the lowest.
    ///
    /// # Errors
    ///
    /// [`CodeError`].
    pub fn of(text: &str) -> Result<Self, CodeError> {
        let level = |level| QrCode::with_error_correction_level(text, level);
        let code = level(EcLevel::M).or_else(|_| level(EcLevel::L)).map_err(|_| CodeError)?;
        let dark = code.to_colors().iter().map(|color| *color == Color::Dark).collect();
        // A code has at most 177 modules on a side.
        Ok(Self { side: code.width() as u32, dark })
    }

    /// Modules on a side, with the white around it.
    pub fn side(&self) -> u32 {
        self.side + 2 * QUIET
    }

    /// Dark runs of modules: column, row, length.
    pub fn runs(&self) -> Vec<(u32, u32, u32)> {
        let mut runs: Vec<(u32, u32, u32)> = Vec::new();
        for (at, _) in self.dark.iter().enumerate().filter(|(_, dark)| **dark) {
            let (x, y) = (at as u32 % self.side + QUIET, at as u32 / self.side + QUIET);
            match runs.last_mut() {
                Some((start, row, length)) if *row == y && *start + *length == x => *length += 1,
                _ => runs.push((x, y, 1)),
            }
        }
        runs
    }

    /// The dark modules as the `d` of an SVG path, one unit a module.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for (x, y, length) in self.runs() {
            let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runs_are_the_code() {
        let text = "0F".repeat(16);
        let code = Code::of(&text).unwrap();
        let expected = QrCode::with_error_correction_level(&text, EcLevel::M).unwrap();
        let (side, quiet) = (code.side() as usize, QUIET as usize);
        let mut drawn = vec![false; side * side];
        for (x, y, length) in code.runs() {
            drawn[(y as usize) * side + x as usize..][..length as usize].fill(true);
        }
        for (at, drawn) in drawn.iter().enumerate() {
            let (x, y) = (at % side, at / side);
            let inside = (quiet..side - quiet).contains(&x) && (quiet..side - quiet).contains(&y);
            let dark = inside && expected[(x - quiet, y - quiet)] == Color::Dark;
            assert_eq!(*drawn, dark, "{x},{y}");
        }
        assert!(code.path().starts_with("M4 4h7v1h-7z"));
    }

    #[test]
    fn a_text_too_long_is_refused() {
        assert_eq!(Code::of(&"x".repeat(3_000)), Err(CodeError));
    }
}
