//! The functions of arrays and maps that call a closure.
//!
//! Rhai's own wrap what a closure throws in an error that `try` can catch, also where the closure came to a limit, and those
//! that compare drop it altogether. So these take their place: a limit that was reached ends the script for good. What a
//! closure throws while it compares is thrown on.

use crate::helpers::end_at_limit;
use procedo_interface::rhai::{Link, ScriptResult};
use rhai::{
    Array, Dynamic, EvalAltResult, FnPtr, FuncRegistration, INT, ImmutableString, Map, Module,
    NativeCallContext, Position, Variant,
};
use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A function that is called once for an array: with the closure, and with what follows it.
type OnArray = fn(&Calling<'_>, &mut Array, Dynamic) -> ScriptResult;
type OnMap = fn(&Calling<'_>, &mut Map) -> ScriptResult;

/// A closure that is called from a function of this name.
struct Calling<'a> {
    context: &'a NativeCallContext<'a>,
    name: &'static str,
    closure: FnPtr,
}

impl<'a> Calling<'a> {
    fn new(context: &'a NativeCallContext<'a>, name: &'static str, closure: FnPtr) -> Self {
        Self {
            context,
            name,
            closure,
        }
    }

    /// A limit that the closure came to ends the script.
    fn looked_at(&self, result: ScriptResult) -> ScriptResult {
        if let Err(error) = &result {
            end_at_limit(&Link::of(self.context)?, error);
        }
        result
    }

    /// With an item as `this`, or as an argument behind `place` others, and what else it may want to know.
    fn with<const N: usize, const E: usize>(
        &self,
        item: Option<&mut Dynamic>,
        args: [Dynamic; N],
        more: [Dynamic; E],
        place: Option<usize>,
    ) -> ScriptResult {
        let called = self
            .closure
            .call_raw_with_extra_args(self.name, self.context, item, args, more, place);
        self.looked_at(called)
    }

    fn with_item(&self, (index, item): (usize, &mut Dynamic)) -> ScriptResult {
        self.with(Some(item), [], [number(index)], Some(0))
    }

    fn holds(&self, item: (usize, &mut Dynamic)) -> Result<bool, Box<EvalAltResult>> {
        Ok(self.with_item(item)?.as_bool().unwrap_or(false))
    }

    fn compares(&self, one: &Dynamic, other: &Dynamic) -> ScriptResult {
        let called = self
            .closure
            .call_raw(self.context, None, [one.clone(), other.clone()]);
        self.looked_at(called)
    }
}

fn number(index: usize) -> Dynamic {
    INT::try_from(index).unwrap_or(INT::MAX).into()
}

/// Where to start: from the end if it is negative.
fn start(array: &Array, from: &Dynamic) -> usize {
    let from = from.as_int().unwrap_or_default();
    let distance = usize::try_from(from.unsigned_abs()).unwrap_or(usize::MAX);
    if from < 0 {
        array.len().saturating_sub(distance)
    } else {
        distance
    }
}

fn for_each(calling: &Calling<'_>, array: &mut Array, _: Dynamic) -> ScriptResult {
    for (index, item) in array.iter_mut().enumerate() {
        let _ = calling.with(Some(item), [], [number(index)], None)?;
    }
    Ok(Dynamic::UNIT)
}

fn map(calling: &Calling<'_>, array: &mut Array, _: Dynamic) -> ScriptResult {
    let items = array.iter_mut().enumerate();
    let mapped: Result<Array, _> = items.map(|item| calling.with_item(item)).collect();
    Ok(mapped?.into())
}

fn filter(calling: &Calling<'_>, array: &mut Array, _: Dynamic) -> ScriptResult {
    let mut kept = Array::new();
    for (index, item) in array.iter_mut().enumerate() {
        if calling.holds((index, item))? {
            kept.push(item.clone());
        }
    }
    Ok(kept.into())
}

fn index_of(calling: &Calling<'_>, array: &mut Array, from: Dynamic) -> ScriptResult {
    let first = start(array, &from);
    for (index, item) in array.iter_mut().enumerate().skip(first) {
        if calling.holds((index, item))? {
            return Ok(number(index));
        }
    }
    Ok((-1 as INT).into())
}

fn find(calling: &Calling<'_>, array: &mut Array, from: Dynamic) -> ScriptResult {
    let first = start(array, &from);
    for (index, item) in array.iter_mut().enumerate().skip(first) {
        if calling.holds((index, item))? {
            return Ok(item.clone());
        }
    }
    Ok(Dynamic::UNIT)
}

fn find_map(calling: &Calling<'_>, array: &mut Array, from: Dynamic) -> ScriptResult {
    let first = start(array, &from);
    for item in array.iter_mut().enumerate().skip(first) {
        let value = calling.with_item(item)?;
        if !value.is_unit() {
            return Ok(value);
        }
    }
    Ok(Dynamic::UNIT)
}

fn some(calling: &Calling<'_>, array: &mut Array, _: Dynamic) -> ScriptResult {
    for item in array.iter_mut().enumerate() {
        if calling.holds(item)? {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn all(calling: &Calling<'_>, array: &mut Array, _: Dynamic) -> ScriptResult {
    for item in array.iter_mut().enumerate() {
        if !calling.holds(item)? {
            return Ok(false.into());
        }
    }
    Ok(true.into())
}

fn reduce(calling: &Calling<'_>, array: &mut Array, initial: Dynamic) -> ScriptResult {
    let mut items = array.iter_mut().enumerate();
    items.try_fold(initial, |result, (index, item)| {
        calling.with(Some(item), [result], [number(index)], Some(1))
    })
}

fn reduce_rev(calling: &Calling<'_>, array: &mut Array, initial: Dynamic) -> ScriptResult {
    let mut items = array.iter_mut().enumerate().rev();
    items.try_fold(initial, |result, (index, item)| {
        calling.with(Some(item), [result], [number(index)], Some(1))
    })
}

/// Takes out what the closure holds for, or does not hold for.
fn take_out(calling: &Calling<'_>, array: &mut Array, held: bool) -> ScriptResult {
    let mut taken = Array::new();
    let mut kept = Array::new();
    let mut failed = None;
    for (index, mut item) in std::mem::take(array).into_iter().enumerate() {
        if failed.is_some() {
            kept.push(item);
            continue;
        }
        match calling.holds((index, &mut item)) {
            Ok(holds) if holds == held => taken.push(item),
            Ok(_) => kept.push(item),
            Err(error) => {
                failed = Some(error);
                kept.push(item);
            }
        }
    }
    *array = kept;
    failed.map_or(Ok(taken.into()), Err)
}

fn drain(calling: &Calling<'_>, array: &mut Array, _: Dynamic) -> ScriptResult {
    take_out(calling, array, true)
}

fn retain(calling: &Calling<'_>, array: &mut Array, _: Dynamic) -> ScriptResult {
    take_out(calling, array, false)
}

fn dedup(calling: &Calling<'_>, array: &mut Array, _: Dynamic) -> ScriptResult {
    let mut failed = None;
    array.dedup_by(|next, former| {
        if failed.is_some() {
            return false;
        }
        match calling.compares(former, next) {
            Ok(same) => same.as_bool().unwrap_or(false),
            Err(error) => {
                failed = Some(error);
                false
            }
        }
    });
    failed.map_or(Ok(Dynamic::UNIT), Err)
}

fn sort(calling: &Calling<'_>, array: &mut Array, _: Dynamic) -> ScriptResult {
    let mut failed = None;
    let mut order = |one: &Dynamic, other: &Dynamic| {
        if failed.is_some() {
            return Ordering::Equal;
        }
        let compared = calling.compares(one, other).map(|value| {
            let number = value.as_int().ok();
            // `true`: the first is not the greater one.
            number.or_else(|| value.as_bool().ok().map(|first| if first { -1 } else { 1 }))
        });
        match compared {
            Ok(Some(number)) => number.cmp(&0),
            Ok(None) => one.type_id().cmp(&other.type_id()),
            Err(error) => {
                failed = Some(error);
                Ordering::Equal
            }
        }
    };
    // Sorting may panic where the closure gives no total order.
    let sorted = catch_unwind(AssertUnwindSafe(|| array.sort_by(&mut order)));
    match (failed, sorted) {
        (Some(error), _) => Err(error),
        (None, Ok(())) => Ok(Dynamic::UNIT),
        (None, Err(_)) => {
            Err(EvalAltResult::ErrorRuntime("error in comparer for sorting".into(), Position::NONE).into())
        }
    }
}

fn order(calling: &Calling<'_>, array: &mut Array, none: Dynamic) -> ScriptResult {
    let mut ordered = array.clone();
    let _ = sort(calling, &mut ordered, none)?;
    Ok(ordered.into())
}

fn zip(calling: &Calling<'_>, array: &mut Array, other: Array) -> ScriptResult {
    let pairs = array.iter().zip(other).enumerate();
    let zipped: Result<Array, _> = pairs
        .map(|(index, (one, other))| calling.with(None, [one.clone(), other], [number(index)], None))
        .collect();
    Ok(zipped?.into())
}

fn map_members(calling: &Calling<'_>, members: &mut Map) -> ScriptResult {
    let mut mapped = Map::new();
    for (key, item) in members.iter_mut() {
        mapped.insert(key.clone(), calling.with(Some(item), [key.into()], [], Some(1))?);
    }
    Ok(mapped.into())
}

fn filter_members(calling: &Calling<'_>, members: &mut Map) -> ScriptResult {
    let mut kept = Map::new();
    for (key, item) in members.iter_mut() {
        let holds = calling.with(Some(item), [key.into()], [], Some(1))?;
        if holds.as_bool().unwrap_or(false) {
            kept.insert(key.clone(), item.clone());
        }
    }
    Ok(kept.into())
}

fn take_members(calling: &Calling<'_>, members: &mut Map, held: bool) -> ScriptResult {
    let mut taken = Map::new();
    let mut kept = Map::new();
    let mut failed = None;
    for (key, mut item) in std::mem::take(members) {
        if failed.is_some() {
            kept.insert(key, item);
            continue;
        }
        match calling.with(Some(&mut item), [key.clone().into()], [], Some(1)) {
            Ok(holds) if holds.as_bool().unwrap_or(false) == held => taken.insert(key, item),
            Ok(_) => kept.insert(key, item),
            Err(error) => {
                failed = Some(error);
                kept.insert(key, item)
            }
        };
    }
    *members = kept;
    failed.map_or(Ok(taken.into()), Err)
}

/// Functions of arrays: their name, whether they leave the array as it is, and whether a value may follow the closure.
const ON_ARRAYS: [(&str, bool, Follows, OnArray); 17] = [
    ("for_each", false, Follows::Nothing, for_each),
    ("map", true, Follows::Nothing, map),
    ("filter", true, Follows::Nothing, filter),
    ("index_of", true, Follows::Start, index_of),
    ("find", true, Follows::Start, find),
    ("find_map", true, Follows::Start, find_map),
    ("some", true, Follows::Nothing, some),
    ("all", true, Follows::Nothing, all),
    ("reduce", true, Follows::Initial, reduce),
    ("reduce_rev", true, Follows::Initial, reduce_rev),
    ("drain", false, Follows::Nothing, drain),
    ("retain", false, Follows::Nothing, retain),
    ("dedup", false, Follows::Nothing, dedup),
    ("sort", false, Follows::Nothing, sort),
    ("sort_by", false, Follows::Nothing, sort),
    ("order", false, Follows::Nothing, order),
    ("order_by", false, Follows::Nothing, order),
];

const ON_MAPS: [(&str, bool, OnMap); 4] = [
    ("map", true, map_members),
    ("filter", true, filter_members),
    ("drain", false, |calling, members| {
        take_members(calling, members, true)
    }),
    ("retain", false, |calling, members| {
        take_members(calling, members, false)
    }),
];

/// What may follow the closure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    Nothing,
    /// Where to start.
    Start,
    /// What to start with.
    Initial,
}

/// Sets the functions into a module for the global namespace.
pub(crate) fn set_into(module: &mut Module) {
    for (name, pure, follows, work) in ON_ARRAYS {
        on_array(module, name, pure, follows, work, |closure: FnPtr| Ok(closure));
        if name != "index_of" {
            on_array(module, name, pure, follows, work, |function: ImmutableString| {
                FnPtr::new(function)
            });
        }
    }
    // Of a text, its place is meant; Rhai's own would first look for a function of that name.
    registration("index_of", true).set_into_module(module, |array: &mut Array, text: ImmutableString| {
        place_of(array, &text, 0)
    });
    registration("index_of", true).set_into_module(
        module,
        |array: &mut Array, text: ImmutableString, from: INT| {
            let first = start(array, &from.into());
            place_of(array, &text, first)
        },
    );
    registration("zip", true).set_into_module(
        module,
        |context: NativeCallContext, array: &mut Array, other: Array, closure: FnPtr| {
            zip(&Calling::new(&context, "zip", closure), array, other)
        },
    );
    for (name, pure, work) in ON_MAPS {
        registration(name, pure).set_into_module(
            module,
            move |context: NativeCallContext, members: &mut Map, closure: FnPtr| {
                work(&Calling::new(&context, name, closure), members)
            },
        );
    }
}

fn registration(name: &str, pure: bool) -> FuncRegistration {
    FuncRegistration::new(name)
        .in_global_namespace()
        .with_purity(pure)
        .with_volatility(true)
}

/// Sets a function of arrays, by itself and with what may follow the closure.
fn on_array<C: Variant + Clone>(
    module: &mut Module,
    name: &'static str,
    pure: bool,
    follows: Follows,
    work: OnArray,
    read: fn(C) -> Result<FnPtr, Box<EvalAltResult>>,
) {
    let none = move || match follows {
        Follows::Start => Dynamic::from(0 as INT),
        Follows::Nothing | Follows::Initial => Dynamic::UNIT,
    };
    registration(name, pure).set_into_module(
        module,
        move |context: NativeCallContext, array: &mut Array, closure: C| {
            work(&Calling::new(&context, name, read(closure)?), array, none())
        },
    );
    match follows {
        Follows::Nothing => {}
        Follows::Start => {
            registration(name, pure).set_into_module(
                module,
                move |context: NativeCallContext, array: &mut Array, closure: C, from: INT| {
                    work(&Calling::new(&context, name, read(closure)?), array, from.into())
                },
            );
        }
        Follows::Initial => {
            registration(name, pure).set_into_module(
                module,
                move |context: NativeCallContext, array: &mut Array, closure: C, initial: Dynamic| {
                    work(&Calling::new(&context, name, read(closure)?), array, initial)
                },
            );
        }
    }
}

fn place_of(array: &Array, text: &str, first: usize) -> INT {
    let same = |item: &Dynamic| {
        item.read_lock::<ImmutableString>()
            .is_some_and(|item| item.as_str() == text)
    };
    let found = array.iter().enumerate().skip(first).find(|(_, item)| same(item));
    found.map_or(-1, |(index, _)| INT::try_from(index).unwrap_or(INT::MAX))
}
