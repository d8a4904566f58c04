//! `bdhv content`: courses, from an author's folder to a node.

mod folder;
mod publish;

use clap::Subcommand;

use crate::fault::Fault;
use publish::PublishArgs;

/// What can be done with courses.
#[derive(Debug, Subcommand)]
pub(crate) enum Content {
    /// Sign courses and show them at a node, from which they spread to all others.
    Publish(PublishArgs),
}

/// Runs a command of courses to its end; says what became of it.
///
/// # Errors
///
/// See each command.
pub(crate) fn run(command: Content) -> Result<String, Fault> {
    match command {
        Content::Publish(args) => publish::run(&args),
    }
}
