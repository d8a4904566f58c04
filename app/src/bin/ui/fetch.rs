//! Fetches the catalogue and lessons from the hub that served the page.

pub(crate) use app::browser::fetch::{communes, damaged, messages};
use app::{
    browser::fetch::{bytes, dated},
    state::{Action, Clock, LoadError},
};
use content::pack::{Catalogue, Hash, Lesson};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

use crate::{browser, page, shelf};

/// Start of the address of every blob.
pub(crate) const PACK: &str = "/pack/";

pub(crate) async fn catalogue() -> Result<Vec<u8>, LoadError> {
    let (bytes, date) = dated(&browser::address("data-catalogue")).await?;
    // It is asked for anew at each visit, so its date is now.
    let wrong = date.is_some_and(|date| browser::set_clock(&date));
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
