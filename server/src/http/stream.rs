//! Published lessons and pictures, from disk as they are sent, whole or a range of their bytes (RFC 9110 §14).

use std::io::{self, SeekFrom};
use std::ops::Range;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use content::pack::{Hash, media_type};
use n0_future::stream;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::resource::Cache;
use crate::packs::Library;

/// Bytes read at once.
const READ_BYTES: usize = 64 * 1024;
/// First bytes of a blob, by which its kind is known.
const MAGIC_BYTES: usize = 12;

/// What a request asks for of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// All of it.
    Whole,
    /// These bytes.
    Bytes(Range<u64>),
    /// Bytes that it does not have.
    Beyond,
}

/// Answers a request for a blob; `None` if it is not in the library, or cannot be read.
pub(super) async fn respond(library: &Library, hash: Hash, request: &HeaderMap) -> Option<Response> {
    let (path, size) = library.find(hash)?;
    let tag = format!("\"{hash}\"");
    let text = |name: HeaderName| request.get(name).and_then(|value| value.to_str().ok());
    if text(IF_NONE_MATCH).is_some_and(|tags| tags == "*" || tags.contains(&tag)) {
        return Some((StatusCode::NOT_MODIFIED, headers(&tag)).into_response());
    }
    let ranged = text(IF_RANGE).is_none_or(|held| held == tag);
    let part = text(RANGE).filter(|_| ranged).map_or(Part::Whole, |range| part(range, size));
    let mut file = File::open(path).await.ok()?;
    let kind = kind(&mut file).await.ok()?;
    let (status, range) = match part {
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Bytes(range) => (StatusCode::PARTIAL_CONTENT, range),
        Part::Beyond => {
            let range = [(CONTENT_RANGE, format!("bytes */{size}"))];
            return Some((StatusCode::RANGE_NOT_SATISFIABLE, headers(&tag), range).into_response());
        }
    };
    file.seek(SeekFrom::Start(range.start)).await.ok()?;
    let length = range.end - range.start;
    let about = [(CONTENT_TYPE, kind.to_owned()), (CONTENT_LENGTH, length.to_string())];
    let mut response = (status, headers(&tag), about, body(file, length)).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {}-{}/{size}", range.start, range.end - 1);
        response.headers_mut().insert(CONTENT_RANGE, HeaderValue::try_from(range).ok()?);
    }
    Some(response)
}

fn headers(tag: &str) -> [(HeaderName, HeaderValue); 3] {
    let tag = HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    [(ETAG, tag), (CACHE_CONTROL, Cache::Immutable.header()), (ACCEPT_RANGES, HeaderValue::from_static("bytes"))]
}

async fn kind(file: &mut File) -> io::Result<&'static str> {
    let mut first = Vec::with_capacity(MAGIC_BYTES);
    file.take(MAGIC_BYTES as u64).read_to_end(&mut first).await?;
    Ok(media_type(&first))
}

/// Reads `bytes=0-99`, `bytes=100-` or `bytes=-100`. Anything else, several ranges too, asks for the whole.
fn part(range: &str, size: u64) -> Part {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Part::Whole;
    };
    let range = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if last >= first => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..size,
        (Err(_), Ok(count)) if first.trim().is_empty() => size.saturating_sub(count)..size,
        _ => return Part::Whole,
    };
    if range.is_empty() { Part::Beyond } else { Part::Bytes(range) }
}

fn body(file: File, length: u64) -> Body {
    let file = file.take(length);
    Body::from_stream(stream::unfold(file, |mut file| async move {
        let mut buffer = vec![0; READ_BYTES];
        match file.read(&mut buffer).await {
            Ok(0) => None,
            Ok(read) => {
                buffer.truncate(read);
                Some((Ok::<_, io::Error>(Bytes::from(buffer)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_browsers_write_them() {
        let bytes = |start, end| Part::Bytes(start..end);
        let cases = [
            ("bytes=0-99", bytes(0, 100)),
            ("bytes=900-", bytes(900, 1000)),
            ("bytes=-1", bytes(999, 1000)),
            ("bytes=-5000", bytes(0, 1000)),
            ("bytes=990-5000", bytes(990, 1000)),
            ("bytes=0-18446744073709551615", bytes(0, 1000)),
            ("bytes=1000-", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=5-4", Part::Whole),
            ("bytes=0-1,5-9", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=-", Part::Whole),
            ("items=0-1", Part::Whole),
        ];
        for (range, expected) in cases {
            assert_eq!(part(range, 1000), expected, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Part::Beyond);
    }
}
