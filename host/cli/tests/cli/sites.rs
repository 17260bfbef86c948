//! Sites: making one, its people, grants, secrets, plugins, checks, and its record.

use crate::support::{Site, command, said, said_with};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_new_site_works_at_once_and_explains_itself() {
    let dir = tempfile::tempdir().unwrap();
    let in_dir = |args: &[&str]| said(command(dir.path(), args));
    in_dir(&["init", "Büro"]).exits(0);
    let site = dir.path().join("Büro");
    let in_site = |args: &[&str]| said(command(&site, args));
    let mode = |path: &str| site.join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(".procedo"), 0o700);
    let checked = in_site(&["check", "--json"]).exits(0).json();
    assert_eq!(checked["findings"], json!([]));
    in_site(&["run", "example/greet", "-p", "name=Ada"]).exits(0);
    assert_eq!(
        std::fs::read_to_string(site.join("files/greeting.txt")).unwrap(),
        "Hello Ada!\n"
    );
    assert!(
        in_site(&["procedures", "--lang", "de"])
            .out
            .contains("Jemanden grüßen")
    );
    // From a folder below it the site is found; from above it has to be named.
    said(command(&site.join("files"), &["runs"])).exits(0);
    assert_eq!(in_dir(&["runs"]).exits(2).error(), "P0001");
    assert!(
        in_dir(&["runs", "--site", "Büro"])
            .exits(0)
            .out
            .contains("example/greet")
    );
    assert_eq!(in_dir(&["init", "Büro"]).exits(1).error(), "P0019");
}

#[test]
fn declarations_that_are_not_valid_are_shown_with_the_line() {
    let site = Site::new();
    site.declare("\n[[policy]]\nprocedure = \"web/*\"\naprovals = 2\n");
    let said = site.run(&["runs"]).exits(2);
    assert_eq!(said.error(), "P0002");
    assert!(said.err.contains("aprovals = 2"), "{said:?}");
    let site = Site::new();
    site.declare("\n[resource.databse.main]\npath = \"x\"\n");
    assert_eq!(
        site.run(&["run", "web/write", "-p", "text=x"]).exits(2).error(),
        "P0024"
    );
}

#[test]
fn grants_are_written_into_the_declarations_which_keep_their_comments() {
    let site = Site::new();
    let before = site.read("procedo.toml");
    assert_eq!(site.run(&["grant", "other/denied"]).exits(4).error(), "P0026");
    assert_eq!(site.read("procedo.toml"), before);
    let granted = site
        .run(&["grant", "other/denied", "--yes", "--json"])
        .exits(0)
        .json();
    assert_eq!(granted["granted"][0]["resource"], "web");
    let after = site.read("procedo.toml");
    assert!(
        after.starts_with(&before[..before.find("[[grant]]").unwrap()]),
        "{after}"
    );
    assert!(after.contains("# All of the web may write."), "{after}");
    site.run(&["run", "other/denied"]).exits(0);
    assert_eq!(
        site.run(&["grant", "other/denied", "--yes", "--json"])
            .exits(0)
            .json()["granted"],
        json!([])
    );
    site.run(&["revoke", "other/denied"]).exits(0);
    site.run(&["run", "other/denied"]).exits(3);
    assert_eq!(site.run(&["revoke", "other/denied"]).exits(2).error(), "P0020");
    assert_eq!(site.read("procedo.toml").trim(), before.trim());
}

#[test]
fn a_need_of_a_parameter_is_granted_for_a_named_resource() {
    let site = Site::new();
    let script = crate::support::DENIED
        .replace("resource = \"web\"", "resource = \"$root\"")
        .replace(
            "//! [texts.en]",
            "//! [parameters]\n//! properties.root = { type = \"string\" }\n//! [texts.en]",
        );
    site.write("scripts/other/denied.rhai", &script);
    assert_eq!(
        site.run(&["grant", "other/denied", "--yes"]).exits(2).error(),
        "P0021"
    );
    assert_eq!(
        site.run(&["grant", "other/denied", "--yes", "--resource", "none"])
            .exits(2)
            .error(),
        "P0023"
    );
    site.run(&["grant", "other/denied", "--yes", "--resource", "web"])
        .exits(0);
    site.run(&["run", "other/denied", "-p", "root=web"]).exits(0);
}

#[test]
fn people_get_a_token_that_is_shown_once_and_kept_as_a_digest() {
    let site = Site::new();
    assert_eq!(
        site.run(&["user", "add", "ben", "--role", "operator"])
            .exits(2)
            .error(),
        "P0509"
    );
    let added = site
        .run(&["user", "add", "ana", "--role", "admin", "--json"])
        .exits(0)
        .json();
    let token = added["token"].as_str().unwrap().to_owned();
    assert!(token.len() >= 32 && !site.read("procedo.toml").contains(&token));
    let as_ana = |args: &[&str]| {
        let mut command = site.command(args);
        command.env("PROCEDO_TOKEN", &token);
        said(command)
    };
    as_ana(&["user", "add", "ben", "--role", "operator", "--account", "bensen"]).exits(0);
    assert_eq!(
        as_ana(&["user", "add", "ben", "--role", "admin"])
            .exits(1)
            .error(),
        "P0508"
    );
    assert_eq!(
        as_ana(&["user", "add", "a b", "--role", "admin"])
            .exits(2)
            .error(),
        "P0036"
    );
    assert_eq!(as_ana(&["user", "remove", "ana"]).exits(1).error(), "P0511");
    assert_eq!(as_ana(&["user", "list", "--json"]).json()[1]["account"], "bensen");
    let renewed = as_ana(&["user", "token", "ana", "--json"]).exits(0).json();
    assert_ne!(renewed["token"], token.as_str());
    assert_eq!(as_ana(&["user", "list"]).exits(3).error(), "P0503");
    assert!(site.read("procedo.toml").starts_with("# The site of a test.\n"));
}

#[test]
fn a_secret_is_set_from_standard_input_and_never_shown() {
    let site = Site::new();
    let set = |name: &str, value: &str| said_with(site.command(&["secret", "set", name]), value);
    assert!(
        set("relay/password", "hunter-22\n")
            .exits(0)
            .out
            .contains("secret:relay/password@1")
    );
    assert!(set("relay/password", "hunter-23").exits(0).out.contains("@2"));
    assert_eq!(set("relay/password", "\n").exits(2).error(), "P0031");
    assert_eq!(set("Relay", "x").exits(2).error(), "P0037");
    let listed = site.run(&["secret", "list", "--json"]).exits(0);
    assert_eq!(
        listed.json(),
        json!([{"name": "relay/password", "versions": [1, 2]}])
    );
    let said = site.run(&["run", "web/write", "-p", "text=hunter-22"]);
    let shown = site.run(&["show", &said.run(), "--diff"]).exits(0);
    assert!(!shown.out.contains("hunter-22"), "{shown:?}");
    for entry in std::fs::read_dir(site.path(".procedo")).unwrap().flatten() {
        if entry.path().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            assert!(
                !bytes
                    .windows(9)
                    .any(|window| window == b"hunter-22" || window == b"hunter-23"),
                "{:?}",
                entry.path()
            );
        }
    }
    site.run(&["secret", "remove", "relay/password"]).exits(0);
    assert_eq!(
        site.run(&["secret", "remove", "relay/password"]).exits(2).error(),
        "P0502"
    );
}

#[test]
fn a_file_that_is_no_plugin_is_never_installed() {
    let site = Site::new();
    site.write("fake.wasm", "not a component");
    let said = site.run(&["plugin", "install", "fake.wasm"]);
    assert!(
        said.error().starts_with("P07") && !site.path("plugins").exists(),
        "{said:?}"
    );
    // One that was put there by hand is told and not used.
    std::fs::create_dir(site.path("plugins")).unwrap();
    std::fs::copy(site.path("fake.wasm"), site.path("plugins/fake.wasm")).unwrap();
    let listed = site.run(&["procedures"]).exits(0);
    assert!(
        listed.out.contains("web/write") && listed.err.starts_with("P07"),
        "{listed:?}"
    );
    assert_eq!(site.run(&["plugin", "remove", "fake"]).exits(2).error(), "P0035");
    assert!(site.run(&["plugin", "list"]).exits(0).out.contains("No plugin"));
}

#[test]
fn a_broken_script_is_told_and_hides_no_other() {
    let site = Site::new();
    site.write("scripts/web/broken.rhai", "//! id = \"web/broken\"\nlet x = ;\n");
    site.write("scripts/web/lib.rhai", "fn helper() { 1 }\n");
    let listed = site.run(&["procedures"]).exits(0);
    assert!(
        listed.out.contains("web/write") && !listed.out.contains("web/broken"),
        "{listed:?}"
    );
    assert!(listed.err.contains("broken.rhai"), "{listed:?}");
    site.run(&["run", "web/write", "-p", "text=x"]).exits(0);
    let run = site.run(&["run", "web/broken"]).exits(2);
    assert!(run.error().starts_with("P06"), "{run:?}");
    let checked = site.run(&["check", "--json"]).exits(2).json();
    let errors: Vec<_> = checked["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["severity"] == "error")
        .collect();
    assert_eq!(errors.len(), 1, "{checked}");
    assert_eq!(errors[0]["at"], "scripts/web/broken.rhai");
    site.run(&["check", "scripts/web/write.rhai"]).exits(0);
    site.run(&["check", "scripts/web/broken.rhai"]).exits(2);
}

#[test]
fn check_finds_what_would_fail_only_later() {
    let site = Site::new();
    site.write(
        "scripts/web/wrong.rhai",
        &crate::support::DENIED
            .replace("other/denied", "web/wrong")
            .replace("files::write(", "files::wrte("),
    );
    site.declare("\n[[hook]]\nprocedure = \"web/write\"\nat = \"before:wirte\"\nrun = \"web/none\"\n");
    site.declare("\n[[grant]]\nprocedure = \"web/gone\"\ncapability = \"files\"\nresource = \"gone\"\neffect = \"read\"\n");
    let checked = site.run(&["check", "--json"]).exits(2).json();
    let codes: Vec<_> = checked["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    for code in ["P0032", "P0033", "P0034", "P0038", "P0023"] {
        assert!(codes.contains(&code), "{code}: {checked}");
    }
    let spot = checked["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["code"].as_str().unwrap().starts_with("P06"));
    let at = spot.expect("an unknown function is found")["at"]
        .as_str()
        .unwrap();
    assert!(
        at.starts_with("scripts/web/wrong.rhai:") || at.starts_with("scripts/"),
        "{at}"
    );
}

#[test]
fn the_sites_script_counts_before_what_comes_with_procedo() {
    let site = Site::new();
    site.write(
        "share/scripts/web/write.rhai",
        &crate::support::WRITE.replace("Write a page", "The shipped one"),
    );
    site.write(
        "share/scripts/web/more.rhai",
        &crate::support::WRITE.replace("web/write", "web/more"),
    );
    let list = site.run(&["procedures", "--json"]).exits(0).json();
    let of = |id: &str| {
        list.as_array()
            .unwrap()
            .iter()
            .find(|procedure| procedure["id"] == id)
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&of("web/write")["title"], &of("web/write")["shipped"]),
        (&json!("Write a page"), &json!(false))
    );
    assert_eq!(of("web/write")["overrides"][0], "share/scripts/web/write.rhai");
    assert_eq!(of("web/more")["shipped"], true);
    assert!(site.run(&["procedures"]).out.contains("replaces another"));
    site.run(&["run", "web/more", "-p", "text=x"]).exits(0);
}

#[test]
fn the_record_is_checked_and_exported() {
    let site = Site::new();
    let run = site.run(&["run", "web/write", "-p", "text=x"]).exits(0).run();
    let report = site.run(&["audit", "verify", "--json"]).exits(0).json();
    assert_eq!((&report["whole"], &report["runs"]), (&json!(true), &json!(1)));
    site.write("head.json", &report.to_string());
    site.run(&["audit", "export", "-o", "all.jsonl"]).exits(0);
    site.run(&["audit", "verify", "all.jsonl"]).exits(0);
    assert_eq!(
        site.run(&["audit", "export", &run]).exits(0).out,
        site.run(&["audit", "export", &run]).out
    );
    site.run(&["run", "web/write", "-p", "text=y"]).exits(0);
    site.run(&["audit", "verify", "--head", "head.json"]).exits(0);
    let forged = site.read("all.jsonl").replace("web/write", "web/wrote");
    site.write("all.jsonl", &forged);
    let said = site.run(&["audit", "verify", "all.jsonl"]).exits(1);
    assert!(said.out.contains("entry 0"), "{said:?}");
}

#[test]
fn a_simulated_site_is_ready_at_once() {
    let dir = tempfile::tempdir().unwrap();
    said(command(dir.path(), &["init", "lab", "--lab"])).exits(0);
    let lab = dir.path().join("lab");
    let in_lab = |args: &[&str]| said(command(&lab, args));
    assert_eq!(in_lab(&["lab", "status", "--json"]).exits(0).json()["up"], false);
    let up = in_lab(&["lab", "up", "web", "--json"]).exits(0).json();
    assert!(
        up["url"].as_str().unwrap().starts_with("http://127.0.0.1:"),
        "{up}"
    );
    assert_eq!(
        in_lab(&["lab", "up", "web", "--json"]).exits(0).json()["already"],
        true
    );
    assert_eq!(in_lab(&["lab", "status", "--json"]).json()["pid"], up["pid"]);
    assert_eq!(in_lab(&["lab", "down", "--json"]).exits(0).json()["ran"], true);
    assert_eq!(in_lab(&["lab", "status", "--json"]).json()["up"], false);
    // A site that is not simulated has no lab.
    let site = Site::new();
    assert_ne!(site.run(&["lab", "up"]).code, 0);
}

#[test]
fn a_byte_order_mark_keeps_nobody_from_running_a_script() {
    let site = Site::new();
    site.write(
        "scripts/web/marked.rhai",
        &format!(
            "\u{feff}{}",
            crate::support::WRITE.replace("web/write", "web/marked")
        ),
    );
    site.write("params.json", "\u{feff}{\"text\": \"x\"}");
    let listed = site.run(&["procedures", "--json"]).json();
    assert!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .any(|each| each["id"] == "web/marked"),
        "{listed}"
    );
    site.run(&["run", "web/marked", "--params", "params.json"])
        .exits(0);
}

#[test]
fn a_damaged_plugin_is_not_silently_replaced_by_what_comes_with_procedo() {
    let site = Site::new();
    let shipped = crate::support::WRITE.replace("web/write", "shipped/write");
    site.write("share/scripts/shipped/write.rhai", &shipped);
    let run = ["run", "shipped/write", "-p", "text=x"];
    site.declare(
        "\n[[grant]]\nprocedure = \"*\"\ncapability = \"files\"\nresource = \"web\"\neffect = \"write\"\n",
    );
    site.run(&run).exits(0);
    let installed = json!({"own": {
        "digest": procedo_core::value::Digest::of(b"own").to_string(), "by": "ana", "at": 0, "procedures": ["shipped/write"],
    }});
    site.write("plugins/installed.json", &installed.to_string());
    for damaged in [None, Some("no plugin")] {
        if let Some(text) = damaged {
            site.write("plugins/own.wasm", text);
        }
        let said = site.run(&run);
        assert!(said.error().starts_with("P07") && said.out.is_empty(), "{said:?}");
    }
    site.run(&["run", "web/write", "-p", "text=x"]).exits(0);
}

#[test]
fn a_schedule_that_is_not_valid_stops_only_what_needs_schedules() {
    let site = Site::new();
    site.declare(
        "\n[[schedule]]\nname = \"nightly\"\nprocedure = \"web/write\"\nparams = { text = \"x\" }\nwhen = \"daily at 25:00\"\n",
    );
    for command in [&["runs"][..], &["run", "web/write", "-p", "text=x"]] {
        let said = site.run(command).exits(0);
        assert!(
            said.err.contains("P1301") && said.err.contains("25:00"),
            "{said:?}"
        );
    }
    for command in ["schedules", "serve"] {
        assert_eq!(site.run(&[command]).exits(2).error(), "P1301", "{command}");
    }
    let checked = site.run(&["check", "--json"]).exits(2).json();
    let mut findings = checked["findings"].as_array().unwrap().iter();
    assert!(
        findings.any(|finding| finding["code"] == "P1301" && finding["severity"] == "error"),
        "{checked}"
    );
}

#[test]
fn times_are_told_in_the_zone_of_the_site_with_their_offset() {
    let site = Site::new();
    let declared = site.read("procedo.toml");
    // A zone with an offset that no machine has by chance.
    site.write(
        "procedo.toml",
        &format!("time-zone = \"Asia/Kathmandu\"\n{declared}"),
    );
    site.run(&["run", "web/write", "-p", "text=x"]).exits(0);
    let run = site.run(&["runs", "--json"]).exits(0).json()[0]["run"].clone();
    for command in [&["runs"][..], &["show", run.as_str().unwrap()]] {
        let said = site.run(command).exits(0);
        assert!(said.out.contains("+05:45"), "{said:?}");
    }
}
