//! Where the store lies in this browser, and how this worker becomes its owner.

use std::cell::Cell;
use std::rc::Rc;

use app::protocol::{Failure, Storage};
use js_sys::Promise;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::FileSystemDirectoryHandle;

use crate::idb::{Idb, IdbError};
use crate::js::{Thrown, either, property, scope};
use crate::opfs;
use crate::tabs::Epoch;

const LOCK: &str = "bdhv";

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`, which `web-sys` counts as unsettled.
    #[derive(Debug)]
    type LockManager;

    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, granted: &js_sys::Function) -> Promise;
}

/// A place that can be opened.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// A file; owned by whoever holds the lock.
    Opfs(FileSystemDirectoryHandle),
    /// Pages; owned by whoever holds the lease, and the lock where there is one.
    IndexedDb(Rc<Idb>),
}

impl Place {
    /// Finds the best place: a file where the context is secure, else pages.
    ///
    /// The choice depends only on what the browser offers this origin, so that a later visit finds
    /// what an earlier one kept.
    pub(crate) async fn find(lock: &Lock) -> Result<Self, Failure> {
        if lock.exists()
            && let Some(folder) = opfs::folder().await
        {
            return Ok(Self::Opfs(folder));
        }
        let idb = Idb::open().await.map_err(|error| error.failure())?;
        Ok(Self::IndexedDb(Rc::new(idb)))
    }

    /// The lease's epoch, where a lease decides.
    pub(crate) async fn epoch(&self) -> Result<Option<Epoch>, IdbError> {
        match self {
            Self::Opfs(_) => Ok(None),
            Self::IndexedDb(idb) => idb.epoch().await.map(Option::unwrap_or_default).map(Some),
        }
    }

    /// The place in the page's terms.
    pub(crate) fn storage(&self) -> Storage {
        match self {
            Self::Opfs(_) => Storage::Opfs,
            Self::IndexedDb(_) => Storage::IndexedDb,
        }
    }
}

/// The Web Lock that one worker of this origin holds, until it ends. A secure context has it.
#[derive(Debug)]
pub(crate) struct Lock {
    manager: Option<LockManager>,
    held: Cell<bool>,
}

impl Lock {
    pub(crate) fn new() -> Self {
        Self { manager: property(&scope().navigator(), "locks"), held: Cell::new(false) }
    }

    /// Whether a lock decides at all.
    pub(crate) fn exists(&self) -> bool {
        self.manager.is_some()
    }

    /// Waits for the lock, however long; returns at once where it is held, or does not exist.
    pub(crate) async fn acquire(&self) -> Result<(), Thrown> {
        let Some(manager) = self.manager.as_ref().filter(|_| !self.held.get()) else {
            return Ok(());
        };
        either(|granted, refused| {
            let granted = granted.clone();
            let hold = Closure::once_into_js(move |_lock: JsValue| {
                // Resolving cannot fail. The promise that never settles keeps the lock.
                let _ = granted.call0(&JsValue::NULL);
                Promise::new(&mut |_, _| {})
            });
            let ended: Promise = manager.request(LOCK, hold.unchecked_ref()).unchecked_into();
            let refused = refused.clone();
            let refuse = Closure::once(move |reason: JsValue| {
                let _ = refused.call1(&JsValue::NULL, &reason);
            });
            let _ = ended.catch(&refuse);
            // Lives as long as the request, which is as long as the worker.
            refuse.forget();
        })
        .await?;
        self.held.set(true);
        Ok(())
    }
}
