//! Courses that are published at one hub and spread to the others, with real processes.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use content::pack::Hash;
use tests::authority::revoke;
use tests::courses::{Author, COURSE, Draft, Held, Signed, edition_in, held, large};
use tests::feed::WAIT_SECONDS_MAX;
use tests::hall::{Station, command};
use tests::source::{Answer, Source};

/// A course that takes a while: 126 blobs of 4.8 MB.
fn course() -> Vec<Draft> {
    large(6, 20)
}

/// Publishes what an author wrote last at a node.
fn publish(author: &Author, at: &Station) -> anyhow::Result<String> {
    let words = author.publish(at.data()?)?;
    command(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Gets an address of a node, and returns head and body of the answer.
fn get(node: &Station, path: &str, headers: &str) -> anyhow::Result<(String, Vec<u8>)> {
    let mut stream = TcpStream::connect(("127.0.0.1", node.port()?))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").context("no end of the head")?;
    Ok((String::from_utf8(answer[..end].to_vec())?, answer[end + 4..].to_vec()))
}

/// The line that a hub logs once it has an edition.
fn arrived(hub: &Station, edition: u32) -> anyhow::Result<String> {
    let line = hub.node()?.wait_log(&[&format!("edition {edition} of course {COURSE} is here")])?;
    let (_, tally) = line.split_once("is here: ").context("it says what was fetched")?;
    Ok(tally.to_owned())
}

/// What [`arrived`] says when this much was fetched.
fn tally(fetched: Held, held: usize) -> String {
    format!("{} blobs of {} bytes fetched, {held} were held", fetched.blobs, fetched.bytes)
}

fn blobs_of(signed: &Signed) -> Held {
    Held { blobs: signed.compiled.blobs.len(), bytes: signed.size() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_edition_brings_only_what_changed() -> anyhow::Result<()> {
    let author = Author::new(1)?;
    let first = Station::hub(&[])?;
    let second = Station::hub(&[first.ticket()?])?;
    let mut lessons = course();
    let one = author.sign(1, &lessons)?;
    author.write(1, &lessons)?;
    let said = publish(&author, &first)?;
    assert!(said.contains(&format!("edition 1 of course {COURSE} is published: 126 blobs")), "{said}");
    assert_eq!(arrived(&second, 1)?, tally(blobs_of(&one), 0));
    let (head, _) = get(&second, "/catalogue", "")?;
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).context("no tag")?.to_owned();

    // One picture of the last lesson is another: its file and that lesson's text change.
    lessons[5].pictures[19] = 1;
    let two = author.sign(2, &lessons)?;
    author.write(2, &lessons)?;
    publish(&author, &first)?;
    let kept = |hash: &Hash| one.compiled.blobs.iter().any(|blob| blob.hash == *hash);
    let changed: Vec<_> = two.compiled.blobs.iter().filter(|blob| !kept(&blob.hash)).collect();
    let fetched = Held { blobs: changed.len(), bytes: changed.iter().map(|blob| blob.bytes.len()).sum() };
    assert_eq!(fetched.blobs, 2);
    assert_eq!(arrived(&second, 2)?, tally(fetched, 124));

    let (head, catalogue) = get(&second, "/catalogue", &format!("If-None-Match: {tag}\r\n"))?;
    assert!(head.contains(" 200 "), "{head}");
    assert_eq!(edition_in(&catalogue)?, Some(2));
    for blob in changed {
        let path = format!("/pack/{}", blob.hash);
        let (head, body) = get(&second, &path, "")?;
        assert!(head.contains("immutable") && body == blob.bytes, "{head}");
        let (head, body) = get(&second, &path, "Range: bytes=100-199\r\n")?;
        assert!(head.contains(" 206 ") && body == blob.bytes[100..200], "{head}");
        let (head, body) = get(&second, &path, "Accept-Encoding: gzip, br\r\n")?;
        assert!(head.contains("content-encoding: br") && body.len() < blob.bytes.len(), "{head}");
        let (head, _) = get(&second, &path, &format!("If-None-Match: \"{}-br\"\r\n", blob.hash))?;
        assert!(head.contains(" 304 "), "{head}");
    }
    let (_, page) = get(&second, &format!("/bai/{COURSE}/6"), "")?;
    assert!(String::from_utf8(page)?.contains("Bài số 6"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_killed_in_the_middle_fetches_nothing_twice() -> anyhow::Result<()> {
    let author = Author::new(1)?;
    let first = Station::hub(&[])?;
    let signed = author.sign(1, &course())?;
    author.write(1, &course())?;
    publish(&author, &first)?;
    let mut second = Station::hub(&[first.ticket()?])?;
    second.node()?.wait_log(&["took blob"])?;
    second.kill()?;
    let before = held(second.data()?)?;
    let all = blobs_of(&signed);
    ensure!(before.blobs > 0 && before.blobs < all.blobs, "it was not killed in the middle: {before:?}");
    second.resume()?;
    let rest = Held { blobs: all.blobs - before.blobs, bytes: all.bytes - before.bytes };
    assert_eq!(arrived(&second, 1)?, tally(rest, before.blobs));
    assert_eq!(held(second.data()?)?, all);
    Ok(())
}

/// Answers of a source that has an edition whole.
fn answers(signed: &Signed) -> HashMap<[u8; 32], Answer> {
    let blobs = signed.compiled.blobs.iter().map(|blob| (blob.hash.0, Answer::Bytes(blob.bytes.clone())));
    blobs.chain([(signed.title().hash, Answer::Bytes(signed.bytes.clone()))]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_of_which_half_came_goes_on_at_its_byte() -> anyhow::Result<()> {
    let author = Author::new(1)?;
    let signed = author.sign(1, &large(1, 1))?;
    let largest = signed.compiled.blobs.iter().max_by_key(|blob| blob.bytes.len()).context("a blob")?;
    let half = largest.bytes.len() / 2;
    let mut given = answers(&signed);
    let stalls = Answer::Stalls { size: largest.bytes.len() as u64, bytes: largest.bytes[..half].to_vec() };
    given.insert(largest.hash.0, stalls);
    let mut hub = Station::hub(&[])?;
    let mut source = Source::offer(hub.ticket()?, &[signed.title()], given).await?;
    source.asked(largest.hash.0).await?;
    let blobs = Path::new(hub.data()?).join("packs/blobs");
    let part = blobs.join(format!("{}.part", largest.hash));
    let others = || signed.compiled.blobs.iter().filter(|blob| blob.hash != largest.hash);
    let end = Instant::now() + Duration::from_secs(WAIT_SECONDS_MAX);
    // The other blob comes beside it, and is to be there whole.
    while std::fs::metadata(&part).map_or(0, |found| found.len()) < half as u64
        || others().any(|blob| !blobs.join(blob.hash.to_string()).exists())
    {
        ensure!(Instant::now() < end, "half of the blob, and the others, do not come");
        tokio::task::yield_now().await;
    }
    hub.kill()?;
    source.close().await;
    hub.resume()?;
    let mut source = Source::offer(hub.ticket()?, &[signed.title()], answers(&signed)).await?;
    assert_eq!(source.asked(largest.hash.0).await?, half as u64);
    let rest = Held { blobs: 1, bytes: largest.bytes.len() - half };
    assert_eq!(arrived(&hub, 1)?, tally(rest, 1));
    source.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_blob_is_refused_and_fetched_from_another_hub() -> anyhow::Result<()> {
    let author = Author::new(1)?;
    let lessons = large(2, 4);
    let signed = author.sign(1, &lessons)?;
    let first = Station::hub(&[])?;
    author.write(1, &lessons)?;
    publish(&author, &first)?;
    let mut third = Station::hub(&[first.ticket()?])?;
    arrived(&third, 1)?;
    for blob in &signed.compiled.blobs {
        let path = Path::new(first.data()?).join(format!("packs/blobs/{}", blob.hash));
        let mut bytes = blob.bytes.clone();
        bytes[blob.bytes.len() / 2] ^= 1;
        std::fs::write(path, bytes)?;
    }
    let second = Station::hub(&[first.ticket()?])?;
    second.node()?.wait_log(&["WARN", "refused blob", "not those that its hash names"])?;
    assert_eq!(edition_in(&get(&second, "/catalogue", "")?.1)?, None);
    third.stop()?;
    third.add_peer(second.ticket()?);
    third.resume()?;
    assert_eq!(arrived(&second, 1)?, tally(blobs_of(&signed), 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_published_is_refused_with_the_reason() -> anyhow::Result<()> {
    let (author, thief) = (Author::new(1)?, Author::new(2)?);
    let hub = Station::hub(&[])?;
    let lessons = large(1, 1);
    author.write(2, &lessons)?;
    publish(&author, &hub)?;
    let again = publish(&author, &hub).unwrap_err().to_string();
    author.write(1, &lessons)?;
    let older = publish(&author, &hub).unwrap_err().to_string();
    assert!(again.contains("was not published") && older.contains("edition 1, and edition 2 is held"), "{older}");

    command(&["credential", "install", "--data", hub.data()?, &revoke(&[thief.device()])?.to_string()])?;
    let (old, stolen) = (author.sign(1, &lessons)?, thief.sign(3, &lessons)?);
    let mut unsigned = author.sign(3, &lessons)?;
    let signature = unsigned.bytes.len() - 64;
    unsigned.bytes[signature..].fill(0);
    let bare = Signed { bytes: unsigned.compiled.manifest.encode()?, compiled: unsigned.compiled.clone() };
    let cases = [
        (old, 9, "announced as edition 9, and is edition 1: rolled back"),
        (unsigned, 3, "it is not signed"),
        (bare, 3, "it is no signed edition"),
        (stolen, 3, "was revoked"),
    ];
    for (signed, announced, why) in cases {
        let mut title = signed.title();
        title.edition = announced;
        let source = Source::offer(hub.ticket()?, &[title], answers(&signed)).await?;
        hub.node()?.wait_log(&["WARN", &format!("refused edition {announced} of course {COURSE}"), why])?;
        source.close().await;
    }
    assert_eq!(edition_in(&get(&hub, "/catalogue", "")?.1)?, Some(2));
    Ok(())
}

#[test]
fn a_stopped_node_takes_what_is_published_and_shows_it_when_it_starts() -> anyhow::Result<()> {
    let author = Author::new(1)?;
    let mut hub = Station::hub(&[])?;
    hub.stop()?;
    author.write(1, &large(1, 1))?;
    publish(&author, &hub)?;
    author.write(1, &large(2, 1))?;
    let why = publish(&author, &hub).unwrap_err().to_string();
    assert!(why.contains("edition 1, and edition 1 is held"), "{why}");
    hub.resume()?;
    assert_eq!(edition_in(&get(&hub, "/catalogue", "")?.1)?, Some(1));
    Ok(())
}
