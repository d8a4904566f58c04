//! The sheet as a PDF of one A4 page (ISO 32000-1).
//!
//! The page is the picture that the browser drew, with the phone's own fonts, so that no font has to be
//! downloaded for it; the QR code lies over it as vectors, sharp in any print. The words stand on it a second
//! time as text that is not painted (text rendering mode 3), to be found, copied and read aloud.

use core::fmt::Write as _;

use super::sheet::{HEIGHT, Sheet, WIDTH};

/// Width of the picture: A4 at 212 dots an inch, about 17 MB while it is drawn.
pub const PAGE_WIDTH_PX: u32 = 2480;
/// Height of the picture.
pub const PAGE_HEIGHT_PX: u32 = 1754;

/// Points of a tenth of a millimetre.
const POINTS: f64 = 72.0 / 254.0;

/// Codes are UTF-16; every glyph is as wide as another. Ranges may not cross the first byte, hence one for each.
fn to_unicode() -> String {
    let mut map = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Plain def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
    );
    // A section has at most a hundred ranges.
    for section in [0..64u32, 64..128, 128..192, 192..256] {
        let _ = writeln!(map, "{} beginbfrange", section.len());
        for high in section {
            let _ = writeln!(map, "<{high:02X}00> <{high:02X}FF> <{high:02X}00>");
        }
        map.push_str("endbfrange\n");
    }
    map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    map
}

/// Makes the file from a sheet and its picture, a JPEG of [`PAGE_WIDTH_PX`] × [`PAGE_HEIGHT_PX`].
pub fn pdf(sheet: &Sheet, title: &str, jpeg: &[u8]) -> Vec<u8> {
    let (width, height) = (f64::from(WIDTH) * POINTS, f64::from(HEIGHT) * POINTS);
    let mut file = File { bytes: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec(), places: Vec::new() };
    file.object("<</Type/Catalog/Pages 2 0 R/Lang(vi)/ViewerPreferences<</DisplayDocTitle true>>>>");
    file.object("<</Type/Pages/Kids[3 0 R]/Count 1>>");
    file.object(&format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width:.2} {height:.2}]/Contents 4 0 R\
         /Resources<</XObject<</P 5 0 R>>/Font<</F 6 0 R>>>>>>"
    ));
    file.stream("", content(sheet, width, height).as_bytes());
    file.stream(
        &format!(
            "/Type/XObject/Subtype/Image/Width {PAGE_WIDTH_PX}/Height {PAGE_HEIGHT_PX}/ColorSpace/DeviceRGB\
             /BitsPerComponent 8/Filter/DCTDecode"
        ),
        jpeg,
    );
    file.object(
        "<</Type/Font/Subtype/Type0/BaseFont/Plain/Encoding/Identity-H/DescendantFonts[7 0 R]/ToUnicode 9 0 R>>",
    );
    file.object(
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/Plain/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)\
         /Supplement 0>>/FontDescriptor 8 0 R/DW 580>>",
    );
    file.object(
        "<</Type/FontDescriptor/FontName/Plain/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 900\
         /Descent -200/CapHeight 700/StemV 80>>",
    );
    file.stream("", to_unicode().as_bytes());
    file.object(&format!("<</Title<FEFF{}>/Producer(bdhv)>>", utf16(title)));
    file.finish()
}

fn content(sheet: &Sheet, width: f64, height: f64) -> String {
    let mut out = format!("q {width:.2} 0 0 {height:.2} 0 0 cm /P Do Q\n");
    let (left, top, side) = sheet.place;
    let module = f64::from(side) * POINTS / f64::from(sheet.code.side());
    let (left, top) = (f64::from(left) * POINTS, height - f64::from(top) * POINTS);
    let side = f64::from(side) * POINTS;
    let _ = writeln!(out, "q 1 g {left:.3} {:.3} {side:.3} {side:.3} re f 0 g", top - side);
    for (x, y, length) in sheet.code.runs() {
        let (x, y, length) = (f64::from(x), f64::from(y + 1), f64::from(length));
        let _ = writeln!(out, "{:.3} {:.3} {:.3} {module:.3} re", left + x * module, top - y * module, length * module);
    }
    out.push_str("f Q\nBT 3 Tr\n");
    for line in &sheet.lines {
        let (x, y) = (f64::from(line.left()) * POINTS, height - f64::from(line.y) * POINTS);
        let letters = f64::from(line.size) * POINTS;
        let _ = writeln!(out, "/F {letters:.2} Tf 1 0 0 1 {x:.2} {y:.2} Tm <{}> Tj", utf16(&line.text));
    }
    out.push_str("ET\n");
    out
}

fn utf16(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |mut out, unit| {
        let _ = write!(out, "{unit:04X}");
        out
    })
}

/// A file as it is written: its objects in order, and where each begins.
struct File {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl File {
    fn begin(&mut self) {
        self.places.push(self.bytes.len());
        let number = self.places.len();
        self.bytes.extend(format!("{number} 0 obj\n").into_bytes());
    }

    fn object(&mut self, body: &str) {
        self.begin();
        self.bytes.extend(body.as_bytes());
        self.bytes.extend(b"\nendobj\n");
    }

    fn stream(&mut self, entries: &str, data: &[u8]) {
        self.begin();
        self.bytes.extend(format!("<<{entries}/Length {}>>\nstream\n", data.len()).into_bytes());
        self.bytes.extend(data);
        self.bytes.extend(b"\nendstream\nendobj\n");
    }

    /// Ends with the table of where objects begin; the last object describes the document.
    fn finish(mut self) -> Vec<u8> {
        let (count, start) = (self.places.len() + 1, self.bytes.len());
        let mut table = format!("xref\n0 {count}\n0000000000 65535 f \n");
        for place in &self.places {
            let _ = writeln!(table, "{place:010} 00000 n ");
        }
        let info = self.places.len();
        let _ = write!(table, "trailer\n<</Size {count}/Root 1 0 R/Info {info} 0 R>>\nstartxref\n{start}\n%%EOF\n");
        self.bytes.extend(table.into_bytes());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet;
    use super::super::tests::{facts, paper};
    use super::*;

    #[test]
    fn every_object_is_where_the_table_says() {
        let file = pdf(&sheet(&paper(), &facts(), "bdhvs1aia2").unwrap(), "Giấy xác nhận", b"\xff\xd8 a picture");
        let find = |what: &[u8]| file.windows(what.len()).rposition(|found| found == what).unwrap();
        let start: usize = {
            let tail = String::from_utf8_lossy(&file[find(b"startxref")..]).into_owned();
            tail.lines().nth(1).unwrap().parse().unwrap()
        };
        assert!(file[start..].starts_with(b"xref\n0 11\n"));
        let table = String::from_utf8_lossy(&file[start..]).into_owned();
        for (number, line) in table.lines().skip(3).take(10).enumerate() {
            let place: usize = line[..10].parse().unwrap();
            assert!(file[place..].starts_with(format!("{} 0 obj", number + 1).as_bytes()), "object {}", number + 1);
            assert_eq!(line.len(), 19, "an entry has twenty bytes with its line feed");
        }
        assert!(find(b"\xff\xd8 a picture") > 0);
        assert_eq!(utf16("Bà"), "004200E0");
    }
}
