//! The app opens without the hub, and newer releases of it take over whole and without loss.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::browser::{Browser, Tab};
use tests::courses::{Author, Draft};
use tests::feed::Feed;
use tests::hall::{Station, command};
use tests::lessons::{self, Known};
use tests::release::{self, MODULE, PAGE, SCRIPT};
use tests::resident::{agree, learn, learn_whole, region};
use tests::scratch::Scratch;

use super::harness::{begin, begin_below_a_province};
use super::screens;

/// Both releases say that a page is kept, each in its own words.
const READY: &str = "Trang này mở được";
const NEWER: &str = "Có bản mới";

/// Most visits until a newer release has taken over; the second one has it, on a machine that is not busy.
const VISITS_MAX: u32 = 300;

/// Whether the page on the screen was kept on the phone, and is not the hub's.
const KEPT_PAGE: &str = "document.body.hasAttribute('data-shell')";
/// What came over the network for this page, as far as the page knows.
const BYTES: &str = "performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))
    .reduce((sum, entry) => sum + entry.transferSize, 0)";

/// A text of the service worker, and what a release has there whose files are not what its list says.
const LIST: (&str, &str) = ("digest(\"SHA-256\"", "digest(\"SHA-512\"");

/// How many releases are kept.
const SHELLS: &str = "caches.keys().then((names) => names.filter((name) => name.startsWith('bdhv.shell')).length)";

/// Of which releases the page on the screen, the script and the module that it loaded are: each holds only one of
/// a pair of texts.
const PARTS: &str = "(async (marks) => {
    const loaded = performance.getEntriesByType('resource').map((entry) => entry.name);
    const files = (ending) => new Set(loaded.filter((name) => name.includes('/app/ui-') && name.endsWith(ending)));
    const text = async (ending) => {
        const responses = await Promise.all([...files(ending)].map((name) => fetch(name)));
        return (await Promise.all(responses.map((response) => response.text()))).join();
    };
    const page = [...document.querySelectorAll('style')].map((style) => style.textContent).join();
    const parts = [page, await text('.js'), await text('.wasm')];
    return parts.map((part, at) => Object.keys(marks[at]).filter((name) => part.includes(marks[at][name])).join());
})";

/// Opens the list of courses, and waits until it is kept.
fn kept(browser: &Browser, home: &str) -> anyhow::Result<Tab> {
    let tab = browser.open(home)?;
    tab.sees(MODULE.older)?;
    Ok(tab)
}

fn keep(tab: &Tab, lesson: &Known) -> anyhow::Result<()> {
    tab.tap_in(&lesson.title, "Giữ lại để học không cần mạng")?;
    tab.tap_in(&lesson.title, "Tải về máy")?;
    tab.sees_in(&lesson.title, "Đã giữ trên máy")
}

/// Everything on the screen is of one release.
fn all_of(tab: &Tab, release: &str) -> anyhow::Result<()> {
    let marks = [PAGE, SCRIPT, MODULE].map(|mark| json!({ "older": mark.older, "newer": mark.newer }));
    // The page's list of what it fetched comes after the files.
    tab.becomes(&format!("{PARTS}({})", Value::from(marks.to_vec())), json!([release, release, release]))
}

/// A hub that runs another release from now on, with the folder that holds it.
fn update(hub: &mut Station, make: impl Fn(&Path) -> anyhow::Result<PathBuf>) -> anyhow::Result<Scratch> {
    let folder = Scratch::new("release")?;
    hub.kill()?;
    hub.install(&make(folder.path())?);
    hub.resume()?;
    Ok(folder)
}

/// The lessons of the course with the fewest, in order.
fn shortest_course(lessons: &[Known]) -> Vec<Known> {
    let of = |course: u16| lessons.iter().filter(move |lesson| lesson.course == course);
    let course = lessons.iter().map(|lesson| lesson.course).min_by_key(|&course| of(course).count());
    of(course.unwrap_or_default()).cloned().collect()
}

fn picture(tab: &Tab, name: &str) -> anyhow::Result<()> {
    tab.eval("document.querySelector('.offline').scrollIntoView({ block: 'center', behavior: 'instant' })")?;
    screens::picture(tab, name).map(drop)
}

#[test]
fn a_whole_course_is_learnt_without_any_network_and_arrives_later() -> anyhow::Result<()> {
    let (province, mut hub, profile, browser) = begin_below_a_province()?;
    let course = shortest_course(&lessons::all()?);
    let home = hub.localhost()?;
    let tab = kept(&browser, &home)?;
    keep(&tab, &course[0])?;
    picture(&tab, "offline-1-ready")?;

    hub.kill()?;
    browser.kill()?;
    let browser = Browser::start(profile.path())?;
    let tab = browser.blank()?;
    tab.offline(true)?;
    tab.go(&home)?;
    let all = course.len();
    for lesson in &course {
        tab.tap("Bài học")?;
        tab.tap_in(&course[0].title, &lesson.title)?;
        learn(&tab, lesson)?;
        tab.sees("Đã lưu trên máy này")?;
    }
    agree(&tab)?;
    tab.sees("Chưa có mạng của tổ")?;
    tab.tap("Bài học")?;
    tab.sees_in(&course[0].title, &format!("Đã xong {all} trên {all} bài"))?;
    assert_eq!(tab.eval(BYTES)?, 0);
    tab.tap("Của tôi")?;
    tab.tap("Máy đang giữ gì của tôi")?;
    for lesson in &course {
        tab.sees(&lesson.title)?;
    }
    assert_eq!(tab.eval(BYTES)?, 0);
    tab.tap("Bài học")?;

    hub.resume()?;
    tab.offline(false)?;
    tab.sees("Đã về tỉnh")?;
    let mut feed = Feed::open(&province.node()?.ready.http)?;
    let numbers = feed.wait("every lesson", |numbers| numbers.lessons() >= all as u64)?;
    assert_eq!((numbers.learners(), numbers.lessons()), (1, all as u64));
    Ok(())
}

#[test]
fn a_second_visit_without_network_takes_nothing_from_it() -> anyhow::Result<()> {
    let (mut hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let home = hub.localhost()?;
    let tab = kept(&browser, &home)?;
    keep(&tab, &lessons[0])?;
    let lesson = format!("{home}/bai/{}/{}", lessons[0].course, lessons[0].lesson);
    // With the hub there, only the list of courses is asked after, and whether there is a newer release.
    tab.go(&lesson)?;
    tab.tap("Đọc cả bài")?;
    tab.sees("Hoàn thành bài học")?;
    tab.becomes(KEPT_PAGE, true)?;
    let asked = "performance.getEntriesByType('resource').filter((entry) => entry.transferSize > 0)
        .map((entry) => new URL(entry.name).pathname).filter((path) => !['/catalogue', '/hub.json'].includes(path))";
    assert_eq!(tab.eval(asked)?, serde_json::json!([]));

    hub.kill()?;
    tab.forget_downloads()?;
    tab.offline(true)?;
    for address in [&home, &lesson, &format!("{home}/xa")] {
        tab.go(address)?;
        assert_eq!(tab.eval(KEPT_PAGE)?, true, "{address}");
        assert_eq!(tab.eval(BYTES)?, 0, "{address}");
    }
    tab.sees("Bà con ở xã, phường nào?")?;
    tab.fill("Tên xã, phường", "vinh trach")?;
    tab.sees("Xã Vĩnh Trạch")?;
    tab.go(&lesson)?;
    tab.sees(&lessons[0].opening)?;
    tab.sees("Hoàn thành bài học")?;
    tab.wait_until("[...document.querySelectorAll('.lesson img')].every((img) => img.naturalWidth > 0)")?;
    tab.wait_until(&format!("document.title.includes({})", Value::from(&*lessons[0].title)))?;
    // Another language is kept too, and what is not kept is said.
    tab.go(&format!("{home}/?lang=en"))?;
    tab.sees("This page opens without a network")?;
    let other = lessons.iter().find(|lesson| lesson.course != lessons[0].course).context("one course")?;
    tab.go(&format!("{home}/bai/{}/{}", other.course, other.lesson))?;
    tab.sees("Chưa tải được bài vì mất mạng của tổ")?;
    tab.sees("Thử lại")
}

#[test]
fn a_newer_release_takes_over_when_it_is_wanted_and_loses_nothing() -> anyhow::Result<()> {
    let (mut hub, _profile, browser) = begin()?;
    let lesson = &lessons::all()?[0];
    let home = hub.localhost()?;
    let tab = kept(&browser, &home)?;
    tab.tap("Bắt đầu học")?;
    tab.tap("Đọc cả bài")?;
    let first = region(0, lesson.quizzes.len());
    let (right, multiple) = (&lesson.quizzes[0].right, lesson.quizzes[0].multiple);
    for right in right {
        tab.tap_in(&first, &right.text)?;
    }
    if multiple {
        tab.tap_in(&first, "Trả lời")?;
    }
    tab.sees_in(&first, "Đúng rồi!")?;

    let _folder = update(&mut hub, release::newer)?;
    // The release before goes on, whole, until the learner wants the newer one.
    tab.reload()?;
    tab.sees_in(&first, "Đúng rồi!")?;
    all_of(&tab, "older")?;
    tab.tap("Bài học")?;
    tab.sees(NEWER)?;
    picture(&tab, "offline-2-newer")?;
    tab.reload()?;
    tab.sees(NEWER)?;
    all_of(&tab, "older")?;
    tab.tap("Dùng bản mới")?;
    // In the words of the newer module, which the newer script started.
    tab.sees(MODULE.newer)?;
    tab.becomes("globalThis.newer", true)?;
    all_of(&tab, "newer")?;
    tab.becomes(KEPT_PAGE, true)?;
    tab.tap("Học tiếp")?;
    tab.sees_in(&first, "Đúng rồi!")?;
    learn_whole(&tab, lesson)?;
    tab.sees("Đã lưu trên máy này")?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

#[test]
fn who_has_seen_the_confirmations_opens_them_after_an_update_too() -> anyhow::Result<()> {
    let (mut hub, _profile, browser) = begin()?;
    let home = hub.localhost()?;
    let tab = kept(&browser, &home)?;
    checks_confirmations(&tab, &home)?;
    tab.wait_until("caches.match('/xac-nhan', { ignoreVary: true }).then((kept) => !!kept)")?;
    let _folder = update(&mut hub, release::newer)?;
    tab.go(&home)?;
    tab.tap("Dùng bản mới")?;
    tab.sees(MODULE.newer)?;

    hub.kill()?;
    tab.forget_downloads()?;
    tab.offline(true)?;
    // The release before is thrown away when a page is opened and no other is open.
    tab.go("about:blank")?;
    tab.go(&home)?;
    tab.becomes(SHELLS, 1)?;
    checks_confirmations(&tab, &home)
}

/// Opens the page of confirmations, which checks one: its bundle runs.
fn checks_confirmations(tab: &Tab, home: &str) -> anyhow::Result<()> {
    tab.go(&format!("{home}/xac-nhan"))?;
    tab.fill("Chữ của giấy xác nhận", "xin chào")?;
    tab.tap("Kiểm tra")?;
    tab.sees("Chữ bị thiếu hoặc sai.")
}

#[test]
fn a_newer_release_takes_over_by_itself_when_no_tab_is_open() -> anyhow::Result<()> {
    let (mut hub, _profile, browser) = begin()?;
    let home = hub.localhost()?;
    let tab = kept(&browser, &home)?;
    let _folder = update(&mut hub, release::newer)?;
    tab.reload()?;
    tab.sees(NEWER)?;
    all_of(&tab, "older")?;

    hub.kill()?;
    let other = browser.blank()?;
    tab.close()?;
    other.offline(true)?;
    // Whole since before the hub went away; the browser changes over when the last page is gone, in its own time.
    let mut visits = 0;
    loop {
        other.go(&home)?;
        other.sees(READY)?;
        if other.shows(MODULE.newer)? {
            break;
        }
        all_of(&other, "older")?;
        visits += 1;
        ensure!(visits < VISITS_MAX, "the release before still answers");
        other.go("about:blank")?;
    }
    all_of(&other, "newer")?;
    other.sees_no(NEWER)?;
    // The one before is thrown away.
    other.becomes(SHELLS, 1)
}

#[test]
fn a_tab_of_the_release_before_has_its_files_until_it_is_loaded_again() -> anyhow::Result<()> {
    let (mut hub, _profile, browser) = begin()?;
    let home = hub.localhost()?;
    let one = kept(&browser, &home)?;
    let two = kept(&browser, &home)?;
    let _folder = update(&mut hub, release::newer)?;
    one.reload()?;
    one.tap("Dùng bản mới")?;
    one.sees(MODULE.newer)?;

    // From the phone alone: neither the hub nor what the browser keeps of its own accord.
    hub.kill()?;
    two.forget_downloads()?;
    all_of(&two, "older")?;
    all_of(&one, "newer")?;
    two.reload()?;
    two.sees(MODULE.newer)?;
    all_of(&two, "newer")
}

#[test]
fn a_release_that_does_not_come_whole_leaves_the_one_before() -> anyhow::Result<()> {
    let (mut hub, _profile, browser) = begin()?;
    let home = hub.localhost()?;
    let tab = kept(&browser, &home)?;
    let _damaged = update(&mut hub, |folder| release::another(folder, LIST.0, LIST.1))?;
    refused(&tab)?;

    // A release that is whole, and a phone without room for it.
    let _newer = update(&mut hub, release::newer)?;
    tab.quota(Some(1000))?;
    refused(&tab)?;
    hub.kill()?;
    tab.offline(true)?;
    tab.reload()?;
    tab.sees(READY)?;
    all_of(&tab, "older")?;

    hub.resume()?;
    tab.offline(false)?;
    tab.quota(None)?;
    tab.reload()?;
    tab.sees(NEWER)
}

/// Waits until a newer release was tried and given up.
fn refused(tab: &Tab) -> anyhow::Result<()> {
    let tried = "navigator.serviceWorker.getRegistration().then(async (kept) => {
        const tried = new Promise((resolve) => kept.addEventListener('updatefound', () => {
            const worker = kept.installing;
            worker.addEventListener('statechange', () => resolve(worker.state));
        }));
        await kept.update().catch(() => {});
        return tried;
    })";
    assert_eq!(tab.eval(tried)?, "redundant");
    tab.reload()?;
    tab.sees(READY)?;
    all_of(tab, "older")?;
    assert!(!tab.shows(NEWER)?);
    Ok(())
}

#[test]
fn a_course_that_is_published_is_seen_and_is_no_newer_release() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let author = Author::new(1)?;
    let home = hub.localhost()?;
    let tab = kept(&browser, &home)?;
    tab.reload()?;
    tab.sees(READY)?;
    tab.becomes(KEPT_PAGE, true)?;

    author.write(1, &[Draft { title: "Bài mới ra".to_owned(), text: "Chữ.".to_owned(), pictures: Vec::new() }])?;
    let words = author.publish(hub.data()?)?;
    command(&words.iter().map(String::as_str).collect::<Vec<_>>())?;
    tab.reload()?;
    tab.sees("Bài mới ra")?;
    tab.sees(READY)?;
    assert!(!tab.shows(NEWER)?);
    Ok(())
}

#[test]
fn in_a_hall_the_page_says_what_needs_the_hub() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.open(&hub.hall()?)?;
    tab.sees("Đóng trang rồi thì cần mạng của tổ mới mở lại được")?;
    picture(&tab, "offline-3-hall")
}
