//! The screens, and what they share with the worker and the server.
#![recursion_limit = "256"]

#[cfg(not(target_arch = "wasm32"))]
pub mod assets;
#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod communes;
pub mod messages;
pub mod paper;
pub mod protocol;
pub mod province;
pub mod qr;
#[cfg(not(target_arch = "wasm32"))]
pub mod render;
pub mod route;
pub mod state;
pub mod views;

pub use communes::fold;
