//! Lessons are read aloud: by recordings from the hub or from the phone, else by the phone's voice, else it is
//! said why not.

use anyhow::Context as _;
use content::pack::{Catalogue, SpeechIndex};
use tests::browser::{Browser, Tab};
use tests::hall::Station;
use tests::lessons::{self, Known};
use tests::scratch::Scratch;

use super::harness::begin;
use super::screens::picture;

/// Notes every sound that a page plays: in `sounds` the elements, in `heard` what they tell.
const NOTE_SOUNDS: &str = "
    window.sounds = []; window.heard = [];
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
        if (!sounds.includes(this)) {
            const at = sounds.push(this) - 1;
            // However long a look takes, there is something to hear.
            this.loop = true;
            for (const name of ['playing', 'ended', 'error']) this.addEventListener(name, () => heard.push(name + at));
        }
        return play.call(this);
    };";

/// A phone's voice, which the browser under test has not: it says what `voiceDoes` lets it.
const PHONE_VOICE: &str = "
    window.said = [];
    window.SpeechSynthesisUtterance = class extends EventTarget { constructor(text) { super(); this.text = text; } };
    const voice = { lang: 'vi_VN', localService: true, name: 'Tiếng Việt' };
    const tell = (words, name) => words.dispatchEvent(new Event(name));
    Object.defineProperty(window, 'speechSynthesis', { value: {
        getVoices: () => [{ lang: 'en-US', localService: true }, voice],
        speak: (words) => {
            said.push([words.lang, words.voice === voice, words.rate.toFixed(1), words.text].join('|'));
            if (window.voiceSpeaks !== false) setTimeout(() => tell(words, 'start'));
            window.endSaid = () => tell(words, 'end');
        },
        cancel: () => said.push('cancel'),
    } });";

/// The highlighted part of the page, by its id or else its class.
const SPOKEN: &str = "[...document.querySelectorAll('.spoken')].map((found) => found.id || found.classList[0]).join()";

struct Hall {
    hub: Station,
    tab: Tab,
    _browser: Browser,
    _profile: Scratch,
    lesson: Known,
}

/// A resident with a lesson open whose sounds are noted.
fn open(address: impl Fn(&Station) -> anyhow::Result<String>, script: &str) -> anyhow::Result<Hall> {
    let (hub, profile, browser) = begin()?;
    let lesson = smallest()?;
    let tab = browser.blank()?;
    tab.before_pages(NOTE_SOUNDS)?;
    tab.before_pages(script)?;
    tab.go(&format!("{}/bai/{}/{}", address(&hub)?, lesson.course, lesson.lesson))?;
    tab.sees(&lesson.opening)?;
    tab.sees("Nghe")?;
    Ok(Hall { hub, tab, _browser: browser, _profile: profile, lesson })
}

/// A lesson of the course with the least audio.
fn smallest() -> anyhow::Result<Known> {
    let mut lessons = lessons::all()?;
    let mut least = None;
    for lesson in &lessons {
        let bytes = audio_bytes(lesson.course)?;
        if least.is_none_or(|(found, _)| bytes < found) {
            least = Some((bytes, lesson.course));
        }
    }
    let (_, course) = least.context("there are lessons")?;
    lessons.retain(|lesson| lesson.course == course);
    Ok(lessons.swap_remove(0))
}

/// Bytes of the recordings of a course, each counted once.
fn audio_bytes(course: u16) -> anyhow::Result<u64> {
    let site = lessons::site()?;
    let catalogue = Catalogue::decode(&std::fs::read(site.join("catalogue"))?)?;
    let index = catalogue.course(course).and_then(|found| found.speech).context("the course has audio")?;
    let index = SpeechIndex::decode(&std::fs::read(site.join(format!("pack/{index}")))?)?;
    let mut recordings: Vec<_> = index.recordings.iter().map(|found| (found.blob, u64::from(found.bytes))).collect();
    recordings.sort_unstable();
    recordings.dedup();
    Ok(recordings.iter().map(|(_, bytes)| bytes).sum())
}

/// Turns from the first step to the whole lesson.
fn show_whole(tab: &Tab) -> anyhow::Result<()> {
    tab.tap("Đọc cả bài")?;
    tab.sees("Nghe cả bài")
}

/// Waits until a part is highlighted and something is heard.
fn hears(tab: &Tab, part: &str, sound: usize) -> anyhow::Result<()> {
    tab.wait_until(&format!("{SPOKEN} === '{part}' && heard.includes('playing{sound}')"))?;
    tab.wait_until(&format!("sounds[{sound}].currentTime > 0 && !sounds[{sound}].paused"))
}

fn played_and_followed(address: impl Fn(&Station) -> anyhow::Result<String>) -> anyhow::Result<()> {
    let Hall { tab, .. } = &open(address, "")?;
    picture(tab, "aloud-1-before")?;
    assert_eq!(
        tab.eval("performance.getEntriesByType('resource').filter((one) => one.name.includes('/pack/')).length < 5")?,
        true
    );
    // A step has one button, which reads all of it.
    tab.tap("Nghe")?;
    hears(tab, "lesson-head", 0)?;
    picture(tab, "aloud-2-step")?;
    tab.tap("Thôi nghe")?;
    tab.wait_until(&format!("sounds[0].paused && {SPOKEN} === ''"))?;

    show_whole(tab)?;
    tab.tap("Nghe cả bài")?;
    hears(tab, "lesson-head", 1)?;
    // It takes seconds; the end is as real as the beginning.
    tab.eval("sounds[1].loop = false; sounds[1].currentTime = sounds[1].duration - 0.3")?;
    tab.wait_until("heard.includes('ended1')")?;
    hears(tab, "khoi-1", 2)?;
    picture(tab, "aloud-3-block")?;

    tab.becomes("sounds[2].playbackRate", 1)?;
    tab.tap("Chậm")?;
    tab.wait_until("Math.abs(sounds[2].playbackRate - 0.8) < 0.01")?;
    tab.tap("Tạm dừng")?;
    tab.wait_until("sounds[2].paused")?;
    tab.tap("Nghe tiếp")?;
    tab.wait_until("!sounds[2].paused")?;
    // The button of another block: the first sound is over at once.
    tab.tap("Nghe")?;
    tab.wait_until("sounds[2].paused && sounds.length === 4 && heard.includes('playing3')")?;
    tab.becomes("sounds.filter((sound) => !sound.paused).length", 1)?;
    tab.tap("Thôi nghe")?;
    tab.wait_until(&format!("sounds.every((sound) => sound.paused) && {SPOKEN} === ''"))?;

    // The speed is remembered; leaving the lesson ends the sound.
    tab.reload()?;
    tab.tap("Nghe cả bài")?;
    hears(tab, "lesson-head", 0)?;
    tab.becomes("Math.abs(sounds[0].playbackRate - 0.8) < 0.01", true)?;
    tab.tap("Bài học")?;
    tab.wait_until("sounds[0].paused")?;
    assert_eq!(tab.errors(), [""; 0]);
    Ok(())
}

#[test]
fn recordings_are_played_on_localhost_and_the_highlight_follows() -> anyhow::Result<()> {
    played_and_followed(Station::localhost)
}

#[test]
fn recordings_are_played_in_a_hall_and_the_highlight_follows() -> anyhow::Result<()> {
    played_and_followed(Station::hall)
}

fn kept_and_played(address: impl Fn(&Station) -> anyhow::Result<String>) -> anyhow::Result<()> {
    let mut hall = open(address, "")?;
    let (tab, lesson) = (&hall.tab, &hall.lesson);
    show_whole(tab)?;
    hall.hub.kill()?;
    tab.forget_downloads()?;
    // Neither a recording that can be had nor a voice: this browser has none.
    assert_eq!(tab.eval("speechSynthesis.getVoices().length")?, 0);
    tab.tap_in(&lesson.opening, "Nghe")?;
    tab.sees("Chưa nghe được vì mất mạng của tổ.")?;
    picture(tab, "aloud-4-why-not")?;
    tab.tap("Tải giọng đọc để nghe không cần mạng")?;
    tab.sees("Chưa tải được vì mất mạng của tổ.")?;

    hall.hub.resume()?;
    tab.tap("Tải giọng đọc để nghe không cần mạng")?;
    let size = audio_bytes(lesson.course)?.div_ceil(1000);
    tab.sees(&format!("Tải giọng đọc: {size} KB"))?;
    picture(tab, "aloud-5-size")?;
    tab.tap("Tải giọng đọc:")?;
    tab.sees("Giọng đọc đã giữ trên máy")?;
    hall.hub.kill()?;
    tab.forget_downloads()?;
    tab.tap_in(&lesson.opening, "Nghe")?;
    hears(tab, "khoi-1", 0)?;
    picture(tab, "aloud-6-offline")?;
    Ok(())
}

#[test]
fn without_the_hub_it_says_why_not_and_what_is_kept_is_played_on_localhost() -> anyhow::Result<()> {
    kept_and_played(Station::localhost)
}

#[test]
fn without_the_hub_it_says_why_not_and_what_is_kept_is_played_in_a_hall() -> anyhow::Result<()> {
    kept_and_played(Station::hall)
}

/// The voice is the test's own: Chromium on a server has none, and none can be installed for it.
#[test]
fn without_recordings_the_phones_voice_speaks_and_one_that_does_not_is_found_out() -> anyhow::Result<()> {
    let mut hall = open(Station::hall, PHONE_VOICE)?;
    let (tab, lesson) = (&hall.tab, &hall.lesson);
    show_whole(tab)?;
    hall.hub.kill()?;
    tab.tap_in(&lesson.opening, "Nghe")?;
    tab.wait_until("said.some((words) => words.startsWith('vi|true|1.0|'))")?;
    tab.wait_until(&format!("{SPOKEN} === 'khoi-1'"))?;
    tab.sees("Tạm dừng")?;
    tab.tap("Chậm")?;
    tab.wait_until("said.at(-1).startsWith('vi|true|0.8|')")?;
    tab.sees("Tạm dừng")?;
    tab.eval("endSaid()")?;
    tab.wait_until(&format!("{SPOKEN} === ''"))?;
    tab.eval("window.voiceSpeaks = false")?;
    tab.tap_in(&lesson.opening, "Nghe")?;
    tab.sees("Chưa nghe được vì mất mạng của tổ.")?;
    tab.becomes("said.at(-1)", "cancel")?;
    tab.becomes(SPOKEN, "")?;
    Ok(())
}
