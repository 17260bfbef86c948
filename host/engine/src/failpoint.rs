//! Points at which the crash tests kill the process. Empty without the feature `failpoints`.

/// Where in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    BeforeIntent,
    AfterIntent,
    AfterEffect,
    AfterOutcome,
}

#[cfg(feature = "failpoints")]
impl Point {
    fn name(self) -> &'static str {
        match self {
            Self::BeforeIntent => "before-intent",
            Self::AfterIntent => "after-intent",
            Self::AfterEffect => "after-effect",
            Self::AfterOutcome => "after-outcome",
        }
    }
}

/// Whether the process is to be killed here: `PROCEDO_FAILPOINT=POINT:CALL`, in a root run, or `POINT:RUN-SUFFIX:CALL` in
/// a child whose identifier ends so.
#[cfg(feature = "failpoints")]
pub(crate) fn is_set(point: Point, run: &procedo_core::run::RunId, call: u64) -> bool {
    static WANTED: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let Some(wanted) = WANTED.get_or_init(|| std::env::var("PROCEDO_FAILPOINT").ok()) else {
        return false;
    };
    let suffix = run.as_str().strip_prefix(run.root().as_str()).unwrap_or_default();
    let here = if suffix.is_empty() {
        format!("{}:{call}", point.name())
    } else {
        format!("{}:{suffix}:{call}", point.name())
    };
    *wanted == here
}

#[cfg(not(feature = "failpoints"))]
pub(crate) fn is_set(_: Point, _: &procedo_core::run::RunId, _: u64) -> bool {
    false
}

/// Kills the process if `PROCEDO_FAILPOINT` names this place outside of calls, and `here` it matters.
pub(crate) fn reached(place: &str, here: bool) {
    #[cfg(feature = "failpoints")]
    if here && std::env::var("PROCEDO_FAILPOINT").is_ok_and(|wanted| wanted == place) {
        kill();
    }
    let _ = (place, here);
}

/// Kills the process as a power cut would.
#[cfg(feature = "failpoints")]
pub(crate) fn kill() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    loop {
        std::thread::park();
    }
}

#[cfg(not(feature = "failpoints"))]
pub(crate) fn kill() {}
