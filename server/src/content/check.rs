//! `bdhv content check`: what to change before a course is published.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use content::Severity;

use super::draft::Draft;
use super::folder::Place;
use super::report;
use crate::fault::{Fault, Kind};

/// Options of `bdhv content check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Folder of a course, or one that holds such folders.
    path: PathBuf,
    /// How to tell what was found.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// How to tell what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each problem, then the counts.
    Text,
    /// One JSON object.
    Json,
}

/// Checks courses, and returns what was found.
///
/// # Errors
///
/// When they have errors, which are then printed; or when they cannot be read.
pub(super) fn run(args: &CheckArgs) -> Result<String, Fault> {
    let draft = Draft::read(&Place::find(&args.path)?)?;
    let said = match args.format {
        Format::Text => [report::lines(&draft), report::counts(&draft), report::verdict(&draft)].concat(),
        Format::Json => format!("{}\n", report::json(&draft)),
    };
    if draft.checked.may_publish() {
        return Ok(said);
    }
    // Whoever reads this may have stopped reading, as `head` does.
    drop(std::io::stdout().lock().write_all(said.as_bytes()));
    let errors = draft.count(Severity::Error);
    Err(Fault::new(Kind::Data, format!("{errors} error(s) keep this from being published")).help("mend those listed"))
}
