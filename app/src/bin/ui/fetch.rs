//! Fetches the catalogue, lessons and communes from the hub that served the page.

use app::{
    communes::{self, Commune},
    messages,
    state::{Action, Clock, LoadError},
};
use content::pack::{Catalogue, Hash, Lesson};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

use crate::{browser, page, shelf};

/// Start of the address of every blob.
pub(crate) const PACK: &str = "/pack/";

pub(crate) async fn catalogue() -> Result<Vec<u8>, LoadError> {
    let address = browser::address("data-catalogue");
    let (bytes, date) = read(&address).await.ok().flatten().ok_or(LoadError::Network)?;
    // It is asked for anew at each visit, so its date is now.
    let wrong = date.is_some_and(|date| browser::is_wrong_clock(&date));
    page::act(Action::Clock(if wrong { Clock::Wrong } else { Clock::Trusted }));
    Ok(bytes)
}

pub(crate) fn read_catalogue(bytes: &[u8]) -> Result<Catalogue, LoadError> {
    Catalogue::decode(bytes).map_err(|error| damaged(&error))
}

/// Fetches a lesson, or takes it from the shelf where it is held.
pub(crate) async fn lesson(hash: Hash, held: bool) -> Result<Lesson, LoadError> {
    let bytes = blob_or_kept(hash, held).await?;
    Lesson::decode(&bytes).map_err(|error| damaged(&error))
}

/// Fetches a blob, or takes it from the shelf where it is held.
pub(crate) async fn blob_or_kept(hash: Hash, held: bool) -> Result<Vec<u8>, LoadError> {
    let kept = if held { shelf::get(hash).await } else { None };
    match kept {
        Some(bytes) => Ok(bytes),
        None => checked(hash).await,
    }
}

/// Fetches a blob; returns it only if it is what its address says.
pub(crate) async fn checked(hash: Hash) -> Result<Vec<u8>, LoadError> {
    let bytes = bytes(&blob(hash)).await?;
    if Hash::of(&bytes) == hash { Ok(bytes) } else { Err(LoadError::Damaged("BLAKE3".to_owned())) }
}

/// Returns the address of a blob.
pub(crate) fn blob(hash: Hash) -> String {
    [PACK, &hash.to_string()].concat()
}

/// Asks how many bytes a blob takes on the wire, as the hub says; `None` where it does not.
pub(crate) async fn length(hash: Hash) -> Result<Option<u64>, LoadError> {
    let options = RequestInit::new();
    options.set_method("HEAD");
    let asked = browser::window().fetch_with_str_and_init(&blob(hash), &options);
    let answer = JsFuture::from(asked).await.map_err(|_| LoadError::Network)?;
    let answer: Response = answer.dyn_into().map_err(|_| LoadError::Network)?;
    let length = answer.headers().get("content-length").ok().flatten();
    if answer.ok() { Ok(length.and_then(|length| length.parse().ok())) } else { Err(LoadError::Network) }
}

pub(crate) async fn communes() -> Result<Vec<Commune>, LoadError> {
    let bytes = bytes(&browser::address("data-communes")).await?;
    let text = std::str::from_utf8(&bytes).map_err(|error| damaged(&error))?;
    communes::parse(text).map_err(|error| damaged(&error))
}

/// Fetches the texts of the page's language, where the page names them; without them it is Vietnamese.
pub(crate) async fn messages() {
    let address = browser::address("data-messages");
    if !address.is_empty()
        && let Ok(texts) = bytes(&address).await
    {
        messages::take(texts);
    }
}

pub(crate) fn damaged(error: &dyn std::fmt::Display) -> LoadError {
    LoadError::Damaged(error.to_string())
}

/// Fetches a file; whatever keeps it from coming is the network, as far as a learner is concerned.
async fn bytes(address: &str) -> Result<Vec<u8>, LoadError> {
    read(address).await.ok().flatten().map(|(bytes, _)| bytes).ok_or(LoadError::Network)
}

/// Reads a file, and when it was sent.
async fn read(address: &str) -> Result<Option<(Vec<u8>, Option<String>)>, JsValue> {
    let response = JsFuture::from(browser::window().fetch_with_str(address)).await?;
    let response: Response = response.dyn_into()?;
    if !response.ok() {
        return Ok(None);
    }
    let buffer = JsFuture::from(response.array_buffer()?).await?;
    Ok(Some((js_sys::Uint8Array::new(&buffer).to_vec(), response.headers().get("date")?)))
}
