//! What `bdhv` says when it cannot start, and how it stops.

use std::fs;
use std::net::TcpListener;
use std::process::Output;

use crate::run::{Folder, Node, run};

/// Checks exit code and message: one line on standard error that holds every part.
pub(crate) fn refused(output: &Output, code: i32, parts: &[&str]) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{error}");
    let last = error.lines().last().unwrap_or_default();
    for part in parts {
        assert!(last.contains(part), "{part:?} is not in: {last}");
    }
    assert!(output.stdout.is_empty());
}

#[test]
fn wrong_options_are_named_with_what_to_write() {
    let folder = Folder::new();
    let data = folder.join("data");
    let serve = |more: &[&str]| run(&[&["serve", "--data", &data, "--http", "127.0.0.1:0"], more].concat());
    refused(&serve(&["--commune", "30308"]), 78, &["30308", "did you mean 30307 (Phường Long Xuyên)"]);
    refused(&serve(&["--peer", "bdhv1nonsense"]), 78, &["is not a ticket", "copy the whole line"]);
    refused(&serve(&["--tls-cert", "/nowhere", "--tls-key", "/nowhere"]), 78, &["/nowhere: No such file"]);
    fs::write(folder.path().join("empty.pem"), "").unwrap();
    let empty = folder.join("empty.pem");
    refused(&serve(&["--tls-cert", &empty, "--tls-key", &empty]), 78, &["BEGIN CERTIFICATE"]);
    assert_eq!(serve(&["--http", "hall"]).status.code(), Some(2));
}

#[test]
fn a_taken_port_is_named() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["serve", "--data", &folder.join("data"), "--http", &address]);
    refused(&output, 69, &[&address, "in use", "--http"]);
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named() {
    let folder = Folder::new();
    fs::write(folder.path().join("file"), "").unwrap();
    let data = folder.join("file/data");
    let output = run(&["serve", "--data", &data, "--http", "127.0.0.1:0"]);
    refused(&output, 73, &[&data, "--data DIR"]);
}

#[test]
fn a_second_process_on_the_same_data_is_refused_and_the_first_goes_on() {
    let folder = Folder::new();
    let data = folder.join("data");
    let node = Node::hub(&data);
    let output = run(&["province", "serve", "--data", &data, "--http", "127.0.0.1:0"]);
    refused(&output, 75, &["store.redb is in use by another process", "--data"]);
    assert_eq!(node.get("/healthz", "").status(), 200);
}

#[test]
fn a_store_of_a_newer_release_is_left_alone() {
    const META: redb::TableDefinition<'_, &str, &[u8]> = redb::TableDefinition::new("meta_v1");
    let folder = Folder::new();
    let data = folder.join("data");
    assert_eq!(Node::hub(&data).stop(), Some(0));

    let path = folder.path().join("data/store.redb");
    let db = redb::Database::open(&path).unwrap();
    let txn = db.begin_write().unwrap();
    txn.open_table(META).unwrap().insert("format", &99u32.to_le_bytes()[..]).unwrap();
    txn.commit().unwrap();
    drop(db);

    let output = run(&["serve", "--data", &data, "--http", "127.0.0.1:0"]);
    refused(&output, 65, &["has format 99", "reads up to 1", "newer bdhv"]);
}

#[test]
fn a_node_stops_in_order_and_keeps_its_identity() {
    let folder = Folder::new();
    let data = folder.join("data");
    let first = Node::hub(&data);
    let endpoint = first.ready["endpoint"].clone();
    assert_eq!(endpoint.as_str().unwrap().len(), 64);
    assert_eq!(first.stop(), Some(0));

    let second = Node::hub(&data);
    assert_eq!(second.ready["endpoint"], endpoint);
    assert_eq!(second.stop(), Some(0));
}

/// Lists the local addresses of the sockets of a process, as `/proc` writes them.
fn sockets(pid: u32) -> Vec<String> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let inodes: Vec<String> = descriptors
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let mut addresses = Vec::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        for line in fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default().lines().skip(1) {
            let columns: Vec<_> = line.split_whitespace().collect();
            if inodes.iter().any(|inode| inode == columns[9]) {
                addresses.push(format!("{table} {}", columns[1]));
            }
        }
    }
    addresses
}

#[test]
fn on_loopback_every_socket_is_loopback() {
    let folder = Folder::new();
    let node = Node::hub(&folder.join("data"));
    let addresses = sockets(node.pid());
    let port = format!("{:04X}", node.address().port());
    for expected in ["tcp", "udp"] {
        let own = format!("{expected} 0100007F:{port}");
        assert!(addresses.contains(&own), "{own} is not among {addresses:?}");
    }
    for address in &addresses {
        assert!(address.contains(" 0100007F:"), "{address} reaches beyond this machine");
    }
}
