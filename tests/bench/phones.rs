//! The role `phones`: three hundred phones in one process, each with a key, a store and an endpoint.
//!
//! Their stores are in memory: real phones do not share a disk. Kind `learner` has no credential and syncs
//! only its own log; kind `team` works for one commune. It takes orders by line.
//!
//! ```text
//! await N    waits until every store counts N lessons; tells when the last did, in microseconds
//! keep       a learner of every phone finishes a lesson, all at once; waits until the hub has
//!            acknowledged all; tells how many seconds that took
//! ```

use std::io::{BufRead as _, stdin};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use redb::backends::InMemoryBackend;
use serde_json::{Value, json};
use sync::net::{Dial, LinkState, Node, NodeConfig, Ticket};
use sync::replica::{Replica, now};
use sync::store::{Done, NewLearner, Request, Store};
use sync::wire::frame::{Role, Scope};
use sync::{Day, LessonRef, ProvinceKey, Score};
use tests::authority;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::{hub, logs, place};

/// Phones on one hub at once: those of DESIGN §12.
pub(crate) const PHONES: u32 = 300;
/// Numbers of their devices begin here, after those of the hubs.
const FIRST_KEY: u32 = 1_000;
/// How often a phone's store is asked whether its own record was acknowledged.
const POLL: Duration = Duration::from_millis(10);

struct Phone {
    key: u32,
    node: Node,
    dial: Dial,
}

/// Starts the phones, connects them, and does what it is told.
#[tokio::main]
pub(crate) async fn run(kind: &str, ticket: &str) -> anyhow::Result<()> {
    let ticket: Ticket = ticket.parse()?;
    let team = kind == "team";
    let mut starts: JoinSet<_> =
        (FIRST_KEY..FIRST_KEY + PHONES).map(|key| Phone::start(key, team, ticket.clone())).collect();
    let mut phones = Vec::new();
    while let Some(started) = starts.join_next().await {
        phones.push(started??);
    }
    let begun = Instant::now();
    for phone in &phones {
        phone.dial.state().wait_for(|state| *state == LinkState::Connected).await?;
    }
    println!("{}", json!({ "connected": phones.len(), "seconds": begun.elapsed().as_secs_f64() }));
    for line in stdin().lock().lines() {
        println!("{}", order(&phones, &line?).await?);
    }
    Ok(())
}

async fn order(phones: &[Phone], line: &str) -> anyhow::Result<Value> {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("await", lessons) => {
            let lessons: u64 = lessons.parse()?;
            each(phones, |_, replica| counts(replica, lessons)).await?;
            Ok(json!({ "ended": hub::micros()? }))
        }
        ("keep", _) => {
            let begun = Instant::now();
            each(phones, keeps).await?;
            Ok(json!({ "seconds": begun.elapsed().as_secs_f64() }))
        }
        _ => bail!("`{line}` is no order"),
    }
}

/// Has every phone do something, all at once.
async fn each<F>(phones: &[Phone], act: impl Fn(u32, Replica) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let mut acts = JoinSet::new();
    for phone in phones {
        acts.spawn(act(phone.key, phone.node.replica().clone()));
    }
    while let Some(done) = acts.join_next().await {
        done??;
    }
    Ok(())
}

impl Phone {
    async fn start(key: u32, team: bool, hub: Ticket) -> anyhow::Result<Self> {
        let store = Store::open(InMemoryBackend::new(), &place::seed(&key.to_string())?)?;
        let commune = logs::commune(0);
        let scope = if team {
            place::enrol(&store, authority::hub_terms_in(commune))?;
            Scope::Communes(vec![commune])
        } else {
            let province = ProvinceKey(authority::province().verifying_key().to_bytes());
            place::done(&store, Request::Pin { province })?;
            Scope::Own
        };
        let endpoint = place::endpoint(store.secret()).await?;
        // The store's thread ends with the process.
        let (replica, _) = Replica::spawn(store)?;
        let node = Node::spawn(endpoint, replica, NodeConfig { role: Role::Phone, scope });
        let dial = node.dial(hub.addr, true).context("a phone dials one hub")?;
        Ok(Self { key, node, dial })
    }
}

/// Waits until a store counts so many lessons.
async fn counts(replica: Replica, lessons: u64) -> anyhow::Result<()> {
    let mut position = replica.subscribe();
    while hub::totals(&replica).await?["lessons"] != lessons {
        position.changed().await?;
    }
    Ok(())
}

/// Finishes a lesson, agrees that it leaves the phone, and waits until the hub holds it.
async fn keeps(key: u32, replica: Replica) -> anyhow::Result<()> {
    let day = now().day();
    let mut secret = [3; 16];
    secret[..4].copy_from_slice(&key.to_le_bytes());
    let new = NewLearner { secret, key: secret };
    let done = Done { lesson: LessonRef { course: 1, lesson: 1 }, score: Score::MAX, day };
    replica.keep(None, done, new).await?;
    let kept = replica.consent(None, logs::commune(0), Day(day.0), new).await?;
    ensure!(kept.changed, "the learner had joined before");
    while !replica.own().await?.iter().flat_map(|learner| &learner.done).all(|done| done.sent) {
        sleep(POLL).await;
    }
    Ok(())
}
