//! What `check` finds in the declarations of a site.

use crate::support::{Said, Site, said};

/// The codes of what `check` finds, each with its severity.
fn found(said: &Said) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let findings = said.json()["findings"].clone();
    let findings = findings.as_array().unwrap().iter();
    findings
        .map(|finding| (text(&finding["severity"]), text(&finding["code"])))
        .collect()
}

fn is(severity: &str, code: &str) -> (String, String) {
    (severity.to_owned(), code.to_owned())
}

#[test]
fn check_finds_hooks_that_lead_back_to_their_own_procedure() {
    let site = Site::new();
    let hook = |procedure: &str, at: &str, run: &str| {
        site.declare(&format!(
            "\n[[hook]]\nprocedure = \"{procedure}\"\nat = \"{at}\"\nrun = \"{run}\"\n"
        ));
    };
    hook("web/ask", "before:ask", "web/hold");
    site.run(&["check"]).exits(0);
    hook("web/write", "before:write", "web/write");
    let told = found(&site.run(&["check", "--json"]).exits(2));
    assert_eq!(
        told.iter().filter(|found| found.1 == "P0043").count(),
        1,
        "{told:?}"
    );
    hook("web/hold", "after:hold", "web/ask");
    let told = found(&site.run(&["check", "--json"]).exits(2));
    assert_eq!(
        told.iter().filter(|found| found.1 == "P0043").count(),
        3,
        "{told:?}"
    );
}

#[test]
fn a_grant_of_all_capabilities_is_an_error_that_names_those_there_are() {
    let site = Site::new();
    site.declare(
        "\n[[grant]]\nprocedure = \"web/*\"\ncapability = \"*\"\nresource = \"*\"\neffect = \"write\"\n",
    );
    let said = site.run(&["check"]).exits(2);
    assert!(
        said.out.contains("P0046") && said.out.contains("files, http") && !said.out.contains("resource.*"),
        "{said:?}"
    );
}

#[test]
fn that_nothing_comes_with_procedo_where_it_is_looked_for_is_a_warning() {
    let site = Site::new();
    let check = |share: &str| {
        let mut command = site.command(&["check", "--json"]);
        command.env("PROCEDO_SHARE", share);
        found(&said(command).exits(0))
    };
    assert!(check("/nonexist").contains(&is("warning", "P0044")));
    assert!(check("").iter().all(|found| found.1 != "P0044"));
}

#[test]
fn a_schedule_that_is_not_valid_hides_nothing_of_the_others() {
    let site = Site::new();
    let schedule = |name: &str, procedure: &str, when: &str| {
        site.declare(&format!(
            "\n[[schedule]]\nname = \"{name}\"\nprocedure = \"{procedure}\"\nparams = {{ text = \"x\" }}\nwhen = \"{when}\"\n"
        ));
    };
    schedule("wrong", "web/write", "daily at 25:00");
    schedule("gone", "web/gone", "hourly");
    schedule("sound", "web/write", "hourly");
    let told = found(&site.run(&["check", "--json"]).exits(2));
    assert!(
        told.contains(&is("error", "P1301")) && told.contains(&is("error", "P0101")),
        "{told:?}"
    );
    let errors = told.iter().filter(|found| found.0 == "error");
    assert_eq!(errors.count(), 2, "{told:?}");
}
