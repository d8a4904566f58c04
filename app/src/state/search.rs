//! Finds lessons by what a person types: without accents, half a word, a letter wrong.

use super::{App, Step};
use crate::fold;

/// Most characters of a query that are looked at: a long title and a half.
pub const QUERY_CHARS_MAX: usize = 64;
/// Most words of a query that are looked at.
const WORDS_MAX: usize = 8;
/// Most lessons shown; more than two screens nobody goes through.
const FOUND_MAX: usize = 12;
/// Letters from which a word may have one letter wrong, and two.
const LETTERS_FOR_ERRORS: [usize; 2] = [4, 8];

/// Finds the lessons that fit a query, best first; none for a query without a word.
pub fn search<'a>(app: &'a App, query: &str) -> Vec<Step<'a>> {
    let lessons: Vec<(Step<'a>, Entry)> = app.steps().map(|step| (step, Entry::of(&step))).collect();
    let ranked = rank(lessons.iter().map(|(_, entry)| entry), query);
    ranked.into_iter().map(|at| lessons[at].0).collect()
}

/// What is known of a lesson, as folded words: its title, its goal, its course's title.
#[derive(Debug)]
struct Entry([Vec<String>; 3]);

/// What a word found in the title, the goal, the course's title counts.
const WEIGHTS: [u32; 3] = [4, 2, 1];

impl Entry {
    fn of(step: &Step<'_>) -> Self {
        Self::from([&step.lesson.title, &step.lesson.goal, &step.course.title].map(String::as_str))
    }

    fn from(texts: [&str; 3]) -> Self {
        Self(texts.map(words))
    }

    /// Returns how well a word of a query fits, with errors or without; 0 where it does not.
    fn score(&self, asked: &str, errors: bool) -> u32 {
        let fit = |word: &String| fit(asked, word, errors);
        let best = |words: &Vec<String>| words.iter().map(fit).max().unwrap_or_default();
        self.0.iter().zip(WEIGHTS).map(|(words, weight)| weight * best(words)).max().unwrap_or_default()
    }
}

/// Splits into folded words, each also together with the next: many write `chuyentien`.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').collect();
    let pairs = words.windows(2).map(<[&str]>::concat);
    words.iter().map(|word| (*word).to_owned()).chain(pairs).collect()
}

/// Returns the places of the entries that fit, best first: those that most words of the query fit; where there
/// is none, those that any long word fits. A word that is somewhere as it was typed is taken for no error.
fn rank<'a>(entries: impl Iterator<Item = &'a Entry> + Clone, query: &str) -> Vec<usize> {
    let query: String = query.chars().take(QUERY_CHARS_MAX).collect();
    let folded = fold(&query);
    let asked = folded.split(' ').filter(|word| !word.is_empty()).take(WORDS_MAX);
    let is_somewhere = |word: &str| entries.clone().any(|entry| entry.score(word, false) > 0);
    let asked: Vec<(&str, bool)> = asked.map(|word| (word, !is_somewhere(word))).collect();
    let mut found: Vec<(usize, bool, u32, usize)> = Vec::new();
    for (at, entry) in entries.enumerate() {
        let scores: Vec<u32> = asked.iter().map(|(word, errors)| entry.score(word, *errors)).collect();
        let fitting = scores.iter().filter(|score| **score > 0).count();
        let long =
            asked.iter().zip(&scores).any(|((word, _), score)| letters(word) >= LETTERS_FOR_ERRORS[0] && *score > 0);
        found.push((fitting, long, scores.iter().sum(), at));
    }
    let most = |found: &(usize, bool, u32, usize)| found.0 * 2 > asked.len();
    if found.iter().any(most) {
        found.retain(most);
    } else {
        found.retain(|(_, long, ..)| *long);
    }
    found.sort_by_key(|(fitting, _, score, at)| (usize::MAX - fitting, u32::MAX - score, *at));
    found.into_iter().take(FOUND_MAX).map(|(.., at)| at).collect()
}

/// Returns how well a word fits what was asked: the same, its beginning, with errors nearly the same, or not.
fn fit(asked: &str, word: &str, errors: bool) -> u32 {
    if asked == word {
        return 8;
    }
    let length = letters(asked);
    if length >= 2 && word.starts_with(asked) {
        return 6;
    }
    let errors = LETTERS_FOR_ERRORS.iter().filter(|least| errors && length >= **least).count();
    if errors > 0 && letters(word) + 1 >= LETTERS_FOR_ERRORS[0] && is_near(asked, word, errors) { 3 } else { 0 }
}

fn letters(word: &str) -> usize {
    word.chars().count()
}

/// Returns whether at most so many letters are wrong, missing, too many, or changed places with the next one.
fn is_near(a: &str, b: &str, errors: usize) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > errors {
        return false;
    }
    // Rows of the table of distances between beginnings: the one before the last, the last, this one.
    let (mut older, mut old): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let wrong = old[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = wrong.min(old[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(older[j - 2] + 1);
            }
            row.push(least);
        }
        (older, old) = (old, row);
    }
    old[b.len()] <= errors
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Title, goal and course's title of some lessons there are.
    const LESSONS: [[&str; 3]; 7] = [
        [
            "Mở VNeID lần đầu",
            "Cô bác tự kích hoạt được tài khoản VNeID trên máy mình.",
            "VNeID: giấy tờ trong điện thoại",
        ],
        ["Mã OTP là chìa khóa", "Cô bác biết mã OTP dùng để làm gì.", "An toàn trên mạng, tránh lừa đảo"],
        ["Chuyển tiền và coi tên người nhận", "Cô bác chuyển được tiền.", "Thanh toán không tiền mặt"],
        ["Quét mã VietQR để trả và nhận tiền", "Cô bác quét được mã để trả tiền.", "Thanh toán không tiền mặt"],
        ["Vô Cổng bằng VNeID", "Cô bác mở đúng Cổng Dịch vụ công.", "Dịch vụ công trực tuyến"],
        ["Vô mạng: Wi-Fi và 4G", "Cô bác bật được mạng.", "Làm quen với điện thoại"],
        ["Khi tiền đi lạc", "Cô bác biết làm gì khi chuyển khoản nhầm.", "Thanh toán không tiền mặt"],
    ];

    fn found(query: &str) -> Vec<usize> {
        let entries: Vec<Entry> = LESSONS.iter().map(|texts| Entry::from(*texts)).collect();
        rank(entries.iter(), query)
    }

    #[test]
    fn accents_case_and_single_letters_do_not_matter() {
        for (query, first) in [
            ("vneid", 0),
            ("VNeID", 0),
            ("vnied", 0),
            ("vneidd", 0),
            ("ma otp", 1),
            ("mã OTP", 1),
            ("maotp", 1),
            ("chuyen tien", 2),
            ("chuyentien", 2),
            ("chuyn tien", 2),
            ("lua dao", 1),
            ("dich vụ cong", 4),
            ("dịch vụ công", 4),
            ("cyuyen khoan", 6),
            ("wifi", 5),
            ("wi-fi", 5),
            ("thanh tona", 2),
            ("quet", 3),
            ("que", 3),
        ] {
            assert_eq!(found(query).first(), Some(&first), "{query}: {:?}", found(query));
        }
    }

    #[test]
    fn a_word_in_the_title_comes_before_one_in_the_goal() {
        assert_eq!(found("tien"), [2, 3, 6]);
        assert_eq!(found("vneid"), [0, 4]);
    }

    #[test]
    fn what_fits_nothing_finds_nothing() {
        for query in ["", " ", "!?", "zzzzzz", "xe may", "q"] {
            assert_eq!(found(query), [0; 0], "{query}");
        }
    }

    #[test]
    fn short_words_must_be_right() {
        assert!(!is_near("tien", "bien", 0) && is_near("tien", "bien", 1) && is_near("tien", "tine", 1));
        assert_eq!(fit("otp", "ota", true), 0);
        assert_eq!(fit("chuyenkhaon", "chuyenkhoan", true), 3);
    }

    proptest! {
        #[test]
        fn any_query_is_taken(query in "\\PC{0,200}") {
            let found = found(&query);
            prop_assert!(found.len() <= FOUND_MAX.min(LESSONS.len()));
            prop_assert_eq!(&found, &super::tests::found(&fold(&query.chars().take(QUERY_CHARS_MAX).collect::<String>())));
        }

        /// A title is found by its own words, with one letter of a long one changed, left out, or doubled.
        #[test]
        fn a_title_is_found_in_spite_of_an_error(lesson in 0..LESSONS.len(), word in 0usize..6, letter in 0usize..8, how in 0..4) {
            let title = fold(LESSONS[lesson][0]);
            let mut words: Vec<Vec<char>> = title.split(' ').map(|word| word.chars().collect()).collect();
            let long: Vec<usize> = (0..words.len()).filter(|at| words[*at].len() >= 5).collect();
            if let Some(at) = long.get(word % long.len().max(1)) {
                let word = &mut words[*at];
                let letter = letter % word.len();
                let next = (letter + 1).min(word.len() - 1);
                match how {
                    0 => word[letter] = 'z',
                    1 => drop(word.remove(letter)),
                    2 => word.insert(letter, word[letter]),
                    _ => word.swap(letter, next),
                }
                let word: String = word.iter().collect();
                prop_assert!(found(&word).contains(&lesson), "{} alone", word);
            }
            let query = words.iter().map(|word| word.iter().collect::<String>()).collect::<Vec<_>>().join(" ");
            prop_assert!(found(&query).contains(&lesson), "{}", query);
        }

        #[test]
        fn nearness_goes_both_ways(a in "[a-c]{0,8}", b in "[a-c]{0,8}", errors in 0usize..3) {
            prop_assert_eq!(is_near(&a, &b, errors), is_near(&b, &a, errors));
            prop_assert!(is_near(&a, &a, 0));
        }
    }
}
