//! The one text of a set of RDF statements: RDFC-1.0 (W3C "RDF Dataset Canonicalization"), for what a badge needs.
//!
//! Statements are written as N-Quads and sorted. A node without a name of its own is labelled in the order of hashes
//! of what is said of it (§4.6, "Hash First Degree Quads"), whatever order it was read in. Two nodes of which the same
//! is said would need the longer way of §4.8, "Hash N-Degree Quads". In a badge there are none: its nodes without a
//! name are one subject, one criteria, one evidence, and identities of which each has another `identityType`. So here
//! two alike are refused.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// What stands in a statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Term {
    /// A name. Nothing in it must be escaped.
    Iri(String),
    /// A node without a name; nodes are counted from 0.
    Blank(usize),
    /// A text.
    Text(String),
    /// A value, and the IRI of its type.
    Typed(String, &'static str),
}

/// One thing said of a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quad {
    pub(super) subject: Term,
    /// An IRI.
    pub(super) predicate: String,
    pub(super) object: Term,
}

/// Two nodes cannot be told apart by what is said of each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("of two nodes without a name the same is said: {hash}")]
pub(super) struct Alike {
    hash: String,
}

/// Writes statements in their one order, each node without a name under its one label.
///
/// # Errors
///
/// [`Alike`].
pub(super) fn canonical(quads: &BTreeSet<Quad>) -> Result<String, Alike> {
    let order = order(quads)?;
    let label = |blank| format!("c14n{}", order.iter().position(|found| *found == blank).unwrap_or_default());
    Ok(sorted(quads.iter().map(|quad| line(quad, label))))
}

/// The nodes without a name, by the hash of what is said of each.
fn order(quads: &BTreeSet<Quad>) -> Result<Vec<usize>, Alike> {
    let blanks: BTreeSet<usize> = quads.iter().flat_map(blanks).collect();
    let mut hashed: Vec<(String, usize)> = blanks.into_iter().map(|blank| (hash(quads, blank), blank)).collect();
    hashed.sort();
    match hashed.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(Alike { hash: pair[0].0.clone() }),
        None => Ok(hashed.into_iter().map(|(_, blank)| blank).collect()),
    }
}

fn blanks(quad: &Quad) -> impl Iterator<Item = usize> {
    [&quad.subject, &quad.object].into_iter().filter_map(|term| match term {
        Term::Blank(blank) => Some(*blank),
        _ => None,
    })
}

/// Hashes the statements in which a node stands: it is called `a` there, and every other one `z`, so that two may
/// read alike; both count.
fn hash(quads: &BTreeSet<Quad>, blank: usize) -> String {
    let label = |other| if other == blank { "a" } else { "z" }.to_owned();
    let about = quads.iter().filter(|quad| blanks(quad).any(|found| found == blank));
    HEXLOWER.encode(&Sha256::digest(sorted(about.map(|quad| line(quad, label)))))
}

/// Puts lines in the order of code points, which that of their UTF-8 is too.
fn sorted(lines: impl Iterator<Item = String>) -> String {
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines.concat()
}

fn line(quad: &Quad, label: impl Fn(usize) -> String) -> String {
    let written = |term: &Term| match term {
        Term::Iri(iri) => format!("<{iri}>"),
        Term::Blank(blank) => format!("_:{}", label(*blank)),
        Term::Text(text) => format!("\"{}\"", escaped(text)),
        Term::Typed(text, datatype) => format!("\"{}\"^^<{datatype}>", escaped(text)),
    };
    format!("{} <{}> {} .\n", written(&quad.subject), quad.predicate, written(&quad.object))
}

/// Escapes a text as canonical N-Quads want it (RDFC-1.0, appendix A): by a letter where there is one, else by the
/// number, and nothing that need not be.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let short = match letter {
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{c}' => 'f',
            '\r' => 'r',
            '"' | '\\' => letter,
            '\0'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => {
                // Writing into a string cannot fail.
                let _ = write!(out, "\\u{:04X}", u32::from(letter));
                continue;
            }
            _ => {
                out.push(letter);
                continue;
            }
        };
        out.extend(['\\', short]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quad(subject: Term, predicate: &str, object: Term) -> Quad {
        Quad { subject, predicate: format!("urn:p:{predicate}"), object }
    }

    /// As rdf-canonize 5.0.0 writes them, but U+FFFE and U+FFFF: it leaves those as they are, the specification not.
    #[test]
    fn texts_are_escaped_as_the_specification_wants() {
        let first: String = ('\0'..=' ').collect();
        let expected = r"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000B\f\r\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F ";
        assert_eq!(escaped(&first), expected);
        assert_eq!(escaped("\"\\'/\u{7f}\u{80}\u{2028}\u{fffd}"), "\\\"\\\\'/\\u007F\u{80}\u{2028}\u{fffd}");
        assert_eq!(escaped("\u{fffe}\u{ffff}😀"), "\\uFFFE\\uFFFF😀");
        assert_eq!(escaped("Bà Sáu — Bà Sáu"), "Bà Sáu — Bà Sáu", "nothing is composed");
    }

    fn set(quads: &[Quad]) -> BTreeSet<Quad> {
        quads.iter().cloned().collect()
    }

    #[test]
    fn what_is_said_comes_in_one_order_however_it_was_counted() {
        let said = |[a, b]: [usize; 2]| {
            vec![
                quad(Term::Iri("urn:x".to_owned()), "has", Term::Blank(a)),
                quad(Term::Blank(a), "of", Term::Blank(b)),
                quad(Term::Blank(a), "name", Term::Text("one".to_owned())),
                quad(Term::Blank(b), "name", Term::Text("two".to_owned())),
                quad(Term::Blank(b), "true", Term::Typed("false".to_owned(), "urn:bool")),
            ]
        };
        let text = canonical(&set(&said([0, 1]))).unwrap();
        assert_eq!(canonical(&set(&said([7, 3]))), Ok(text.clone()));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5);
        assert!(lines.is_sorted(), "{text}");
        assert!(text.contains("\"false\"^^<urn:bool> .\n") && text.contains("_:c14n0 ") && text.contains("_:c14n1 "));
    }

    #[test]
    fn nodes_of_which_the_same_is_said_are_refused() {
        let said = |blank| quad(Term::Blank(blank), "name", Term::Text("one".to_owned()));
        assert!(canonical(&set(&[said(0), said(1)])).is_err());
        assert!(canonical(&set(&[said(0), said(0)])).is_ok());
    }
}
