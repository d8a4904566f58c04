//! Drives a store from a [`Reader`], by the queries of a session.

use std::collections::{HashMap, VecDeque};

use super::{Item, Reader, Refusal, Report};
use crate::id::{DeviceId, LogId, Minutes};
use crate::session::{Answer, Extension, Query, RECEIVE_BYTES_MAX, Rejection};
use crate::wire::frame::{Offer, Scope};

/// Takes a bundle into a store. Holds neither store nor file: the driver pushes bytes, and asks each
/// [`next`](Self::next) query before it pushes more. What was answered is durable.
#[derive(Debug)]
pub struct Import {
    reader: Reader,
    scope: Scope,
    now: Minutes,
    /// Whether no more bytes come.
    ended: bool,
    /// Who made the bundle.
    peer: Option<DeviceId>,
    /// Queries to ask, oldest first.
    queries: VecDeque<Query>,
    /// The offers that the store is asked about.
    offers: Vec<Offer>,
    /// What is missing of the logs that were offered last, and from which entry.
    missing: HashMap<LogId, u64>,
    ready: Vec<Extension>,
    ready_bytes: usize,
    /// Logs that the store is taking, and from which entry each is new.
    ingesting: Vec<u64>,
    report: Report,
}

impl Import {
    /// Prepares an import; `scope` is what this node works for.
    pub fn new(scope: Scope, now: Minutes) -> Self {
        Self {
            reader: Reader::new(),
            scope,
            now,
            ended: false,
            peer: None,
            queries: VecDeque::new(),
            offers: Vec::new(),
            missing: HashMap::new(),
            ready: Vec::new(),
            ready_bytes: 0,
            ingesting: Vec::new(),
            report: Report::default(),
        }
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) {
        self.reader.push(bytes);
    }

    /// No more bytes come. What is ready is still asked.
    pub fn finish(&mut self) {
        self.ended = true;
    }

    /// Whether the bundle broke, so that more bytes are of no use.
    pub const fn is_damaged(&self) -> bool {
        self.report.damage.is_some()
    }

    /// What became of the bundle until now.
    pub fn report(self) -> Report {
        self.report
    }

    /// What to ask the store next; none until more is pushed.
    #[expect(clippy::should_implement_trait, reason = "none means not yet, and not the end")]
    pub fn next(&mut self) -> Option<Query> {
        while self.queries.is_empty() {
            match self.reader.next() {
                Ok(Some(item)) => self.item(item),
                Ok(None) if self.ended => return self.last(),
                Ok(None) => return None,
                Err(damage) => {
                    self.report.damage = Some(damage);
                    return self.last();
                }
            }
        }
        self.queries.pop_front()
    }

    /// What remains to be asked when nothing more can be read.
    fn last(&mut self) -> Option<Query> {
        if let (true, Err(damage)) = (self.ended, self.reader.finish()) {
            self.report.damage = Some(damage);
        }
        self.flush();
        self.queries.pop_front()
    }

    /// Takes the store's answer to the query that was asked last.
    ///
    /// # Errors
    /// Says in words why the store could not. What was answered before is durable.
    pub fn answered(&mut self, answer: Answer) -> Result<(), String> {
        match answer {
            Answer::Missing(missing) => self.missed(&missing),
            Answer::Ingest(results) => self.ingested(results),
            Answer::Withdrawn(results) => {
                for result in results {
                    match result {
                        Ok(()) => self.report.withdrawals += 1,
                        Err(rejection) => self.report.refuse(rejection.into()),
                    }
                }
            }
            Answer::Standing(standing) => self.report.epoch = standing.epoch(),
            Answer::NotRevoked(error) => self.report.refuse(error.into()),
            Answer::Failed(why) => return Err(why),
            other => return Err(format!("the store answered something else: {other:?}")),
        }
        Ok(())
    }

    fn item(&mut self, item: Item) {
        let now = self.now;
        match item {
            Item::Head(head) => {
                self.peer = Some(head.device);
                self.report.head = Some(head);
            }
            Item::Revocations(revocations) => self.ask(Query::Revoke { revocations, now }),
            Item::Withdrawals(withdrawals) => self.ask(Query::Withdraw { withdrawals, now }),
            Item::Offers(offers) => {
                self.offers.clone_from(&offers);
                let peer = self.peer.unwrap_or(DeviceId([0; 32]));
                self.ask(Query::Missing { peer, offers });
            }
            Item::Log(extension) => self.log(extension),
            Item::Skipped(log, why) => self.report.refuse(Refusal::skipped(log, why)),
            Item::End => {}
        }
    }

    /// Asks for something that must not pass the logs before it.
    fn ask(&mut self, query: Query) {
        self.flush();
        self.queries.push_back(query);
    }

    fn missed(&mut self, missing: &[Option<u64>]) {
        self.missing.clear();
        for (offer, from) in self.offers.drain(..).zip(missing) {
            match from {
                Some(from) => drop(self.missing.insert(offer.log, *from)),
                None => self.report.unchanged += 1,
            }
        }
    }

    fn log(&mut self, extension: Extension) {
        if self.missing.contains_key(&extension.log) {
            self.ready_bytes += extension.payloads.len();
            self.ready.push(extension);
        }
        if self.ready_bytes >= RECEIVE_BYTES_MAX {
            self.flush();
        }
    }

    /// Gives the store what is ready, as one commit.
    fn flush(&mut self) {
        let Some(peer) = self.peer.filter(|_| !self.ready.is_empty()) else { return };
        self.ready_bytes = 0;
        let extensions = std::mem::take(&mut self.ready);
        let from = |extension: &Extension| self.missing.get(&extension.log).copied().unwrap_or(0);
        self.ingesting = extensions.iter().map(from).collect();
        self.queries.push_back(Query::Ingest { peer, scope: self.scope.clone(), extensions, now: self.now });
    }

    fn ingested(&mut self, results: Vec<Result<u64, Rejection>>) {
        for (from, result) in std::mem::take(&mut self.ingesting).into_iter().zip(results) {
            match result {
                Ok(_) if from == 0 => self.report.new += 1,
                Ok(length) if length > from => self.report.grown += 1,
                Ok(_) => self.report.unchanged += 1,
                Err(rejection) => self.report.refuse(rejection.into()),
            }
        }
    }
}
