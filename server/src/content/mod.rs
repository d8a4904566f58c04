//! `bdhv content`: the author's tools.
//!
//! | module | what |
//! |---|---|
//! | [`folder`] | the files of a course, and the courses in a folder |
//! | [`check`] | what to change before a course is published |
//! | [`report`] | how that is told: to people, to programs, in a page |
//! | [`preview`] | the app with courses that are being written |
//! | [`draft`] | such courses as files are now, compiled where they can be |

mod check;
mod draft;
pub(crate) mod folder;
mod preview;
mod report;

use clap::Subcommand;

use crate::fault::Fault;
use check::CheckArgs;
use preview::PreviewArgs;

/// The commands of authors.
#[derive(Debug, Subcommand)]
pub(crate) enum Content {
    /// Say what to change in a course, or in all courses of a folder, and what there is to read.
    Check(CheckArgs),
    /// Serve the app on this machine with these courses in it, and show every change at once.
    Preview(PreviewArgs),
}

/// Runs `bdhv content …`, and returns what it prints.
///
/// # Errors
///
/// See each command.
pub(crate) fn run(what: Content) -> Result<String, Fault> {
    match what {
        Content::Check(args) => check::run(&args),
        Content::Preview(args) => preview::run(&args).map(|()| String::new()),
    }
}
