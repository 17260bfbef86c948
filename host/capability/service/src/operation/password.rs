//! `set-password`: set again where in doubt, never tried out by logging in.

use crate::operation::call;
use crate::settings::{Declared, Service};
use procedo_core::capability::{Context, Operation};
use procedo_core::change::{Assumed, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, ResourceName};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The shortest password: shorter secrets are not found in what is written down, so they could not be kept out of it.
const SHORTEST: usize = 4;
/// The longest password and account.
const LONGEST: usize = 256;

/// Sets the password of the account of a service.
pub(crate) struct SetPassword(pub(crate) Arc<Declared>);

/// The arguments of `set-password`, with the values of the secrets. Neither `Debug` nor an error shows them.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct SetPasswordArgs {
    service: String,
    account: String,
    password: String,
    former: Option<String>,
}

/// The rule that an argument breaks, by the word of its message.
fn broken(args: &SetPasswordArgs) -> Option<&'static str> {
    let unfit = |text: &str| text.contains(char::is_control);
    let former = args.former.iter();
    let account = &args.account;
    if account.is_empty() || account.len() > LONGEST || unfit(account) || account.contains(':') {
        return Some("account");
    }
    for password in std::iter::once(&args.password).chain(former) {
        if password.len() < SHORTEST {
            return Some("short");
        }
        if password.len() > LONGEST {
            return Some("long");
        }
        if unfit(password) {
            return Some("control");
        }
    }
    None
}

/// Whether two names mean the same account of Windows (`.\name` is the machine's own) or of Unix.
fn is_same(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.strip_prefix(".\\").unwrap_or(name).to_lowercase();
    bare(one) == bare(other)
}

impl SetPassword {
    fn checked(&self, args: &SetPasswordArgs) -> Result<&Service> {
        let service = self.0.get(&args.service)?;
        if !service.driver.sets_passwords() {
            return Err(Error::new(Kind::NotSupported, "P1108").with("service", &service.name));
        }
        match broken(args) {
            Some(what) => Err(Error::new(Kind::Invalid, "P1111")
                .with("service", &service.name)
                .with("what", what)
                .with("shortest", SHORTEST)
                .with("longest", LONGEST)),
            None => Ok(service),
        }
    }
}

impl Operation for SetPassword {
    type Args = SetPasswordArgs;
    type Reply = ();

    fn resource(&self, args: &SetPasswordArgs) -> ResourceName {
        args.service.clone()
    }

    fn effect(&self, _args: &SetPasswordArgs) -> Effect {
        Effect::Write
    }

    fn repeatable(&self) -> bool {
        true
    }

    fn identity(&self, args: &SetPasswordArgs) -> Option<String> {
        self.0.identity(&args.service)
    }

    fn plan(&self, context: &mut Context<'_>, args: &SetPasswordArgs) -> Result<Planned<()>> {
        let service = self.checked(args)?;
        let account = service.driver.look(&[], context.stop)?.status.account;
        if let Some(found) = account.filter(|account| !is_same(account, &args.account)) {
            return Err(Error::new(Kind::Conflict, "P1118")
                .with("service", &service.name)
                .with("account", &args.account)
                .with("found", found));
        }
        let summary = match args.former {
            Some(_) => "service-change-password",
            None => "service-change-password-for-good",
        };
        Ok(Planned {
            reply: Assumed::Overlaid(()),
            change: Some(Change {
                target: format!("{}:{}", service.name, args.account),
                summary: Message::new(summary)
                    .with("service", &service.name)
                    .with("account", &args.account),
                before: Value::Null,
                after: Value::Null,
                bound: Value::Null,
                diff: None,
            }),
        })
    }

    fn perform(&self, context: &mut Context<'_>, args: &SetPasswordArgs, _: &Change) -> Result<()> {
        let service = self.checked(args)?;
        service
            .driver
            .set_password(&args.account, &args.password, context.stop)
    }

    fn probe(&self, _: &mut Context<'_>, args: &SetPasswordArgs, _: &Change) -> Result<Probe<()>> {
        Ok(Probe::Unknown(
            Message::new("service-password-unknown")
                .with("service", &args.service)
                .with("account", &args.account),
        ))
    }

    fn undo(&self, _: &mut Context<'_>, args: &SetPasswordArgs, _: &Change, (): &()) -> Result<Undo> {
        Ok(match &args.former {
            Some(former) => Undo::Calls {
                calls: vec![call(
                    "set-password",
                    json!({
                        "service": args.service,
                        "account": args.account,
                        "password": former,
                        "former": args.password,
                    }),
                )],
            },
            None => Undo::Irreversible {
                reason: Message::new("service-no-former")
                    .with("service", &args.service)
                    .with("account", &args.account),
            },
        })
    }
}
