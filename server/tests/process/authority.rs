//! Keys, credentials and revocation from the command line, at nodes that run and at others.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use crate::run::{Folder, Node, run};
use crate::start::refused;

/// Runs a command that ends well, and returns what it printed.
pub(crate) fn said(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Makes a province's key in the folder, and returns its file and its public key.
pub(crate) fn province(folder: &Folder) -> (String, String) {
    let key = folder.join("province.key");
    let public = said(&["province", "init", "--key", &key]);
    (key, public)
}

/// Issues a team's credential to a device for every commune.
fn team(key: &str, device: &str) -> String {
    let to = ["--device", device, "--rank", "team", "--team", "7", "--everywhere", "--days", "30"];
    said(&[&["credential", "issue", "--key", key][..], &to].concat())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_key_is_made_once_and_warned_about_when_plain() {
    let folder = Folder::new();
    let key = folder.join("province.key");
    let made = run(&["province", "init", "--key", &key]);
    assert!(String::from_utf8_lossy(&made.stderr).contains("is not encrypted"));
    assert_eq!(String::from_utf8(made.stdout).unwrap().trim().len(), 64);
    assert_eq!(mode(Path::new(&key)), 0o600);
    refused(&run(&["province", "init", "--key", &key]), 73, &[&key, "never overwritten"]);
}

#[test]
fn an_encrypted_key_needs_its_passphrase() {
    let folder = Folder::new();
    let (key, right, wrong) = (folder.join("key"), folder.join("right"), folder.join("wrong"));
    fs::write(&right, "mot hai ba\nsecond line\n").unwrap();
    fs::write(&wrong, "bon nam sau\n").unwrap();
    let made = run(&["province", "init", "--key", &key, "--new-passphrase-file", &right]);
    assert!(made.status.success() && made.stderr.is_empty());
    let public = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let issue = |file: &str| {
        let to = ["--device", &public, "--rank", "province", "--days", "1"];
        run(&[&["credential", "issue", "--key", &key, "--passphrase-file", file][..], &to].concat())
    };
    assert!(issue(&right).status.success());
    refused(&issue(&wrong), 78, &[&key, "the passphrase does not open it"]);
    refused(&issue("/nowhere"), 78, &["/nowhere", "No such file"]);
    assert!(!fs::read_to_string(&key).unwrap().contains("secret"));
}

#[test]
fn a_chain_is_issued_link_by_link_and_shown_in_words() {
    let folder = Folder::new();
    let (key, public) = province(&folder);
    let [commune, chain, out] = ["commune.key", "commune", "hub"].map(|name| folder.join(name));
    let to = ["--new-key", &commune, "--rank", "commune", "--commune", "30307", "--until", "2099-01-31"];
    said(&[&["credential", "issue", "--key", &key, "--from", "2026-01-01", "--out", &chain][..], &to].concat());
    let device = said(&["credential", "request", "--data", &folder.join("data")]);
    let to = ["--device", &device, "--rank", "team", "--team", "7", "--days", "2", "--from", "2026-01-01"];
    let issue = ["credential", "issue", "--key", &commune, "--chain", &chain];
    said(&[&issue[..], &to, &["--out", &out]].concat());
    let shown = said(&["credential", "show", &out, "--province", &public]);
    for part in [
        &format!("link 1\n  issuer   {public} (province)\n")[..],
        "rank     commune\n  where    30307 Phường Long Xuyên\n  rights   collect,attest,delegate\n",
        "days     2026-01-01 to 2099-01-31\n",
        &format!("  subject  {device}\n  rank     team\n  where    30307 Phường Long Xuyên\n  team     7\n"),
        "rights   collect,attest\n  days     2026-01-01 to 2026-01-02\n",
        "held from 2026-01-01 until 2026-01-02: expired",
    ] {
        assert!(shown.contains(part), "{part:?} is not in:\n{shown}");
    }
    let of_another = said(&["credential", "show", &fs::read_to_string(&out).unwrap(), "--province", &device]);
    assert!(of_another.contains("does not hold: link 1"), "{of_another}");

    let beyond = |more: &[&str]| run(&[&issue[..], &["--device", &device, "--days", "2"], more].concat());
    refused(&beyond(&["--rank", "team", "--everywhere"]), 77, &["link 2", "reaches beyond the issuer's area"]);
    refused(&beyond(&["--rank", "commune"]), 77, &["link 2", "not below commune"]);
    refused(&beyond(&["--rank", "team", "--rights", "publish"]), 77, &["the rights publish"]);
    refused(&beyond(&["--rank", "team", "--commune", "30308"]), 78, &["did you mean 30307"]);
    refused(&beyond(&["--rank", "team", "--out", &out]), 73, &[&out, "choose another name"]);
    assert_eq!(beyond(&["--rank", "team", "--rights", "teach"]).status.code(), Some(2));
}

#[test]
fn a_credential_is_taken_by_a_node_that_runs_and_by_one_that_does_not() {
    let folder = Folder::new();
    let (key, public) = province(&folder);
    let [running, stopped] = [folder.join("running"), folder.join("stopped")];
    let node = Node::hub(&running);
    let hub = |node: &Node| serde_json::from_str::<serde_json::Value>(node.get("/hub.json", "").body()).unwrap();
    assert_eq!(hub(&node)["province"], serde_json::Value::Null);
    for data in [&running, &stopped] {
        let device = said(&["credential", "request", "--data", data]);
        assert_eq!(said(&["credential", "install", "--data", data, &team(&key, &device)]), "installed");
        assert_eq!(said(&["learners", "--data", data]), "0 learners");
    }
    assert_eq!(hub(&node)["province"], serde_json::json!(public));
    let of_another = team(&key, &"0f".repeat(32));
    let refusal = run(&["credential", "install", "--data", &running, &of_another]);
    refused(&refusal, 77, &["was not taken", "not of this one"]);
    let serve = ["serve", "--data", &stopped, "--http", "127.0.0.1:0", "--credential", &of_another];
    refused(&run(&serve), 77, &["was not taken"]);
    let node = Node::start(
        &["serve"],
        &stopped,
        &["--credential", &team(&key, &said(&["credential", "request", "--data", &stopped]))],
    );
    assert_eq!(hub(&node)["province"], serde_json::json!(public));
}

#[test]
fn what_a_credential_does_not_allow_is_refused() {
    let folder = Folder::new();
    let (data, learner) = (folder.join("data"), "0f".repeat(16));
    let attest = ["attest", "--data", &data, "--learner", &learner, "--course", "1"];
    refused(&run(&attest), 77, &["was not confirmed", "no such learner"]);
    let withdraw = ["withdraw", "--data", &data, "--learner", &learner];
    refused(&run(&withdraw), 77, &["was not withdrawn", "no credential"]);
    assert_eq!(run(&["withdraw", "--data", &data, "--learner", "0f"]).status.code(), Some(2));
}

#[test]
fn a_revocation_list_grows_and_ends_a_hub() {
    let folder = Folder::new();
    let (key, public) = province(&folder);
    let (data, list) = (folder.join("data"), folder.join("list"));
    let device = said(&["credential", "request", "--data", &data]);
    said(&["credential", "install", "--data", &data, &team(&key, &device)]);
    let revoke = ["credential", "revoke", "--key", &key, "--list", &list, "--device"];
    let other = "0f".repeat(32);
    assert!(said(&[&revoke[..], &[&other]].concat()).contains("nothing that it ever recorded counts"));
    refused(&run(&[&revoke[..], &[&other]].concat()), 78, &[&other, "listed already"]);
    let output = said(&[&revoke[..], &[&device, "--data", &data]].concat());
    assert!(output.contains("1 of its entries stay") && output.contains("list 2 with 2 revoked"), "{output}");
    let shown = said(&["credential", "show", &list, "--province", &public]);
    for part in ["revocation list 2", "nothing of it counts", "log 0: 1 entries count", "signed by this province"] {
        assert!(shown.contains(part), "{part:?} is not in:\n{shown}");
    }
    assert_eq!(said(&["credential", "install", "--data", &data, &list]), "installed");
    let older = Path::new(&list).with_extension("older");
    fs::copy(&list, &older).unwrap();
    said(&[&revoke[..], &["bb".repeat(32).as_str()]].concat());
    assert_eq!(said(&["credential", "install", "--data", &data, &list]), "installed");
    let older = run(&["credential", "install", "--data", &data, older.to_str().unwrap()]);
    refused(&older, 77, &["was not taken", "epoch 2, and 3 is held"]);

    let stranger = folder.join("stranger.key");
    said(&["province", "init", "--key", &stranger]);
    let by_stranger = ["credential", "revoke", "--key", &stranger, "--list", &list, "--device", &"aa".repeat(32)];
    refused(&run(&by_stranger), 78, &[&list, "not signed by the province"]);
}

#[test]
fn the_control_socket_is_the_owners_bounded_and_replaced_when_stale() {
    let folder = Folder::new();
    let data = folder.join("data");
    fs::create_dir(&data).unwrap();
    let socket = Path::new(&data).join("control.sock");
    drop(UnixListener::bind(&socket).unwrap());
    let node = Node::hub(&data);
    assert_eq!(mode(&socket), 0o600);
    let long = vec![b' '; 200_000];
    for (order, answer) in [
        (&b"{\"order\":\"device\"}\n"[..], node.ready["endpoint"].as_str().unwrap()),
        (b"{\"order\":\"fly\"}\n", "no order that this version knows"),
        (b"xin chao\n", "no order that this version knows"),
        (&long, "no order that this version knows"),
    ] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        // A node that has read as much as it takes stops reading.
        drop(stream.write_all(order));
        let mut report = String::new();
        drop(stream.read_to_string(&mut report));
        assert!(report.contains(answer) || order.len() > 100_000, "{report}");
    }
    assert_eq!(node.get("/healthz", "").status(), 200);
    assert_eq!(node.stop(), Some(0));
    assert!(!socket.exists());
    assert_eq!(said(&["learners", "--data", &data]), "0 learners");
}
