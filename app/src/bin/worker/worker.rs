//! The worker: carries out what [`Tabs`] decides.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use app::protocol::{self, Failure, FromWorker, ToWorker};
use js_sys::Uint8Array;
use n0_future::time::sleep;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, DedicatedWorkerGlobalScope, MessageEvent};

use crate::desk::{Desk, OpenError, Refusal};
use crate::js::{scope, warn};
use crate::place::{Lock, Place};
use crate::tabs::{Action, Epoch, Event, Origin, TabId, TabMessage, Tabs};

const CHANNEL: &str = "bdhv";

/// How long an owner has to answer a tab that just opened: it answers in a few milliseconds unless
/// the phone is very busy, and a wrong guess costs a repetition only.
const FIRST_TICK: Duration = Duration::from_millis(250);
/// Between ticks; times `SILENT_TICKS_MAX`, how long an owner may be silent.
const TICK: Duration = Duration::from_millis(700);

/// Between two states that nobody asked for; a sync brings many changes in a moment.
const SHOW_PAUSE: Duration = Duration::from_millis(50);

/// This tab's worker.
pub(crate) struct Worker {
    scope: DedicatedWorkerGlobalScope,
    /// `None` in a browser without one: such a tab is alone.
    channel: Option<BroadcastChannel>,
    lock: Lock,
    tabs: RefCell<Tabs>,
    place: RefCell<Option<Place>>,
    /// The open store while this worker owns it.
    desk: RefCell<Option<Rc<Desk>>>,
}

impl Worker {
    /// Starts the worker. It runs until its tab closes.
    pub(crate) fn start() {
        let worker = Rc::new(Self {
            scope: scope(),
            channel: BroadcastChannel::new(CHANNEL).ok(),
            lock: Lock::new(),
            tabs: RefCell::new(Tabs::new(TabId(getrandom::u64().unwrap_or_default()))),
            place: RefCell::new(None),
            desk: RefCell::new(None),
        });
        worker.listen();
        spawn_local(worker.run());
    }

    fn listen(self: &Rc<Self>) {
        let worker = Rc::clone(self);
        let from_page = Closure::<dyn FnMut(MessageEvent)>::new(move |event| worker.page(&event));
        self.scope.set_onmessage(Some(from_page.as_ref().unchecked_ref()));
        let worker = Rc::clone(self);
        let from_tab = Closure::<dyn FnMut(MessageEvent)>::new(move |event| worker.tab(&event));
        if let Some(channel) = &self.channel {
            channel.set_onmessage(Some(from_tab.as_ref().unchecked_ref()));
        }
        // They live as long as the worker.
        from_page.forget();
        from_tab.forget();
    }

    async fn run(self: Rc<Self>) {
        let lock = self.lock.exists();
        match self.seen(lock).await {
            Ok(seen) => self.feed(Event::Start { lock, seen }),
            Err(failure) => self.broken(failure),
        }
        sleep(FIRST_TICK).await;
        loop {
            self.feed(Event::Tick);
            sleep(TICK).await;
        }
    }

    /// The lease's epoch, where there is a lease and no lock.
    async fn seen(&self, lock: bool) -> Result<Option<Epoch>, Failure> {
        let place = self.place().await?;
        if lock {
            return Ok(None);
        }
        place.epoch().await.map_err(|error| error.failure())
    }

    fn page(self: &Rc<Self>, event: &MessageEvent) {
        match protocol::decode::<ToWorker>(&bytes(event)) {
            Ok(message) => self.feed(Event::Page(message)),
            Err(error) => {
                warn(&format!("message from the page: {error}"));
                self.tell(&FromWorker::Failed { nonce: None, reason: Failure::Protocol });
            }
        }
    }

    fn tab(self: &Rc<Self>, event: &MessageEvent) {
        if let Some(message) = TabMessage::decode(&bytes(event)) {
            self.feed(Event::Channel(message));
        }
    }

    fn feed(self: &Rc<Self>, event: Event) {
        let actions = self.tabs.borrow_mut().handle(event);
        for action in actions {
            self.perform(action);
        }
    }

    /// Begins an action. None of them feeds an event before it returns.
    fn perform(self: &Rc<Self>, action: Action) {
        match action {
            Action::ToPage(message) => self.tell(&message),
            Action::Broadcast(message) => self.broadcast(&message),
            Action::Take { expected } => spawn_local(Rc::clone(self).take(expected)),
            Action::Execute { origin, item } => spawn_local(Rc::clone(self).execute(origin, item)),
            Action::Drop => self.close(),
        }
    }

    fn tell(&self, message: &FromWorker) {
        let bytes = Uint8Array::from(protocol::encode(message).as_slice());
        // Fails only for what cannot be cloned; bytes can.
        let _ = self.scope.post_message(&bytes);
    }

    fn broadcast(&self, message: &TabMessage) {
        if let Some(channel) = &self.channel {
            let bytes = Uint8Array::from(message.encode().as_slice());
            let _ = channel.post_message(&bytes);
        }
    }

    async fn take(self: Rc<Self>, expected: Option<Epoch>) {
        match self.open(expected).await {
            Ok(desk) => {
                let desk = Rc::new(desk);
                let epoch = desk.epoch();
                *self.desk.borrow_mut() = Some(Rc::clone(&desk));
                self.feed(Event::Taken { epoch });
                self.show(&desk).await;
                spawn_local(self.follow(desk));
            }
            Err(OpenError::Lost(epoch)) => self.feed(Event::Lost { epoch }),
            Err(OpenError::Failed(failure)) => self.broken(failure),
        }
    }

    /// Tells that the store cannot be used. The next attempt looks for its place anew: browsers close connections
    /// of pages behind others, and of those whose data the owner throws away.
    fn broken(self: &Rc<Self>, failure: Failure) {
        self.place.take();
        self.feed(Event::Broken(failure));
    }

    async fn open(&self, expected: Option<Epoch>) -> Result<Desk, OpenError> {
        self.lock.acquire().await.map_err(|thrown| OpenError::Failed(thrown.failure()))?;
        let place = self.place().await.map_err(OpenError::Failed)?;
        let expected = expected.filter(|_| !self.lock.exists());
        Desk::open(&place, expected).await
    }

    /// The place, looked for again where it could not be opened before.
    async fn place(&self) -> Result<Place, Failure> {
        if let Some(place) = self.place.borrow().as_ref() {
            return Ok(place.clone());
        }
        let place = Place::find(&self.lock).await?;
        *self.place.borrow_mut() = Some(place.clone());
        Ok(place)
    }

    async fn execute(self: Rc<Self>, origin: Origin, item: ToWorker) {
        let (Some(desk), Some(nonce)) = (self.desk.borrow().clone(), item.nonce()) else {
            return;
        };
        let answer = match desk.keep(nonce, &item).await {
            Ok(answer) => {
                // The page sees the lesson done before it hears that it is kept.
                self.show(&desk).await;
                answer
            }
            Err(Refusal::Item(reason)) => FromWorker::Failed { nonce: Some(nonce), reason },
            Err(Refusal::Store(reason)) => return self.give_up(&desk, reason),
        };
        self.feed(Event::Executed { origin, nonce, answer });
    }

    /// Shows every change of the store until it is closed.
    async fn follow(self: Rc<Self>, desk: Rc<Desk>) {
        desk.connect();
        while desk.changed().await {
            self.show(&desk).await;
            // Only what learners agreed to leaves the phone.
            desk.connect();
            sleep(SHOW_PAUSE).await;
        }
    }

    async fn show(self: &Rc<Self>, desk: &Rc<Desk>) {
        match desk.state().await {
            Ok(state) if self.is_open(desk) => self.feed(Event::State(state)),
            Ok(_) => {}
            Err(failure) => self.give_up(desk, failure),
        }
    }

    /// Closes a store that failed. What it held in memory is gone; what it had told to be kept is not.
    fn give_up(self: &Rc<Self>, desk: &Rc<Desk>, failure: Failure) {
        if !self.is_open(desk) {
            return;
        }
        self.close();
        if desk.is_fenced() {
            self.feed(Event::Evicted);
        } else {
            self.broken(failure);
        }
    }

    fn is_open(&self, desk: &Rc<Desk>) -> bool {
        self.desk.borrow().as_ref().is_some_and(|open| Rc::ptr_eq(open, desk))
    }

    fn close(&self) {
        let desk = self.desk.borrow_mut().take();
        if let Some(desk) = desk {
            desk.close();
        }
    }
}

/// Ends this worker in the open where its code fails: the page is told, and the lock is free for another
/// tab's worker.
pub(crate) fn end_in_the_open() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        end();
    }));
    // A bundle whose panics are traps without a text runs no hook; the browser reports the trap here.
    let trapped = Closure::<dyn Fn()>::new(end);
    scope().set_onerror(Some(trapped.as_ref().unchecked_ref()));
    // It lives as long as the worker.
    trapped.forget();
}

fn end() {
    let failed = FromWorker::Failed { nonce: None, reason: Failure::Storage };
    let _ = scope().post_message(&Uint8Array::from(protocol::encode(&failed).as_slice()));
    scope().close();
}

/// A message's bytes; none where it holds something else.
fn bytes(event: &MessageEvent) -> Vec<u8> {
    let data = event.data().dyn_into::<Uint8Array>();
    let bounded = data.ok().filter(|data| data.length() as usize <= protocol::MESSAGE_BYTES_MAX * 2);
    bounded.map(|data| data.to_vec()).unwrap_or_default()
}
