//! The few calls to the browser that the page needs.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Document, Event, EventTarget, Window};

/// Milliseconds in a day.
const DAY_MS: f64 = 86_400_000.0;
/// Vietnam is seven hours ahead of UTC, all year.
const VIETNAM_MS: f64 = 7.0 * 3_600_000.0;

pub(crate) fn window() -> Window {
    web_sys::window().unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into())
}

pub(crate) fn document() -> Document {
    window().document().unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into())
}

/// Reads what the server wrote into the page's `data-` attributes.
pub(crate) fn attribute(name: &str) -> String {
    document().body().and_then(|body| body.get_attribute(name)).unwrap_or_default()
}

/// Returns the day in Vietnam, counted from 1970-01-01.
#[expect(clippy::cast_sign_loss, reason = "a float cast saturates; clocks before 1970 read as day 0")]
pub(crate) fn day() -> u32 {
    ((js_sys::Date::now() + VIETNAM_MS) / DAY_MS) as u32
}

/// Calls `f` on every such event for as long as the page lives.
pub(crate) fn listen(target: &EventTarget, event: &str, f: impl FnMut(Event) + 'static) {
    let f = Closure::<dyn FnMut(Event)>::new(f);
    // A target that refuses listeners is no browser we know; the page stays readable.
    let _ = target.add_event_listener_with_callback(event, f.as_ref().unchecked_ref());
    f.forget();
}

/// Calls `f` once, after at least so many milliseconds.
pub(crate) fn after(ms: i32, f: impl FnOnce() + 'static) {
    let f = Closure::once_into_js(f);
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(f.unchecked_ref(), ms);
}

/// Takes what stands in a field out of it.
pub(crate) fn take_text(id: &str) -> String {
    let Some(field) = document().get_element_by_id(id) else {
        return String::new();
    };
    let text = Reflect::get(&field, &"value".into()).ok().and_then(|value| value.as_string());
    // A field that keeps its text is not worth a word.
    let _ = Reflect::set(&field, &"value".into(), &"".into());
    text.unwrap_or_default()
}
