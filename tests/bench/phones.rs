//! The role `phones`: many devices in one process, each with a key, a store and an endpoint.
//!
//! Their stores are in memory: real phones do not share a disk. Kind `learner` is a phone: it has no
//! credential and syncs only its own log. Kind `team` is another hub, which works for one commune. It takes
//! orders by line.
//!
//! ```text
//! keep       a learner of every phone finishes a lesson, all at once; waits until the hub has
//!            acknowledged all; tells how many seconds that took
//! arrived    waits until every phone was told that the province has what its learner did
//! await N    waits until every store counts N lessons
//! ```
//!
//! The last two tell when the last of all was so far, in microseconds.

use std::io::{BufRead as _, stdin};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use redb::backends::InMemoryBackend;
use serde_json::{Value, json};
use sync::net::{Dial, LinkState, Node, NodeConfig, Ticket};
use sync::replica::{Replica, now};
use sync::store::{Done, NewLearner, OwnDone, Request, Store};
use sync::wire::frame::{Role, Scope};
use sync::{Day, LessonRef, ProvinceKey, Score};
use tests::authority;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::{hub, logs, place};

/// Numbers of their devices begin here, after those of the hubs.
const FIRST_KEY: u32 = 1_000;
/// How often a store is asked how far it is. One is asked at a time, so that asking costs little.
const POLL: Duration = Duration::from_millis(5);

struct Phone {
    key: u32,
    node: Node,
    dial: Dial,
}

/// Starts as many, connects them, and does what it is told.
#[tokio::main]
pub(crate) async fn run(kind: &str, count: u32, ticket: &str) -> anyhow::Result<()> {
    let ticket: Ticket = ticket.parse()?;
    let team = kind == "team";
    let mut starts: JoinSet<_> =
        (FIRST_KEY..FIRST_KEY + count).map(|key| Phone::start(key, team, ticket.clone())).collect();
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
        ("keep", _) => {
            let begun = Instant::now();
            all_keep(phones).await?;
            all_reached(phones, |done| done.sent).await?;
            Ok(json!({ "seconds": begun.elapsed().as_secs_f64() }))
        }
        ("arrived", _) => {
            all_reached(phones, |done| done.arrived).await?;
            Ok(json!({ "ended": hub::micros()? }))
        }
        ("await", lessons) => {
            let lessons: u64 = lessons.parse()?;
            for phone in phones {
                phone.counts(lessons).await?;
            }
            Ok(json!({ "ended": hub::micros()? }))
        }
        _ => bail!("`{line}` is no order"),
    }
}

/// A learner of every phone finishes a lesson, all at once.
async fn all_keep(phones: &[Phone]) -> anyhow::Result<()> {
    let mut keep: JoinSet<_> = phones.iter().map(|phone| keeps(phone.key, phone.node.replica().clone())).collect();
    while let Some(kept) = keep.join_next().await {
        kept??;
    }
    Ok(())
}

async fn all_reached(phones: &[Phone], reached: fn(&OwnDone) -> bool) -> anyhow::Result<()> {
    for phone in phones {
        while !phone.node.replica().own().await?.iter().flat_map(|learner| &learner.done).all(reached) {
            sleep(POLL).await;
        }
    }
    Ok(())
}

impl Phone {
    async fn start(key: u32, team: bool, hub: Ticket) -> anyhow::Result<Self> {
        let store = Store::open(InMemoryBackend::new(), &place::seed(&key.to_string())?)?;
        let commune = logs::commune(0);
        let (role, scope) = if team {
            place::enrol(&store, authority::hub_terms_in(commune))?;
            (Role::Hub, Scope::Communes(vec![commune]))
        } else {
            let province = ProvinceKey(authority::province().verifying_key().to_bytes());
            place::done(&store, Request::Pin { province })?;
            (Role::Phone, Scope::Own)
        };
        let endpoint = place::endpoint(store.secret()).await?;
        // The store's thread ends with the process.
        let (replica, _) = Replica::spawn(store)?;
        let node = Node::spawn(endpoint, replica, NodeConfig { role, scope });
        let dial = node.dial(hub.addr, true).context("a phone dials one hub")?;
        Ok(Self { key, node, dial })
    }

    /// Waits until the store counts so many lessons.
    async fn counts(&self, lessons: u64) -> anyhow::Result<()> {
        while hub::totals(self.node.replica()).await?["lessons"] != lessons {
            sleep(POLL).await;
        }
        Ok(())
    }
}

/// Finishes a lesson, and agrees that it leaves the phone.
async fn keeps(key: u32, replica: Replica) -> anyhow::Result<()> {
    let day = now().day();
    let mut secret = [3; 16];
    secret[..4].copy_from_slice(&key.to_le_bytes());
    let new = NewLearner { secret, key: secret };
    let done = Done { lesson: LessonRef { course: 1, lesson: 1 }, score: Score::MAX, day };
    replica.keep(None, done, new).await?;
    let kept = replica.consent(None, logs::commune(0), Day(day.0), new).await?;
    ensure!(kept.changed, "the learner had joined before");
    Ok(())
}
