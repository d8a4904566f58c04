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

use app::{
    browser::store::{BADGE, CONFIRMATION, RECORD, get, own, set},
    paper::Record,
};
use sync::ProvinceKey;
use sync::authority::{REVOCATIONS_CHARS_MAX, Revocations};

const PROVINCE: &str = "bdhv.province";
const REVOCATIONS: &str = "bdhv.revocations";

/// A revocation list and when it came; no list where a hub knew none.
pub(crate) type Listed = (u32, Option<Revocations>);

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
