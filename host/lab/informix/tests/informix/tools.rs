//! The simulated tools themselves, as a person at a terminal meets them.

use crate::support::Bench;
use procedo_lab_informix::Mode;
use std::io::Write;
use std::process::{Command, Stdio};

/// Runs a tool with these lines typed ahead; tells its exit code and what it printed.
fn typed(bench: &Bench, tool: &str, args: &[&str], lines: &str) -> (i32, String) {
    let mut process = Command::new(bench.dir().join("informix/bin").join(tool))
        .args(args)
        .env("INFORMIXDIR", &bench.lab.environment.dir)
        .env("INFORMIXSERVER", &bench.lab.environment.server)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // A tool that ends before it reads all of it closes its end.
    let _ = process.stdin.take().unwrap().write_all(lines.as_bytes());
    let output = process.wait_with_output().unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn onstat_ends_with_the_mode_as_its_exit_code() {
    let bench = Bench::new("file");
    let (code, said) = typed(&bench, "onstat", &["-"], "");
    assert_eq!(code, 5);
    assert!(said.contains("Version 11.50.FC9 -- On-Line -- Up "), "{said}");
    typed(&bench, "onmode", &["-ky"], "");
    let (code, said) = typed(&bench, "onstat", &["-"], "");
    assert_eq!(code, 255);
    assert_eq!(
        said.trim(),
        "shared memory not initialized for INFORMIXSERVER 'ol_lab'"
    );
}

#[test]
fn an_answer_that_is_no_clear_yes_counts_as_no() {
    let bench = Bench::new("file");
    for answer in ["", "yep", "ja", "n"] {
        typed(&bench, "onmode", &["-k"], &format!("{answer}\n"));
        assert_eq!(bench.mode(), Mode::OnLine, "{answer}");
    }
    typed(&bench, "onmode", &["-k"], "y\n");
    assert_eq!(bench.mode(), Mode::OffLine);
}

#[test]
fn a_restore_by_hand_needs_the_server_off_line_and_leaves_it_quiescent() {
    let bench = Bench::new("file");
    let (code, said) = typed(&bench, "ontape", &["-s", "-L", "0"], "\n");
    assert!(
        code == 0 && said.contains("100 percent done.") && said.contains("Program over."),
        "{said}"
    );
    let then = bench.content();
    bench.write("datadbs", 0, b"to be lost");
    let answers = "\ny\nn\nn\nn\n";
    let (code, said) = typed(&bench, "ontape", &["-r"], answers);
    assert!(
        code == 1 && said.contains("Cannot warm restore ROOT DBspace"),
        "{said}"
    );
    typed(&bench, "onmode", &["-ky"], "");
    // What is not clearly wanted is not done.
    let (code, said) = typed(&bench, "ontape", &["-r"], "\nperhaps\n");
    assert!(code == 1 && bench.content() != then, "{said}");
    let (code, said) = typed(&bench, "ontape", &["-r"], answers);
    assert!(code == 0 && said.contains("Archive level:  0"), "{said}");
    assert!(bench.content() == then);
    assert_eq!(bench.mode(), Mode::Quiescent);
    assert_eq!(typed(&bench, "onmode", &["-m"], "").0, 0);
    assert_eq!(bench.mode(), Mode::OnLine);
}

#[test]
fn a_missing_chunk_file_makes_a_restore_fail_half_way_and_the_server_does_not_start() {
    let bench = Bench::new("file");
    typed(&bench, "ontape", &["-s", "-L", "0"], "\n");
    typed(&bench, "onmode", &["-ky"], "");
    let chunk = bench.lab.state().unwrap().spaces[1].path.clone();
    std::fs::remove_file(&chunk).unwrap();
    let (code, said) = typed(&bench, "ontape", &["-r"], "\ny\nn\nn\nn\n");
    assert!(code == 1 && said.contains("could not open chunk"), "{said}");
    std::fs::write(&chunk, "").unwrap();
    let (code, said) = typed(&bench, "oninit", &[], "");
    assert!(code == 1 && said.contains("not completed"), "{said}");
    assert_eq!(bench.mode(), Mode::OffLine);
}

#[test]
fn a_folder_keeps_the_archive_before_under_its_date() {
    let bench = Bench::new("directory");
    for _ in 0..2 {
        let (code, said) = typed(&bench, "ontape", &["-s", "-L", "0", "-d"], "");
        assert!(code == 0 && said.contains("File created: "), "{said}");
    }
    let mut names: Vec<_> = std::fs::read_dir(bench.device())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_by_key(String::len);
    assert_eq!(names.len(), 2);
    assert!(
        names[0].ends_with("_7_L0") && names[1].len() == names[0].len() + "_20200728_100440".len(),
        "{names:?}"
    );
}

#[test]
fn a_transaction_that_only_reads_alters_nothing_and_what_follows_an_error_is_not_done() {
    let bench = Bench::new("file");
    let make = "CREATE TABLE a (b INTEGER);";
    assert_eq!(typed(&bench, "dbaccess", &["contact_center", "-"], make).0, 0);
    let before = bench.content();
    let script = "BEGIN WORK; SET TRANSACTION READ ONLY; INSERT INTO a VALUES (1); COMMIT WORK;";
    assert_eq!(typed(&bench, "dbaccess", &["contact_center", "-"], script).0, 1);
    assert!(bench.content() == before);
    assert_eq!(
        typed(&bench, "dbaccess", &["nowhere", "-"], "SELECT 1 FROM a").0,
        1
    );
}
