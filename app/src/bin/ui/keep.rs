//! What the page itself keeps in the browser until the worker has it, or between visits.
//!
//! | key | value |
//! |---|---|
//! | `bdhv.outbox.{nonce}` | an item the worker has not confirmed, as the hex of its message |
//! | `bdhv.people`, `bdhv.learner` | who learns here: [`app::browser::store`] |
//!
//! What belongs to one learner lies under [`own`].
//!
//! | name | value |
//! |---|---|
//! | `quiz.{course}.{lesson}` | answers of an unfinished lesson ([`app::state::LessonQuizzes::to_text`]) |
//! | `done` | finished lessons, to show before the worker answers ([`app::state::Progress::to_text`]) |
//! | `record` | the learner, for the page of confirmations ([`app::paper::Record`]) |
//! | `declined` | present when the learner chose not to send |
//! | `last` | the unfinished lesson the learner was in last: `{course}.{lesson}` |
//! | `review` | what was answered wrong, to be asked again ([`app::state::Boxes`]) |
//! | `slow` | present when reading aloud shall be slow |
//! | `whole` | present when the learner wants whole lessons, not steps |
//! | `size` | text size; belongs to the page's inline script |

use app::{
    browser::store::{self, BADGE, CONFIRMATION, LEARNER, PEOPLE, RECORD, own, own_of, remove, session, set, storage},
    protocol::{self, ToWorker},
    state::{App, Boxes, Keeping, LessonKey, OUTBOX_MAX, Own, Reading, to_hex},
};

const OUTBOX: &str = "bdhv.outbox.";
const ALL: &str = "bdhv.";
/// Where the PIN was asked for: in the session's storage.
pub(crate) const NEXT: &str = "bdhv.next";
const QUIZ: &str = "quiz.";
const DONE: &str = "done";
const DECLINED: &str = "declined";
const LAST: &str = "last";
const WHOLE: &str = "whole";
const REVIEW: &str = "review";
const SLOW: &str = "slow";

/// What belongs to the phone and to none of its learners.
const SHARED: [&str; 5] = [PEOPLE, LEARNER, "bdhv.lang", "bdhv.province", "bdhv.revocations"];
/// What is no record of a learner, but how the screens look and sound.
const LOOKS: [&str; 4] = ["size", "theme", "lang", "speed"];

/// Most unfinished lessons whose answers are kept.
const QUIZZES_MAX: usize = 64;
/// Most entries of local storage looked at; other pages of the same hub have none.
const ENTRIES_MAX: u32 = 2_000;

/// Keeps an item until [`forget`]; returns where it is.
pub(crate) fn item(item: &ToWorker) -> Keeping {
    let Some(nonce) = item.nonce() else {
        return Keeping::Browser;
    };
    let kept = set(&[OUTBOX, &nonce.to_string()].concat(), &to_hex(&protocol::encode(item)));
    if kept { Keeping::Browser } else { Keeping::Memory }
}

pub(crate) fn forget(nonce: u64) {
    remove(&[OUTBOX, &nonce.to_string()].concat());
}

pub(crate) fn answers(key: LessonKey, text: &str) {
    set(&quiz_key(key), text);
    set(&own(LAST), &[&key.0.to_string(), ".", &key.1.to_string()].concat());
}

pub(crate) fn review(text: &str) {
    set(&own(REVIEW), text);
}

pub(crate) fn whole(whole: bool) {
    flag(WHOLE, whole);
}

pub(crate) fn forget_answers(key: LessonKey) {
    remove(&quiz_key(key));
}

pub(crate) fn done(text: &str) {
    set(&own(DONE), text);
}

/// Leaves the learner's state for the page of confirmations.
pub(crate) fn record(text: &str) {
    set(&own(RECORD), text);
}

pub(crate) fn declined(declined: bool) {
    flag(DECLINED, declined);
}

pub(crate) fn slow(slow: bool) {
    flag(SLOW, slow);
}

fn flag(name: &str, on: bool) {
    if on {
        set(&own(name), "1");
    } else {
        remove(&own(name));
    }
}

fn quiz_key((course, lesson): LessonKey) -> String {
    own(&[QUIZ, &course.to_string(), ".", &lesson.to_string()].concat())
}

fn lesson_key(text: &str) -> Option<LessonKey> {
    let (course, lesson) = text.split_once('.')?;
    Some((course.parse().ok()?, lesson.parse().ok()?))
}

/// Remembers where the PIN was asked for, in this tab.
pub(crate) fn come_back(address: &str) {
    if let Some(session) = session() {
        let _ = session.set_item(NEXT, address);
    }
}

/// Keeps the list of learners.
pub(crate) fn people(text: &str) {
    set(PEOPLE, text);
}

/// Tells whether this is the key of the list of learners.
pub(crate) fn is_people(key: &str) -> bool {
    key == PEOPLE
}

/// Remembers who is in front of the phone, and reads what was kept of them.
pub(crate) fn face(app: &mut App, number: u32) {
    store::face(number);
    restore_own(app, false);
}

/// Removes what is kept of a learner: what came of the store, or everything but for how the screens look to whoever
/// holds the phone.
pub(crate) fn erase_own(own: Own) {
    match own {
        Own::All(number) => erase_all(number),
        Own::Told(number) => [DONE, RECORD, CONFIRMATION, BADGE].iter().for_each(|name| remove(&own_of(number, name))),
    }
}

fn erase_all(number: u32) {
    let prefix = own_of(number, "");
    for key in keys() {
        let name = key.strip_prefix(&prefix).unwrap_or_default();
        let others = number == 0 && name.starts_with(|c: char| c.is_ascii_digit());
        let shared = key.starts_with(OUTBOX) || SHARED.contains(&&*key);
        if !name.is_empty() && !others && !shared && !LOOKS.contains(&name) {
            remove(&key);
        }
    }
}

fn keys() -> Vec<String> {
    let Some(storage) = storage() else {
        return Vec::new();
    };
    let entries = storage.length().unwrap_or(0).min(ENTRIES_MAX);
    (0..entries).filter_map(|at| storage.key(at).ok().flatten()).filter(|key| key.starts_with(ALL)).collect()
}

/// Reads everything back at the start of a visit. What cannot be read is left out and removed.
pub(crate) fn restore(app: &mut App) {
    if storage().is_none() {
        app.progress.keeping = Keeping::Memory;
        return;
    }
    app.people = store::people();
    let current = app.people.current;
    app.me.asked = app.people.locked.then_some(current);
    app.progress.who = app.people.me().id;
    app.progress.other = current != 0;
    restore_own(app, true);
    app.progress.outbox.sort_by_key(ToWorker::nonce);
}

/// Reads what is kept of the learner in front of the phone, and at the start what waits of anybody.
fn restore_own(app: &mut App, start: bool) {
    let prefix = own("");
    for key in keys() {
        let value = store::get(&key).unwrap_or_default();
        if (start || !key.starts_with(OUTBOX)) && !take(app, &key, &prefix, &value) {
            remove(&key);
        }
    }
}

/// Takes one entry; `false` when it is ours and cannot be read.
fn take(app: &mut App, key: &str, prefix: &str, value: &str) -> bool {
    if let Some(nonce) = key.strip_prefix(OUTBOX) {
        let item = from_hex(value).and_then(|bytes| protocol::decode::<ToWorker>(&bytes).ok());
        let item = item.filter(|item| item.nonce().is_some_and(|found| found.to_string() == nonce));
        let readable = item.is_some();
        if app.progress.outbox.len() < OUTBOX_MAX {
            app.progress.outbox.extend(item);
        }
        return readable;
    }
    let Some(name) = key.strip_prefix(prefix) else {
        return true;
    };
    if let Some(lesson) = name.strip_prefix(QUIZ) {
        let key = lesson_key(lesson);
        if let Some(key) = key
            && app.kept_answers.len() < QUIZZES_MAX
        {
            app.kept_answers.insert(key, value.to_owned());
        }
        return key.is_some();
    }
    match name {
        DONE => app.progress.remember(value),
        DECLINED => app.declined = true,
        LAST => app.last = lesson_key(value),
        WHOLE => app.reading = Reading::Whole,
        REVIEW => app.review.boxes = Boxes::read(value),
        SLOW => app.aloud.slow = true,
        _ => {}
    }
    true
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: &u8| char::from(*c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?)).collect()
}
