//! `status` and `wait-for`.

use crate::operation::{ServiceArgs, assumed, named, present};
use crate::settings::Declared;
use crate::state::{ServiceState, ServiceStatus};
use crate::waiting::Waiting;
use procedo_core::capability::{Context, Reading};
use procedo_core::change::Assumed;
use procedo_core::effect::ResourceName;
use procedo_core::message::Message;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// The longest time to wait for, in milliseconds: a day, as the WIT says.
const LONGEST: u64 = 86_400_000;

/// The present state of a service.
pub(crate) struct Status(pub(crate) Arc<Declared>);

impl Reading for Status {
    type Args = ServiceArgs;
    type Reply = ServiceStatus;

    fn resource(&self, args: &ServiceArgs) -> ResourceName {
        args.service.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &ServiceArgs) -> Result<Assumed<ServiceStatus>> {
        present(context, named(&self.0, args)?).map(assumed)
    }
}

/// Waits until a service has a state.
pub(crate) struct WaitFor(pub(crate) Arc<Declared>);

/// The arguments of `wait-for`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct WaitForArgs {
    service: String,
    state: ServiceState,
    timeout: u64,
}

impl Reading for WaitFor {
    type Args = WaitForArgs;
    type Reply = ServiceStatus;

    fn resource(&self, args: &WaitForArgs) -> ResourceName {
        args.service.clone()
    }

    fn read(&self, context: &mut Context<'_>, args: &WaitForArgs) -> Result<Assumed<ServiceStatus>> {
        let service = self.0.get(&args.service)?;
        if args.timeout > LONGEST {
            return Err(Error::new(Kind::Invalid, "P1115")
                .with("timeout", args.timeout)
                .with("limit", LONGEST));
        }
        let is_plan = context.overlay.is_plan();
        let mut found = match present(context, service) {
            Ok(now) if now.0.state() == args.state => return Ok(assumed(now)),
            Ok((seen, _)) if is_plan => {
                return Ok(Assumed::Unforeseeable(
                    Message::new("service-unforeseeable")
                        .with("service", &service.name)
                        .with("found", seen.state().name())
                        .with("wanted", args.state.name()),
                ));
            }
            Err(error) if is_plan => return Err(error),
            found => found.map(|(seen, _)| seen),
        };
        let mut waiting = Waiting::begin(context, service, Duration::from_millis(args.timeout));
        loop {
            let state = match found {
                Ok(seen) if seen.state() == args.state => return Ok(Assumed::Real(seen.status)),
                Ok(ref seen) => seen.state(),
                // A machine that is being restarted is out of reach for a while.
                Err(ref error) if error.kind == Kind::Unavailable => ServiceState::Unknown,
                Err(error) => return Err(error),
            };
            if !waiting.pause(state)? {
                return Err(match found {
                    Err(error) => error,
                    Ok(seen) => Error::new(Kind::TimedOut, "P1107")
                        .with("service", &service.name)
                        .with("wanted", args.state.name())
                        .with("found", seen.state().name())
                        .with("detail", &seen.status.detail)
                        .with("timeout", args.timeout),
                });
            }
            found = service.driver.look(&[], waiting.stop);
        }
    }
}
