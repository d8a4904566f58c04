//! Who may do what, from the province's key to a learner who is forgotten, with real processes.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use sync::{CommuneCode, DeviceId};
use tests::feed::{Feed, WAIT_SECONDS_MAX};
use tests::hall::{Station, command};
use tests::logs::{self, SignedLog};
use tests::peer::{Peer, entries};
use tests::scratch::Scratch;
use xtask::http;
use xtask::node::Role;

const COMMUNE: CommuneCode = CommuneCode(30_697);

/// What those who issue credentials keep in their drawers.
struct Drawers {
    folder: Scratch,
    /// The province's public key.
    public: String,
}

impl Drawers {
    /// Makes the province's key, and lets a commune and a team below it issue credentials.
    fn new() -> anyhow::Result<Self> {
        let mut drawers = Self { folder: Scratch::new("drawers")?, public: String::new() };
        let [province, commune, team] = [drawers.at("province.key"), drawers.at("commune.key"), drawers.at("team.key")];
        let made = command(&["province", "init", "--key", &province])?;
        made.trim().clone_into(&mut drawers.public);
        ensure!(drawers.public.len() == 64, "no public key: {made}");
        let code = COMMUNE.to_string();
        let below = ["--rank", "commune", "--commune", &code, "--out", &drawers.at("commune")];
        drawers.issue(&["--key", &province, "--new-key", &commune], &below)?;
        let below = ["--rank", "team", "--team", "7", "--out", &drawers.at("team")];
        drawers.issue(&["--key", &commune, "--chain", &drawers.at("commune"), "--new-key", &team], &below)?;
        Ok(drawers)
    }

    fn at(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    #[expect(clippy::unused_self, reason = "whoever issues has drawers")]
    fn issue(&self, issuer: &[&str], below: &[&str]) -> anyhow::Result<String> {
        command(&[&["credential", "issue", "--days", "30"], issuer, below].concat())
    }

    /// Starts a hub whose credential the team issues.
    fn hub(&self, peers: &[&str]) -> anyhow::Result<Station> {
        Station::with(Role::Hub, peers, |device| {
            let issuer = ["--key", &self.at("team.key"), "--chain", &self.at("team")];
            let below = ["--rank", "device", "--rights", "collect,attest", "--device", &device.in_full()];
            let chain = self.issue(&issuer, &below)?;
            let commune = ["--commune".to_owned(), COMMUNE.to_string()];
            Ok([&["--credential".to_owned(), chain.trim().to_owned()][..], &commune].concat())
        })
    }

    /// Starts the province's node.
    fn province(&self) -> anyhow::Result<Station> {
        Station::with(Role::Province, &[], |device| {
            let below = ["--rank", "province", "--device", &device.in_full()];
            let chain = self.issue(&["--key", &self.at("province.key")], &below)?;
            Ok(vec!["--credential".to_owned(), chain.trim().to_owned()])
        })
    }
}

/// A phone syncs with a hub: it shows no credential, and brings its own log.
async fn learn(hub: &Station, phone: u32, log: &SignedLog) -> anyhow::Result<()> {
    let mut peer = Peer::connect_as(hub.ticket()?, logs::secret(phone)).await?;
    peer.greet_own().await?;
    let wanted = peer.offer(std::slice::from_ref(log)).await?;
    let from = *wanted.get(&0).context("the log is not wanted")?;
    peer.send(&entries(0, from, log)?).await?;
    peer.acknowledged().await?;
    peer.close().await;
    Ok(())
}

fn device(station: &Station) -> anyhow::Result<DeviceId> {
    tests::hall::device(Path::new(station.data()?))
}

/// The line that a node lists for a learner; waits until there is one of which `awaited` holds.
fn listed(station: &Station, learner: &str, awaited: impl Fn(&str) -> bool) -> anyhow::Result<String> {
    let end = Instant::now() + Duration::from_secs(WAIT_SECONDS_MAX);
    loop {
        let list = command(&["learners", "--data", station.data()?])?;
        match list.lines().find(|line| line.starts_with(learner) && awaited(line)) {
            Some(line) => return Ok(line.to_owned()),
            None => ensure!(Instant::now() < end, "{learner} is not listed as awaited:\n{list}"),
        }
    }
}

fn attest(station: &Station, learner: &str, course: &str) -> anyhow::Result<String> {
    command(&["attest", "--data", station.data()?, "--learner", learner, "--course", course])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_is_confirmed_and_a_revoked_hub_says_nothing_more() -> anyhow::Result<()> {
    let drawers = Drawers::new()?;
    let province = drawers.province()?;
    let mut hub = drawers.hub(&[province.ticket()?])?;
    let log = logs::phone(1, COMMUNE, 3);
    let learner = logs::learner(1).to_string();
    learn(&hub, 1, &log).await?;
    let mut feed = Feed::open(&province.node()?.ready.http)?;
    let reported = feed.wait("the learner", |numbers| numbers.lessons() == 3)?;
    assert_eq!((reported.learners(), reported.confirmed()), (1, 0));

    let origin = hub.node()?.ready.http.clone();
    let shown = || http::get_plain(&origin, &format!("/xac-nhan/{learner}"));
    assert_eq!(shown()?.status, 404, "nobody attested anything");
    attest(&hub, &learner, "1")?;
    let confirmed = feed.wait("the confirmation", |numbers| numbers.confirmed() > 0)?;
    assert_eq!((confirmed.learners(), confirmed.confirmed()), (1, 1));

    // What the learner takes home is believed wherever the province's key is known.
    let paper = command(&["confirm", "--data", hub.data()?, "--learner", &learner, "--holder", "Bà Sáu"])?;
    let verify = |more: &[&str]| command(&[&["verify", paper.trim(), "--province", &drawers.public], more].concat());
    let believed = verify(&[])?;
    assert!(believed.contains("confirmed in courses 1\n") && believed.contains("Bà Sáu"), "{believed}");
    // The learner's phone gets the same, without a name; also as the address in a QR code.
    let answer: serde_json::Value = serde_json::from_slice(&shown()?.body)?;
    let text = answer["confirmation"].as_str().context("no confirmation")?;
    let scanned = format!("{origin}/xac-nhan#bdhvs1{}", text.trim_start_matches("bdhvs1").to_uppercase());
    let believed = command(&["verify", &scanned, "--province", &drawers.public])?;
    assert!(believed.contains("confirmed in courses 1\n") && believed.contains("without a name"), "{believed}");
    let elsewhere = command(&["verify", paper.trim(), "--province", &learner.repeat(2)]).unwrap_err().to_string();
    assert!(elsewhere.contains("is not believed"), "{elsewhere}");

    // The hub is lost: the province revokes it, and what it says afterwards does not arrive.
    hub.stop()?;
    let (key, list, lost_hub) = (drawers.at("province.key"), drawers.at("list"), device(&hub)?.in_full());
    let data = province.data()?;
    let said =
        command(&["credential", "revoke", "--key", &key, "--list", &list, "--device", &lost_hub, "--data", data])?;
    assert!(said.contains("3 of its entries stay"), "{said}");
    command(&["credential", "install", "--data", data, &list])?;
    attest(&hub, &learner, "2")?;
    hub.resume()?;
    hub.node()?.wait_log(&["WARN", "was revoked"])?;
    province.node()?.wait_log(&["WARN", "was revoked"])?;
    let revoked = verify(&["--list", &list]).unwrap_err().to_string();
    assert!(revoked.contains("was revoked"), "{revoked}");
    let line = listed(&province, &learner, |_| true)?;
    assert!(line.ends_with("confirmed in courses 1"), "{line}");
    assert_eq!(shown()?.status, 404, "a hub that knows it was revoked signs nothing");
    let refused = attest(&hub, &learner, "3").unwrap_err().to_string();
    assert!(refused.contains("not confirmed"), "{refused}");
    Ok(())
}

/// Whether the file of a stopped node holds these bytes anywhere.
fn holds(station: &Station, bytes: &[u8]) -> anyhow::Result<bool> {
    let file = std::fs::read(Path::new(station.data()?).join("store.redb"))?;
    Ok(file.windows(bytes.len()).any(|window| window == bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_withdrawn_learner_is_left_in_any_file() -> anyhow::Result<()> {
    let drawers = Drawers::new()?;
    let mut province = drawers.province()?;
    let mut first = drawers.hub(&[province.ticket()?])?;
    let mut second = drawers.hub(&[province.ticket()?])?;
    // One lesson more, so that the bytes looked for are not those of the other learner.
    let (log, other) = (logs::phone(1, COMMUNE, 6), logs::phone(2, COMMUNE, 5));
    let learner = logs::learner(1).to_string();
    learn(&first, 1, &log).await?;
    learn(&first, 2, &other).await?;
    for station in [&province, &second] {
        listed(station, &learner, |line| line.contains("lessons 6"))?;
        listed(station, &logs::learner(2).to_string(), |line| line.contains("lessons 5"))?;
    }

    command(&["withdraw", "--data", second.data()?, "--learner", &learner])?;
    let mut feed = Feed::open(&province.node()?.ready.http)?;
    let numbers = feed.wait("one learner less", |numbers| numbers.learners() == 1)?;
    assert_eq!(numbers.lessons(), 5);
    let end = Instant::now() + Duration::from_secs(WAIT_SECONDS_MAX);
    while command(&["learners", "--data", first.data()?])?.contains(&learner) {
        ensure!(Instant::now() < end, "the withdrawal does not arrive");
    }

    for station in [&mut province, &mut first, &mut second] {
        station.stop()?;
        assert!(holds(station, &logs::key(2).0)?, "the search finds nothing at all");
        for bytes in [&logs::key(1).0[..], &log.payloads[0], &log.payloads[1..].concat()] {
            assert!(!holds(station, bytes)?, "{} still holds {bytes:02x?}", station.data()?);
        }
    }
    Ok(())
}
