//! Tickets: how to reach a node, in a text that fits into a QR code.
//!
//! ```text
//! text   "bdhv1" ‖ armour of:
//! bytes  role 1 B · endpoint 32 B · list<address>
//!          address  0 relay URL bytes · 1 IPv4 4 B, port u16 LE · 2 IPv6 16 B, port u16 LE
//! ```
//!
//! The armour is drawn in [`crate::armour`].

use core::fmt;
use core::str::FromStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use iroh::{EndpointAddr, PublicKey, RelayUrl, TransportAddr};
use thiserror::Error;

use crate::armour::{Armour, ArmourError};
use crate::wire::codec::{DecodeError, Fault, Reader, put_slice, put_varint};
use crate::wire::frame::Role;

/// Bound of a ticket's text: about six addresses.
pub const TICKET_CHARS_MAX: usize = 1024;
/// Bound of the addresses in a ticket.
pub const ADDRESSES_MAX: usize = 16;
const URL_BYTES_MAX: usize = 200;
const ARMOUR: Armour = Armour { what: "ticket", prefix: "bdhv1", chars_max: TICKET_CHARS_MAX };

/// How to reach a node, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// What the node is.
    pub role: Role,
    /// Its endpoint and where it listens.
    pub addr: EndpointAddr,
}

/// Why a text is not a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TicketError {
    /// The text is not a ticket, or was copied wrongly.
    #[error(transparent)]
    Armour(#[from] ArmourError),
    /// The bytes are not those of a ticket.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The endpoint is not a public key.
    #[error("the endpoint is not a public key")]
    Endpoint,
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![role_number(self.role)];
        bytes.extend(self.addr.id.as_bytes());
        let addrs: Vec<_> = self.addr.addrs.iter().filter_map(encode_addr).take(ADDRESSES_MAX).collect();
        put_varint(&mut bytes, addrs.len() as u64);
        bytes.extend(addrs.concat());
        f.write_str(&ARMOUR.write(&bytes))
    }
}

impl FromStr for Ticket {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        decode(&ARMOUR.read(text)?)
    }
}

fn decode(bytes: &[u8]) -> Result<Ticket, TicketError> {
    let mut reader = Reader::new(bytes);
    let role = match reader.byte("role")? {
        0 => Role::Phone,
        1 => Role::Hub,
        2 => Role::Province,
        found => return Err(Reader::fault(0, Fault::Unknown { what: "role", found: found.into() }).into()),
    };
    let id = PublicKey::from_bytes(&reader.array("endpoint")?).map_err(|_| TicketError::Endpoint)?;
    let mut addr = EndpointAddr::new(id);
    for _ in 0..reader.varint("addresses", ADDRESSES_MAX as u64)? {
        addr.addrs.insert(decode_addr(&mut reader)?);
    }
    reader.finish()?;
    Ok(Ticket { role, addr })
}

const fn role_number(role: Role) -> u8 {
    match role {
        Role::Phone => 0,
        Role::Hub => 1,
        Role::Province => 2,
    }
}

fn encode_addr(addr: &TransportAddr) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match addr {
        TransportAddr::Relay(url) if url.as_str().len() <= URL_BYTES_MAX => {
            out.push(0);
            put_slice(&mut out, url.as_str().as_bytes());
        }
        TransportAddr::Ip(addr) => {
            match addr.ip() {
                IpAddr::V4(ip) => {
                    out.push(1);
                    out.extend(ip.octets());
                }
                IpAddr::V6(ip) => {
                    out.push(2);
                    out.extend(ip.octets());
                }
            }
            out.extend(addr.port().to_le_bytes());
        }
        _ => return None,
    }
    Some(out)
}

fn decode_addr(reader: &mut Reader<'_>) -> Result<TransportAddr, DecodeError> {
    let at = reader.position();
    let ip = match reader.byte("address")? {
        0 => {
            let at = reader.position();
            let url = core::str::from_utf8(reader.slice("relay URL", URL_BYTES_MAX)?).ok();
            let url = url.and_then(|url| RelayUrl::from_str(url).ok());
            return url.map(TransportAddr::Relay).ok_or(Reader::fault(at, Fault::Text("relay URL")));
        }
        1 => IpAddr::V4(Ipv4Addr::from(reader.array::<4>("IPv4 address")?)),
        2 => IpAddr::V6(Ipv6Addr::from(reader.array::<16>("IPv6 address")?)),
        found => return Err(Reader::fault(at, Fault::Unknown { what: "address", found: found.into() })),
    };
    Ok(TransportAddr::Ip(SocketAddr::new(ip, u16::from_le_bytes(reader.array("port")?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Ticket {
        let id = iroh::SecretKey::from_bytes(&[7; 32]).public();
        let mut addr = EndpointAddr::new(id);
        addr.addrs.insert(TransportAddr::Ip("127.0.0.1:4433".parse().unwrap()));
        addr.addrs.insert(TransportAddr::Ip("[::1]:4433".parse().unwrap()));
        addr.addrs.insert(TransportAddr::Relay("http://127.0.0.1:8080/".parse().unwrap()));
        Ticket { role: Role::Province, addr }
    }

    #[test]
    fn a_ticket_comes_back() {
        let text = ticket().to_string();
        assert_eq!(text.parse(), Ok(ticket()));
        assert_eq!(text.to_uppercase().replacen("BDHV1", "bdhv1", 1).parse(), Ok(ticket()));
    }

    #[test]
    fn a_slip_of_the_pen_is_noticed() {
        let text = ticket().to_string();
        for at in 0..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[at] = if wrong[at] == b'a' { b'b' } else { b'a' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert!(wrong.parse::<Ticket>().is_err(), "character {at}");
        }
        let error = |text: &str| text.parse::<Ticket>().unwrap_err().to_string();
        assert_eq!(error("bdhv1ab!d"), "character 8 is not one of a–z and 2–7");
        assert_eq!(error("hello"), "a ticket begins with bdhv1");
        assert_eq!(error("bdhv1"), "a character is wrong or missing: copy the ticket again");
    }
}
