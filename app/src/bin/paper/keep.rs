//! What the browser keeps, so that everything here works without a network.
//!
//! | key | value |
//! |---|---|
//! | `bdhv.province` | the province's public key, from the first hub that this phone met |
//! | `bdhv.revocations` | day, a space, and the province's revocation list as text; or a dash where a hub knew none |
//!
//! What belongs to one learner lies where the lessons' page keeps it, and is removed with it:
//!
//! | name | value |
//! |---|---|
//! | `record` | the learner, left by the lessons' page |
//! | `confirmation` | the learner's confirmation as text |
//! | `badge` | the same as an Open Badges credential |

use std::cell::Cell;

use app::{paper::Record, state::People};
use sync::ProvinceKey;
use sync::authority::{REVOCATIONS_CHARS_MAX, Revocations};
use web_sys::Storage;

use crate::browser;

const PEOPLE: &str = "bdhv.people";
const LEARNER: &str = "bdhv.learner";
const RECORD: &str = "record";
const PROVINCE: &str = "bdhv.province";
const REVOCATIONS: &str = "bdhv.revocations";
const CONFIRMATION: &str = "confirmation";
const BADGE: &str = "badge";

/// A revocation list and when it came; no list where a hub knew none.
pub(crate) type Listed = (u32, Option<Revocations>);

fn storage() -> Option<Storage> {
    browser::window().local_storage().ok().flatten()
}

fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

fn set(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A browser that keeps nothing shows what it has as long as the page is open.
        let _ = storage.set_item(key, value);
    }
}

thread_local! {
    /// Number of the learner in front of the phone.
    static CURRENT: Cell<u32> = const { Cell::new(0) };
}

/// Returns the key of what belongs to the learner in front of the phone, as the lessons' page has it.
fn own(name: &str) -> String {
    match CURRENT.get() {
        0 => ["bdhv.", name].concat(),
        number => ["bdhv.", &number.to_string(), ".", name].concat(),
    }
}

/// Finds who is in front of the phone; `false` where that one's PIN was not given in this tab.
pub(crate) fn face() -> bool {
    let session = browser::window().session_storage().ok().flatten();
    let opened: Option<u32> = session.and_then(|found| found.get_item(LEARNER).ok().flatten()?.parse().ok());
    let current = opened.or_else(|| get(LEARNER)?.parse().ok()).unwrap_or_default();
    let people = get(PEOPLE).and_then(|text| People::from_text(&text)).unwrap_or_default();
    let found = people.find(current).filter(|person| !person.gone).or_else(|| people.here().next().copied());
    let current = found.map_or(0, |person| person.number);
    CURRENT.set(current);
    found.is_none_or(|person| person.pin.is_none()) || opened == Some(current)
}

pub(crate) fn record() -> Option<Record> {
    Record::parse(&get(&own(RECORD))?)
}

pub(crate) fn province() -> Option<ProvinceKey> {
    get(PROVINCE)?.parse().ok()
}

pub(crate) fn keep_province(key: &ProvinceKey) {
    set(PROVINCE, &key.to_string());
}

/// Reads the list; one that the province did not sign is as good as none.
pub(crate) fn revocations(province: Option<&ProvinceKey>) -> Option<Listed> {
    let kept = get(REVOCATIONS)?;
    let (day, text) = kept.split_once(' ')?;
    Some((day.parse().ok()?, signed(province?, text)))
}

/// Reads a list that the province signed.
pub(crate) fn signed(province: &ProvinceKey, text: &str) -> Option<Revocations> {
    if text.len() > REVOCATIONS_CHARS_MAX {
        return None;
    }
    text.parse().ok().filter(|list: &Revocations| list.verify(province).is_ok())
}

pub(crate) fn keep_revocations((day, list): &Listed) {
    let list = list.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    set(REVOCATIONS, &[&day.to_string(), " ", &list].concat());
}

pub(crate) fn confirmation() -> Option<String> {
    get(&own(CONFIRMATION))
}

pub(crate) fn keep_confirmation(text: &str) {
    set(&own(CONFIRMATION), text);
}

pub(crate) fn badge() -> Option<String> {
    get(&own(BADGE))
}

pub(crate) fn keep_badge(json: &str) {
    set(&own(BADGE), json);
}
