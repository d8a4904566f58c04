//! Answers to requests that cannot be served: what is wrong, where, and the way on.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::policy;

/// Longest part of a requested path shown back.
const PATH_CHARS_MAX: usize = 120;

/// Addresses that programs ask for; they get JSON, people get a page.
const MACHINE_PATHS: [&str; 14] = [
    "/xac-nhan/",
    "/revocations",
    "/criteria.toml",
    "/app/",
    "/sw.js",
    "/app.webmanifest",
    "/icon/",
    "/pack/",
    "/catalogue",
    "/hub.json",
    "/healthz",
    "/tinh/feed",
    "/relay",
    "/ping",
];

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The address is malformed.
    BadAddress,
    /// Nothing lives at the address.
    NotFound,
    /// The province's page, asked of a hub.
    NotProvince,
    /// The province's page, asked from another machine.
    NotHere,
    /// A lesson that no course of this hub has.
    NoLesson,
    /// A learner of whom nothing was attested here, or whom this node may not confirm.
    NotConfirmed,
    /// Too many ask at once, or the node is stopping.
    Busy,
    /// Only reading is served over HTTP.
    Method,
    /// The request carries a body.
    Body,
    /// The request's headers are too long.
    Headers,
    /// Too many readers of the live feed.
    FeedFull,
}

impl Problem {
    /// Returns the status of the answer.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::BadAddress => StatusCode::BAD_REQUEST,
            Self::NotFound | Self::NotProvince | Self::NoLesson | Self::NotConfirmed => StatusCode::NOT_FOUND,
            Self::NotHere => StatusCode::FORBIDDEN,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Body => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Headers => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::FeedFull | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the sentence for programs and maintainers.
    fn english(self) -> &'static str {
        match self {
            Self::BadAddress => "the address is malformed",
            Self::NotFound => "nothing is served at this address",
            Self::NotProvince => "this node is a hub; the dashboard is on the node started with `bdhv province serve`",
            Self::NotHere => {
                "the dashboard answers only on the machine it runs on; start it with --dashboard-open to change that"
            }
            Self::NoLesson => "no course here has this lesson",
            Self::NotConfirmed => "nobody has confirmed this learner here, or this node may not",
            Self::Busy => "too many requests at once, try again later",
            Self::Method => "only GET and HEAD are served",
            Self::Body => "requests with a body are not served",
            Self::Headers => "the request headers are too long",
            Self::FeedFull => "too many readers of the live feed, try again later",
        }
    }

    /// Returns title and sentence of the page.
    fn vietnamese(self) -> (&'static str, &'static str) {
        match self {
            Self::BadAddress => ("Địa chỉ chưa đúng", "Cô bác xem lại địa chỉ giúp."),
            Self::NotFound => ("Không có trang này", "Địa chỉ này không có trang nào."),
            Self::NotProvince => ("Trang này ở máy của tỉnh", "Máy của tổ không có bảng số liệu toàn tỉnh."),
            Self::NotHere => ("Trang này chỉ mở trên máy của tỉnh", "Mời mở ngay trên máy đang chạy chương trình."),
            Self::NoLesson => ("Không có bài học này", "Mời cô bác chọn bài khác trong danh sách."),
            Self::NotConfirmed => ("Chưa có xác nhận", "Máy của tổ chưa có xác nhận cho mã này."),
            Self::Busy => ("Máy đang bận", "Mời đợi một chút rồi mở lại."),
            Self::Method => ("Không nhận yêu cầu này", "Địa chỉ này chỉ để xem."),
            Self::Body => ("Không nhận yêu cầu này", "Địa chỉ này không nhận dữ liệu gửi lên."),
            Self::Headers => ("Yêu cầu quá dài", "Cô bác đóng trang rồi mở lại giúp."),
            Self::FeedFull => ("Đang có nhiều người xem", "Mời đợi một chút rồi mở lại."),
        }
    }

    /// Tells whether a learner may meet it, by a mistyped or outdated address; `app` has a page for that.
    pub(crate) fn is_for_learners(self, path: &str) -> bool {
        matches!(self, Self::BadAddress | Self::NotFound | Self::NoLesson) && !is_for_programs(path)
    }

    /// Makes the answer for a request of `path`.
    pub(crate) fn respond(self, path: &str) -> Response {
        let machine = is_for_programs(path);
        let (media_type, policy, text) = if machine {
            ("application/json", policy::DATA, self.json(path))
        } else {
            ("text/html; charset=utf-8", policy::page(), self.page(path))
        };
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        if matches!(self, Self::Body | Self::Headers) {
            // What was not read must not be taken for the next request.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    fn json(self, path: &str) -> String {
        let path: String = path.chars().take(PATH_CHARS_MAX).collect();
        let body = serde_json::json!({ "error": self.english(), "path": path, "status": self.status().as_u16() });
        format!("{body}\n")
    }

    fn page(self, path: &str) -> String {
        let (title, sentence) = self.vietnamese();
        let path = escaped(path.chars().take(PATH_CHARS_MAX));
        format!(
            "<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
             <style>body{{font:1.25rem/1.6 system-ui,sans-serif;margin:2rem auto;max-width:36rem;padding:0 1rem;\
             color:#1a1a1a;background:#fff}}a{{display:block;padding:1rem;text-align:center;background:#0b3d2e;\
             color:#fff;border-radius:.75rem;font-weight:700;text-decoration:none}}code{{word-break:break-all}}</style>\
             </head><body><h1>{title}</h1><p>{sentence}</p><p><code>{path}</code></p>\
             <p lang=\"en\"><small>{} ({})</small></p><a href=\"/\">Về trang đầu</a></body></html>\n",
            escaped(self.english().chars()),
            self.status().as_u16(),
        )
    }
}

fn is_for_programs(path: &str) -> bool {
    MACHINE_PATHS.iter().any(|prefix| path.starts_with(prefix))
}

/// Writes a text so that HTML shows it as it is.
pub(super) fn escaped(text: impl IntoIterator<Item = char>) -> String {
    let mut out = String::new();
    for c in text {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(problem: Problem, path: &str) -> (u16, String, String) {
        let response = problem.respond(path);
        let kind = response.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
        (status, kind, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn people_get_a_page_and_programs_get_json() {
        let (status, kind, page) = text(Problem::NotHere, "/tinh").await;
        assert_eq!((status, kind.as_str()), (403, "text/html; charset=utf-8"));
        assert!(page.contains("chỉ mở trên máy của tỉnh") && page.contains("/tinh") && page.contains("href=\"/\""));

        let (status, kind, json) = text(Problem::BadAddress, "/pack/xyz").await;
        assert_eq!((status, kind.as_str()), (400, "application/json"));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["path"], "/pack/xyz");
        assert_eq!(json["error"], "the address is malformed");
    }

    #[tokio::test]
    async fn a_requested_path_is_shown_escaped_and_cut() {
        let (_, _, page) = text(Problem::NotFound, "/<script>alert('x')</script>\u{7}").await;
        assert!(page.contains("/&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\\u{7}"));
        assert!(!page.contains("<script>"));

        let (_, _, page) = text(Problem::NotFound, &"/a".repeat(10_000)).await;
        assert!(page.len() < 2_000);
    }

    #[test]
    fn a_mistyped_address_is_a_learners() {
        assert!(Problem::NoLesson.is_for_learners("/bai/9/9"));
        assert!(!Problem::NotFound.is_for_learners("/pack/00"));
        assert!(!Problem::NotProvince.is_for_learners("/tinh"));
    }

    #[test]
    fn sentences_are_short() {
        let all = [
            Problem::BadAddress,
            Problem::NotFound,
            Problem::NotProvince,
            Problem::NotHere,
            Problem::NoLesson,
            Problem::NotConfirmed,
            Problem::Busy,
            Problem::Method,
            Problem::Body,
            Problem::Headers,
            Problem::FeedFull,
        ];
        for problem in all {
            let (title, sentence) = problem.vietnamese();
            assert!(title.split(' ').count() <= 15 && sentence.split(' ').count() <= 15, "{sentence}");
        }
    }
}
