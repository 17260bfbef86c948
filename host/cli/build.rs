//! Puts the pages of `docs/errors` into the program, for `procedo explain`.

use std::fmt::Write;
use std::path::Path;

fn main() {
    // As cargo says now, not as it said when this was compiled: checkouts may share a target folder.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let folder = Path::new(&package).join("../../docs/errors");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut codes: Vec<String> = std::fs::read_dir(&folder)
        .expect("docs/errors is part of the source")
        .flatten()
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".md")?.to_owned()))
        .collect();
    codes.sort();
    let mut pages = "const PAGES: &[(&str, &str)] = &[\n".to_owned();
    for code in codes {
        let page = folder.join(format!("{code}.md"));
        let _ = writeln!(pages, "    ({code:?}, include_str!({page:?})),");
    }
    pages.push_str("];\n");
    let out = std::env::var_os("OUT_DIR").expect("cargo sets it");
    std::fs::write(Path::new(&out).join("pages.rs"), pages).expect("cargo gives a folder to write to");
}
