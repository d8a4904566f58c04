//! The page's end of the conversation with the worker.

use std::cell::{Cell, RefCell};

use app::{
    protocol::{self, Failure, FromWorker, PROTOCOL_VERSION, ToWorker},
    state::Action,
};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::{browser, page};

/// How long to wait before greeting again a worker that has not answered.
const GREETING_MS: i32 = 1_500;
/// How often to greet; a slow phone needs half a minute for the worker's bundle.
const GREETINGS_MAX: u32 = 60;
/// How long to wait before a worker whose bundle did not come is made again, and twice as long each further time:
/// a network that stumbled is back in a moment.
const PAUSE_MS: i32 = 2_000;
/// The longest such wait: who walks back to the hub need not wait for more than a minute.
const PAUSE_MS_MAX: i32 = 60_000;
/// What `comfort.js` tells a page that was brought back while no hub answers: with one it is loaded again.
const BACK: &str = "bdhv:back";

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
    /// Whether this worker has answered.
    static ANSWERED: Cell<bool> = const { Cell::new(false) };
    /// How long to wait when the next one's bundle does not come.
    static PAUSE: Cell<i32> = const { Cell::new(PAUSE_MS) };
    /// Whether something could not be kept since something was.
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// Starts the worker, and again when the browser brings the page back after it was left.
pub(crate) fn start() {
    make();
    browser::listen(&browser::window(), "pagehide", |_| stop());
    browser::listen(&browser::window(), BACK, |_| make());
}

/// Makes the worker, or tells the screens that this browser cannot.
fn make() {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let address = browser::address("data-worker");
    let Ok(worker) = Worker::new_with_options(&address, &options) else {
        page::act(Action::WorkerBroken);
        return;
    };
    browser::listen(&worker, "message", |event| {
        if let Some(event) = event.dyn_ref::<MessageEvent>() {
            hear(read(&event.data()));
        }
    });
    // Before it answered, an error means that its bundle did not load or start.
    browser::listen(&worker, "error", |_| {
        if !ANSWERED.get() {
            did_not_come();
        }
    });
    WORKER.set(Some(worker));
    ANSWERED.set(false);
    greet(GREETINGS_MAX);
}

fn hear(message: FromWorker) {
    // Where one thing can be kept again, so can the rest.
    let recovered = matches!(message, FromWorker::Kept { .. }) && REFUSED.take();
    if matches!(message, FromWorker::Failed { .. }) {
        REFUSED.set(true);
    }
    page::act(Action::Worker(message));
    if page::worker_answered() && !ANSWERED.replace(true) || recovered {
        PAUSE.set(PAUSE_MS);
        page::give_what_waited();
    }
}

/// Says that nothing can be kept for now, and makes the worker again later.
fn did_not_come() {
    stop();
    // Once is enough.
    if PAUSE.get() == PAUSE_MS {
        page::act(Action::WorkerBroken);
    }
    make_later();
}

/// Makes the worker after a pause, if the page is looked at then and has none; else after another.
fn make_later() {
    let pause = PAUSE.get();
    PAUSE.set(PAUSE_MS_MAX.min(2 * pause));
    browser::after(pause, || {
        // A page that was left meanwhile and brought back has one.
        if !is_running() {
            if browser::document().hidden() { make_later() } else { make() }
        }
    });
}

fn is_running() -> bool {
    WORKER.with_borrow(Option::is_some)
}

/// Ends the worker of a page that is left. A browser may keep the page, to bring it back as it was, and its worker
/// asleep with the store in hand; the next page would wait for it. What was not saved waits in local storage.
fn stop() {
    if let Some(worker) = WORKER.take() {
        worker.terminate();
    }
}

/// Greets until the worker answers: what is posted before its bundle runs may be lost.
fn greet(left: u32) {
    if ANSWERED.get() || left == 0 || !is_running() {
        return;
    }
    post(&ToWorker::Hello { version: u32::from(PROTOCOL_VERSION) });
    browser::after(GREETING_MS, move || greet(left - 1));
}

/// Gives the worker a message, where it runs.
pub(crate) fn post(message: &ToWorker) {
    WORKER.with_borrow(|worker| {
        if let Some(worker) = worker {
            let _ = worker.post_message(&Uint8Array::from(&protocol::encode(message)[..]));
        }
    });
}

fn read(data: &JsValue) -> FromWorker {
    let message = data.dyn_ref::<Uint8Array>().and_then(|bytes| protocol::decode(&bytes.to_vec()).ok());
    message.unwrap_or(FromWorker::Failed { nonce: None, reason: Failure::Protocol })
}
