//! A body that does not change while the process runs: a file of the site, or a rendered page.

use std::io::Write as _;

use axum::body::{Body, Bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use content::pack::Hash;

use super::encoding::{self, Encoding};

/// Most entity tags looked at in one request.
const TAGS_MAX: usize = 16;

/// Digits of the hash in an entity tag: 64 bits, enough against chance.
const TAG_DIGITS: usize = 16;

/// How long a browser may keep a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cache {
    /// The address names the content: keep it for good.
    Immutable,
    /// Keep it, but ask each time whether it changed.
    Revalidate,
}

impl Cache {
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Revalidate => "no-cache",
        })
    }
}

/// A body with its compressed forms and its headers.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    identity: Bytes,
    br: Option<Bytes>,
    gzip: Option<Bytes>,
    media_type: HeaderValue,
    policy: HeaderValue,
    cache: Cache,
    tag: HeaderValue,
}

impl Resource {
    /// Makes a resource of a body and of the compressed forms that exist.
    pub(crate) fn new(
        identity: Bytes,
        br: Option<Bytes>,
        gzip: Option<Bytes>,
        media_type: &'static str,
        policy: &'static str,
        cache: Cache,
    ) -> Self {
        let hash = Hash::of(&identity).to_string();
        // Weak, because the compressed forms share it (RFC 9110 §8.8.1).
        let tag = HeaderValue::try_from(format!("W/\"{}\"", &hash[..TAG_DIGITS]));
        Self {
            identity,
            br,
            gzip,
            media_type: HeaderValue::from_static(media_type),
            policy: HeaderValue::from_static(policy),
            cache,
            tag: tag.unwrap_or_else(|_| HeaderValue::from_static("W/\"\"")),
        }
    }

    /// Makes a resource of a text rendered once, and compresses it for everyone who asks after.
    pub(crate) fn rendered(text: String, media_type: &'static str, policy: &'static str) -> Self {
        Self::compressed(text.into_bytes(), media_type, policy, Cache::Revalidate)
    }

    /// Makes a resource of a body, and compresses it.
    pub(crate) fn compressed(body: Vec<u8>, media_type: &'static str, policy: &'static str, cache: Cache) -> Self {
        let (br, gzip) = (compress_br(&body), compress_gzip(&body));
        Self::new(body.into(), br.map(Bytes::from), gzip.map(Bytes::from), media_type, policy, cache)
    }

    /// Returns the body as it is without compression.
    pub(super) fn body(&self) -> &Bytes {
        &self.identity
    }

    /// Returns how many bytes it keeps, in all its forms.
    pub(crate) fn bytes(&self) -> usize {
        let compressed = [&self.br, &self.gzip].into_iter().flatten();
        self.identity.len() + compressed.map(Bytes::len).sum::<usize>()
    }

    /// Answers a request: the smallest form it accepts, or "not modified".
    pub(crate) fn respond(&self, request: &HeaderMap) -> Response {
        self.answer(request, self.is_known(request))
    }

    /// Answers a request for something else, as with a page that says so.
    pub(crate) fn respond_as(&self, status: StatusCode, request: &HeaderMap) -> Response {
        let mut response = self.answer(request, false);
        *response.status_mut() = status;
        response
    }

    fn answer(&self, request: &HeaderMap, known: bool) -> Response {
        let form = encoding::choose(request, self.br.is_some(), self.gzip.is_some());
        let body = match form {
            _ if known => Bytes::new(),
            Encoding::Br => self.br.clone().unwrap_or_default(),
            Encoding::Gzip => self.gzip.clone().unwrap_or_default(),
            Encoding::Identity => self.identity.clone(),
        };
        let mut response = Response::new(Body::from(body));
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, self.cache.header());
        headers.insert(ETAG, self.tag.clone());
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(CONTENT_SECURITY_POLICY, self.policy.clone());
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(CONTENT_TYPE, self.media_type.clone());
        if let Some(coding) = form.header() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        response
    }

    /// Tells whether the browser already holds this body; entity tags are compared weakly.
    fn is_known(&self, request: &HeaderMap) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let own = self.tag.to_str().map(opaque).unwrap_or_default();
        let lines = request.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).take(TAGS_MAX).any(|tag| tag.trim() == "*" || opaque(tag) == own)
    }
}

/// Compresses with brotli; quality 9 of 11, because a page is rendered while someone waits.
pub(super) fn compress_br(plain: &[u8]) -> Option<Vec<u8>> {
    const QUALITY: i32 = 9;
    let parameters = brotli::enc::BrotliEncoderParams { quality: QUALITY, ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*plain, &mut packed, &parameters).ok()?;
    Some(packed)
}

pub(super) fn compress_gzip(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::ACCEPT_ENCODING;

    fn page() -> Resource {
        Resource::rendered("<p>xin chào</p>".repeat(50), "text/html; charset=utf-8", "default-src 'self'")
    }

    fn request(pairs: &[(axum::http::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    async fn body(response: Response) -> Vec<u8> {
        axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()
    }

    #[tokio::test]
    async fn every_form_is_the_same_text() {
        let plain = body(page().respond(&request(&[]))).await;

        let response = page().respond(&request(&[(ACCEPT_ENCODING, "br")]));
        assert_eq!(response.headers()[CONTENT_ENCODING], "br");
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &*body(response).await, &mut unpacked).unwrap();
        assert_eq!(unpacked, plain);

        let response = page().respond(&request(&[(ACCEPT_ENCODING, "gzip")]));
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        let mut unpacked = Vec::new();
        let packed = body(response).await;
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*packed), &mut unpacked).unwrap();
        assert_eq!(unpacked, plain);
    }

    #[test]
    fn a_body_the_browser_holds_is_not_sent_again() {
        let first = page().respond(&request(&[]));
        assert_eq!(first.headers()[CACHE_CONTROL], "no-cache");
        let tag = first.headers()[ETAG].to_str().unwrap().to_owned();

        for held in [tag.clone(), tag.trim_start_matches("W/").to_owned(), format!("\"x\", {tag}"), "*".into()] {
            let again = page().respond(&request(&[(IF_NONE_MATCH, &held)]));
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{held}");
            assert_eq!(again.headers()[ETAG], tag.as_str());
            assert!(!again.headers().contains_key(CONTENT_TYPE));
        }
        let other = page().respond(&request(&[(IF_NONE_MATCH, "\"0000000000000000\"")]));
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[test]
    fn content_addressed_bodies_are_kept_for_good() {
        let blob = Resource::new(
            Bytes::from_static(b"\0"),
            None,
            None,
            "application/octet-stream",
            "default-src 'none'",
            Cache::Immutable,
        );
        let response = blob.respond(&request(&[(ACCEPT_ENCODING, "br")]));
        assert_eq!(response.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert!(!response.headers().contains_key(CONTENT_ENCODING));
        assert_eq!(response.headers()[VARY], "accept-encoding");
    }
}
