//! The store's file in the origin-private file system, for a secure context.

use std::fmt;
use std::io;
use std::time::Duration;

use n0_future::time::sleep;
use redb::StorageBackend;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;
use web_sys::{
    FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions, FileSystemReadWriteOptions,
    FileSystemSyncAccessHandle, StorageManager,
};

use crate::fault::Fault;
use crate::js::{Thrown, property, scope, settle};

const FILE: &str = "bdhv.redb";

/// Attempts to open the file. A worker that was just terminated may hold it a moment longer than its lock.
const OPEN_ATTEMPTS_MAX: u32 = 30;
const OPEN_PAUSE: Duration = Duration::from_millis(100);

/// A file that only this worker has open.
pub(crate) struct Opfs {
    /// Browser objects never leave the worker's one thread.
    file: SendWrapper<FileSystemSyncAccessHandle>,
    fault: Fault,
}

/// Returns the folder of this origin, or `None` where the browser or the context has none.
pub(crate) async fn folder() -> Option<FileSystemDirectoryHandle> {
    let storage: StorageManager = property(&scope().navigator(), "storage")?;
    property::<js_sys::Function>(&storage, "getDirectory")?;
    let file: js_sys::Object = property(&scope(), "FileSystemFileHandle")?;
    let prototype: js_sys::Object = property(&file, "prototype")?;
    property::<js_sys::Function>(&prototype, "createSyncAccessHandle")?;
    settle(storage.get_directory()).await.ok()
}

impl Opfs {
    /// Opens the file, creating it where there is none.
    pub(crate) async fn open(folder: &FileSystemDirectoryHandle, fault: Fault) -> Result<Self, Thrown> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file: FileSystemFileHandle = settle(folder.get_file_handle_with_options(FILE, &options)).await?;
        let mut attempt = 1;
        loop {
            match settle(file.create_sync_access_handle()).await {
                Ok(file) => return Ok(Self { file: SendWrapper::new(file), fault }),
                Err(held) if held.name == "NoModificationAllowedError" && attempt < OPEN_ATTEMPTS_MAX => {
                    attempt += 1;
                    sleep(OPEN_PAUSE).await;
                }
                Err(thrown) => return Err(thrown),
            }
        }
    }
}

fn at(offset: u64) -> FileSystemReadWriteOptions {
    let options = FileSystemReadWriteOptions::new();
    #[expect(clippy::cast_precision_loss, reason = "a file's offsets stay far below 2^53")]
    options.set_at(offset as f64);
    options
}

/// How many bytes a call moved; the browser answers with a whole number.
fn moved(count: f64, of: usize) -> usize {
    #[expect(clippy::cast_sign_loss, reason = "a float casts to the nearest number in range")]
    let count = count as usize;
    count.min(of)
}

impl Opfs {
    fn failed(&self, thrown: JsValue) -> io::Error {
        self.fault.note(Thrown::from(thrown).into())
    }

    fn stopped(&self, kind: io::ErrorKind, what: &str, offset: u64) -> io::Error {
        self.fault.note(io::Error::new(kind, format!("{what} stopped at byte {offset}")))
    }
}

impl StorageBackend for Opfs {
    fn len(&self) -> io::Result<u64> {
        #[expect(clippy::cast_sign_loss, reason = "a size is not negative")]
        self.file.get_size().map(|size| size as u64).map_err(|thrown| self.failed(thrown))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut done = 0;
        while done < out.len() {
            let rest = &mut out[done..];
            let wanted = rest.len();
            let options = at(offset + done as u64);
            let count =
                self.file.read_with_u8_array_and_options(rest, &options).map_err(|thrown| self.failed(thrown))?;
            match moved(count, wanted) {
                0 => return Err(self.stopped(io::ErrorKind::UnexpectedEof, "reading", offset + done as u64)),
                count => done += count,
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        #[expect(clippy::cast_precision_loss, reason = "a file's length stays far below 2^53")]
        self.file.truncate_with_f64(len as f64).map_err(|thrown| self.failed(thrown))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.flush().map_err(|thrown| self.failed(thrown))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut done = 0;
        while done < data.len() {
            let rest = &data[done..];
            let options = at(offset + done as u64);
            let count =
                self.file.write_with_u8_array_and_options(rest, &options).map_err(|thrown| self.failed(thrown))?;
            match moved(count, rest.len()) {
                0 => return Err(self.stopped(io::ErrorKind::StorageFull, "writing", offset + done as u64)),
                count => done += count,
            }
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.file.close();
        Ok(())
    }
}

impl Drop for Opfs {
    fn drop(&mut self) {
        // Closing twice is allowed; a handle left open would keep the next owner out.
        self.file.close();
    }
}

impl fmt::Debug for Opfs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opfs").finish_non_exhaustive()
    }
}
