//! `bdhv content`: courses, from an author's folder to a node.
//!
//! | module | what |
//! |---|---|
//! | [`folder`] | the files of a course, and the courses in a folder |
//! | [`draft`] | courses as their files are now, checked and compiled |
//! | [`report`] | what was found in them, for people and for programs |
//! | [`check`] | what to change before a course is published |
//! | [`preview`] | the app with courses that are being written |
//! | [`speak`] | audio where nobody recorded it |
//! | [`publish`] | courses signed and shown at a node |

mod check;
mod draft;
mod folder;
mod preview;
mod publish;
mod report;
mod speak;

use clap::Subcommand;

use crate::fault::Fault;
use check::CheckArgs;
use preview::PreviewArgs;
use publish::PublishArgs;
use speak::SpeakArgs;

/// What can be done with courses.
#[derive(Debug, Subcommand)]
pub(crate) enum Content {
    /// Say what to change in a course, or in all courses of a folder, and what there is to read.
    Check(CheckArgs),
    /// Serve the app on this machine with these courses in it, and show every change at once.
    Preview(PreviewArgs),
    /// Make the audio of courses where nobody recorded it, with espeak-ng and opus-tools.
    Speak(SpeakArgs),
    /// Sign courses and show them at a node, from which they spread to all others.
    Publish(PublishArgs),
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
        Content::Speak(args) => speak::run(&args),
        Content::Publish(args) => publish::run(&args),
    }
}
