//! One process from start to stop.
//!
//! Order of the start: data, port, HTTP with the relay, endpoint, sync. The endpoint reaches its own
//! relay over HTTP, so HTTP answers first; the address is printed last, when everything does.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use iroh::{Endpoint, EndpointId, RelayUrl, SecretKey};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::banner::Ready;
use crate::endpoint;
use crate::fault::{Fault, Kind};
use crate::http::{self, Feed, Hub, Overview, Pages, Relay};
use crate::options::{Options, Role};
use crate::reach::{self, Reach};
use crate::site::{self, Site};
use crate::store;

/// Runs a node until it is asked to stop.
///
/// # Errors
///
/// When it cannot start; see [`Fault`].
pub(crate) async fn run(options: Options) -> Result<(), Fault> {
    Ok(())
}
