//! Markup that may be put into a page as it is.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Markup that may be put into a page as it is, unlike a `String`, which has to be escaped.
///
/// [`compile`](crate::compile()) writes it: escaped text and a known set of tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Html(String);

impl Html {
    /// Takes markup its author vouches for; never text that came from outside.
    pub fn trusted(markup: impl Into<String>) -> Self {
        Self(markup.into())
    }

    /// Returns the markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the markup without copying it.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl AsRef<str> for Html {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
