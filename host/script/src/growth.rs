//! Values that grow where Rhai does not look.
//!
//! Rhai measures what a function or an operator makes. It does not measure the whole of `a` after `a[i] = x`, `a.b = x` or
//! `a.b.push(x)`. So a variable whose parts a script changes is measured here each time it is used.

use crate::place::Source;
use procedo_core::{Kind, Result};
use rhai::{AST, ASTNode, EvalAltResult, EvalContext, Expr, Stmt};
use std::collections::BTreeSet;

/// The names of the variables to measure.
#[derive(Clone, Debug, Default)]
pub struct Growing {
    names: BTreeSet<String>,
}

impl Growing {
    /// Adds the variables of a script or module.
    ///
    /// # Errors
    /// `P0620`: it assigns to a part of `this`, which has no name by which it could be measured.
    pub fn add(&mut self, ast: &AST, source: &Source) -> Result<()> {
        let functions: BTreeSet<_> = ast
            .iter_functions()
            .map(|function| function.name.to_owned())
            .collect();
        let mut refused = None;
        ast.walk(&mut |path: &[ASTNode<'_>]| {
            match path.last() {
                Some(ASTNode::Stmt(Stmt::Assignment(assignment))) => match root(&assignment.1.lhs) {
                    Some(Expr::Variable(variable, ..)) if is_chain(&assignment.1.lhs) => {
                        self.names.insert(variable.1.to_string());
                    }
                    Some(Expr::ThisPtr(position)) if is_chain(&assignment.1.lhs) => refused = Some(*position),
                    _ => {}
                },
                Some(ASTNode::Expr(Expr::Dot(chain, ..) | Expr::Index(chain, ..))) => {
                    let deep = is_chain(&chain.rhs);
                    let own = matches!(&chain.rhs, Expr::MethodCall(call, _) if functions.contains(call.name.as_str()));
                    if let (true, Expr::Variable(variable, ..)) = (deep || own, &chain.lhs) {
                        self.names.insert(variable.1.to_string());
                    }
                }
                _ => {}
            }
            true
        });
        match refused {
            Some(position) => Err(source.error(Kind::Invalid, "P0620", position.into())),
            None => Ok(()),
        }
    }

    /// Measures a variable that is about to be used, and `this`.
    pub fn measure(
        &self,
        name: &str,
        context: &EvalContext<'_, '_, '_, '_, '_, '_>,
    ) -> Result<(), Box<EvalAltResult>> {
        if self.names.is_empty() {
            return Ok(());
        }
        let named = context.scope().get(name).filter(|_| self.names.contains(name));
        let mut values = named.into_iter().chain(context.this_ptr());
        values.try_for_each(|value| context.engine().ensure_data_size_within_limits(value))
    }
}

fn is_chain(expr: &Expr) -> bool {
    matches!(expr, Expr::Dot(..) | Expr::Index(..))
}

/// What a chain like `a.b[c]` starts with.
fn root(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => root(&chain.lhs),
        Expr::Variable(..) | Expr::ThisPtr(..) => Some(expr),
        _ => None,
    }
}
