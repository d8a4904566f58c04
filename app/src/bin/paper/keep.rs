//! What the browser keeps, so that everything here works without a network.
//!
//! | key | value |
//! |---|---|
//! | `bdhv.learner` | number of the learner in front of the phone, as the lessons' page keeps it |
//! | `bdhv.province` | the province's public key, from the first hub that this phone met |
//! | `bdhv.revocations` | day, a space, and the province's revocation list as text; or a dash where a hub knew none |
//!
//! What belongs to that learner, and goes when the learner is removed from this phone, has a name after `bdhv.`, or
//! after `bdhv.{number}.` for any but the first:
//!
//! | name | value |
//! |---|---|
//! | `record` | the learner, left by the lessons' page |
//! | `confirmation.{learner}` | the confirmation as text |
//! | `badge.{learner}` | the same as an Open Badges credential |

use app::paper::Record;
use sync::ProvinceKey;
use sync::authority::{REVOCATIONS_CHARS_MAX, Revocations};
use web_sys::Storage;

use crate::browser;

const LEARNER: &str = "bdhv.learner";
const RECORD: &str = "record";
const PROVINCE: &str = "bdhv.province";
const REVOCATIONS: &str = "bdhv.revocations";
const CONFIRMATION: &str = "confirmation.";
const BADGE: &str = "badge.";

/// A revocation list and when it came; no list where a hub knew none.
pub(crate) type Listed = (u32, Option<Revocations>);

fn storage() -> Option<Storage> {
    browser::window().local_storage().ok().flatten()
}

fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Returns the key of what belongs to the learner in front of the phone.
fn own(name: &str) -> String {
    let opened = browser::window().session_storage().ok().flatten();
    let number = |storage: Storage| storage.get_item(LEARNER).ok().flatten()?.parse::<u32>().ok();
    match opened.and_then(number).or_else(|| storage().and_then(number)) {
        None | Some(0) => ["bdhv.", name].concat(),
        Some(other) => ["bdhv.", &other.to_string(), ".", name].concat(),
    }
}

fn set(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A browser that keeps nothing shows what it has as long as the page is open.
        let _ = storage.set_item(key, value);
    }
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

pub(crate) fn confirmation(learner: &str) -> Option<String> {
    get(&own(&[CONFIRMATION, learner].concat()))
}

pub(crate) fn keep_confirmation(learner: &str, text: &str) {
    set(&own(&[CONFIRMATION, learner].concat()), text);
}

pub(crate) fn badge(learner: &str) -> Option<String> {
    get(&own(&[BADGE, learner].concat()))
}

pub(crate) fn keep_badge(learner: &str, json: &str) {
    set(&own(&[BADGE, learner].concat()), json);
}
