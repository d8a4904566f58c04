//! Where kept blobs lie: in the Cache API in a secure context, else in `IndexedDB`.
//!
//! ```text
//! cache "bdhv.packs"                 /pack/HASH → the blob
//!                                    /catalogue → the list of courses, as the hub sent it last
//! database "bdhv.packs", version 1
//!   "blobs"                          HASH → Uint8Array
//! ```
//!
//! A blob is checked against its hash before it is stored and again whenever it is read: what a browser
//! or a curious cousin changed is as good as not kept.

use std::cell::RefCell;

use app::state::{KeepError, LoadError};
use content::pack::{Hash, media_type};
use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Element, IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode, Response};

use crate::{browser, fetch};

const NAME: &str = "bdhv.packs";
const VERSION: u32 = 1;
const BLOBS: &str = "blobs";

/// The attribute of the page that names the list of courses.
const CATALOGUE: &str = "data-catalogue";

/// Most blobs counted; 64 courses of 64 lessons with a picture each.
const BLOBS_MAX: usize = 8192;

/// The open shelf.
#[derive(Clone)]
enum Shelf {
    Cache(Cache),
    Database(IdbDatabase),
}

thread_local! {
    static SHELF: RefCell<Option<Shelf>> = const { RefCell::new(None) };
}

/// Lists what is held; `None` in a browser that keeps nothing.
pub(crate) async fn held() -> Option<Vec<Hash>> {
    let names = match open().await.ok()? {
        Shelf::Cache(cache) => {
            let requests: Array = JsFuture::from(cache.keys()).await.ok()?.unchecked_into();
            requests.iter().map(|request| request.unchecked_into::<web_sys::Request>().url()).collect::<Vec<_>>()
        }
        Shelf::Database(database) => {
            let keys = settled(&blobs(&database, IdbTransactionMode::Readonly).ok()?.1.get_all_keys().ok()?).await;
            keys.ok()?.unchecked_into::<Array>().iter().filter_map(|key| key.as_string()).collect()
        }
    };
    // A cache names blobs by their whole address.
    let hash = |name: &String| name.rsplit('/').next()?.parse().ok();
    Some(names.iter().take(BLOBS_MAX).filter_map(hash).collect())
}

/// Reads a blob that is held whole.
pub(crate) async fn get(hash: Hash) -> Option<Vec<u8>> {
    let bytes = match open().await.ok()? {
        Shelf::Cache(cache) => {
            let found = JsFuture::from(cache.match_with_str(&fetch::blob(hash))).await.ok()?;
            let buffer = found.dyn_into::<Response>().ok()?.array_buffer().ok()?;
            Uint8Array::new(&JsFuture::from(buffer).await.ok()?)
        }
        Shelf::Database(database) => {
            let (_, blobs) = blobs(&database, IdbTransactionMode::Readonly).ok()?;
            settled(&blobs.get(&hash.to_string().into()).ok()?).await.ok()?.dyn_into().ok()?
        }
    };
    Some(bytes.to_vec()).filter(|bytes| Hash::of(bytes) == hash)
}

/// Fetches a blob, checks it and stores it; when this returns, it is stored.
pub(crate) async fn keep(hash: Hash) -> Result<Hash, KeepError> {
    let bytes = fetch::checked(hash).await.map_err(KeepError::Load)?;
    put(hash, &bytes).await.map_err(|_| KeepError::Storage)?;
    Ok(hash)
}

async fn put(hash: Hash, bytes: &[u8]) -> Result<(), JsValue> {
    match open().await? {
        Shelf::Cache(cache) => {
            let response = Response::new_with_opt_js_u8_array(Some(&Uint8Array::from(bytes)))?;
            response.headers().set("content-type", media_type(bytes))?;
            JsFuture::from(cache.put_with_str(&fetch::blob(hash), &response)).await?;
        }
        Shelf::Database(database) => {
            let (transaction, blobs) = blobs(&database, IdbTransactionMode::Readwrite)?;
            blobs.put_with_key(&Uint8Array::from(bytes), &hash.to_string().into())?;
            completed(&transaction).await?;
        }
    }
    Ok(())
}

/// Stores blobs no longer; when this returns, they are gone.
pub(crate) async fn remove(gone: &[Hash]) -> Result<(), JsValue> {
    match open().await? {
        Shelf::Cache(cache) => {
            for &hash in gone {
                JsFuture::from(cache.delete_with_str(&fetch::blob(hash))).await?;
            }
        }
        Shelf::Database(database) => {
            let (transaction, blobs) = blobs(&database, IdbTransactionMode::Readwrite)?;
            for hash in gone {
                blobs.delete(&hash.to_string().into())?;
            }
            completed(&transaction).await?;
        }
    }
    Ok(())
}

/// Reads the list of courses of the last visit; only a page that opens without the hub has use for one.
pub(crate) async fn catalogue() -> Option<Vec<u8>> {
    let Shelf::Cache(cache) = open().await.ok()? else {
        return None;
    };
    let found = JsFuture::from(cache.match_with_str(&browser::address(CATALOGUE))).await.ok()?;
    let buffer = found.dyn_into::<Response>().ok()?.array_buffer().ok()?;
    Some(Uint8Array::new(&JsFuture::from(buffer).await.ok()?).to_vec())
}

/// Keeps the list of courses for the next visit; a full phone goes on with the one before.
pub(crate) async fn keep_catalogue(bytes: &[u8]) {
    if let Ok(Shelf::Cache(cache)) = open().await
        && let Ok(response) = Response::new_with_opt_js_u8_array(Some(&Uint8Array::from(bytes)))
    {
        let _ = JsFuture::from(cache.put_with_str(&browser::address(CATALOGUE), &response)).await;
    }
}

/// Shows a picture that did not come from the shelf, where it is held.
pub(crate) fn show(picture: Element) {
    let address = picture.get_attribute("src").unwrap_or_default();
    let Some(hash) = address.strip_prefix(fetch::PACK).and_then(|hash| hash.parse().ok()) else {
        return;
    };
    wasm_bindgen_futures::spawn_local(async move {
        let Some(bytes) = get(hash).await else {
            return;
        };
        if let Some(address) = data_address(&bytes) {
            // Tells nothing to a page that is gone by now.
            let _ = picture.set_attribute("src", &address);
        }
    });
}

/// Returns an address that holds the bytes themselves.
pub(crate) fn data_address(bytes: &[u8]) -> Option<String> {
    let latin: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    let encoded = browser::window().btoa(&latin).ok()?;
    Some(["data:", media_type(bytes), ";base64,", &encoded].concat())
}

/// Asks the hub how many bytes these blobs take on the wire; `None` where it does not say.
pub(crate) async fn measure(blobs: &[Hash]) -> Result<Option<u64>, LoadError> {
    let mut sum = Some(0);
    for &blob in blobs {
        let bytes = fetch::length(blob).await?;
        sum = sum.zip(bytes).map(|(sum, bytes)| sum + bytes);
    }
    Ok(sum)
}

async fn open() -> Result<Shelf, JsValue> {
    if let Some(shelf) = SHELF.with_borrow(Clone::clone).filter(is_open) {
        return Ok(shelf);
    }
    let window = browser::window();
    let shelf = if window.is_secure_context() {
        Shelf::Cache(JsFuture::from(window.caches()?.open(NAME)).await?.unchecked_into())
    } else {
        Shelf::Database(database().await?)
    };
    SHELF.set(Some(shelf.clone()));
    Ok(shelf)
}

/// Returns whether the browser has not closed the connection, as it does behind other pages.
fn is_open(shelf: &Shelf) -> bool {
    match shelf {
        Shelf::Cache(_) => true,
        Shelf::Database(database) => blobs(database, IdbTransactionMode::Readonly).is_ok(),
    }
}

async fn database() -> Result<IdbDatabase, JsValue> {
    let factory = browser::window().indexed_db()?.ok_or(JsValue::NULL)?;
    let request = factory.open_with_u32(NAME, VERSION)?;
    let opening = request.clone();
    let create = Closure::<dyn FnMut()>::new(move || {
        if let Ok(database) = opening.result() {
            drop(database.unchecked_into::<IdbDatabase>().create_object_store(BLOBS));
        }
    });
    request.set_onupgradeneeded(Some(create.as_ref().unchecked_ref()));
    let database = settled(&request).await?;
    Ok(database.unchecked_into())
}

fn blobs(database: &IdbDatabase, mode: IdbTransactionMode) -> Result<(IdbTransaction, IdbObjectStore), JsValue> {
    let transaction = database.transaction_with_str_and_mode(BLOBS, mode)?;
    let blobs = transaction.object_store(BLOBS)?;
    Ok((transaction, blobs))
}

async fn settled(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let done = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(done).await?;
    request.result()
}

/// Waits until all of a transaction is stored.
async fn completed(transaction: &IdbTransaction) -> Result<(), JsValue> {
    let done = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    JsFuture::from(done).await.map(drop)
}
