//! What joins a compiled bundle to the browser: the script, and the module with what the script gives it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use walrus::Module;
use wasm_bindgen_cli_support::Bindgen;

use crate::compress::write_whole;
use crate::paths;

/// Part of the key under which generated bindings are kept; raised when this module changes.
const GENERATOR: &str = "3";

/// Classes that crates offer and bundles may have no use for.
const IDLE_CLASSES: [&str; 3] = ["intounderlyingbytesource", "intounderlyingsink", "intounderlyingsource"];

/// Generates the bindings of a compiled bundle, or finds those of an earlier time; returns their folder.
pub(crate) fn of(name: &str, compiled: &[u8]) -> anyhow::Result<PathBuf> {
    let key = &blake3::hash(compiled).to_hex()[..16];
    let folder = paths::web_target().join("bindings").join(format!("{name}-{GENERATOR}-{key}"));
    let whole = folder.join("whole");
    if whole.is_file() {
        return Ok(folder);
    }
    eprintln!("      {name}");
    generate(name, compiled, &folder).with_context(|| format!("cannot generate the bindings of {name}"))?;
    write_whole(&whole, b"")?;
    Ok(folder)
}

fn generate(name: &str, compiled: &[u8], folder: &Path) -> anyhow::Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(name, without_idle_classes(compiled)?)
        .out_name(name)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)?;
    let mut output = bindgen.generate_output()?;
    let names = shorten(output.wasm_mut());
    output.emit(folder)?;
    let path = folder.join(format!("{name}.js"));
    let script = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    write_whole(&path, flush_left(&renamed(&script, &names)).as_bytes())
}

/// Leaves out classes that crates offer to JavaScript while nobody in the bundle makes one.
///
/// An exported class keeps all of its code; leptos brings those of `wasm-streams` into bundles that never
/// stream. One that is made somewhere has its constructor among the imports.
fn without_idle_classes(compiled: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut module = walrus::ModuleConfig::new().strict_validate(false).parse(compiled)?;
    let made = |class: &str| {
        let new = format!("__wbg_{class}_new");
        module.imports.iter().any(|import| import.name.starts_with(&new))
    };
    let idle: Vec<&str> = IDLE_CLASSES.into_iter().filter(|class| !made(class)).collect();
    let is_idle = |name: &str| {
        let name = name.trim_start_matches("__wbindgen_describe_").trim_start_matches("__wbg_");
        name.split('_').next().is_some_and(|class| idle.contains(&class))
    };
    let gone: Vec<_> = module.exports.iter().filter(|export| is_idle(&export.name)).map(walrus::Export::id).collect();
    for export in gone {
        module.exports.delete(export);
    }
    Ok(module.emit_wasm())
}

/// Gives short names to what script and module know each other's functions by; returns them by the long ones.
///
/// The generator's names hold hashes, which do not compress: with short ones a lesson's first load takes
/// 5,700 bytes less. A dollar begins none of the names it gives itself.
fn shorten(module: &mut Module) -> BTreeMap<String, String> {
    let imports = module.imports.iter_mut().map(|import| &mut import.name);
    let exports = module.exports.iter_mut().map(|export| &mut export.name);
    let long = imports.filter(|name| name.starts_with("__wb")).chain(exports.filter(|name| name.starts_with("wasm_")));
    let mut names = BTreeMap::new();
    for (at, name) in long.enumerate() {
        let short = format!("${at:x}");
        names.insert(std::mem::replace(name, short.clone()), short);
    }
    names
}

/// Writes a script with other names for some of its identifiers.
fn renamed(script: &str, names: &BTreeMap<String, String>) -> String {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '$');
    let mut written = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|character| is_part(character) != is_part(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        written.push_str(names.get(run).map_or(run, String::as_str));
        rest = after;
    }
    written
}

/// Takes the indentation away; no text of the generator's goes over lines.
fn flush_left(script: &str) -> String {
    script.lines().flat_map(|line| [line.trim_start(), "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_changed_where_they_stand_alone() {
        let names = BTreeMap::from([("__wbg_now_12".to_owned(), "$0".to_owned())]);
        let script = "  __wbg_now_12: function() { return `${__wbg_now_12}` + my__wbg_now_12; }\n";
        assert_eq!(flush_left(&renamed(script, &names)), "$0: function() { return `${$0}` + my__wbg_now_12; }\n");
    }
}
