//! Making and opening stores: keys, permissions, files that are no stores; and the secrets beside the journal.

mod fixture;

use fixture::*;
use procedo_core::capability::Blobs;
use procedo_store::{KeySource, SqliteStore, Store};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn code(dir: &Path, key: KeySource) -> Option<String> {
    SqliteStore::open(dir, key).err().map(|error| error.code)
}

#[test]
fn a_new_store_makes_its_key_and_all_its_files_are_the_owners_alone() {
    let site = tempfile::tempdir().expect("a folder");
    let dir = site.path().join(".procedo");
    let store = SqliteStore::open(&dir, KeySource::Site).expect("opens");
    let lease = begin(&store, "a");
    store.set_secret("token", "geheim").expect("room");
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let mut seen = 0;
    for entry in std::fs::read_dir(&dir).expect("a folder") {
        let path = entry.expect("readable").path();
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 6, "{seen} files");
    let key = std::fs::read_to_string(dir.join("key")).expect("readable");
    assert_eq!(key.trim().len(), 64);
    drop((lease, store));
    assert_eq!(code(&dir, KeySource::Hex(key.clone())), None);
    assert_eq!(code(&dir, KeySource::Site), None);
    let elsewhere = site.path().join("site.key");
    std::fs::write(&elsewhere, key).expect("writable");
    assert_eq!(code(&dir, KeySource::File(elsewhere)), None);
}

#[test]
fn a_wrong_missing_or_malformed_key_is_one_clear_error() {
    let site = Site::new();
    drop(site.open());
    let dir = site.path();
    assert!(
        !dir.join("key").exists(),
        "a key from elsewhere is not written down"
    );
    assert_eq!(
        code(dir, KeySource::Hex("00".repeat(32))).as_deref(),
        Some("P0210")
    );
    assert_eq!(
        code(dir, KeySource::Site).as_deref(),
        Some("P0209"),
        "a second key is never made"
    );
    assert!(!dir.join("key").exists());
    assert_eq!(
        code(dir, KeySource::File(dir.join("nowhere"))).as_deref(),
        Some("P0209")
    );
    for digits in ["", "abc", &"0".repeat(63), &"g".repeat(64)] {
        assert_eq!(
            code(dir, KeySource::Hex(digits.to_owned())).as_deref(),
            Some("P0211"),
            "{digits}"
        );
    }
    assert_eq!(code(dir, key()), None);
}

#[test]
fn what_is_no_store_of_ours_is_refused_and_left_alone() {
    for content in [
        "this is not a database, but it is long enough to have a header".repeat(20),
        "x".to_owned(),
    ] {
        let site = Site::new();
        std::fs::write(site.path().join("journal.db"), &content).expect("writable");
        assert_eq!(code(site.path(), key()).as_deref(), Some("P0212"));
        assert_eq!(
            std::fs::read_to_string(site.path().join("journal.db")).expect("readable"),
            content
        );
    }
    let site = Site::new();
    site.journal()
        .execute_batch("CREATE TABLE cats (name TEXT); PRAGMA user_version = 3")
        .expect("valid");
    assert_eq!(code(site.path(), key()).as_deref(), Some("P0212"));
    let site = Site::new();
    drop(site.open());
    site.journal()
        .execute_batch("PRAGMA user_version = 99")
        .expect("valid");
    assert_eq!(code(site.path(), key()).as_deref(), Some("P0213"));
    let file = Site::new();
    let path = file.path().join("a-file");
    std::fs::write(&path, "").expect("writable");
    assert_eq!(code(&path, key()).as_deref(), Some("P0218"));
}

#[test]
fn many_openers_at_once_make_one_store() {
    let site = Site::new();
    std::thread::scope(|scope| {
        for at in 0..8 {
            let site = &site;
            scope.spawn(move || {
                let store = SqliteStore::open(site.path(), KeySource::Site).expect("opens");
                drop(begin(&store, &format!("r{at}")));
            });
        }
    });
    let store = SqliteStore::open(site.path(), KeySource::Site).expect("opens");
    assert_eq!(store.rows(100, false).expect("readable").len(), 8);
    assert!(procedo_store::audit::verify(&store).expect("readable").is_whole());
}

#[test]
fn secrets_keep_all_versions_and_a_number_is_never_given_twice() {
    let site = Site::new();
    let (store, other) = (site.open(), site.open());
    assert_eq!(store.secret_version("token").expect("readable"), None);
    assert!(!store.remove_secret("token").expect("works"));
    assert_eq!(store.set_secret("token", "eins").expect("room"), 1);
    assert_eq!(other.set_secret("token", "zwei").expect("room"), 2);
    assert_eq!(store.set_secret("mail", "").expect("room"), 1);
    for store in [&store, &other, &site.open()] {
        assert_eq!(
            store.secret("token", 1).expect("readable").as_deref(),
            Some("eins")
        );
        assert_eq!(
            store.secret("token", 2).expect("readable").as_deref(),
            Some("zwei")
        );
        assert_eq!(store.secret("token", 3).expect("readable"), None);
        assert_eq!(store.secret_version("token").expect("readable"), Some(2));
        assert_eq!(store.secrets().expect("readable").len(), 3);
    }
    assert!(store.remove_secret("token").expect("works"));
    assert_eq!(other.secret("token", 2).expect("readable"), None);
    assert_eq!(
        other.set_secret("token", "drei").expect("room"),
        3,
        "token@1 must not come to mean another value"
    );
}

#[test]
fn secrets_set_from_many_threads_are_all_kept() {
    let site = Site::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let site = &site;
            scope.spawn(move || {
                let store = site.open();
                for at in 0..10 {
                    store
                        .set_secret("shared", &format!("{thread}-{at}"))
                        .expect("room");
                }
            });
        }
    });
    let store = site.open();
    assert_eq!(store.secret_version("shared").expect("readable"), Some(40));
    assert_eq!(store.secrets().expect("readable").len(), 40);
}

#[test]
fn no_file_of_the_store_shows_a_secret_or_a_before_image() {
    let site = Site::new();
    let secret = "Hv7-unmistakable-secret-value";
    let image = format!("password = {secret}\n").repeat(2000);
    {
        let store = site.open();
        store.set_secret("database", secret).expect("room");
        let lease = begin(&store, "a");
        store.put(image.as_bytes()).expect("room");
        store.flush(&*lease).expect("room");
        assert_hidden(site.path(), secret);
        calls(&store, &*lease, 1..3);
        assert_hidden(site.path(), secret);
    }
    assert_hidden(site.path(), secret);
}

fn assert_hidden(dir: &Path, secret: &str) {
    let mut files = 0;
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).expect("readable");
            let shown = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!shown, "{} shows the secret", path.display());
        }
    }
    assert!(files >= 3, "{files} files");
}

#[test]
fn a_damaged_file_of_secrets_is_one_clear_error() {
    let site = Site::new();
    let path = site.path().join("secrets");
    site.open().set_secret("token", "eins").expect("room");
    let sound = std::fs::read(&path).expect("readable");
    for at in [0, 20, sound.len() - 1] {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        std::fs::write(&path, bytes).expect("writable");
        let store = site.open();
        assert_eq!(store.secret("token", 1).expect_err("damaged").code, "P0215");
        assert_eq!(
            store
                .set_secret("token", "zwei")
                .expect_err("nothing is overwritten")
                .code,
            "P0215"
        );
    }
    std::fs::write(&path, sound).expect("writable");
    assert_eq!(
        site.open().secret("token", 1).expect("readable").as_deref(),
        Some("eins")
    );
}
