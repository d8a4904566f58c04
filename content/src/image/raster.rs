//! Sizes of PNG, JPEG and WebP files, from their headers.

/// Reads width and height; [`None`] when the file is cut off or not what it begins like.
pub(super) fn size(bytes: &[u8], media: &str) -> Option<(u32, u32)> {
    match media {
        "image/png" => png(bytes),
        "image/jpeg" => jpeg(bytes),
        "image/webp" => webp(bytes),
        _ => None,
    }
}

/// PNG, section 11.2.1: the first chunk is IHDR and begins with both sides.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.get(8..24)?.strip_prefix(&[0, 0, 0, 13, b'I', b'H', b'D', b'R'])?;
    let (width, height) = header.split_first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(height.try_into().ok()?)))
}

/// JPEG (ITU T.81, annex B): segments of marker and length, until the start of a frame.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.get(2..)?;
    loop {
        let (&[mark, marker, high, low], _) = rest.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if mark != 0xff || length < 2 {
            return None;
        }
        // 0xc4, 0xc8 and 0xcc lie between the frame markers and are none.
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let &[y1, y2, x1, x2] = rest.get(5..9)? else { return None };
            return Some((u16::from_be_bytes([x1, x2]).into(), u16::from_be_bytes([y1, y2]).into()));
        }
        rest = rest.get(2 + length..)?;
    }
}

/// WebP (RFC 9649, section 2): the first chunk says which of three layouts the size has.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let data = bytes.get(20..)?;
    match bytes.get(12..16)? {
        b"VP8 " => {
            let &[w1, w2, h1, h2] = data.get(3..10)?.strip_prefix(&[0x9d, 0x01, 0x2a])? else { return None };
            // The upper two bits are a scale for showing.
            let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            Some((side(w1, w2), side(h1, h2)))
        }
        b"VP8L" => {
            let bits = u32::from_le_bytes(data.get(..5)?.strip_prefix(&[0x2f])?.try_into().ok()?);
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => {
            let &[w1, w2, w3, h1, h2, h3] = data.get(4..10)? else { return None };
            Some((u32::from_le_bytes([w1, w2, w3, 0]) + 1, u32::from_le_bytes([h1, h2, h3, 0]) + 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::size;
    use crate::pack::media_type;

    fn of(bytes: &[u8]) -> Option<(u32, u32)> {
        size(bytes, media_type(bytes))
    }

    fn every_cut_is_none(bytes: &[u8]) {
        for end in 0..bytes.len() {
            assert_eq!(of(&bytes[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn reads_png() {
        let bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x40\0\0\0\xb4";
        assert_eq!(of(bytes), Some((320, 180)));
        every_cut_is_none(bytes);
    }

    #[test]
    fn reads_jpeg_past_other_segments() {
        let bytes = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc4\0\x03x\xff\xc2\0\x0b\x08\0\xb4\x01\x40";
        assert_eq!(of(bytes), Some((320, 180)));
        every_cut_is_none(bytes);
    }

    #[test]
    fn reads_the_three_layouts_of_webp() {
        for chunk in [
            &b"VP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xb4\x00"[..],
            b"VP8L\0\0\0\0\x2f\x3f\xc1\x2c\0",
            b"VP8X\0\0\0\0\0\0\0\0\x3f\x01\0\xb3\0\0",
        ] {
            let bytes = [b"RIFF\0\0\0\0WEBP", chunk].concat();
            assert_eq!(of(&bytes), Some((320, 180)), "{:?}", &chunk[..4]);
            every_cut_is_none(&bytes);
        }
    }

    #[test]
    fn a_segment_without_length_ends_the_search() {
        assert_eq!(of(b"\xff\xd8\xff\xe0\0\0\xff\xe0\0\0"), None);
    }
}
