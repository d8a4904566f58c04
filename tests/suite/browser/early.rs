//! What is done before the store is open, or after a browser closed it, is neither lost nor taken for somebody
//! else's; and a worker that does not come at first comes later.

use anyhow::Context as _;
use tests::browser::{Browser, Tab};
use tests::hall::{Station, command};
use tests::lessons;
use tests::resident::{agree, learn, learn_first};

use super::harness::{begin, begin_below_a_province};

/// Takes the lock of the store before the page's worker can, which then waits as behind another tab's.
const HOLD: &str = "navigator.locks.request('bdhv', () => new Promise((letGo) => { globalThis.letGo = letGo }))";
/// The worker listens, and waits for the lock that the page holds.
const WAITS: &str = "!!globalThis.letGo
    && navigator.locks.query().then(({ pending }) => pending.some((lock) => lock.name === 'bdhv'))";

/// Looks for the worker's script where there is none, until it may come.
const ASTRAY: &str = "globalThis.comes = false;
    const Real = Worker;
    globalThis.Worker = function (address, how) { return new Real(comes ? address : '/app/worker.js', how) }";

/// Who is in front of the phone, as the page knows them.
fn learner(tab: &Tab) -> anyhow::Result<String> {
    let id = tab.eval("localStorage.getItem('bdhv.people').split('.')[3]")?;
    Ok(id.as_str().context("no id")?.to_owned())
}

/// A visit that learns a lesson and agrees to send it.
fn first_visit(browser: &Browser, home: &str) -> anyhow::Result<String> {
    let tab = browser.open(home)?;
    learn_first(&tab, &lessons::all()?[0])?;
    agree(&tab)?;
    tab.sees("Đã gửi cho tổ")?;
    let learner = learner(&tab)?;
    tab.close()?;
    Ok(learner)
}

#[test]
fn a_lesson_finished_before_the_store_is_open_is_the_same_learners() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let home = hub.localhost()?;
    let before = first_visit(&browser, &home)?;
    let tab = browser.blank()?;
    tab.before_pages(HOLD)?;
    tab.go(&home)?;
    tab.wait_until(WAITS)?;
    tab.tap("Học tiếp")?;
    learn(&tab, &lessons::all()?[1])?;
    tab.eval("letGo()")?;
    tab.sees("Đã lưu trên máy này")?;
    tab.tap("Bài học")?;
    tab.sees("Đã xong 2 trên")?;
    assert_eq!(learner(&tab)?, before);
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

#[test]
fn a_withdrawal_asked_for_before_the_store_is_open_erases() -> anyhow::Result<()> {
    let (province, hub, _profile, browser) = begin_below_a_province()?;
    let home = hub.localhost()?;
    let learner = first_visit(&browser, &home)?;
    // Another tab has the store, and what this one shows is from there; then that tab goes.
    let owner = browser.open(&home)?;
    owner.sees("Đã về tỉnh")?;
    let tab = browser.blank()?;
    tab.before_pages(HOLD)?;
    tab.go(&format!("{home}/toi"))?;
    tab.tap("Máy đang giữ gì của tôi")?;
    tab.sees("1 trên 1 bài")?;
    tab.tap("Của tôi")?;
    owner.close()?;
    tab.wait_until(WAITS)?;
    tab.tap("Rút lại đồng ý và xóa")?;
    tab.tap("Rút lại và xóa hết")?;
    tab.sees("Đang xóa trên máy này")?;
    tab.eval("letGo()")?;
    tab.sees("Tỉnh đã xóa")?;
    for station in [&hub, &province] {
        assert!(!command(&["learners", "--data", station.data()?])?.contains(&learner), "{learner} is listed no more");
    }
    Ok(())
}

#[test]
fn a_withdrawal_of_somebody_whom_the_store_has_lost_is_said_to_be_the_teams() -> anyhow::Result<()> {
    for address in [Station::localhost, Station::hall] {
        let (hub, _profile, browser) = begin()?;
        let home = address(&hub)?;
        let learner = first_visit(&browser, &home)?;
        let tab = browser.open(&home)?;
        tab.evict_stores()?;
        tab.go(&format!("{home}/toi"))?;
        tab.tap("Rút lại đồng ý và xóa")?;
        tab.tap("Rút lại và xóa hết")?;
        tab.sees("Bà con nhờ tổ xóa giúp nhé.")?;
        assert!(command(&["learners", "--data", hub.data()?])?.contains(&learner), "{learner} is listed");
    }
    Ok(())
}

#[test]
fn a_connection_that_the_browser_closed_is_opened_anew() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let lessons = lessons::all()?;
    let tab = browser.open(&hub.hall()?)?;
    learn_first(&tab, &lessons[0])?;
    tab.evict_stores()?;
    // What the closed connection was to write is held by the page.
    tab.tap("Bài học")?;
    tab.tap("Học tiếp")?;
    learn(&tab, &lessons[1])?;
    tab.sees("Đang giữ tạm trong trình duyệt")?;
    tab.tap("Bài học")?;
    tab.tap("Học tiếp")?;
    learn(&tab, &lessons[2])?;
    tab.wait_until("Object.keys(localStorage).every((key) => !key.startsWith('bdhv.outbox.'))")?;
    tab.reload()?;
    tab.tap("Bài học")?;
    tab.sees("Đã lưu trên máy này")?;
    tab.sees("Đã xong 2 trên")?;
    Ok(())
}

#[test]
fn a_course_is_kept_though_the_browser_closed_the_connection() -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let course = &lessons::all()?[0].title;
    let tab = browser.open(&hub.hall()?)?;
    tab.sees_in(course, "Giữ lại để học không cần mạng")?;
    tab.evict_stores()?;
    tab.tap_in(course, "Giữ lại để học không cần mạng")?;
    tab.tap_in(course, "Tải về máy")?;
    tab.sees_in(course, "Đã giữ trên máy")
}

/// Learns a lesson at a phone to which the worker does not come, until `mend` lets it.
fn comes_later(
    hinder: impl Fn(&Tab) -> anyhow::Result<()>,
    mend: impl Fn(&Tab) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (hub, _profile, browser) = begin()?;
    let tab = browser.blank()?;
    hinder(&tab)?;
    tab.go(&hub.hall()?)?;
    tab.tap("Bắt đầu học")?;
    learn(&tab, &lessons::all()?[0])?;
    tab.sees("chưa lưu lâu dài được")?;
    mend(&tab)?;
    tab.sees("Đã lưu trên máy này")?;
    tab.sees_no("chưa lưu lâu dài được")
}

#[test]
fn a_worker_whose_script_does_not_come_at_first_comes_later() -> anyhow::Result<()> {
    comes_later(|tab| tab.before_pages(ASTRAY), |tab| tab.eval("comes = true").map(drop))
}

#[test]
fn a_worker_whose_module_does_not_come_at_first_comes_later() -> anyhow::Result<()> {
    comes_later(|tab| tab.block(&["*/app/worker-*.wasm"]), |tab| tab.block(&[]))
}
