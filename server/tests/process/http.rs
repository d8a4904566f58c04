//! What the HTTP port serves and refuses.

use std::io::{BufRead as _, BufReader, Write as _};

use crate::run::{Folder, Node};

#[test]
fn pages_are_served_compressed_guarded_and_only_once() {
    let folder = Folder::new();
    let node = Node::hub(&folder.join("data"));
    for path in ["/", "/xa", "/on-tap", "/toi", "/xac-nhan", "/?lang=en"] {
        let page = node.get(path, "accept-encoding: gzip, br\r\n");
        assert_eq!(page.status(), 200, "{path}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("content-encoding"), Some("br"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));

        let tag = page.header("etag").unwrap();
        let again = node.get(path, &format!("if-none-match: {tag}\r\n"));
        assert_eq!((again.status(), again.body()), (304, ""), "{path}");
    }
    let plain = node.get("/", "");
    assert!(plain.body().starts_with("<!doctype html><html lang=\"vi\""));
    assert_eq!(plain.header("content-encoding"), None);
    let english = node.get("/?lang=en", "");
    assert!(english.body().starts_with("<!doctype html><html lang=\"en\""));
    assert!(english.header("set-cookie").is_some_and(|cookie| cookie.starts_with("bdhv.lang=en;")));
    for shell in ["/vo?lang=en", "/vo/toi?lang=en"] {
        let kept = node.get(shell, "");
        assert_eq!((kept.status(), kept.header("set-cookie")), (200, None), "nobody chose the language of {shell}");
    }
}

#[test]
fn of_whom_nobody_attested_anything_nothing_is_confirmed() {
    let folder = Folder::new();
    let node = Node::hub(&folder.join("data"));
    let unknown = format!("/xac-nhan/{}", "0f".repeat(16));
    for (path, status, why) in
        [(&*unknown, 404, "nobody has confirmed this learner here"), ("/xac-nhan/0f", 400, "the address is malformed")]
    {
        let answer = node.get(path, "");
        assert_eq!((answer.status(), answer.header("content-type")), (status, Some("application/json")));
        assert!(answer.body().contains(why), "{}", answer.body());
    }
    assert_eq!(node.get("/revocations", "").body(), "{\"revocations\":null}\n");
    assert!(node.get("/criteria.toml", "").body().contains("[[require]]"));
    assert!(node.get("/xac-nhan", "").body().contains("Kỹ năng số cơ bản"));
    assert!(node.get("/xac-nhan?lang=en", "").body().contains("Basic digital skills"));
}

#[test]
fn the_app_learns_whom_to_dial() {
    let folder = Folder::new();
    let node = Node::hub(&folder.join("data"));
    let hub: serde_json::Value = serde_json::from_str(node.get("/hub.json", "").body()).unwrap();
    assert_eq!(hub["endpoint"], node.ready["endpoint"]);
    assert_eq!((hub["relay"].as_str(), hub["role"].as_str()), (Some("/"), Some("hub")));
}

#[test]
fn what_is_not_served_is_answered_in_words() {
    let folder = Folder::new();
    let node = Node::hub(&folder.join("data"));
    let address = node.address();
    let pack = format!("/pack/{}", "0".repeat(64));
    let cases = [
        ("/pack/xyz", 400, "the address is malformed"),
        (pack.as_str(), 404, "nothing is served at this address"),
        ("/app/../etc/passwd", 404, "nothing is served"),
        ("/app/ui.js", 404, "nothing is served"),
        ("/tinh", 404, "bdhv province serve"),
        ("/tinh/feed", 404, "bdhv province serve"),
        ("/bai/9999/9999", 404, "<html lang=\"vi\""),
        ("/bai/x/y", 400, "<html lang=\"vi\""),
        ("/somewhere", 404, "<html lang=\"vi\""),
    ];
    for (path, status, words) in cases {
        let answer = node.get(path, "");
        assert_eq!(answer.status(), status, "{path}");
        assert!(answer.body().contains(words), "{path}: {}", answer.body());
    }

    let post = format!("POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    let answer = node.exchange(format!("{post}\r\n").as_bytes());
    assert_eq!(answer.status(), 405);
    let answer = node.exchange(format!("{post}content-length: 4000000000\r\n\r\n").as_bytes());
    assert_eq!(answer.status(), 413);
    assert!(answer.body().contains("requests with a body are not served"), "{}", answer.body());
    let answer = node.get("/", &format!("cookie: {}\r\n", "x".repeat(20_000)));
    assert_eq!(answer.status(), 431);
    assert!(answer.body().contains("the request headers are too long"), "{}", answer.body());
    assert_eq!(node.get("/", &format!("cookie: {}\r\n", "x".repeat(100_000))).status(), 431);
    assert_eq!(node.get("/", &"x: y\r\n".repeat(1_000)).status(), 431);
}

#[test]
fn garbage_ends_its_own_connection_and_nothing_else() {
    let folder = Folder::new();
    let node = Node::hub(&folder.join("data"));
    let mut waiting = node.connect();
    waiting.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").unwrap();
    let long = vec![0xff; 70_000];
    for garbage in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"\r\n\r\n\r\n", b"GET \0 HTTP/9.9\r\n\r\n", &long] {
        let answer = node.exchange_and_end(garbage);
        assert!(answer.0.is_empty() || answer.status() >= 400, "{}", answer.0);
    }
    assert_eq!(node.get("/relay", "").status(), 400);
    assert_eq!(node.get("/ping", "").header("access-control-allow-origin"), Some("*"));

    waiting.write_all(b"connection: close\r\n\r\n").unwrap();
    let mut line = String::new();
    BufReader::new(waiting).read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 200 OK\r\n");
}

#[test]
fn the_dashboard_is_shown_to_this_machine_and_follows_the_store() {
    let folder = Folder::new();
    let node = Node::start(&["province", "serve"], &folder.join("data"), &[]);
    assert_eq!(node.get("/tinh", "").status(), 200);
    let page = |host: &str| format!("GET /tinh HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    assert_eq!(node.exchange(page("localhost").as_bytes()).status(), 200);
    let answer = node.exchange(page("evil.example").as_bytes());
    assert_eq!(answer.status(), 403);
    assert!(answer.body().contains("--dashboard-open"));

    let mut feed = node.connect();
    write!(feed, "GET /tinh/feed HTTP/1.1\r\nhost: {}\r\n\r\n", node.address()).unwrap();
    let mut lines = BufReader::new(feed).lines().map(Result::unwrap);
    let data = lines.find_map(|line| Some(line.strip_prefix("data: ")?.to_owned())).unwrap();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(data["communes"], serde_json::json!([]));
    assert!(data["at_minutes"].as_u64().unwrap() > 0);

    // An open dashboard does not keep the node from stopping.
    assert_eq!(node.stop(), Some(0));
    assert!(lines.all(|line| !line.starts_with("data: ")));
}
