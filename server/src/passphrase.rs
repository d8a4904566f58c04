//! Passphrases of key files: from a file, or asked for on the terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::fault::{Fault, Kind};

/// Longest passphrase in bytes: a long sentence.
const PASSPHRASE_BYTES_MAX: u64 = 1024;

/// Reads the passphrase of a key file: from `file`, else from the terminal. `None` if there is neither.
///
/// # Errors
///
/// When the file cannot be read or holds no passphrase.
pub(crate) fn known(file: Option<&Path>) -> Result<Option<String>, Fault> {
    match file {
        Some(file) => from_file(file).map(Some),
        None => Ok(Terminal::open().ok().and_then(|mut terminal| terminal.ask("Passphrase of the key: ").ok())),
    }
}

/// Reads the passphrase for a new key file: from `file`, or asked for twice.
///
/// # Errors
///
/// When the file cannot be read, there is no terminal, or the second time something else was typed.
pub(crate) fn new(file: Option<&Path>, ask: bool) -> Result<Option<String>, Fault> {
    match file {
        Some(file) => from_file(file).map(Some),
        None if ask => ask_twice().map(Some),
        None => Ok(None),
    }
}

fn from_file(path: &Path) -> Result<String, Fault> {
    let fault = || Fault::new(Kind::Config, format!("cannot read a passphrase from {}", path.display()));
    let file = File::open(path).map_err(|error| fault().why(error))?;
    let line = first_line(file).map_err(|error| fault().why(error))?;
    if line.is_empty() { Err(fault().why("its first line is empty")) } else { Ok(line) }
}

fn ask_twice() -> Result<String, Fault> {
    let fault = || Fault::new(Kind::Config, "no passphrase for the new key");
    let no_terminal = |error: io::Error| fault().why(error).help("give one with --new-passphrase-file FILE");
    let mut terminal = Terminal::open().map_err(no_terminal)?;
    let first = terminal.ask("Passphrase for the new key: ").map_err(no_terminal)?;
    let second = terminal.ask("The same once more: ").map_err(no_terminal)?;
    if first.is_empty() || first != second {
        return Err(fault().why(if first.is_empty() { "it is empty" } else { "the two differ" }));
    }
    Ok(first)
}

fn first_line(from: impl io::Read) -> io::Result<String> {
    let mut line = String::new();
    BufReader::new(from.take(PASSPHRASE_BYTES_MAX)).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// The terminal that the process was started from.
struct Terminal(File);

impl Terminal {
    fn open() -> io::Result<Self> {
        OpenOptions::new().read(true).write(true).open("/dev/tty").map(Self)
    }

    /// Asks for a line, and shows nothing of it while it is typed.
    fn ask(&mut self, question: &str) -> io::Result<String> {
        self.0.write_all(question.as_bytes())?;
        let shown = tcgetattr(&self.0)?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&self.0, OptionalActions::Flush, &hidden)?;
        let line = first_line(&self.0);
        tcsetattr(&self.0, OptionalActions::Flush, &shown)?;
        self.0.write_all(b"\n")?;
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_counts() {
        for (bytes, line) in [("a b\nc", "a b"), ("x", "x"), ("x\r\n", "x"), ("", ""), ("\nx", "")] {
            assert_eq!(first_line(bytes.as_bytes()).unwrap(), line);
        }
    }
}
