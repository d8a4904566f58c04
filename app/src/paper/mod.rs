//! The confirmation: what a learner has done of what is asked, what a team says about it, and checking what
//! somebody shows.
//!
//! Plain structs, as in [`crate::state`]. The `paper` bundle fills them and carries out what people do; it
//! alone knows signatures.

mod asked;
mod code;
mod date;
mod pdf;
mod record;
mod sheet;
mod words;

use std::sync::Arc;

use content::Criteria;

use crate::{communes::Commune, messages::Lang};

pub use asked::{Asked, Title, criteria_from_text, criteria_text, titles_from_text, titles_text};
pub use code::{Code, CodeError};
pub use date::date_words;
pub use pdf::{PAGE_HEIGHT_PX, PAGE_WIDTH_PX, pdf};
pub use record::Record;
pub use sheet::{Sheet, sheet};
pub use words::{Word, filled, word};

/// Longest text looked at: a confirmation has below a thousand characters, its address some more.
pub const TEXT_CHARS_MAX: usize = 4096;

/// What leads from a hub's address to a confirmation: `http://192.168.1.10:8080/xac-nhan#bdhvs1…`.
pub const FRAGMENT: &str = "/xac-nhan#";

/// What a confirmation says that is believed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Public id of the learner, in hex.
    pub learner: String,
    /// Official code of the learner's commune.
    pub commune: u32,
    /// Numbers of the courses.
    pub courses: Vec<u16>,
    /// Version of the criteria that are met; 0 for none.
    pub criteria: u32,
    /// The name in it; may be empty.
    pub holder: String,
    /// Day of signing, counted from 1970-01-01.
    pub day: u32,
    /// Who signed.
    pub issuer: Issuer,
}

/// Who signed a confirmation, as its credential says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Issuer {
    /// The province.
    #[default]
    Province,
    /// The learner's commune.
    Commune,
    /// A team, by its number; 0 where it has none.
    Team(u32),
}

/// Why a confirmation is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is no confirmation, or was copied or scanned wrongly.
    Unreadable,
    /// This phone does not know the province's key.
    NoProvince,
    /// It was not signed under the province whose key is known.
    OtherProvince,
    /// It was changed after it was signed.
    Forged,
    /// Its signer was revoked.
    Revoked,
    /// Its signer's credential was not valid on the day of signing.
    Expired,
    /// It bears a day to come.
    Ahead,
    /// Its signer may not say this.
    NoRight,
}

/// A text that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The confirmation as text, without the address before it.
    pub text: String,
    /// What it says, or why it is not believed.
    pub verdict: Result<Facts, Refusal>,
}

/// What the phone knows to check against.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trust {
    /// The province's public key in hex, from the first hub that this phone met.
    pub province: Option<String>,
    /// Whether the hub here goes by another key.
    pub other: bool,
    /// The newest revocation list held: its number, and the day on which it came.
    pub list: Option<(u64, u32)>,
    /// Day on which a hub last said that it knows no list.
    pub none_on: Option<u32>,
}

/// What came of asking the hub for this learner's confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answer {
    /// It has not answered yet.
    #[default]
    Awaited,
    /// It has one.
    Confirmed,
    /// It has none.
    None,
    /// It does not answer.
    Unreachable,
}

/// How far a picture or a file is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sharing {
    /// Nothing was asked for.
    #[default]
    Nothing,
    /// It is being made.
    Making,
    /// It was handed to the browser under this name.
    Made(String),
    /// The browser could not.
    Failed,
}

/// What is to be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A picture, PNG.
    Picture,
    /// A page to print, PDF.
    Print,
    /// An Open Badges 3.0 credential, JSON.
    Badge,
}

/// What a person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// Wants checked what stands in the field.
    Check,
    /// Wants the hub asked again.
    Ask,
    /// Wants the confirmation shared.
    Share(Kind),
}

/// Everything the screen shows.
#[derive(Debug, Clone, Default)]
pub struct Paper {
    /// Language of the screen.
    pub lang: Lang,
    /// What is asked of basic digital skills.
    pub criteria: Criteria,
    /// Titles of the courses, by number.
    pub titles: Vec<Title>,
    /// The province's communes.
    pub communes: Arc<Vec<Commune>>,
    /// Address of the hub, `http://192.168.1.10:8080`.
    pub origin: String,
    /// The learner on this phone, once one learnt something.
    pub record: Option<Record>,
    /// Whether that learner's PIN is still to be given.
    pub locked: bool,
    /// What is checked against.
    pub trust: Trust,
    /// What the hub says of this learner.
    pub answer: Answer,
    /// The confirmation of this learner.
    pub own: Option<Checked>,
    /// Whether there is a credential to take away.
    pub badge: bool,
    /// What somebody else shows.
    pub shown: Option<Checked>,
    /// What is being shared.
    pub sharing: Sharing,
    /// Whether taps are heard.
    pub live: bool,
}

impl Paper {
    /// Returns the title of a course; its number where it is not known here.
    pub fn title(&self, course: u16) -> String {
        let number = || filled(self.lang, Word::CourseNumber, &[&course.to_string()]);
        self.find(course).map_or_else(number, |found| found.title.clone())
    }

    /// Finds what is known of a course.
    pub fn find(&self, course: u16) -> Option<&Title> {
        self.titles.iter().find(|found| found.course == course)
    }

    /// Returns kind and name of a commune; its code where the list is not here.
    pub fn commune(&self, code: u32) -> String {
        self.communes.iter().find(|commune| commune.code == code).map_or_else(|| code.to_string(), Commune::title)
    }

    /// Returns who signed, in words.
    pub fn issuer(&self, facts: &Facts) -> String {
        let commune = self.commune(facts.commune);
        match facts.issuer {
            Issuer::Province => word(self.lang, Word::IssuerProvince).to_owned(),
            Issuer::Commune => commune,
            Issuer::Team(0) => filled(self.lang, Word::IssuerTeam, &[&commune]),
            Issuer::Team(number) => filled(self.lang, Word::IssuerTeamNumber, &[&number.to_string(), &commune]),
        }
    }

    /// Returns the facts of this learner's confirmation, if it is believed.
    pub fn confirmed(&self) -> Option<&Facts> {
        self.own.as_ref()?.verdict.as_ref().ok()
    }

    /// Returns what the QR code of a confirmation holds: an address that any phone's camera opens, in which the
    /// confirmation follows the sign that browsers send to nobody.
    ///
    /// The letters are capitals, which a QR code packs closer.
    pub fn address(&self, text: &str) -> String {
        let (prefix, body) = text.split_at_checked(PREFIX.len()).unwrap_or((text, ""));
        [&self.origin, FRAGMENT, prefix, &body.to_ascii_uppercase()].concat()
    }
}

/// How a confirmation begins; the rest of it may be in capitals.
const PREFIX: &str = "bdhvs1";

/// Takes the confirmation out of an address or a copied text.
pub fn text_of(typed: &str) -> &str {
    let text = typed.split_once('#').map_or(typed, |(_, text)| text);
    text.trim()
}

/// Shortens a key for people to compare: the first sixteen digits, in fours.
pub fn short_key(key: &str) -> String {
    let digits: Vec<char> = key.chars().take(16).collect();
    let fours: Vec<String> = digits.chunks(4).map(|four| four.iter().collect()).collect();
    fours.join(" ")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn facts() -> Facts {
        Facts {
            learner: "0f".repeat(16),
            commune: 30_697,
            courses: vec![1, 9],
            criteria: 1,
            holder: "Bà Sáu".to_owned(),
            day: 20_779,
            issuer: Issuer::Team(7),
        }
    }

    pub(crate) fn paper() -> Paper {
        Paper {
            criteria: Criteria::built_in(),
            titles: titles_from_text("1 vi VNeID: giấy tờ trên điện thoại\n"),
            communes: Arc::new(crate::communes::parse(include_str!("../../communes.csv")).unwrap()),
            origin: "http://192.168.1.10:8080".to_owned(),
            ..Paper::default()
        }
    }

    #[test]
    fn names_are_found_or_numbers_shown() {
        let paper = paper();
        assert_eq!([paper.title(1), paper.title(9)], ["VNeID: giấy tờ trên điện thoại", "Khóa học số 9"]);
        assert_eq!([paper.commune(30_697), paper.commune(1)], ["Xã Vĩnh Trạch", "1"]);
        assert_eq!(paper.issuer(&facts()), "Tổ công nghệ số cộng đồng số 7, Xã Vĩnh Trạch");
        assert_eq!(short_key(&"0123456789".repeat(7)), "0123 4567 8901 2345");
    }

    #[test]
    fn what_a_code_holds_leads_back_to_the_confirmation() {
        let address = paper().address("bdhvs1aia2");
        assert_eq!(address, "http://192.168.1.10:8080/xac-nhan#bdhvs1AIA2");
        assert_eq!(text_of(&address), "bdhvs1AIA2");
        assert_eq!(text_of(" bdhvs1aia2\n"), "bdhvs1aia2");
        assert_eq!(paper().address("x"), "http://192.168.1.10:8080/xac-nhan#x");
    }
}
