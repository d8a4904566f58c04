//! A resident learns: in a secure context (OPFS) and in the usual hall, which is none (IndexedDB).

use tests::browser::Tab;
use tests::hall::Station;
use tests::lessons;
use tests::resident::{agree, learn, learn_first};

use super::harness::begin;

/// Learns two lessons, agrees to send, loads the page again: everything is there, and the hub has it.
fn two_lessons_at(address: impl Fn(&Station) -> anyhow::Result<String>, secure: bool) -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let home = address(&hub)?;
    let tab = browser.open(&home)?;
    assert_eq!(tab.eval("isSecureContext")?, secure);

    learn_first(&tab, &lessons[0])?;
    tab.sees("Chưa gửi đi đâu")?;
    tab.tap("Học bài tiếp theo")?;
    learn(&tab, &lessons[1])?;
    tab.sees("Đã lưu trên máy này")?;
    agree(&tab)?;
    tab.sees("Đã gửi cho tổ")?;

    tab.reload()?;
    tab.go(&home)?;
    tab.sees(&format!("Đã xong 2 trên {} bài", in_course(&lessons)))?;
    tab.sees("Đã lưu trên máy này")?;
    tab.sees("Đã gửi cho tổ")?;
    assert_storage(&tab, secure)?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

/// Counts the lessons of the first course.
fn in_course(lessons: &[lessons::Known]) -> usize {
    lessons.iter().filter(|lesson| lesson.course == lessons[0].course).count()
}

/// The store lies where this context lets it lie.
fn assert_storage(tab: &Tab, secure: bool) -> anyhow::Result<()> {
    let databases = "indexedDB.databases().then((all) => all.length > 0)";
    let files = "navigator.storage.getDirectory().then(async (folder) => {
        for await (const name of folder.keys()) return true;
        return false;
    })";
    assert_eq!(tab.eval(databases)?, !secure, "a database in IndexedDB");
    if secure {
        assert_eq!(tab.eval(files)?, true, "a file in OPFS");
    } else {
        assert_eq!(tab.eval("typeof navigator.storage")?, "undefined");
    }
    Ok(())
}

#[test]
fn on_localhost_with_opfs() -> anyhow::Result<()> {
    two_lessons_at(Station::localhost, true)
}

#[test]
fn in_a_hall_without_a_secure_context_with_indexeddb() -> anyhow::Result<()> {
    two_lessons_at(Station::hall, false)
}
