//! Bundles between data folders, sealed and not, and with a running node's store.

use std::collections::BTreeMap;

use clap::Parser as _;
use ed25519_dalek::SigningKey;
use sync::authority::{Chain, Credential, Rank, Rights, Terms};
use sync::bundle::START_BYTES;
use sync::replica::Replica;
use sync::store::{Done, NewLearner, Request, Response};
use sync::wire::frame::split_frame;
use sync::{CommuneCode, Day, LessonRef, Minutes, Score};

use super::*;
use crate::cli::{Cli, Command};

const TODAY: Day = Day(20_779);
const NOW: Minutes = Minutes(29_922_000);

/// A folder of its own for a test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bdhv-bundle-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn join(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// Runs `bdhv bundle` with these words; `@name` is a path in the folder.
    fn bundle(&self, line: &str) -> Result<String, Fault> {
        let word = |word: &str| word.strip_prefix('@').map_or_else(|| word.to_owned(), |name| self.join(name));
        let words = ["bdhv", "bundle"].map(str::to_owned).into_iter().chain(line.split(' ').map(word));
        match Cli::try_parse_from(words).unwrap().command {
            Command::Bundle(command) => run(command),
            other => panic!("{other:?}"),
        }
    }

    fn open(&self, name: &str) -> Store {
        store::open(&self.0.join(name)).unwrap()
    }

    /// Makes a hub with one learner who finished some lessons.
    fn hub(&self, name: &str, n: u8, commune: u32, lessons: u16) {
        let store = self.open(name);
        let new = NewLearner { secret: [n; 16], key: [n ^ 0xff; 16] };
        let consent = Request::Consent { learner: None, commune: CommuneCode(commune), day: TODAY, new, now: NOW };
        let keep = |lesson| {
            let done = Done { lesson: LessonRef { course: 1, lesson }, score: Score::MAX, day: TODAY };
            Request::Keep { learner: None, done, new, now: NOW }
        };
        let requests: Vec<Request> = std::iter::once(consent).chain((1..=lessons).map(keep)).collect();
        let responses = store.execute(&requests);
        assert!(responses.iter().all(|response| matches!(response, Response::Kept(_))), "{responses:?}");
    }

    /// Makes a carrier that holds what three hubs gathered.
    fn carrier(&self) {
        for (n, commune, lessons) in [(1, 30_307, 3), (2, 30_307, 5), (3, 30_316, 40)] {
            self.hub(&format!("hub{n}"), n, commune, lessons);
            self.bundle(&format!("export --data @hub{n} @{n}.bundle")).unwrap();
            self.bundle(&format!("import --data @carrier @{n}.bundle")).unwrap();
        }
    }

    fn totals(&self, name: &str) -> BTreeMap<u32, (u64, u64)> {
        totals(&self.open(name))
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn totals(store: &Store) -> BTreeMap<u32, (u64, u64)> {
    match store.execute(&[Request::Totals]).pop() {
        Some(Response::Totals(totals)) => {
            totals.iter().map(|total| (total.commune.0, (total.learners, total.lessons))).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn hex(device: DeviceId) -> String {
    PublicKey::from_bytes(&device.0).unwrap().to_string()
}

#[test]
fn what_three_hubs_gathered_reaches_the_province_on_a_stick() {
    let folder = Folder::new("three");
    folder.carrier();
    folder.bundle("export --data @carrier @all.bundle").unwrap();
    folder.bundle("import --data @province @all.bundle").unwrap();
    assert_eq!(folder.totals("province"), BTreeMap::from([(30_307, (2, 8)), (30_316, (1, 40))]));
    folder.bundle("import --data @province @all.bundle").unwrap();
    assert_eq!(folder.totals("province"), folder.totals("carrier"));
    let left: Vec<_> = fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".part")), "{left:?}");

    folder.bundle("import --data @long-xuyen --commune 30307 @all.bundle").unwrap();
    assert_eq!(folder.totals("long-xuyen"), BTreeMap::from([(30_307, (2, 8))]));
    folder.bundle("export --data @carrier --commune 30316 @chau-doc.bundle").unwrap();
    folder.bundle("import --data @chau-doc @chau-doc.bundle").unwrap();
    assert_eq!(folder.totals("chau-doc"), BTreeMap::from([(30_316, (1, 40))]));
}

#[test]
fn only_the_province_reads_what_is_sealed_to_it() {
    let folder = Folder::new("sealed");
    folder.carrier();
    let province = hex(folder.open("province").device());
    folder.bundle(&format!("export --data @carrier --seal {province} @sealed")).unwrap();
    let fault = folder.bundle("import --data @third @sealed").unwrap_err();
    assert!(fault.to_string().contains("only that one can open it"), "{fault}");
    assert_eq!(fault.code(), Kind::Data.code().into());
    assert_eq!(folder.totals("third"), BTreeMap::new());
    folder.bundle("import --data @province @sealed").unwrap();
    assert_eq!(folder.totals("province"), folder.totals("carrier"));

    let plain = transfer_plain(&folder);
    let log = &plain[plain.len() / 2..][..100];
    assert!(!folder.bytes("sealed").windows(100).any(|window| window == log), "a part is in clear");
}

fn transfer_plain(folder: &Folder) -> Vec<u8> {
    folder.bundle("export --data @carrier @plain").unwrap();
    folder.bytes("plain")
}

#[test]
fn a_bundle_torn_at_any_record_is_taken_to_there_and_completed_later() {
    let folder = Folder::new("torn");
    folder.carrier();
    let bytes = transfer_plain(&folder);
    let mut at = START_BYTES;
    while at < bytes.len() {
        fs::write(folder.0.join("torn"), &bytes[..at]).unwrap();
        let name = format!("at{at}");
        let fault = folder.bundle(&format!("import --data @{name} @torn")).unwrap_err().to_string();
        assert!(fault.contains(&format!("byte {at} (record")), "{fault}");
        folder.bundle(&format!("import --data @{name} @plain")).unwrap();
        assert_eq!(folder.totals(&name), folder.totals("carrier"));
        at += split_frame(&bytes[at..]).unwrap().unwrap().1 + sync::bundle::CHECK_BYTES;
    }
}

#[test]
fn a_sealed_bundle_that_was_cut_is_taken_to_the_cut() {
    let folder = Folder::new("sealed-torn");
    folder.hub("small", 1, 30_307, 3);
    // Its log alone takes more than a chunk.
    folder.hub("large", 2, 30_316, 15_000);
    folder.bundle("export --data @small @1").unwrap();
    folder.bundle("export --data @large @2").unwrap();
    folder.bundle("import --data @carrier @1").unwrap();
    folder.bundle("import --data @carrier @2").unwrap();
    let province = hex(folder.open("province").device());
    folder.bundle(&format!("export --data @carrier --seal {province} @sealed")).unwrap();
    let sealed = folder.bytes("sealed");
    fs::write(folder.0.join("torn"), &sealed[..sealed.len() - 1]).unwrap();
    let fault = folder.bundle("import --data @province @torn").unwrap_err().to_string();
    assert!(fault.contains("(chunk 1)") && fault.contains("everything before the damage"), "{fault}");
    assert_eq!(folder.totals("province"), BTreeMap::from([(30_307, (1, 3))]));
    folder.bundle("import --data @province @sealed").unwrap();
    assert_eq!(folder.totals("province"), folder.totals("carrier"));
}

#[test]
fn an_export_continues_an_earlier_one_also_a_sealed_one() {
    let folder = Folder::new("since");
    folder.carrier();
    let province = hex(folder.open("province").device());
    folder.bundle(&format!("export --data @carrier --seal {province} @first")).unwrap();
    folder.hub("hub4", 4, 30_307, 2);
    folder.bundle("export --data @hub4 @4").unwrap();
    folder.bundle("import --data @carrier @4").unwrap();
    folder.bundle(&format!("export --data @carrier --since @first --seal {province} @second")).unwrap();
    assert!(folder.bytes("second").len() < folder.bytes("first").len());
    folder.bundle("import --data @province @second").unwrap();
    assert_eq!(folder.totals("province"), BTreeMap::from([(30_307, (1, 2))]));
    folder.bundle("import --data @province @first").unwrap();
    assert_eq!(folder.totals("province"), folder.totals("carrier"));

    for (line, part) in [
        ("export --data @hub4 --since @first @third", "was not made from this store"),
        ("export --data @carrier --since @first @first", "would replace the bundle it continues"),
        ("export --data @carrier --since @nowhere @third", "No such file"),
    ] {
        let fault = folder.bundle(line).unwrap_err().to_string();
        assert!(fault.contains(part), "{fault}");
        assert!(!folder.0.join("third").exists() && !folder.0.join("third.part").exists());
    }
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let folder = Folder::new("faults");
    folder.hub("hub", 1, 30_307, 3);
    fs::write(folder.0.join("text"), "not a bundle at all").unwrap();
    for (line, part) in [
        ("export --data @nowhere @file", "holds no node's data"),
        ("export --data @hub --commune 30308 @file", "did you mean 30307"),
        ("export --data @hub @no/such/folder", "No such file"),
        ("import --data @hub @nowhere", "No such file"),
        ("import --data @hub @text", "this is no bundle"),
    ] {
        let fault = folder.bundle(line).unwrap_err().to_string();
        assert!(fault.contains(part) && !fault.contains('\n'), "{fault}");
    }
    assert!(!folder.0.join("nowhere").exists(), "an export makes no store");
    let held = folder.open("hub");
    assert!(folder.bundle("export --data @hub @file").unwrap_err().to_string().contains("in use by another process"));
    drop(held);
    let parsed = Cli::try_parse_from(["bdhv", "bundle", "export", "--data", "d", "--seal", "nonsense", "f"]);
    assert!(parsed.unwrap_err().to_string().contains("endpoint id or the ticket"));
}

#[test]
fn a_node_takes_what_its_credential_lets_it_collect() {
    let folder = Folder::new("scope");
    folder.carrier();
    let bundle = transfer_plain(&folder);
    let store = folder.open("hub");
    let secret = SigningKey::from_bytes(&[200; 32]);
    let area = sync::authority::Area::of(vec![CommuneCode(30_316)]).unwrap();
    let terms = Terms { rank: Rank::Team, team: 0, area, rights: Rights::COLLECT, from: Day(0), until: Day(30_000) };
    let mut chain = Vec::new();
    Chain(vec![Credential::issue(&secret, store.device(), terms)]).encode(&mut chain);
    assert_eq!(store.execute(&[Request::Enrol { chain, now: NOW }]), [Response::Done]);
    let scope = transfer::own_scope(&store, store.device()).unwrap();
    assert_eq!(scope, Scope::Communes(vec![CommuneCode(30_316)]));
    let outcome = transfer::import(&store, &store.secret(), scope, NOW, &mut &bundle[..]).unwrap();
    assert_eq!(outcome.report.refused, BTreeMap::from([("out of scope", 2)]));
    assert_eq!(totals(&store), BTreeMap::from([(30_316, (1, 40))]));
    let lines = imported(&outcome.report);
    assert!(lines.iter().any(|line| line == "Không nhận (out of scope): 2"), "{lines:?}");
}

#[tokio::test]
async fn the_store_of_a_running_node_is_served_as_well() {
    let folder = Folder::new("running");
    folder.carrier();
    let bundle = transfer_plain(&folder);
    let store = folder.open("province");
    let secret = store.secret();
    let (replica, thread) = Replica::spawn(store).unwrap();
    let out = tokio::task::spawn_blocking(move || {
        let outcome = transfer::import(&replica, &secret, Scope::All, NOW, &mut &bundle[..]).unwrap();
        assert_eq!((outcome.report.new, outcome.report.damage), (3, None));
        let mut out = Vec::new();
        let plan = Plan { scope: Scope::All, since: None, made: NOW };
        transfer::export(&replica, &secret, plan, None, &mut out).unwrap();
        out
    });
    fs::write(folder.0.join("again"), out.await.unwrap()).unwrap();
    thread.join().unwrap().unwrap();
    folder.bundle("import --data @other @again").unwrap();
    assert_eq!(folder.totals("other"), folder.totals("carrier"));
}
