//! Reads QR codes as a phone's camera does: from a picture of a screen or of a printed page.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

/// Dots an inch at which a page is drawn: what a cheap printer prints and a phone sees.
const DOTS_PER_INCH: &str = "200";

/// A picture in shades of grey.
#[derive(Debug)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    grey: Vec<u8>,
}

impl Picture {
    /// Reads a PNG.
    ///
    /// # Errors
    ///
    /// When it is none, or not of eight bits a colour.
    pub fn of_png(bytes: &[u8]) -> anyhow::Result<Self> {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info()?;
        let mut data = vec![0; reader.output_buffer_size().context("the picture is too large")?];
        let info = reader.next_frame(&mut data)?;
        let samples = info.color_type.samples();
        let grey = |pixel: &[u8]| {
            let colours = &pixel[..if samples >= 3 { 3 } else { 1 }];
            (colours.iter().map(|&colour| usize::from(colour)).sum::<usize>() / colours.len()) as u8
        };
        let grey = data[..info.buffer_size()].chunks_exact(samples).map(grey).collect();
        Ok(Self { width: info.width as usize, height: info.height as usize, grey })
    }

    /// Draws the first page of a PDF, with Debian's poppler.
    ///
    /// # Errors
    ///
    /// When it is none, or poppler is not installed.
    pub fn of_pdf(file: &Path) -> anyhow::Result<Self> {
        let drawn = poppler("pdftoppm", &["-r", DOTS_PER_INCH, "-gray", "-singlefile"], file)?;
        // A PGM: "P5", width, height, greatest value, and the bytes.
        let mut parts = drawn.splitn(4, u8::is_ascii_whitespace);
        ensure!(parts.next() == Some(b"P5"), "no PGM");
        let mut number = || -> anyhow::Result<usize> {
            let part = parts.next().context("a PGM has a width and a height")?;
            Ok(std::str::from_utf8(part)?.parse()?)
        };
        let (width, height) = (number()?, number()?);
        let data = parts.next().context("a PGM has bytes")?;
        let grey = data.strip_prefix(b"255\n").context("eight bits a pixel")?.to_vec();
        ensure!(grey.len() == width * height, "{} bytes for {width} × {height}", grey.len());
        Ok(Self { width, height, grey })
    }

    /// Reads the one QR code in it.
    ///
    /// # Errors
    ///
    /// When there is none, or it cannot be read.
    pub fn code(&self) -> anyhow::Result<String> {
        let at = |x: usize, y: usize| self.grey[y * self.width + x];
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(self.width, self.height, at);
        let grids = image.detect_grids();
        let [grid] = &grids[..] else { bail!("{} QR codes are seen", grids.len()) };
        Ok(grid.decode().context("the QR code cannot be read")?.1)
    }
}

/// Returns the words of a PDF.
///
/// # Errors
///
/// As [`Picture::of_pdf`].
pub fn words_of_pdf(file: &Path) -> anyhow::Result<String> {
    Ok(String::from_utf8(poppler("pdftotext", &["-layout"], file)?)?)
}

fn poppler(program: &str, arguments: &[&str], file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut command = Command::new(program);
    command.args(arguments).arg(file);
    // The one prints the picture by itself, the other where it is told to.
    if program == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().with_context(|| format!("{program}: apt-get install poppler-utils"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && said.is_empty(), "{program} on {}: {said}", file.display());
    Ok(output.stdout)
}
