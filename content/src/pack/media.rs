//! What kind of file a blob is.

/// Tells the media type of a blob from its first bytes: one of the image types a lesson may show, Ogg audio,
/// else `application/octet-stream`, which every encoded
/// [`Lesson`](super::Lesson) and [`SpeechIndex`](super::SpeechIndex) is.
pub fn media_type(blob: &[u8]) -> &'static str {
    match blob {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        // The checker lets an SVG begin with nothing else.
        [b'<', b's', b'v', b'g', ..] => "image/svg+xml",
        [b'O', b'g', b'g', b'S', ..] => "audio/ogg",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::media_type;

    #[test]
    fn knows_what_a_lesson_may_show() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n...."), "image/png");
        assert_eq!(media_type(b"\xff\xd8\xff\xe0"), "image/jpeg");
        assert_eq!(media_type(b"RIFF\0\0\0\0WEBPVP8 "), "image/webp");
        assert_eq!(media_type(b"OggS\0\x02"), "audio/ogg");
        assert_eq!(media_type(b"<svg xmlns=\"http://www.w3.org/2000/svg\">"), "image/svg+xml");
    }

    #[test]
    fn takes_nothing_else_for_an_image() {
        for other in [&b""[..], b"\x01<svg", b"<script>", b"GIF89a", b"RIFF\0\0\0\0WAVE"] {
            assert_eq!(media_type(other), "application/octet-stream");
        }
    }
}
