//! Processes of this machine, as `/proc` tells them.

use std::process::{Command, Stdio};

/// The children of a process.
pub fn children(parent: u32) -> Vec<u32> {
    let is_child = |pid: &u32| {
        let parent_of = stat(*pid).and_then(|rest| rest.split(' ').nth(1)?.parse().ok());
        parent_of == Some(parent)
    };
    all().into_iter().filter(is_child).collect()
}

/// The numbers of all processes.
pub fn all() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Whether a process lives: a zombie does not.
pub fn lives(pid: u32) -> bool {
    stat(pid).is_some_and(|rest| !rest.starts_with('Z'))
}

/// What follows the name in `/proc/PID/stat`: the state, the parent, and so on.
fn stat(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned())
}

/// Sends a signal to a process, or with `-` before the number to a group of processes; one that has ended gets none.
pub fn kill(signal: &str, whom: &str) {
    let _ = Command::new("kill")
        .args(["-s", signal, "--", whom])
        .stderr(Stdio::null())
        .status();
}

/// The account of whoever runs the tests.
pub fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
