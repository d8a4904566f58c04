//! Local storage, and whose entries in it are whose.
//!
//! | key | value |
//! |---|---|
//! | [`PEOPLE`] | who learns on this phone ([`People::to_text`]) |
//! | [`LEARNER`] | number of the learner in front of the phone; none is the first, 0. Also in the session's storage: there it is who is in front of this tab, and has given the PIN if there is one |
//!
//! What belongs to one learner lies under [`own`]. A browser may refuse local storage altogether; then everything
//! here does nothing, and says so.

use std::cell::Cell;

use web_sys::Storage;

use super::window;
use crate::state::People;

/// Key of the list of learners.
pub const PEOPLE: &str = "bdhv.people";
/// Key of who is in front of the phone.
pub const LEARNER: &str = "bdhv.learner";
/// Name of the learner's state, which the page of lessons leaves for that of confirmations
/// ([`Record`](crate::paper::Record)).
pub const RECORD: &str = "record";
/// Name of the learner's confirmation as text.
pub const CONFIRMATION: &str = "confirmation";
/// Name of the same as an Open Badges credential.
pub const BADGE: &str = "badge";

thread_local! {
    /// Number of the learner in front of the phone.
    static CURRENT: Cell<u32> = const { Cell::new(0) };
}

/// Returns the storage that outlives the tab.
pub fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Returns the storage of this tab.
pub fn session() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Reads an entry.
pub fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Writes an entry; tells whether it is kept.
pub fn set(key: &str, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

/// Removes an entry.
pub fn remove(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

/// Returns the key of what belongs to the learner in front of the phone.
pub fn own(name: &str) -> String {
    own_of(CURRENT.get(), name)
}

/// Returns the key of what belongs to a learner: of the first at `bdhv.{name}`, of another at
/// `bdhv.{number}.{name}`. The first one's keys are those of a time when there was only one.
pub fn own_of(number: u32, name: &str) -> String {
    match number {
        0 => ["bdhv.", name].concat(),
        number => ["bdhv.", &number.to_string(), ".", name].concat(),
    }
}

/// Remembers who is in front of the phone.
pub fn face(number: u32) {
    CURRENT.set(number);
    for storage in [storage(), session()].into_iter().flatten() {
        let _ = storage.set_item(LEARNER, &number.to_string());
    }
}

/// Lets the PIN be asked for in this tab, also after a reload.
pub fn lock() {
    if let Some(session) = session() {
        let _ = session.remove_item(LEARNER);
    }
}

/// Reads who learns on this phone, and finds who is in front of it: locked where that one's PIN was not given in this
/// tab.
pub fn people() -> People {
    let mut people = get(PEOPLE).and_then(|text| People::from_text(&text)).unwrap_or_default();
    let number = |storage: Storage| storage.get_item(LEARNER).ok().flatten()?.parse().ok();
    let opened = session().and_then(number);
    let current = opened.or_else(|| storage().and_then(number)).unwrap_or_default();
    let found = people.find(current).filter(|person| !person.gone);
    let found = found.or_else(|| people.here().next().copied());
    people.current = found.map_or(0, |person| person.number);
    people.locked = found.is_some_and(|person| person.pin.is_some()) && opened != Some(people.current);
    CURRENT.set(people.current);
    people
}
