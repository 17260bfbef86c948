//! `start` and `stop`: what is done already is left alone, so both can be repeated.

use crate::operation::{ServiceArgs, assumed, before, call, change, named, present};
use crate::settings::Declared;
use crate::state::{Foreseen, ServiceState, ServiceStatus};
use crate::waiting::{bring_down, bring_up, noted_family, refuse_unknown};
use procedo_core::Result;
use procedo_core::capability::{Context, Operation};
use procedo_core::change::{Assumed, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, ResourceName};
use procedo_core::message::Message;
use procedo_machine::heard;
use serde_json::json;
use std::sync::Arc;

/// Starts a service.
pub(crate) struct Start(pub(crate) Arc<Declared>);

/// Stops a service.
pub(crate) struct Stop(pub(crate) Arc<Declared>);

impl Operation for Start {
    type Args = ServiceArgs;
    type Reply = ServiceStatus;

    fn resource(&self, args: &ServiceArgs) -> ResourceName {
        args.service.clone()
    }

    fn effect(&self, _args: &ServiceArgs) -> Effect {
        Effect::Write
    }

    fn repeatable(&self) -> bool {
        true
    }

    fn identity(&self, args: &ServiceArgs) -> Option<String> {
        self.0.identity(&args.service)
    }

    fn plan(&self, context: &mut Context<'_>, args: &ServiceArgs) -> Result<Planned<ServiceStatus>> {
        let service = named(&self.0, args)?;
        let now = present(context, service)?;
        refuse_unknown(service, &now.0)?;
        if now.0.state() == ServiceState::Running {
            return Ok(Planned::unchanged(assumed(now)));
        }
        Ok(foresee(
            context,
            change(service, "service-change-start", &now.0, ServiceState::Running),
            ServiceState::Running,
        ))
    }

    fn perform(&self, context: &mut Context<'_>, args: &ServiceArgs, _: &Change) -> Result<ServiceStatus> {
        let service = named(&self.0, args)?;
        // It was in reach when this was planned, or when it was probed while it started.
        let mut now = heard(service.driver.look(&[], context.stop))?;
        refuse_unknown(service, &now)?;
        match now.state() {
            ServiceState::Running => return Ok(now.status),
            // It was told to end before; only then can it start.
            ServiceState::Stopping => {
                let family = heard(noted_family(context, service))?;
                now = heard(bring_down(context, service, &family))?;
            }
            _ => {}
        }
        Ok(heard(bring_up(context, service, &now))?.status)
    }

    fn probe(
        &self,
        context: &mut Context<'_>,
        args: &ServiceArgs,
        _: &Change,
    ) -> Result<Probe<ServiceStatus>> {
        let now = named(&self.0, args)?.driver.look(&[], context.stop)?;
        Ok(match now.state() {
            ServiceState::Running => Probe::Applied(now.status),
            ServiceState::Starting => Probe::Running,
            ServiceState::Unknown => Probe::Unknown(unknown(args, &now.status)),
            ServiceState::Stopped | ServiceState::Failed | ServiceState::Stopping => Probe::NotApplied,
        })
    }

    fn undo(
        &self,
        context: &mut Context<'_>,
        args: &ServiceArgs,
        change: &Change,
        _: &ServiceStatus,
    ) -> Result<Undo> {
        let (now, _) = present(context, named(&self.0, args)?)?;
        // One that was starting already would run without this call, too.
        if now.state().is_down() || before(change)?.state == ServiceState::Starting {
            return Ok(Undo::Nothing);
        }
        let calls = vec![call("stop", json!({ "service": args.service }))];
        Ok(match now.state() {
            ServiceState::Running => Undo::Calls { calls },
            found => Undo::Conflict {
                reason: conflict(args, ServiceState::Running, found),
                calls,
            },
        })
    }
}

impl Operation for Stop {
    type Args = ServiceArgs;
    type Reply = ServiceStatus;

    fn resource(&self, args: &ServiceArgs) -> ResourceName {
        args.service.clone()
    }

    /// A write: it interrupts whoever uses the service, and nothing is lost that a start does not bring back.
    fn effect(&self, _args: &ServiceArgs) -> Effect {
        Effect::Write
    }

    fn repeatable(&self) -> bool {
        true
    }

    fn identity(&self, args: &ServiceArgs) -> Option<String> {
        self.0.identity(&args.service)
    }

    fn plan(&self, context: &mut Context<'_>, args: &ServiceArgs) -> Result<Planned<ServiceStatus>> {
        let service = named(&self.0, args)?;
        let now = present(context, service)?;
        refuse_unknown(service, &now.0)?;
        if now.0.state().is_down() {
            return Ok(Planned::unchanged(assumed(now)));
        }
        Ok(foresee(
            context,
            change(service, "service-change-stop", &now.0, ServiceState::Stopped),
            ServiceState::Stopped,
        ))
    }

    fn perform(&self, context: &mut Context<'_>, args: &ServiceArgs, _: &Change) -> Result<ServiceStatus> {
        let service = named(&self.0, args)?;
        // It was in reach when this was planned, or when it was probed while it ended.
        let family = heard(noted_family(context, service))?;
        let now = heard(service.driver.look(&family, context.stop))?;
        refuse_unknown(service, &now)?;
        if now.state().is_down() {
            return Ok(now.status);
        }
        Ok(heard(bring_down(context, service, &family))?.status)
    }

    fn probe(
        &self,
        context: &mut Context<'_>,
        args: &ServiceArgs,
        _: &Change,
    ) -> Result<Probe<ServiceStatus>> {
        let now = named(&self.0, args)?.driver.look(&[], context.stop)?;
        Ok(match now.state() {
            ServiceState::Stopped | ServiceState::Failed => Probe::Applied(now.status),
            ServiceState::Stopping => Probe::Running,
            ServiceState::Unknown => Probe::Unknown(unknown(args, &now.status)),
            ServiceState::Running | ServiceState::Starting => Probe::NotApplied,
        })
    }

    fn undo(
        &self,
        context: &mut Context<'_>,
        args: &ServiceArgs,
        change: &Change,
        _: &ServiceStatus,
    ) -> Result<Undo> {
        let (now, _) = present(context, named(&self.0, args)?)?;
        let ran = matches!(
            before(change)?.state,
            ServiceState::Running | ServiceState::Starting
        );
        if !ran || now.state() == ServiceState::Running {
            return Ok(Undo::Nothing);
        }
        let calls = vec![call("start", json!({ "service": args.service }))];
        Ok(match now.state() {
            state if state.is_down() => Undo::Calls { calls },
            found => Undo::Conflict {
                reason: conflict(args, ServiceState::Stopped, found),
                calls,
            },
        })
    }
}

/// A planned change to a state, which the rest of the plan counts in.
fn foresee(context: &mut Context<'_>, change: Change, state: ServiceState) -> Planned<ServiceStatus> {
    if context.overlay.is_plan() {
        let foreseen = context.overlay.part::<Foreseen>();
        foreseen.0.insert(change.target.clone(), state);
    }
    Planned {
        reply: Assumed::Overlaid(ServiceStatus::foreseen(state)),
        change: Some(change),
    }
}

fn unknown(args: &ServiceArgs, status: &ServiceStatus) -> Message {
    Message::new("service-found-unknown")
        .with("service", &args.service)
        .with("detail", &status.detail)
}

fn conflict(args: &ServiceArgs, wanted: ServiceState, found: ServiceState) -> Message {
    Message::new("service-undo-conflict")
        .with("service", &args.service)
        .with("wanted", wanted.name())
        .with("found", found.name())
}
