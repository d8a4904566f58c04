//! Fetches files from the hub that served the page, and those that the page names.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::{address, window};
use crate::{
    communes::{self, Commune},
    messages,
    state::LoadError,
};

/// Fetches the list of communes that the page names.
///
/// # Errors
///
/// When it does not come, or cannot be read.
pub async fn communes() -> Result<Vec<Commune>, LoadError> {
    let bytes = bytes(&address("data-communes")).await?;
    let text = std::str::from_utf8(&bytes).map_err(|error| damaged(&error))?;
    communes::parse(text).map_err(|error| damaged(&error))
}

/// Fetches the texts of the page's language, where the page names them; without them it is Vietnamese.
pub async fn messages() {
    let address = address("data-messages");
    if !address.is_empty()
        && let Ok(texts) = bytes(&address).await
    {
        messages::take(texts);
    }
}

/// Says that something came and cannot be read.
pub fn damaged(error: &dyn std::fmt::Display) -> LoadError {
    LoadError::Damaged(error.to_string())
}

/// Fetches a file; whatever keeps it from coming is the network, as far as a learner is concerned.
///
/// # Errors
///
/// When it does not come.
pub async fn bytes(address: &str) -> Result<Vec<u8>, LoadError> {
    dated(address).await.map(|(bytes, _)| bytes)
}

/// Fetches a file, and when it was sent, as HTTP writes it.
///
/// # Errors
///
/// When it does not come.
pub async fn dated(address: &str) -> Result<(Vec<u8>, Option<String>), LoadError> {
    read(address).await.ok().flatten().ok_or(LoadError::Network)
}

async fn read(address: &str) -> Result<Option<(Vec<u8>, Option<String>)>, JsValue> {
    let response = JsFuture::from(window().fetch_with_str(address)).await?;
    let response: Response = response.dyn_into()?;
    if !response.ok() {
        return Ok(None);
    }
    let buffer = JsFuture::from(response.array_buffer()?).await?;
    Ok(Some((js_sys::Uint8Array::new(&buffer).to_vec(), response.headers().get("date")?)))
}
