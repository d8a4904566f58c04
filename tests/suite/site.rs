//! The site that `bdhv` embeds is complete, and holds what its names say.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use content::pack::{Catalogue, Hash, Lesson, SpeechIndex, media_type};
use content::speech;
use serde_json::Value;
use tests::hall::bdhv;
use tests::lessons;
use tests::scratch::Scratch;
use xtask::wire;

/// Text that only iroh's and redb's code carries; the bundles have no names left to look for.
const NOT_IN_THE_PAGE: [&[u8]; 4] = [b"iroh", b"redb", b"noq", b"QUIC"];

fn list(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    Ok(serde_json::from_slice(&std::fs::read(folder.join("site.json"))?)?)
}

/// Returns every file by its path under the site's root.
fn files(folder: &Path, inner: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(inner)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(folder, &path)?);
        } else {
            found.insert(path.strip_prefix(folder)?.to_string_lossy().into_owned(), std::fs::read(&path)?);
        }
    }
    Ok(found)
}

fn is_compressed(path: &str) -> bool {
    matches!(path.rsplit('.').next(), Some("br" | "gz"))
}

#[test]
fn the_list_names_everything_a_page_needs() -> anyhow::Result<()> {
    let folder = lessons::site()?;
    let list = list(&folder)?;
    let keys: Vec<&str> = list.keys().map(String::as_str).collect();
    let expected = [
        "catalogue",
        "communes",
        "me_js",
        "me_wasm",
        "paper_js",
        "paper_wasm",
        "province_js",
        "province_wasm",
        "ui_js",
        "ui_wasm",
        "worker_js",
        "worker_wasm",
    ];
    assert_eq!(keys, expected);
    for path in list.values() {
        assert!(folder.join(path.trim_start_matches('/')).is_file(), "{path} is not there");
    }
    Ok(())
}

#[test]
fn names_are_hashes_of_what_the_files_hold() -> anyhow::Result<()> {
    let folder = lessons::site()?;
    for (path, bytes) in files(&folder, &folder)? {
        if is_compressed(&path) || path.contains("/snippets/") {
            continue;
        }
        let hash = Hash::of(&bytes).to_string();
        if let Some(named) = path.strip_prefix("pack/") {
            assert_eq!(named, hash, "{path}");
        } else if let Some(name) = path.strip_prefix("app/") {
            let stem = name.split('.').next().unwrap_or_default();
            assert!(stem.ends_with(&format!("-{}", &hash[..8])), "{path} holds {hash}");
        }
    }
    Ok(())
}

#[test]
fn every_file_lies_in_both_compressed_forms() -> anyhow::Result<()> {
    let folder = lessons::site()?;
    let files = files(&folder, &folder)?;
    for (path, bytes) in &files {
        if *path != "site.json" && !is_compressed(path) && media_type(bytes) != "audio/ogg" {
            for form in ["br", "gz"] {
                assert!(files.contains_key(&format!("{path}.{form}")), "{path}.{form} is not there");
            }
        }
    }
    Ok(())
}

#[test]
fn every_lesson_of_the_catalogue_is_there_with_its_pictures() -> anyhow::Result<()> {
    let folder = lessons::site()?;
    let catalogue = Catalogue::decode(&std::fs::read(folder.join("catalogue"))?)?;
    assert!(!catalogue.courses.is_empty(), "there is no course");
    for course in &catalogue.courses {
        for summary in &course.lessons {
            let bytes = std::fs::read(folder.join(format!("pack/{}", summary.blob)))?;
            let lesson = Lesson::decode(&bytes)?;
            assert_eq!((lesson.course, lesson.lesson), (course.course, summary.lesson));
            for asset in &summary.assets {
                assert!(folder.join(format!("pack/{asset}")).is_file(), "the picture {asset} is not there");
            }
        }
    }
    Ok(())
}

#[test]
fn every_word_of_every_lesson_is_there_to_be_heard() -> anyhow::Result<()> {
    let folder = lessons::site()?;
    let read = |hash: Hash| std::fs::read(folder.join(format!("pack/{hash}")));
    let catalogue = Catalogue::decode(&std::fs::read(folder.join("catalogue"))?)?;
    for course in &catalogue.courses {
        let index = course.speech.with_context(|| format!("“{}” has no audio", course.title))?;
        let index = SpeechIndex::decode(&read(index)?)?;
        let mut spoken = 0;
        for summary in &course.lessons {
            for said in speech::lesson(&Lesson::decode(&read(summary.blob)?)?, &course.language) {
                let found = index.find(summary.lesson, said.spot);
                let found = found.with_context(|| format!("“{}” is not said", said.text))?;
                let bytes = read(found.blob)?;
                assert_eq!((media_type(&bytes), bytes.len()), ("audio/ogg", found.bytes as usize));
                spoken += 1;
            }
        }
        assert_eq!(index.recordings.len(), spoken, "“{}” has audio that nothing shows", course.title);
    }
    Ok(())
}

#[test]
fn the_learners_page_downloads_neither_iroh_nor_redb() -> anyhow::Result<()> {
    let folder = lessons::site()?;
    let list = list(&folder)?;
    let holds = |key: &str, text: &[u8]| {
        let path = list.get(key).with_context(|| format!("no {key}"))?;
        let bytes = std::fs::read(folder.join(path.trim_start_matches('/')))?;
        anyhow::Ok(bytes.windows(text.len()).any(|window| window == text))
    };
    assert!(holds("worker_wasm", b"iroh")?, "the worker has iroh; if its text is gone, look for another");
    for text in NOT_IN_THE_PAGE {
        let shown = String::from_utf8_lossy(text);
        assert!(!holds("ui_wasm", text)?, "the learner's bundle holds {shown}");
        assert!(!holds("me_wasm", text)?, "the bundle of what is the learner's own holds {shown}");
        assert!(!holds("paper_wasm", text)?, "the bundle of confirmations holds {shown}");
        assert!(!holds("province_wasm", text)?, "the province's bundle holds {shown}");
    }
    Ok(())
}

/// What only the province's page and the worker ask of the hub and of the browser.
const NOT_FOR_LEARNERS: [&str; 3] = ["/tinh/feed", "EventSource", "createSyncAccessHandle"];

#[test]
fn the_learners_page_downloads_nothing_of_the_provinces_or_the_workers() -> anyhow::Result<()> {
    let folder = lessons::site()?;
    let list = list(&folder)?;
    let read = |key: &str| {
        let path = list.get(key).with_context(|| format!("no {key}"))?;
        anyhow::Ok(std::fs::read(folder.join(path.trim_start_matches('/')))?)
    };
    // What the module may call of the browser stands by name in the script that imports it.
    let (script, module) = (read("ui_js")?, read("ui_wasm")?);
    let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    for text in NOT_FOR_LEARNERS {
        assert!(!holds(&script, text) && !holds(&module, text), "the learner's bundle holds {text}");
    }
    let province = [read("province_js")?, read("province_wasm")?].concat();
    assert!(holds(&province, "/tinh/feed") && holds(&province, "EventSource"), "the texts to look for are others now");
    let worker = [read("worker_js")?, read("worker_wasm")?].concat();
    assert!(holds(&worker, "createSyncAccessHandle"), "the worker calls OPFS by another name now");
    Ok(())
}

#[test]
fn a_bundle_starts_itself_with_the_module_beside_it() -> anyhow::Result<()> {
    let folder = lessons::site()?;
    let list: Value = serde_json::to_value(list(&folder)?)?;
    for name in ["ui", "me", "paper", "worker", "province"] {
        let path = |kind: &str| list[format!("{name}_{kind}")].as_str().unwrap_or_default().to_owned();
        let script = std::fs::read_to_string(folder.join(path("js").trim_start_matches('/')))?;
        let wasm = path("wasm");
        let wasm = wasm.rsplit('/').next().unwrap_or_default();
        let start = format!("__wbg_init({{ module_or_path: new URL(\"{wasm}\", import.meta.url) }})");
        assert!(script.contains(&start), "{name} does not start itself with {wasm}");
    }
    Ok(())
}

#[test]
fn what_a_phone_downloads_is_within_its_budgets() -> anyhow::Result<()> {
    let data = Scratch::new("hub")?;
    for load in wire::measure(&bdhv()?, &lessons::site()?, data.path())? {
        println!("{}", load.json());
        assert!(load.holds(), "over budget: {load:#?}");
    }
    Ok(())
}
