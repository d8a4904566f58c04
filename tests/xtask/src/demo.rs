//! `cargo xtask run`: a province and a hub on loopback, until Ctrl-C.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use xtask::http;
use xtask::node::{Lines, Node, Role, Start, command};

use crate::process::{Steps, build_bdhv};
use crate::{paths, prerequisites, site};

/// Port of the demo hub, where it is free.
const HUB_PORT: u16 = 8080;
/// Port of the demo province, where it is free.
const PROVINCE_PORT: u16 = 8081;
/// How many days the demo's credentials hold: longer than anybody keeps its folder.
const DEMO_DAYS: &str = "3650";
/// How often the demo looks whether both nodes are still there.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// Builds everything and keeps the demo up until Ctrl-C.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut steps = Steps::new(prerequisites::STEPS + site::STEPS + 4);
    let toolchain = prerequisites::web(&mut steps)?;
    site::build(&mut steps, &toolchain)?;
    let bdhv = build_bdhv(&mut steps)?;
    let (ask, asked) = mpsc::channel();
    // A request that nobody receives any more is for a demo that is ending anyway.
    ctrlc::set_handler(move || ask.send(()).unwrap_or_default())?;
    steps.begin("issuing the credentials of the demo");
    let key = province_key(&bdhv)?;
    let own = enrolment(&bdhv, &key, "province", &["--rank", "province"])?;
    let team = enrolment(&bdhv, &key, "hub", &["--rank", "team", "--team", "1", "--everywhere"])?;
    steps.begin("starting the demo province");
    let province = start(&bdhv, Role::Province, "province", PROVINCE_PORT, &own)?;
    steps.begin("starting the demo hub, peered with the province");
    let peer = ["--peer".to_owned(), province.ready.ticket.clone()];
    let hub = start(&bdhv, Role::Hub, "hub", HUB_PORT, &[&team[..], &peer].concat())?;
    let outcome = show(&hub, &province).and_then(|()| watch([&hub, &province], &asked));
    eprintln!("\nstopping …");
    // Both are asked, even where the first does not stop well.
    let stopped = [hub.stop(), province.stop()];
    outcome.and(stopped.into_iter().collect())
}

fn start(bdhv: &Path, role: Role, name: &str, port: u16, more: &[String]) -> anyhow::Result<Node> {
    let data = folder(name)?;
    let http = format!("127.0.0.1:{}", free(port));
    let start = Start { program: bdhv, role, data: &data, http: &http, more, log: None, lines: Lines::Shown };
    Node::start(&start).with_context(|| format!("the demo {name} did not start"))
}

/// Returns the file of the demo province's key, made on the first run. It is plain: there is nothing to guard.
fn province_key(bdhv: &Path) -> anyhow::Result<PathBuf> {
    let key = folder("")?.join("province.key");
    if !key.exists() {
        command(bdhv, &["province", "init", "--key", text(&key)?])?;
    }
    Ok(key)
}

/// Issues a node its credential, once: another one would only make its log longer.
fn enrolment(bdhv: &Path, key: &Path, name: &str, terms: &[&str]) -> anyhow::Result<Vec<String>> {
    let (data, file) = (folder(name)?, folder("")?.join(format!("{name}.credential")));
    if !file.exists() {
        let device = command(bdhv, &["credential", "request", "--data", text(&data)?])?;
        let issue = ["credential", "issue", "--key", text(key)?, "--device", device.trim(), "--days", DEMO_DAYS];
        command(bdhv, &[&issue[..], terms, &["--out", text(&file)?]].concat())?;
    }
    Ok(vec!["--credential".to_owned(), text(&file)?.to_owned()])
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().with_context(|| format!("{} is no text", path.display()))
}

fn folder(name: &str) -> anyhow::Result<PathBuf> {
    let data = paths::target().join("demo").join(name);
    std::fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
    Ok(data)
}

/// Returns the port where it is free, else 0: any.
fn free(port: u16) -> u16 {
    TcpListener::bind(("127.0.0.1", port)).map_or(0, |_| port)
}

/// Asks each node for its page, and prints the addresses that answered.
fn show(hub: &Node, province: &Node) -> anyhow::Result<()> {
    println!();
    for (who, node, path) in [("learners", hub, "/"), ("province", province, "/tinh")] {
        let answer = http::get(&node.ready.http, path)?;
        if answer.status != 200 {
            bail!("{}{path} answered {}", node.ready.http, answer.status);
        }
        println!("  {who}   {}{path}", node.ready.http);
    }
    println!("\nCtrl-C stops both.");
    Ok(())
}

fn watch(nodes: [&Node; 2], asked: &mpsc::Receiver<()>) -> anyhow::Result<()> {
    while asked.recv_timeout(WATCH_EVERY).is_err() {
        if let Some(node) = nodes.into_iter().find(|node| node.has_ended()) {
            bail!("the node at {} ended by itself; its last lines say why", node.ready.http);
        }
    }
    Ok(())
}
