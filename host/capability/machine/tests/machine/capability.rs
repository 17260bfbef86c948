//! The capability as the gate uses it: named commands with their four answers, and the reads.

use crate::bench::{Server, children, folder, kill, lives, until};
use procedo_core::capability::{Blobs, Capability, Context, Handler, Overlay, Stop};
use procedo_core::change::{Assumed, BlobId, Change, Planned, Probe, Undo};
use procedo_core::effect::Effect;
use procedo_core::run::RunId;
use procedo_core::value::Value;
use procedo_core::{Error, Kind, Result};
use procedo_machine::{JobState, MachineCapability, Machines, NoSecrets, Secrets};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

struct NoBlobs;

impl Blobs for NoBlobs {
    fn put(&self, _: &[u8]) -> Result<BlobId> {
        Err(Error::new(Kind::NotSupported, "P0000"))
    }
    fn get(&self, _: &BlobId) -> Result<Vec<u8>> {
        Err(Error::new(Kind::NotSupported, "P0000"))
    }
}

/// What the gate does with a call, without its journal.
struct Gate {
    machines: Machines,
    capability: MachineCapability,
    run: RunId,
    overlay: Overlay,
    stop: Arc<Stop>,
    notes: Vec<Value>,
}

impl Gate {
    fn try_new(machines: Value, site: &Path) -> Result<Self> {
        let resources: BTreeMap<String, Value> = serde_json::from_value(machines).unwrap();
        let secrets: Arc<dyn Secrets> = Arc::new(NoSecrets);
        let machines = Machines::open(&resources, site, &secrets)?;
        Ok(Self {
            capability: MachineCapability(machines.clone()),
            machines,
            run: RunId::parse("20261122-120000-abcdef").unwrap(),
            overlay: Overlay::default(),
            stop: Arc::default(),
            notes: Vec::new(),
        })
    }

    fn new(machines: Value, site: &Path) -> Self {
        Self::try_new(machines, site).unwrap()
    }

    fn with<R>(&mut self, function: &str, act: impl FnOnce(&dyn Handler, &mut Context<'_>) -> R) -> R {
        let bound = self
            .capability
            .operations()
            .into_iter()
            .find(|bound| bound.function == function)
            .unwrap();
        let notes = self.notes.clone();
        let mut context = Context {
            run: &self.run,
            call: 7,
            overlay: &mut self.overlay,
            blobs: &NoBlobs,
            stop: &self.stop,
            notes: &notes,
            ask: &|_, _| Err(Error::new(Kind::NotSupported, "P0000")),
            note: &mut |note| {
                self.notes.push(note);
                Ok(())
            },
            progress: &|_, _, _| {},
        };
        act(&*bound.handler, &mut context)
    }

    fn plan(&mut self, args: &Value) -> Result<Planned<Value>> {
        self.with("command", |handler, context| handler.plan(context, args))
    }

    fn change(&mut self, args: &Value) -> Change {
        self.plan(args).unwrap().change.expect("a change")
    }

    fn perform(&mut self, args: &Value) -> Result<Value> {
        let change = self.change(args);
        self.with("command", |handler, context| {
            handler.perform(context, args, &change)
        })
    }

    fn probe(&mut self, args: &Value) -> Result<Probe<Value>> {
        let change = self.change(args);
        self.with("command", |handler, context| {
            handler.probe(context, args, &change)
        })
    }

    fn look(&mut self, function: &str, args: &Value) -> Result<Value> {
        self.overlay = Overlay::default();
        match self
            .with(function, |handler, context| handler.plan(context, args))?
            .reply
        {
            Assumed::Real(reply) => Ok(reply),
            other => panic!("{other:?}"),
        }
    }
}

/// What a read of the capability replies, on machines that a site declares.
pub fn read_on(machines: Value, site: &Path, function: &str, args: &Value) -> Result<Value> {
    Gate::new(machines, site).look(function, args)
}

fn call(name: &str, args: Value) -> Value {
    json!({"machine": "main", "name": name, "args": args})
}

/// A machine with a switch: a file that commands make, remove and look at.
fn with_switch(dir: &Path) -> Gate {
    let switch = dir.join("switch");
    let parameters = json!({"name": "[a-z]+"});
    Gate::new(
        json!({"main": {"driver": "local", "command": {
            "on": {"program": "sh", "args": ["-c", "if [ \"$1\" = bad ]; then echo refused >&2; exit 4; fi; echo \"$1\" >\"$0\"; echo done", switch, "{name}"],
                "parameters": parameters, "effect": "write", "undo": "off", "sentence": "The switch is set to {name}.",
                "probe": {"command": "look", "expect": "^[a-z]+$"}},
            "off": {"program": "sh", "args": ["-c", "rm -f \"$0\"; true", switch, "{name}"], "parameters": parameters, "effect": "destructive"},
            "hush": {"program": "sh", "args": ["-c", "echo \"$1\" >\"$0\"; echo done; echo at last >&2", switch, "{name}"],
                "parameters": parameters, "effect": "write", "quiet": true, "probe": {"command": "look", "expect": "^[a-z]+$"}},
            "look": {"program": "sh", "args": ["-c", "cat \"$0\" 2>/dev/null; exit 5", switch], "effect": "read", "success": [5]},
            "long": {"program": "sh", "args": ["-c", "echo x >>\"$0\"; while [ ! -e \"$0.go\" ]; do sleep 0.05; done; echo over", switch],
                "effect": "write", "timeout": 3600},
            "say": {"program": "printf", "args": ["%s|%s", "<{name}>", "{{}}"], "parameters": {"name": "(?s).*"}, "effect": "read"},
            "tell": {"program": "cat", "input": "{name}", "parameters": {"name": "(?s).*"}, "effect": "read"},
            "bare": {"program": "echo", "args": ["{name}"], "parameters": {"name": "(?s).*"}, "effect": "read"},
        }}}),
        dir,
    )
}

#[test]
fn a_command_has_the_effect_that_the_site_declares() {
    let dir = folder();
    let mut gate = with_switch(dir.path());
    let mut effect = |name: &str| {
        gate.with("command", |handler, _| handler.effect(&call(name, json!([]))))
            .unwrap()
    };
    assert_eq!(
        ["on", "off", "look", "none"].map(&mut effect),
        [Effect::Write, Effect::Destructive, Effect::Read, Effect::Read]
    );
    assert_eq!(gate.plan(&call("none", json!([]))).unwrap_err().code, "P1020");
    let elsewhere = json!({"machine": "other", "name": "on", "args": []});
    assert_eq!(gate.plan(&elsewhere).unwrap_err().code, "P1003");
}

#[test]
fn a_command_whose_connection_breaks_is_in_doubt_where_looking_can_tell() {
    let server = Server::start();
    let switch = server.path("switch");
    // It has its effect, and has not answered yet.
    let lasting = "echo set >\"$0\"; while [ -e \"$0\" ]; do sleep 0.05; done";
    let mut settings = server.settings();
    settings["command"] = json!({
        "on": {"program": "sh", "args": ["-c", lasting, switch], "effect": "write", "quiet": true,
            "probe": {"command": "look", "expect": "^set$"}},
        "blind": {"program": "sh", "args": ["-c", lasting, switch], "effect": "write"},
        "look": {"program": "cat", "args": [switch], "effect": "read"},
    });
    let mut gate = Gate::new(json!({"main": settings}), &server.path(""));
    for (name, in_doubt) in [("on", true), ("blind", false)] {
        let error = std::thread::scope(|scope| {
            scope.spawn(|| {
                until("it took effect", || {
                    std::fs::read_to_string(&switch).is_ok_and(|text| text == "set\n")
                });
                for connection in server.connections() {
                    kill("KILL", connection);
                    for child in children(connection) {
                        kill("KILL", child);
                    }
                }
            });
            gate.perform(&call(name, json!([]))).unwrap_err()
        });
        assert_eq!(error.is_in_doubt(), in_doubt, "{error}");
        assert_eq!(error.message.id, "P1007", "the sentence says why");
        if in_doubt {
            let found = gate.probe(&call(name, json!([]))).unwrap();
            assert!(matches!(found, Probe::Applied(_)), "{found:?}");
        }
        std::fs::remove_file(&switch).unwrap();
    }
}

#[test]
fn a_long_command_on_a_machine_out_of_reach_is_in_doubt_once_it_may_have_begun() {
    let mut server = Server::start();
    let mut settings = server.settings();
    settings["command"] =
        json!({"long": {"program": "sleep", "args": ["300"], "effect": "write", "timeout": 3600}});
    let site = folder();
    let mut gate = Gate::new(json!({"main": settings}), site.path());
    server.stop();
    let long = call("long", json!([]));
    let never_begun = gate.perform(&long).unwrap_err();
    assert_eq!(never_begun.code, "P1004");
    assert!(gate.notes.is_empty());

    gate.notes.push(json!({"job": "an earlier attempt's"}));
    let attached = gate.perform(&long).unwrap_err();
    assert!(attached.is_in_doubt(), "{attached}");
    assert_eq!(attached.message.id, "P1004", "the sentence says why");
}

#[test]
fn a_command_is_planned_performed_probed_and_undone() {
    let dir = folder();
    let mut gate = with_switch(dir.path());
    let on = call("on", json!([["name", "red"]]));
    let planned = gate.plan(&on).unwrap();
    assert!(matches!(planned.reply, Assumed::Unforeseeable(_)));
    assert_eq!(
        planned.change.unwrap().summary.args["sentence"],
        "The switch is set to red."
    );
    assert!(!dir.path().join("switch").exists());
    assert_eq!(gate.probe(&on).unwrap(), Probe::NotApplied);
    let reply = gate.perform(&on).unwrap();
    assert_eq!((&reply["code"], &reply["stdout"]), (&json!(0), &json!("done\n")));
    assert!(matches!(gate.probe(&on).unwrap(), Probe::Applied(_)));
    let change = gate.change(&on);
    let undo = gate.with("command", |handler, context| {
        handler.undo(context, &on, &change, &reply)
    });
    let Undo::Calls { calls } = undo.unwrap() else {
        panic!("it can be undone");
    };
    assert_eq!(calls[0].args, call("off", json!([["name", "red"]])));
    gate.perform(&calls[0].args).unwrap();
    assert!(!dir.path().join("switch").exists());
    let off = call("off", json!([["name", "red"]]));
    assert!(matches!(gate.probe(&off).unwrap(), Probe::Unknown(_)));
}

#[test]
fn a_quiet_command_replies_the_same_in_a_plan_as_when_it_is_run_or_found_done() {
    let dir = folder();
    let mut gate = with_switch(dir.path());
    let hush = call("hush", json!([["name", "red"]]));
    let nothing = json!({"code": 0, "stdout": "", "stderr": "", "truncated": false});
    assert_eq!(
        gate.plan(&hush).unwrap().reply,
        Assumed::Overlaid(nothing.clone())
    );
    assert!(!dir.path().join("switch").exists());
    assert_eq!(gate.perform(&hush).unwrap(), nothing);
    assert_eq!(gate.probe(&hush).unwrap(), Probe::Applied(nothing));
}

#[test]
fn a_code_that_is_no_success_is_an_error_with_the_last_words() {
    let dir = folder();
    let mut gate = with_switch(dir.path());
    let error = gate.perform(&call("on", json!([["name", "bad"]]))).unwrap_err();
    assert_eq!(error.code, "P1022");
    assert_eq!(
        (
            error.message.args["code"].as_str(),
            error.message.args["said"].as_str()
        ),
        ("4", "refused")
    );
    // A code that tells a state is a reply.
    assert_eq!(
        gate.look("command", &call("look", json!([]))).unwrap()["code"],
        json!(5)
    );
}

#[test]
fn a_read_after_a_planned_command_is_unforeseeable() {
    let dir = folder();
    let mut gate = with_switch(dir.path());
    gate.change(&call("on", json!([["name", "red"]])));
    let read = gate.plan(&call("look", json!([]))).unwrap().reply;
    assert!(matches!(read, Assumed::Unforeseeable(_)));
    let space = json!({"machine": "main", "path": "/"});
    let planned = gate.with("free-space", |handler, context| handler.plan(context, &space));
    assert!(matches!(planned.unwrap().reply, Assumed::Unforeseeable(_)));
}

#[test]
fn arguments_fill_their_places_only_as_their_patterns_say() {
    let dir = folder();
    let mut gate = with_switch(dir.path());
    let hostile = "'; touch /tmp/x; $(id) \"ñ\n-- {name}";
    let say = call("say", json!([["name", hostile]]));
    assert_eq!(
        gate.look("command", &say).unwrap()["stdout"],
        json!(format!("<{hostile}>|{{}}"))
    );
    let tell = call("tell", json!([["name", hostile]]));
    assert_eq!(gate.look("command", &tell).unwrap()["stdout"], json!(hostile));
    let mut rule = |name: &str, args: Value| {
        let error = gate.plan(&call(name, args)).unwrap_err();
        assert_eq!(error.code, "P1021");
        error.message.args["rule"].clone()
    };
    assert_eq!(rule("on", json!([["name", "Red"]])), "pattern");
    assert_eq!(rule("on", json!([["name", "red\n"]])), "pattern");
    assert_eq!(rule("on", json!([["name", "red"], ["name", "red"]])), "twice");
    assert_eq!(rule("on", json!([["nam", "red"]])), "unknown");
    assert_eq!(rule("on", json!([])), "missing");
    assert_eq!(rule("bare", json!([["name", "-n"]])), "option");
}

#[test]
fn a_long_command_is_found_again_and_never_doubled() {
    let dir = folder();
    let long = call("long", json!([]));
    let mut gate = with_switch(dir.path());
    assert_eq!(gate.probe(&long).unwrap(), Probe::NotApplied);
    // The run is told to stop once the command has begun.
    let stop = Arc::clone(&gate.stop);
    let begun = dir.path().join("switch");
    let watcher = std::thread::spawn(move || {
        until("it has begun", || begun.exists());
        stop.set();
    });
    assert_eq!(gate.perform(&long).unwrap_err().code, "P0113");
    watcher.join().unwrap();
    assert_eq!(
        gate.notes.len(),
        1,
        "whoever goes on knows that it may have begun"
    );
    drop(gate);
    let mut gate = with_switch(dir.path());
    assert_eq!(gate.probe(&long).unwrap(), Probe::Running);
    std::fs::write(dir.path().join("switch.go"), "").unwrap();
    let reply = gate.perform(&long).unwrap();
    assert_eq!(reply["stdout"], json!("over\n"));
    assert_eq!(std::fs::read_to_string(dir.path().join("switch")).unwrap(), "x\n");
    assert_eq!(gate.probe(&long).unwrap(), Probe::Running);
    assert_eq!(gate.perform(&long).unwrap(), reply);
}

#[test]
fn a_long_command_that_was_lost_is_for_a_person_to_judge() {
    let dir = folder();
    let long = call("long", json!([]));
    let mut gate = with_switch(dir.path());
    let machine = gate.machines.get("main").unwrap();
    let key = format!("{}/7", gate.run);
    let job = machine
        .start_job(&key, &procedo_machine::Program::new("sleep").arg("300"))
        .unwrap();
    let JobState::Running { pid } = job.state().unwrap() else {
        panic!("it runs");
    };
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let keeper = stat
        .rsplit_once(") ")
        .unwrap()
        .1
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    for process in [keeper, pid] {
        crate::bench::kill("KILL", process);
        until("it is gone", || !lives(process));
    }
    assert!(matches!(gate.probe(&long).unwrap(), Probe::Unknown(_)));
}

#[test]
fn a_machine_tells_what_troubleshooting_wants_to_know() {
    let server = Server::start();
    let patch = server.path("patch");
    std::fs::write(&patch, "V11 R1.2\nmore\n").unwrap();
    let mut settings = server.settings();
    settings["patch-level-file"] = json!(patch);
    let mut gate = Gate::new(
        json!({"main": {"driver": "local"}, "remote": settings}),
        server.dir.path(),
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap().port();
    for machine in ["main", "remote"] {
        let variable = |name: &str| json!({"machine": machine, "name": name});
        assert!(gate.look("environment", &variable("HOME")).unwrap().is_string());
        assert_eq!(
            gate.look("environment", &variable("NO_SUCH_ñ")).unwrap(),
            Value::Null
        );
        let clock = gate.look("clock-offset", &json!({"machine": machine})).unwrap();
        let uncertainty = clock["uncertainty"].as_i64().unwrap();
        assert!(clock["offset"].as_i64().unwrap().abs() <= uncertainty, "{clock}");
        let found = gate
            .look("resolve", &json!({"machine": machine, "host": "localhost"}))
            .unwrap();
        let loops_back = |resolved: &Value| matches!(resolved["address"].as_str(), Some("127.0.0.1" | "::1"));
        assert!(found.as_array().unwrap().iter().any(loops_back), "{found}");
        assert!(found.to_string().contains("localhost"), "{found}");
        let back = gate
            .look("resolve", &json!({"machine": machine, "host": "127.0.0.1"}))
            .unwrap();
        assert!(back.to_string().contains("localhost"), "{back}");
        let nowhere = json!({"machine": machine, "host": "no-such-host.invalid"});
        assert_eq!(gate.look("resolve", &nowhere).unwrap(), json!([]));
        let reach = |port: u16| json!({"machine": machine, "host": "127.0.0.1", "port": port});
        let reached = gate.look("reachable", &reach(open)).unwrap();
        assert_eq!(reached, json!({"reached": true, "method": "tcp", "detail": ""}));
        let closed = gate.look("reachable", &reach(1)).unwrap();
        assert_eq!(closed["reached"], json!(false));
        assert!(closed["detail"].as_str().unwrap().contains("refused"), "{closed}");
        let space = gate
            .look("free-space", &json!({"machine": machine, "path": "/"}))
            .unwrap();
        assert!(space["total"].as_u64().unwrap() > 0);
        let facts = gate.look("system-facts", &json!({"machine": machine})).unwrap();
        assert_eq!(facts["system"], json!("Linux"));
        assert_eq!(facts["boot-id"].as_str().unwrap().len(), 36);
        let expected = if machine == "remote" {
            json!("V11 R1.2")
        } else {
            Value::Null
        };
        assert_eq!(facts["patch-level"], expected);
    }
    for (function, args) in [
        ("resolve", json!({"machine": "main", "host": "-rf"})),
        ("resolve", json!({"machine": "main", "host": "a b"})),
        ("reachable", json!({"machine": "main", "host": "h", "port": 0})),
        ("free-space", json!({"machine": "main", "path": "relative"})),
        ("environment", json!({"machine": "main", "name": "A=B"})),
    ] {
        assert_eq!(gate.look(function, &args).unwrap_err().code, "P1028", "{args}");
    }
}

#[test]
fn settings_that_break_a_rule_are_named_without_repeating_a_secret() {
    let dir = folder();
    let key = format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} x", "A".repeat(43));
    let ssh = |changes: Value| {
        let mut settings =
            json!({"driver": "ssh", "address": "h", "user": "u", "host-key": key, "agent": true});
        for (name, value) in changes.as_object().unwrap() {
            settings[name] = value.clone();
        }
        settings
    };
    let refused = |settings: Value| {
        let error = Gate::try_new(json!({"m": settings}), dir.path())
            .err()
            .expect("refused");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        error.message.args.get("rule").cloned().unwrap_or(error.code)
    };
    let command = |command: Value| json!({"driver": "local", "command": {"c": command}});
    for (settings, rule) in [
        (json!({}), "P1002"),
        (json!({"driver": "local", "adress": "h"}), "P1002"),
        (json!({"driver": "telnet"}), "driver"),
        (json!({"driver": "local", "user": "u"}), "remote-only"),
        (json!({"driver": "local", "reconnect": 5}), "remote-only"),
        (ssh(json!({"reconnect": -1})), "P1002"),
        (json!({"driver": "ssh"}), "missing"),
        (json!({"driver": "windows-ssh"}), "missing"),
        (ssh(json!({"address": "-oProxyCommand=x"})), "word"),
        (ssh(json!({"user": "a b"})), "word"),
        (ssh(json!({"host-key": "SHA256:abc"})), "host-key"),
        (
            ssh(json!({"host-key": "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJ00"})),
            "host-key",
        ),
        (ssh(json!({"agent": false})), "login"),
        (ssh(json!({"password": "secret:x"})), "login"),
        (ssh(json!({"agent": false, "password": "hunter2"})), "secret"),
        (command(json!({"program": "x"})), "P1002"),
        (command(json!({"program": "-x", "effect": "read"})), "word"),
        (
            command(json!({"program": "x", "args": ["{a"], "effect": "read"})),
            "template",
        ),
        (
            command(json!({"program": "x", "args": ["{a}"], "effect": "read"})),
            "no-pattern",
        ),
        (
            command(json!({"program": "x", "effect": "read", "sentence": "Looks at {a}"})),
            "no-pattern",
        ),
        (
            command(json!({"program": "x", "parameters": {"a": "x"}, "effect": "read"})),
            "no-place",
        ),
        (
            command(json!({"program": "x", "args": ["{a}"], "parameters": {"a": "("}, "effect": "read"})),
            "pattern",
        ),
        (
            command(json!({"program": "x", "effect": "read", "timeout": 0})),
            "timeout",
        ),
        (
            command(json!({"program": "x", "effect": "write", "undo": "d"})),
            "no-command",
        ),
        (
            command(json!({"program": "x", "effect": "write", "probe": {"command": "c", "expect": "x"}})),
            "probe-reads",
        ),
    ] {
        assert_eq!(refused(settings.clone()), rule, "{settings}");
    }
    assert!(Gate::try_new(json!({"m": ssh(json!({}))}), dir.path()).is_ok());
}
