//! The table bound into wasmtime's component linker: a component's imports become calls at the gate.
//!
//! wasmtime does not compare the types of dynamic host functions with those a component was built against, so [`check()`]
//! must accept a component before it is linked: afterwards every value has the shape the table says.

mod check;
mod values;

pub use check::{Mismatch, check, is_wasi};
pub use values::Unfit;

use crate::table::{Function, Table};
use crate::types::Type;
use procedo_core::Error;
use procedo_core::caller::{Caller, Fault};
use procedo_core::value::Value;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::{Linker, Val};

/// What the store of a component's instance gives the functions of the table.
pub trait Host: 'static {
    /// Called before each call: gives the way to the gate, or an error that ends the guest.
    fn enter(&mut self, function: &Function) -> Result<Arc<dyn Caller>>;

    /// Called when the guest goes on after a call.
    fn leave(&mut self);
}

/// The gate said [`Fault::Stop`]: the guest is ended by this error, which the host finds again by `downcast_ref`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the run stops here")]
pub struct Stopped;

/// Binds every function of the table. Only components that [`check()`] accepts may be instantiated by the linker.
pub fn link<T: Host>(linker: &mut Linker<T>, table: &Table) -> Result<()> {
    for interface in &table.interfaces {
        let mut instance = linker.instance(&table.import_name(&interface.name))?;
        for function in table.of(&interface.name) {
            let bound = Binding {
                function: function.clone(),
                error: table.error.clone(),
            };
            instance.func_new(&function.name, move |mut store, _, params, results| {
                let caller = store.data_mut().enter(&bound.function)?;
                let reply = bound.call(&*caller, params)?;
                store.data_mut().leave();
                match results {
                    [result] => *result = reply,
                    _ => return Err(wasmtime::Error::msg("a function of the table has one result")),
                }
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// A function with what is needed to call it.
struct Binding {
    function: Function,
    error: Type,
}

impl Binding {
    fn call(&self, caller: &dyn Caller, params: &[Val]) -> Result<Val> {
        let args = self.args(params)?;
        Ok(Val::Result(match caller.call(&self.function.operation(), args) {
            Ok(reply) => Ok(self.reply(&reply)?.map(Box::new)),
            Err(Fault::Error(error)) => Err(Some(Box::new(self.error(caller, &error)?))),
            Err(Fault::Stop) => return Err(Stopped.into()),
        }))
    }

    fn args(&self, params: &[Val]) -> Result<Value> {
        let members = self.function.params.iter().zip(params).map(|((name, ty), val)| {
            Ok((
                name.clone(),
                values::to_json(ty, val).map_err(|unfit| unfit.at(&self.function, name))?,
            ))
        });
        Ok(Value::Object(members.collect::<Result<_>>()?))
    }

    fn reply(&self, reply: &Value) -> Result<Option<Val>> {
        let ty = self.function.reply.as_ref();
        Ok(ty
            .map(|ty| values::of_json(ty, reply))
            .transpose()
            .map_err(|unfit| unfit.at(&self.function, "reply"))?)
    }

    fn error(&self, caller: &dyn Caller, error: &Error) -> Result<Val> {
        let told = serde_json::json!({
            "kind": error.kind.name(),
            "code": error.code,
            "message": caller.tell(&error.message),
        });
        Ok(values::of_json(&self.error, &told).map_err(|unfit| unfit.at(&self.function, "error"))?)
    }
}
