//! `bdhv content preview`: the app with courses that are being written.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::draft::Draft;
use super::folder::{FolderError, Place, Trace};
use super::report;
use crate::fault::{Fault, Kind};
use crate::http::{
    self,
    preview::{Shown, Stage, router},
};
use crate::node::{Signals, listen, unavailable};
use crate::site::Site;

/// Time between two looks at the files: an author who turns to the browser finds the change there. A look at
/// the whole curriculum takes less than a millisecond.
const WATCH_INTERVAL: Duration = Duration::from_millis(250);

/// Options of `bdhv content preview`.
#[derive(Debug, Args)]
pub(crate) struct PreviewArgs {
    /// Folder of a course, or one that holds such folders.
    path: PathBuf,
    /// Loopback address to serve on.
    #[arg(long, value_name = "ADDR", value_parser = crate::cli::address, default_value = "127.0.0.1:8081")]
    http: SocketAddr,
    /// Once it serves, print one line of JSON before the address.
    #[arg(long)]
    ready_json: bool,
}

/// Serves courses until SIGTERM or SIGINT.
///
/// # Errors
///
/// When the folder cannot be read at the start, or the address is not on loopback or taken.
pub(super) fn run(args: &PreviewArgs) -> Result<(), Fault> {
    if !args.http.ip().to_canonical().is_loopback() {
        let what = format!("a preview is not served on {}", args.http);
        return Err(Fault::new(Kind::Config, what).help("choose an address of this machine alone, as in 127.0.0.1:0"));
    }
    let place = Place::find(&args.path)?;
    crate::block_on(serve(place, args.http, args.ready_json))
}

async fn serve(place: Place, http: SocketAddr, ready_json: bool) -> Result<(), Fault> {
    let mut signals = Signals::new()?;
    let site = Site::built_in()?;
    let listener = listen(http).await?;
    let address = listener.local_addr().map_err(|error| unavailable(http, &error))?;
    let (stop, stopped) = watch::channel(false);
    // What is traced is what was there before it was read: a change in between is seen at the next look.
    let trace = place.trace()?;
    let (shown, said) = look(&place);
    let stage = Arc::new(Stage::new(site, shown, stopped.clone()));
    let server = tokio::spawn(http::serve(listener, None, router(stage.clone()), stopped));
    print(&[address_lines(address, ready_json), said].concat());
    tokio::select! {
        () = follow(place, trace, &stage) => {}
        () = signals.wait() => {}
    }
    let _ = stop.send(true);
    let _ = server.await;
    Ok(())
}

/// Tells where it is served.
fn address_lines(address: SocketAddr, ready_json: bool) -> String {
    let ready =
        if ready_json { format!("{}\n", json!({ "http": format!("http://{address}") })) } else { String::new() };
    format!("{ready}http://{address}/ shows the courses, and every change of them. Ctrl+C ends it.\n")
}

/// Shows each change of the files.
async fn follow(place: Place, mut known: Vec<Trace>, stage: &Arc<Stage>) {
    let mut looks = interval(WATCH_INTERVAL);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let (place, stage) = (place.clone(), stage.clone());
        // A folder that cannot be read has no trace, and is looked at again each time until it can.
        let look = spawn_blocking(move || {
            let trace = place.trace().unwrap_or_default();
            if trace != known || trace.is_empty() {
                let (shown, said) = look(&place);
                if stage.show(shown) {
                    print(&said);
                }
            }
            trace
        });
        match look.await {
            Ok(trace) => known = trace,
            Err(_) => return,
        }
    }
}

/// Reads and compiles the courses. Returns what to show, and what to say of it.
fn look(place: &Place) -> (Shown, String) {
    draft(place).unwrap_or_else(|error| {
        let said = Fault::from(error).to_string();
        (Shown::problems(vec![said.clone()]), said + "\n")
    })
}

fn draft(place: &Place) -> Result<(Shown, String), FolderError> {
    let draft = Draft::read(place)?;
    let said = [report::lines(&draft), report::verdict(&draft)].concat();
    if !draft.checked.may_publish() {
        return Ok((Shown::problems(draft.problems().iter().map(report::line).collect()), said));
    }
    let shown = draft.compile().map_err(|error| error.to_string());
    let shown = shown.and_then(|courses| Shown::courses(courses).map_err(|error| error.to_string()));
    Ok((shown.unwrap_or_else(|error| Shown::problems(vec![error])), said))
}

/// Prints for whoever reads it; nobody may.
fn print(said: &str) {
    let mut out = io::stdout().lock();
    drop(out.write_all(said.as_bytes()).and_then(|()| out.flush()));
}
