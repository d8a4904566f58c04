//! The province's bundle: keeps the figures on the page current.

#[cfg(target_arch = "wasm32")]
mod page;

#[cfg(target_arch = "wasm32")]
fn main() {
    app::messages::hold_every_text();
    page::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
