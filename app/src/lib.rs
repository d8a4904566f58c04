//! The screens, and what they share with the worker and the server.
pub mod communes;
pub mod messages;
pub mod protocol;
pub mod route;
pub mod state;

pub use communes::fold;
