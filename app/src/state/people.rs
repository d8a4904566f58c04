//! Who learns on this phone: learners with a picture and a colour, and never a name.
//!
//! The list lies in local storage, one learner a word:
//!
//! ```text
//! number.picture.colour.id.pin[.gone]    1.3.2.0f…(32 digits, or -).a1…(16 + 32 digits, or -)
//! next.number                            next.4
//! ```
//!
//! The number names what the browser keeps of a learner and never changes. It is nobody else's ever after: a tab that
//! is brought back says by number whose PIN was given in it. The last word is the next one; an older list has none.
//! The id names the learner in
//! the worker's store; the phone's first learner has none until the worker tells it.

use content::pack::Hash;

use crate::protocol::{LearnerBytes, PhoneState, WITHDRAWN};

/// Most learners on one phone: a household, or a hall's tablet. The worker takes twice as many.
pub const PEOPLE_MAX: usize = 16;
/// How many pictures there are.
pub const PICTURES: u8 = 8;
/// How many colours there are.
pub const COLOURS: u8 = 6;
/// Digits of a PIN.
pub const PIN_DIGITS: usize = 4;

/// Context from which ids of learners are made; the same as in `sync`.
const ID_CONTEXT: &str = "bdhv 2026-11 learner id";

/// How often a PIN is hashed: a third of a second on a phone of 2018, at 5 µs each. Ten thousand PINs
/// take an hour there; a laptop is faster, and the screens promise no more than they hold.
const PIN_ROUNDS: u32 = 60_000;

/// Stands in the list for what there is not.
const NOTHING: &str = "-";
/// Begins the word of the list that is no learner.
const NEXT: &str = "next.";

/// A PIN as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    salt: [u8; 8],
    hash: [u8; 16],
}

impl Pin {
    /// Makes what is kept of a PIN; `None` if it is not [`PIN_DIGITS`] digits.
    pub fn of(digits: &str, salt: [u8; 8]) -> Option<Self> {
        let right = digits.len() == PIN_DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit());
        right.then(|| Self { salt, hash: slow_hash(digits, salt) })
    }

    /// Tells whether these are the digits.
    pub fn opens(&self, digits: &str) -> bool {
        Self::of(digits, self.salt) == Some(*self)
    }
}

fn slow_hash(digits: &str, salt: [u8; 8]) -> [u8; 16] {
    let mut block = [0; 40];
    block[..8].copy_from_slice(&salt);
    block[8..8 + PIN_DIGITS].copy_from_slice(&digits.as_bytes()[..PIN_DIGITS]);
    for _ in 0..PIN_ROUNDS {
        let hash = Hash::of(&block);
        block[8..].copy_from_slice(&hash.0);
    }
    let mut hash = [0; 16];
    hash.copy_from_slice(&block[8..24]);
    hash
}

/// A learner of this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Person {
    /// Names what the browser keeps of them.
    pub number: u32,
    /// Which picture, below [`PICTURES`].
    pub picture: u8,
    /// Which colour, below [`COLOURS`].
    pub colour: u8,
    /// Who they are in the worker's store, once that is known.
    pub id: Option<LearnerBytes>,
    /// What keeps others from looking, if it is wanted.
    pub pin: Option<Pin>,
    /// Removed, and can be taken back until the next action.
    pub gone: bool,
}

/// The learners of this phone, and who is in front of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// Everybody, in the order they came; never empty.
    pub all: Vec<Person>,
    /// Number of who is in front of the phone.
    pub current: u32,
    /// Whether that one's PIN is still to be given.
    pub locked: bool,
    /// Whether the list was not there: then the worker's store says who there is.
    pub unknown: bool,
    /// The next learner's number, above any that there ever was.
    pub(super) next: u32,
}

impl Default for People {
    fn default() -> Self {
        Self { all: vec![Person::default()], current: 0, locked: false, unknown: true, next: 1 }
    }
}

impl People {
    /// Returns who is in front of the phone.
    pub fn me(&self) -> Person {
        self.find(self.current).unwrap_or_default()
    }

    /// Finds a learner by number.
    pub fn find(&self, number: u32) -> Option<Person> {
        self.all.iter().find(|person| person.number == number).copied()
    }

    /// Goes through who is shown.
    pub fn here(&self) -> impl Iterator<Item = &Person> {
        self.all.iter().filter(|person| !person.gone)
    }

    /// Returns who was removed and can be taken back.
    pub fn gone(&self) -> Option<Person> {
        self.all.iter().find(|person| person.gone).copied()
    }

    pub(super) fn find_mut(&mut self, number: u32) -> Option<&mut Person> {
        self.all.iter_mut().find(|person| person.number == number)
    }

    /// Tells whether another learner fits.
    pub fn has_room(&self) -> bool {
        self.all.len() < PEOPLE_MAX
    }

    /// Adds a learner with the next number, and the next colour that nobody has with that picture.
    pub(super) fn add(&mut self, picture: u8, id: Option<LearnerBytes>) -> u32 {
        let number = self.fresh_number();
        let (picture, first) = (picture % PICTURES, (number % u32::from(COLOURS)) as u8);
        let taken = |colour| self.all.iter().any(|person| (person.picture, person.colour) == (picture, colour));
        let colour = (first..first + COLOURS).map(|colour| colour % COLOURS).find(|colour| !taken(*colour));
        self.all.push(Person { number, picture, colour: colour.unwrap_or(first), id, ..Person::default() });
        number
    }

    fn fresh_number(&mut self) -> u32 {
        let number = self.next;
        self.next = number.saturating_add(1);
        number
    }

    /// Returns the picture for who comes from another phone with `picture`: that one, else the next that nobody has.
    /// Where each is taken, that which the fewest have.
    pub(super) fn picture_for(&self, picture: u8) -> u8 {
        let all = (0..PICTURES).map(|on| (picture % PICTURES + on) % PICTURES);
        let with = |picture: &u8| self.all.iter().filter(|person| person.picture == *picture).count();
        all.min_by_key(with).unwrap_or_default()
    }

    /// Forgets who was removed; the phone is never without a learner.
    pub(super) fn forget(&mut self, number: u32) {
        self.all.retain(|person| person.number != number);
        if self.all.is_empty() {
            let number = self.fresh_number();
            self.all.push(Person { number, ..Person::default() });
        }
        if self.find(self.current).is_none() {
            self.current = self.all[0].number;
        }
    }

    /// Learns from the worker's state who the first learner is, and who else there is where the list was
    /// lost; returns whether anything changed.
    pub(super) fn meet(&mut self, phone: &PhoneState) -> bool {
        let before = self.clone();
        let known = |people: &Self, id| id == WITHDRAWN || people.all.iter().any(|person| person.id == Some(id));
        for learner in &phone.learners {
            if known(self, learner.id) {
                continue;
            }
            let nameless = |person: &&mut Person| person.number == 0 && person.id.is_none();
            if let Some(first) = self.all.iter_mut().find(nameless) {
                first.id = Some(learner.id);
            } else if self.unknown && self.has_room() {
                let picture = u8::try_from(self.all.len()).unwrap_or_default();
                self.add(picture, Some(learner.id));
            }
        }
        self.unknown = false;
        self.all != before.all
    }

    /// Writes the list for the browser to keep.
    pub fn to_text(&self) -> String {
        let mut words: Vec<String> = self.all.iter().map(|person| person.to_text()).collect();
        words.push([NEXT, &self.next.to_string()].concat());
        words.join(" ")
    }

    /// Reads what [`Self::to_text`] wrote; leaves out what it did not write. `None` where nothing is left.
    pub fn from_text(text: &str) -> Option<Self> {
        let all: Vec<Person> = text.split(' ').filter_map(Person::from_text).take(PEOPLE_MAX).collect();
        let current = all.first()?.number;
        let above = all.iter().map(|person| person.number).max()?.saturating_add(1);
        let next = text.split(' ').find_map(|word| word.strip_prefix(NEXT)?.parse().ok()).unwrap_or_default();
        Some(Self { all, current, locked: false, unknown: false, next: above.max(next) })
    }
}

impl Pin {
    fn from_text(text: &str) -> Option<Self> {
        let (salt, hash) = text.split_at_checked(16)?;
        Some(Self { salt: from_hex(salt)?, hash: from_hex(hash)? })
    }
}

impl Person {
    fn to_text(self) -> String {
        let id = self.id.map_or_else(|| NOTHING.to_owned(), |id| to_hex(&id));
        let pin = self.pin.map_or_else(|| NOTHING.to_owned(), |pin| [to_hex(&pin.salt), to_hex(&pin.hash)].concat());
        let numbers = [self.number.to_string(), self.picture.to_string(), self.colour.to_string()];
        let gone = if self.gone { ".gone" } else { "" };
        [&numbers.join("."), ".", &id, ".", &pin, gone].concat()
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut next = || parts.next();
        let number = next()?.parse().ok()?;
        let picture = next()?.parse().ok().filter(|picture| *picture < PICTURES)?;
        let colour = next()?.parse().ok().filter(|colour| *colour < COLOURS)?;
        let id = match next()? {
            NOTHING => None,
            id => Some(from_hex(id)?),
        };
        let pin = match next()? {
            NOTHING => None,
            pin => Some(Pin::from_text(pin)?),
        };
        Some(Self { number, picture, colour, id, pin, gone: next() == Some("gone") })
    }
}

/// Makes a learner's id of the secret, as `sync` does.
pub fn learner_id(secret: &[u8; 16]) -> LearnerBytes {
    let mut id = [0; 16];
    id.copy_from_slice(&blake3::derive_key(ID_CONTEXT, secret)[..16]);
    id
}

/// Writes bytes as hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    let digit = |part: u8| char::from_digit(part.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; N];
    if !rest.is_empty() || pairs.len() != N {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::protocol::{LearnerState, Link, Storage};

    fn phone(ids: &[LearnerBytes]) -> PhoneState {
        let learner =
            |id: &LearnerBytes| LearnerState { id: *id, commune: None, done: vec![], saved: 0, sent: 0, arrived: 0 };
        let learners = ids.iter().map(learner).collect();
        PhoneState { storage: Storage::Opfs, owner: true, link: Link::Offline, learners }
    }

    #[test]
    fn the_list_is_read_back_and_nothing_else_is() {
        let mut people = People::default();
        let second = people.add(3, Some([0xab; 16]));
        people.find_mut(second).unwrap().pin = Pin::of("0417", [7; 8]);
        people.find_mut(0).unwrap().gone = true;
        people.unknown = false;
        let text = people.to_text();
        assert!(text.starts_with("0.0.0.-.-.gone 1.3.1.abababababababababababababababab.0707070707070707"), "{text}");
        assert_eq!(People::from_text(&text), Some(people));
        for bad in ["", "x", "1", "1.9.0.-.-", "1.0.9.-.-", "1.0.0.ab.-", "1.0.0.-.abc", "-1.0.0.-.-"] {
            assert_eq!(People::from_text(bad), None, "{bad}");
        }
        let many = vec!["1.0.0.-.-"; PEOPLE_MAX + 1].join(" ");
        assert_eq!(People::from_text(&many).unwrap().all.len(), PEOPLE_MAX);
    }

    #[test]
    fn a_number_is_never_another_learners() {
        let mut people = People::default();
        let second = people.add(2, None);
        people.forget(second);
        let mut again = People::from_text(&people.to_text()).unwrap();
        assert_eq!((people.add(2, None), again.add(2, None)), (2, 2), "also after a reload");
        again.forget(0);
        again.forget(2);
        assert_eq!(again.me().number, 3, "who is left behind is new");
        let mut old = People::from_text("4.0.0.-.- 2.0.0.-.-").unwrap();
        assert_eq!(old.add(1, None), 5, "a list of before");
    }

    #[test]
    fn a_pin_is_four_digits_and_is_not_kept_itself() {
        let pin = Pin::of("0417", [7; 8]).unwrap();
        assert!(pin.opens("0417"));
        for wrong in ["0418", "417", "04170", "041x", ""] {
            assert!(!pin.opens(wrong), "{wrong}");
        }
        assert_ne!(Pin::of("0417", [8; 8]), Some(pin), "another salt");
        for bad in ["", "123", "12345", "12a4", "１２３４"] {
            assert_eq!(Pin::of(bad, [7; 8]), None, "{bad}");
        }
    }

    #[test]
    fn ids_are_those_that_the_worker_makes() {
        assert_eq!(to_hex(&learner_id(&[0x11; 16])), "3420f9c87062ce7a3076fb267eba6578");
    }

    #[test]
    fn the_first_learner_is_found_in_the_store_and_nobody_else_is_taken_for_them() {
        let mut people = People { unknown: false, ..People::default() };
        people.add(2, Some([2; 16]));
        assert!(!people.meet(&phone(&[[2; 16], WITHDRAWN])));
        assert!(people.meet(&phone(&[[1; 16], [2; 16]])));
        assert_eq!(people.me().id, Some([1; 16]));
        assert!(!people.meet(&phone(&[[1; 16], [2; 16], [3; 16]])), "another tab's new learner is that tab's to tell");
    }

    #[test]
    fn a_lost_list_is_made_again_of_what_the_store_holds() {
        let mut people = People::default();
        assert!(people.meet(&phone(&[[1; 16], [2; 16], WITHDRAWN])));
        let ids: Vec<_> = people.all.iter().map(|person| person.id).collect();
        assert_eq!(ids, [Some([1; 16]), Some([2; 16])]);
        assert_ne!(people.all[0].picture, people.all[1].picture);
    }

    #[test]
    fn everybody_looks_different_and_keeps_it() {
        // Everybody comes with the same picture from another phone, or wants the same one.
        for moved in [true, false] {
            let mut people = People::default();
            while people.all.len() < if moved { PEOPLE_MAX } else { COLOURS.into() } {
                let before = people.all.clone();
                let picture = if moved { people.picture_for(0) } else { 0 };
                people.add(picture, None);
                assert_eq!(people.all[..before.len()], before, "others keep theirs");
            }
            let looks: BTreeSet<_> = people.all.iter().map(|person| (person.picture, person.colour)).collect();
            assert_eq!(looks.len(), people.all.len(), "{looks:?}");
            let pictures: BTreeSet<_> = people.all.iter().take(PICTURES.into()).map(|person| person.picture).collect();
            assert_eq!(pictures.len(), if moved { PICTURES.into() } else { 1 }, "as long as there are free ones");
        }
        let mut people = People::default();
        people.add(2, None);
        assert_eq!([0, 1, 2, 7, u8::MAX].map(|picture| people.picture_for(picture)), [1, 1, 3, 7, 7]);
    }

    #[test]
    fn a_phone_is_never_without_a_learner() {
        let mut people = People::default();
        people.forget(0);
        assert_eq!((people.all.len(), people.current), (1, 1));
        let third = people.add(1, None);
        people.current = third;
        people.forget(third);
        assert_eq!(people.current, 1);
    }
}
