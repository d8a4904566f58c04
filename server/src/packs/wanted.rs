//! What is still to be fetched. Every source takes from the same list, so that blobs spread over them as
//! fast as each gives; one that could not give a blob is not asked for it again.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use content::pack::Hash;
use iroh::EndpointId;

/// Bound of what is remembered of sources that could not give a blob; beyond it they are asked again.
const UNABLE_MAX: usize = 4096;

/// The list.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    courses: BTreeMap<u16, Fetch>,
    /// Being fetched.
    under_way: HashSet<Hash>,
    unable: HashSet<(EndpointId, Hash)>,
}

/// How the fetching of one edition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fetch {
    /// The signed edition.
    pub(crate) edition: Hash,
    /// Blobs that are not here.
    pub(crate) missing: BTreeSet<Hash>,
    /// Blobs that were here before.
    pub(crate) held: usize,
    /// Blobs that came.
    pub(crate) fetched: usize,
    /// Bytes that came.
    pub(crate) bytes: u64,
    /// Bytes of the course that are here.
    pub(crate) size: u64,
}

impl Wanted {
    /// Begins to fetch an edition, instead of another one of the course.
    pub(crate) fn begin(&mut self, course: u16, fetch: Fetch) {
        self.courses.insert(course, fetch);
    }

    /// Ends the fetching of a course's edition.
    pub(crate) fn end(&mut self, course: u16) -> Option<Fetch> {
        self.courses.remove(&course)
    }

    /// Adds to what is fetched of a course's edition.
    pub(crate) fn more(&mut self, course: u16, missing: BTreeSet<Hash>) {
        if let Some(fetch) = self.courses.get_mut(&course) {
            fetch.missing.extend(missing);
        }
    }

    /// How the fetching of a course's edition stands.
    pub(crate) fn of(&self, course: u16) -> Option<&Fetch> {
        self.courses.get(&course)
    }

    /// Gives a blob to be fetched from a source that has these editions.
    pub(crate) fn next(&mut self, source: EndpointId, has: &HashSet<Hash>) -> Option<(u16, Hash)> {
        let offered = self.courses.iter().filter(|(_, fetch)| has.contains(&fetch.edition));
        let mut open = offered.flat_map(|(course, fetch)| fetch.missing.iter().map(|hash| (*course, *hash)));
        let found = open.find(|(_, hash)| !self.under_way.contains(hash) && !self.unable.contains(&(source, *hash)))?;
        self.under_way.insert(found.1);
        Some(found)
    }

    /// Takes a blob back: it is no longer fetched by who took it.
    pub(crate) fn put_back(&mut self, hash: Hash) {
        self.under_way.remove(&hash);
    }

    /// A blob is here, of which `bytes` came this time. Returns the courses that have everything now.
    pub(crate) fn came(&mut self, hash: Hash, bytes: u64, size: u64) -> Vec<u16> {
        let mut whole = Vec::new();
        for (course, fetch) in &mut self.courses {
            if fetch.missing.remove(&hash) {
                fetch.fetched += 1;
                fetch.bytes += bytes;
                fetch.size += size;
                if fetch.missing.is_empty() {
                    whole.push(*course);
                }
            }
        }
        whole
    }

    /// A source could not give a blob.
    pub(crate) fn unable(&mut self, source: EndpointId, hash: Hash) {
        if self.unable.len() >= UNABLE_MAX {
            self.unable.clear();
        }
        self.unable.insert((source, hash));
    }

    /// A source is there anew, and may be asked for everything.
    pub(crate) fn forgive(&mut self, source: EndpointId) {
        self.unable.retain(|(unable, _)| *unable != source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(n: u8) -> EndpointId {
        iroh::SecretKey::from_bytes(&[n; 32]).public()
    }

    fn hash(n: u8) -> Hash {
        Hash([n; 32])
    }

    fn fetch(edition: u8, missing: &[u8]) -> Fetch {
        let missing = missing.iter().map(|n| hash(*n)).collect();
        Fetch { edition: hash(edition), missing, held: 0, fetched: 0, bytes: 0, size: 0 }
    }

    #[test]
    fn sources_share_the_list_and_get_only_what_they_have() {
        let mut wanted = Wanted::default();
        wanted.begin(1, fetch(100, &[1, 2]));
        wanted.begin(2, fetch(200, &[3]));
        let (one, both) = (HashSet::from([hash(100)]), HashSet::from([hash(100), hash(200)]));
        assert_eq!(wanted.next(source(1), &one), Some((1, hash(1))));
        assert_eq!(wanted.next(source(2), &both), Some((1, hash(2))));
        assert_eq!(wanted.next(source(1), &one), None);
        assert_eq!(wanted.next(source(2), &both), Some((2, hash(3))));
        // The second source fails: it is not asked again, the first one is.
        wanted.unable(source(2), hash(2));
        wanted.put_back(hash(2));
        assert_eq!(wanted.next(source(2), &both), None);
        assert_eq!(wanted.next(source(1), &one), Some((1, hash(2))));
        wanted.put_back(hash(2));
        wanted.forgive(source(2));
        assert_eq!(wanted.next(source(2), &both), Some((1, hash(2))));
        assert!(wanted.came(hash(1), 5, 10).is_empty());
        assert_eq!(wanted.came(hash(2), 7, 7), [1]);
        let done = wanted.end(1).unwrap();
        assert_eq!((done.fetched, done.bytes, done.size), (2, 12, 17));
    }

    #[test]
    fn a_blob_of_two_courses_is_fetched_once() {
        let mut wanted = Wanted::default();
        wanted.begin(1, fetch(100, &[1]));
        wanted.begin(2, fetch(200, &[1]));
        let has = HashSet::from([hash(100), hash(200)]);
        assert!(wanted.next(source(1), &has).is_some());
        assert_eq!(wanted.next(source(2), &has), None);
        assert_eq!(wanted.came(hash(1), 1, 1), [1, 2]);
    }
}
