//! The cache of compiled plugins: used when it is sound, made again when it is not.

use crate::guests::{Gate, House, Source};
use procedo_core::caller::{Ended, Guest};
use serde_json::json;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

fn reply(guest: &Arc<dyn Guest>) -> Result<serde_json::Value, Ended> {
    guest.run(Arc::new(Gate::replying(json!(null))), &json!({}))
}

#[test]
fn a_plugin_is_compiled_once_and_listed_later_without_its_code() {
    let house = House::new();
    let component = Source::replying("1").component();
    house.load(&component).expect("loads");
    let [code] = &house.cached(".cwasm")[..] else {
        panic!("one compiled file")
    };
    fs::remove_file(code).expect("removed");
    let house = house.later();
    let guest = house.load(&component).expect("loads");
    assert_eq!(guest.manifest().id, "test/try");
    assert!(house.cached(".cwasm").is_empty(), "listing must not compile");
    assert_eq!(reply(&guest), Ok(json!(1)));
    assert_eq!(house.cached(".cwasm").len(), 1);
}

#[test]
fn compiled_code_is_taken_from_the_cache() {
    let house = House::new();
    let component = Source::replying("1").component();
    house.load(&component).expect("loads");
    let written = |house: &House| fs::metadata(&house.cached(".cwasm")[0]).expect("kept").ino();
    let before = written(&house);
    let house = house.later();
    assert_eq!(reply(&house.load(&component).expect("loads")), Ok(json!(1)));
    assert_eq!(written(&house), before, "the file must not be written again");
}

#[test]
fn altered_code_and_manifests_are_made_again() {
    let mut house = House::new();
    let component = Source::replying("1").component();
    house.load(&component).expect("loads");
    for ending in [".cwasm", ".manifests"] {
        let path = house.cached(ending)[0].clone();
        let good = fs::read(&path).expect("kept");
        for position in [0, 40, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[position] ^= 1;
            fs::write(&path, &bad).expect("written");
            house = house.later();
            let guest = house.load(&component).expect("loads");
            assert_eq!(
                (guest.manifest().id.as_str(), reply(&guest)),
                ("test/try", Ok(json!(1)))
            );
            assert_ne!(
                fs::read(&path).expect("kept"),
                bad,
                "{ending} at {position} must be made again"
            );
        }
    }
}

#[test]
fn two_plugins_are_not_confused() {
    let house = House::new();
    let one = house.load(&Source::replying("1").component()).expect("loads");
    let two = house.load(&Source::replying("2").component()).expect("loads");
    assert_eq!((reply(&one), reply(&two)), (Ok(json!(1)), Ok(json!(2))));
    assert_eq!(house.cached(".cwasm").len(), 2);
}

#[test]
fn a_plugin_that_was_replaced_after_it_was_listed_is_not_run_in_its_stead() {
    let house = House::new();
    let component = Source::replying("1").component();
    house.load(&component).expect("loads");
    fs::remove_file(&house.cached(".cwasm")[0]).expect("removed");
    let house = house.later();
    let guest = house.load(&component).expect("loads");
    house.write("plugin.wasm", &Source::replying("2").component());
    let Err(Ended::Failed(error)) = reply(&guest) else {
        panic!("must fail")
    };
    assert_eq!(error.code, "P0712");
}
