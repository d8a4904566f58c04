//! Keeps the app on this phone by a service worker, in a secure context; `sw.js` is what runs there.

use std::cell::Cell;

use app::state::{Action, LoadError, Offline};
use content::pack::Catalogue;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ServiceWorker, ServiceWorkerRegistration, ServiceWorkerState};

use crate::{browser, fetch, page, shelf};

/// Address of the service worker.
const WORKER: &str = "/sw.js";
/// What it is told to take over at once.
const USE: &str = "use";

thread_local! {
    static STARTED: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this page was kept on the phone, and shows any screen.
pub(crate) fn is_shell() -> bool {
    browser::document().body().is_some_and(|body| body.has_attribute("data-shell"))
}

/// Begins to keep the app, once, and tells the screens how it stands.
///
/// Comes after the worker, so that nothing is downloaded twice or in the way of the lesson. An in-app browser
/// keeps nothing for long, so nothing is kept there.
pub(crate) fn start() {
    if STARTED.replace(true) {
        return;
    }
    let window = browser::window();
    if !window.is_secure_context() {
        return needs_hub();
    }
    let container = js_sys::Reflect::has(&window.navigator(), &"serviceWorker".into()).unwrap_or(false);
    let in_app = browser::document().body().is_some_and(|body| body.has_attribute("data-in-app"));
    if !container || in_app {
        return;
    }
    spawn_local(async {
        let kept = JsFuture::from(browser::window().navigator().service_worker().register(WORKER)).await;
        match kept {
            Ok(kept) => watch(kept.unchecked_ref()),
            Err(_) => needs_hub(),
        }
    });
}

/// Says that a page which is closed needs the hub to open again.
fn needs_hub() {
    page::act(Action::Offline(Offline::NeedsHub));
}

fn watch(kept: &ServiceWorkerRegistration) {
    tell(kept);
    follow(kept, kept.installing());
    let again = kept.clone();
    browser::listen(kept, "updatefound", move |_| follow(&again, again.installing()));
}

fn follow(kept: &ServiceWorkerRegistration, installing: Option<ServiceWorker>) {
    if let Some(worker) = installing {
        let (kept, state) = (kept.clone(), worker.clone());
        browser::listen(&worker, "statechange", move |_| match state.state() {
            // No room, or the browser threw away what had come; the next visit tries again.
            ServiceWorkerState::Redundant if kept.active().is_none() => needs_hub(),
            _ => tell(&kept),
        });
    }
}

fn tell(kept: &ServiceWorkerRegistration) {
    let how = match (kept.active(), kept.waiting()) {
        (Some(_), Some(_)) => Offline::Newer,
        (Some(_), None) => Offline::Ready,
        (None, _) => return,
    };
    page::act(Action::Offline(how));
}

/// Lets the newer release take over, and loads the page as it.
pub(crate) fn use_newer() {
    spawn_local(async {
        let kept = JsFuture::from(browser::window().navigator().service_worker().get_registration()).await;
        let waiting = kept.ok().and_then(|kept| kept.dyn_into::<ServiceWorkerRegistration>().ok()?.waiting());
        let Some(waiting) = waiting else {
            // Another tab was faster.
            return reload();
        };
        let taking = waiting.clone();
        browser::listen(&waiting, "statechange", move |_| {
            if taking.state() == ServiceWorkerState::Activated {
                reload();
            }
        });
        let _ = waiting.post_message(&USE.into());
    });
}

fn reload() {
    let _ = browser::window().location().reload();
}

/// Asks the browser not to throw away what is saved when the phone gets full.
pub(crate) fn ask_to_last() {
    let storage = browser::window().navigator().storage();
    // Not there outside secure contexts.
    if JsValue::from(&storage).is_undefined() {
        return;
    }
    if let Ok(asked) = storage.persist() {
        spawn_local(async move {
            let lasting = JsFuture::from(asked).await.is_ok_and(|lasting| lasting == JsValue::TRUE);
            page::act(Action::Lasting(lasting));
        });
    }
}

/// Shows the kept list of courses at once where that is enough, and the hub's when it answers.
///
/// A lesson that is not kept comes from the hub anyway; then its list, which may be newer, is worth the wait.
pub(crate) async fn load_catalogue() {
    let kept = if is_shell() { shelf::catalogue().await } else { None };
    let list = kept.as_deref().and_then(|bytes| Catalogue::decode(bytes).ok());
    let shown = list.as_ref().is_some_and(page::is_enough);
    if shown {
        page::act(Action::CatalogueLoaded(list.clone().ok_or(LoadError::Network)));
    }
    match fetch::catalogue().await {
        Ok(bytes) if shown && kept.as_ref() == Some(&bytes) => {}
        Ok(bytes) => {
            page::act(Action::CatalogueLoaded(fetch::read_catalogue(&bytes)));
            shelf::keep_catalogue(&bytes).await;
        }
        Err(_) if shown => {}
        Err(error) => {
            let list = match list {
                Some(list) => Some(list),
                None => shelf::catalogue().await.and_then(|bytes| Catalogue::decode(&bytes).ok()),
            };
            page::act(Action::CatalogueLoaded(list.ok_or(error)));
        }
    }
}
