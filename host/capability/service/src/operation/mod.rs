//! What the WIT offers.

pub(crate) mod look;
pub(crate) mod password;
pub(crate) mod power;
pub(crate) mod restart;

use crate::settings::{Declared, Service};
use crate::state::{Before, Foreseen, Seen, ServiceState, ServiceStatus};
use procedo_core::capability::Context;
use procedo_core::change::{Assumed, Call, Change};
use procedo_core::effect::OperationName;
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// The arguments of what is about a whole service.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ServiceArgs {
    pub(crate) service: String,
}

/// A service as a plan foresees it, or else as it is.
pub(crate) fn present(context: &mut Context<'_>, service: &Service) -> Result<(Seen, bool)> {
    let foreseen = context.overlay.part::<Foreseen>().0.get(&service.name).copied();
    match foreseen {
        Some(state) => {
            let seen = Seen {
                status: ServiceStatus::foreseen(state),
                identity: None,
                remaining: Vec::new(),
            };
            Ok((seen, true))
        }
        None => Ok((service.driver.look(&[], context.stop)?, false)),
    }
}

/// A status as an assumed reply.
pub(crate) fn assumed((seen, foreseen): (Seen, bool)) -> Assumed<ServiceStatus> {
    if foreseen {
        Assumed::Overlaid(seen.status)
    } else {
        Assumed::Real(seen.status)
    }
}

/// A service of the site by an operation's arguments.
pub(crate) fn named<'a>(declared: &'a Declared, args: &ServiceArgs) -> Result<&'a Service> {
    declared.get(&args.service)
}

/// A change of a service's state.
pub(crate) fn change(service: &Service, summary: &str, now: &Seen, after: ServiceState) -> Change {
    let before = Before {
        state: now.state(),
        identity: now.identity.clone(),
    };
    Change {
        target: service.name.clone(),
        summary: Message::new(summary)
            .with("service", &service.name)
            .with("state", now.state().name()),
        before: json!(before),
        after: json!({ "state": after }),
        bound: json!({ "state": after }),
        diff: None,
    }
}

/// The state that a change recorded as the one before it.
pub(crate) fn before(change: &Change) -> Result<Before> {
    Before::deserialize(&change.before).map_err(|error| {
        Error::new(Kind::Invalid, "P1117")
            .with("service", &change.target)
            .with("reason", error)
    })
}

/// A call about a service.
pub(crate) fn call(function: &str, args: Value) -> Call {
    Call {
        operation: OperationName::new("service", function),
        args,
    }
}
