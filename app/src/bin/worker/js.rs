//! What browser interfaces throw, as errors with a reason the page has words for.

use std::fmt;
use std::io;

use app::protocol::Failure;
use js_sys::{Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, DomException};

/// Something a browser interface threw.
#[derive(Debug, Clone)]
pub(crate) struct Thrown {
    /// Name of a `DOMException`, or of an `Error`.
    pub(crate) name: String,
    message: String,
}

impl From<JsValue> for Thrown {
    fn from(value: JsValue) -> Self {
        let text = |key: &str| Reflect::get(&value, &key.into()).ok().and_then(|text| text.as_string());
        let message = text("message").unwrap_or_else(|| format!("{value:?}"));
        Self { name: text("name").unwrap_or_default(), message }
    }
}

impl From<Option<DomException>> for Thrown {
    fn from(exception: Option<DomException>) -> Self {
        exception.map_or_else(
            || Self { name: "AbortError".to_owned(), message: "given up without a reason".to_owned() },
            |exception| JsValue::from(exception).into(),
        )
    }
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

impl std::error::Error for Thrown {}

impl From<Thrown> for io::Error {
    fn from(thrown: Thrown) -> Self {
        let kind = match thrown.name.as_str() {
            "QuotaExceededError" => io::ErrorKind::StorageFull,
            "NotAllowedError" | "SecurityError" => io::ErrorKind::PermissionDenied,
            "InvalidStateError" => io::ErrorKind::BrokenPipe,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, thrown)
    }
}

impl Thrown {
    /// Why storage cannot be used, in the page's terms.
    pub(crate) fn failure(&self) -> Failure {
        match self.name.as_str() {
            "QuotaExceededError" => Failure::Full,
            // Private windows and blocked site data.
            "NotAllowedError" | "SecurityError" | "InvalidStateError" => Failure::NoStorage,
            _ => Failure::Storage,
        }
    }
}

/// Waits for a promise.
pub(crate) async fn settle<T: JsCast>(promise: Promise) -> Result<T, Thrown> {
    Ok(JsFuture::from(promise).await?.unchecked_into())
}

/// Calls `register` at once with two functions, and waits for either to be called: the first is
/// success, the second failure.
pub(crate) fn either(register: impl FnOnce(&js_sys::Function, &js_sys::Function)) -> JsFuture {
    let mut register = Some(register);
    let promise = Promise::new(&mut |resolve, reject| {
        if let Some(register) = register.take() {
            register(&resolve, &reject);
        }
    });
    JsFuture::from(promise)
}

/// The worker's global object.
pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// A property that not every browser or context has.
pub(crate) fn property<T: JsCast>(object: &JsValue, name: &str) -> Option<T> {
    let value = Reflect::get(object, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then(|| value.unchecked_into())
}

/// Writes to the browser's console, for maintainers.
pub(crate) fn warn(text: &str) {
    web_sys::console::warn_1(&text.into());
}
