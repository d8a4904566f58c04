//! The courses in `content/courses`, compiled.

use std::collections::BTreeMap;

use content::pack::Catalogue;

/// Path of the catalogue under the site's root.
pub(crate) const CATALOGUE: &str = "catalogue";

/// Compiles every course; returns files by their path under the site's root.
pub(crate) fn compile() -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    files.insert(CATALOGUE.to_owned(), Catalogue::default().encode()?);
    Ok(files)
}
