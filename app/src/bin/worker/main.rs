//! The worker of the learner's page: keeps what was learnt and sends it on.
//!
//! It runs beside the page in a bundle of its own, loaded after the first lesson is on screen. Its
//! messages with the page are in `app::protocol`.

#[cfg(target_arch = "wasm32")]
mod desk;
#[cfg(target_arch = "wasm32")]
mod fault;
#[cfg(target_arch = "wasm32")]
mod idb;
#[cfg(target_arch = "wasm32")]
mod js;
#[cfg(target_arch = "wasm32")]
mod opfs;
#[cfg(target_arch = "wasm32")]
mod place;
#[cfg(target_arch = "wasm32")]
mod signal;
#[cfg(any(target_arch = "wasm32", test))]
mod tabs;
#[cfg(target_arch = "wasm32")]
mod uplink;
#[cfg(target_arch = "wasm32")]
mod worker;

#[cfg(target_arch = "wasm32")]
fn main() {
    worker::end_in_the_open();
    worker::Worker::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
