//! Signed records, logs, sessions, store and network adapter.
