//! Files in and out.

use app::state::{Action, MeAction};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Event, HtmlElement, HtmlInputElement, Url};

use crate::{browser, page};

/// Name of the file that a learner saves.
const FILE: &str = "hoc-tap-cua-toi.json";
/// Largest file that is read: a saved one has a few thousand bytes.
const FILE_BYTES_MAX: f64 = 1_000_000.0;
/// What that script listens for.
const LEARNER_EVENT: &str = "bdhv:learner";

/// Listens for files that are chosen.
pub(crate) fn listen() {
    browser::listen(&browser::document(), "change", |event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) {
            wasm_bindgen_futures::spawn_local(async move { come(&file).await });
        }
    });
}

/// Reads a file; one that is too large or cannot be read is as good as a damaged one.
async fn come(file: &Blob) {
    let text = if file.size() <= FILE_BYTES_MAX { JsFuture::from(file.text()).await.ok() } else { None };
    let text = text.and_then(|text| text.as_string()).unwrap_or_default();
    page::act(Action::Me(MeAction::Came(text)));
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
