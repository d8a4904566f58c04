//! Measures what DESIGN §12 budgets of the sync and of the app: real processes on loopback, started by this one.
//!
//! `bench sync [GROUP]...` and `bench app [GROUP]...` run the cases, all or those of the groups named, and prints one JSON object a
//! line. The other words are the roles in which it starts itself.

mod app;
mod case;
mod client;
mod hub;
mod ingest;
mod logs;
mod meter;
mod phones;
mod place;
mod process;
mod stock;
mod sync_cases;

use anyhow::bail;
use sync::wire::frame::Role;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sync", groups @ ..] => sync_cases::run(groups),
        ["app", groups @ ..] => app::run(groups),
        ["hub", store, key] => hub::run(Role::Hub, store, key),
        ["province", store, key] => hub::run(Role::Province, store, key),
        ["client", store, key, ticket, options @ ..] => client::run(store, key, ticket, options),
        ["phones", kind, count, ticket] => phones::run(kind, count.parse()?, ticket),
        ["ingest", store, key, logs] => ingest::run(store, key, logs),
        ["stock", path, logs, entries] => stock::run(path, logs.parse()?, entries.parse()?),
        other => bail!("`bench {}` is not a command; it is `bench sync|app [GROUP]...`", other.join(" ")),
    }
}
