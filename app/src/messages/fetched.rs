//! In a browser: Vietnamese is here, one other language may come.

use std::sync::OnceLock;

use super::{Lang, OTHER_PAGES, file};

/// The texts of the page's language, once they came. A page has one language for as long as it lives.
static TEXTS: OnceLock<Vec<&'static str>> = OnceLock::new();

/// What only other pages than those of lessons say, where it is wanted.
static OTHERS: OnceLock<&'static [&'static str]> = OnceLock::new();

/// Holds the texts of every page; to be called before anything is shown.
pub fn hold_every_text() {
    OTHERS.get_or_init(|| OTHER_PAGES);
}

pub(super) fn other_pages() -> &'static [&'static str] {
    OTHERS.get().copied().unwrap_or_default()
}

pub(super) fn texts(lang: Lang) -> Option<&'static [&'static str]> {
    if lang == Lang::Vi { None } else { TEXTS.get().map(Vec::as_slice) }
}

/// Takes the file of the page's language; one that cannot be read changes nothing.
pub fn take(bytes: Vec<u8>) {
    let file = String::from_utf8(bytes).ok().filter(|file| file.len() <= file::BYTES_MAX);
    if let Some(texts) = file.and_then(|file| file::read(file.leak())) {
        // Whatever came first stays.
        let _ = TEXTS.set(texts);
    }
}
