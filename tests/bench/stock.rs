//! Stores of many logs, made once and copied for each case: a million logs take about two minutes to sign,
//! check and store.
//!
//! They stay in `target/bench`, under names that hold their shape and what they were made by; `cargo clean`
//! removes them. The logs are new ones if [`MAKE`] grows.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use sync::session::{Answer, Half, Query};
use sync::store::{FORMAT, Request, Response, Store};
use sync::wire::frame::Scope;

use crate::{ingest, logs, place, process};

/// Version of what is made here: grows with every change of the logs, or of what the store keeps of them.
const MAKE: u32 = 1;
/// Device number of the store until it is given to another.
const MAKER: &str = "1";
/// Logs of one commit: their rows lie all over the tables, so the more there are in one, the fewer pages
/// are written twice. Half a gigabyte of memory.
const COMMIT_LOGS: usize = 65_536;

/// Returns the store of a shape, made if it is not there.
pub(crate) fn path(logs: u32, entries: u64) -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.parent().and_then(|folder| folder.parent()).context("the program lies in target")?;
    let folder = target.join("bench");
    let path = folder.join(format!("store-{FORMAT}-{MAKE}-{logs}-logs-of-{entries}.redb"));
    if !path.exists() {
        fs::create_dir_all(&folder)?;
        let part = path.with_extension("part");
        if part.exists() {
            fs::remove_file(&part)?;
        }
        let part_word = part.to_str().context("the folder's name is no text")?;
        let made = process::run(&["stock", part_word, &logs.to_string(), &entries.to_string()])?;
        eprintln!("made {}: {made}", path.display());
        fs::rename(part, &path)?;
    }
    Ok(path)
}

/// Makes a store.
pub(crate) fn run(path: &str, logs: u32, entries: u64) -> anyhow::Result<()> {
    let begun = std::time::Instant::now();
    let store = place::open(path, MAKER)?;
    for parts in logs::parts(0..logs, entries).chunks(COMMIT_LOGS) {
        let mut extensions = logs::made(parts);
        extensions.sort_unstable_by_key(|extension| extension.log);
        ingest::take(&store, extensions)?;
    }
    sketched(&store)?;
    let memory = process::own_memory()?;
    println!("{}", serde_json::json!({ "seconds": begun.elapsed().as_secs(), "memory": memory }));
    Ok(())
}

/// Has the store bring its sketches up to date, which it otherwise does bit by bit.
fn sketched(store: &Store) -> anyhow::Result<()> {
    let request = Request::Session(Query::Sketch { scope: Scope::All, half: Half::Sending });
    let response = store.execute(&[request]).pop();
    ensure!(matches!(response, Some(Response::Session(Answer::Sketch { .. }))), "the store did not sketch");
    Ok(())
}
