//! How far the sockets of a node reach: exactly as far as `--http`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Which machines can reach the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// This machine only; nothing is announced.
    Loopback,
    /// The machines on the network of one interface.
    Interface(IpAddr),
    /// The machines on every network this one is on.
    Everywhere,
}

impl Reach {
    /// Reads the reach off the address HTTP listens on.
    pub(crate) fn of(http: IpAddr) -> Self {
        if http.to_canonical().is_loopback() {
            Self::Loopback
        } else if http.is_unspecified() {
            Self::Everywhere
        } else {
            Self::Interface(http)
        }
    }

    /// Tells whether the node announces itself to the local network.
    pub(crate) fn announces(self) -> bool {
        self != Self::Loopback
    }
}

/// Returns the address on which this machine reaches its own HTTP port.
pub(crate) fn own_address(http: SocketAddr) -> SocketAddr {
    if http.ip().is_unspecified() { (Ipv4Addr::LOCALHOST, http.port()).into() } else { http }
}

/// Chooses the address others should use: of an unspecified one, the first address of a network, IPv4
/// and private ones before others, because that is the hall's.
pub(crate) fn public_address(http: SocketAddr, own: impl IntoIterator<Item = IpAddr>) -> SocketAddr {
    if !http.ip().is_unspecified() {
        return http;
    }
    let rank = |ip: &IpAddr| match ip {
        IpAddr::V4(v4) if v4.is_private() => 0,
        IpAddr::V4(v4) if !v4.is_link_local() => 1,
        IpAddr::V6(v6) if !v6.is_unicast_link_local() => 2,
        _ => 3,
    };
    let usable = own.into_iter().filter(|ip| !ip.is_unspecified() && !ip.is_loopback());
    let ip = usable.min_by_key(rank).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    (ip, http.port()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_follows_the_http_address() {
        let cases = [
            ("127.0.0.1", Reach::Loopback, false),
            ("127.0.0.9", Reach::Loopback, false),
            ("::1", Reach::Loopback, false),
            ("::ffff:127.0.0.1", Reach::Loopback, false),
            ("192.168.43.10", Reach::Interface([192, 168, 43, 10].into()), true),
            ("0.0.0.0", Reach::Everywhere, true),
            ("::", Reach::Everywhere, true),
        ];
        for (http, reach, announces) in cases {
            let found = Reach::of(http.parse().unwrap());
            assert_eq!((found, found.announces()), (reach, announces), "{http}");
        }
    }

    #[test]
    fn learners_get_an_address_of_the_hall() {
        let cases: [(&str, &[&str], &str); 5] = [
            ("127.0.0.1:8080", &["192.168.1.5"], "127.0.0.1:8080"),
            ("192.168.1.5:80", &["10.0.0.1"], "192.168.1.5:80"),
            (
                "0.0.0.0:8080",
                &["127.0.0.1", "169.254.3.4", "2001:db8::1", "14.1.2.3", "192.168.43.1"],
                "192.168.43.1:8080",
            ),
            ("0.0.0.0:8080", &["fe80::1", "2001:db8::1"], "[2001:db8::1]:8080"),
            ("0.0.0.0:8080", &[], "127.0.0.1:8080"),
        ];
        for (http, own, expected) in cases {
            let own = own.iter().map(|ip| ip.parse().unwrap());
            assert_eq!(public_address(http.parse().unwrap(), own).to_string(), expected, "{http}");
        }
        assert_eq!(own_address("0.0.0.0:80".parse().unwrap()).to_string(), "127.0.0.1:80");
    }
}
