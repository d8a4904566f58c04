//! The bundle of what is the learner's own: who learns on this phone, what is kept, taking it along, erasing it.
//!
//! A page of its own, so that a first lesson need not bring it along. It shares with the page of lessons
//! what lies in local storage, and the worker.

#[cfg(target_arch = "wasm32")]
mod fetch;
#[cfg(target_arch = "wasm32")]
mod files;
#[cfg(target_arch = "wasm32")]
#[path = "../ui/keep.rs"]
#[expect(dead_code, reason = "the page of lessons uses the rest")]
mod keep;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(target_arch = "wasm32")]
#[path = "../ui/people.rs"]
mod people;
#[cfg(target_arch = "wasm32")]
#[path = "../ui/worker.rs"]
mod worker;

#[cfg(target_arch = "wasm32")]
use app::browser;

#[cfg(target_arch = "wasm32")]
fn main() {
    app::messages::hold_every_text();
    page::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
