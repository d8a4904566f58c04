//! The communes of the province, and the search for one's own.
//!
//! Residents remember the name from before the reorganisation of 2025, and many type without
//! diacritics. The search therefore goes by new and by former name, over letters without their marks.
//!
//! # Example
//!
//! ```
//! use app::communes;
//!
//! let list = communes::parse("code,name,type,former_units,former_province\n\
//!     30742,Rạch Giá,phường,\"Phường Rạch Sỏi, Phường Vĩnh Quang\",Kiên Giang\n").unwrap();
//! let found = communes::search(&list, "rach soi");
//! assert_eq!(list[found[0].index].title(), "Phường Rạch Giá");
//! assert_eq!(found[0].former.as_deref(), Some("Phường Rạch Sỏi"));
//! ```

use core::fmt;

/// Largest list read, in bytes; the province's has 12 KB.
pub const LIST_BYTES_MAX: usize = 128 * 1024;
/// Most communes read; a province of Vietnam has at most 168.
pub const COMMUNES_MAX: usize = 512;
/// Longest search text looked at, in characters.
pub const QUERY_CHARS_MAX: usize = 64;

const COLUMNS: usize = 5;

/// A commune-level unit: xã, phường or đặc khu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commune {
    /// Official code, five digits.
    pub code: u32,
    /// Name without its kind.
    pub name: String,
    /// Kind in lower case: `xã`, `phường` or `đặc khu`.
    pub kind: String,
    /// Units it was made of in 2025, with their kinds; empty when it was kept as it was.
    pub former: Vec<String>,
    /// Province it belonged to before 2025.
    pub former_province: String,
    folded: String,
    folded_former: Vec<String>,
}

impl Commune {
    /// Returns the kind and the name, as a title: `Xã Vĩnh Trạch`.
    pub fn title(&self) -> String {
        let mut letters = self.kind.chars();
        let mut title: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        title.push_str(letters.as_str());
        title.push(' ');
        title.push_str(&self.name);
        title
    }
}

/// A commune found by [`search`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Place in the searched list.
    pub index: usize,
    /// The former unit that matched, when the new name did not.
    pub former: Option<String>,
}

/// Why a list cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// Larger than [`LIST_BYTES_MAX`] or more than [`COMMUNES_MAX`] lines.
    TooLarge,
    /// The line does not hold the five columns `code,name,type,former_units,former_province`.
    Line {
        /// Line number, from 1.
        line: usize,
    },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("the list of communes is too large"),
            Self::Line { line } => write!(f, "line {line} of the list of communes cannot be read"),
        }
    }
}

impl core::error::Error for ParseError {}

/// Parses the list: a heading line, then one commune a line, sorted here by name without marks.
///
/// # Errors
///
/// See [`ParseError`].
pub fn parse(text: &str) -> Result<Vec<Commune>, ParseError> {
    if text.len() > LIST_BYTES_MAX || text.lines().count() > COMMUNES_MAX {
        return Err(ParseError::TooLarge);
    }
    let mut list = Vec::new();
    for (index, line) in text.lines().enumerate().skip(1) {
        list.push(commune(line).ok_or(ParseError::Line { line: index + 1 })?);
    }
    list.sort_by(|a, b| a.folded.cmp(&b.folded).then(a.code.cmp(&b.code)));
    Ok(list)
}

fn commune(line: &str) -> Option<Commune> {
    let fields = fields(line)?;
    let [code, name, kind, former, former_province] = fields;
    let former: Vec<String> = former.split(", ").filter(|f| !f.is_empty()).map(former_unit).collect();
    Some(Commune {
        code: code.parse().ok()?,
        folded: fold(&name),
        folded_former: former.iter().map(|f| fold(bare(f))).collect(),
        name,
        kind,
        former,
        former_province,
    })
}

/// Splits a line of comma-separated fields, some in double quotes; the list has no quote in a field.
fn fields(line: &str) -> Option<[String; COLUMNS]> {
    let mut fields: [String; COLUMNS] = Default::default();
    let (mut at, mut quoted) = (0, false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => at += 1,
            _ => fields.get_mut(at)?.push(c),
        }
    }
    (at + 1 == COLUMNS && !quoted && !fields[1].is_empty()).then_some(fields)
}

/// Drops the legal note on what remained of a unit that was split.
fn former_unit(text: &str) -> String {
    text.split_once(" (phần còn lại").map_or(text, |(unit, _)| unit).to_owned()
}

/// Drops the kind in front of a former unit's name.
fn bare(unit: &str) -> &str {
    ["Phường ", "Xã ", "Thị trấn ", "Huyện "].iter().find_map(|kind| unit.strip_prefix(kind)).unwrap_or(unit)
}

/// Finds communes by new or former name; best first; all of them for an empty query.
pub fn search(list: &[Commune], query: &str) -> Vec<Found> {
    let query: String = query.chars().take(QUERY_CHARS_MAX).collect();
    let query = fold(&query);
    let query =
        ["xa ", "phuong ", "dac khu ", "thi tran "].iter().find_map(|kind| query.strip_prefix(kind)).unwrap_or(&query);
    let mut found: Vec<(u8, Found)> = list
        .iter()
        .enumerate()
        .filter_map(|(index, commune)| {
            let (rank, former) = rank(commune, query)?;
            Some((rank, Found { index, former }))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, found)| found).collect()
}

/// Ranks a commune: the lower, the better; `None` when it does not match.
fn rank(commune: &Commune, query: &str) -> Option<(u8, Option<String>)> {
    if query.is_empty() {
        return Some((0, None));
    }
    if let Some(rank) = rank_name(&commune.folded, query) {
        return Some((rank, None));
    }
    let (rank, at) =
        commune.folded_former.iter().enumerate().filter_map(|(at, name)| Some((rank_name(name, query)?, at))).min()?;
    Some((rank + 1, Some(commune.former[at].clone())))
}

/// Ranks a name: whole, start, start of a later word.
fn rank_name(name: &str, query: &str) -> Option<u8> {
    let rest = name.strip_prefix(query);
    match rest {
        Some("") => Some(0),
        Some(_) => Some(2),
        None => name.match_indices(query).any(|(at, _)| name[..at].ends_with(' ')).then_some(4),
    }
}

/// Letters that share a base letter once their marks are gone, in lower case.
const FOLDS: [(char, &str); 7] = [
    ('a', "àáảãạăằắẳẵặâầấẩẫậ"),
    ('d', "đ"),
    ('e', "èéẻẽẹêềếểễệ"),
    ('i', "ìíỉĩị"),
    ('o', "òóỏõọôồốổỗộơờớởỡợ"),
    ('u', "ùúủũụưừứửữự"),
    ('y', "ỳýỷỹỵ"),
];

/// Reduces text to lower-case letters without marks and single spaces, composed or decomposed alike.
///
/// ```
/// assert_eq!(app::communes::fold("  Thổ CHÂU (Đặc khu)"), "tho chau dac khu");
/// ```
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        if ('\u{300}'..='\u{36f}').contains(&c) {
            continue;
        }
        let base = FOLDS.iter().find(|(_, marked)| marked.contains(c)).map_or(c, |(base, _)| *base);
        if base.is_alphanumeric() {
            folded.push(base);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = include_str!("../communes.csv");

    fn titles(query: &str) -> Vec<String> {
        let list = parse(LIST).unwrap();
        search(&list, query).iter().map(|found| list[found.index].title()).collect()
    }

    #[test]
    fn the_province_has_102_communes() {
        let list = parse(LIST).unwrap();
        let count = |kind| list.iter().filter(|c| c.kind == kind).count();
        assert_eq!((count("xã"), count("phường"), count("đặc khu")), (85, 14, 3));
    }

    #[test]
    fn a_name_is_found_however_it_is_typed() {
        for (query, first) in [
            ("rach gia", "Phường Rạch Giá"),
            ("RẠCH GIÁ", "Phường Rạch Giá"),
            ("Ra\u{323}ch Gia\u{301}", "Phường Rạch Giá"),
            ("phường rạch giá", "Phường Rạch Giá"),
            ("Vĩnh Trạch", "Xã Vĩnh Trạch"),
            ("tho chau", "Đặc khu Thổ Châu"),
            ("mỹ hòa hưng", "Xã Mỹ Hoà Hưng"),
            ("o lam", "Xã Ô Lâm"),
            ("giêng", "Xã Cù Lao Giêng"),
        ] {
            assert_eq!(titles(query).first().map(String::as_str), Some(first), "{query}");
        }
    }

    #[test]
    fn former_names_lead_to_the_new_unit() {
        let list = parse(LIST).unwrap();
        for (query, title, former) in [
            ("rạch sỏi", "Phường Rạch Giá", "Phường Rạch Sỏi"),
            ("duong dong", "Đặc khu Phú Quốc", "Phường Dương Đông"),
            ("thị trấn núi sập", "Xã Thoại Sơn", "Thị trấn Núi Sập"),
            ("nha bang", "Phường Thới Sơn", "Phường Nhà Bàng"),
        ] {
            let found = &search(&list, query)[0];
            assert_eq!(list[found.index].title(), title, "{query}");
            assert_eq!(found.former.as_deref(), Some(former), "{query}");
        }
    }

    #[test]
    fn one_former_name_may_lead_to_several_units() {
        let found = titles("phuoc hung");
        for title in ["Xã An Phú", "Xã Nhơn Hội", "Xã Phú Hữu"] {
            assert!(found.iter().any(|f| f == title), "{title} in {found:?}");
        }
    }

    #[test]
    fn an_empty_search_lists_all_by_name_and_nonsense_none() {
        let all = titles("  ");
        assert_eq!(all.len(), 102);
        assert_eq!(all[0], "Xã An Biên");
        assert!(titles("zzz").is_empty());
        assert!(titles(&"ạ".repeat(10_000)).is_empty());
    }

    #[test]
    fn a_broken_line_is_named() {
        let heading = "code,name,type,former_units,former_province\n";
        for line in ["1,A,xã,", "x,A,xã,,B", "1,A,xã,\"B,C", "1,A,xã,,B,C", "1,,xã,,B"] {
            let text = format!("{heading}1,A,xã,,B\n{line}\n");
            assert_eq!(parse(&text), Err(ParseError::Line { line: 3 }), "{line}");
        }
        assert_eq!(parse(&"x\n".repeat(COMMUNES_MAX + 1)), Err(ParseError::TooLarge));
    }
}
