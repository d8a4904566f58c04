//! Hubs on one network find each other by multicast DNS.
//!
//! A hub announces its endpoint id, as the name of a service instance, and its UDP addresses. What others
//! announce is only a hint where to dial: the connection proves the id.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use iroh::{EndpointAddr, EndpointId, TransportAddr};
use swarm_discovery::{Discoverer, DropGuard, IpClass, Peer, SpawnError};
use tokio::sync::mpsc;
use tracing::debug;

/// Name of the service: `_bdhv1._udp.local`.
const SERVICE: &str = "bdhv1";

/// Hubs found and not yet dialled; more are dropped and found again with the next announcement.
const FOUND_MAX: usize = 64;

/// Addresses of one hub taken from an announcement.
const ADDRESSES_MAX: usize = 16;

/// Announces this node and finds others, until dropped.
pub(crate) struct Discovery {
    found: mpsc::Receiver<EndpointAddr>,
    _guard: DropGuard,
}

impl Discovery {
    /// Starts on the interfaces of `addresses`, the UDP addresses of this node.
    ///
    /// # Errors
    ///
    /// When the system does not let us listen for multicast on port 5353.
    pub(crate) fn start(own: EndpointId, addresses: &[SocketAddr]) -> Result<Self, Box<SpawnError>> {
        let (sender, found) = mpsc::channel(FOUND_MAX);
        let v4: HashSet<_> = addresses
            .iter()
            .filter_map(|address| match address.ip() {
                IpAddr::V4(v4) => Some(v4),
                IpAddr::V6(_) => None,
            })
            .collect();
        let class = if v4.is_empty() { IpClass::V6Only } else { IpClass::V4Only };
        let mut discoverer = Discoverer::new_interactive(SERVICE.to_owned(), own.to_z32())
            .with_ip_class(class)
            .with_multicast_interfaces_v4(v4.into_iter().collect())
            .with_callback(move |name, peer| {
                if let Some(address) = announced(own, name, peer)
                    && let Err(error) = sender.try_send(address)
                {
                    debug!("found hub not taken: {error}");
                }
            });
        for address in addresses {
            discoverer = discoverer.with_addrs(address.port(), [address.ip()]);
        }
        let guard = discoverer.spawn(&tokio::runtime::Handle::current())?;
        Ok(Self { found, _guard: guard })
    }

    /// Waits for the next hub.
    pub(crate) async fn next(&mut self) -> Option<EndpointAddr> {
        self.found.recv().await
    }
}

/// Reads an announcement; `None` for our own, for one that ended, and for what is no endpoint id.
fn announced(own: EndpointId, name: &str, peer: &Peer) -> Option<EndpointAddr> {
    let id = EndpointId::from_z32(name).ok().filter(|id| *id != own)?;
    let addresses: Vec<_> =
        peer.addrs().iter().take(ADDRESSES_MAX).map(|(ip, port)| TransportAddr::Ip((*ip, *port).into())).collect();
    (!addresses.is_empty()).then(|| EndpointAddr::from_parts(id, addresses))
}
