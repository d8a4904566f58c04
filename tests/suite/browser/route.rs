//! From the phone over two hubs to the province, which counts the resident once.

use tests::feed::Feed;
use tests::hall::{Station, command};
use tests::lessons;
use tests::resident::{COMMUNE, agree, learn};

use super::harness::new_phone;

/// Most looks at a store until something has arrived; a look is a process and takes a tenth of a second.
const LOOKS_MAX: usize = 600;

/// Waits until a station's store holds somebody's lesson.
fn holds_a_lesson(station: &Station) -> anyhow::Result<()> {
    for _ in 0..LOOKS_MAX {
        if command(&["learners", "--data", station.data()?])?.contains("  lessons 1  ") {
            return Ok(());
        }
    }
    anyhow::bail!("no lesson arrives")
}

#[test]
fn a_record_outlives_the_hub_that_took_it() -> anyhow::Result<()> {
    let province = Station::province()?;
    let mut second = Station::hub(&[])?;
    let mut first = Station::hub(&[second.ticket()?])?;
    let (_profile, browser) = new_phone()?;
    let lessons = lessons::all()?;
    let tab = browser.open(&first.hall()?)?;
    tab.tap("Bắt đầu học")?;
    learn(&tab, &lessons[0])?;
    agree(&tab)?;
    tab.sees("Đã gửi cho tổ")?;

    // What the second hub holds is seen in the province's numbers only after the first is gone.
    holds_a_lesson(&second)?;
    first.kill()?;
    second.stop()?;
    second.add_peer(province.ticket()?);
    second.resume()?;
    let mut feed = Feed::open(&province.node()?.ready.http)?;
    let numbers = feed.wait("the resident", |numbers| numbers.lessons() > 0)?;
    assert_eq!((numbers.learners(), numbers.lessons()), (1, 1));
    assert_eq!(numbers.commune(COMMUNE.1), Some((1, 1)));
    Ok(())
}

#[test]
fn the_phone_says_what_has_arrived_and_nobody_is_counted_twice() -> anyhow::Result<()> {
    let province = Station::province()?;
    // Two routes from the same hub's neighbours to the province: everything arrives twice.
    let second = Station::hub(&[province.ticket()?])?;
    let first = Station::hub(&[province.ticket()?, second.ticket()?])?;
    let (_profile, browser) = new_phone()?;
    let lessons = lessons::all()?;
    let mut feed = Feed::open(&province.node()?.ready.http)?;
    let empty = feed.receive()?;
    assert_eq!((empty.learners(), empty.lessons()), (0, 0));

    let home = first.localhost()?;
    let tab = browser.open(&home)?;
    tab.tap("Bắt đầu học")?;
    learn(&tab, &lessons[0])?;
    agree(&tab)?;
    tab.sees("Đã về tỉnh")?;
    let one = feed.wait("the first lesson", |numbers| numbers.lessons() > 0)?;
    assert_eq!((one.learners(), one.lessons()), (1, 1));

    // The session stays open: what comes later follows by itself.
    tab.tap("Học tiếp")?;
    learn(&tab, &lessons[1])?;
    let two = feed.wait("the second lesson", |numbers| numbers.lessons() > 1)?;
    assert_eq!((two.learners(), two.lessons()), (1, 2));
    tab.sees("Đã về tỉnh")?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}
