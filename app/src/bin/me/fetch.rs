//! Fetches the names of lessons and communes from the hub that served the page.

pub(crate) use app::browser::fetch::{communes, messages};
use app::{
    browser::fetch::{bytes, damaged},
    state::LoadError,
};
use content::pack::Catalogue;

use crate::browser;

pub(crate) async fn catalogue() -> Result<Catalogue, LoadError> {
    let bytes = bytes(&browser::address("data-catalogue")).await?;
    Catalogue::decode(&bytes).map_err(|error| damaged(&error))
}
