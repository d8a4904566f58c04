//! What the hub knows. Everything may stay away: the page then goes by what the browser keeps.

use js_sys::{JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::browser;

/// Longest credential kept, in characters; ours have four thousand.
const BADGE_CHARS_MAX: usize = 32 * 1024;

/// What the hub says of a learner.
pub(crate) enum Said {
    /// The confirmation, and the credential where there is one.
    Confirmed(String, Option<String>),
    /// There is none.
    None,
    /// No answer.
    Nothing,
}

async fn get(address: &str) -> Option<Response> {
    JsFuture::from(browser::window().fetch_with_str(address)).await.ok()?.dyn_into().ok()
}

async fn json(address: &str) -> Option<JsValue> {
    let response = get(address).await.filter(Response::ok)?;
    // What the hub says now tells the day, too: by a clock that is years off every confirmation is of a day to come.
    if let Ok(Some(date)) = response.headers().get("date") {
        browser::set_clock(&date);
    }
    JsFuture::from(response.json().ok()?).await.ok()
}

fn text(value: &JsValue, key: &str) -> Option<String> {
    Reflect::get(value, &key.into()).ok()?.as_string()
}

/// Asks for the province's key; `None` where the hub knows none or does not answer.
pub(crate) async fn province() -> Option<String> {
    text(&json("/hub.json").await?, "province")
}

/// Asks for the newest revocation list: `None` without an answer, nothing within where the hub knows none.
pub(crate) async fn revocations() -> Option<Option<String>> {
    Some(text(&json("/revocations").await?, "revocations"))
}

/// Asks what was confirmed of a learner.
pub(crate) async fn confirmation(learner: &str) -> Said {
    let Some(response) = get(&["/xac-nhan/", learner].concat()).await else {
        return Said::Nothing;
    };
    if response.status() == 404 {
        return Said::None;
    }
    let value = match response.json() {
        Ok(value) if response.ok() => JsFuture::from(value).await.ok(),
        _ => None,
    };
    let confirmation = value.as_ref().and_then(|value| text(value, "confirmation"));
    let badge = value.as_ref().and_then(badge);
    confirmation.map_or(Said::Nothing, |text| Said::Confirmed(text, badge))
}

fn badge(value: &JsValue) -> Option<String> {
    let badge = Reflect::get(value, &"badge".into()).ok().filter(JsValue::is_object)?;
    let text = JSON::stringify_with_replacer_and_space(&badge, &JsValue::NULL, &2.into()).ok()?.as_string()?;
    (text.len() <= BADGE_CHARS_MAX).then_some(text)
}
