//! The communes of the province, as the command line needs them.

use app::communes::{self, Commune};

use crate::fault::{Fault, Kind};

/// The list the app ships, in the form it reads.
const LIST: &str = include_str!("../../app/communes.csv");

/// Most communes suggested for a code that does not exist.
const SUGGESTIONS_MAX: usize = 3;

/// The communes of the province, by ascending code.
#[derive(Clone, Debug)]
pub(crate) struct Communes(Vec<Commune>);

impl Communes {
    /// Reads the list this binary carries.
    ///
    /// # Errors
    ///
    /// When the list does not have the form [`app::communes::parse`] reads.
    pub(crate) fn load() -> Result<Self, communes::ParseError> {
        let mut list = communes::parse(LIST)?;
        list.sort_by_key(|commune| commune.code);
        Ok(Self(list))
    }

    /// Reads the list as commands do.
    ///
    /// # Errors
    ///
    /// When the list is damaged.
    pub(crate) fn built_in() -> Result<Self, Fault> {
        Self::load().map_err(|error| Fault::new(Kind::Software, "the built-in list of communes is damaged").why(error))
    }

    /// Returns kind and name of a commune; empty for a code that is not in the list.
    pub(crate) fn title(&self, code: u32) -> String {
        self.0.iter().find(|commune| commune.code == code).map(Commune::title).unwrap_or_default()
    }

    /// Finds the code given on the command line; else suggests what may have been meant, as
    /// `30307 (Phường Long Xuyên)`, nearest first. A name instead of a code is understood for that.
    pub(crate) fn find(&self, given: &str) -> Result<u32, Vec<String>> {
        if let Some(commune) = given.parse().ok().and_then(|code: u32| self.0.iter().find(|c| c.code == code)) {
            return Ok(commune.code);
        }
        let nearest = if given.chars().any(char::is_alphabetic) { self.by_name(given) } else { self.by_code(given) };
        let describe = |commune: &&Commune| format!("{} ({})", commune.code, commune.title());
        Err(nearest.iter().take(SUGGESTIONS_MAX).map(describe).collect())
    }

    fn by_name(&self, given: &str) -> Vec<&Commune> {
        communes::search(&self.0, given).into_iter().filter_map(|found| self.0.get(found.index)).collect()
    }

    /// Orders by the number of digits that differ, then by the distance of the numbers.
    fn by_code(&self, given: &str) -> Vec<&Commune> {
        let number = given.parse::<u32>().unwrap_or(0);
        let mut list: Vec<_> = self.0.iter().collect();
        list.sort_by_key(|commune| {
            let code = commune.code.to_string();
            let differing = code.bytes().zip(given.bytes()).filter(|(a, b)| a != b).count();
            (differing + code.len().abs_diff(given.len()), commune.code.abs_diff(number))
        });
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_or_its_neighbours_are_named() {
        let communes = Communes::load().unwrap();
        assert_eq!(communes.0.len(), 102);
        assert_eq!(communes.find("30307"), Ok(30307));
        let cases = [
            ("30308", "30307 (Phường Long Xuyên)"),
            ("3030", "30301 (Phường Mỹ Thới)"),
            ("Long Xuyên", "30307 (Phường Long Xuyên)"),
            ("long xuyen", "30307 (Phường Long Xuyên)"),
        ];
        for (given, first) in cases {
            let suggestions = communes.find(given).unwrap_err();
            assert_eq!(suggestions.first().map(String::as_str), Some(first), "{given}: {suggestions:?}");
            assert!(suggestions.len() <= SUGGESTIONS_MAX);
        }
        assert!(communes.find("").is_err());
        assert!(communes.find(&"9".repeat(100_000)).is_err());
    }
}
