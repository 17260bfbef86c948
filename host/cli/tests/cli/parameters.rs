//! Parameters of all kinds, from the command line and from files.

use crate::support::{Site, said_with};

#[test]
fn a_missing_an_unknown_and_a_wrong_parameter_are_named_before_anything_happens() {
    let site = Site::new();
    for (args, code, named) in [
        (&["run", "web/write"][..], "P0104", "“text”"),
        (
            &["run", "web/write", "-p", "text=x", "-p", "colour=red"],
            "P0103",
            "“colour”",
        ),
        (
            &["run", "web/write", "-p", "text=x", "-p", "times=many"],
            "P0102",
            "times",
        ),
        (
            &["run", "web/write", "-p", "text=x", "-p", "times=21"],
            "P0102",
            "maximum: 20",
        ),
        (
            &["run", "web/write", "-p", "text=x", "-p", "mode=remove"],
            "P0102",
            "enum",
        ),
        (
            &["run", "web/write", "-p", "text=x", "-p", "page="],
            "P0102",
            "minLength: 1",
        ),
        (&["run", "web/write", "-p", "text"], "P0132", "NAME=VALUE"),
        (
            &["plan", "web/write", "-p", "@missing.json"],
            "P0003",
            "missing.json",
        ),
    ] {
        let said = site.run(args).exits(2);
        assert_eq!(said.error(), code, "{said:?}");
        assert!(said.err.contains(named), "{said:?}");
    }
    assert_eq!(site.run(&["runs", "--json"]).out.trim(), "[]");
}

#[test]
fn a_text_is_taken_as_it_is() {
    let site = Site::new();
    for text in [
        "",
        "true",
        "12",
        "{\"a\": 1}",
        "a=b=c",
        "Ñandú Größe",
        "😀 👩‍👩‍👧",
        "שלום עולם",
        "one\ntwo\r\nthree",
        "\"quoted\" 'twice'",
        "-p",
    ] {
        site.run(&["run", "web/write", "-p", &format!("text={text}")])
            .exits(0);
        assert_eq!(site.read("web/a.htm"), text);
    }
}

#[test]
fn a_page_may_have_any_name_that_a_file_may_have() {
    let site = Site::new();
    for name in ["größe ñ.htm", "😀.htm", "שלום.htm", "two words.htm"] {
        site.run(&["run", "web/write", "-p", "text=x", "-p", &format!("page={name}")])
            .exits(0);
        assert!(site.path("web").join(name).exists(), "{name}");
    }
    // Whatever becomes of a name with a line break, it stays one line for who reads.
    let said = site.run(&["run", "web/write", "-p", "text=x", "-p", "page=two\nlines.htm"]);
    let told = format!("{}{}", said.out, said.err);
    assert!(told.lines().all(|line| !line.starts_with("lines.htm")), "{told}");
}

#[test]
fn a_mebibyte_is_the_most() {
    let site = Site::new();
    let file = |length: usize| {
        site.write(
            "params.json",
            &serde_json::json!({"text": "x".repeat(length)}).to_string(),
        );
        site.run(&["run", "web/write", "--params", "params.json"])
    };
    file(1024 * 1024 - 11).exits(0);
    assert_eq!(site.read("web/a.htm").len(), 1024 * 1024 - 11);
    let said = file(1024 * 1024).exits(2);
    assert_eq!(said.error(), "P0123", "{said:?}");
    assert!(said.err.len() < 300, "{said:?}");
}

#[test]
fn parameters_come_from_files_and_from_standard_input_and_single_ones_count_more() {
    let site = Site::new();
    site.write("given.json", r#"{"text": "from the file", "page": "b.htm"}"#);
    site.run(&["run", "web/write", "-p", "@given.json"]).exits(0);
    assert_eq!(site.read("web/b.htm"), "from the file");
    site.run(&["run", "web/write", "--params", "given.json", "-p", "text=typed"])
        .exits(0);
    assert_eq!(site.read("web/b.htm"), "typed");
    said_with(
        site.command(&["run", "web/write", "--params", "-"]),
        r#"{"text": "piped"}"#,
    )
    .exits(0);
    assert_eq!(site.read("web/a.htm"), "piped");
    for wrong in ["[1]", "{\"text\": ", "null"] {
        site.write("given.json", wrong);
        assert_eq!(
            site.run(&["run", "web/write", "--params", "given.json"])
                .exits(2)
                .error(),
            "P0017",
            "{wrong}"
        );
    }
}

#[test]
fn a_parameter_that_is_given_twice_is_refused_before_anything_happens() {
    let site = Site::new();
    let said = site
        .run(&["run", "web/write", "-p", "text=a", "-p", "text=b"])
        .exits(2);
    assert!(said.error() == "P0045" && said.err.contains("text"), "{said:?}");
    assert!(!site.path("web/a.htm").exists());
}
