//! Questions on a terminal.

use super::{Output, Style, escape, msg};
use procedo_core::journal::{Field, Question};
use procedo_core::message::{Message, Texts};
use procedo_interface::Type;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use serde_json::{Map, Value};
use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Whether somebody is being asked, so that an interrupt leaves at once.
static ASKING: AtomicBool = AtomicBool::new(false);
/// How the terminal was before its echo was switched off.
static TERMINAL: Mutex<Option<Termios>> = Mutex::new(None);

/// Whether somebody is being asked right now.
pub fn is_asking() -> bool {
    ASKING.load(Ordering::Acquire)
}

/// Gives the terminal its echo back, if a question took it.
pub fn restore_terminal() {
    let mut terminal = TERMINAL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = terminal.take() {
        // There is nobody to tell if this fails: the terminal itself is gone.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
    }
}

fn hide() {
    if let Ok(before) = tcgetattr(std::io::stdin()) {
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        hidden.local_modes.insert(LocalModes::ECHONL);
        *TERMINAL.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &hidden);
    }
}

/// Keeps the terminal from writing `^C` into the moving line; until it is dropped.
pub struct Unechoed(Option<Termios>);

impl Unechoed {
    /// Only for whoever owns the terminal: changing it from the background would stop the process.
    pub fn interrupts() -> Self {
        let stdin = std::io::stdin();
        let in_front = tcgetpgrp(&stdin).is_ok_and(|group| group == rustix::process::getpgrp());
        let before = if in_front { tcgetattr(&stdin).ok() } else { None };
        if let Some(before) = &before {
            let mut quiet = before.clone();
            quiet.local_modes.remove(LocalModes::ECHOCTL);
            let _ = tcsetattr(&stdin, OptionalActions::Now, &quiet);
        }
        Self(before)
    }
}

impl Drop for Unechoed {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

fn read(prompt: &str) -> Option<String> {
    let mut out = std::io::stdout();
    let _ = out.write_all(prompt.as_bytes()).and_then(|()| out.flush());
    ASKING.store(true, Ordering::Release);
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    ASKING.store(false, Ordering::Release);
    match read {
        Ok(0) | Err(_) => {
            let _ = out.write_all(b"\n");
            None
        }
        Ok(_) => Some(line.trim_end_matches(['\n', '\r']).to_owned()),
    }
}

/// Asks for a line. None: there is nobody any more.
pub fn line(prompt: &str) -> Option<String> {
    read(&format!("{prompt} "))
}

/// Asks for a line that is not shown.
pub fn hidden(prompt: &str) -> Option<String> {
    hide();
    let read = line(prompt);
    restore_terminal();
    read
}

/// Asks yes or no; an empty line is no. None: there is nobody any more.
pub fn yes(output: &Output, prompt: &str) -> Option<bool> {
    loop {
        let answer = line(&format!(
            "{} {}",
            output.paint(Style::Strong, prompt),
            output.word("ask-yes-no")
        ))?;
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" | "s" | "si" | "sí" | "j" | "ja" => return Some(true),
            "" | "n" | "no" | "nein" => return Some(false),
            _ => output.say(&msg!("ask-not-understood")),
        }
    }
}

/// Asks to choose one of several; tells its number.
pub fn choose(output: &Output, prompt: &str, labels: &[String]) -> Option<usize> {
    output.line(output.paint(Style::Strong, prompt));
    for (index, label) in labels.iter().enumerate() {
        output.line(format!(
            "  {} {label}",
            output.paint(Style::Accent, format!("{})", index + 1))
        ));
    }
    loop {
        let answer = line(&output.tell(&msg!("ask-number", count = labels.len())))?;
        match answer.trim().parse::<usize>() {
            Ok(number) if (1..=labels.len()).contains(&number) => return Some(number - 1),
            _ => output.say(&msg!("ask-not-understood")),
        }
    }
}

/// Asks a procedure's question. None: there is nobody any more.
pub fn question(output: &Output, own: Option<&Texts>, question: &Question) -> Option<Value> {
    match question {
        Question::Confirm { prompt } => yes(output, &output.tell_of(own, prompt)).map(Value::Bool),
        Question::Choose { prompt, choices } => chosen(output, own, &output.tell_of(own, prompt), choices),
        Question::Ask { prompt, fields } => {
            output.line(output.paint(Style::Strong, output.tell_of(own, prompt)));
            let mut answers = Map::new();
            for field in fields {
                let answer = ask_field(output, own, field)?;
                if !answer.is_null() {
                    answers.insert(field.name.clone(), answer);
                }
            }
            Some(Value::Object(answers))
        }
    }
}

fn chosen(
    output: &Output,
    own: Option<&Texts>,
    prompt: &str,
    choices: &[(String, Message)],
) -> Option<Value> {
    let labels: Vec<_> = choices
        .iter()
        .map(|(_, label)| output.tell_of(own, label))
        .collect();
    choose(output, prompt, &labels).map(|index| Value::from(choices[index].0.clone()))
}

fn ask_field(output: &Output, own: Option<&Texts>, field: &Field) -> Option<Value> {
    let label = output.tell_of(own, &field.label);
    let optional = if field.required {
        String::new()
    } else {
        format!(" {}", output.word("ask-optional"))
    };
    let prompt = format!("  {label}{optional}:");
    loop {
        let answer = match field.kind.as_str() {
            "flag" => return yes(output, &format!("  {label}")).map(Value::Bool),
            "choice" => return chosen(output, own, &format!("  {label}"), &field.choices),
            "secret" => hidden(&prompt)?,
            _ => line(&prompt)?,
        };
        if answer.is_empty() {
            if field.required {
                output.say(&msg!("ask-required"));
                continue;
            }
            return Some(Value::Null);
        }
        if field.kind == "number" {
            match answer.trim().parse::<i64>() {
                Ok(number) => return Some(Value::from(number)),
                Err(_) => {
                    output.say(&msg!("ask-number-wanted", value = escape::one_line(&answer)));
                    continue;
                }
            }
        }
        return Some(Value::from(answer));
    }
}

/// Asks for a value of a type of the interface, member by member. None: there is nobody any more.
pub fn value(output: &Output, name: &str, docs: &str, ty: &Type) -> Option<Value> {
    let name = escape::one_line(name).into_owned();
    let label = if docs.is_empty() {
        name.clone()
    } else {
        format!("{name} – {}", docs.trim_end_matches('.'))
    };
    match ty {
        Type::Record(record) => {
            let mut members = Map::new();
            for member in &record.members {
                let answer = value(output, &member.name, &member.docs, &member.ty)?;
                if !answer.is_null() {
                    members.insert(member.name.clone(), answer);
                }
            }
            Some(Value::Object(members))
        }
        Type::Bool => yes(output, &format!("  {label}")).map(Value::Bool),
        Type::Enum(cases) => {
            let names: Vec<_> = cases.cases.iter().map(|case| case.name.clone()).collect();
            choose(output, &format!("  {label}"), &names).map(|index| Value::from(names[index].clone()))
        }
        Type::String => line(&format!("  {label}:")).map(Value::from),
        Type::Option(inner) => loop {
            let text = line(&format!("  {label} {}:", output.word("ask-optional")))?;
            if text.is_empty() {
                return Some(Value::Null);
            }
            if let Some(read) = read_as(inner, &text) {
                return Some(read);
            }
            output.say(&msg!("ask-not-understood"));
        },
        _ => loop {
            let text = line(&format!("  {label} ({ty}):"))?;
            if let Some(read) = read_as(ty, &text) {
                return Some(read);
            }
            output.say(&msg!("ask-not-understood"));
        },
    }
}

/// A typed text as a value: texts as they are, everything else as JSON.
fn read_as(ty: &Type, text: &str) -> Option<Value> {
    match ty {
        Type::String => Some(Value::from(text)),
        Type::Int { .. } => text.trim().parse::<i64>().ok().map(Value::from),
        _ => serde_json::from_str(text).ok(),
    }
}
