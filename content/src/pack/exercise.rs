//! What a reader does in a lesson besides answering a [`Quiz`](super::Quiz).

use serde::{Deserialize, Serialize};

use super::{Hash, Html};

/// Steps to put in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What to put in order, as inline markup.
    pub question: Html,
    /// The steps in their right order; 2 to [`OPTIONS_PER_QUIZ_MAX`](super::OPTIONS_PER_QUIZ_MAX).
    /// Show them as [`Order::mixed`] says.
    pub steps: Vec<OrderStep>,
}

/// One step of an [`Order`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderStep {
    /// The step, as inline markup.
    pub text: Html,
    /// What to tell somebody who chose this step next when it is not, as inline markup: why another
    /// one comes before it, or when its time is.
    pub hint: Html,
}

/// A flow of simulated phone screens to try without harm.
///
/// The reader starts on the first screen. Tapping its one right button, once every field holds what
/// it asks for, leads to the next screen, and from the last one to [`Practice::end`]. Any other
/// button changes nothing and shows its feedback. Nothing typed is kept or sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practice {
    /// What to do in all, as inline markup; stands above the phone.
    pub task: Html,
    /// Screens in order; 1 to [`SCREENS_PER_PRACTICE_MAX`](super::SCREENS_PER_PRACTICE_MAX).
    pub screens: Vec<Screen>,
    /// What the phone shows when everything is done.
    pub end: End,
}

/// One simulated screen of a [`Practice`] with something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// What the bar at the top of the simulated app says, plain text.
    pub title: String,
    /// What to do on this screen, as inline markup; stands outside the phone.
    pub ask: Html,
    /// What the screen shows, top to bottom; 1 to [`PARTS_PER_SCREEN_MAX`](super::PARTS_PER_SCREEN_MAX),
    /// exactly one of them a [`Button`] that is right.
    pub parts: Vec<Part>,
}

/// One thing on a [`Screen`]. Variants are appended and never reordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Part {
    /// Words to read, as inline markup.
    Text(Html),
    /// A place to type.
    Field(Field),
    /// Something to tap: a button, an icon with its name, or a line of a menu.
    Button(Button),
}

/// A place to type on a [`Screen`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What stands beside it, plain text.
    pub label: String,
    /// What to type, plain text of at most
    /// [`FIELD_CHARS_MAX`](super::FIELD_CHARS_MAX) characters; invented, and checked to be nobody's.
    pub value: String,
    /// What to tell somebody who typed something else or nothing, as inline markup.
    pub hint: Html,
}

/// Something to tap on a [`Screen`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What stands on it, plain text.
    pub label: String,
    /// Whether tapping it leads on.
    pub right: bool,
    /// What to tell somebody who tapped it, as inline markup: praise on the right one, which may be
    /// shown on the next screen, and else a hint.
    pub feedback: Html,
}

/// How a [`Practice`] ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// What the bar at the top of the simulated app says, plain text.
    pub title: String,
    /// What the phone shows, as inline markup; at most
    /// [`PARTS_PER_SCREEN_MAX`](super::PARTS_PER_SCREEN_MAX).
    pub texts: Vec<Html>,
    /// What to tell the reader, as inline markup; stands outside the phone.
    pub praise: Html,
}

/// A message to judge: scam or genuine.
///
/// The reader sees channel, sender and message, and judges. Then [`Scam::feedback_to_scam`] or
/// [`Scam::feedback_to_genuine`] is shown, and the signs are pointed at in the message, each with its
/// explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scam {
    /// How it reached the reader.
    pub channel: Channel,
    /// Who it says it is from, or which number shows; plain text.
    pub sender: String,
    /// What it says: 1 to [`LINES_PER_SCAM_MAX`](super::LINES_PER_SCAM_MAX) paragraphs, bubbles, or
    /// things a caller says. At least one piece in all is a sign.
    pub lines: Vec<Vec<Piece>>,
    /// What it is.
    pub verdict: Verdict,
    /// What to tell somebody who judged it a scam, as inline markup.
    pub feedback_to_scam: Html,
    /// What to tell somebody who judged it genuine, as inline markup.
    pub feedback_to_genuine: Html,
}

/// How the message of a [`Scam`] arrives. Variants are appended and never reordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Channel {
    /// A text message to the phone's number.
    Sms,
    /// A phone or video call; the lines are what the caller says.
    Call,
    /// A message in an app such as Zalo or Messenger.
    Chat,
}

/// What a message is, or what a reader takes it for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Somebody wants to cheat.
    Scam,
    /// It is what it says.
    Genuine,
}

/// A run of words in the message of a [`Scam`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The words, plain text. Pieces follow each other without anything in between.
    pub text: String,
    /// What these words give away, as inline markup; [`None`] where they are no sign. Genuine
    /// messages have signs too: what makes them trustworthy.
    pub sign: Option<Html>,
}

/// What to say aloud in place of the block before it. Nothing of it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listen {
    /// The words, plain text.
    pub text: String,
}

/// A picture with its caption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Address of the image, one of the lesson's assets.
    pub image: Hash,
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// What it shows, for somebody who does not see it; plain text.
    pub alt: String,
    /// What stands below it, as inline markup.
    pub caption: Html,
}

/// Text set apart from the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// How it is meant.
    pub kind: NoteKind,
    /// Paragraphs and lists.
    pub html: Html,
}

/// How a [`Note`] is meant. Variants are appended and never reordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum NoteKind {
    /// Good to know.
    Note,
    /// Harm may come to somebody who does not know it.
    Warning,
}

impl Order {
    /// Returns the order in which to show the steps, as indices into [`Order::steps`]: the same for
    /// the same seed, and with two steps or more never the right order.
    ///
    /// # Example
    ///
    /// ```
    /// use content::pack::{Html, Order, OrderStep};
    ///
    /// let step = |text| OrderStep { text: Html::trusted(text), hint: Html::default() };
    /// let order = Order { question: Html::trusted("?"), steps: ["a", "b", "c"].map(step).into() };
    /// assert_eq!(order.mixed(5), order.mixed(5));
    /// assert_ne!(order.mixed(5), [0, 1, 2]);
    /// ```
    pub fn mixed(&self, seed: u64) -> Vec<usize> {
        let mut left: Vec<usize> = (0..self.steps.len()).collect();
        let mut mixed = Vec::with_capacity(left.len());
        let mut state = seed;
        while !left.is_empty() {
            // SplitMix64 (Steele, Lea, Flood 2014): every seed gives a well-spread sequence.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let at = (word ^ (word >> 31)) % left.len() as u64;
            mixed.push(left.remove(usize::try_from(at).unwrap_or_default()));
        }
        if mixed.is_sorted() {
            mixed.reverse();
        }
        mixed
    }
}

impl Screen {
    /// Iterates over the places to type, top to bottom.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.parts.iter().filter_map(|part| match part {
            Part::Field(field) => Some(field),
            _ => None,
        })
    }

    /// Finds the first field that does not hold what it asks for, given what was typed into each.
    pub fn first_wrong<'a>(&self, typed: impl IntoIterator<Item = &'a str>) -> Option<&Field> {
        let mut typed = typed.into_iter();
        self.fields().find(|field| !field.accepts(typed.next().unwrap_or_default()))
    }
}

impl Field {
    /// Tells whether the typed text will do. Spaces, capital letters and, in words, Vietnamese
    /// accents do not matter.
    pub fn accepts(&self, typed: &str) -> bool {
        let typed: String = typed.chars().take(4 * super::FIELD_CHARS_MAX).collect();
        crate::letters::plain(&typed) == crate::letters::plain(&self.value)
    }
}

impl Scam {
    /// Returns what to tell a reader after the judgement.
    pub fn feedback(&self, judged: Verdict) -> &Html {
        match judged {
            Verdict::Scam => &self.feedback_to_scam,
            Verdict::Genuine => &self.feedback_to_genuine,
        }
    }

    /// Iterates over the pieces that are signs, in the order of the message.
    pub fn signs(&self) -> impl Iterator<Item = (&Piece, &Html)> {
        self.lines.iter().flatten().filter_map(|piece| Some((piece, piece.sign.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Order, OrderStep};
    use crate::pack::Html;

    #[test]
    fn steps_are_mixed() {
        let step = |text: &str| OrderStep { text: Html::trusted(text), hint: Html::default() };
        for count in 2..=6 {
            let order = Order { question: Html::default(), steps: vec![step("a"); count] };
            for seed in 0..200 {
                let mixed = order.mixed(seed);
                assert!(!mixed.is_sorted(), "{count} steps, seed {seed}");
                let mut all = mixed;
                all.sort_unstable();
                assert!(all.into_iter().eq(0..count));
            }
        }
    }

    #[test]
    fn typing_is_taken_kindly() {
        let field = |value: &str| Field { label: String::new(), value: value.to_owned(), hint: Html::default() };
        for (value, typed) in [("Khai tử", "khai tu"), ("0900 000 000", "0900000000"), ("Đăng", " ĐĂNG "), ("a", "A")]
        {
            assert!(field(value).accepts(typed), "{value}, {typed}");
        }
        for (value, typed) in [("123456", "12345"), ("khai tử", "khai sinh"), ("a", "")] {
            assert!(!field(value).accepts(typed), "{value}, {typed}");
        }
    }
}
