//! Natively: every language.

use std::sync::OnceLock;

use super::{ENGLISH, Lang, NAMES, OTHER_PAGES, file, fits, held};

/// `Name: text` a line, in any order; `#` begins a remark.
const KHMER: &str = include_str!("khmer.txt");

pub(super) fn texts(lang: Lang) -> Option<&'static [&'static str]> {
    static KHMER: OnceLock<Vec<&'static str>> = OnceLock::new();
    match lang {
        Lang::Vi => None,
        Lang::En => Some(ENGLISH),
        Lang::Km => Some(KHMER.get_or_init(|| {
            let own = source(Lang::Km).into_iter().zip(held());
            own.map(|(text, vietnamese)| text.filter(|text| fits(vietnamese, text)).unwrap_or(vietnamese)).collect()
        })),
    }
}

/// Returns what only other pages than those of lessons say: it is always here.
pub(super) fn other_pages() -> &'static [&'static str] {
    OTHER_PAGES
}

/// Returns the texts of a language as they were written, in the order of the list.
pub(super) fn source(lang: Lang) -> Vec<Option<&'static str>> {
    match lang {
        Lang::Vi => held().map(Some).collect(),
        Lang::En => ENGLISH.iter().copied().map(Some).collect(),
        Lang::Km => NAMES.iter().map(|name| khmer(name)).collect(),
    }
}

fn khmer(name: &str) -> Option<&'static str> {
    lines().find_map(|(named, text)| (named == name).then_some(text))
}

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = KHMER.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(": ").unwrap_or((line, "")))
}

/// Writes the file of a language that the learner's bundle does not hold; `None` for the one it holds.
pub fn file_of(lang: Lang) -> Option<String> {
    texts(lang).map(|texts| file::write(texts.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_in_khmer_names_every_message_once_and_nothing_else() {
        let mut found: Vec<&str> = lines().map(|(name, _)| name).collect();
        found.sort_unstable();
        assert!(found.windows(2).all(|pair| pair[0] != pair[1]), "twice in {found:?}");
        let other: Vec<_> = found.iter().filter(|name| !NAMES.contains(name)).collect();
        assert!(other.is_empty(), "no such message: {other:?}");
        let missing: Vec<_> = NAMES.iter().filter(|name| !found.contains(name)).collect();
        assert!(missing.is_empty(), "without a text in khmer.txt: {missing:?}");
    }

    #[test]
    fn only_vietnamese_needs_no_file() {
        assert_eq!(Lang::ALL.map(|lang| file_of(lang).is_some()), [false, true, true]);
    }
}
