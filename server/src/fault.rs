//! What ends `bdhv` before it serves: what happened, why, and what to do, with an exit code a script
//! can tell apart.

use std::fmt;
use std::process::ExitCode;

/// Kinds of failure; the codes follow BSD's `sysexits.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The data was written by a newer release, or is damaged.
    Data,
    /// The port cannot be had.
    Unavailable,
    /// The data folder cannot be written.
    CannotCreate,
    /// Another process holds the data; trying later may help.
    Busy,
    /// A credential is missing, or does not allow it.
    NotAllowed,
    /// An option or a file it names is wrong.
    Config,
    /// Anything else.
    Software,
}

impl Kind {
    /// Returns the process's exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Data => 65,
            Self::Unavailable => 69,
            Self::Software => 70,
            Self::CannotCreate => 73,
            Self::Busy => 75,
            Self::NotAllowed => 77,
            Self::Config => 78,
        }
    }
}

/// A failure as the operator sees it: one line, `error: what: why; what to do`.
#[derive(Debug)]
pub(crate) struct Fault {
    kind: Kind,
    what: String,
    why: Option<String>,
    help: Option<String>,
}

impl Fault {
    /// Says what failed.
    pub(crate) fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), why: None, help: None }
    }

    /// Adds the cause.
    pub(crate) fn why(mut self, why: impl fmt::Display) -> Self {
        self.why = Some(format!("{why:#}"));
        self
    }

    /// Adds what the operator can do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Returns the process's exit code.
    pub(crate) fn code(&self) -> ExitCode {
        self.kind.code().into()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        if let Some(why) = &self.why {
            write!(f, ": {why}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_why_and_what_to_do() {
        let fault = Fault::new(Kind::Unavailable, "cannot listen on 127.0.0.1:80")
            .why("permission denied")
            .help("choose a port above 1023");
        assert_eq!(
            fault.to_string(),
            "error: cannot listen on 127.0.0.1:80: permission denied; choose a port above 1023"
        );
    }
}
