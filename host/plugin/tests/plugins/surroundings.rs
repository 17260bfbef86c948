//! WASI as guests in other languages find it: empty and deterministic.

use crate::guests::{Gate, House, Source, error_of};
use procedo_core::value::Value;
use serde_json::json;
use std::sync::Arc;

const PACKAGES: [&str; 6] = [
    "package wasi:io@0.2.3;
     interface poll { resource pollable { ready: func() -> bool; block: func(); } poll: func(in: list<borrow<pollable>>) -> list<u32>; }
     interface error { resource error { to-debug-string: func() -> string; } }
     interface streams { use error.{error}; use poll.{pollable};
       variant stream-error { last-operation-failed(error), closed }
       resource input-stream { read: func(len: u64) -> result<list<u8>, stream-error>; subscribe: func() -> pollable; }
       resource output-stream {
         check-write: func() -> result<u64, stream-error>;
         write: func(contents: list<u8>) -> result<_, stream-error>;
         blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;
         blocking-flush: func() -> result<_, stream-error>; } }",
    "package wasi:clocks@0.2.3;
     interface monotonic-clock { use wasi:io/poll@0.2.3.{pollable}; now: func() -> u64; subscribe-duration: func(when: u64) -> pollable; }
     interface wall-clock { record datetime { seconds: u64, nanoseconds: u32 } now: func() -> datetime; }",
    "package wasi:random@0.2.3;
     interface random { get-random-bytes: func(len: u64) -> list<u8>; get-random-u64: func() -> u64; }
     interface insecure-seed { insecure-seed: func() -> tuple<u64, u64>; }",
    "package wasi:filesystem@0.2.3;
     interface types { enum error-code { access, busy } resource descriptor { sync: func() -> result<_, error-code>; } }
     interface preopens { use types.{descriptor}; get-directories: func() -> list<tuple<descriptor, string>>; }",
    "package wasi:cli@0.2.3;
     interface environment { get-environment: func() -> list<tuple<string, string>>; get-arguments: func() -> list<string>; initial-cwd: func() -> option<string>; }
     interface exit { exit: func(status: result); }
     interface stdout { use wasi:io/streams@0.2.3.{output-stream}; get-stdout: func() -> output-stream; }
     interface stdin { use wasi:io/streams@0.2.3.{input-stream}; get-stdin: func() -> input-stream; }",
    "package wasi:sockets@0.2.3;
     interface network { enum error-code { unknown, access-denied } resource network; }
     interface instance-network { use network.{network}; instance-network: func() -> network; }
     interface tcp-create-socket { use network.{error-code}; enum ip-address-family { ipv4, ipv6 }
       create-tcp-socket: func(address-family: ip-address-family) -> result<u32, error-code>; }",
];

/// A guest that uses some functions of WASI; `$hex` writes eight bytes as 16 digits.
fn source(uses: &[(&str, &str, &str)], body: &str) -> Source {
    let head: String = uses
        .iter()
        .map(|(interface, function, ty)| {
            let name = function.rsplit(['.', ']']).next().unwrap_or(function);
            format!("(import \"wasi:{interface}@0.2.3\" \"{function}\" (func ${name} {ty}))\n")
        })
        .collect();
    let mut source = Source::new(&head, body);
    source.functions = "(func $hex (param $at i32) (param $value i64) (local $n i32) (local $d i32) (local.set $n (i32.const 16)) \
        (loop $next (local.set $n (i32.sub (local.get $n) (i32.const 1))) \
          (local.set $d (i32.wrap_i64 (i64.and (local.get $value) (i64.const 15)))) \
          (i32.store8 (i32.add (local.get $at) (local.get $n)) (i32.add (local.get $d) \
            (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $d) (i32.const 10))))) \
          (local.set $value (i64.shr_u (local.get $value) (i64.const 4))) (br_if $next (local.get $n))))"
        .into();
    let mut imports: Vec<_> = uses
        .iter()
        .map(|(interface, ..)| format!("import wasi:{interface}@0.2.3;"))
        .collect();
    imports.dedup();
    source.packages = PACKAGES.iter().map(|package| (*package).to_owned()).collect();
    source.with_wit(
        "import secrets;",
        &format!("import secrets;\n{}", imports.join("\n")),
    )
}

fn gate(seed: u8, moment: i64) -> Arc<Gate> {
    let mut gate = Gate::replying(json!(null));
    (gate.seed, gate.moment) = ([seed; 32], moment);
    Arc::new(gate)
}

fn reply(source: &Source, gate: Arc<Gate>) -> Value {
    House::new()
        .guest(source)
        .run(gate, &json!({}))
        .expect("the guest runs")
}

#[test]
fn random_numbers_are_those_of_the_seed() {
    let source = source(
        &[("random/random", "get-random-u64", "(result i64)")],
        "(call $hex (i32.const 9000) (call $get-random-u64)) (call $hex (i32.const 9016) (call $get-random-u64)) \
         (call $quoted (i32.const 9000) (i32.const 32))",
    );
    let first = reply(&source, gate(1, 0));
    assert_eq!(reply(&source, gate(1, 5)), first);
    assert_ne!(reply(&source, gate(2, 0)), first);
    let digits = first.as_str().expect("a text");
    assert_ne!(digits[..16], digits[16..]);
}

#[test]
fn the_clock_is_the_last_entrys_moment_and_waiting_takes_no_time() {
    let source = source(
        &[
            ("io/poll", "[method]pollable.block", "(param i32)"),
            ("clocks/monotonic-clock", "now", "(result i64)"),
            (
                "clocks/monotonic-clock",
                "subscribe-duration",
                "(param i64) (result i32)",
            ),
        ],
        // Waits for 584 years.
        "(call $block (call $subscribe-duration (i64.const -1))) (call $hex (i32.const 9000) (call $now)) \
         (call $quoted (i32.const 9000) (i32.const 16))",
    );
    let moment = 1_795_343_696_123_i64;
    assert_eq!(
        reply(&source, gate(0, moment)),
        json!(format!("{:016x}", moment * 1_000_000))
    );
}

#[test]
fn there_are_no_arguments_no_environment_and_no_folders() {
    let list = "(param i32)";
    let source = source(
        &[
            ("cli/environment", "get-environment", list),
            ("cli/environment", "get-arguments", list),
            ("cli/environment", "initial-cwd", list),
            ("filesystem/preopens", "get-directories", list),
        ],
        // The lengths of three lists and whether there is a folder to be in, in one number.
        "(call $get-environment (i32.const 600)) (call $get-arguments (i32.const 608)) (call $get-directories (i32.const 616)) \
         (call $initial-cwd (i32.const 624)) \
         (call $hex (i32.const 9000) (i64.extend_i32_u (i32.add (i32.add (i32.load (i32.const 604)) (i32.load (i32.const 612))) \
           (i32.add (i32.load (i32.const 620)) (i32.load8_u (i32.const 624)))))) \
         (call $quoted (i32.const 9000) (i32.const 16))",
    );
    assert_eq!(reply(&source, gate(0, 0)), json!("0000000000000000"));
}

#[test]
fn what_is_printed_is_taken_and_dropped() {
    let source = source(
        &[
            (
                "io/streams",
                "[method]output-stream.check-write",
                "(param i32 i32)",
            ),
            (
                "io/streams",
                "[method]output-stream.blocking-write-and-flush",
                "(param i32 i32 i32 i32)",
            ),
            ("cli/stdout", "get-stdout", "(result i32)"),
        ],
        "(local $out i32) (local.set $out (call $get-stdout)) (call $check-write (local.get $out) (i32.const 600)) \
         (call $blocking-write-and-flush (local.get $out) (i32.const 9000) (i32.const 6) (i32.const 616)) \
         (call $hex (i32.const 9000) (i64.load (i32.const 608))) (i32.store8 (i32.const 9000) (i32.add (i32.const 48) \
         (i32.load8_u (i32.const 616)))) (call $quoted (i32.const 9000) (i32.const 16))",
    );
    assert_eq!(reply(&source, gate(0, 0)), json!("0000000000001000"));
}

#[test]
fn there_is_no_input() {
    let source = source(
        &[
            ("io/streams", "[method]input-stream.read", "(param i32 i64 i32)"),
            ("cli/stdin", "get-stdin", "(result i32)"),
        ],
        // Result error, case 1: closed.
        "(call $read (call $get-stdin) (i64.const 10) (i32.const 600)) \
         (call $hex (i32.const 9000) (i64.extend_i32_u (i32.add (i32.mul (i32.const 16) (i32.load8_u (i32.const 600))) \
         (i32.load8_u (i32.const 604))))) (call $quoted (i32.const 9000) (i32.const 16))",
    );
    assert_eq!(reply(&source, gate(0, 0)), json!("0000000000000011"));
}

#[test]
fn there_is_no_network() {
    let denied = source(
        &[(
            "sockets/tcp-create-socket",
            "create-tcp-socket",
            "(param i32 i32)",
        )],
        // Result error, case 1: access-denied.
        "(call $create-tcp-socket (i32.const 0) (i32.const 600)) \
         (call $hex (i32.const 9000) (i64.extend_i32_u (i32.add (i32.mul (i32.const 16) (i32.load8_u (i32.const 600))) \
         (i32.load8_u (i32.const 604))))) (call $quoted (i32.const 9000) (i32.const 16))",
    );
    assert_eq!(reply(&denied, gate(0, 0)), json!("0000000000000011"));
    let ended = source(
        &[("sockets/instance-network", "instance-network", "(result i32)")],
        "(drop (call $instance-network)) (i32.const 0)",
    );
    let error = error_of(House::new().guest(&ended).run(gate(0, 0), &json!({})));
    assert_eq!(error.code, "P0731");
    assert!(
        error.to_string().contains("wasi:sockets/instance-network"),
        "{error}"
    );
}

#[test]
fn a_guest_that_ends_itself_has_failed_whatever_it_says() {
    let source = source(
        &[("cli/exit", "exit", "(param i32)")],
        "(call $exit (i32.const 0)) (i32.const 0)",
    );
    let error = error_of(House::new().guest(&source).run(gate(0, 0), &json!({})));
    assert_eq!(error.code, "P0730");
}

#[test]
fn too_many_random_bytes_at_once_are_refused() {
    let source = source(
        &[("random/random", "get-random-bytes", "(param i64 i32)")],
        "(call $get-random-bytes (i64.const -1) (i32.const 600)) (i32.const 0)",
    );
    assert_eq!(
        error_of(House::new().guest(&source).run(gate(0, 0), &json!({}))).code,
        "P0731"
    );
}
