//! The site this binary carries: bundles, catalogue and packs, put there by `build.rs`.

use std::collections::HashMap;

use app::assets::{Asset as Beside, assets};
use app::render::Bundles;
use axum::body::Bytes;
use content::pack::{Catalogue, DecodeError, Hash, Lesson};

use crate::fault::{Fault, Kind};
use crate::http::{Cache, Resource, policy};

/// Says which command builds what is missing.
pub(crate) const HOW_TO_BUILD: &str = "cargo xtask run";

/// A file of the site with the compressed forms that stood beside it.
struct Asset {
    path: &'static str,
    identity: &'static [u8],
    br: Option<&'static [u8]>,
    gz: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Says what is wrong with the embedded site.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SiteError {
    /// `site.json` is not what this version expects.
    #[error("site.json: {0}")]
    Bundles(serde_json::Error),
    /// The catalogue is missing or damaged.
    #[error("catalogue: {0}")]
    Catalogue(DecodeError),
    /// A lesson of the catalogue is missing or damaged.
    #[error("course {course}, lesson {lesson}: {problem}")]
    Lesson {
        /// Course number.
        course: u16,
        /// Lesson number.
        lesson: u16,
        /// What is wrong.
        problem: String,
    },
}

/// The files to serve, and what the pages are rendered from.
#[derive(Debug)]
pub(crate) struct Site {
    files: HashMap<&'static str, Resource>,
    blobs: HashMap<Hash, &'static [u8]>,
    /// Addresses of the bundles; `None` when the site was not built.
    pub(crate) bundles: Option<Bundles>,
    /// The courses.
    pub(crate) catalogue: Catalogue,
}

impl Site {
    /// Reads the embedded site, for a process that cannot do without.
    ///
    /// # Errors
    ///
    /// As [`Site::load`].
    pub(crate) fn built_in() -> Result<Self, Fault> {
        Self::load().map_err(|error| Fault::new(Kind::Software, "the built-in site is damaged").why(error))
    }

    /// Reads the embedded site; without one, the result has no files and no courses.
    ///
    /// # Errors
    ///
    /// When a part is damaged or does not belong to this version.
    pub(crate) fn load() -> Result<Self, SiteError> {
        let find = |path: &str| ASSETS.iter().find(|asset| asset.path == path);
        let Some(list) = find("/site.json") else {
            return Ok(Self::empty());
        };
        let bundles: Bundles = serde_json::from_slice(list.identity).map_err(SiteError::Bundles)?;
        let catalogue = find(&bundles.catalogue).map_or(&[][..], |asset| asset.identity);
        let catalogue = Catalogue::decode(catalogue).map_err(SiteError::Catalogue)?;
        for course in &catalogue.courses {
            for summary in &course.lessons {
                let path = format!("/pack/{}", summary.blob);
                let fault =
                    |problem: String| SiteError::Lesson { course: course.course, lesson: summary.lesson, problem };
                let asset = find(&path).ok_or_else(|| fault(format!("{path} is missing")))?;
                Lesson::decode(asset.identity).map_err(|error| fault(error.to_string()))?;
            }
        }
        let files = ASSETS.iter().filter(|asset| asset.path != "/site.json");
        let files = files.map(|asset| (asset.path, resource(asset))).chain(beside()).collect();
        let blobs = ASSETS.iter().filter_map(|asset| {
            let hash = asset.path.strip_prefix("/pack/")?.parse().ok()?;
            Some((hash, asset.identity))
        });
        Ok(Self { files, blobs: blobs.collect(), bundles: Some(bundles), catalogue })
    }

    /// A site without files and courses.
    pub(crate) fn empty() -> Self {
        Self {
            files: beside().collect(),
            blobs: HashMap::new(),
            bundles: None,
            catalogue: Catalogue { courses: Vec::new() },
        }
    }

    /// Finds the bytes of a lesson or a picture.
    pub(crate) fn blob(&self, hash: Hash) -> Option<&'static [u8]> {
        self.blobs.get(&hash).copied()
    }

    /// Finds the file served under `path`.
    pub(crate) fn file(&self, path: &str) -> Option<&Resource> {
        self.files.get(path)
    }
}

/// Returns the files that pages name beside the bundles.
fn beside() -> impl Iterator<Item = (&'static str, Resource)> {
    assets().all().map(|asset| (&*asset.path, kept(asset)))
}

fn kept(asset: &'static Beside) -> Resource {
    let (bytes, kind) = (&asset.bytes, asset.media_type);
    if asset.compressible {
        Resource::compressed(bytes.clone(), kind, policy::DATA, Cache::Immutable)
    } else {
        Resource::new(Bytes::from_static(bytes), None, None, kind, policy::DATA, Cache::Immutable)
    }
}

/// Gives a file of the site its headers.
fn resource(asset: &Asset) -> Resource {
    let cache = if asset.path.starts_with("/app/") || asset.path.starts_with("/pack/") {
        Cache::Immutable
    } else {
        Cache::Revalidate
    };
    Resource::new(
        Bytes::from_static(asset.identity),
        asset.br.map(Bytes::from_static),
        asset.gz.map(Bytes::from_static),
        media_type(asset),
        if asset.path.starts_with("/app/") { policy::SCRIPT } else { policy::DATA },
        cache,
    )
}

/// Names the media type: by ending for bundles, by content for blobs, whose names are hashes.
fn media_type(asset: &Asset) -> &'static str {
    match asset.path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => content::pack::media_type(asset.identity),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_follow_the_ending_or_the_content() {
        let cases: &[(&str, &[u8], &str)] = &[
            ("/app/ui-0011aabb.js", b"", "text/javascript; charset=utf-8"),
            ("/app/ui-0011aabb.wasm", b"\0asm", "application/wasm"),
            ("/app/communes-0011aabb.csv", b"code", "text/csv; charset=utf-8"),
            ("/catalogue", b"\x01\0", "application/octet-stream"),
            ("/pack/00", b"\x89PNG\r\n\x1a\n", "image/png"),
        ];
        for (path, identity, expected) in cases {
            let asset = Asset { path, identity, br: None, gz: None };
            assert_eq!(media_type(&asset), *expected, "{path}");
        }
    }

    #[test]
    fn the_embedded_site_is_whole() {
        let site = Site::load().unwrap();
        if let Some(bundles) = &site.bundles {
            for path in [
                &bundles.ui_js,
                &bundles.ui_wasm,
                &bundles.me_js,
                &bundles.me_wasm,
                &bundles.worker_js,
                &bundles.worker_wasm,
                &bundles.province_js,
                &bundles.province_wasm,
                &bundles.communes,
                &bundles.catalogue,
            ] {
                assert!(site.file(path).is_some(), "{path} is named in site.json but not there");
            }
            assert!(!site.catalogue.courses.is_empty());
        }
    }
}
