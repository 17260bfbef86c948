//! On a terminal: colours, questions asked at once, Ctrl-C.

use crate::support::Site;
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// A terminal with a command on it.
struct Terminal {
    screen: File,
    child: Child,
    seen: Vec<u8>,
    /// How far it was read for.
    at: usize,
}

impl Terminal {
    fn of(mut command: Command) -> Self {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let name = ptsname(&screen, Vec::new()).unwrap();
        let own = || Stdio::from(open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap());
        command.stdin(own()).stdout(own()).stderr(own()).process_group(0);
        let child = command.spawn().unwrap();
        drop(command);
        Self {
            screen: File::from(screen),
            child,
            seen: Vec::new(),
            at: 0,
        }
    }

    /// Reads until a text is on the screen behind what was read for before.
    fn until(&mut self, text: &str) {
        loop {
            let seen = String::from_utf8_lossy(&self.seen[self.at..]);
            if let Some(found) = seen.find(text) {
                // A letter that a read has cut in two can only be behind what was found.
                self.at += found + text.len();
                return;
            }
            let mut part = [0; 4096];
            let count = self.screen.read(&mut part).unwrap_or(0);
            assert_ne!(count, 0, "it ended without “{text}”:\n{seen}");
            self.seen.extend(&part[..count]);
        }
    }

    fn type_line(&mut self, text: &str) {
        self.screen.write_all(text.as_bytes()).unwrap();
        self.screen.write_all(b"\n").unwrap();
    }

    /// Reads to the end; the exit code and all that was on the screen.
    fn end(mut self) -> (i32, String) {
        let mut bytes = self.seen;
        let mut part = [0; 4096];
        // A terminal whose last program has ended gives an error.
        while let Ok(count @ 1..) = self.screen.read(&mut part) {
            bytes.extend(&part[..count]);
        }
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        (code, String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[test]
fn colours_are_for_terminals_and_for_who_wants_them() {
    let site = Site::new();
    site.run(&["run", "web/write", "-p", "text=x"]).exits(0);
    let coloured = |name: &str, value: &str| {
        let mut command = site.command(&["runs"]);
        command.env(name, value);
        Terminal::of(command).end().1.contains("\u{1b}[32m")
    };
    assert!(coloured("UNRELATED", "1"));
    assert!(!coloured("NO_COLOR", "1"));
    assert!(!coloured("TERM", "dumb"));
    assert!(coloured("NO_COLOR", ""));
}

#[test]
fn questions_are_asked_at_once() {
    let site = Site::new();
    let mut command = site.command(&["run", "web/ask", "--lang", "de"]);
    command.env("NO_COLOR", "1");
    let mut terminal = Terminal::of(command);
    terminal.until("Soll es beginnen? [j/N]");
    terminal.type_line("vielleicht");
    terminal.until("nicht verständlich");
    terminal.type_line("j");
    terminal.until("Name:");
    terminal.type_line("");
    terminal.until("Das wird benötigt.");
    terminal.type_line("Jürgen");
    terminal.until("Age");
    terminal.type_line("alt");
    terminal.until("keine ganze Zahl");
    terminal.type_line("");
    terminal.until("Which way?");
    terminal.until("Nummer (1–2):");
    terminal.type_line("2");
    let (code, seen) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert_eq!(site.read("web/answer.txt"), "Jürgen right\n");
}

#[test]
fn an_approval_is_asked_with_the_plan_and_a_token_that_is_not_shown() {
    let site = Site::with_people();
    site.declare("\n[[policy]]\nprocedure = \"web/write\"\napprovals = 1\n");
    let mut command = site.command(&["run", "web/write", "-p", "text=new"]);
    command.env("PROCEDO_TOKEN", "token-ben").env("NO_COLOR", "1");
    let mut terminal = Terminal::of(command);
    terminal.until("+new");
    terminal.until("Approve this? [y/N]");
    terminal.type_line("y");
    terminal.until("Personal token:");
    terminal.type_line("token-cleo");
    let (code, seen) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert!(!seen.contains("token-cleo"), "{seen}");
    assert_eq!(site.read("web/a.htm"), "new");
}

#[test]
fn who_declines_leaves_the_run_waiting() {
    let site = Site::new();
    site.declare("\n[[policy]]\nprocedure = \"web/write\"\napprovals = 1\n");
    let mut terminal = Terminal::of(site.command(&["run", "web/write", "-p", "text=new"]));
    terminal.until("[y/N]");
    terminal.type_line("n");
    let (code, seen) = terminal.end();
    assert_eq!(code, 4, "{seen}");
    assert!(seen.contains("procedo approve"), "{seen}");
    assert!(!site.path("web/a.htm").exists());
}

#[test]
fn undo_asks_before_it_acts() {
    let site = Site::new();
    let run = site.run(&["run", "web/write", "-p", "text=new"]).exits(0).run();
    for (answer, there) in [("n", true), ("y", false)] {
        let mut terminal = Terminal::of(site.command(&["undo", &run]));
        terminal.until("Undo it?");
        terminal.type_line(answer);
        terminal.end();
        assert_eq!(site.path("web/a.htm").exists(), there, "{answer}");
    }
}

#[test]
fn a_secret_is_typed_unseen() {
    let site = Site::new();
    let mut terminal = Terminal::of(site.command(&["secret", "set", "relay"]));
    terminal.until("Value of relay:");
    terminal.type_line("hunter-22");
    let (code, seen) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert!(
        seen.contains("secret:relay@1") && !seen.contains("hunter-22"),
        "{seen}"
    );
}

/// A script whose only call cannot be looked for once it is in doubt.
const SEND: &str = r#"//! id = "web/send"
//! [[needs]]
//! capability = "http"
//! resource = "server"
//! effect = "write"
//! [texts.en]
//! title = "Send"
//! summary = "Sends a request."
http::send(#{origin: "server", method: "POST", path: "/", headers: [], body: "x"});
"#;

#[test]
fn who_leaves_the_question_what_a_call_replied_leaves_the_run_waiting() {
    let site = Site::new();
    site.write("scripts/web/send.rhai", SEND);
    let server = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let origin = format!("http://{}", server.local_addr().unwrap());
    site.declare(&format!("\n[resource.http.server]\norigin = \"{origin}\"\n"));
    site.declare("\n[[grant]]\nprocedure = \"web/send\"\ncapability = \"http\"\nresource = \"server\"\neffect = \"write\"\n");
    let mut sending = site.start(&["run", "web/send"]);
    // The request is there: what came of it nobody will know.
    let request = server.accept().unwrap();
    sending.kill().unwrap();
    sending.wait().unwrap();
    drop((request, server));
    let run = site.run(&["runs"]).run();
    let mut terminal = Terminal::of(site.command(&["resume", &run]));
    terminal.until("4)");
    terminal.until(":");
    terminal.type_line("1");
    terminal.until("status");
    // Ctrl-D at the beginning of a line: there is nobody any more.
    terminal.screen.write_all(b"\x04").unwrap();
    let (code, seen) = terminal.end();
    assert!(code == 5 && !seen.contains("P0026"), "{code}: {seen}");
    assert!(seen.contains("procedo resume"), "{seen}");
    assert_eq!(site.run(&["runs", "--json"]).json()[0]["state"], "in-doubt");
}
