//! The open store: keeps what pages ask to be kept, and shows what there is.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use app::protocol::{
    DONE_MAX, DoneLesson, Failure, FromWorker, LEARNERS_MAX, LearnerState, PhoneState, Storage, ToWorker, WITHDRAWN,
};
use n0_future::task::JoinSet;
use sync::entry::{COMMUNE_CODE_MAX, DAY_MAX};
use sync::replica::{self, Durable, Owner, Persist, Replica, RequestError};
use sync::store::paged::Paged;
use sync::store::{self, Done, NewLearner, OwnLearner, Request, Seed, Store, Withdrew};
use sync::{CommuneCode, Day, LearnerId, LessonRef, Score};

use crate::fault::Fault;
use crate::idb::{Idb, IdbError};
use crate::js::warn;
use crate::opfs::Opfs;
use crate::place::Place;
use crate::signal::Signal;
use crate::tabs::Epoch;
use crate::uplink::Uplink;

/// Why the store is not open.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// Another tab took the lease first; its epoch.
    Lost(Epoch),
    /// Storage or what it holds is to blame.
    Failed(Failure),
}

/// Why an item is not kept.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refusal {
    /// The item is to blame.
    Item(Failure),
    /// The store is, and cannot be used any more.
    Store(Failure),
}

/// The open store, owned by this worker.
pub(crate) struct Desk {
    storage: Storage,
    epoch: Epoch,
    fault: Fault,
    /// `None` once closed. Tasks have clones, and end with it.
    replica: RefCell<Option<Replica>>,
    /// Device key, for the endpoint.
    secret: [u8; 32],
    uplink: Rc<Uplink>,
    changed: Rc<Signal>,
    /// A learner has agreed that progress leaves the phone, or withdrew from that and hubs are to know.
    agreed: Cell<bool>,
    tasks: RefCell<JoinSet<()>>,
}

impl Desk {
    /// Opens the store at a place that is ours: by the lock, or by taking the lease here.
    pub(crate) async fn open(place: &Place, expected: Option<Epoch>) -> Result<Self, OpenError> {
        let fault = Fault::default();
        let seed = Seed { secret: random()?, store: random()? };
        match place {
            Place::Opfs(folder) => {
                let file = Opfs::open(folder, fault.clone()).await;
                let file = file.map_err(|thrown| OpenError::Failed(thrown.failure()))?;
                let store = Store::open(file, &seed).map_err(|error| unopened(&error, &fault))?;
                Ok(Self::run(place.storage(), Epoch::default(), fault, store, Durable))
            }
            Place::IndexedDb(idb) => {
                let (epoch, image) = idb.take(expected).await.map_err(untaken)?;
                let store = Store::open(image.clone(), &seed).map_err(|error| unopened(&error, &fault))?;
                let mut pages = Pages { idb: Rc::clone(idb), epoch, image, fault: fault.clone() };
                if pages.persist().await.is_err() {
                    return Err(fault.fenced().map_or(OpenError::Failed(fault.get()), OpenError::Lost));
                }
                Ok(Self::run(place.storage(), epoch, fault, store, pages))
            }
        }
    }

    fn run(storage: Storage, epoch: Epoch, fault: Fault, store: Store, persist: impl Persist + 'static) -> Self {
        let secret = store.secret();
        let changed = Rc::new(Signal::default());
        let told = Told { persist, changed: Rc::clone(&changed) };
        let (replica, owner) = Replica::new(store, told);
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(owner, Rc::clone(&changed)));
        Self {
            storage,
            epoch,
            fault,
            replica: RefCell::new(Some(replica)),
            secret,
            uplink: Rc::new(Uplink::new(Rc::clone(&changed))),
            changed,
            agreed: Cell::new(false),
            tasks: RefCell::new(tasks),
        }
    }

    /// The lease's epoch; zero where a lock decides alone.
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Whether storage refused a commit because another tab has the lease.
    pub(crate) fn is_fenced(&self) -> bool {
        self.fault.fenced().is_some()
    }

    /// Does what an item asks for, and returns what to answer. When this returns well, what was kept
    /// survives a crash.
    pub(crate) async fn keep(&self, nonce: u64, item: &ToWorker) -> Result<FromWorker, Refusal> {
        let replica = self.replica().map_err(Refusal::Store)?;
        let new = new_learner().map_err(Refusal::Store)?;
        let request = match *item {
            ToWorker::Done { learner, course, lesson, score, day, .. } => {
                let done = done(course, lesson, score, day).map_err(Refusal::Item)?;
                Request::Keep { learner: learner.map(LearnerId), done, new, now: replica::now() }
            }
            ToWorker::Consent { learner, commune, day, .. } => {
                let (commune, day) = consent(commune, day).map_err(Refusal::Item)?;
                Request::Consent { learner: learner.map(LearnerId), commune, day, new, now: replica::now() }
            }
            ToWorker::Add { secret, key, .. } => Request::Enlist { new: NewLearner { secret, key } },
            ToWorker::Leave { learner, .. } => Request::Leave { learner: LearnerId(learner) },
            ToWorker::Withdraw { learner, .. } => Request::WithdrawOwn { learner: LearnerId(learner) },
            ToWorker::Pass { learner, .. } => return self.pass(nonce, LearnerId(learner)).await,
            ToWorker::Hello { .. } => return Err(Refusal::Item(Failure::Protocol)),
        };
        match replica.request(request).await {
            Ok(_) => Ok(FromWorker::Kept { nonce }),
            // The item is to blame where the storage did not fail.
            Err(RequestError::Failed(_)) if self.fault.is_clear() => Err(Refusal::Item(match item {
                ToWorker::Done { .. } | ToWorker::Consent { .. } => Failure::UnknownLearner,
                _ => Failure::Elsewhere,
            })),
            Err(error) => Err(Refusal::Store(self.failed(&error))),
        }
    }

    async fn pass(&self, nonce: u64, learner: LearnerId) -> Result<FromWorker, Refusal> {
        let own = self.replica().map_err(Refusal::Store)?.own().await;
        let own = own.map_err(|error| Refusal::Store(self.failed(&error)))?;
        let found = own.iter().find(|own| own.id == learner).ok_or(Refusal::Item(Failure::UnknownLearner))?;
        let secret = found.secret.ok_or(Refusal::Item(Failure::Elsewhere))?;
        Ok(FromWorker::Passed { nonce, secret: secret.0, key: found.key.0, consent: found.consent.0 })
    }

    /// What there is to show.
    pub(crate) async fn state(&self) -> Result<PhoneState, Failure> {
        let replica = self.replica()?;
        let own = replica.own().await.map_err(|error| self.failed(&error))?;
        let withdrew = replica.withdrew().await.map_err(|error| self.failed(&error))?;
        let waits = withdrew.is_some_and(|withdrew| !withdrew.arrived);
        self.agreed.set(waits || own.iter().any(|learner| learner.commune.is_some()));
        let learners = own.iter().take(LEARNERS_MAX - 1).map(learner_state);
        let learners = learners.chain(withdrew.map(withdrawn_state)).collect();
        Ok(PhoneState { storage: self.storage, owner: true, link: self.uplink.state(), learners })
    }

    /// Waits for something new to show; `false` once the store is closed.
    pub(crate) async fn changed(&self) -> bool {
        self.changed.raised().await
    }

    /// Connects to the hub, once, when a learner has agreed to it.
    pub(crate) fn connect(&self) {
        if let (true, Ok(replica)) = (self.agreed.get(), self.replica()) {
            self.uplink.start(replica, self.secret, &mut self.tasks.borrow_mut());
        }
    }

    /// Ends every task and lets go of the store. What is not durable yet is dropped.
    pub(crate) fn close(&self) {
        self.replica.take();
        self.uplink.close();
        self.tasks.borrow_mut().abort_all();
        self.changed.close();
    }

    fn replica(&self) -> Result<Replica, Failure> {
        self.replica.borrow().clone().ok_or(Failure::Storage)
    }

    fn failed(&self, error: &RequestError) -> Failure {
        warn(&format!("the store failed: {error}"));
        self.fault.get()
    }
}

/// Runs the store until it fails or is closed, and wakes whoever shows it.
async fn serve<P: Persist>(owner: Owner<P>, changed: Rc<Signal>) {
    if let Err(error) = owner.run().await {
        warn(&format!("the store was given up: {error}"));
    }
    changed.raise();
}

/// Raises a signal for every durable change: what peers acknowledge changes what is shown, although it
/// is no news for other peers.
struct Told<P> {
    persist: P,
    changed: Rc<Signal>,
}

impl<P: Persist> Persist for Told<P> {
    async fn persist(&mut self) -> Result<(), String> {
        self.persist.persist().await?;
        self.changed.raise();
        Ok(())
    }
}

/// Makes the commits of an image in memory durable.
struct Pages {
    idb: Rc<Idb>,
    epoch: Epoch,
    image: Paged,
    fault: Fault,
}

impl Persist for Pages {
    async fn persist(&mut self) -> Result<(), String> {
        let Some(commit) = self.image.take_dirty() else {
            return Ok(());
        };
        let Err(error) = self.idb.write(self.epoch, &commit).await else {
            return Ok(());
        };
        // What is in memory only must not be shown or built upon.
        self.image.shut();
        match error {
            IdbError::Fenced(epoch) => self.fault.fence(epoch),
            _ => self.fault.set(error.failure()),
        }
        Err(error.to_string())
    }
}

fn untaken(error: IdbError) -> OpenError {
    match error {
        IdbError::Fenced(epoch) => OpenError::Lost(epoch),
        error => OpenError::Failed(error.failure()),
    }
}

fn unopened(error: &store::OpenError, fault: &Fault) -> OpenError {
    warn(&format!("the store cannot be opened: {error}"));
    OpenError::Failed(match *error {
        store::OpenError::NewerFormat { found, supported } => Failure::Newer { found, supported },
        _ => fault.get(),
    })
}

fn done(course: u16, lesson: u16, score: u8, day: u32) -> Result<Done, Failure> {
    let score = Score::new(score).filter(|_| day <= DAY_MAX).ok_or(Failure::Bounds)?;
    Ok(Done { lesson: LessonRef { course, lesson }, score, day: Day(day) })
}

fn consent(commune: u32, day: u32) -> Result<(CommuneCode, Day), Failure> {
    let bounded = commune <= COMMUNE_CODE_MAX && day <= DAY_MAX;
    bounded.then_some((CommuneCode(commune), Day(day))).ok_or(Failure::Bounds)
}

fn learner_state(learner: &OwnLearner) -> LearnerState {
    let count = |reached: fn(&store::OwnDone) -> bool| {
        let reached = learner.done.iter().filter(|done| reached(done)).count();
        u32::try_from(reached).unwrap_or(u32::MAX)
    };
    let lesson = |own: &store::OwnDone| DoneLesson {
        course: own.done.lesson.course,
        lesson: own.done.lesson.lesson,
        score: own.done.score.percent(),
        day: own.done.day.0,
    };
    LearnerState {
        id: learner.id.0,
        commune: learner.commune.map(|commune| commune.0),
        done: learner.done.iter().take(DONE_MAX).map(lesson).collect(),
        // The store shows what is durable, and nothing else.
        saved: count(|_| true),
        sent: count(|done| done.sent),
        arrived: count(|done| done.arrived),
    }
}

fn withdrawn_state(withdrew: Withdrew) -> LearnerState {
    let (sent, arrived) = (withdrew.sent.into(), withdrew.arrived.into());
    LearnerState { id: WITHDRAWN, commune: None, done: Vec::new(), saved: 1, sent, arrived }
}

fn new_learner() -> Result<NewLearner, Failure> {
    let random = || random().map_err(|_| Failure::Storage);
    Ok(NewLearner { secret: random()?, key: random()? })
}

fn random<const N: usize>() -> Result<[u8; N], OpenError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        warn(&format!("no random bytes: {error}"));
        OpenError::Failed(Failure::Storage)
    })?;
    Ok(bytes)
}
