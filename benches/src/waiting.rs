//! Ten thousand runs that wait: what a serving process needs to find those that can go on, in time and in memory.

use crate::calls::tmpfs;
use crate::figure::{Bound, Figure, time};
use crate::noop;
use anyhow::{Result, ensure};
use procedo_core::run::{Actor, RunId};
use procedo_engine::{Engine, Progress};
use procedo_store::{Serving, Store};
use std::sync::Arc;

const RUNS: u32 = 10_000;

/// The memory that this process has in use, in KiB.
fn resident() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.unwrap_or_default().parse()?)
}

/// A run that waits. Of so many in a second some would have the same name: the store refuses the second of them.
fn begun(engine: &Engine) -> Result<(RunId, Progress)> {
    let taken = |error: &anyhow::Error| {
        let error = error.downcast_ref::<procedo_core::Error>();
        error.is_some_and(|error| error.code == "P0217")
    };
    loop {
        match noop::run(engine, 0, true) {
            Err(error) if taken(&error) => {}
            begun => return begun,
        }
    }
}

/// A process that begins to serve a site finds the one run of ten thousand that somebody has answered.
pub fn waiting_runs() -> Result<Vec<Figure>> {
    let dir = tmpfs()?;
    let answered = {
        let engine = noop::engine(noop::store(dir.path())? as Arc<dyn Store>)?;
        let mut last = None;
        for _ in 0..RUNS {
            let (run, progress) = begun(&engine)?;
            ensure!(matches!(progress, Progress::Waiting(_)), "it should wait");
            last = Some(run);
        }
        let by = Actor::Person("bench".to_owned());
        if let Some(run) = &last {
            engine.answer(run, &by, &serde_json::json!(true))?;
        }
        last
    };
    let before = resident()?;
    let (took, (store, ready)) = time(|| {
        let store = noop::store(dir.path())?;
        let ready = store.ready(i64::MAX)?;
        store.wakes(0)?;
        Ok((store, ready))
    })?;
    let each = (resident()? - before) / f64::from(RUNS);
    ensure!(
        ready.into_iter().eq(answered),
        "the one that was answered is ready"
    );
    drop(store);
    Ok(vec![
        Figure::new(
            "ready to serve 10,000 waiting runs",
            took.as_secs_f64(),
            "s",
            Bound::AtMost(1.0),
        ),
        Figure::new(
            "memory for each of them",
            each.max(0.0),
            "KiB",
            Bound::AtMost(1.0),
        ),
    ])
}
