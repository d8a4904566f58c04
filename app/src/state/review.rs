//! What was answered wrong comes back after 1, 3 and 7 days.
//!
//! Three boxes. An item begins in the first one; answered right it moves to the next, out of the last one it is
//! known, and answered wrong it begins again. Pure: the day is passed in, and the clock it is read from may be
//! wrong. An item waits from the day it was put in its box; where that day has not come yet by today's clock,
//! it waits from today: it is neither lost nor due at once.

use core::{fmt, str::FromStr};

use super::LessonKey;

/// Days an item waits in each box.
const BOXES: [u32; 3] = [1, 3, 7];
/// Most items that wait: two questions of every lesson there is.
const ITEMS_MAX: usize = 64;
/// Most items asked at one time: a few minutes.
const DUE_MAX: usize = 8;

/// Which kind of thing is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A question, counted from 0 among the lesson's questions.
    Quiz(u16),
    /// A message to judge, counted from 0 among the lesson's exercises.
    Drill(u16),
}

/// What names an item: a question or a message of one edition of a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topic {
    /// The lesson.
    pub lesson: LessonKey,
    /// First four bytes of its hash: in a changed lesson the place may be another question's.
    pub edition: u32,
    /// Which question or message of it.
    pub kind: Kind,
}

/// Something to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Item {
    topic: Topic,
    /// Box, counted from 0.
    level: u8,
    /// Day it was put there.
    since: u32,
}

impl Item {
    fn due(self) -> u32 {
        self.since.saturating_add(BOXES[usize::from(self.level).min(BOXES.len() - 1)])
    }
}

/// The boxes of one learner.
///
/// As text, to be kept between visits: items with a space between them, each
/// `{course}.{lesson}.{edition in hex}.{q or d}{number}.{box}.{day}`, days counted from 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Boxes(Vec<Item>);

impl Boxes {
    /// Puts what was answered wrong into the first box, from today.
    ///
    /// Where all are full, what is nearest to being known makes room.
    pub fn add(&mut self, topic: Topic, today: u32) {
        self.0.retain(|item| item.topic != topic);
        if self.0.len() >= ITEMS_MAX {
            let known = self.0.iter().enumerate().max_by_key(|(_, item)| (item.level, u32::MAX - item.since));
            known.map(|(at, _)| at).map(|at| self.0.remove(at));
        }
        self.0.push(Item { topic, level: 0, since: today });
    }

    /// Moves an item by an answer; returns whether that changed anything.
    pub fn answered(&mut self, topic: Topic, right: bool, today: u32) -> bool {
        let Some(at) = self.0.iter().position(|item| item.topic == topic) else {
            return false;
        };
        let item = &mut self.0[at];
        let level = if right { item.level + 1 } else { 0 };
        if usize::from(level) < BOXES.len() {
            (item.level, item.since) = (level, today);
        } else {
            self.0.remove(at);
        }
        true
    }

    /// Takes today's date in: what was put away on a day that has not come yet waits from today.
    ///
    /// Returns whether that changed anything.
    pub fn settle(&mut self, today: u32) -> bool {
        let ahead = self.0.iter_mut().filter(|item| item.since > today);
        ahead.map(|item| item.since = today).count() > 0
    }

    /// Returns what is due today, longest due first, at most `DUE_MAX`; only what `is_here`.
    pub fn due(&self, today: u32, is_here: impl Fn(&Topic) -> bool) -> Vec<Topic> {
        let due = |item: &&Item| item.since <= today && item.due() <= today && is_here(&item.topic);
        let mut due: Vec<&Item> = self.0.iter().filter(due).collect();
        due.sort_by_key(|item| item.due());
        due.into_iter().take(DUE_MAX).map(|item| item.topic).collect()
    }

    /// Returns in how many days the next item that `is_here` is due; 0 for today.
    pub fn next(&self, today: u32, is_here: impl Fn(&Topic) -> bool) -> Option<u32> {
        let days = |item: &Item| item.due().saturating_sub(today).min(BOXES[BOXES.len() - 1]);
        self.0.iter().filter(|item| is_here(&item.topic)).map(days).min()
    }

    /// Returns in how many days an item is due; `None` when it is known.
    pub fn wait(&self, topic: Topic, today: u32) -> Option<u32> {
        self.next(today, |found| *found == topic)
    }

    /// Reads what was written; leaves out what was not written by us, and what is too much.
    pub fn read(text: &str) -> Self {
        let mut boxes = Self::default();
        for item in text.split(' ').take(ITEMS_MAX).filter_map(|item| item.parse::<Item>().ok()) {
            boxes.0.retain(|known| known.topic != item.topic);
            boxes.0.push(item);
        }
        boxes
    }
}

impl fmt::Display for Boxes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Item { topic, level, since }) in self.0.iter().enumerate() {
            let Topic { lesson: (course, lesson), edition, kind } = topic;
            let (kind, number) = match kind {
                Kind::Quiz(number) => ('q', number),
                Kind::Drill(number) => ('d', number),
            };
            let space = if at > 0 { " " } else { "" };
            write!(f, "{space}{course}.{lesson}.{edition:x}.{kind}{number}.{level}.{since}")?;
        }
        Ok(())
    }
}

impl FromStr for Item {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or(());
        let lesson = (number(part()?)?, number(part()?)?);
        let edition = u32::from_str_radix(part()?, 16).map_err(drop)?;
        let kind = part()?;
        let kind = match kind.strip_prefix('q') {
            Some(quiz) => Kind::Quiz(number(quiz)?),
            None => Kind::Drill(number(kind.strip_prefix('d').ok_or(())?)?),
        };
        let level = number(part()?)?;
        let since = number(part()?)?;
        let ends = parts.next().is_none() && usize::from(level) < BOXES.len();
        ends.then_some(Self { topic: Topic { lesson, edition, kind }, level, since }).ok_or(())
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, ()> {
    text.parse().map_err(drop)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: u32 = 20_780;

    fn topic(number: u16) -> Topic {
        let kind = if number.is_multiple_of(2) { Kind::Quiz(number) } else { Kind::Drill(number) };
        Topic { lesson: (1, 2), edition: 0xdead_beef, kind }
    }

    fn here(_: &Topic) -> bool {
        true
    }

    fn with(numbers: impl Iterator<Item = u16>, day: u32) -> Boxes {
        let mut boxes = Boxes::default();
        numbers.for_each(|number| boxes.add(topic(number), day));
        boxes
    }

    #[test]
    fn what_was_wrong_comes_back_after_one_three_and_seven_days() {
        let mut boxes = with(1..2, DAY);
        let mut day = DAY;
        for wait in [1, 3, 7] {
            assert_eq!(boxes.next(day, here), Some(wait));
            assert_eq!(boxes.due(day + wait - 1, here), []);
            day += wait;
            assert_eq!(boxes.due(day, here), [topic(1)]);
            assert!(boxes.answered(topic(1), true, day));
        }
        assert_eq!((boxes.next(day, here), boxes.to_string()), (None, String::new()));
        assert!(!boxes.answered(topic(1), true, day), "it is known");
    }

    #[test]
    fn a_wrong_answer_begins_again() {
        let mut boxes = with(1..2, DAY);
        boxes.answered(topic(1), true, DAY + 1);
        boxes.answered(topic(1), false, DAY + 4);
        assert_eq!(boxes.due(DAY + 5, here), [topic(1)]);
        boxes.add(topic(1), DAY + 9);
        assert_eq!(boxes.due(DAY + 9, here), [], "missed again in its lesson: once more, not twice");
        assert_eq!(boxes.0.len(), 1);
    }

    #[test]
    fn a_clock_that_jumps_neither_loses_nor_floods() {
        let far = DAY + 5_000;
        let mut boxes = with(0..20, far);
        assert_eq!(boxes.due(DAY, here), []);
        assert!(boxes.settle(DAY) && !boxes.settle(DAY));
        assert_eq!(boxes.next(DAY, here), Some(1));
        assert_eq!(boxes.due(DAY + 1, here).len(), DUE_MAX);
        let mut back = with(0..1, DAY);
        assert!(back.settle(0));
        assert_eq!((back.due(0, here), back.due(1, here)), (vec![], vec![topic(0)]));
    }

    #[test]
    fn the_longest_due_comes_first_and_what_is_not_here_waits() {
        let mut boxes = with(0..2, DAY);
        boxes.add(topic(2), DAY - 9);
        assert_eq!(boxes.due(DAY + 1, here), [topic(2), topic(0), topic(1)]);
        assert_eq!(boxes.due(DAY + 1, |found| *found == topic(1)), [topic(1)]);
        assert_eq!(boxes.next(DAY, |_| false), None);
    }

    #[test]
    fn what_is_nearly_known_makes_room() {
        let mut boxes = with(0..64, DAY);
        boxes.answered(topic(7), true, DAY + 1);
        boxes.add(topic(100), DAY + 1);
        assert_eq!(boxes.0.len(), ITEMS_MAX);
        assert!(!boxes.answered(topic(7), true, DAY + 4) && boxes.answered(topic(100), true, DAY + 2));
    }

    #[test]
    fn the_text_is_as_written_here_and_nothing_else_is_read() {
        let mut boxes = with(0..2, DAY);
        boxes.answered(topic(1), true, DAY + 1);
        let text = "1.2.deadbeef.q0.0.20780 1.2.deadbeef.d1.1.20781";
        assert_eq!(boxes.to_string(), text);
        assert_eq!(Boxes::read(text), boxes);
        let strange =
            "x 1.2 1.2.zz.q0.0.1 1.2.a.x0.0.1 1.2.a.q0.3.1 1.2.a.q0.0.1.1 70000.2.a.q0.0.1 1.2.a.q.0.1 ..... ";
        assert_eq!(Boxes::read(strange), Boxes::default());
        assert_eq!(Boxes::read(&format!("{strange} {text} {text}")), boxes);
    }

    proptest! {
        #[test]
        fn whatever_happens_the_boxes_stay_bounded_and_are_found_again(
            moves in prop::collection::vec((0u16..100, any::<Option<bool>>(), any::<u32>()), 0..200),
            text in "[0-9a-fqd. ]{0,200}",
        ) {
            let mut boxes = Boxes::read(&text);
            for (number, answer, day) in moves {
                match answer {
                    None => boxes.add(topic(number), day),
                    Some(right) => drop(boxes.answered(topic(number), right, day)),
                }
                boxes.settle(day);
                prop_assert!(boxes.0.len() <= ITEMS_MAX);
                prop_assert!(boxes.due(day, here).len() <= DUE_MAX);
                prop_assert!(boxes.next(day, here).is_none_or(|days| days <= 7));
                prop_assert!(boxes.0.iter().all(|item| item.since <= day), "nothing waits for a day that may not come");
            }
            prop_assert_eq!(Boxes::read(&boxes.to_string()), boxes);
        }
    }
}
