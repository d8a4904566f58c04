//! Which language a page is in: the one its address asks for (`?lang=km`), else the one asked for last, which a
//! cookie remembers, else Vietnamese.
//!
//! A learner's script keeps the choice for each learner and asks by the address; the cookie is for links that
//! are followed without it.

use app::messages::Lang;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE, VARY};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::offline;

/// Most parameters of a query looked at.
const PARAMETERS_MAX: usize = 8;

/// Most cookies of a request looked at; this site sets one.
const COOKIES_MAX: usize = 16;

/// Name of the cookie.
const NAME: &str = "bdhv.lang";

/// How long the cookie is kept: a year, in seconds.
const KEPT_SECONDS: u32 = 365 * 24 * 60 * 60;

/// Returns the language of the page that a request gets.
pub(super) fn lang(request: &Request) -> Lang {
    asked(request.uri()).or_else(|| remembered(request.headers())).unwrap_or_default()
}

/// Reads `?lang=en`.
pub(super) fn asked(address: &Uri) -> Option<Lang> {
    let parameters = address.query().unwrap_or_default().split('&').take(PARAMETERS_MAX);
    parameters.filter_map(|parameter| parameter.strip_prefix("lang=")).find_map(Lang::parse)
}

fn remembered(headers: &HeaderMap) -> Option<Lang> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let cookies = lines.flat_map(|line| line.split(';')).take(COOKIES_MAX);
    cookies.filter_map(|cookie| cookie.trim().split_once('=')).find_map(|(name, value)| {
        let named = name == NAME;
        Lang::parse(value).filter(|_| named)
    })
}

/// Remembers the language that a page was asked for in, and lets no cache take one page for another's.
pub(super) async fn remember(request: Request, next: Next) -> Response {
    // A phone that keeps the app asks for a shell in every language; nobody chose any of them.
    let chosen = !offline::is_shell(request.uri().path());
    let asked = asked(request.uri()).filter(|_| chosen);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("text/html") {
        return response;
    }
    headers.append(VARY, HeaderValue::from_static("cookie"));
    let cookie = asked.map(|lang| format!("{NAME}={}; Path=/; Max-Age={KEPT_SECONDS}; SameSite=Lax", lang.tag()));
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn the_address_comes_before_what_was_asked_for_last() {
        for (address, cookie, expected) in [
            ("/", "", Lang::Vi),
            ("/?lang=en", "", Lang::En),
            ("/bai/1/2?x=1&lang=en", "", Lang::En),
            ("/?lang=xx", "", Lang::Vi),
            ("/?language=en", "", Lang::Vi),
            ("/", "bdhv.lang=km", Lang::Km),
            ("/xa", "a=b; bdhv.lang=en ;c", Lang::En),
            ("/?lang=vi", "bdhv.lang=km", Lang::Vi),
            ("/?lang=xx", "bdhv.lang=km", Lang::Km),
            ("/", "bdhv.lang=xx", Lang::Vi),
            ("/", "other=km", Lang::Vi),
            ("/", "=;;=,bdhv.lang", Lang::Vi),
        ] {
            let request = Request::get(address).header(COOKIE, cookie).body(Body::empty()).unwrap();
            assert_eq!(lang(&request), expected, "{address} {cookie}");
        }
    }

    #[test]
    fn cookies_past_the_bound_are_not_read() {
        let long = format!("{}bdhv.lang=km", "a=b;".repeat(COOKIES_MAX));
        let request = Request::get("/").header(COOKIE, long).body(Body::empty()).unwrap();
        assert_eq!(lang(&request), Lang::Vi);
    }
}
