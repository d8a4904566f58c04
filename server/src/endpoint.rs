//! The iroh endpoint of a node: as far as `--http` reaches, and asking nobody else.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use iroh::endpoint::{BindError, InvalidSocketAddr, NetReportConfig, PortmapperConfig, presets};
use iroh::{Endpoint, RelayConfig, RelayMap, RelayMode, RelayUrl, SecretKey};
use tracing::info;

use crate::reach::Reach;

/// Says why the endpoint cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EndpointError {
    /// The address is of no use for UDP.
    #[error("{0:#}")]
    Address(InvalidSocketAddr),
    /// The socket cannot be bound.
    #[error("{0:#}")]
    Bind(BindError),
}

/// Binds the endpoint.
///
/// It uses one relay, the node's own, and no lookup, no DNS, no port mapping and no captive-portal check.
/// What remains of the network report is a `GET /ping` to that relay, which is how iroh chooses it; so the
/// HTTP port must already answer. The UDP port has the number of the HTTP port when it is free: one number
/// to open in a firewall, and a ticket that holds after a restart.
///
/// # Errors
///
/// When the UDP socket cannot be bound.
pub(crate) async fn bind(
    secret: SecretKey,
    reach: Reach,
    http: SocketAddr,
    own_relay: RelayUrl,
) -> Result<Endpoint, EndpointError> {
    match try_bind(&secret, reach, http, http.port(), &own_relay).await {
        Ok(endpoint) => Ok(endpoint),
        Err(error) => {
            info!("UDP port {} is taken, using another one: {error}", http.port());
            try_bind(&secret, reach, http, 0, &own_relay).await
        }
    }
}

async fn try_bind(
    secret: &SecretKey,
    reach: Reach,
    http: SocketAddr,
    port: u16,
    own_relay: &RelayUrl,
) -> Result<Endpoint, EndpointError> {
    let relays = RelayMap::from(RelayConfig::new(own_relay.clone(), None));
    let mut report = NetReportConfig::minimal();
    report.https_probes = true;
    let mut builder = Endpoint::builder(presets::Minimal)
        .secret_key(secret.clone())
        .relay_mode(RelayMode::Custom(relays))
        .net_report_config(report)
        .portmapper_config(PortmapperConfig::Disabled)
        .clear_ip_transports();
    for address in udp_addresses(reach, http, port) {
        builder = builder.bind_addr(address).map_err(EndpointError::Address)?;
    }
    builder.bind().await.map_err(EndpointError::Bind)
}

/// Lists what to bind: the address of HTTP, or every interface, in both families where HTTP has both.
fn udp_addresses(reach: Reach, http: SocketAddr, port: u16) -> Vec<SocketAddr> {
    let mut addresses = vec![SocketAddr::new(http.ip(), port)];
    if reach == Reach::Everywhere && http.is_ipv6() {
        addresses = vec![(Ipv6Addr::UNSPECIFIED, port).into(), (Ipv4Addr::UNSPECIFIED, port).into()];
    }
    addresses
}
