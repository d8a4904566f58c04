//! The role `client`: a store that syncs once with a hub, and tells what that took.
//!
//! Options: `--records N` awaits that many; `--die-at BYTES` kills the process there; `--delay-ms N` makes
//! a long path; `--rate BYTES` a narrow one, in bytes a second; `--lose-cursor` forgets how far the hub was read before;
//! `--silence-ms N` waits longer for what the hub still has to ask.

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;
use iroh::endpoint::Connection;
use serde_json::{Value, json};
use sync::DeviceId;
use sync::net::Ticket;
use sync::replica::Replica;
use sync::session::Config;
use sync::wire::frame::{ALPN, Role, Scope};
use tokio::time::Instant;

use crate::meter::{Figures, Goal, Meter};
use crate::{hub, place, process};

/// Silence that ends a session which reached its goal, unless the options say otherwise.
const SILENCE_MS: u64 = 400;

/// Syncs until the goal is reached, and prints what it took.
#[tokio::main]
pub(crate) async fn run(path: &str, key: &str, ticket: &str, options: &[&str]) -> anyhow::Result<()> {
    if options.contains(&"--lose-cursor") {
        place::lose_cursors(path)?;
    }
    let goal = Goal {
        records: option(options, "--records")?.unwrap_or(0),
        die_at: option(options, "--die-at")?,
        delay: Duration::from_millis(option(options, "--delay-ms")?.unwrap_or(0)),
        silence: Duration::from_millis(option(options, "--silence-ms")?.unwrap_or(SILENCE_MS)),
        rate: option(options, "--rate")?,
    };
    let store = place::open(path, key)?;
    let endpoint = place::endpoint(store.secret()).await?;
    let ticket: Ticket = ticket.parse()?;
    let peer = DeviceId(*ticket.addr.id.as_bytes());
    let config = Config { device: store.device(), peer, role: Role::Hub, scope: Scope::All, upstream: false };
    let (replica, thread) = Replica::spawn(store)?;
    let begun = Instant::now();
    let mut figures = Figures::default();
    let mut connection = endpoint.connect(ticket.addr.clone(), ALPN).await?;
    let mut connected = Instant::now();
    if let Err(error) = Meter::new(config.clone(), &replica, goal).run(&connection, &mut figures).await {
        // As a node does: after a crash the hub may think that its credential is known here.
        eprintln!("again: {error}");
        connection = endpoint.connect(ticket.addr, ALPN).await?;
        connected = Instant::now();
        Meter::new(config, &replica, goal).run(&connection, &mut figures).await?;
    }
    let report = report(&figures, &connection, begun, connected, &replica).await?;
    endpoint.close().await;
    drop(replica);
    thread.join().ok().context("the store's thread panicked")?.map_err(anyhow::Error::msg)?;
    println!("{report}");
    Ok(())
}

async fn report(
    figures: &Figures,
    connection: &Connection,
    begun: Instant,
    connected: Instant,
    replica: &Replica,
) -> anyhow::Result<Value> {
    let reached = figures.reached.context("the goal was not reached")?;
    let udp = connection.stats();
    Ok(json!({
        "seconds": (reached - begun).as_secs_f64(),
        "session_seconds": (reached - connected).as_secs_f64(),
        "bytes": figures.sent + figures.received,
        "udp_bytes": udp.udp_tx.bytes + udp.udp_rx.bytes,
        "records": figures.records,
        "totals": hub::totals(replica).await?,
        "memory": process::own_memory()?,
    }))
}

fn option<T: FromStr>(options: &[&str], name: &str) -> anyhow::Result<Option<T>> {
    let Some(at) = options.iter().position(|option| *option == name) else { return Ok(None) };
    let value = options.get(at + 1).and_then(|text| text.parse().ok());
    value.map(Some).with_context(|| format!("{name} takes a number"))
}
