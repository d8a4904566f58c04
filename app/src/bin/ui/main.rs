//! The learner's bundle: takes over the page the server rendered.
//!
//! The page is already there to read. This bundle fetches what the page was made from, builds the
//! same markup, swaps it in one step, and from then on answers taps without the server. It starts the
//! worker only after that.

#[cfg(target_arch = "wasm32")]
mod aloud;
#[cfg(target_arch = "wasm32")]
mod fetch;
#[cfg(target_arch = "wasm32")]
mod keep;
#[cfg(target_arch = "wasm32")]
mod offline;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(target_arch = "wasm32")]
mod people;
#[cfg(target_arch = "wasm32")]
mod shelf;
#[cfg(target_arch = "wasm32")]
mod worker;

#[cfg(target_arch = "wasm32")]
use app::browser;

#[cfg(target_arch = "wasm32")]
fn main() {
    page::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
