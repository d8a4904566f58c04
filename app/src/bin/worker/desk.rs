//! The open store: keeps what pages ask to be kept, and shows what there is.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use app::protocol::{
    self, DONE_MAX, DoneLesson, Failure, LEARNERS_MAX, LearnerState, Link, PhoneState, Storage, ToWorker,
};
use sync::entry::{COMMUNE_CODE_MAX, DAY_MAX};
use sync::store::paged::Paged;
use sync::store::{self, Done, NewLearner, OwnLearner, Request, Response, Seed, Store};
use sync::{CommuneCode, Day, LearnerId, LessonRef, Minutes, Score};

use crate::fault::Fault;
use crate::idb::{Idb, IdbError};
use crate::opfs::Opfs;
use crate::place::Place;
use crate::signal::Signal;
use crate::tabs::Epoch;

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

/// The open store.
pub(crate) struct Desk {
    store: RefCell<Option<Store>>,
    paged: Option<(Rc<Idb>, Paged)>,
    fenced: Cell<bool>,
    storage: Storage,
    epoch: Epoch,
    fault: Fault,
    link: Cell<Link>,
    changed: Signal,
}

impl Desk {
    pub(crate) async fn open(place: &Place, expected: Option<Epoch>) -> Result<Self, OpenError> {
        let fault = Fault::default();
        let seed = seed()?;
        let (epoch, paged, store) = match place {
            Place::Opfs(folder) => {
                let file = Opfs::open(folder, fault.clone()).await.map_err(|t| OpenError::Failed(t.failure()))?;
                (Epoch::default(), None, Store::open(file, &seed))
            }
            Place::IndexedDb(idb) => {
                let (epoch, image) = idb.take(expected).await.map_err(|error| match error {
                    IdbError::Fenced(epoch) => OpenError::Lost(epoch),
                    error => OpenError::Failed(error.failure()),
                })?;
                (epoch, Some((Rc::clone(idb), image.clone())), Store::open(image, &seed))
            }
        };
        let store = store.map_err(|e| {
            crate::js::warn(&e.to_string());
            OpenError::Failed(Failure::Storage)
        })?;
        let desk = Self {
            store: RefCell::new(Some(store)),
            paged,
            fenced: Cell::new(false),
            storage: place.storage(),
            epoch,
            fault,
            link: Cell::new(Link::Offline),
            changed: Signal::default(),
        };
        desk.persist().await.map_err(OpenError::Failed)?;
        Ok(desk)
    }
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }
    pub(crate) fn is_fenced(&self) -> bool {
        self.fenced.get()
    }
    async fn persist(&self) -> Result<(), Failure> {
        let Some((idb, image)) = &self.paged else { return Ok(()) };
        let Some(commit) = image.take_dirty() else { return Ok(()) };
        web_sys::console::log_1(&format!("commit {} pages", commit.pages.len()).into());
        idb.write(self.epoch, &commit).await.map_err(|e| {
            crate::js::warn(&format!("{e:?}"));
            if matches!(e, IdbError::Fenced(_)) {
                self.fenced.set(true)
            }
            image.shut();
            e.failure()
        })
    }
    fn run(&self, r: Request) -> Option<Response> {
        self.store.borrow().as_ref().and_then(|s| s.execute(&[r]).pop())
    }
    pub(crate) async fn keep(&self, item: &ToWorker) -> Result<(), Refusal> {
        let request = request(item).map_err(Refusal::Item)?;
        let r = self.run(request);
        match r {
            Some(Response::Kept(_)) => {}
            other => {
                crate::js::warn(&format!("{other:?}"));
                return Err(Refusal::Store(self.fault.get().unwrap_or(Failure::Storage)));
            }
        }
        self.persist().await.map_err(Refusal::Store)?;
        Ok(())
    }
    pub(crate) async fn state(&self) -> Result<PhoneState, Failure> {
        match self.run(Request::Own) {
            Some(Response::Own(learners)) => Ok(PhoneState {
                storage: self.storage,
                owner: true,
                link: self.link.get(),
                learners: learners.iter().take(LEARNERS_MAX).map(learner_state).collect(),
            }),
            _ => Err(self.fault.get().unwrap_or(Failure::Storage)),
        }
    }
    pub(crate) async fn changed(&self) -> bool {
        self.changed.raised().await
    }
    pub(crate) fn connect(&self) {}
    pub(crate) fn close(&self) {
        self.changed.close();
        if let Some((_, i)) = &self.paged {
            i.shut()
        }
        self.store.take();
    }
}
fn seed() -> Result<Seed, OpenError> {
    let mut s = Seed { secret: [0; 32], store: [0; 16] };
    getrandom::fill(&mut s.secret).map_err(|_| OpenError::Failed(Failure::Storage))?;
    getrandom::fill(&mut s.store).map_err(|_| OpenError::Failed(Failure::Storage))?;
    Ok(s)
}
fn request(item: &ToWorker) -> Result<Request, Failure> {
    let mut new = NewLearner { id: [0; 16], key: [0; 16] };
    getrandom::fill(&mut new.id).map_err(|_| Failure::Storage)?;
    getrandom::fill(&mut new.key).map_err(|_| Failure::Storage)?;
    match *item {
        ToWorker::Done { learner, course, lesson, score, day, .. } => Ok(Request::Keep {
            learner: learner.map(LearnerId),
            done: Done {
                lesson: LessonRef { course, lesson },
                score: Score::new(score).ok_or(Failure::Bounds)?,
                day: Day(day),
            },
            new, now: Minutes((js_sys::Date::now() / 60_000.0) as u64),
        }),
        ToWorker::Consent { learner, commune, day, .. } => Ok(Request::Consent {
            learner: learner.map(LearnerId),
            commune: CommuneCode(commune),
            day: Day(day),
            new,
            now: Minutes((js_sys::Date::now() / 60_000.0) as u64),
        }),
        ToWorker::Hello { .. } => Err(Failure::Protocol),
    }
}
fn learner_state(l: &OwnLearner) -> LearnerState {
    LearnerState {
        id: l.id.0,
        commune: l.commune.map(|c| c.0),
        done: l
            .done
            .iter()
            .take(DONE_MAX)
            .map(|d| DoneLesson {
                course: d.done.lesson.course,
                lesson: d.done.lesson.lesson,
                score: d.done.score.percent(),
                day: d.done.day.0,
            })
            .collect(),
        saved: l.done.len() as u32,
        sent: l.done.iter().filter(|d| d.sent).count() as u32,
        arrived: l.done.iter().filter(|d| d.arrived).count() as u32,
    }
}
