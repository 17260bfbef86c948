//! The programs of the servers, as the site's named commands and services call them: `WHAT FOLDER …`, with passwords on the
//! standard input only. They answer by words and exit codes, as programs do.

use crate::machine::{Home, Said, Server, account, power, service};
use std::io::Write;
use std::path::Path;

/// Runs a program; what it has to say goes to the standard output, and to the standard error where it fails. Returns its exit
/// code.
pub fn main(words: &[String]) -> u8 {
    match run(words) {
        Ok(said) => {
            // Whoever asked may be gone.
            let _ = writeln!(std::io::stdout(), "{said}");
            0
        }
        Err(reason) => {
            let _ = writeln!(std::io::stderr(), "{reason}");
            1
        }
    }
}

/// Lines of the standard input, each to the next line end; passwords may hold anything else.
fn lines(count: usize) -> Said<Vec<String>> {
    let text = std::io::read_to_string(std::io::stdin()).map_err(|error| error.to_string())?;
    let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    if lines.len() < count || lines[..count].iter().any(String::is_empty) {
        return Err(format!("{count} lines are expected"));
    }
    Ok(lines)
}

fn server(home: &Home) -> Said<&'static Server> {
    let name = home
        .path()
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    power::named(name).ok_or_else(|| format!("there is no server {name}"))
}

fn same(is: bool) -> String {
    if is { "same" } else { "other" }.to_owned()
}

fn run(words: &[String]) -> Said<String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (what, home, rest) = match words.as_slice() {
        [what, folder, rest @ ..] => (*what, Home::at(Path::new(folder)), rest),
        _ => return Err("usage: WHAT FOLDER …".to_owned()),
    };
    let home = &home;
    let done = || "done".to_owned();
    match (what, rest) {
        ("service", [name]) => service::serve(home, name).map(|()| "ended".to_owned()),
        ("shutdown", []) => power::switch_off(home, server(home)?).map(|()| done()),
        ("restart", []) if home.off_file().exists() => Err("the server is switched off".to_owned()),
        ("restart", []) => {
            power::switch_off(home, server(home)?)?;
            power::switch_on(home)?;
            power::boot(home, server(home)?);
            Ok(done())
        }
        ("power-on", []) => power::switch_on(home).map(|()| done()),
        ("power", []) => Ok(if home.off_file().exists() { "off" } else { "on" }.to_owned()),
        // ACCOUNT:PASSWORD, as chpasswd(8) reads it.
        ("set-service-password", [name]) => {
            let line = lines(1)?.remove(0);
            let (account, password) = line.split_once(':').ok_or("ACCOUNT:PASSWORD is expected")?;
            account::set_service(home, name, account, password).map(|()| done())
        }
        ("check-service-password", [name]) => {
            let lines = lines(2)?;
            // As the server calls it, or with the server's name before it, as the site does.
            let own = format!("{}-", server(home)?.name);
            let name = name.strip_prefix(&own).unwrap_or(name);
            account::service_is(home, name, &lines[0], &lines[1]).map(same)
        }
        ("set-account-password", []) => {
            let lines = lines(2)?;
            account::set_account(home, &lines[0], &lines[1]).map(|()| done())
        }
        ("check-account-password", []) => {
            let lines = lines(2)?;
            account::Accounts::read(home)?.is(&lines[0], &lines[1]).map(same)
        }
        ("set-startup-password", []) => {
            let lines = lines(2)?;
            account::set_startup(home, &lines[0], &lines[1]).map(|()| done())
        }
        ("check-startup-password", []) => {
            let lines = lines(2)?;
            account::startup_is(home, &lines[0], &lines[1]).map(same)
        }
        // ACCOUNT, NEW, PRESENT: the first rule that is broken.
        ("check-new-password", []) => {
            let lines = lines(3)?;
            if let Some(rule) = account::broken_rule(&lines[1], &lines[2]) {
                return Ok(rule.to_owned());
            }
            let known = account::Accounts::read(home)?.is(&lines[0], &lines[2])?;
            Ok(if known { "fits" } else { "not-present" }.to_owned())
        }
        _ => Err(format!("there is no program {what}")),
    }
}
