//! The role `hub`: a node with a store, that accepts sessions and takes orders by line.
//!
//! ```text
//! take FILE      takes a file of logs in one commit; tells when it began, in microseconds
//! totals         tells what is counted
//! ```

use std::io::{BufRead as _, stdin};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use sync::net::{Node, NodeConfig};
use sync::replica::Replica;
use sync::wire::frame::{Role, Scope};

use crate::{ingest, place};

/// Serves until its input ends.
#[tokio::main]
pub(crate) async fn run(store: &str, key: &str) -> anyhow::Result<()> {
    let store = place::open(store, key)?;
    let endpoint = place::endpoint(store.secret()).await?;
    let (replica, thread) = Replica::spawn(store)?;
    let node = Node::spawn(endpoint, replica.clone(), NodeConfig { role: Role::Hub, scope: Scope::All });
    println!("{}", json!({ "ticket": node.ticket().to_string() }));
    for line in stdin().lock().lines() {
        println!("{}", order(&replica, &line?).await?);
    }
    node.close().await;
    drop((node, replica));
    thread.join().ok().context("the store's thread panicked")?.map_err(anyhow::Error::msg)
}

async fn order(replica: &Replica, line: &str) -> anyhow::Result<Value> {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("take", path) => {
            let request = ingest::request(replica.device(), path)?;
            let begun = micros()?;
            ingest::all_taken(&[replica.request(request).await?])?;
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
