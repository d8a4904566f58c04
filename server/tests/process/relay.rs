//! A device without UDP, as a browser is, reaches the hub through the hub's own relay.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use iroh::endpoint::{NetReportConfig, presets};
use iroh::{Endpoint, EndpointAddr, EndpointId, RelayMap, RelayMode, RelayUrl};
use rustls::pki_types::ServerName;

use crate::run::{Folder, Node};

/// Makes an endpoint that has nothing but the relay.
async fn phone(relay: &RelayUrl) -> Endpoint {
    let mut report = NetReportConfig::minimal();
    report.https_probes = true;
    Endpoint::builder(presets::Minimal)
        .clear_ip_transports()
        .relay_mode(RelayMode::Custom(RelayMap::from(relay.clone())))
        .net_report_config(report)
        .bind()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_phone_reaches_the_hub_through_its_relay() {
    let folder = Folder::new();
    let node = Node::hub(&folder.join("data"));
    let relay: RelayUrl = format!("http://{}/", node.address()).parse().unwrap();
    let id: EndpointId = node.ready["endpoint"].as_str().unwrap().parse().unwrap();
    let phone = phone(&relay).await;
    let hub = EndpointAddr::new(id).with_relay_url(relay);
    let connection = phone.connect(hub.clone(), sync::wire::frame::ALPN).await.unwrap();
    assert_eq!(connection.remote_id(), id);
    connection.close(0u32.into(), b"");

    // Another protocol, or another version of this one, is refused by name.
    assert!(phone.connect(hub.clone(), b"bdhv/sync/999").await.is_err());
    assert!(phone.connect(hub, sync::wire::frame::ALPN).await.is_ok());
    phone.close().await;
    assert_eq!(node.stop(), Some(0));
}

#[test]
fn a_hub_with_a_certificate_serves_https_and_reaches_its_own_relay() {
    let folder = Folder::new();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let node = Node::start(&["serve"], &folder.join("data"), &["--tls-cert", &certificate, "--tls-key", &key]);
    assert!(node.ready["http"].as_str().unwrap().starts_with("https://127.0.0.1:"));

    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let session = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream: rustls::StreamOwned<_, TcpStream> = rustls::StreamOwned::new(session, node.connect());
    stream.write_all(b"GET /hub.json HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains(node.ready["endpoint"].as_str().unwrap()), "{answer}");

    // Plain HTTP on this port is no TLS; it ends that connection only.
    assert_eq!(node.get("/", "").status(), 0);
    assert_eq!(node.stop(), Some(0));
}
