//! The edges between crates hold, and nothing banned stands in the sources.

use std::path::Path;

#[test]
fn the_layout_holds() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lie in the workspace");
    let broken = xtask::edges::check(root)?;
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    Ok(())
}
