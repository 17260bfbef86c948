//! `restart`: not repeatable; whether it happened shows by the process' identity.

use crate::operation::{ServiceArgs, before, change, named, present};
use crate::settings::{Declared, Service};
use crate::state::{Before, Foreseen, Seen, ServiceState, ServiceStatus};
use crate::waiting::{Waiting, bring_down, bring_up, noted_family, refuse_unknown, until_up};
use procedo_core::capability::{Context, Operation};
use procedo_core::change::{Assumed, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, ResourceName};
use procedo_core::message::Message;
use procedo_core::{Error, Kind, Result};
use procedo_machine::heard;
use serde_json::json;
use std::sync::Arc;

/// Restarts a service.
pub(crate) struct Restart(pub(crate) Arc<Declared>);

/// Whether a service runs as another process than before.
fn is_anew(now: &Seen, before: &Before) -> bool {
    now.state() == ServiceState::Running && now.identity != before.identity
}

/// Stops and starts it, from whatever part of that is still to do.
fn restart(context: &mut Context<'_>, service: &Service, now: Seen) -> Result<Seen> {
    if now.state().is_down() {
        return bring_up(context, service, &now);
    }
    let family = noted_family(context, service)?;
    if now.state() != ServiceState::Stopping {
        let time = service.stop_timeout.saturating_add(service.start_timeout);
        let mut waiting = Waiting::begin(context, service, time);
        if service.driver.restart(time, waiting.stop)? {
            return until_up(&mut waiting);
        }
    }
    let down = bring_down(context, service, &family)?;
    bring_up(context, service, &down)
}

impl Operation for Restart {
    type Args = ServiceArgs;
    type Reply = ServiceStatus;

    fn resource(&self, args: &ServiceArgs) -> ResourceName {
        args.service.clone()
    }

    fn effect(&self, _args: &ServiceArgs) -> Effect {
        Effect::Write
    }

    fn identity(&self, args: &ServiceArgs) -> Option<String> {
        self.0.identity(&args.service)
    }

    fn plan(&self, context: &mut Context<'_>, args: &ServiceArgs) -> Result<Planned<ServiceStatus>> {
        let service = named(&self.0, args)?;
        let (now, _) = present(context, service)?;
        refuse_unknown(service, &now)?;
        if context.overlay.is_plan() {
            let foreseen = context.overlay.part::<Foreseen>();
            foreseen.0.insert(service.name.clone(), ServiceState::Running);
        }
        Ok(Planned {
            reply: Assumed::Overlaid(ServiceStatus::foreseen(ServiceState::Running)),
            change: Some(change(
                service,
                "service-change-restart",
                &now,
                ServiceState::Running,
            )),
        })
    }

    fn perform(
        &self,
        context: &mut Context<'_>,
        args: &ServiceArgs,
        change: &Change,
    ) -> Result<ServiceStatus> {
        let service = named(&self.0, args)?;
        let before = before(change)?;
        let now = heard(service.driver.look(&[], context.stop))?;
        refuse_unknown(service, &now)?;
        if context.notes.is_empty() {
            if now.state() != before.state || now.identity != before.identity {
                return Err(Error::new(Kind::Conflict, "P1112")
                    .with("service", &service.name)
                    .with("wanted", before.state.name())
                    .with("found", now.state().name()));
            }
            (context.note)(json!({"restarting": before.identity}))?;
        } else if is_anew(&now, &before) {
            return Ok(now.status);
        }
        Ok(heard(restart(context, service, now))?.status)
    }

    fn probe(
        &self,
        context: &mut Context<'_>,
        args: &ServiceArgs,
        change: &Change,
    ) -> Result<Probe<ServiceStatus>> {
        let before = before(change)?;
        let now = named(&self.0, args)?.driver.look(&[], context.stop)?;
        Ok(match now.state() {
            _ if is_anew(&now, &before) => Probe::Applied(now.status),
            ServiceState::Unknown => Probe::Unknown(
                Message::new("service-found-unknown")
                    .with("service", &args.service)
                    .with("detail", now.status.detail),
            ),
            state if state == before.state => Probe::NotApplied,
            _ => Probe::Partial,
        })
    }

    /// It runs as it did before.
    fn undo(&self, _: &mut Context<'_>, _: &ServiceArgs, _: &Change, _: &ServiceStatus) -> Result<Undo> {
        Ok(Undo::Nothing)
    }
}
