//! The store's image in `IndexedDB`, where the context is not secure, and the lease that fences it.
//!
//! ```text
//! database "bdhv", version 1
//!   "pages"  page number → Uint8Array of PAGE_BYTES; an absent page is zeros
//!   "meta"   "epoch" → number of the lease's owner; "len" → length of the image in bytes
//! ```
//!
//! Every commit is one read-write transaction over both, which first reads the epoch and gives up if
//! it is not the writer's. `IndexedDB` runs such transactions one after the other, across tabs, so
//! an owner that was succeeded writes nothing.

use std::fmt;
use std::future::Future;

use app::protocol::Failure;
use js_sys::{Array, Object, Reflect, Uint8Array};
use sync::store::paged::{Commit, Paged};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Event, IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction,
};

use crate::js::{Thrown, either, property, scope, warn};
use crate::tabs::Epoch;

const DATABASE: &str = "bdhv";
const DATABASE_VERSION: u32 = 1;
const PAGES: &str = "pages";
const META: &str = "meta";
const EPOCH: &str = "epoch";
const LEN: &str = "len";

#[wasm_bindgen]
extern "C" {
    /// Adds what `web-sys` has not settled: a transaction that is told how durable it is to be.
    #[wasm_bindgen(extends = IdbDatabase)]
    type Durable;

    #[wasm_bindgen(method, catch)]
    fn transaction(this: &Durable, stores: &Array, mode: &str, options: &JsValue) -> Result<IdbTransaction, JsValue>;
}

/// The open database.
#[derive(Debug)]
pub(crate) struct Idb {
    database: IdbDatabase,
}

/// Why a transaction did not happen.
#[derive(Debug)]
pub(crate) enum IdbError {
    /// The lease is another owner's.
    Fenced(Epoch),
    /// What is stored is no image of a store, or of a newer release.
    Unreadable(Failure),
    /// The browser refused.
    Thrown(Thrown),
}

impl From<JsValue> for IdbError {
    fn from(value: JsValue) -> Self {
        Self::Thrown(value.into())
    }
}

impl fmt::Display for IdbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fenced(epoch) => write!(f, "another tab took over, with epoch {}", epoch.0),
            Self::Unreadable(failure) => write!(f, "what is stored cannot be read: {failure:?}"),
            Self::Thrown(thrown) => thrown.fmt(f),
        }
    }
}

impl IdbError {
    /// The reason in the page's terms.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Fenced(_) => Failure::Storage,
            Self::Unreadable(failure) => *failure,
            Self::Thrown(thrown) => thrown.failure(),
        }
    }
}

impl Idb {
    /// Opens the database, creating it where there is none.
    pub(crate) async fn open() -> Result<Self, IdbError> {
        let factory: IdbFactory = property(&scope(), "indexedDB").ok_or(IdbError::Unreadable(Failure::NoStorage))?;
        // Without a version the existing one is opened, so that a newer one can be told.
        let request = factory.open(DATABASE)?;
        let create = wasm_bindgen::closure::Closure::once(move |event: Event| create(&event));
        request.set_onupgradeneeded(Some(create.as_ref().unchecked_ref()));
        let database: IdbDatabase = settled(request.clone().unchecked_into()).await?.unchecked_into();
        let found = whole(&database.version().into())?.and_then(|version| u32::try_from(version).ok());
        let found = found.unwrap_or(u32::MAX);
        if found > DATABASE_VERSION {
            database.close();
            return Err(IdbError::Unreadable(Failure::Newer { found, supported: DATABASE_VERSION }));
        }
        Ok(Self { database })
    }

    /// The lease's epoch, or `None` before its first owner.
    pub(crate) async fn epoch(&self) -> Result<Option<Epoch>, IdbError> {
        let transaction = self.database.transaction_with_str(META)?;
        epoch(&transaction.object_store(META)?).await
    }

    /// Takes the lease if its epoch is still the expected one, or in any case where none is
    /// expected, and reads the image.
    pub(crate) async fn take(&self, expected: Option<Epoch>) -> Result<(Epoch, Paged), IdbError> {
        self.transact(async |meta, pages| {
            let found = epoch(&meta).await?.unwrap_or_default();
            if expected.is_some_and(|expected| expected != found) {
                return Err(IdbError::Fenced(found));
            }
            let ours = Epoch(found.0 + 1);
            meta.put_with_key(&number(ours.0), &EPOCH.into())?;
            Ok((ours, load(&meta, &pages).await?))
        })
        .await
    }

    /// Writes a commit, all of it or nothing, if the lease is still ours. When this returns, it is
    /// on the disk.
    pub(crate) async fn write(&self, ours: Epoch, commit: &Commit) -> Result<(), IdbError> {
        self.transact(async |meta, pages| {
            let found = epoch(&meta).await?.unwrap_or_default();
            if found != ours {
                return Err(IdbError::Fenced(found));
            }
            let surplus = IdbKeyRange::lower_bound(&commit.keep.into())?;
            pages.delete(surplus.as_ref())?;
            for (page, bytes) in &commit.pages {
                pages.put_with_key(&Uint8Array::from(bytes.as_slice()), &(*page).into())?;
            }
            meta.put_with_key(&number(commit.len), &LEN.into())?;
            Ok(())
        })
        .await
    }

    /// Runs one read-write transaction to its `complete` event, or ends it with nothing written.
    async fn transact<T>(
        &self,
        work: impl AsyncFnOnce(IdbObjectStore, IdbObjectStore) -> Result<T, IdbError>,
    ) -> Result<T, IdbError> {
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        let stores = Array::of2(&META.into(), &PAGES.into());
        let database: &Durable = self.database.unchecked_ref();
        let transaction = database.transaction(&stores, "readwrite", &options)?;
        let completed = completed(&transaction);
        let worked = match (transaction.object_store(META), transaction.object_store(PAGES)) {
            (Ok(meta), Ok(pages)) => work(meta, pages).await,
            (Err(thrown), _) | (_, Err(thrown)) => Err(thrown.into()),
        };
        if worked.is_err() {
            // It may be over already; either way nothing of it is written.
            let _ = transaction.abort();
        }
        match (worked, completed.await) {
            (Err(error), _) => Err(error),
            (Ok(value), Ok(_)) => Ok(value),
            (Ok(_), Err(_)) => Err(IdbError::Thrown(transaction.error().into())),
        }
    }
}

impl Drop for Idb {
    fn drop(&mut self) {
        self.database.close();
    }
}

fn create(event: &Event) {
    let database = event.target().and_then(|target| target.dyn_into::<IdbOpenDbRequest>().ok());
    let database = database.and_then(|request| request.result().ok());
    if let Some(database) = database {
        let database: IdbDatabase = database.unchecked_into();
        for store in [PAGES, META] {
            // A failure here fails the opening request, which says why.
            let _ = database.create_object_store(store);
        }
    }
}

async fn epoch(meta: &IdbObjectStore) -> Result<Option<Epoch>, IdbError> {
    whole(&settled(meta.get(&EPOCH.into())?).await?).map(|found| found.map(Epoch))
}

async fn load(meta: &IdbObjectStore, pages: &IdbObjectStore) -> Result<Paged, IdbError> {
    let len = settled(meta.get(&LEN.into())?);
    let numbers = settled(pages.get_all_keys()?);
    let contents = settled(pages.get_all()?);
    let len = whole(&len.await?)?.unwrap_or_default();
    let (numbers, contents): (Array, Array) = (numbers.await?.unchecked_into(), contents.await?.unchecked_into());
    let pages = numbers.iter().zip(contents.iter()).map(|(number, bytes)| {
        // A number or content that is none fails the image's own checks.
        let number = whole(&number).ok().flatten().and_then(|number| u32::try_from(number).ok());
        let number = number.unwrap_or(u32::MAX);
        (number, bytes.dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec()).unwrap_or_default())
    });
    Paged::load(len, pages).map_err(|error| {
        warn(&format!("the store cannot be read: {error}"));
        IdbError::Unreadable(Failure::Storage)
    })
}

/// A request's result; the handlers are set at once.
fn settled(request: IdbRequest) -> impl Future<Output = Result<JsValue, IdbError>> {
    let settled = either(|success, failure| {
        request.set_onsuccess(Some(success));
        request.set_onerror(Some(failure));
    });
    async move {
        match settled.await {
            Ok(_) => Ok(request.result()?),
            Err(_) => Err(IdbError::Thrown(request.error().ok().flatten().into())),
        }
    }
}

/// A transaction's outcome; the handlers are set at once.
fn completed(transaction: &IdbTransaction) -> JsFuture {
    either(|success, failure| {
        transaction.set_oncomplete(Some(success));
        transaction.set_onabort(Some(failure));
    })
}

/// A stored whole number, or `None` where nothing is stored.
fn whole(value: &JsValue) -> Result<Option<u64>, IdbError> {
    if value.is_undefined() {
        return Ok(None);
    }
    #[expect(clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "checked to be whole and in range")]
    match value.as_f64() {
        Some(number) if number >= 0.0 && number <= (1_u64 << 53) as f64 => Ok(Some(number as u64)),
        _ => Err(IdbError::Unreadable(Failure::Storage)),
    }
}

fn number(value: u64) -> JsValue {
    #[expect(clippy::cast_precision_loss, reason = "epochs and lengths stay far below 2^53")]
    JsValue::from_f64(value as f64)
}
