//! Letters without what elderly thumbs leave out.

/// Drops spaces, accents and capitals: `Khai tử` and `khai tu` become the same.
pub(crate) fn plain(text: &str) -> String {
    let written = |c: &char| !c.is_whitespace() && !ACCENTS.contains(c);
    text.chars().filter(written).flat_map(char::to_lowercase).map(base).collect()
}

/// Accents as characters of their own, as some keyboards write them (Unicode: Combining Diacritical Marks).
const ACCENTS: core::ops::RangeInclusive<char> = '\u{300}'..='\u{36f}';

/// Returns the letter a small Vietnamese letter is written on.
fn base(letter: char) -> char {
    match letter {
        'à' | 'á' | 'ả' | 'ã' | 'ạ' | 'ă' | 'ằ' | 'ắ' | 'ẳ' | 'ẵ' | 'ặ' | 'â' | 'ầ' | 'ấ' | 'ẩ' | 'ẫ' | 'ậ' => {
            'a'
        }
        'đ' => 'd',
        'è' | 'é' | 'ẻ' | 'ẽ' | 'ẹ' | 'ê' | 'ề' | 'ế' | 'ể' | 'ễ' | 'ệ' => 'e',
        'ì' | 'í' | 'ỉ' | 'ĩ' | 'ị' => 'i',
        'ò' | 'ó' | 'ỏ' | 'õ' | 'ọ' | 'ô' | 'ồ' | 'ố' | 'ổ' | 'ỗ' | 'ộ' | 'ơ' | 'ờ' | 'ớ' | 'ở' | 'ỡ' | 'ợ' => {
            'o'
        }
        'ù' | 'ú' | 'ủ' | 'ũ' | 'ụ' | 'ư' | 'ừ' | 'ứ' | 'ử' | 'ữ' | 'ự' => 'u',
        'ỳ' | 'ý' | 'ỷ' | 'ỹ' | 'ỵ' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn accents_go() {
        assert_eq!(plain("Đặc khu Phú Quốc"), "dackhuphuquoc");
        assert_eq!(plain("Vĩnh Thuỷ, xã Mỹ Đức"), "vinhthuy,xamyduc");
        assert_eq!(plain("Tra\u{302}\u{300}n U\u{31b}"), "tranu");
    }
}
