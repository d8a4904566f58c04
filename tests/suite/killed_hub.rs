//! A hub that is killed in the middle of a sync, again and again, ends with every record once.

use std::collections::HashMap;

use anyhow::Context as _;
use sync::CommuneCode;
use tests::feed::Feed;
use tests::hall::Station;
use tests::logs::{self, SignedLog};
use tests::peer::{Peer, entries};

/// How often the hub is killed, each time further into what it is sent.
const KILLS: usize = 10;
/// Phones whose logs are handed over: enough for several commits and frames at every point.
const PHONES: u32 = 300;
/// Lessons each phone has done.
const LESSONS: u16 = 5;
const COMMUNE: CommuneCode = CommuneCode(30_697);

/// What a hub acknowledged of the logs, by their place in the list.
type Acknowledged = HashMap<u64, u64>;

/// Hands logs over until `share` of ten parts of the bytes still wanted are sent, mid-frame; with
/// `wait`, goes on until the hub has acknowledged something more. Returns with the session open.
async fn part(
    ticket: &str,
    logs: &[SignedLog],
    share: usize,
    wait: bool,
    held: &mut Acknowledged,
) -> anyhow::Result<Peer> {
    let mut peer = Peer::connect(ticket).await?;
    peer.greet().await?;
    let wanted = peer.offer(logs).await?;
    check(logs, &wanted, held);
    // What is not wanted is held wholly: its acknowledgement died with the hub.
    let whole = (0..).zip(logs).filter(|(offer, _)| !wanted.contains_key(offer));
    held.extend(whole.map(|(offer, log)| (offer, log.tail.length)));
    let mut bytes = Vec::new();
    for (&offer, &from) in &wanted {
        entries(offer, from, &logs[usize::try_from(offer)?])?.encode(&mut bytes);
    }
    let sent = bytes.len() * share / KILLS;
    peer.send_bytes(&bytes[..sent]).await?;
    if wait && sent > 0 && !wanted.is_empty() {
        held.extend(peer.acknowledged().await?);
    }
    Ok(peer)
}

/// What was acknowledged is not wanted again, whatever happened since.
fn check(logs: &[SignedLog], wanted: &HashMap<u64, u64>, held: &Acknowledged) {
    for (offer, length) in held {
        let from = wanted.get(offer).copied().unwrap_or(logs[0].tail.length);
        assert!(from >= *length, "log {offer} was acknowledged to {length} and is wanted again from {from}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_lose_nothing_and_double_nothing() -> anyhow::Result<()> {
    let province = Station::province()?;
    let mut hub = Station::hub(&[])?;
    let logs: Vec<SignedLog> = (1..=PHONES).map(|phone| logs::phone(phone, COMMUNE, LESSONS)).collect();
    let mut held = Acknowledged::new();
    for kill in 0..KILLS {
        let peer = part(hub.ticket()?, &logs, kill, kill % 2 == 1, &mut held).await?;
        hub.kill()?;
        drop(peer);
        if kill + 1 == KILLS {
            hub.add_peer(province.ticket()?);
        }
        hub.resume()?;
    }
    let mut peer = part(hub.ticket()?, &logs, KILLS, false, &mut held).await?;
    while held.values().filter(|&&length| length == logs[0].tail.length).count() < logs.len() {
        held.extend(peer.acknowledged().await?);
    }
    let mut feed = Feed::open(&province.node()?.ready.http)?;
    let all = u64::from(PHONES) * u64::from(LESSONS);
    let numbers = feed.wait("every record", |numbers| numbers.lessons() >= all);
    let log = hub.node()?.log();
    let numbers = numbers.with_context(|| format!("the hub's log:\n{log}"))?;
    assert_eq!((numbers.learners(), numbers.lessons()), (u64::from(PHONES), all));
    peer.close().await;

    // Once more from the start: nothing is wanted, nothing is counted again.
    let mut again = Peer::connect(hub.ticket()?).await?;
    again.greet().await?;
    assert!(again.offer(&logs).await?.is_empty());
    Ok(())
}
