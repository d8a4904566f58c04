//! The role `ingest`: takes a file of logs into a store, in commits of the size that a session makes.

use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::json;
use sync::replica::now;
use sync::session::{Answer, Extension, Query, RECEIVE_BYTES_MAX, WANTED_MAX};
use sync::store::{Request, Response, Store};
use sync::wire::frame::Scope;

use crate::logs::LogFile;
use crate::{place, process};

/// Takes the file and prints how long the store took, reading the file apart.
pub(crate) fn run(store: &str, key: &str, logs: &str) -> anyhow::Result<()> {
    let store = place::open(store, key)?;
    let mut file = LogFile::open(logs)?;
    let (mut records, mut took) = (0, Duration::ZERO);
    loop {
        let batch = batch(&mut file)?;
        if batch.is_empty() {
            break;
        }
        records += batch.iter().map(|extension| extension.count).sum::<u64>();
        let begun = Instant::now();
        take(&store, batch)?;
        took += begun.elapsed();
    }
    let report = json!({ "seconds": took.as_secs_f64(), "records": records, "memory": process::own_memory()? });
    println!("{report}");
    Ok(())
}

/// As much as one commit of a session takes at the most.
fn batch(file: &mut LogFile) -> anyhow::Result<Vec<Extension>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < WANTED_MAX && bytes < RECEIVE_BYTES_MAX {
        let Some(extension) = file.next()? else { break };
        bytes += extension.payloads.len();
        batch.push(extension);
    }
    Ok(batch)
}

/// Takes extensions in one commit.
pub(crate) fn take(store: &Store, extensions: Vec<Extension>) -> anyhow::Result<()> {
    let responses = store.execute(&[ingest(store, extensions)]);
    all_taken(&responses)
}

/// Asks to take extensions, wherever they come from.
fn ingest(store: &Store, extensions: Vec<Extension>) -> Request {
    Request::Session(Query::Ingest { peer: store.device(), scope: Scope::All, extensions, now: now() })
}

/// Returns the request that takes a whole file.
pub(crate) fn request(device: sync::DeviceId, path: &str) -> anyhow::Result<Request> {
    let mut file = LogFile::open(path)?;
    let mut extensions = Vec::new();
    while let Some(extension) = file.next()? {
        extensions.push(extension);
    }
    Ok(Request::Session(Query::Ingest { peer: device, scope: Scope::All, extensions, now: now() }))
}

/// Checks that nothing was refused.
pub(crate) fn all_taken(responses: &[Response]) -> anyhow::Result<()> {
    for response in responses {
        match response {
            Response::Session(Answer::Ingest(results)) if results.iter().all(Result::is_ok) => {}
            Response::Session(Answer::Ingest(results)) => {
                bail!("refused: {:?}", results.iter().find(|result| result.is_err()))
            }
            other => bail!("the store answered {other:?}"),
        }
    }
    Ok(())
}
