//! Fetches the catalogue, lessons and communes from the hub that served the page.

use app::{
    communes::{self, Commune},
    state::LoadError,
};
use content::pack::{Catalogue, Hash, Lesson};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::browser;

pub(crate) async fn catalogue() -> Result<Catalogue, LoadError> {
    let bytes = bytes(&browser::address("data-catalogue")).await?;
    Catalogue::decode(&bytes).map_err(|error| damaged(&error))
}

pub(crate) async fn lesson(hash: Hash) -> Result<Lesson, LoadError> {
    let bytes = bytes(&["/pack/", &hash.to_string()].concat()).await?;
    if Hash::of(&bytes) != hash {
        return Err(LoadError::Damaged("BLAKE3".to_owned()));
    }
    Lesson::decode(&bytes).map_err(|error| damaged(&error))
}

pub(crate) async fn communes() -> Result<Vec<Commune>, LoadError> {
    let bytes = bytes(&browser::address("data-communes")).await?;
    let text = std::str::from_utf8(&bytes).map_err(|error| damaged(&error))?;
    communes::parse(text).map_err(|error| damaged(&error))
}

fn damaged(error: &dyn std::fmt::Display) -> LoadError {
    LoadError::Damaged(error.to_string())
}

/// Fetches a file; whatever keeps it from coming is the network, as far as a learner is concerned.
async fn bytes(address: &str) -> Result<Vec<u8>, LoadError> {
    read(address).await.ok().flatten().ok_or(LoadError::Network)
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
