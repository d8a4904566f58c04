//! Files beside the bundles that a page may name: texts of the other languages, and the font for Khmer.
//!
//! They are part of the program that renders the pages, so that what a page names is what there is.

use std::sync::OnceLock;

use content::pack::Hash;

use crate::messages::{Lang, file_of};

/// Noto Sans Khmer in all weights, Khmer letters only, from `@fontsource-variable/noto-sans-khmer` 5.3.0. Its
/// licence lies beside it.
const KHMER_FONT: &[u8] = include_bytes!("../fonts/noto-sans-khmer.woff2");

/// How many digits of its hash stand in a file's name, as in those of the bundles.
const HASH_DIGITS: usize = 8;

/// A file that a hub serves for good under a path that names its content.
#[derive(Debug)]
pub struct Asset {
    /// Where it is served.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
    /// Whether it grows smaller by compression.
    pub compressible: bool,
}

/// The files, and which page names which.
#[derive(Debug)]
pub struct Assets {
    /// Texts, by language.
    messages: Vec<(Lang, Asset)>,
    khmer_font: Asset,
}

impl Assets {
    /// Returns every file.
    pub fn all(&self) -> impl Iterator<Item = &Asset> {
        self.messages.iter().map(|(_, asset)| asset).chain([&self.khmer_font])
    }

    /// Returns where the texts of a language are; `None` for the one that the bundles hold.
    pub fn messages(&self, lang: Lang) -> Option<&str> {
        self.messages.iter().find_map(|(of, asset)| (*of == lang).then_some(&*asset.path))
    }

    /// Returns where the font is that a language needs.
    pub fn font(&self, lang: Lang) -> Option<&str> {
        (lang == Lang::Km).then_some(&*self.khmer_font.path)
    }
}

/// Returns the files of this release.
pub fn assets() -> &'static Assets {
    static ASSETS: OnceLock<Assets> = OnceLock::new();
    ASSETS.get_or_init(|| {
        let messages = |lang: Lang| {
            let name = ["messages-", lang.tag()].concat();
            Some((lang, asset(&name, "txt", file_of(lang)?.into_bytes(), "text/plain; charset=utf-8", true)))
        };
        Assets {
            messages: Lang::ALL.into_iter().filter_map(messages).collect(),
            khmer_font: asset("noto-sans-khmer", "woff2", KHMER_FONT.to_vec(), "font/woff2", false),
        }
    })
}

fn asset(name: &str, ending: &str, bytes: Vec<u8>, media_type: &'static str, compressible: bool) -> Asset {
    let hash = &Hash::of(&bytes).to_string()[..HASH_DIGITS];
    Asset { path: format!("/app/{name}-{hash}.{ending}"), bytes, media_type, compressible }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_by_the_pages_that_need_it() {
        let paths: Vec<&str> = assets().all().map(|asset| &*asset.path).collect();
        for lang in Lang::ALL {
            assert_eq!(assets().messages(lang).is_some(), lang != Lang::Vi);
            for named in [assets().messages(lang), assets().font(lang)].into_iter().flatten() {
                assert!(paths.contains(&named), "{named}");
            }
        }
        assert!(KHMER_FONT.starts_with(b"wOF2"));
    }
}
