//! Measures what DESIGN §12 budgets of the sync: real processes on loopback, started by this one.
//!
//! `bench sync [GROUP]...` runs the cases, all or those of the groups named, and prints one JSON object a
//! line. The other words are the roles in which it starts itself.

mod case;
mod client;
mod hub;
mod ingest;
mod logs;
mod meter;
mod phones;
mod place;
mod process;
mod sync_cases;

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sync", groups @ ..] => sync_cases::run(groups),
        ["hub", store, key] => hub::run(store, key),
        ["client", store, key, ticket, options @ ..] => client::run(store, key, ticket, options),
        ["phones", kind, ticket] => phones::run(kind, ticket),
        ["ingest", store, key, logs] => ingest::run(store, key, logs),
        other => bail!("`bench {}` is not a command; it is `bench sync [GROUP]...`", other.join(" ")),
    }
}
