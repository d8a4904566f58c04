//! Checks the golden vectors in a browser; the exit code is how many checks held.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(sync::golden::check())
}
