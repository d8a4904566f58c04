//! What learners' own screens need of the browser: random bytes, files in and out, word from other tabs.

use app::state::{Action, Draw, MeAction};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Event, HtmlElement, HtmlInputElement, StorageEvent, Url};

use crate::{browser, keep, page};

/// Name of the file that a learner saves.
const FILE: &str = "hoc-tap-cua-toi.json";
/// Largest file that is read: a saved one has a few thousand bytes.
const FILE_BYTES_MAX: f64 = 1_000_000.0;
/// Tells scripts of the page that somebody else is in front of it.
const LEARNER_EVENT: &str = "bdhv:learner";

/// Listens for files that are chosen, and for what other tabs change.
pub(crate) fn listen() {
    browser::listen(&browser::document(), "change", |event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) {
            wasm_bindgen_futures::spawn_local(async move { come(&file).await });
        }
    });
    browser::listen(&browser::window(), "storage", |event| {
        if let Some(event) = event.dyn_ref::<StorageEvent>()
            && event.key().is_some_and(|key| keep::is_people(&key))
            && let Some(text) = event.new_value()
        {
            page::act(Action::Me(MeAction::Changed(text)));
        }
    });
}

/// Reads a file; one that is too large or cannot be read is as good as a damaged one.
async fn come(file: &Blob) {
    let text = if file.size() <= FILE_BYTES_MAX { JsFuture::from(file.text()).await.ok() } else { None };
    let text = text.and_then(|text| text.as_string()).unwrap_or_default();
    page::act(Action::Me(MeAction::Came(text)));
}

/// Draws random bytes, and comes back with them.
pub(crate) fn draw(draw: Draw) {
    let mut bytes = [0; 32];
    match getrandom::fill(&mut bytes) {
        Ok(()) => page::act(Action::Me(MeAction::Drawn(draw, bytes))),
        // No browser that runs this is without; who is, learns as the phone's first learner.
        Err(error) => web_sys::console::error_1(&error.to_string().into()),
    }
}

/// Tells the page's own script that somebody else is in front of it.
pub(crate) fn tell() {
    if let Ok(event) = Event::new(LEARNER_EVENT) {
        let _ = browser::window().dispatch_event(&event);
    }
}

/// Gives the person a file.
pub(crate) fn save(text: &str) {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let address = Blob::new_with_str_sequence(&parts).and_then(|blob| Url::create_object_url_with_blob(&blob));
    let (Ok(address), Ok(link)) = (address, browser::document().create_element("a")) else {
        return;
    };
    let _ = link.set_attribute("href", &address);
    let _ = link.set_attribute("download", FILE);
    link.unchecked_into::<HtmlElement>().click();
}
