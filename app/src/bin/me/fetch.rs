//! Fetches the names of lessons and communes from the hub that served the page.

use app::{communes, messages, state::LoadError};
use content::pack::Catalogue;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::browser;

pub(crate) async fn catalogue() -> Result<Catalogue, LoadError> {
    let bytes = bytes("data-catalogue").await?;
    Catalogue::decode(&bytes).map_err(|error| LoadError::Damaged(error.to_string()))
}

pub(crate) async fn communes() -> Result<Vec<communes::Commune>, LoadError> {
    let bytes = bytes("data-communes").await?;
    let text = std::str::from_utf8(&bytes).map_err(|error| LoadError::Damaged(error.to_string()))?;
    communes::parse(text).map_err(|error| LoadError::Damaged(error.to_string()))
}

/// Fetches the texts of the page's language, where the page names them; without them it is Vietnamese.
pub(crate) async fn messages() {
    if let Ok(texts) = bytes("data-messages").await {
        messages::take(texts);
    }
}

/// Fetches what an attribute of the page names.
async fn bytes(attribute: &str) -> Result<Vec<u8>, LoadError> {
    let address = browser::address(attribute);
    let read = if address.is_empty() { None } else { read(&address).await.ok().flatten() };
    read.ok_or(LoadError::Network)
}

async fn read(address: &str) -> Result<Option<Vec<u8>>, JsValue> {
    let response = JsFuture::from(browser::window().fetch_with_str(address)).await?;
    let response: Response = response.dyn_into()?;
    if !response.ok() {
        return Ok(None);
    }
    let buffer = JsFuture::from(response.array_buffer()?).await?;
    Ok(Some(js_sys::Uint8Array::new(&buffer).to_vec()))
}
