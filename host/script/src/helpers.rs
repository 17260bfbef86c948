//! Functions that scripts have besides the capabilities: `step`, `verify`, `text`, `fail`.

use crate::closures;
use crate::fault::{is_host_code, kind_named, limit_of};
use crate::place::Spot;
use procedo_core::effect::OperationName;
use procedo_core::message::Message;
use procedo_core::value::Value;
use procedo_core::{Error, Kind};
use procedo_interface::dynamic::{Place, to_value};
use procedo_interface::rhai::{Link, ScriptResult};
use procedo_interface::types::{Member, Record, Type};
use rhai::{
    Dynamic, EvalAltResult, FLOAT, FnPtr, FuncRegistration, INT, ImmutableString, Map, Module,
    NativeCallContext, Position,
};
use serde_json::json;
use std::sync::Arc;

/// The names of the functions that begin steps, with the calls they make.
pub const STEP: &str = "step";
/// See [`STEP`].
pub const VERIFY: &str = "verify";

/// The functions as a module for the global namespace.
pub fn module() -> Module {
    let mut module = Module::new();
    let volatile = |name: &str| {
        FuncRegistration::new(name)
            .in_global_namespace()
            .with_volatility(true)
    };
    volatile(STEP).set_into_module(&mut module, step);
    volatile(VERIFY).set_into_module(&mut module, verify);
    volatile("text").set_into_module(&mut module, |id: ImmutableString| text(id, Map::new()));
    volatile("text").set_into_module(&mut module, text);
    volatile("fail").set_into_module(
        &mut module,
        |context: NativeCallContext, code: ImmutableString, message: Dynamic| {
            fail(&context, Kind::Failed, &code, &message)
        },
    );
    volatile("fail").set_into_module(
        &mut module,
        |context: NativeCallContext, kind: ImmutableString, code: ImmutableString, message: Dynamic| {
            match kind_named(&kind) {
                Some(kind) => fail(&context, kind, &code, &message),
                None => thrown(&context, &Error::new(Kind::Invalid, "P0617").with("kind", &*kind)),
            }
        },
    );
    // Rhai's own would block the thread, unseen by the journal. The exact types take precedence over those.
    volatile("sleep").set_into_module(&mut module, |context: NativeCallContext, _: INT| {
        no_sleep(&context)
    });
    volatile("sleep").set_into_module(&mut module, |context: NativeCallContext, _: FLOAT| {
        no_sleep(&context)
    });
    // Rhai's own measure the result only when it is there: a replacement in a large text can be larger than any memory.
    let pure = |name: &str| {
        FuncRegistration::new(name)
            .in_global_namespace()
            .with_purity(false)
    };
    pure("replace").set_into_module(
        &mut module,
        |context: NativeCallContext, text: &mut ImmutableString, find: &str, by: &str| {
            replace(&context, text, find, by)
        },
    );
    pure("replace").set_into_module(
        &mut module,
        |context: NativeCallContext, text: &mut ImmutableString, find: char, by: &str| {
            replace(&context, text, &find.to_string(), by)
        },
    );
    closures::set_into(&mut module);
    module.build_index();
    module
}

fn replace(
    context: &NativeCallContext,
    text: &mut ImmutableString,
    find: &str,
    by: &str,
) -> Result<(), Box<EvalAltResult>> {
    let growth = text
        .matches(find)
        .count()
        .saturating_mul(by.len().saturating_sub(find.len()));
    let most = context.engine().max_string_size();
    if most > 0 && text.len().saturating_add(growth) > most {
        return Err(
            EvalAltResult::ErrorDataTooLarge("Length of string".to_owned(), context.call_position()).into(),
        );
    }
    *text = text.replace(find, by).into();
    Ok(())
}

fn thrown(context: &NativeCallContext, error: &Error) -> ScriptResult {
    Err(Link::of(context)?.thrown(error, context))
}

fn no_sleep(context: &NativeCallContext) -> ScriptResult {
    thrown(context, &Error::new(Kind::NotSupported, "P0618"))
}

/// `step("name", || …)`: begins the step, calls the closure, ends the step, whatever becomes of the closure.
fn step(context: NativeCallContext, name: ImmutableString, body: FnPtr) -> ScriptResult {
    let link = Link::of(&context)?;
    link.call(&operation("step-begin"), json!({"name": &*name}), &context)?;
    within(&context, &link, &name, &body)
}

/// `verify("name", || …)`: as `step`, but in a plan it is only listed.
fn verify(context: NativeCallContext, name: ImmutableString, body: FnPtr) -> ScriptResult {
    let link = Link::of(&context)?;
    let wanted = link.call(&operation("verify-begin"), json!({"name": &*name}), &context)?;
    if wanted == Value::Bool(true) {
        return within(&context, &link, &name, &body);
    }
    link.call(&operation("step-end"), json!({"name": &*name}), &context)?;
    Ok(Dynamic::UNIT)
}

fn within(context: &NativeCallContext, link: &Link, name: &str, body: &FnPtr) -> ScriptResult {
    let result = body.call_within_context::<Dynamic>(context, ());
    if let Err(error) = &result {
        end_at_limit(link, error);
    }
    let ended = link.call(&operation("step-end"), json!({"name": name}), context);
    match (result, ended) {
        (Ok(value), Ok(_)) => Ok(value),
        // The step's own error says more than that it could not be ended; but a stop comes before both.
        (Err(error), Err(_)) if !link.must_unwind() => Err(error),
        (Err(error), Ok(_)) => Err(error),
        (_, Err(error)) => Err(error),
    }
}

/// A limit that was reached ends the script for good, whatever it catches.
pub fn end_at_limit(link: &Link, error: &EvalAltResult) {
    if let Some((code, what)) = limit_of(error) {
        let spot = Spot::from(innermost_position(error));
        let reason = Error::new(Kind::TooLarge, code)
            .with("what", what)
            .with("line", spot.line)
            .with("column", spot.column);
        link.end(reason);
    }
}

fn innermost_position(error: &EvalAltResult) -> Position {
    match error.unwrap_inner().position() {
        Position::NONE => error.position(),
        position => position,
    }
}

fn operation(function: &str) -> OperationName {
    OperationName::new("run", function)
}

/// `text("id", #{name: value})`: a message of the procedure's own catalogue, for whatever takes a text.
fn text(id: ImmutableString, args: Map) -> Map {
    Map::from([("id".into(), id.into()), ("args".into(), args.into())])
}

/// `fail("code", "message")`: ends the procedure with an error of its own, unless the script catches it.
fn fail(context: &NativeCallContext, kind: Kind, code: &str, message: &Dynamic) -> ScriptResult {
    let link = Link::of(context)?;
    if is_host_code(code) {
        // It would be explained as something else.
        return thrown(context, &Error::new(Kind::Invalid, "P0619").with("code", code));
    }
    let place = Place::argument("fail", "message");
    let text = match to_value(message, &text_type(), &place) {
        Ok(text) => text,
        Err(error) => return thrown(context, &error),
    };
    let id = text["id"].as_str().unwrap_or_default();
    let pairs = text["args"].as_array().into_iter().flatten();
    let message = pairs.fold(Message::new(id), |message, pair| {
        message.with(
            pair[0].as_str().unwrap_or_default(),
            pair[1].as_str().unwrap_or_default(),
        )
    });
    let map = Map::from([
        ("kind".into(), kind.name().into()),
        ("code".into(), code.into()),
        ("message".into(), link.caller().tell(&message).into()),
    ]);
    Err(EvalAltResult::ErrorRuntime(map.into(), context.call_position()).into())
}

/// The `text` record.
fn text_type() -> Type {
    let pair = Type::Tuple([Type::String, Type::String].into());
    let member = |name: &str, ty| Member {
        name: name.to_owned(),
        docs: String::new(),
        ty,
    };
    let members = vec![
        member("id", Type::String),
        member("args", Type::List(Arc::new(pair))),
    ];
    Type::Record(Arc::new(Record {
        name: "text".to_owned(),
        docs: String::new(),
        members,
    }))
}
