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
        let now = present(context, service)?;
        if now.0.state() == args.state {
            return Ok(assumed(now));
        }
        if context.overlay.is_plan() {
            return Ok(Assumed::Unforeseeable(
                Message::new("service-unforeseeable")
                    .with("service", &service.name)
                    .with("found", now.0.state().name())
                    .with("wanted", args.state.name()),
            ));
        }
        let mut seen = now.0;
        let mut waiting = Waiting::begin(context, service, Duration::from_millis(args.timeout));
        while seen.state() != args.state {
            if !waiting.pause(seen.state())? {
                return Err(Error::new(Kind::TimedOut, "P1107")
                    .with("service", &service.name)
                    .with("wanted", args.state.name())
                    .with("found", seen.state().name())
                    .with("detail", &seen.status.detail)
                    .with("timeout", args.timeout));
            }
            seen = service.driver.look(&[], waiting.stop)?;
        }
        Ok(Assumed::Real(seen.status))
    }
}
