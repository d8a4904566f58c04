//! Every rule of the format: what is wrong, and what to write instead.
//!
//! All in one place, so that an author's questions are answered in one voice.

mod exercises;
mod facts;
mod fences;
mod fields;
mod files;
mod images;
mod markdown;
mod similar;

use crate::source::Rule;

pub(crate) use exercises::*;
pub(crate) use facts::*;
pub(crate) use fences::*;
pub(crate) use fields::*;
pub(crate) use files::*;
pub(crate) use images::*;
pub(crate) use markdown::*;

/// Characters of the author's text repeated in a message.
const QUOTED_CHARS_MAX: usize = 60;

fn rule(message: impl Into<String>, help: impl Into<String>) -> Rule {
    (message.into(), help.into())
}

/// Shortens what an author wrote, so that a message stays readable.
fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
