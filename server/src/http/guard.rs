//! Bounds on requests, and who may see the dashboard.

use std::net::{IpAddr, SocketAddr};

use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;

use super::problem::Problem;

/// Most bytes of headers answered in words. A browser's request has about 1 KiB.
pub(crate) const HEADER_BYTES_MAX: usize = 16 * 1024;

/// Most bytes of headers read at all; longer ones get a bare 431 and the connection is closed.
pub(crate) const HEADER_BYTES_READ_MAX: usize = 2 * HEADER_BYTES_MAX;

/// Most header lines of a request.
pub(crate) const HEADERS_MAX: usize = 64;

/// Longest path looked at.
const PATH_BYTES_MAX: usize = 512;

/// Address of the connection a request came over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Refuses what no address here serves, before it reaches a handler.
pub(crate) async fn bounds(request: Request, next: Next) -> Response {
    match refuse(&request) {
        Some(problem) => problem.respond(request.uri().path()),
        None => next.run(request).await,
    }
}

fn refuse(request: &Request) -> Option<Problem> {
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if bytes > HEADER_BYTES_MAX {
        Some(Problem::Headers)
    } else if has_body(headers) {
        Some(Problem::Body)
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) {
        Some(Problem::Method)
    } else if request.uri().path().len() > PATH_BYTES_MAX {
        Some(Problem::BadAddress)
    } else {
        None
    }
}

/// Tells whether a request announces a body; nothing here takes one.
fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

/// Tells whether a request comes from this machine and was meant for it.
///
/// The address of the connection alone does not tell: a page from elsewhere can make the browser of this
/// machine ask (DNS rebinding), and a proxy on this machine asks for others. Both name another host.
pub(crate) fn is_local(peer: Option<&Peer>, headers: &HeaderMap) -> bool {
    let from_here = peer.is_some_and(|Peer(address)| is_loopback(address.ip()));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    from_here && names_this_machine(host)
}

/// Tells whether `ip` is loopback, also when an IPv4 address came over an IPv6 socket.
pub(crate) fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

fn names_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.parse::<IpAddr>().is_ok() || name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::empty()).unwrap()
    }

    #[test]
    fn what_is_not_served_is_refused() {
        let long = "x".repeat(HEADER_BYTES_MAX);
        let path = format!("/{}", "x".repeat(PATH_BYTES_MAX));
        let cases = [
            (request("GET", "/", &[]), None),
            (request("HEAD", "/", &[("content-length", "0")]), None),
            (request("POST", "/", &[]), Some(Problem::Method)),
            (request("POST", "/", &[("content-length", "99999999999")]), Some(Problem::Body)),
            (request("GET", "/", &[("transfer-encoding", "chunked")]), Some(Problem::Body)),
            (request("GET", "/", &[("cookie", &long)]), Some(Problem::Headers)),
            (request("GET", &path, &[]), Some(Problem::BadAddress)),
        ];
        for (request, expected) in cases {
            assert_eq!(refuse(&request), expected, "{} {:.20}", request.method(), request.uri().path());
        }
    }

    #[test]
    fn the_dashboard_is_for_this_machine() {
        let cases = [
            ("127.0.0.1:5000", "localhost:8080", true),
            ("127.0.0.1:5000", "127.0.0.1:8080", true),
            ("[::1]:5000", "[::1]:8080", true),
            ("[::ffff:127.0.0.1]:5000", "localhost", true),
            ("127.0.0.1:5000", "tinh.localhost:8080", true),
            ("127.0.0.1:5000", "evil.example", false),
            ("127.0.0.1:5000", "", false),
            ("192.168.1.7:5000", "192.168.1.2:8080", false),
            ("192.168.1.7:5000", "localhost", false),
        ];
        for (peer, host, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            let peer = Peer(peer.parse().unwrap());
            assert_eq!(is_local(Some(&peer), &headers), expected, "{peer:?} {host}");
        }
        assert!(!is_local(None, &HeaderMap::new()));
    }
}
