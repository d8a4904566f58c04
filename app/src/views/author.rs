//! The author's words among those of the screens, which may be in another language.

use content::pack::Html;

use super::parts::escape;
use crate::{messages::Lang, state::App};

/// What marks the words of a course where it and the screens are in different languages (WCAG 2.2, 3.1.2): the
/// attribute with the space before it, or nothing.
#[derive(Debug)]
pub(crate) struct Author(String);

impl Author {
    /// Finds what marks the words of a course, by its number.
    pub(crate) fn of(app: &App, course: u16) -> Self {
        let course = app.catalogue.ready().and_then(|catalogue| catalogue.course(course));
        Self::writing(course.map_or("", |course| &course.language), app.lang)
    }

    /// Finds what marks words of a language, as a BCP 47 tag, on screens of a language.
    pub(crate) fn writing(language: &str, lang: Lang) -> Self {
        let same = language.is_empty() || language.split('-').next() == Some(lang.tag());
        Self(if same { String::new() } else { [" lang=\"", &escape(language), "\""].concat() })
    }

    /// Returns the attribute, for an element that holds nothing but the author's words.
    pub(crate) fn attribute(&self) -> &str {
        &self.0
    }

    /// Writes plain text as markup.
    pub(crate) fn text(&self, words: &str) -> String {
        self.within("span", &escape(words))
    }

    /// Writes markup that stands in a line.
    pub(crate) fn html(&self, html: &Html) -> String {
        self.within("span", html.as_str())
    }

    /// Writes markup that stands on lines of its own.
    pub(crate) fn block(&self, html: &Html) -> String {
        self.within("div", html.as_str())
    }

    fn within(&self, element: &str, markup: &str) -> String {
        if self.0.is_empty() {
            return markup.to_owned();
        }
        ["<", element, &self.0, ">", markup, "</", element, ">"].concat()
    }
}

#[cfg(test)]
mod tests;
