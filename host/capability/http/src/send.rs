//! The operation `http.send` with its four answers.
//!
//! `GET`, `HEAD` and `OPTIONS` are made when they are planned, in a live run as in a plan, since they alter nothing. For `PUT`
//! and `DELETE` a GET of the same path tells the state before and, after a crash, what became of them. What a `POST` or `PATCH`
//! did cannot be seen from outside: it is unknown unless the site declares an idempotency header or a probe.

use crate::redirect::{self, Hop};
use crate::request::{self, Checked, Method, Request, is_about_content, is_printable};
use crate::seen::Seen;
use crate::settings::Resource;
use crate::text;
use crate::wire::{Answer, Wire};
use procedo_core::capability::{Context, Operation};
use procedo_core::change::{Assumed, Call, Change, Planned, Probe, Undo};
use procedo_core::effect::{Effect, OperationName, ResourceName};
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use ureq::http::header::{self, HeaderValue};
use url::Url;

/// The largest text that is shown as a diff; a larger one is told by its size.
const LARGEST_DIFF: usize = 64 * 1024;

/// The arguments as the WIT has them.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Args {
    /// The request.
    pub request: Request,
}

/// The reply as the WIT has it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Headers as received, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The decoded body.
    pub body: String,
    /// The URL that answered.
    pub url: String,
}

/// What the requests of a plan would have changed so far.
#[derive(Default)]
struct Changed {
    /// The state of a URL.
    urls: BTreeMap<String, Seen>,
    /// The request that last wrote to an origin, by the resource's name.
    origins: BTreeMap<String, String>,
}

/// The operation `http.send`.
pub struct Send {
    resources: Arc<BTreeMap<String, Arc<Resource>>>,
    wire: Wire,
}

impl Send {
    /// The operation over a site's resources.
    pub fn new(resources: Arc<BTreeMap<String, Arc<Resource>>>, wire: Wire) -> Self {
        Self { resources, wire }
    }

    fn checked(&self, args: &Args) -> Result<(Arc<Resource>, Checked)> {
        let name = &args.request.origin;
        let resource = self
            .resources
            .get(name)
            .ok_or_else(|| Error::new(Kind::NotFound, "P0408").with("origin", name.escape_debug()))?;
        Ok((Arc::clone(resource), request::check(&args.request, resource)?))
    }

    /// Sends the request, follows redirects and turns the body into text.
    fn exchange(
        &self,
        context: &Context<'_>,
        resource: &Arc<Resource>,
        checked: &Checked,
    ) -> Result<Response> {
        let (answer, url) = self.follow(context, resource, checked)?;
        let body = text::decode(&answer.body, answer.header("content-type"), url.as_str())?;
        Ok(Response {
            status: answer.status,
            headers: answer.headers,
            body,
            url: url.to_string(),
        })
    }

    /// Sends the request and follows redirects; replies what answered, and its URL.
    fn follow(
        &self,
        context: &Context<'_>,
        resource: &Arc<Resource>,
        checked: &Checked,
    ) -> Result<(Answer, Url)> {
        let deadline = Instant::now() + checked.limits.timeout;
        let mut hop = Hop {
            resource: Arc::clone(resource),
            method: checked.method,
            url: checked.url.clone(),
            headers: checked.headers.clone(),
            body: checked.body.clone(),
        };
        let mut followed = 0;
        loop {
            let answer = self
                .wire
                .exchange(&hop, deadline, checked.limits.max_bytes, context.stop)?;
            let location = answer
                .header("location")
                .filter(|_| redirect::is_redirect(answer.status));
            // With no redirect allowed the caller wants to see it; else running out of them is an error.
            let Some(location) = location.filter(|_| checked.limits.redirects > 0) else {
                return Ok((answer, hop.url));
            };
            if followed == checked.limits.redirects {
                return Err(Error::new(Kind::Failed, "P0421")
                    .with("url", &checked.url)
                    .with("last", &hop.url)
                    .with("limit", checked.limits.redirects));
            }
            hop = redirect::next(&hop, answer.status, location, &self.resources)?;
            followed += 1;
        }
    }

    /// The present state of the target of a PUT or DELETE, counting what the plan has changed.
    fn look(&self, context: &mut Context<'_>, resource: &Arc<Resource>, checked: &Checked) -> Result<Seen> {
        if let Some(seen) = context.overlay.part::<Changed>().urls.get(checked.url.as_str()) {
            return Ok(seen.clone());
        }
        let look = Checked {
            method: Method::Get,
            headers: checked.headers_to_look(),
            body: None,
            limits: request::Limits {
                redirects: 0,
                max_bytes: request::LARGEST_MAX_BYTES,
                ..checked.limits
            },
            ..checked.clone()
        };
        let answer = match self.follow(context, resource, &look) {
            Ok((answer, _)) => answer,
            // It is there, but not in a form that could be kept: too large, or compressed.
            Err(error) if matches!(error.code.as_str(), "P0418" | "P0425") => {
                return Ok(Seen::Unknown { answer: error.code });
            }
            Err(error) => return Err(error),
        };
        match answer.status {
            200 => Ok(Seen::Present {
                size: answer.body.len(),
                content_type: answer.header("content-type").map(str::to_owned),
                body: context.blobs.put(&answer.body)?,
            }),
            404 | 410 => Ok(Seen::Absent),
            status => Ok(Seen::Unknown {
                answer: status.to_string(),
            }),
        }
    }

    fn plan_write(
        &self,
        context: &mut Context<'_>,
        resource: &Arc<Resource>,
        checked: &Checked,
    ) -> Result<Change> {
        let url = checked.url.to_string();
        let text = checked.body.clone().unwrap_or_default();
        let (before, after, summary) = match checked.method {
            Method::Put => {
                let before = self.look(context, resource, checked)?;
                let after = Seen::Present {
                    body: context.blobs.put(text.as_bytes())?,
                    size: text.len(),
                    content_type: checked.content_type(),
                };
                let summary = match &before {
                    Seen::Present { .. } if before.equals(&after) => "http-change-put-same",
                    Seen::Present { .. } => "http-change-put-over",
                    Seen::Absent => "http-change-put-new",
                    Seen::Unknown { .. } => "http-change-put",
                };
                (before, after, summary)
            }
            Method::Delete => {
                let before = self.look(context, resource, checked)?;
                let summary = if before == Seen::Absent {
                    "http-change-delete-none"
                } else {
                    "http-change-delete"
                };
                (before, Seen::Absent, summary)
            }
            Method::Post | Method::Patch | Method::Get | Method::Head | Method::Options => {
                let unknown = || Seen::Unknown {
                    answer: checked.method.to_string(),
                };
                (unknown(), unknown(), "http-change-send")
            }
        };
        let diff = self.diff(context, checked, &before, &after)?;
        let bound = context.blobs.put(checked.bound_part().to_string().as_bytes())?;
        let changed = context.overlay.part::<Changed>();
        changed.urls.insert(url.clone(), after.clone());
        changed.origins.insert(
            resource.name.clone(),
            format!("{} {}", checked.method, checked.url.path()),
        );
        Ok(Change {
            target: format!("{} {}", checked.method, checked.target()),
            summary: Message::new(summary)
                .with("method", checked.method)
                .with("url", url)
                .with("size", text.len())
                .with(
                    "before",
                    if let Seen::Present { size, .. } = &before {
                        *size
                    } else {
                        0
                    },
                ),
            before: before.to_value(),
            after: after.to_value(),
            bound: Value::String(bound.to_string()),
            diff,
        })
    }

    fn diff(
        &self,
        context: &Context<'_>,
        checked: &Checked,
        before: &Seen,
        after: &Seen,
    ) -> Result<Option<String>> {
        let text = |seen: &Seen| match seen {
            Seen::Present { body, size, .. } if *size <= LARGEST_DIFF => {
                context.blobs.get(body).map(|bytes| String::from_utf8(bytes).ok())
            }
            Seen::Absent => Ok(Some(String::new())),
            _ => Ok(None),
        };
        let (Some(old), Some(new)) = (text(before)?, text(after)?) else {
            return Ok(None);
        };
        let path = checked.url.path();
        let diff = similar::TextDiff::from_lines(&old, &new)
            .unified_diff()
            .header(&format!("a{path}"), &format!("b{path}"))
            .to_string();
        Ok((!diff.is_empty()).then_some(diff))
    }

    /// The calls that bring a target back to a state; none if the state is not known, or is not UTF-8 text and thus
    /// nothing that a request can carry unaltered.
    fn calls_to(&self, context: &Context<'_>, args: &Args, state: &Seen) -> Result<Option<Vec<Call>>> {
        let keep = |name: &str| {
            name.parse::<header::HeaderName>()
                .is_ok_and(|name| !is_about_content(&name))
        };
        let mut request = args.request.clone();
        request.headers.retain(|(name, _)| keep(name));
        match state {
            Seen::Present {
                body, content_type, ..
            } => {
                "PUT".clone_into(&mut request.method);
                let Ok(text) = String::from_utf8(context.blobs.get(body)?) else {
                    return Ok(None);
                };
                request.body = Some(text);
                if let Some(content_type) = content_type.as_ref().filter(|text| is_printable(text)) {
                    request
                        .headers
                        .push(("content-type".to_owned(), content_type.clone()));
                }
            }
            Seen::Absent => {
                "DELETE".clone_into(&mut request.method);
                request.body = None;
            }
            Seen::Unknown { .. } => return Ok(None),
        }
        let request = serde_json::to_value(request)
            .map_err(|error| Error::new(Kind::Failed, "P0115").with("reason", error))?;
        Ok(Some(vec![Call {
            operation: OperationName::new("http", "send"),
            args: serde_json::json!({ "request": request }),
        }]))
    }

    /// What became of a POST or PATCH, as far as the site's declarations allow to find out.
    fn probe_post(
        &self,
        context: &mut Context<'_>,
        resource: &Arc<Resource>,
        checked: &Checked,
    ) -> Result<Probe<Response>> {
        if let Some(template) = &resource.probe {
            let path = template.fill(&context.key(), &checked.target());
            let url = resource.origin.join(&path).map_err(|_| {
                Error::new(Kind::Invalid, "P0404")
                    .with("path", path.escape_debug())
                    .with("rule", "character")
            })?;
            let look = Checked {
                method: Method::Get,
                url,
                headers: checked.headers_to_look(),
                body: None,
                limits: checked.limits,
            };
            let answer = self.exchange(context, resource, &look)?;
            match answer.status {
                200..=299 => return Ok(Probe::Applied(answer)),
                404 | 410 => return Ok(Probe::NotApplied),
                _ if resource.idempotency_header.is_some() => {}
                status => {
                    return Ok(Probe::Unknown(
                        Message::new("http-probe-status")
                            .with("url", &look.url)
                            .with("status", status),
                    ));
                }
            }
        }
        if resource.idempotency_header.is_some() {
            // The server acts once per key, and the key will be the same: sending again is as good as knowing.
            return Ok(Probe::NotApplied);
        }
        Ok(Probe::Unknown(
            Message::new("http-probe-none")
                .with("method", checked.method)
                .with("url", &checked.url),
        ))
    }
}

impl Operation for Send {
    type Args = Args;
    type Reply = Response;

    fn resource(&self, args: &Args) -> ResourceName {
        args.request.origin.clone()
    }

    fn effect(&self, args: &Args) -> Effect {
        // A method that is not known might do anything; `plan` refuses it.
        Method::parse(&args.request.method).map_or(Effect::Destructive, Method::effect)
    }

    fn identity(&self, args: &Args) -> Option<String> {
        self.resources
            .get(&args.request.origin)
            .map(|resource| resource.origin.to_string())
    }

    fn plan(&self, context: &mut Context<'_>, args: &Args) -> Result<Planned<Response>> {
        let (resource, checked) = self.checked(args)?;
        if checked.method.effect() == Effect::Read {
            if let Some(earlier) = context.overlay.part::<Changed>().origins.get(&resource.name) {
                let why = Message::new("http-after-write")
                    .with("url", &checked.url)
                    .with("earlier", earlier);
                return Ok(Planned::unchanged(Assumed::Unforeseeable(why)));
            }
            return Ok(Planned::unchanged(Assumed::Real(
                self.exchange(context, &resource, &checked)?,
            )));
        }
        let change = self.plan_write(context, &resource, &checked)?;
        let why = Message::new("http-unforeseeable")
            .with("method", checked.method)
            .with("url", &checked.url);
        Ok(Planned {
            reply: Assumed::Unforeseeable(why),
            change: Some(change),
        })
    }

    fn perform(&self, context: &mut Context<'_>, args: &Args, change: &Change) -> Result<Response> {
        let (resource, mut checked) = self.checked(args)?;
        if matches!(checked.method, Method::Put | Method::Delete) {
            let before = Seen::of_value(&change.before)?;
            let now = self.look(context, &resource, &checked)?;
            if !before.equals(&now)
                && !matches!((&before, &now), (Seen::Unknown { .. }, Seen::Unknown { .. }))
            {
                return Err(Error::new(Kind::Conflict, "P0423")
                    .with("method", checked.method)
                    .with("url", &checked.url));
            }
        }
        if let Some(name) = resource
            .idempotency_header
            .as_ref()
            .filter(|_| checked.method.effect() != Effect::Read)
        {
            checked.headers.retain(|(given, _)| given != name);
            // A key is a run's identifier and a number: letters, digits, `-` and `/`.
            let value = HeaderValue::from_str(&context.key())
                .map_err(|error| Error::new(Kind::Failed, "P0115").with("reason", error))?;
            checked.headers.push((name.clone(), value));
        }
        self.exchange(context, &resource, &checked)
    }

    fn probe(&self, context: &mut Context<'_>, args: &Args, change: &Change) -> Result<Probe<Response>> {
        let (resource, checked) = self.checked(args)?;
        if !matches!(checked.method, Method::Put | Method::Delete) {
            return self.probe_post(context, &resource, &checked);
        }
        let (before, after) = (Seen::of_value(&change.before)?, Seen::of_value(&change.after)?);
        let now = self.look(context, &resource, &checked)?;
        Ok(match (checked.method, &before) {
            // Nothing to lose: deleting what is not there, again, is harmless.
            (Method::Delete, Seen::Absent) if now == Seen::Absent => Probe::NotApplied,
            _ if now.equals(&after) => Probe::Applied(Response {
                // The reply itself is lost. This is what the method's definition prescribes for this change
                // (RFC 9110 §9.3.4, §9.3.5); the empty list of headers shows that it was not received.
                status: if checked.method == Method::Put && before == Seen::Absent {
                    201
                } else {
                    204
                },
                headers: Vec::new(),
                body: String::new(),
                url: checked.url.to_string(),
            }),
            _ if now.equals(&before) => Probe::NotApplied,
            _ => Probe::Unknown(
                Message::new("http-probe-other")
                    .with("method", checked.method)
                    .with("url", &checked.url),
            ),
        })
    }

    fn undo(
        &self,
        context: &mut Context<'_>,
        args: &Args,
        change: &Change,
        reply: &Response,
    ) -> Result<Undo> {
        let (resource, checked) = self.checked(args)?;
        if !matches!(checked.method, Method::Put | Method::Delete) {
            if (400..500).contains(&reply.status) {
                // The server says that it did not fulfil the request (RFC 9110 §15.5).
                return Ok(Undo::Nothing);
            }
            return Ok(Undo::Irreversible {
                reason: Message::new("http-undo-post")
                    .with("method", checked.method)
                    .with("url", &checked.url),
            });
        }
        let (before, after) = (Seen::of_value(&change.before)?, Seen::of_value(&change.after)?);
        let now = self.look(context, &resource, &checked)?;
        if now.equals(&before) {
            return Ok(Undo::Nothing);
        }
        let Some(calls) = self.calls_to(context, args, &before)? else {
            return Ok(Undo::Irreversible {
                reason: Message::new("http-undo-unseen")
                    .with("method", checked.method)
                    .with("url", &checked.url),
            });
        };
        if now.equals(&after) {
            return Ok(Undo::Calls { calls });
        }
        let reason = Message::new("http-undo-conflict")
            .with("method", checked.method)
            .with("url", &checked.url);
        Ok(Undo::Conflict { reason, calls })
    }
}
