//! Schedules: set by procedures, claimed by the scheduler, and started as runs.

use crate::fixture::*;
use jiff::Timestamp;
use procedo_core::caller::{Ended, Fault};
use procedo_core::journal::Body;
use procedo_core::run::{Actor, RunId, State};
use procedo_core::site::Site;
use procedo_core::value::Value;
use procedo_engine::schedule::scheduler::{Firing, Found, Scheduler};
use procedo_engine::{Progress, Taken};
use serde_json::json;
use std::sync::Arc;

const GRANT: &str = r#"
[[grant]]
procedure = "test/*"
capability = "schedule"
resource = "*"
effect = "write"
"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn scheduler(bench: &Bench) -> Scheduler {
    let site = Site::parse(&bench.site).unwrap();
    Scheduler::new(site, Arc::clone(&bench.store), Arc::clone(&bench.serving)).unwrap()
}

fn look(scheduler: &mut Scheduler, now: &str) -> Vec<Found> {
    scheduler.look(at(now)).unwrap().0
}

fn firings(found: Vec<Found>) -> Vec<Firing> {
    let firing = |found: Found| match found {
        Found::Fire(firing) => *firing,
        other => panic!("{other:?}"),
    };
    found.into_iter().map(firing).collect()
}

/// Starts what is to be started, as a serving process does.
fn start_all(bench: &Bench, scheduler: &Scheduler, found: Vec<Found>) -> Vec<RunId> {
    let start = |firing: Firing| {
        let mut begun = |run: &RunId| scheduler.begun(run);
        let (run, taken) = (firing.run.clone(), Taken::default());
        bench
            .engine()
            .start_as(firing.run, &firing.start, &taken, &mut begun)
            .unwrap();
        run
    };
    firings(found).into_iter().map(start).collect()
}

/// A site with a schedule of its own, and the procedure that it starts.
fn scheduled(more: &str) -> Bench {
    let bench = Bench::with_site(&format!(
        "{GRANT}[[schedule]]\nname = \"nightly\"\nprocedure = \"test/work\"\n{more}"
    ));
    bench.procedure(manifest("test/work"), |calls| {
        let name = calls.params["name"].as_str().unwrap().to_owned();
        calls.set(&name, "done")
    });
    bench
}

const DAILY: &str = "when = \"daily at 03:00\"\n";

#[test]
fn a_slot_becomes_one_run_of_the_schedule_whoever_looks_how_often() {
    let bench = scheduled(DAILY);
    let mut first = scheduler(&bench);
    let (found, next) = first.look(at("2027-01-01T12:00:00Z")).unwrap();
    assert!(
        found.is_empty(),
        "what was before it is known is none of its business"
    );
    assert_eq!(next, Some(at("2027-01-02T03:00:00Z")));
    let found = look(&mut first, "2027-01-02T03:00:00Z");
    assert!(
        look(&mut first, "2027-01-02T03:00:01Z").is_empty(),
        "it is claimed"
    );
    let runs = start_all(&bench, &first, found);
    assert_eq!(bench.world.get("a").as_deref(), Some("done"));
    let row = bench.store.row(&runs[0]).unwrap().unwrap();
    assert_eq!(
        (row.by, row.state),
        (Actor::Schedule("nightly".to_owned()), State::Succeeded)
    );
    // A process that is started again finds it settled.
    assert!(look(&mut scheduler(&bench), "2027-01-02T03:00:02Z").is_empty());
    assert_eq!(
        firings(look(&mut scheduler(&bench), "2027-01-03T03:00:00Z")).len(),
        1
    );
}

#[test]
fn a_claim_whose_run_never_began_is_started_under_the_same_identifier() {
    let bench = scheduled(DAILY);
    let mut first = scheduler(&bench);
    look(&mut first, "2027-01-01T12:00:00Z");
    let claimed = firings(look(&mut first, "2027-01-02T03:00:00Z"));
    // The process ends here.
    let mut second = scheduler(&bench);
    let again = look(&mut second, "2027-01-02T03:00:30Z");
    assert_eq!(firings(again.clone())[0].run, claimed[0].run);
    start_all(&bench, &second, again);
    assert!(look(&mut scheduler(&bench), "2027-01-02T03:00:31Z").is_empty());
    assert_eq!(bench.world.effects(), 1);
    // Whoever still held the first claim could not start it a second time.
    let twice = bench.engine().start_as(
        claimed[0].run.clone(),
        &claimed[0].start,
        &Taken::default(),
        &mut |_| {},
    );
    assert_eq!(twice.unwrap_err().code, "P0217");
    assert_eq!(bench.world.effects(), 1);
}

#[test]
fn a_claim_that_is_found_late_goes_by_the_policy_and_never_counts_twice() {
    let bench = scheduled(DAILY);
    let mut first = scheduler(&bench);
    look(&mut first, "2027-01-01T12:00:00Z");
    look(&mut first, "2027-01-02T03:00:00Z");
    let found = look(&mut scheduler(&bench), "2027-01-09T12:00:00Z");
    assert!(
        matches!(&found[..], [Found::Missed { slot, .. }] if *slot == at("2027-01-09T03:00:00Z")),
        "{found:?}"
    );
    assert!(look(&mut scheduler(&bench), "2027-01-09T12:00:01Z").is_empty());
    assert_eq!(
        firings(look(&mut scheduler(&bench), "2027-01-10T03:00:00Z")).len(),
        1
    );
}

#[test]
fn after_a_week_off_exactly_one_run_makes_up_for_all_that_was_missed() {
    let bench = scheduled("when = \"hourly\"\nmissed = \"run-once\"\n");
    look(&mut scheduler(&bench), "2027-03-24T12:00:00Z");
    let mut after = scheduler(&bench);
    let found = look(&mut after, "2027-03-31T12:30:00Z");
    let fired = firings(found.clone());
    assert_eq!(
        (fired.len(), fired[0].late, fired[0].slot),
        (1, true, at("2027-03-31T12:00:00Z"))
    );
    start_all(&bench, &after, found);
    assert!(look(&mut after, "2027-03-31T12:31:00Z").is_empty());
    assert!(!firings(look(&mut after, "2027-03-31T13:00:00Z"))[0].late);
}

#[test]
fn each_value_has_a_run_of_its_own_at_the_same_moment() {
    let bench = scheduled(&format!(
        "{DAILY}each = {{ parameter = \"name\", values = [\"main\", \"backup\"] }}\n"
    ));
    let mut scheduler = scheduler(&bench);
    look(&mut scheduler, "2027-01-01T12:00:00Z");
    let found = look(&mut scheduler, "2027-01-02T03:00:00Z");
    let slots: Vec<_> = firings(found.clone())
        .into_iter()
        .map(|firing| firing.slot)
        .collect();
    assert_eq!(slots, [at("2027-01-02T03:00:00Z"); 2]);
    let runs = start_all(&bench, &scheduler, found);
    assert_ne!(runs[0], runs[1]);
    for name in ["main", "backup"] {
        assert_eq!(bench.world.get(name).as_deref(), Some("done"));
    }
}

#[test]
fn a_supervised_procedure_waits_for_a_person_whom_any_approver_may_be() {
    let bench = scheduled(DAILY);
    let supervised = procedo_core::manifest::Manifest {
        supervised: true,
        ..manifest("test/work")
    };
    bench.procedure(supervised, |calls| calls.set("a", "done"));
    let mut scheduler = scheduler(&bench);
    look(&mut scheduler, "2027-01-01T12:00:00Z");
    let found = look(&mut scheduler, "2027-01-02T03:00:00Z");
    let run = start_all(&bench, &scheduler, found).remove(0);
    assert_eq!(bench.store.row(&run).unwrap().unwrap().state, State::Waiting);
    assert_eq!(bench.world.effects(), 0);
    bench.engine().approve(&run, &ana()).unwrap();
    assert_eq!(bench.serving.ready(0).unwrap(), std::slice::from_ref(&run));
    assert!(matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)));
    assert_eq!(bench.world.get("a").as_deref(), Some("done"));
}

/// A run that waits for an answer, and a slot that comes meanwhile.
fn overlapping(policy: &str) -> (Bench, Scheduler, RunId, Vec<Found>) {
    let bench = scheduled(&format!("{DAILY}overlap = \"{policy}\"\n"));
    bench.procedure(manifest("test/work"), |calls| {
        calls.call(
            "run.confirm",
            json!({"key": "go", "prompt": {"id": "Go?", "args": []}}),
        )
    });
    let mut scheduler = scheduler(&bench);
    look(&mut scheduler, "2027-01-01T12:00:00Z");
    let found = look(&mut scheduler, "2027-01-02T03:00:00Z");
    let runs = start_all(&bench, &scheduler, found);
    assert_eq!(bench.store.row(&runs[0]).unwrap().unwrap().state, State::Waiting);
    let found = look(&mut scheduler, "2027-01-03T03:00:00Z");
    (bench, scheduler, runs[0].clone(), found)
}

#[test]
fn a_slot_during_a_run_is_skipped() {
    let (_bench, mut scheduler, former, found) = overlapping("skip");
    assert!(
        matches!(&found[..], [Found::Skipped { by, .. }] if *by == former),
        "{found:?}"
    );
    assert!(look(&mut scheduler, "2027-01-03T03:00:01Z").is_empty());
}

#[test]
fn a_slot_during_a_run_waits_for_its_end_also_through_a_restart() {
    let (bench, mut before, former, found) = overlapping("wait");
    assert!(
        matches!(&found[..], [Found::Held { by, .. }] if *by == former),
        "{found:?}"
    );
    assert!(look(&mut before, "2027-01-03T05:00:00Z").is_empty());
    drop(before);
    let mut scheduler = scheduler(&bench);
    assert!(look(&mut scheduler, "2027-01-03T06:00:00Z").is_empty());
    bench.engine().cancel(&former, &ana(), "over").unwrap();
    let fired = firings(look(&mut scheduler, "2027-01-03T09:00:00Z"));
    assert_eq!((fired.len(), fired[0].slot), (1, at("2027-01-03T03:00:00Z")));
}

#[test]
fn a_slot_during_a_run_runs_beside_it() {
    let (bench, scheduler, former, found) = overlapping("allow");
    let runs = start_all(&bench, &scheduler, found);
    assert_ne!(runs[0], former);
    assert_eq!(bench.store.row(&former).unwrap().unwrap().state, State::Waiting);
}

#[test]
fn what_cannot_be_started_is_told_once_and_the_next_slot_is_tried() {
    let bench = scheduled(&format!("{DAILY}params = {{ what = 1 }}\n"));
    let mut first = scheduler(&bench);
    look(&mut first, "2027-01-01T12:00:00Z");
    let firing = firings(look(&mut first, "2027-01-02T03:00:00Z")).remove(0);
    let taken = Taken::default();
    let started = bench
        .engine()
        .start_as(firing.run.clone(), &firing.start, &taken, &mut |_| {});
    let error = started.unwrap_err();
    assert_eq!(error.code, "P0103");
    first.failed(&firing, &error).unwrap();
    assert!(look(&mut scheduler(&bench), "2027-01-02T03:00:05Z").is_empty());
    let line = bench.serving.lines().unwrap().remove(0);
    assert!(line.failed.unwrap().contains("P0103"));
    assert_eq!(
        firings(look(&mut scheduler(&bench), "2027-01-03T03:00:00Z")).len(),
        1
    );
}

#[test]
fn another_time_in_the_file_counts_from_when_it_is_read() {
    let mut bench = scheduled(DAILY);
    let mut scheduler = scheduler(&bench);
    look(&mut scheduler, "2027-01-01T12:00:00Z");
    bench.site = bench.site.replace("daily at 03:00", "daily at 02:00");
    scheduler.reload(Site::parse(&bench.site).unwrap()).unwrap();
    assert!(look(&mut scheduler, "2027-01-02T02:30:00Z").is_empty());
    assert!(
        look(&mut scheduler, "2027-01-02T03:00:00Z").is_empty(),
        "the former time"
    );
    let found = look(&mut scheduler, "2027-01-03T02:00:00Z");
    start_all(&bench, &scheduler, found);
    let wrong = bench.site.replace("daily at 02:00", "dayly");
    let refused = scheduler.reload(Site::parse(&wrong).unwrap()).unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.message.args["schedule"].as_str()),
        ("P1301", "nightly")
    );
    assert_eq!(
        firings(look(&mut scheduler, "2027-01-04T02:00:00Z")).len(),
        1,
        "the valid one stays"
    );
}

#[test]
fn a_schedule_that_is_gone_is_forgotten() {
    let mut bench = scheduled(DAILY);
    let mut scheduler = scheduler(&bench);
    look(&mut scheduler, "2027-01-01T12:00:00Z");
    let with = std::mem::replace(&mut bench.site, GRANTS.to_owned());
    scheduler.reload(Site::parse(&bench.site).unwrap()).unwrap();
    assert!(look(&mut scheduler, "2027-01-05T03:00:00Z").is_empty());
    assert!(bench.serving.lines().unwrap().is_empty());
    scheduler.reload(Site::parse(&with).unwrap()).unwrap();
    assert!(
        look(&mut scheduler, "2027-01-06T12:00:00Z").is_empty(),
        "it begins anew"
    );
}

/// A procedure that sets a schedule.
fn setting(bench: &Bench, entry: Value) {
    bench.procedure(manifest("test/set"), move |calls| {
        calls.call("schedule.set", json!({"name": "own", "entry": entry}))
    });
    bench.procedure(manifest("test/work"), |calls| calls.set("a", "done"));
}

fn entry(when: &str) -> Value {
    json!({"procedure": "test/work", "params": "{}", "when": when})
}

fn stored(bench: &Bench) -> Vec<String> {
    let schedules = bench.serving.schedules().unwrap();
    schedules.into_iter().map(|each| each.declared).collect()
}

#[test]
fn a_procedure_sets_a_schedule_which_fires_like_one_of_the_file_and_undo_puts_back_the_former() {
    let bench = Bench::with_site(GRANT);
    setting(&bench, entry("daily at 03:00"));
    let (first, progress) = bench.start("test/set");
    assert_eq!(progress.unwrap(), Progress::Succeeded(json!(true)));
    let before = stored(&bench);
    let (_, progress) = bench.start("test/set");
    assert_eq!(
        progress.unwrap(),
        Progress::Succeeded(json!(false)),
        "it is so already"
    );

    setting(&bench, entry("hourly"));
    let (second, _) = bench.start("test/set");
    assert!(stored(&bench)[0].contains("hourly"));
    let undo = |run: &RunId| {
        let undone = bench
            .engine()
            .undo(run, &start(""), &Taken::default(), &mut |_| {});
        assert!(matches!(undone.unwrap(), Progress::Succeeded(_)));
    };
    undo(&second);
    assert_eq!(stored(&bench), before);

    // It counts from when it was set, which is now, although nothing served the site since.
    let mut scheduler = scheduler(&bench);
    assert!(scheduler.look(Timestamp::now()).unwrap().0.is_empty());
    let tomorrow = scheduler.look(Timestamp::now()).unwrap().1.unwrap();
    let (found, _) = scheduler.look(tomorrow).unwrap();
    start_all(&bench, &scheduler, found);
    assert_eq!(bench.world.get("a").as_deref(), Some("done"));

    undo(&first);
    assert!(stored(&bench).is_empty());
}

#[test]
fn an_undo_asks_where_somebody_set_another_schedule_since() {
    let bench = Bench::with_site(GRANT);
    setting(&bench, entry("daily at 03:00"));
    let (run, _) = bench.start("test/set");
    let former = stored(&bench).remove(0);
    assert!(bench.serving.set_schedule("own", Some(&former), None, 0).unwrap());
    let undone = bench
        .engine()
        .undo(&run, &start(""), &Taken::default(), &mut |_| {});
    assert!(matches!(undone.unwrap(), Progress::Waiting(_)));
}

fn error_of(bench: &Bench, operation: &'static str, args: Value) -> String {
    let slot: Arc<std::sync::Mutex<String>> = Arc::default();
    let told = Arc::clone(&slot);
    bench.procedure(manifest("test/try"), move |calls: &Calls<'_>| {
        match calls.attempt(operation, args.clone()) {
            Ok(reply) => Ok(reply),
            Err(Fault::Error(error)) => {
                *told.lock().unwrap() = error.code.clone();
                Err(Ended::Failed(error))
            }
            Err(Fault::Stop) => Err(Ended::Stopped),
        }
    });
    bench.start("test/try").1.unwrap();
    std::mem::take(&mut *slot.lock().unwrap())
}

#[test]
fn what_the_file_declares_no_procedure_replaces_or_removes() {
    let bench = scheduled(DAILY);
    let set = json!({"name": "nightly", "entry": entry("hourly")});
    assert_eq!(error_of(&bench, "schedule.set", set), "P1310");
    assert_eq!(
        error_of(&bench, "schedule.remove", json!({"name": "nightly"})),
        "P1310"
    );
}

#[test]
fn a_procedure_has_only_those_started_that_it_may_start_itself() {
    let bench = Bench::with_site(GRANT);
    setting(&bench, entry("hourly"));
    bench.procedure(manifest("other/work"), |calls| calls.get("a"));
    let set = |procedure: &str| json!({"name": "own", "entry": {"procedure": procedure, "params": "{}", "when": "hourly"}});
    assert_eq!(error_of(&bench, "schedule.set", set("other/work")), "P0106");
    assert_eq!(error_of(&bench, "schedule.set", set("test/work")), "");
    let bare = Bench::new();
    setting(&bare, entry("hourly"));
    assert_eq!(
        error_of(&bare, "schedule.set", set("test/work")),
        "P0106",
        "nor without the capability"
    );
}

#[test]
fn what_is_set_is_checked_at_once() {
    let bench = Bench::with_site(GRANT);
    setting(&bench, entry("hourly"));
    let set = |name: &str, more: Value| {
        let mut entry = entry("hourly");
        entry
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        error_of(&bench, "schedule.set", json!({"name": name, "entry": entry}))
    };
    assert_eq!(set("own", json!({"when": "sometimes"})), "P1301");
    assert_eq!(set("own", json!({"when": "1 2 3"})), "P1302");
    assert_eq!(set("own", json!({"when": "0 0 31 4 *"})), "P1303");
    assert_eq!(set("own", json!({"time-zone": "Madrid"})), "P1304");
    assert_eq!(set("Own!", json!({})), "P1305");
    assert_eq!(
        set("own", json!({"each": {"parameter": "name", "values": []}})),
        "P1306"
    );
    assert_eq!(set("own", json!({"jitter": 3601})), "P1307");
    assert_eq!(set("own", json!({"params": "{\"what\": 1}"})), "P0103");
    assert_eq!(set("own", json!({"params": "[]"})), "P0129");
    assert_eq!(
        set("own", json!({"each": {"parameter": "what", "values": ["1"]}})),
        "P0103"
    );
    assert_eq!(set("own", json!({"procedure": "test/nothing"})), "P0101");
    assert_eq!(
        error_of(&bench, "schedule.next", json!({"name": "own", "count": 1})),
        "P1313"
    );
    assert_eq!(
        error_of(&bench, "schedule.next", json!({"name": "own", "count": 0})),
        "P1312"
    );
    assert!(stored(&bench).is_empty());
}

#[test]
fn schedules_are_listed_with_their_next_moments_counting_in_what_a_plan_sets() {
    let bench = scheduled("when = \"daily at 03:00\"\ntime-zone = \"Europe/Madrid\"\n");
    let work = |calls: &Calls<'_>| -> Result<Value, Ended> {
        calls.call(
            "schedule.set",
            json!({"name": "own", "entry": entry("0 0 29 2 *")}),
        )?;
        let all = calls.call("schedule.list", json!({"names": "*"}))?;
        let some = calls.call("schedule.list", json!({"names": "ow*"}))?;
        assert_eq!(some.as_array().unwrap().len(), 1);
        let next = calls.call("schedule.next", json!({"name": "own", "count": 2}))?;
        Ok(json!({"all": all, "next": next}))
    };
    bench.procedure(manifest("test/list"), work);
    let expect = |result: &Value| {
        let names: Vec<_> = result["all"]
            .as_array()
            .unwrap()
            .iter()
            .map(|each| &each["name"])
            .collect();
        assert_eq!(names, ["nightly", "own"]);
        assert_eq!(result["all"][0]["origin"], "site");
        assert_eq!(result["all"][0]["time-zone"], "Europe/Madrid");
        assert_eq!(result["all"][1]["origin"], "procedure");
        assert!(
            result["next"][1]
                .as_str()
                .unwrap()
                .ends_with("-02-29T00:00:00+00:00"),
            "{result}"
        );
    };
    let plan = bench
        .engine()
        .plan(&start("test/list"), &Taken::default())
        .unwrap();
    match &plan.ended {
        procedo_engine::plan::PlanEnd::Complete { result } => expect(result),
        other => panic!("{other:?}"),
    }
    assert!(stored(&bench).is_empty(), "a plan sets nothing");
    match bench.start("test/list").1.unwrap() {
        Progress::Succeeded(result) => expect(&result),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_run_that_is_cut_off_anywhere_sets_its_schedule_once() {
    let straight = Bench::with_site(GRANT);
    setting(&straight, entry("hourly"));
    let (run, _) = straight.start("test/set");
    let entries = straight.bodies(&run).len();
    for cut in 0..entries - 1 {
        let bench = Bench::with_site(GRANT);
        setting(&bench, entry("hourly"));
        let dying = bench.engine_over(Dying::after(&bench.store, cut));
        let (run, progress) = bench.start_with(&dying, &start("test/set"), &Taken::default());
        assert_eq!(progress.unwrap_err().code, "T0002", "cut after {cut}");
        assert!(
            matches!(bench.resume(&run).unwrap(), Progress::Succeeded(_)),
            "cut after {cut}"
        );
        assert_eq!(stored(&bench).len(), 1);
        let outcomes = bench.bodies(&run);
        let outcomes = outcomes
            .iter()
            .filter(|body| matches!(body, Body::Outcome { .. }));
        assert_eq!(outcomes.count(), 1, "cut after {cut}");
    }
}

#[test]
fn what_is_handed_on_stays_a_reference_to_the_secret() {
    let bench = Bench::with_site(GRANT);
    let version = bench.store.set_secret("allowed", "pa\"ss-word").unwrap();
    let reference = format!("secret:allowed@{version}");
    let params = json!({"name": reference}).to_string();
    let entry = json!({"procedure": "test/work", "when": "hourly", "params": params});
    setting(&bench, entry);
    let (first, progress) = bench.start("test/set");
    assert!(matches!(progress.unwrap(), Progress::Succeeded(_)));
    assert!(stored(&bench)[0].contains(&reference), "{:?}", stored(&bench));
    assert!(!stored(&bench)[0].contains("ss-word"));

    let before = stored(&bench);
    bench.procedure(manifest("test/remove"), |calls| {
        calls.call("schedule.remove", json!({"name": "own"}))
    });
    let (second, _) = bench.start("test/remove");
    assert!(stored(&bench).is_empty());
    let undone = bench
        .engine()
        .undo(&second, &start(""), &Taken::default(), &mut |_| {});
    assert!(matches!(undone.unwrap(), Progress::Succeeded(_)));
    assert_eq!(stored(&bench), before, "the undo hands the same reference on");
    for run in [first, second] {
        let journal = format!("{:?}", bench.bodies(&run));
        assert!(!journal.contains("ss-word"), "{journal}");
    }
}

#[test]
fn a_declaration_that_is_not_valid_fails_what_works_with_schedules_and_nothing_else() {
    let bench = scheduled("when = \"daily at 25:00\"\n");
    let (_, worked) = bench.start("test/work");
    assert!(matches!(worked.unwrap(), Progress::Succeeded(_)));
    for (id, function, args) in [
        ("test/list", "schedule.list", json!({"names": "*"})),
        (
            "test/next",
            "schedule.next",
            json!({"name": "nightly", "count": 1}),
        ),
        ("test/remove", "schedule.remove", json!({"name": "other"})),
    ] {
        bench.procedure(manifest(id), move |calls| calls.call(function, args.clone()));
        let (_, failed) = bench.start(id);
        let Progress::Failed(error) = failed.unwrap() else {
            panic!("{id} works with schedules")
        };
        assert_eq!(error.code, "P1301", "{id}");
    }
    let site = Site::parse(&bench.site).unwrap();
    let serving = Scheduler::new(site.clone(), Arc::clone(&bench.store), Arc::clone(&bench.serving));
    assert_eq!(serving.err().map(|error| error.code).as_deref(), Some("P1301"));
    assert_eq!(procedo_engine::schedule::faults(&site).len(), 1);
}
