//! In a browser: Vietnamese is here, one other language may come.

use std::sync::OnceLock;

use super::{Lang, file};

/// The texts of the page's language, once they came. A page has one language for as long as it lives.
static TEXTS: OnceLock<Vec<&'static str>> = OnceLock::new();

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
