//! The shelf against a plain model, and the library on a disk.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use content::Blob;
use content::pack::{COURSES_MAX, CourseManifest, Date, Hash, Lesson, LessonSummary, Recording, SpeechIndex, Spot};
use ed25519_dalek::SigningKey;
use iroh::EndpointId;
use proptest::prelude::*;
use sync::authority::{Area, Chain, Credential, Purpose, Rank, Revocations, Revoked, Rights, Statement, Terms};
use sync::session::Standing;
use sync::wire::packs::BLOB_BYTES_MAX;
use sync::{Day, DeviceId, ProvinceKey};

use super::blobs::{Blobs, Finish};
use super::edition::{Edition, Refusal};
use super::library::{COURSE_BYTES_MAX, Library};
use super::shelf::Shelf;
use super::stage;
use crate::site::Site;

const TODAY: Day = Day(20_779);

/// A folder of its own for a test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("bdhv-packs-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn library(&self, standing: &Standing) -> Library {
        Library::open(&self.0, Arc::new(Site::empty()), standing).unwrap()
    }

    fn blob(&self, hash: Hash) -> PathBuf {
        self.0.join("packs/blobs").join(hash.to_string())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The key of a party: 0 is the province, others publish.
fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number + 1; 32])
}

fn device(number: u8) -> DeviceId {
    DeviceId(key(number).verifying_key().to_bytes())
}

fn standing(revoked: &[u8]) -> Standing {
    let listed = revoked.iter().map(|number| Revoked { device: device(*number), cuts: Vec::new() }).collect();
    let list = Revocations::sign(&key(0), 1, listed).unwrap();
    let revocations = (!revoked.is_empty()).then(|| Arc::new(list));
    Standing { province: Some(ProvinceKey(device(0).0)), chain: Vec::new(), revocations }
}

fn chain(publisher: u8) -> Chain {
    let (area, rights, team) = (Area::Everywhere, Rights::PUBLISH, 0);
    let terms = Terms { rank: Rank::Team, team, area, rights, from: Day(20_000), until: Day(21_000) };
    Chain(vec![Credential::issue(&key(0), device(publisher), terms)])
}

/// A course with a lesson for each text; returns its blobs, too.
fn course(number: u16, edition: u32, texts: &[&str]) -> (CourseManifest, Vec<Blob>) {
    let reviewed = Date::new(2026, 11, 22).unwrap();
    let (mut lessons, mut blobs) = (Vec::new(), Vec::new());
    for (id, text) in (1..).zip(texts) {
        let (title, goal) = ((*text).to_owned(), "G".to_owned());
        let lesson = Lesson {
            course: number,
            lesson: id,
            title,
            goal,
            reviewed,
            sources: Vec::new(),
            blocks: Vec::new(),
            task: None,
        };
        let bytes = lesson.encode().unwrap();
        let hash = Hash::of(&bytes);
        lessons.push(LessonSummary {
            lesson: id,
            title: lesson.title,
            minutes: 1,
            blob: hash,
            assets: Vec::new(),
            goal: String::new(),
        });
        blobs.push(Blob { hash, bytes });
    }
    let (title, summary, language) = ("T".to_owned(), "S".to_owned(), "vi".to_owned());
    (CourseManifest { course: number, edition, title, summary, reviewed, language, lessons, speech: None }, blobs)
}

fn signed(publisher: u8, manifest: &CourseManifest) -> Vec<u8> {
    let manifest = manifest.encode().unwrap();
    let chain = if publisher == 0 { Chain::default() } else { chain(publisher) };
    let mut bytes = Vec::new();
    let statement = Statement::sign(&key(publisher), Purpose::CourseEdition, TODAY, chain, manifest).unwrap();
    statement.encode(&mut bytes);
    bytes
}

fn edition(publisher: u8, number: u16, edition: u32, text: &str) -> Edition {
    Edition::read(signed(publisher, &course(number, edition, &[text]).0)).unwrap()
}

/// A hub of the model: a shelf, and when it heard of the revocation.
struct Hub {
    shelf: Shelf,
    standing: Standing,
}

impl Hub {
    fn new() -> Self {
        Self { shelf: Shelf::new(&[], None), standing: standing(&[]) }
    }

    fn hear(&mut self, edition: &Edition) {
        if edition.verify(&self.standing, TODAY).is_ok() && self.shelf.begin(Arc::new(edition.clone())).is_ok() {
            self.shelf.complete(edition.course());
        }
    }

    fn revoke(&mut self, publisher: u8) {
        self.standing = standing(&[publisher]);
        self.shelf.stand(self.standing.revocations.clone());
    }

    /// What it shows of each course.
    fn shows(&self) -> BTreeMap<u16, Hash> {
        self.shelf.shown().map(|edition| (edition.course(), edition.hash)).collect()
    }

    /// What it passes on.
    fn gives(&self) -> Vec<Edition> {
        let hashes = self.shelf.titles().into_iter().map(|title| Hash(title.hash));
        hashes.filter_map(|hash| self.shelf.find(hash)).map(|edition| (*edition).clone()).collect()
    }
}

/// Something that happens at one of three hubs: it hears of an edition, or that publisher 2 was revoked.
#[derive(Debug, Clone)]
enum Happening {
    Hears(usize),
    Revoked,
}

fn happenings() -> impl Strategy<Value = Vec<(usize, Happening)>> {
    let happening = prop_oneof![9 => (0..16_usize).prop_map(Happening::Hears), 1 => Just(Happening::Revoked)];
    proptest::collection::vec((0..3_usize, happening), 0..60)
}

/// Two courses, four editions of each by either publisher.
fn published() -> Vec<Edition> {
    let all = (1..=2).flat_map(|course| (1..=4).flat_map(move |number| [(course, number, 1), (course, number, 2)]));
    all.map(|(course, number, publisher)| edition(publisher, course, number, "A")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hubs_converge_to_the_greatest_edition_whatever_the_order(happenings in happenings(), revoked: bool) {
        let published = published();
        let mut hubs = [Hub::new(), Hub::new(), Hub::new()];
        for (hub, happening) in &happenings {
            match happening {
                Happening::Hears(which) => hubs[*hub].hear(&published[*which]),
                Happening::Revoked if revoked => hubs[*hub].revoke(2),
                Happening::Revoked => {}
            }
        }
        if revoked {
            for hub in &mut hubs {
                hub.revoke(2);
            }
        }
        // Everybody meets everybody.
        let given: Vec<Edition> = hubs.iter().flat_map(Hub::gives).collect();
        for hub in &mut hubs {
            for edition in &given {
                hub.hear(edition);
            }
        }
        let mut greatest: BTreeMap<u16, &Edition> = BTreeMap::new();
        for edition in &given {
            let best = greatest.entry(edition.course()).or_insert(edition);
            *best = if edition.rank() > best.rank() { edition } else { *best };
        }
        for hub in &hubs {
            let shows = hub.shows();
            for (course, edition) in &greatest {
                prop_assert_eq!(shows.get(course), Some(&edition.hash));
            }
            if !revoked {
                prop_assert_eq!(shows.len(), greatest.len());
            }
        }
    }
}

#[test]
fn what_is_not_greater_is_refused_with_the_reason() {
    let built_in = course(9, 3, &["A"]).0;
    let mut shelf = Shelf::new(&[built_in], None);
    let mut offer = |edition: Edition| {
        let course = edition.course();
        let begun = shelf.begin(Arc::new(edition));
        begun.map(|()| shelf.complete(course)).map_err(|why| why.to_string())
    };
    let built_in = "it is not greater than what is built in: edition 3, and edition 3 is built in";
    assert_eq!(offer(edition(1, 9, 3, "A")), Err(built_in.to_owned()));
    assert_eq!(offer(edition(1, 9, 5, "A")), Ok(()));
    assert_eq!(offer(edition(1, 9, 5, "A")), Err("it is held already".to_owned()));
    let rolled_back = "it is not greater than what is held: edition 4, and edition 5 is held";
    assert_eq!(offer(edition(1, 9, 4, "A")), Err(rolled_back.to_owned()));
    let (one, other) = (edition(1, 8, 1, "A"), edition(1, 8, 1, "B"));
    let (lesser, greater) = if one.hash < other.hash { (one, other) } else { (other, one) };
    assert_eq!(offer(greater), Ok(()));
    assert!(offer(lesser).unwrap_err().contains("edition 1, and edition 1 is held"));
    for number in 100..100 + COURSES_MAX as u16 - 2 {
        assert_eq!(offer(edition(1, number, 1, "A")), Ok(()));
    }
    assert_eq!(offer(edition(1, 99, 1, "A")), Err("the catalogue is full: it lists 64 courses".to_owned()));
}

#[test]
fn what_a_revoked_publisher_left_stays_and_yields() {
    let mut hub = Hub::new();
    let (theirs, begun, ours) = (edition(2, 1, u32::MAX, "A"), edition(2, 3, 1, "A"), edition(1, 1, 1, "B"));
    hub.hear(&theirs);
    hub.shelf.begin(Arc::new(begun)).unwrap();
    hub.revoke(2);
    assert_eq!(hub.shows(), BTreeMap::from([(1, theirs.hash)]));
    assert!(hub.gives().is_empty());
    assert!(hub.shelf.editions().1.is_empty());
    hub.hear(&edition(2, 2, 1, "A"));
    assert_eq!(hub.shows().len(), 1);
    hub.hear(&ours);
    assert_eq!(hub.shows(), BTreeMap::from([(1, ours.hash)]));
}

#[test]
fn bytes_that_are_no_edition_are_refused_with_the_reason() {
    let (manifest, _) = course(9, 2, &["A"]);
    let bare = manifest.encode().unwrap();
    let lessons = vec![manifest.lessons[0].clone(); 2];
    let twice = CourseManifest { lessons, ..manifest.clone() };
    let zero = CourseManifest { course: 0, ..manifest.clone() };
    let empty = CourseManifest { lessons: Vec::new(), ..manifest.clone() };
    let cases = [
        (bare, "it is no signed edition"),
        (signed(1, &twice), "it lists a lesson twice"),
        (signed(1, &zero), "count from 1"),
        (signed(1, &empty), "it has no lesson"),
    ];
    for (bytes, expected) in cases {
        let why = Edition::read(bytes).unwrap_err().to_string();
        assert!(why.contains(expected), "{why}");
    }
    let mut unsigned = signed(1, &manifest);
    let at = unsigned.len() - 64;
    unsigned[at..].fill(0);
    let why = Edition::read(unsigned).unwrap().verify(&standing(&[]), TODAY).unwrap_err().to_string();
    assert_eq!(why, "it is not signed");
    let why = edition(1, 9, 2, "A").verify(&standing(&[1]), TODAY).unwrap_err().to_string();
    assert!(why.contains("was revoked"), "{why}");
}

fn publish(folder: &Folder, library: &Library, edition: &[u8], blobs: &[Blob]) -> Result<(), String> {
    let name = stage(&folder.0, edition, blobs).unwrap();
    library.take_staged(&folder.0, name, &standing(&[]), TODAY).map_err(|why| why.to_string())
}

fn shows(library: &Library) -> Vec<(u16, u32)> {
    library.catalogue().courses.iter().map(|course| (course.course, course.edition)).collect()
}

#[test]
fn what_is_published_is_shown_and_there_after_a_restart() {
    let folder = Folder::new();
    let library = folder.library(&standing(&[]));
    let (manifest, blobs) = course(9, 1, &["A", "B"]);
    assert_eq!(publish(&folder, &library, &signed(1, &manifest), &blobs), Ok(()));
    assert_eq!(library.lesson(blobs[1].hash).unwrap().title, "B");
    let again = publish(&folder, &library, &signed(1, &manifest), &blobs);
    assert_eq!(again, Err("it is held already".to_owned()));
    for text in ["C", "D", "E"] {
        let (other, other_blobs) = course(9, 1, &[text]);
        let why = publish(&folder, &library, &signed(1, &other), &other_blobs).unwrap_err();
        assert_eq!(why, "it is not greater than what is held: edition 1, and edition 1 is held");
    }
    let (newer, newer_blobs) = course(9, 2, &["A", "C"]);
    assert_eq!(publish(&folder, &library, &signed(0, &newer), &newer_blobs[1..]), Ok(()));
    // A phone may still be in the first edition until what nothing names is collected.
    assert!(folder.blob(blobs[1].hash).exists());
    library.collect().unwrap();
    assert!(!folder.blob(blobs[1].hash).exists());
    assert!(folder.blob(blobs[0].hash).exists());
    drop(library);
    assert_eq!(shows(&folder.library(&standing(&[]))), [(9, 2)]);
    assert_eq!(fs::read_dir(folder.0.join("packs/staged")).unwrap().count(), 0);
}

#[test]
fn what_is_incomplete_or_false_is_not_published() {
    let folder = Folder::new();
    let library = folder.library(&standing(&[]));
    let (manifest, blobs) = course(9, 1, &["A", "B"]);
    let statement = signed(1, &manifest);
    assert!(publish(&folder, &library, &statement, &blobs[..1]).unwrap_err().contains("cannot be kept"));
    let false_blob = Blob { bytes: b"X".to_vec(), ..blobs[1].clone() };
    let why = publish(&folder, &library, &statement, &[blobs[0].clone(), false_blob]).unwrap_err();
    assert!(why.contains("is another blob"), "{why}");
    let other = CourseManifest { course: 8, ..manifest };
    let why = publish(&folder, &library, &signed(1, &other), &blobs).unwrap_err();
    assert_eq!(why, "it is broken: lesson 1: it is lesson 1 of course 9");
    assert!(shows(&library).is_empty());
    library.collect().unwrap();
    assert_eq!(fs::read_dir(folder.0.join("packs/blobs")).unwrap().count(), 0);
}

fn source(number: u8) -> EndpointId {
    iroh::SecretKey::from_bytes(&[number; 32]).public()
}

/// Fetches a blob as a link does, from bytes.
fn fetch(library: &Library, has: &HashSet<Hash>, blobs: &[Blob]) -> io::Result<Option<Finish>> {
    let Some(job) = library.job(source(1), has) else { return Ok(None) };
    let mut part = library.blobs().part(job.hash)?;
    let blob = blobs.iter().find(|blob| blob.hash == job.hash).expect("a blob of the course");
    part.append(&blob.bytes[part.length() as usize..])?;
    library.keep(&job, part).map(Some)
}

#[test]
fn an_edition_is_shown_when_all_of_it_is_here_and_not_before() {
    let folder = Folder::new();
    let library = folder.library(&standing(&[]));
    let (first, first_blobs) = course(9, 1, &["A", "B"]);
    publish(&folder, &library, &signed(1, &first), &first_blobs).unwrap();
    let (manifest, blobs) = course(9, 2, &["A", "C", "D"]);
    let edition = Edition::read(signed(1, &manifest)).unwrap();
    let has = HashSet::from([edition.hash]);
    library.take(edition, &standing(&[]), TODAY).unwrap();
    assert_eq!(shows(&library), [(9, 1)]);
    assert_eq!(fetch(&library, &has, &blobs).unwrap(), Some(Finish::Whole));
    // The other lesson is begun when the process is killed.
    let job = library.job(source(1), &has).unwrap();
    let blob = blobs.iter().find(|blob| blob.hash == job.hash).unwrap();
    library.blobs().part(job.hash).unwrap().append(&blob.bytes[..3]).unwrap();
    drop((job, library));

    let library = folder.library(&standing(&[]));
    assert_eq!(shows(&library), [(9, 1)]);
    let part = library.blobs().part(blob.hash).unwrap();
    assert_eq!((part.length(), part.began()), (3, 3));
    assert!(folder.blob(first_blobs[1].hash).exists(), "the first edition is still shown");
    assert_eq!(fetch(&library, &has, &blobs).unwrap(), Some(Finish::Whole));
    assert_eq!(shows(&library), [(9, 2)]);
    assert_eq!(fetch(&library, &has, &blobs).unwrap(), None);
}

/// A course with a recording; its index is the last blob but one, the recording the last.
fn spoken(number: u16, edition: u32) -> (CourseManifest, Vec<Blob>) {
    let (mut manifest, mut blobs) = course(number, edition, &["A"]);
    let blob = |bytes: Vec<u8>| Blob { hash: Hash::of(&bytes), bytes };
    let sound = blob(b"OggS sound".to_vec());
    let spot = Spot { block: Spot::HEAD, part: 0 };
    let recordings = vec![Recording { lesson: 1, spot, bytes: 10, blob: sound.hash }];
    let index = blob(SpeechIndex { recordings }.encode().unwrap());
    manifest.speech = Some(index.hash);
    blobs.extend([index, sound]);
    (manifest, blobs)
}

#[test]
fn an_edition_is_shown_when_its_audio_is_here_too() {
    let folder = Folder::new();
    let (manifest, blobs) = spoken(9, 1);
    let edition = Edition::read(signed(1, &manifest)).unwrap();
    let has = HashSet::from([edition.hash]);
    let library = folder.library(&standing(&[]));
    library.take(edition, &standing(&[]), TODAY).unwrap();
    for _ in 0..2 {
        assert_eq!(fetch(&library, &has, &blobs).unwrap(), Some(Finish::Whole));
        assert!(shows(&library).is_empty());
    }
    // What the index named is still wanted after a restart, and what is there is not thrown away.
    drop(library);
    let library = folder.library(&standing(&[]));
    assert_eq!(fetch(&library, &has, &blobs).unwrap(), Some(Finish::Whole));
    assert_eq!(shows(&library), [(9, 1)]);
    library.collect().unwrap();
    assert!(blobs.iter().all(|blob| folder.blob(blob.hash).exists()));
    fs::write(folder.blob(blobs[2].hash), b"rotten").unwrap();
    drop(library);
    assert!(shows(&folder.library(&standing(&[]))).is_empty());
}

#[test]
fn audio_is_published_with_its_course_and_goes_with_it() {
    let folder = Folder::new();
    let library = folder.library(&standing(&[]));
    let (manifest, blobs) = spoken(9, 1);
    let why = publish(&folder, &library, &signed(1, &manifest), &blobs[..2]).unwrap_err();
    assert!(why.contains("cannot be kept"), "{why}");
    publish(&folder, &library, &signed(1, &manifest), &blobs).unwrap();
    assert_eq!(shows(&library), [(9, 1)]);
    let (silent, lesson) = course(9, 2, &["A"]);
    publish(&folder, &library, &signed(1, &silent), &lesson).unwrap();
    library.collect().unwrap();
    let held: Vec<bool> = blobs.iter().map(|blob| folder.blob(blob.hash).exists()).collect();
    assert_eq!(held, [true, false, false]);
}

#[test]
fn an_edition_whose_index_of_audio_is_none_is_refused() {
    let folder = Folder::new();
    let library = folder.library(&standing(&[]));
    let (mut manifest, mut blobs) = course(9, 1, &["A"]);
    let bytes = b"no index".to_vec();
    let index = Blob { hash: Hash::of(&bytes), bytes };
    manifest.speech = Some(index.hash);
    blobs.push(index);
    let why = publish(&folder, &library, &signed(1, &manifest), &blobs).unwrap_err();
    assert_eq!(why, "it is broken: speech index of format 110; this release reads format 1");
    let edition = Edition::read(signed(1, &manifest)).unwrap();
    let has = HashSet::from([edition.hash]);
    library.take(edition, &standing(&[]), TODAY).unwrap();
    while fetch(&library, &has, &blobs).unwrap().is_some() {}
    assert!(shows(&library).is_empty());
}

#[test]
fn a_blob_that_rots_is_fetched_again() {
    let folder = Folder::new();
    let (manifest, blobs) = course(9, 1, &["A", "B"]);
    publish(&folder, &folder.library(&standing(&[])), &signed(1, &manifest), &blobs).unwrap();
    fs::write(folder.blob(blobs[0].hash), b"rotten").unwrap();
    let library = folder.library(&standing(&[]));
    assert!(shows(&library).is_empty());
    let has = HashSet::from([Hash::of(&signed(1, &manifest))]);
    assert_eq!(fetch(&library, &has, &blobs).unwrap(), Some(Finish::Whole));
    assert_eq!(shows(&library), [(9, 1)]);
}

#[test]
fn a_file_that_is_no_edition_is_removed_and_of_a_revoked_publisher_kept() {
    let folder = Folder::new();
    let (manifest, blobs) = course(9, 1, &["A"]);
    publish(&folder, &folder.library(&standing(&[])), &signed(1, &manifest), &blobs).unwrap();
    let file = folder.0.join("packs/editions/9.edition");
    assert_eq!(shows(&folder.library(&standing(&[1]))), [(9, 1)]);
    fs::OpenOptions::new().append(true).open(&file).unwrap().write_all(b"x").unwrap();
    assert!(shows(&folder.library(&standing(&[]))).is_empty());
    assert!(!file.exists());
}

#[test]
fn false_bytes_are_blamed_on_who_gave_all_of_them() {
    let folder = Folder::new();
    let blobs = Blobs::open(folder.0.join("blobs")).unwrap();
    let hash = Hash::of(b"lesson");
    let finish = |bytes: &[&[u8]]| {
        let mut part = blobs.part(hash).unwrap();
        bytes.iter().try_for_each(|bytes| part.append(bytes)).unwrap();
        blobs.finish(part).unwrap()
    };
    assert_eq!(finish(&[b"les", b"soN"]), Finish::Wrong);
    blobs.part(hash).unwrap().append(b"lesS").unwrap();
    assert_eq!(finish(&[b"on"]), Finish::Mixed);
    assert_eq!(finish(&[b"lesson"]), Finish::Whole);
    assert_eq!((blobs.used(), blobs.size(hash)), (6, Some(6)));
    let named = BTreeSet::from([hash]);
    assert_eq!(blobs.collect(&named, &named).unwrap(), (0, 0));
    assert_eq!(blobs.collect(&BTreeSet::new(), &named).unwrap(), (1, 6));
    assert_eq!(blobs.used(), 0);
}

#[test]
fn a_course_larger_than_any_is_given_up() {
    let folder = Folder::new();
    let library = folder.library(&standing(&[]));
    let edition = edition(1, 9, 1, "A");
    library.take(edition, &standing(&[]), TODAY).unwrap();
    assert!(library.room(9, BLOB_BYTES_MAX).is_ok());
    let why = library.room(9, COURSE_BYTES_MAX + 1).unwrap_err();
    assert!(matches!(why, Refusal::Room { max: COURSE_BYTES_MAX, .. }), "{why}");
    library.too_large(9, &why);
    assert!(library.job(source(1), &HashSet::from([Hash::of(b"")])).is_none());
    assert_eq!(fs::read_dir(folder.0.join("packs/editions")).unwrap().count(), 0);
}
