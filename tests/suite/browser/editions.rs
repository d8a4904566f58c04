//! A course is published again while phones have it: they see the new edition, and fetch what changed.

use std::collections::BTreeMap;

use content::Compiled;
use tests::browser::Tab;
use tests::courses::{Author, COURSE, Draft, compile};
use tests::hall::{Station, command};

use super::harness::new_phone;

fn draft(title: &str, text: &str, picture: u32) -> Draft {
    Draft { title: title.to_owned(), text: text.to_owned(), pictures: vec![picture] }
}

fn publish(author: &Author, at: &Station, edition: u32, lessons: &[Draft]) -> anyhow::Result<Compiled> {
    author.write(edition, lessons)?;
    let words = author.publish(at.data()?)?;
    command(&words.iter().map(String::as_str).collect::<Vec<_>>())?;
    compile(edition, lessons)
}

/// The blobs that the page has loaded, and how many bytes of each came over the network.
fn loaded(tab: &Tab) -> anyhow::Result<BTreeMap<String, u64>> {
    let entries = "Object.fromEntries(performance.getEntriesByType('resource')
        .filter((entry) => entry.name.includes('/pack/'))
        .map((entry) => [entry.name.split('/').pop(), entry.transferSize]))";
    Ok(serde_json::from_value(tab.eval(entries)?)?)
}

/// Addresses of a lesson and of its picture.
fn blobs(compiled: &Compiled, lesson: usize) -> (String, String) {
    let summary = &compiled.manifest.lessons[lesson];
    (summary.blob.to_string(), summary.assets[0].to_string())
}

/// Waits until the page has loaded a blob, and returns how many bytes came over the network.
fn fetched(tab: &Tab, blob: &str) -> anyhow::Result<u64> {
    let there = format!(
        "performance.getEntriesByType('resource').some((entry) => entry.name.endsWith('{blob}') && entry.responseEnd > 0)"
    );
    tab.wait_until(&there)?;
    Ok(loaded(tab)?[blob])
}

#[test]
fn a_phone_sees_the_new_edition_and_fetches_only_what_changed() -> anyhow::Result<()> {
    let (author, hub) = (Author::new(1)?, Station::hub(&[])?);
    let mut lessons = vec![draft("Bài thứ nhất", "Chữ cũ đây.", 1), draft("Bài thứ hai", "Không đổi.", 2)];
    let first = publish(&author, &hub, 1, &lessons)?;
    let (_profile, browser) = new_phone()?;
    let home = hub.localhost()?;
    let address = |lesson: u32| format!("{home}/bai/{COURSE}/{lesson}");
    let tab = browser.open(&address(2))?;
    tab.sees("Không đổi.")?;
    let (unchanged, second_picture) = blobs(&first, 1);
    assert!(fetched(&tab, &unchanged)? > 0 && fetched(&tab, &second_picture)? > 0);
    tab.go(&address(1))?;
    tab.sees("Chữ cũ đây.")?;
    let (old, picture) = blobs(&first, 0);
    assert!(fetched(&tab, &old)? > 0 && fetched(&tab, &picture)? > 0);

    lessons[0].text = "Chữ mới đây.".to_owned();
    lessons.push(draft("Bài thứ ba", "Mới thêm.", 3));
    let second = publish(&author, &hub, 2, &lessons)?;
    tab.reload()?;
    tab.sees("Chữ mới đây.")?;
    let (new, same_picture) = blobs(&second, 0);
    assert_eq!(same_picture, picture);
    assert!(fetched(&tab, &new)? > 0);
    assert_eq!(fetched(&tab, &picture)?, 0, "the picture did not change");
    assert!(!loaded(&tab)?.contains_key(&old));

    tab.go(&home)?;
    tab.sees("Bài thứ ba")?;
    tab.go(&address(2))?;
    tab.sees("Không đổi.")?;
    assert_eq!((fetched(&tab, &unchanged)?, fetched(&tab, &second_picture)?), (0, 0));
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}
