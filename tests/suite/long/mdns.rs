//! Two hubs on one cable find each other by multicast DNS, and sync without a ticket.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use sync::CommuneCode;
use tests::authority::hub_terms;
use tests::feed::Feed;
use tests::hall::{Station, bdhv, enrolment, hand_over};
use tests::logs;
use tests::netns::{self, Cable, ENDS};
use tests::scratch::Scratch;
use xtask::node::{Lines, Node, Role, Start};

const COMMUNE: CommuneCode = CommuneCode(30_697);

fn start(command: Command, data: &Path, http: &str, more: &[String]) -> anyhow::Result<Node> {
    let log = Some("info,sync=debug,server=debug,bdhv=debug");
    let start = Start { program: data, role: Role::Hub, data, http, more, log, lines: Lines::Kept };
    Node::start_command(start.command(command), Lines::Kept)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hubs_find_each_other_and_sync() -> anyhow::Result<()> {
    if !netns::allowed() {
        ensure!(std::env::var_os("CI").is_none(), "network namespaces need root: run the suite as root");
        eprintln!("left out: network namespaces need root");
        return Ok(());
    }
    let bdhv = bdhv()?;
    let [first_data, second_data] = [Scratch::new("hub")?, Scratch::new("hub")?];
    let [first_more, second_more] =
        [enrolment(first_data.path(), hub_terms())?, enrolment(second_data.path(), hub_terms())?];
    // The first hub has gathered something on its own.
    let alone = start(Command::new(&bdhv), first_data.path(), "127.0.0.1:0", &first_more)?;
    let gathered = [logs::phone(1, COMMUNE, 3), logs::phone(2, COMMUNE, 2)];
    assert_eq!(hand_over(&alone.ready.ticket, &gathered).await?, 2);
    alone.stop()?;

    let cable = Cable::lay()?;
    let first = start(cable.at(0, &bdhv), first_data.path(), &format!("{}:8080", ENDS[0]), &first_more)?;
    let second = start(cable.at(1, &bdhv), second_data.path(), &format!("{}:8080", ENDS[1]), &second_more)?;
    first.wait_log(&["session with store", "Hub"])?;
    second.wait_log(&["session with store", "Hub"])?;
    second.wait_log(&["caught up to position"])?;
    first.kill()?;
    second.stop()?;

    // What the second now holds, the province counts.
    let province = Station::province()?;
    let more = ["--peer".to_owned(), province.ticket()?.to_owned()];
    let second = start(Command::new(&bdhv), second_data.path(), "127.0.0.1:0", &more)?;
    let mut feed = Feed::open(&province.node()?.ready.http)?;
    let numbers = feed.wait("both phones", |numbers| numbers.lessons() >= 5);
    let numbers = numbers.with_context(|| format!("the hub's log:\n{}", second.log()))?;
    assert_eq!((numbers.learners(), numbers.lessons()), (2, 5));
    Ok(())
}
