//! The data folder of a node.
//!
//! It holds one file, `store.redb`, which holds everything: logs, totals, and the device's secret key,
//! made on first start. Folder and file are made readable by their owner only.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use sync::store::{OpenError, Seed, Store};

use crate::fault::{Fault, Kind};

/// Name of the file in the data folder.
const FILE: &str = "store.redb";

/// Whether `folder` has a store.
pub(crate) fn exists(folder: &Path) -> bool {
    folder.join(FILE).exists()
}

/// Opens the store in `folder`; makes both on first start.
///
/// # Errors
///
/// When the folder cannot be written, another process has the store open, or a newer release wrote it.
pub(crate) fn open(folder: &Path) -> Result<Store, Fault> {
    let path = folder.join(FILE);
    make(folder, &path).map_err(|error| {
        Fault::new(Kind::CannotCreate, format!("cannot write the data folder {}", folder.display()))
            .why(error)
            .help("choose a folder this user may write with --data DIR")
    })?;
    let mut seed = Seed { secret: [0; 32], store: [0; 16] };
    for part in [&mut seed.secret[..], &mut seed.store[..]] {
        getrandom::fill(part).map_err(|error| Fault::new(Kind::Software, "no random bytes").why(error))?;
    }
    Store::open_file(&path, &seed).map_err(|error| fault(&path, &error))
}

fn make(folder: &Path, file: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(0o600).open(file)?;
    Ok(())
}

fn fault(path: &Path, error: &OpenError) -> Fault {
    let shown = path.display();
    match error {
        OpenError::NewerFormat { found, supported } => Fault::new(
            Kind::Data,
            format!("{shown} has format {found}, and this bdhv {} reads up to {supported}", env!("CARGO_PKG_VERSION")),
        )
        .help("start the newer bdhv that wrote it, or choose another folder with --data"),
        OpenError::InUse => Fault::new(Kind::Busy, format!("{shown} is in use by another process"))
            .help("stop the other bdhv, or choose another folder with --data"),
        other => Fault::new(Kind::Data, format!("cannot open {shown}"))
            .why(other)
            .help("restore a backup of the folder, or choose another one with --data"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;

    /// A folder of its own for a test, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("bdhv-store-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = Folder::new("key");
        let data = folder.0.join("hub/data");
        let first = open(&data).unwrap().device();
        assert_eq!(open(&data).unwrap().device(), first);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&data.join(FILE)), 0o600);
        assert_eq!(mode(&data), 0o700);
    }

    #[test]
    fn what_is_wrong_with_the_folder_is_said() {
        let folder = Folder::new("faults");
        let held = open(&folder.0).unwrap();
        let fault = open(&folder.0).unwrap_err().to_string();
        assert!(fault.contains("in use by another process") && fault.contains("--data"), "{fault}");
        drop(held);

        let fault = open(&folder.0.join(FILE)).unwrap_err().to_string();
        assert!(fault.contains("cannot write the data folder"), "{fault}");

        fs::write(folder.0.join(FILE), [b'x'; 10_000]).unwrap();
        let fault = open(&folder.0).unwrap_err().to_string();
        assert!(fault.contains("cannot open") && fault.contains(FILE), "{fault}");
    }

    #[test]
    fn both_formats_are_named() {
        let error = OpenError::NewerFormat { found: 7, supported: 1 };
        let fault = fault(Path::new("d/store.redb"), &error).to_string();
        assert!(fault.contains("has format 7") && fault.contains("reads up to 1"), "{fault}");
    }
}
