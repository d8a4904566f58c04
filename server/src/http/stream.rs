//! Published lessons and pictures, from disk as they are sent, whole or a range of their bytes (RFC 9110 §14).

use std::io::{self, SeekFrom};
use std::ops::Range;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    IF_RANGE, RANGE, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use content::pack::{Hash, media_type};
use n0_future::stream;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tracing::warn;

use super::encoding::{self, Encoding};
use super::resource::{Cache, compress_br, compress_gzip};
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
    // The address names the content: whoever holds any form of it holds this.
    if text(IF_NONE_MATCH).is_some_and(|tags| tags == "*" || tags.contains(&hash.to_string())) {
        return Some((StatusCode::NOT_MODIFIED, headers(&tag)).into_response());
    }
    let mut file = File::open(path).await.ok()?;
    let kind = kind(&mut file).await.ok()?;
    let ranged = text(IF_RANGE).is_none_or(|held| held == tag);
    match text(RANGE).filter(|_| ranged).map_or(Part::Whole, |range| part(range, size)) {
        Part::Whole => match packed(library, hash, kind, request).await {
            Some((coding, file)) => compressed(&tag, kind, coding, file).await,
            None => plain(&tag, kind, file, size, None).await,
        },
        Part::Bytes(range) => plain(&tag, kind, file, size, Some(range)).await,
        Part::Beyond => {
            let range = [(CONTENT_RANGE, format!("bytes */{size}"))];
            Some((StatusCode::RANGE_NOT_SATISFIABLE, headers(&tag), range).into_response())
        }
    }
}

fn headers(tag: &str) -> [(HeaderName, HeaderValue); 4] {
    let tag = HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    [
        (ETAG, tag),
        (CACHE_CONTROL, Cache::Immutable.header()),
        (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (VARY, HeaderValue::from_static("accept-encoding")),
    ]
}

async fn kind(file: &mut File) -> io::Result<&'static str> {
    let mut first = Vec::with_capacity(MAGIC_BYTES);
    file.take(MAGIC_BYTES as u64).read_to_end(&mut first).await?;
    Ok(media_type(&first))
}

/// Finds the smallest form that a request accepts. Pictures of points are compressed already.
async fn packed(
    library: &Library,
    hash: Hash,
    kind: &'static str,
    request: &HeaderMap,
) -> Option<(&'static str, File)> {
    if !matches!(kind, "application/octet-stream" | "image/svg+xml") {
        return None;
    }
    let choice = encoding::choose(request, true, true);
    let (ending, pack): (_, fn(&[u8]) -> Option<Vec<u8>>) = match choice {
        Encoding::Br => ("br", compress_br),
        Encoding::Gzip => ("gz", compress_gzip),
        Encoding::Identity => return None,
    };
    let library = library.clone();
    let made = tokio::task::spawn_blocking(move || library.form(hash, ending, pack)).await.ok()?;
    let path = made.inspect_err(|error| warn!("blob {hash} cannot be compressed: {error}")).ok()??;
    Some((choice.header()?, File::open(path).await.ok()?))
}

async fn compressed(tag: &str, kind: &'static str, coding: &'static str, file: File) -> Option<Response> {
    let length = file.metadata().await.ok()?.len();
    let tag = format!("{}-{coding}\"", tag.trim_end_matches('"'));
    let about = [(CONTENT_TYPE, kind.to_owned()), (CONTENT_LENGTH, length.to_string())];
    let coding = [(CONTENT_ENCODING, coding)];
    Some((headers(&tag), about, coding, body(file, length)).into_response())
}

async fn plain(
    tag: &str,
    kind: &'static str,
    mut file: File,
    size: u64,
    range: Option<Range<u64>>,
) -> Option<Response> {
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let of = range.as_ref().map(|range| format!("bytes {}-{}/{size}", range.start, range.end - 1));
    let Range { start, end } = range.unwrap_or(0..size);
    file.seek(SeekFrom::Start(start)).await.ok()?;
    let about = [(CONTENT_TYPE, kind.to_owned()), (CONTENT_LENGTH, (end - start).to_string())];
    let mut response = (status, headers(tag), about, body(file, end - start)).into_response();
    if let Some(of) = of {
        response.headers_mut().insert(CONTENT_RANGE, HeaderValue::try_from(of).ok()?);
    }
    Some(response)
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
