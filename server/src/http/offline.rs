//! What a phone keeps to open the app without the hub: a page that shows any screen, the list of everything
//! that belongs to it, the script that keeps it, and what makes the app one to install.

use std::fmt::Write as _;

use app::messages::Lang;
use app::render::{Bundles, Page, PageData, SCREENS, WORKER, render};
use app::views::in_app::Viewer;
use axum::body::Bytes;
use axum::http::Uri;
use content::pack::Catalogue;
use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::language;
use super::policy;
use super::resource::{Cache, Resource};
use crate::site::Site;

/// Address of the script that keeps the app.
pub(super) const WORKER_PATH: &str = "/sw.js";
/// Address of the page that shows any screen.
pub(super) const SHELL_PATH: &str = "/vo";
/// Address of the page that shows what is the learner's own.
pub(super) const OWN_SHELL_PATH: &str = "/vo/toi";
/// Address of what browsers ask to install the app.
pub(super) const MANIFEST_PATH: &str = "/app.webmanifest";

/// How the names of fonts end.
const FONT: &str = ".woff2";

/// Digits of the hash that names a version: chance does not make two alike.
const VERSION_DIGITS: usize = 16;

/// The icons of the installed app, by address: drawn from the picture in the pages' head.
const ICONS: [(&str, &str, &[u8]); 3] = [
    ("/icon/192.png", "192x192", include_bytes!("../../../app/icons/icon-192.png")),
    ("/icon/512.png", "512x512", include_bytes!("../../../app/icons/icon-512.png")),
    ("/icon/maskable.png", "512x512", include_bytes!("../../../app/icons/maskable-512.png")),
];

/// The address of the icon that fills any shape a phone cuts.
const MASKABLE: &str = "/icon/maskable.png";

/// Everything here, made once.
#[derive(Debug)]
pub(super) struct Offline {
    worker: Resource,
    manifest: Resource,
    shells: Vec<(String, Resource)>,
    icons: Vec<(&'static str, Resource)>,
}

impl Offline {
    /// Makes it of a built site; without one there is no app to keep.
    pub(super) fn of(site: &Site) -> Option<Self> {
        let bundles = site.bundles.as_ref()?;
        let shells = [(SHELL_PATH, Page::Shell), (OWN_SHELL_PATH, Page::Me)]
            .into_iter()
            .flat_map(|(path, page)| Lang::ALL.map(|lang| (shell_address(path, lang), shell(lang, bundles, page))));
        let shells: Vec<(String, String)> = shells.collect();
        let worker = worker(site, bundles, &shells);
        let shells = shells
            .into_iter()
            .map(|(address, text)| (address, Resource::rendered(text, "text/html; charset=utf-8", policy::page())));
        Some(Self {
            worker: Resource::rendered(worker, "text/javascript; charset=utf-8", policy::SCRIPT),
            manifest: Resource::rendered(manifest(), "application/manifest+json", policy::DATA),
            shells: shells.collect(),
            icons: ICONS.iter().map(|&(path, _, png)| (path, icon(png))).collect(),
        })
    }

    /// Finds what is served at an address.
    pub(super) fn find(&self, address: &Uri) -> Option<&Resource> {
        match address.path() {
            WORKER_PATH => Some(&self.worker),
            MANIFEST_PATH => Some(&self.manifest),
            path @ (SHELL_PATH | OWN_SHELL_PATH) => {
                let wanted = shell_address(path, language::asked(address).unwrap_or_default());
                self.shells.iter().find(|(known, _)| *known == wanted).map(|(_, shell)| shell)
            }
            path => self.icons.iter().find(|(found, _)| *found == path).map(|(_, icon)| icon),
        }
    }
}

/// Returns whether a phone keeps the page of this path to show any screen.
pub(super) fn is_shell(path: &str) -> bool {
    matches!(path, SHELL_PATH | OWN_SHELL_PATH)
}

fn icon(png: &'static [u8]) -> Resource {
    Resource::new(Bytes::from_static(png), None, None, "image/png", policy::DATA, Cache::Revalidate)
}

fn shell(lang: Lang, bundles: &Bundles, page: Page<'_>) -> String {
    let catalogue = Catalogue::default();
    render(&PageData { lang, bundles: Some(bundles), catalogue: &catalogue, viewer: Viewer::Browser, page })
}

fn shell_address(path: &str, lang: Lang) -> String {
    [path, "?lang=", lang.tag()].concat()
}

/// Writes the script: which version it is, all that belongs to it, then what it does.
///
/// Courses are no part of a version: an edition that is published makes nobody load the app anew.
fn worker(site: &Site, bundles: &Bundles, shells: &[(String, String)]) -> String {
    let mut files: Vec<(String, String)> =
        shells.iter().map(|(address, text)| (address.clone(), sha256(text.as_bytes()))).collect();
    let named = shells.iter().flat_map(|(_, text)| addresses(text)).chain([&*bundles.worker_wasm]);
    // A font is kept when it is first used: most phones never need it.
    for address in named.filter(|address| !address.ends_with(FONT)) {
        if let Some(file) = site.file(address)
            && !files.iter().any(|(known, _)| known == address)
        {
            files.push((address.to_owned(), sha256(file.body())));
        }
    }
    for (address, body) in [(MANIFEST_PATH, manifest().as_bytes()), (ICONS[0].0, ICONS[0].2)] {
        files.push((address.to_owned(), sha256(body)));
    }
    let shells: Vec<[String; 2]> =
        Lang::ALL.map(|lang| [lang.tag().to_owned(), shell_address(SHELL_PATH, lang)]).into();
    let mut head = String::new();
    let (shells, files) = (json!(shells), json!(files));
    // Written into a string, which takes everything.
    let _ = write!(head, "const SHELLS = {shells}, FILES = {files}, SCREENS = /{SCREENS}/;\n{WORKER}");
    let version = &sha256(head.as_bytes())[..VERSION_DIGITS];
    format!("const VERSION = \"{version}\";\n{head}")
}

/// Lists the files of the site that a page names.
fn addresses(page: &str) -> impl Iterator<Item = &str> {
    page.split("\"/app/").skip(1).filter_map(move |rest| {
        let start = rest.as_ptr() as usize - page.as_ptr() as usize - "/app/".len();
        page.get(start..start + "/app/".len() + rest.find('"')?)
    })
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn manifest() -> String {
    let icons = ICONS.map(|(path, sizes, _)| {
        let purpose = if path == MASKABLE { "maskable" } else { "any" };
        json!({ "src": path, "sizes": sizes, "type": "image/png", "purpose": purpose })
    });
    let manifest = json!({
        "id": "/",
        "name": "Bình dân học vụ số An Giang",
        "short_name": "Học vụ số",
        "lang": "vi",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbf4e6",
        "theme_color": app::render::THEME,
        "icons": icons,
    });
    manifest.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_files_that_a_page_names_are_found() {
        let page = r#"<link href="/app/a.wasm"><script src="/app/b.js"></script><a href="/bai/1/1" title="/app">"#;
        assert_eq!(addresses(page).collect::<Vec<_>>(), ["/app/a.wasm", "/app/b.js"]);
        assert_eq!(addresses("\"/app/cut").count(), 0);
    }

    #[test]
    fn everything_that_is_kept_is_served_and_is_what_the_list_says() {
        let site = Site::load().unwrap();
        let Some(offline) = Offline::of(&site) else { return };
        let script = String::from_utf8(offline.worker.body().to_vec()).unwrap();
        let files = script.split_once("FILES = ").unwrap().1.split_once(", SCREENS").unwrap().0;
        let files: Vec<(String, String)> = serde_json::from_str(files).unwrap();
        for (address, hash) in &files {
            let found = site.file(address).or_else(|| offline.find(&address.parse().unwrap()));
            assert_eq!(*hash, sha256(found.unwrap().body()), "{address}");
        }
        let bundles = site.bundles.as_ref().unwrap();
        for needed in [
            &bundles.ui_js,
            &bundles.ui_wasm,
            &bundles.me_js,
            &bundles.me_wasm,
            &bundles.worker_js,
            &bundles.worker_wasm,
            &bundles.communes,
        ] {
            assert!(files.iter().any(|(address, _)| address == needed), "{needed} is not kept");
        }
        assert!(!files.iter().any(|(address, _)| address == &bundles.province_wasm), "nobody learns with that");
    }

    #[test]
    fn the_app_can_be_installed() {
        let manifest: Value = serde_json::from_str(&manifest()).unwrap();
        for icon in manifest["icons"].as_array().unwrap() {
            let (_, _, png) = ICONS.iter().find(|(path, _, _)| icon["src"] == *path).unwrap();
            // Width and height stand at the start of a PNG.
            let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
            assert_eq!(icon["sizes"], format!("{}x{}", side(16), side(20)));
        }
    }
}
