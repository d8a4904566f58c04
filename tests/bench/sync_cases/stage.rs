//! What the cases have in common: files in a folder, a hub on one of them, clients that sync with it.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::Value;
use tests::scratch::Scratch;

use crate::case::{self, Budget};
use crate::process::{self, Process, number};
use crate::{place, stock};

/// Device number of the hub.
pub(crate) const HUB: &str = "1";
/// Device number of the province.
pub(crate) const PROVINCE: &str = "100";
/// Device number of a client; of several on one hub, the first.
pub(crate) const CLIENT: &str = "2";

/// A folder for one group's stores and logs.
#[derive(Debug)]
pub(crate) struct Stage(Scratch);

impl Stage {
    /// Makes the folder.
    pub(crate) fn new(name: &str) -> anyhow::Result<Self> {
        Ok(Self(Scratch::new(name)?))
    }

    /// Returns the path of a file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// As [`file`](Self::file), as a word for a process.
    pub(crate) fn word(&self, name: &str) -> anyhow::Result<String> {
        Ok(self.file(name).to_str().context("the folder's name is no text")?.to_owned())
    }

    /// Takes a file of logs into the store of a device.
    pub(crate) fn ingest(&self, store: &str, key: &str, logs: &str) -> anyhow::Result<Value> {
        process::run(&["ingest", &self.word(store)?, key, &self.word(logs)?])
    }

    /// Makes a store of a device that holds this many logs of this many entries each.
    pub(crate) fn stock(&self, store: &str, key: &str, logs: u32, entries: u64) -> anyhow::Result<()> {
        let path = self.file(store);
        fs::copy(stock::path(logs, entries)?, &path)?;
        place::give_to(&path, key)
    }

    /// Starts a hub on a store.
    pub(crate) fn hub(&self, store: &str) -> anyhow::Result<Hub> {
        self.node("hub", store, HUB)
    }

    /// Starts the province on a store.
    pub(crate) fn province(&self, store: &str) -> anyhow::Result<Hub> {
        self.node("province", store, PROVINCE)
    }

    fn node(&self, role: &str, store: &str, key: &str) -> anyhow::Result<Hub> {
        let mut process = Process::start(&[role, &self.word(store)?, key])?;
        let ticket = process.line()?["ticket"].as_str().context("the hub has a ticket")?.to_owned();
        Ok(Hub { process, ticket })
    }

    /// Syncs the store of a client with a hub.
    pub(crate) fn sync(&self, store: &str, key: &str, hub: &Hub, options: &[&str]) -> anyhow::Result<Value> {
        process::run(&[&["client", &self.word(store)?, key, &hub.ticket], options].concat())
    }

    /// Starts to do so.
    pub(crate) fn begin_sync(&self, store: &str, key: &str, hub: &Hub, options: &[&str]) -> anyhow::Result<Process> {
        Process::start(&[&["client", &self.word(store)?, key, &hub.ticket], options].concat())
    }
}

/// A running hub, or the province.
#[derive(Debug)]
pub(crate) struct Hub {
    /// Its process.
    pub(crate) process: Process,
    /// How to reach it.
    pub(crate) ticket: String,
}

/// Prints one figure of several reports as a case.
pub(crate) fn print(case: &str, unit: &str, budget: Budget, reports: &[Value], name: &str) -> anyhow::Result<f64> {
    let figures: Vec<f64> = reports.iter().map(|report| number(report, name)).collect::<Result<_, _>>()?;
    Ok(case::print(case, unit, budget, &figures))
}
