//! The roles `hub` and `province`: a node with a store, that accepts sessions and takes orders by line.
//!
//! ```text
//! take FILE      takes a file of logs in one commit; tells when it began, in microseconds
//! report TICKET  keeps a session with a node that it reports to; tells when it began to dial
//! totals         tells what is counted
//! ```

use std::io::{BufRead as _, stdin};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use sync::net::{Node, NodeConfig, Ticket};
use sync::replica::Replica;
use sync::wire::frame::{Role, Scope};
use tests::authority;

use crate::{ingest, place};

/// Serves until its input ends.
#[tokio::main]
pub(crate) async fn run(role: Role, store: &str, key: &str) -> anyhow::Result<()> {
    let terms = if role == Role::Province { authority::province_terms() } else { authority::hub_terms() };
    let store = place::open_as(store, key, terms)?;
    let endpoint = place::endpoint(store.secret()).await?;
    let (replica, thread) = Replica::spawn(store)?;
    let node = Node::spawn(endpoint, replica, NodeConfig { role, scope: Scope::All });
    println!("{}", json!({ "ticket": node.ticket().to_string() }));
    for line in stdin().lock().lines() {
        println!("{}", order(&node, &line?).await?);
    }
    node.close().await;
    drop(node);
    thread.join().ok().context("the store's thread panicked")?.map_err(anyhow::Error::msg)
}

async fn order(node: &Node, line: &str) -> anyhow::Result<Value> {
    let replica = node.replica();
    match line.split_once(' ').unwrap_or((line, "")) {
        ("take", path) => {
            let request = ingest::request(replica.device(), path)?;
            let begun = micros()?;
            ingest::all_taken(&[replica.request(request).await?])?;
            Ok(json!({ "begun": begun }))
        }
        ("report", ticket) => {
            let ticket: Ticket = ticket.parse()?;
            let begun = micros()?;
            node.dial(ticket.addr, true).context("a hub reports to one province")?;
            Ok(json!({ "begun": begun }))
        }
        ("totals", _) => totals(replica).await,
        _ => bail!("`{line}` is no order"),
    }
}

/// What a store counts: learners and lessons.
pub(crate) async fn totals(replica: &Replica) -> anyhow::Result<Value> {
    let totals = replica.totals().await?;
    let sum = |figure: fn(&sync::store::CommuneTotals) -> u64| totals.iter().map(figure).sum::<u64>();
    Ok(json!({ "learners": sum(|total| total.learners), "lessons": sum(|total| total.lessons) }))
}

/// Now, in microseconds, on the clock that all processes of the machine share.
pub(crate) fn micros() -> anyhow::Result<u64> {
    Ok(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?)
}
