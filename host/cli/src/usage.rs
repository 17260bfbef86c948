//! Help, and what is wrong with a command line, in the reader's language.

use crate::args::CommandLine;
use crate::exit::Exit;
use crate::output::{Output, err, msg};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory};
use procedo_core::Error;
use procedo_core::message::Language;
use std::ffi::OsString;

/// The language to speak: `--lang`, else the locale, else the site's, else English.
pub fn language(args: &[OsString], site: Option<Language>) -> Language {
    let mut args = args.iter().map(|arg| arg.to_string_lossy());
    while let Some(arg) = args.next() {
        if arg == "--" {
            break;
        }
        let value = match arg.strip_prefix("--lang") {
            Some("") => args.next().map(|value| value.into_owned()),
            Some(value) => value.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        if let Some(language) = value.as_deref().and_then(Language::of_locale) {
            return language;
        }
    }
    // The first of these that is set counts (POSIX, chapter 8.2).
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale
        .as_deref()
        .and_then(Language::of_locale)
        .or(site)
        .unwrap_or_default()
}

/// Whether errors shall be JSON, for a command line that cannot be read.
pub fn wants_json(args: &[OsString]) -> bool {
    args.iter()
        .take_while(|arg| *arg != "--")
        .any(|arg| arg == "--json")
}

/// Tells what clap has to say: help, the version, or an error.
pub fn tell(error: &clap::Error, args: &[OsString], output: &Output) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Parsed again with the help of the reader's language.
            let told = localised(output).try_get_matches_from(args).err();
            let told = told.map_or_else(|| error.render(), |told| told.render());
            let text = if output.colours {
                told.ansi().to_string()
            } else {
                told.to_string()
            };
            output.line(in_words(output, &text));
            Exit::Done
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            let told = localised(output).try_get_matches_from(args).err();
            let told = told.map_or_else(|| error.render(), |told| told.render());
            output.beside(in_words(output, &told.to_string()));
            Exit::Usage
        }
        _ => {
            // Parsed again with the names of arguments in the reader's language.
            let told = localised(output).try_get_matches_from(args).err();
            output.error(&explained(told.as_ref().unwrap_or(error), output));
            Exit::Usage
        }
    }
}

/// clap's text with the one word that it lets nobody choose in the reader's language.
fn in_words(output: &Output, text: &str) -> String {
    let options = output.word("help-value-options");
    text.trim_end().replace("[OPTIONS]", &format!("[{options}]"))
}

/// What is wrong with a command line, as an error of ours.
fn explained(error: &clap::Error, output: &Output) -> Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" | "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    };
    // A number selects the sentence without a proposal.
    let suggested = |kind| {
        Some(text(kind))
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| "0".to_owned())
    };
    let argument = text(ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            err!(
                Invalid,
                "P0010",
                command = text(ContextKind::InvalidSubcommand),
                meant = suggested(ContextKind::SuggestedSubcommand)
            )
        }
        ErrorKind::UnknownArgument => {
            err!(
                Invalid,
                "P0011",
                argument = argument,
                meant = suggested(ContextKind::SuggestedArg)
            )
        }
        ErrorKind::MissingRequiredArgument => {
            err!(Invalid, "P0012", argument = argument.replace(" | ", " "))
        }
        ErrorKind::InvalidValue if text(ContextKind::InvalidValue).is_empty() => {
            err!(Invalid, "P0014", argument = argument)
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let rule = std::error::Error::source(error)
                .map_or_else(|| text(ContextKind::ValidValue), ToString::to_string);
            err!(
                Invalid,
                "P0013",
                argument = argument,
                value = text(ContextKind::InvalidValue),
                rule = rule
            )
        }
        ErrorKind::ArgumentConflict => {
            err!(
                Invalid,
                "P0015",
                argument = argument,
                other = text(ContextKind::PriorArg)
            )
        }
        ErrorKind::InvalidUtf8 => err!(Invalid, "P0016", reason = output.word("help-not-utf-8")),
        _ => {
            let told = error.render().to_string();
            let first = told.lines().next().unwrap_or_default();
            err!(Invalid, "P0016", reason = first.trim_start_matches("error: "))
        }
    }
}

/// The command line with its help in the reader's language.
pub fn localised(output: &Output) -> Command {
    let own = |name: &'static str, action| Arg::new(name).long(name).action(action).global(name == "help");
    let command = CommandLine::command()
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(own("help", ArgAction::Help).short('h'))
        .arg(own("version", ArgAction::Version).short('V'));
    let headings = Headings {
        usage: output.word("help-heading-usage"),
        commands: leaked(output.word("help-heading-commands")),
        arguments: leaked(output.word("help-heading-arguments")),
        options: leaked(output.word("help-heading-options")),
    };
    described(command, output, &headings, "help")
}

struct Headings {
    usage: String,
    commands: &'static str,
    arguments: &'static str,
    options: &'static str,
}

/// clap keeps headings as static texts. Help is told once in a process.
fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn described(command: Command, output: &Output, headings: &Headings, prefix: &str) -> Command {
    let about = output.word(if prefix == "help" { "help-about" } else { prefix });
    let template = format!(
        "{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}",
        headings.usage
    );
    let subcommands: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    let mut command = command
        .about(StyledStr::from(about))
        .help_template(StyledStr::from(template))
        .subcommand_help_heading(headings.commands)
        .subcommand_value_name(leaked(output.word("help-value-command")))
        .mut_args(|arg| {
            let id = arg.get_id().as_str().replace('_', "-");
            let own = format!("{prefix}-{id}");
            let told = [own, format!("help-arg-{id}")]
                .iter()
                .find_map(|id| output.texts.find(output.language, &msg!(id.as_str())));
            let heading = if arg.is_positional() {
                headings.arguments
            } else {
                headings.options
            };
            let takes_values = arg.get_action().takes_values();
            let arg = arg.help_heading(heading);
            let arg = if takes_values {
                let names = value_names(&arg, output);
                arg.hide_default_value(true)
                    .hide_possible_values(true)
                    .value_names(names)
            } else {
                arg
            };
            match told {
                Some(told) => arg.help(StyledStr::from(told)),
                None => arg,
            }
        });
    for name in subcommands {
        let prefix = format!("{prefix}-{name}");
        command = command.mut_subcommand(name, |sub| described(sub, output, headings, &prefix));
    }
    command
}

/// What stands for an argument's values: `DIR`, `CARPETA`, `ORDNER`.
fn value_names(arg: &Arg, output: &Output) -> Vec<&'static str> {
    let id = arg.get_id().as_str().to_uppercase();
    let own: Vec<&str> = match arg.get_value_names() {
        Some(names) => names.iter().map(|name| name.as_str()).collect(),
        None => vec![id.as_str()],
    };
    let told = |name: &&str| {
        let id = format!("help-value-{}", name.to_lowercase().replace(['=', '_'], "-"));
        let told = output.texts.find(output.language, &msg!(id));
        leaked(told.unwrap_or_else(|| (*name).to_owned()))
    };
    own.iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogues;
    use std::sync::Arc;

    fn in_language(language: Language) -> Output {
        let texts = catalogues::texts(language).expect("the catalogues can be read");
        Output::new(true, language, Arc::new(texts))
    }

    #[test]
    fn every_command_and_argument_has_help_in_every_language() {
        fn collect(command: &Command, output: &Output, prefix: &str, missing: &mut Vec<String>) {
            let has = |id: &str| output.texts.has(output.language, id);
            let about = if prefix == "help" { "help-about" } else { prefix };
            if !has(about) {
                missing.push(about.to_owned());
            }
            for arg in command.get_arguments() {
                let id = arg.get_id().as_str().replace('_', "-");
                if !has(&format!("{prefix}-{id}")) && !has(&format!("help-arg-{id}")) {
                    missing.push(format!("{prefix}-{id}"));
                }
            }
            for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
                collect(sub, output, &format!("{prefix}-{}", sub.get_name()), missing);
            }
        }
        for language in Language::ALL {
            let output = in_language(language);
            let mut lacking = Vec::new();
            collect(&localised(&output), &output, "help", &mut lacking);
            assert_eq!(lacking, Vec::<String>::new(), "{language:?}");
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
        localised(&in_language(Language::De)).debug_assert();
    }

    #[test]
    fn the_language_of_the_command_counts_before_the_locale_and_the_site() {
        let args = |args: &[&str]| args.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(
            language(&args(&["procedo", "runs", "--lang", "de"]), Some(Language::Es)),
            Language::De
        );
        assert_eq!(
            language(&args(&["procedo", "--lang=es", "runs"]), None),
            Language::Es
        );
    }
}
