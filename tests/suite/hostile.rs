//! What a hub does with peers that mean harm: it refuses, says why in its log, and goes on serving.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use sync::authority::Terms;
use sync::wire::codec::put_varint;
use sync::wire::frame::{FRAME_BYTES_MAX, Frame, Scope};
use sync::{CommuneCode, Day};
use tests::authority::{hub_terms, hub_terms_in, revoke};
use tests::hall::command;
use tests::hall::{Station, hand_over};
use tests::logs;
use tests::peer::{Peer, entries};

const COMMUNE: CommuneCode = CommuneCode(30_697);

/// The hub still takes what an honest peer brings, and answers a phone.
async fn serves_others(hub: &Station, phone: u32) -> anyhow::Result<()> {
    assert_eq!(hand_over(hub.ticket()?, &[logs::phone(phone, COMMUNE, 2)]).await?, 1);
    let mut page = TcpStream::connect(("127.0.0.1", hub.port()?))?;
    page.write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    page.read_to_string(&mut answer)?;
    assert!(answer.contains(" 200 "), "{answer}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_instead_of_frames() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let mut peer = Peer::connect(hub.ticket()?).await?;
    // A frame of 16 bytes with a tag that does not exist, then noise.
    peer.send_bytes(&[16, 0xee, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]).await?;
    let noise: Vec<u8> = (0_u32..4096).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    peer.send_bytes(&noise).await.ok();
    let why = peer.refused().await?;
    assert!(why.contains("frame 0"), "{why}");
    hub.node()?.wait_log(&["WARN", "ended", "frame 0"])?;
    serves_others(&hub, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_claims_to_be_larger_than_any() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let mut peer = Peer::connect(hub.ticket()?).await?;
    let mut frame = Vec::new();
    put_varint(&mut frame, FRAME_BYTES_MAX as u64 + 1);
    peer.send_bytes(&frame).await?;
    let why = peer.refused().await?;
    assert!(why.contains(&FRAME_BYTES_MAX.to_string()), "{why}");
    hub.node()?.wait_log(&["WARN", "ended", "length of a frame"])?;
    serves_others(&hub, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_does_not_cover_the_entries() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let mut forged = logs::phone(1, COMMUNE, 2);
    forged.signature = logs::phone(2, COMMUNE, 2).signature;
    let mut peer = Peer::connect(hub.ticket()?).await?;
    peer.greet().await?;
    let wanted = peer.offer(std::slice::from_ref(&forged)).await?;
    peer.send(&entries(0, wanted[&0], &forged)?).await?;
    hub.node()?.wait_log(&["WARN", "refused", "signature", &forged.log.to_string()])?;
    drop(peer);
    // Nothing of it was kept: the true log is wanted from its start.
    let mut honest = Peer::connect(hub.ticket()?).await?;
    honest.greet().await?;
    let wanted = honest.offer(&[logs::phone(1, COMMUNE, 2)]).await?;
    assert_eq!(wanted.get(&0), Some(&0));
    drop(honest);
    serves_others(&hub, 3).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alpn_of_another_version() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let refused = Peer::connect_with(hub.ticket()?, b"bdhv/sync/999").await;
    assert!(refused.is_err(), "a version that nobody speaks was accepted");
    hub.node()?.wait_log(&["WARN", "refused a connection"])?;
    serves_others(&hub, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_frame_that_is_no_greeting() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let mut peer = Peer::connect(hub.ticket()?).await?;
    peer.send(&Frame::Want(Vec::new())).await?;
    let why = peer.refused().await?;
    assert!(why.contains("frame 0"), "{why}");
    hub.node()?.wait_log(&["WARN", "ended", "frame 0"])?;
    serves_others(&hub, 1).await
}

/// Asks a hub for a commune's logs as a hub with these terms would, and returns why that is refused.
async fn asks(hub: &Station, terms: Option<Terms>) -> anyhow::Result<String> {
    let mut peer = Peer::connect(hub.ticket()?).await?;
    peer.greet_with(Scope::Communes(vec![COMMUNE]), terms).await?;
    peer.refused().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_asks_for_more_than_its_credential_allows() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let expired = Terms { until: Day(20_000), ..hub_terms() };
    let cases = [
        (None, "it shows no credential"),
        (Some(hub_terms_in(CommuneCode(30_307))), "does not cover every commune"),
        (Some(expired), "is valid from day 0 to day 20000"),
    ];
    for (terms, expected) in cases {
        let why = asks(&hub, terms).await?;
        assert!(why.contains(expected), "{why}");
        hub.node()?.wait_log(&["WARN", expected])?;
    }
    serves_others(&hub, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_without_a_credential_that_brings_the_log_of_another() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let log = logs::phone(1, COMMUNE, 2);
    let mut peer = Peer::connect(hub.ticket()?).await?;
    peer.greet_with(Scope::Own, None).await?;
    assert!(peer.offer(std::slice::from_ref(&log)).await.is_err(), "the log of another was wanted");
    hub.node()?.wait_log(&["WARN", "is not its own", &log.log.to_string()])?;
    serves_others(&hub, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_whose_credential_was_revoked() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let mut peer = Peer::connect(hub.ticket()?).await?;
    let list = revoke(&[peer.device()])?.to_string();
    command(&["credential", "install", "--data", hub.data()?, &list])?;
    peer.greet().await?;
    let why = peer.refused().await?;
    assert!(why.contains("was revoked"), "{why}");
    serves_others(&hub, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_garbage_over_http() -> anyhow::Result<()> {
    let hub = Station::hub(&[])?;
    let mut stream = TcpStream::connect(("127.0.0.1", hub.port()?))?;
    stream.write_all(&[0xff; 2048])?;
    stream.write_all(b"\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.contains(" 400 "), "{answer}");
    serves_others(&hub, 1).await
}
