//! A store with a door: requests from many tasks, answered in order, committed together.
//!
//! The store is synchronous and has one owner. [`Replica`] is a handle that tasks share; behind it one
//! thread (natively) or one task (in a browser's worker) takes every request that waits, up to
//! [`BATCH_MAX`], does them as one batch and answers when the batch is durable.

use std::future::Future;

use n0_future::time::SystemTime;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};

use crate::id::{CommuneCode, Day, DeviceId, LearnerId, Minutes, StoreId};
use crate::store::{CommuneTotals, Done, Kept, NewLearner, OwnLearner, Request, Response, Store, Withdrew};

/// Bound of the requests that wait; a task with one more waits itself.
pub const QUEUE_MAX: usize = 1024;
/// Bound of the requests in one commit.
pub const BATCH_MAX: usize = 512;

/// A backend whose commits become durable only later: IndexedDB completes its transactions
/// asynchronously.
pub trait Persist {
    /// Returns when everything that the store has committed is durable.
    ///
    /// # Errors
    /// Says in words why it could not be made durable. The store is given up then.
    fn persist(&mut self) -> impl Future<Output = Result<(), String>>;
}

/// For backends whose commits are durable when they return: files, OPFS.
#[derive(Debug, Clone, Copy, Default)]
pub struct Durable;

impl Persist for Durable {
    async fn persist(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// Why a request was not done. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The store was closed, or given up after it could not be made durable.
    #[error("the store is closed")]
    Closed,
    /// The store could not.
    #[error("{0}")]
    Failed(String),
}

/// A thread that owns a store; it returns why the storage failed, if it did.
#[cfg(not(target_arch = "wasm32"))]
pub type StoreThread = std::thread::JoinHandle<Result<(), String>>;

/// A shared handle to a store. The store is closed when the last handle is gone.
#[derive(Debug, Clone)]
pub struct Replica {
    jobs: mpsc::Sender<Job>,
    position: watch::Receiver<u64>,
    store: StoreId,
    device: DeviceId,
}

/// A request, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Job {
    request: Request,
    answer: oneshot::Sender<Response>,
}

impl Job {
    pub(crate) fn new(request: Request) -> (Self, oneshot::Receiver<Response>) {
        let (answer, receiver) = oneshot::channel();
        (Self { request, answer }, receiver)
    }
}

/// The store's side of a [`Replica`]: whoever runs it owns the store.
#[derive(Debug)]
pub struct Owner<P> {
    store: Store,
    persist: P,
    jobs: mpsc::Receiver<Job>,
    position: watch::Sender<u64>,
}

impl Replica {
    /// Splits a store into a handle and its owner, who is to be [run](Owner::run).
    pub fn new<P: Persist>(store: Store, persist: P) -> (Self, Owner<P>) {
        let (sender, jobs) = mpsc::channel(QUEUE_MAX);
        let (position, seen) = watch::channel(store.position().unwrap_or_default());
        let handle = Self { jobs: sender, position: seen, store: store.id(), device: store.device() };
        (handle, Owner { store, persist, jobs, position })
    }

    /// Gives the store to a thread of its own. The thread ends, and the file is closed, when the last
    /// handle is gone or the storage fails; join it to know, and why.
    ///
    /// # Errors
    /// If the system has no thread to give.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn spawn(store: Store) -> std::io::Result<(Self, StoreThread)> {
        let (handle, owner) = Self::new(store, Durable);
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(move || owner.run_blocking())?;
        Ok((handle, thread))
    }

    /// The store's id.
    pub const fn store(&self) -> StoreId {
        self.store
    }

    /// The device that the store belongs to.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// Follows the position of the newest durable change.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.position.clone()
    }

    pub(crate) const fn jobs(&self) -> &mpsc::Sender<Job> {
        &self.jobs
    }

    /// Asks the store; the answer is that of [`Store::execute`].
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn request(&self, request: Request) -> Result<Response, RequestError> {
        let (job, answer) = Job::new(request);
        self.jobs.send(job).await.map_err(|_| RequestError::Closed)?;
        match answer.await.map_err(|_| RequestError::Closed)? {
            Response::Failed(why) => Err(RequestError::Failed(why)),
            response => Ok(response),
        }
    }

    /// Keeps a finished lesson durably. See [`Request::Keep`].
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn keep(&self, learner: Option<LearnerId>, done: Done, new: NewLearner) -> Result<Kept, RequestError> {
        self.kept(Request::Keep { learner, done, new, now: now() }).await
    }

    /// Records a learner's consent durably. See [`Request::Consent`].
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn consent(
        &self,
        learner: Option<LearnerId>,
        commune: CommuneCode,
        day: Day,
        new: NewLearner,
    ) -> Result<Kept, RequestError> {
        self.kept(Request::Consent { learner, commune, day, new, now: now() }).await
    }

    async fn kept(&self, request: Request) -> Result<Kept, RequestError> {
        match self.request(request).await? {
            Response::Kept(kept) => Ok(kept),
            other => Err(unexpected(&other)),
        }
    }

    /// The learners of this device and what they did.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn own(&self) -> Result<Vec<OwnLearner>, RequestError> {
        match self.request(Request::Own).await? {
            Response::Own(learners) => Ok(learners),
            other => Err(unexpected(&other)),
        }
    }

    /// How far this device's latest withdrawal of one of its own came.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn withdrew(&self) -> Result<Option<Withdrew>, RequestError> {
        match self.request(Request::Withdrew).await? {
            Response::Withdrew(withdrew) => Ok(withdrew),
            other => Err(unexpected(&other)),
        }
    }

    /// What is counted, by commune.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn totals(&self) -> Result<Vec<CommuneTotals>, RequestError> {
        match self.request(Request::Totals).await? {
            Response::Totals(totals) => Ok(totals),
            other => Err(unexpected(&other)),
        }
    }
}

fn unexpected(response: &Response) -> RequestError {
    RequestError::Failed(format!("the store answered something else: {response:?}"))
}

/// Now, from the system's clock; the core is told it.
pub fn now() -> Minutes {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Minutes(since.as_secs() / 60)
}

impl<P: Persist> Owner<P> {
    /// Serves requests until the last handle is gone, then closes the store.
    ///
    /// # Errors
    /// Why the store was given up: its storage failed, or a commit could not be made durable. Requests of
    /// that commit and later ones are answered [`RequestError::Closed`] or failed; what was durable before
    /// still is, and the store can be opened anew.
    pub async fn run(mut self) -> Result<(), String> {
        while let Some(first) = self.jobs.recv().await {
            let (requests, answers) = self.gather(first);
            let responses = self.store.execute(&requests);
            let changed = self.moved();
            if changed.is_some() || requests.iter().any(Request::changes_something) {
                self.persist.persist().await?;
            }
            self.answer(answers, responses, changed);
            self.intact()?;
        }
        Ok(())
    }
}

impl Owner<Durable> {
    /// As [`run`](Self::run), on a thread of its own.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    #[cfg(not(target_arch = "wasm32"))]
    pub fn run_blocking(mut self) -> Result<(), String> {
        while let Some(first) = self.jobs.blocking_recv() {
            let (requests, answers) = self.gather(first);
            let responses = self.store.execute(&requests);
            let changed = self.moved();
            self.answer(answers, responses, changed);
            self.intact()?;
        }
        Ok(())
    }
}

impl<P> Owner<P> {
    /// Takes everything that waits, up to [`BATCH_MAX`].
    fn gather(&mut self, first: Job) -> (Vec<Request>, Vec<oneshot::Sender<Response>>) {
        let rest = std::iter::from_fn(|| self.jobs.try_recv().ok()).take(BATCH_MAX - 1);
        std::iter::once(first).chain(rest).map(|job| (job.request, job.answer)).unzip()
    }

    fn intact(&self) -> Result<(), String> {
        self.store.failure().map_or(Ok(()), Err)
    }

    /// The new position, if it changed.
    fn moved(&self) -> Option<u64> {
        self.store.position().ok().filter(|position| *position != *self.position.borrow())
    }

    fn answer(&self, answers: Vec<oneshot::Sender<Response>>, responses: Vec<Response>, changed: Option<u64>) {
        for (answer, response) in answers.into_iter().zip(responses) {
            // Who asked may be gone; the change is durable all the same.
            answer.send(response).ok();
        }
        if let Some(position) = changed {
            self.position.send_replace(position);
        }
    }
}
