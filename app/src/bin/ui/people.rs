//! Who learns on this phone, as far as the browser must help: random bytes, and word from other tabs.

use app::state::{Action, Draw, MeAction};
use wasm_bindgen::JsCast;
use web_sys::StorageEvent;

use crate::{browser, keep, page};

/// Listens for what other tabs change.
pub(crate) fn listen() {
    browser::listen(&browser::window(), "storage", |event| {
        if let Some(event) = event.dyn_ref::<StorageEvent>()
            && event.key().is_some_and(|key| keep::is_people(&key))
            && let Some(text) = event.new_value()
        {
            page::act(Action::Me(MeAction::Changed(text)));
        }
    });
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
