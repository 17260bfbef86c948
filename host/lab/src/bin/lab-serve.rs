//! Serves the lab in a folder: `lab-serve DIR [PORT]`; and is the programs of its servers: `lab-serve program WHAT …`. For
//! tests and for who has the folder but not `procedo`.

use procedo_core::message::{Language, Texts};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((first, words)) = arguments.split_first()
        && first == "program"
    {
        return ExitCode::from(procedo_lab::machine::program::main(words));
    }
    let port = arguments.get(1).map(|text| text.parse());
    let (Some(dir), Ok(port)) = (arguments.first(), port.transpose()) else {
        eprintln!("usage: lab-serve DIR [PORT]");
        return ExitCode::from(2);
    };
    match procedo_lab::serve_forever(Path::new(dir), port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut texts = Texts::new();
            let told = match texts.add_all(procedo_lab::MESSAGES) {
                Ok(()) => texts.tell(Language::En, &error.message),
                Err(_) => error.to_string(),
            };
            eprintln!("{}: {told}", error.code);
            ExitCode::FAILURE
        }
    }
}
