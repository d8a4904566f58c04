//! What a phone does to what is saved: throws it away, refuses it, has no room, forgets the date, falls asleep,
//! is cut off. What was said to be saved is there, and a person is told what to know in plain words.

use std::path::Path;

use anyhow::{Context as _, ensure};
use tests::browser::{Browser, Tab};
use tests::hall::Station;
use tests::lessons::{self, Known};
use tests::resident::{agree, learn};
use tests::scratch::Scratch;

use super::harness::{begin, new_phone};

/// Kills for each kind of storage: from the tap that finishes a lesson to well after it is said to be saved.
const KILLS: usize = 10;

/// What a phone says whose date is wrong.
const WRONG: &str = "Ngày giờ trên máy chưa đúng";

type Address = fn(&Station) -> anyhow::Result<String>;

/// A secure context, with OPFS, and the usual hall, with `IndexedDB`.
const CONTEXTS: [Address; 2] = [Station::localhost, Station::hall];

/// Takes away what the page remembers by itself, so that what it shows is what the store holds.
const STORE_ONLY: &str = "try { localStorage.removeItem('bdhv.done') } catch {}";
const OUTBOX_EMPTY: &str = "Object.keys(localStorage).every((key) => !key.startsWith('bdhv.outbox.'))";

/// Taps the next lesson and learns it.
fn learn_one(tab: &Tab, lesson: &Known) -> anyhow::Result<()> {
    tab.tap_in(&lesson.title, &lesson.title)?;
    learn(tab, lesson)
}

#[test]
fn a_phone_whose_storage_was_thrown_away_starts_clean_and_says_so() -> anyhow::Result<()> {
    for address in CONTEXTS {
        let (hub, _profile, browser) = begin()?;
        let lessons = lessons::all()?;
        let home = address(&hub)?;
        let tab = browser.open(&home)?;
        learn_one(&tab, &lessons[0])?;
        agree(&tab)?;
        tab.sees("Đã gửi cho tổ")?;
        tab.evict()?;
        tab.go(&home)?;
        tab.sees("Hôm nay mình học gì?")?;
        tab.sees("Máy này đang không giữ bài đã học nào. Bài đã gửi thì tổ vẫn còn.")?;
        learn_one(&tab, &lessons[0])?;
        tab.sees("Đã lưu trên máy này")?;
        tab.sees("Chưa gửi đi đâu")?;
    }
    Ok(())
}

#[test]
fn a_browser_that_blocks_storage_says_so_and_lets_learn() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let lessons = lessons::all()?;
    for address in CONTEXTS {
        let profile = Scratch::new("profile")?;
        block_storage(profile.path())?;
        let browser = Browser::start(profile.path())?;
        let tab = browser.open(&address(&hub)?)?;
        let refused = "(() => { try { localStorage.length; return false } catch { return true } })()";
        assert_eq!(tab.eval(refused)?, true, "the browser does not block");
        learn_one(&tab, &lessons[0])?;
        tab.sees("Chưa lưu được. Bà con đừng đóng trang này.")?;
        tab.tap("Bài học")?;
        tab.sees("Đã xong 1 trên")?;
    }
    Ok(())
}

/// Sets the browser as its owner can: sites may store nothing.
fn block_storage(profile: &Path) -> anyhow::Result<()> {
    let folder = profile.join("Default");
    std::fs::create_dir_all(&folder)?;
    let blocked = r#"{"profile":{"default_content_setting_values":{"cookies":2}}}"#;
    std::fs::write(folder.join("Preferences"), blocked).context("cannot set the browser")
}

#[test]
fn a_full_phone_says_so_and_saves_when_there_is_room_again() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let lessons = lessons::all()?;
    for address in CONTEXTS {
        let (_profile, browser) = new_phone()?;
        let home = address(&hub)?;
        let tab = browser.blank()?;
        tab.block(&["*/app/worker-*"])?;
        tab.go(&home)?;
        tab.quota(Some(1))?;
        tab.block(&[])?;
        tab.reload()?;
        learn_one(&tab, &lessons[0])?;
        tab.sees("Máy hết chỗ lưu. Bà con xóa bớt hình hoặc ứng dụng nhé.")?;
        tab.quota(None)?;
        tab.go(&home)?;
        tab.sees("Đã lưu trên máy này")?;
        tab.sees("Đã xong 1 trên")?;
    }
    Ok(())
}

#[test]
fn a_phone_that_forgot_the_date_is_told_and_sends_all_the_same() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let lessons = lessons::all()?;
    for days in [-2000, 400] {
        let (_profile, browser) = new_phone()?;
        let tab = browser.blank()?;
        tab.before_pages(&format!("{{ const now = Date.now; Date.now = () => now() + {days} * 864e5 }}"))?;
        tab.go(&hub.hall()?)?;
        tab.sees(WRONG)?;
        learn_one(&tab, &lessons[0])?;
        agree(&tab)?;
        tab.sees("Đã gửi cho tổ")?;
        let right = browser.open(&hub.hall()?)?;
        right.sees("Đóng trang rồi thì cần mạng của tổ")?;
        assert!(!right.shows(WRONG)?);
    }
    Ok(())
}

#[test]
fn a_phone_that_sleeps_during_a_sync_goes_on_when_it_wakes() -> anyhow::Result<()> {
    for address in CONTEXTS {
        let (mut hub, _profile, browser) = begin()?;
        let lessons = lessons::all()?;
        let tab = browser.open(&address(&hub)?)?;
        learn_one(&tab, &lessons[0])?;
        agree(&tab)?;
        // Whatever was under way is cut, and the session's other end is gone meanwhile.
        browser.sleep(true)?;
        hub.kill()?;
        hub.resume()?;
        browser.sleep(false)?;
        tab.tap("Bài học")?;
        learn_one(&tab, &lessons[1])?;
        tab.sees("Đã lưu trên máy này")?;
        tab.sees("Đã gửi cho tổ")?;
    }
    Ok(())
}

/// Kills the browser ever later after a lesson was finished; each time everything said to be saved is there.
fn killed_while_writing(address: Address) -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let profile = Scratch::new("profile")?;
    let lessons = lessons::all()?;
    let home = address(&hub)?;
    let mut saved = 0;
    for kill in 0..KILLS {
        let browser = Browser::start(profile.path())?;
        let tab = browser.blank()?;
        tab.before_pages(STORE_ONLY)?;
        tab.go(&home)?;
        let found = done(&tab, saved)?;
        ensure!(found >= saved, "kill {kill}: {saved} lessons were said to be saved, {found} are there");
        learn_one(&tab, &lessons[found])?;
        saved = found;
        // A look takes a few milliseconds; with each round there are more of them.
        for _ in 0..kill {
            if tab.shows("Đã lưu trên máy này")? {
                saved = found + 1;
                break;
            }
        }
        if kill + 1 == KILLS {
            // However slow the machine is, something is saved before the last one.
            tab.sees("Đã lưu trên máy này")?;
            saved = found + 1;
        }
        browser.kill()?;
    }
    let browser = Browser::start(profile.path())?;
    let tab = browser.blank()?;
    tab.before_pages(STORE_ONLY)?;
    tab.go(&home)?;
    let found = done(&tab, saved)?;
    ensure!(found >= saved, "{saved} lessons were said to be saved, {found} are there");
    Ok(())
}

/// Counts the lessons that the store holds, of which there shall be some if `any`.
fn done(tab: &Tab, any: usize) -> anyhow::Result<usize> {
    // The worker has answered when it has taken what the page still held.
    tab.sees("Khi không có mạng")?;
    tab.wait_until(OUTBOX_EMPTY)?;
    if any > 0 {
        tab.sees("Đã lưu trên máy này")?;
    }
    let count = tab.eval("document.querySelectorAll('.lesson-link.done').length")?;
    Ok(usize::try_from(count.as_u64().context("a count")?)?)
}

#[test]
fn killed_while_writing_to_opfs() -> anyhow::Result<()> {
    killed_while_writing(Station::localhost)
}

#[test]
fn killed_while_writing_to_indexeddb() -> anyhow::Result<()> {
    killed_while_writing(Station::hall)
}
