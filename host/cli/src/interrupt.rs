//! Ctrl-C and requests to end: the first lets the run come to rest, the second ends the process at once.

use crate::exit::Exit;
use crate::output::ask;
use procedo_core::capability::Stop;
use std::io::Write;
use std::sync::{Arc, OnceLock};

static STOP: OnceLock<Arc<Stop>> = OnceLock::new();

/// What is set when somebody wants the process to end. Listening begins with the first call.
pub fn stop() -> Arc<Stop> {
    let listen = || {
        let stop = Arc::new(Stop::default());
        let set = Arc::clone(&stop);
        // Without a handler the signal ends the process: the run is then interrupted, as it is by any other end.
        let _ = ctrlc::set_handler(move || interrupted(&set));
        stop
    };
    Arc::clone(STOP.get_or_init(listen))
}

fn interrupted(stop: &Stop) {
    if ask::is_asking() {
        // Nothing runs while somebody is asked: what was asked stays open.
        ask::restore_terminal();
        let _ = std::io::stdout().write_all(b"\n");
        std::process::exit(i32::from(Exit::Waiting.code()));
    }
    if stop.is_set() {
        std::process::exit(i32::from(Exit::KILLED));
    }
    stop.set();
}
