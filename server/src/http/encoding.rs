//! Which compressed form of a file a browser gets.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;

/// Most codings looked at in one request; browsers send five.
const CODINGS_MAX: usize = 16;

/// A form a body can be sent in, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Brotli.
    Br,
    /// Gzip.
    Gzip,
    /// As it is.
    Identity,
}

impl Encoding {
    /// Returns the value for `Content-Encoding`; `None` for the plain form, which has none.
    pub(crate) fn header(self) -> Option<&'static str> {
        match self {
            Self::Br => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// Chooses the smallest form the request accepts, of those that exist.
///
/// Quality values only exclude (`q=0`): brotli is smaller than gzip whatever a client prefers, and every
/// client that names it can read it. A request that excludes even the plain form gets it all the same,
/// as RFC 9110 §12.5.3 allows: a lesson is worth more than the letter.
pub(crate) fn choose(headers: &HeaderMap, br: bool, gzip: bool) -> Encoding {
    let mut accepted = (None, None, None);
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    for coding in lines.flat_map(|line| line.split(',')).take(CODINGS_MAX) {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let wanted = !excluded(parameters);
        match name.trim().to_ascii_lowercase().as_str() {
            "br" => accepted.0 = Some(wanted),
            "gzip" | "x-gzip" => accepted.1 = Some(wanted),
            "*" => accepted.2 = Some(wanted),
            _ => {}
        }
    }
    let accepts = |named: Option<bool>| named.or(accepted.2).unwrap_or(false);
    if br && accepts(accepted.0) {
        Encoding::Br
    } else if gzip && accepts(accepted.1) {
        Encoding::Gzip
    } else {
        Encoding::Identity
    }
}

/// Tells whether the parameters of a coding exclude it: `q=0`, `q=0.0`, `q=0.000`.
fn excluded(parameters: &str) -> bool {
    parameters.split(';').any(|parameter| {
        parameter.trim().to_ascii_lowercase().strip_prefix("q=").is_some_and(|q| {
            let q = q.trim();
            q.starts_with('0') && q.chars().all(|c| matches!(c, '0' | '.'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &[&str], br: bool, gzip: bool) -> Encoding {
        let mut headers = HeaderMap::new();
        for line in accept {
            headers.append(ACCEPT_ENCODING, line.parse().unwrap());
        }
        choose(&headers, br, gzip)
    }

    #[test]
    fn chooses_the_smallest_form_that_is_accepted_and_exists() {
        use Encoding::{Br, Gzip, Identity};
        let cases: &[(&[&str], bool, bool, Encoding)] = &[
            (&[], true, true, Identity),
            (&["gzip, deflate, br, zstd"], true, true, Br),
            (&["gzip, deflate"], true, true, Gzip),
            (&["gzip, br"], false, true, Gzip),
            (&["gzip, br"], false, false, Identity),
            (&["BR"], true, true, Br),
            (&["br;q=0, gzip"], true, true, Gzip),
            (&["br; q=0.000 ,gzip;q=0"], true, true, Identity),
            (&["br;q=0.1, gzip;q=1"], true, true, Br),
            (&["*"], true, true, Br),
            (&["*;q=0, gzip"], true, true, Gzip),
            (&["br;q=0, *"], true, true, Gzip),
            (&["deflate", "br"], true, true, Br),
            (&["identity;q=0"], true, true, Identity),
            (&["brotli, gzippy"], true, true, Identity),
            (&[";;;,,=,q=0"], true, true, Identity),
        ];
        for (accept, br, gzip, expected) in cases {
            assert_eq!(chosen(accept, *br, *gzip), *expected, "{accept:?} br={br} gzip={gzip}");
        }
    }

    #[test]
    fn codings_past_the_bound_are_not_read() {
        let long = format!("{}br", "deflate,".repeat(CODINGS_MAX));
        assert_eq!(chosen(&[&long], true, true), Encoding::Identity);
    }
}
