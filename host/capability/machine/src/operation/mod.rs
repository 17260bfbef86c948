//! The operations of the capability: named commands, and reads.

pub(crate) mod clock;
pub(crate) mod command;
pub(crate) mod look;

use procedo_core::capability::Context;
use procedo_core::message::Message;
use std::collections::BTreeMap;

/// The command that a plan would last have run on each machine.
#[derive(Default)]
struct Touched(BTreeMap<String, String>);

impl Touched {
    /// Why nothing can be said about a machine in this plan, if something has changed it.
    fn why(context: &mut Context<'_>, machine: &str) -> Option<Message> {
        let earlier = context.overlay.part::<Self>().0.get(machine)?;
        Some(
            Message::new("machine-after-command")
                .with("machine", machine)
                .with("earlier", earlier),
        )
    }

    fn note(context: &mut Context<'_>, machine: &str, command: &str) {
        let touched = context.overlay.part::<Self>();
        touched.0.insert(machine.to_owned(), command.to_owned());
    }
}
