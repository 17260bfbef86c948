//! What only a root of this machine has.

use crate::bench::Bench;
use serde_json::json;

#[test]
fn the_identity_of_a_root_changes_when_another_folder_takes_its_place() {
    let bench = Bench::new();
    let identity = || {
        bench
            .handler("write")
            .identity(&json!({"root": "web", "path": "a", "text": ""}))
            .unwrap()
    };
    let before = identity().unwrap();
    assert_eq!(identity().unwrap(), before);
    std::fs::rename(bench.web(), bench.web().with_file_name("old")).unwrap();
    std::fs::create_dir(bench.web()).unwrap();
    assert_ne!(identity().unwrap(), before);
}
