//! The screens, and what they share with the worker and the server.
pub mod protocol;
