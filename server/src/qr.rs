//! QR codes for a terminal.

use qrcode::render::unicode::Dense1x2;
use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode};

/// Draws `text` as a QR code of half-height blocks, with the four-module margin scanners want.
///
/// Colours are set explicitly (black on white): a scanner does not read an inverted code, and terminals
/// differ in which of the two is the background. The lowest error correction is enough on a screen and
/// keeps the code small.
///
/// # Errors
///
/// When `text` is longer than a QR code holds (2,953 bytes).
pub(crate) fn terminal(text: &str) -> Result<String, QrError> {
    const BLACK_ON_WHITE: &str = "\u{1b}[30;107m";
    const RESET: &str = "\u{1b}[0m";
    let code = QrCode::with_error_correction_level(text, EcLevel::L)?;
    let drawn = code.render::<Dense1x2>().quiet_zone(true).build();
    let mut out = String::with_capacity(drawn.len() + 32 * drawn.lines().count());
    for line in drawn.lines() {
        out.push_str(BLACK_ON_WHITE);
        out.push_str(line);
        out.push_str(RESET);
        out.push('\n');
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the drawing back into modules, without the escape sequences.
    fn modules(drawn: &str) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in drawn.lines() {
            let line = line.trim_start_matches("\u{1b}[30;107m").trim_end_matches("\u{1b}[0m");
            rows.push(line.chars().map(|c| matches!(c, '▀' | '█')).collect());
            rows.push(line.chars().map(|c| matches!(c, '▄' | '█')).collect());
        }
        rows
    }

    #[test]
    fn the_drawing_is_the_code_with_a_margin() {
        let text = "http://192.168.43.10:8080/";
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let rows = modules(&terminal(text).unwrap());
        let side = code.width();
        for (y, row) in rows.iter().take(side + 8).enumerate() {
            assert_eq!(row.len(), side + 8, "row {y}");
            for (x, dark) in row.iter().enumerate() {
                let inside = (4..side + 4).contains(&x) && (4..side + 4).contains(&y);
                let expected = inside && code[(x - 4, y - 4)] == qrcode::Color::Dark;
                assert_eq!(*dark, expected, "module {x},{y}");
            }
        }
    }

    #[test]
    fn a_text_too_long_is_an_error() {
        assert!(terminal(&"x".repeat(3_000)).is_err());
    }
}
