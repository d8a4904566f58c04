//! Finds the word an author may have meant.

/// Bytes of a word up to which a similar one is looked for.
const SIMILAR_BYTES_MAX: usize = 40;

/// Suggests the most similar word, or else says what there is.
pub(super) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>, otherwise: &str) -> String {
    known
        .filter_map(|candidate| Some((distance(word, candidate)?, candidate)))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 5)
        .min()
        .map_or_else(|| otherwise.to_owned(), |(_, candidate)| format!("did you mean `{candidate}`?"))
}

/// Counts the letters to change, add or drop (Levenshtein); [`None`] for words too long to be typos.
fn distance(a: &str, b: &str) -> Option<usize> {
    if a.is_empty() || a.len().max(b.len()) > SIMILAR_BYTES_MAX {
        return None;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied()
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, distance};

    #[test]
    fn finds_the_similar_word() {
        let fields = ["id", "title", "minutes", "reviewed"];
        assert_eq!(did_you_mean("minuts", fields.into_iter(), "-"), "did you mean `minutes`?");
        assert_eq!(did_you_mean("reviewd", fields.into_iter(), "-"), "did you mean `reviewed`?");
        assert_eq!(did_you_mean("colour", fields.into_iter(), "-"), "-");
        assert_eq!(did_you_mean("", fields.into_iter(), "-"), "-");
    }

    #[test]
    fn counts_letters_that_differ() {
        for (a, b, apart) in [("quiz", "quiz", 0), ("quizz", "quiz", 1), ("qiuz", "quiz", 2), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(a, b), Some(apart), "{a} {b}");
        }
    }
}
