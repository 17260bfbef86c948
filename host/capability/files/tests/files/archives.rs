//! Entries of zip, war and jar archives.

use crate::bench::{Bench, code};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io::{Cursor, Read, Write};
use zip::write::{FullFileOptions, SimpleFileOptions};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// How sizes and checksum of an entry are stored.
#[derive(Clone, Copy, Debug)]
enum Sizes {
    InHeader,
    AfterData { signature: bool },
}

/// An entry as its bytes in an archive, stored without compression.
#[derive(Clone, Debug)]
struct Raw {
    name: &'static str,
    data: Vec<u8>,
    sizes: Sizes,
    flags: u16,
    local_extra: &'static [u8],
}

fn raw(name: &'static str, data: &[u8]) -> Raw {
    Raw {
        name,
        data: data.to_vec(),
        sizes: Sizes::InHeader,
        flags: 0,
        local_extra: b"",
    }
}

/// The checksum of ISO 3309 that zip uses.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// An archive, byte by byte after APPNOTE.TXT 4.3, in forms that the crate `zip` does not write.
fn build(entries: &[Raw], comment: &[u8]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for Raw {
        name,
        data,
        sizes,
        flags,
        local_extra,
    } in entries
    {
        let offset = out.len() as u32;
        let fields: Vec<u8> = [crc32(data), data.len() as u32, data.len() as u32]
            .map(u32::to_le_bytes)
            .concat();
        let (flags, in_header) = match sizes {
            Sizes::InHeader => (*flags, fields.clone()),
            Sizes::AfterData { .. } => (flags | 8, vec![0; 12]),
        };
        let fixed = |sizes: &[u8]| {
            [
                &20_u16.to_le_bytes()[..],
                &flags.to_le_bytes(),
                &[0, 0, 0x21, 0x43, 0x65, 0x47],
                sizes,
            ]
            .concat()
        };
        let length = |length: usize| (length as u16).to_le_bytes();
        out.extend(
            [
                b"PK\x03\x04",
                &fixed(&in_header)[..],
                &length(name.len()),
                &length(local_extra.len()),
            ]
            .concat(),
        );
        out.extend([name.as_bytes(), local_extra, data].concat());
        if let Sizes::AfterData { signature } = sizes {
            out.extend_from_slice(if *signature { b"PK\x07\x08" } else { b"" });
            out.extend_from_slice(&fields);
        }
        directory.extend(
            [
                b"PK\x01\x02\x14\x03",
                &fixed(&fields)[..],
                &length(name.len()),
                &[0; 4],
            ]
            .concat(),
        );
        directory.extend([&[0; 8][..], &offset.to_le_bytes(), name.as_bytes()].concat());
    }
    let count = (entries.len() as u16).to_le_bytes();
    let (size, start) = (
        (directory.len() as u32).to_le_bytes(),
        (out.len() as u32).to_le_bytes(),
    );
    out.extend(directory);
    out.extend(
        [
            b"PK\x05\x06\0\0\0\0",
            &count[..],
            &count,
            &size,
            &start,
            &(comment.len() as u16).to_le_bytes(),
            comment,
        ]
        .concat(),
    );
    out
}

/// All that stands in an archive for each entry: from its local header to the next one or to the directory.
fn records(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names: Vec<_> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let starts: Vec<_> = (0..zip.len())
        .map(|index| zip.by_index_raw(index).unwrap().header_start() as usize)
        .collect();
    let end = zip.central_directory_start() as usize;
    names
        .into_iter()
        .zip(&starts)
        .map(|(name, start)| {
            let next = starts
                .iter()
                .filter(|other| *other > start)
                .min()
                .copied()
                .unwrap_or(end);
            (name, bytes[*start..next].to_vec())
        })
        .collect()
}

fn content(bytes: &[u8], entry: &str) -> Vec<u8> {
    let mut content = Vec::new();
    ZipArchive::new(Cursor::new(bytes))
        .unwrap()
        .by_name(entry)
        .unwrap()
        .read_to_end(&mut content)
        .unwrap();
    content
}

/// A war as build tools make them: manifest first, folders, stored and packed entries, a comment, extra fields.
fn war() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default()
        .last_modified_time(DateTime::from_date_and_time(2019, 2, 3, 4, 5, 6).unwrap());
    zip.set_comment("built on a Monday").unwrap();
    zip.start_file("META-INF/MANIFEST.MF", packed).unwrap();
    zip.write_all(b"Manifest-Version: 1.0\r\n").unwrap();
    zip.add_directory("WEB-INF", packed).unwrap();
    zip.start_file("WEB-INF/web.xml", packed.unix_permissions(0o640))
        .unwrap();
    zip.write_all("<web-app>\n  <display-name>Grüße</display-name>\n</web-app>\n".as_bytes())
        .unwrap();
    zip.start_file(
        "img/logo.gif",
        packed.compression_method(CompressionMethod::Stored),
    )
    .unwrap();
    zip.write_all(&[7; 300]).unwrap();
    let mut odd = FullFileOptions::default().last_modified_time(DateTime::default());
    odd.add_extra_field(0xABCD, b"extra", false).unwrap();
    zip.start_file("last.js", odd.with_file_comment("about it"))
        .unwrap();
    zip.write_all(&b"var a = 1;\n".repeat(50)).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn an_archive_is_listed_in_its_own_order_and_an_entry_is_read() {
    let bench = Bench::new();
    bench.write("app.war", &war());
    let listed = bench.call("list-archive", json!({"path": "app.war"})).unwrap();
    assert_eq!(
        listed,
        json!([
            "META-INF/MANIFEST.MF",
            "WEB-INF/",
            "WEB-INF/web.xml",
            "img/logo.gif",
            "last.js"
        ])
    );
    let read = |entry: &str| bench.call("read-archive", json!({"path": "app.war", "entry": entry}));
    let manifest = read("META-INF/MANIFEST.MF").unwrap();
    assert_eq!(
        (manifest["text"].as_str(), manifest["line-end"].as_str()),
        (Some("Manifest-Version: 1.0\r\n"), Some("crlf"))
    );
    assert_eq!(code(read("none")), "P0331");
    assert_eq!(code(read("WEB-INF/")), "P0331");
    bench.write("no.zip", b"text");
    assert_eq!(
        code(bench.call("list-archive", json!({"path": "no.zip"}))),
        "P0329"
    );
}

#[test]
fn replacing_an_entry_leaves_every_other_byte_and_is_undone() {
    for entry in [
        "META-INF/MANIFEST.MF",
        "WEB-INF/web.xml",
        "img/logo.gif",
        "last.js",
    ] {
        let bench = Bench::new();
        bench.write("app.war", &war());
        let before = bench.snapshot();
        let options = json!({"encoding": "utf-8", "line-end": "lf"});
        let args =
            json!({"path": "app.war", "entry": entry, "text": "neu: äöü\n".repeat(40), "options": options});
        let made = bench.make(1, "write-archive", args.clone()).unwrap();
        let change = made.change.as_ref().unwrap();
        assert_eq!(change.target, format!("app.war!/{entry}"));
        let after = bench.bytes("app.war");
        assert_eq!(content(&after, entry), "neu: äöü\n".repeat(40).as_bytes());
        let (old, new) = (records(&war()), records(&after));
        assert_eq!(old.len(), new.len());
        for (old, new) in old.iter().zip(&new) {
            assert_eq!(old.0, new.0, "the order");
            assert_eq!(old.1 == new.1, old.0 != entry, "{}", old.0);
        }
        let mut zip = ZipArchive::new(Cursor::new(&after[..])).unwrap();
        zip.validate_header_consistency().unwrap();
        assert_eq!(zip.comment(), b"built on a Monday");
        assert_eq!(zip.by_name("last.js").unwrap().comment(), "about it");
        assert_eq!(bench.call("write-archive", args).unwrap()["changed"], false);
        bench.undo_live(&made, 2);
        assert_eq!(bench.snapshot(), before);
    }
}

#[test]
fn sizes_after_the_data_stay_there_with_and_without_signature() {
    for signature in [true, false] {
        let after_data = Sizes::AfterData { signature };
        let entries = [
            raw("first", b"1"),
            Raw {
                sizes: after_data,
                local_extra: b"\xFE\xCA\0\0",
                ..raw("page.htm", b"old text")
            },
            Raw {
                sizes: after_data,
                ..raw("last", b"3")
            },
        ];
        let bench = Bench::new();
        bench.write("a.jar", &build(&entries, b"note"));
        bench
            .call(
                "write-archive",
                json!({"path": "a.jar", "entry": "page.htm", "text": "a longer new text"}),
            )
            .unwrap();
        let mut expected = entries.clone();
        expected[1].data = b"a longer new text".to_vec();
        assert_eq!(bench.bytes("a.jar"), build(&expected, b"note"));
    }
}

#[test]
fn an_archive_that_could_deceive_is_refused() {
    let bench = Bench::new();
    let list = |entries: &[Raw]| {
        bench.write("a.zip", &build(entries, b""));
        bench.call("list-archive", json!({"path": "a.zip"}))
    };
    let rule = |entries: &[Raw]| {
        let error = list(entries).unwrap_err();
        assert_eq!(error.code, "P0330");
        (
            error.message.args["rule"].clone(),
            error.message.args["entry"].clone(),
        )
    };
    assert!(list(&[raw("a", b"1"), raw("b", b"2")]).is_ok());
    assert_eq!(
        rule(&[raw("a", b"1"), raw("a", b"2")]),
        ("duplicate".to_owned(), "a".to_owned())
    );
    assert_eq!(rule(&[raw("../a", b"1")]).0, "unsafe");
    assert_eq!(rule(&[raw("a/..\\b", b"1")]).0, "unsafe");
    assert_eq!(rule(&[raw("/etc/passwd", b"1")]).0, "unsafe");
    assert_eq!(rule(&[raw("a\nb", b"1")]).0, "unsafe");

    bench.write(
        "a.zip",
        &build(
            &[
                Raw {
                    flags: 1,
                    ..raw("hidden", b"xxxxxxxxxxxxx")
                },
                raw("open", b"1"),
            ],
            b"",
        ),
    );
    let error = bench
        .call("read-archive", json!({"path": "a.zip", "entry": "hidden"}))
        .unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.args["rule"].as_str()),
        ("P0330", "encrypted")
    );
    assert_eq!(
        bench
            .call("read-archive", json!({"path": "a.zip", "entry": "open"}))
            .unwrap()["text"],
        "1"
    );
    bench
        .call(
            "write-archive",
            json!({"path": "a.zip", "entry": "open", "text": "22"}),
        )
        .unwrap();
}

#[test]
fn an_entry_that_unpacks_to_more_than_the_limit_is_refused_whatever_it_says_of_its_size() {
    let bench = Bench::with(json!({"max-file-bytes": 1000}));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bomb", SimpleFileOptions::default()).unwrap();
    zip.write_all(&[0; 100_000]).unwrap();
    let honest = zip.finish().unwrap().into_inner();
    bench.write("a.zip", &honest);
    let read = || bench.call("read-archive", json!({"path": "a.zip", "entry": "bomb"}));
    assert_eq!(code(read()), "P0339");
    let mut lying = honest.clone();
    for place in 0..lying.len() - 4 {
        if lying[place..place + 4] == 100_000_u32.to_le_bytes() {
            lying[place..place + 4].copy_from_slice(&10_u32.to_le_bytes());
        }
    }
    assert_ne!(lying, honest);
    bench.write("a.zip", &lying);
    assert!(["P0329", "P0339"].contains(&code(read()).as_str()));
}

#[test]
fn what_cannot_be_written_is_said_and_the_archive_is_left() {
    let bench = Bench::new();
    let archive = build(&[raw("a", b"1")], b"");
    let write = |bytes: &[u8]| {
        bench.write("a.zip", bytes);
        let result = bench.call(
            "write-archive",
            json!({"path": "a.zip", "entry": "a", "text": "2"}),
        );
        let code = code(result);
        assert_eq!(bench.bytes("a.zip"), bytes);
        code
    };
    assert_eq!(write(&[b"#!/bin/sh\n", &archive[..]].concat()), "P0338");
    assert_eq!(
        code(bench.call("read-archive", json!({"path": "a.zip", "entry": "none"}))),
        "P0331"
    );
    let mut zip64 = ZipWriter::new(Cursor::new(Vec::new()));
    zip64
        .start_file("a", SimpleFileOptions::default().large_file(true))
        .unwrap();
    zip64.write_all(b"1").unwrap();
    assert_eq!(write(&zip64.finish().unwrap().into_inner()), "P0338");
    assert!(["P0329", "P0331"].contains(&write(&archive[..archive.len() - 1]).as_str()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::site::CASES.min(48)))]

    #[test]
    fn any_entry_takes_any_text_and_the_others_keep_their_bytes(
        contents in proptest::collection::vec("[a-zäöü\n]{0,40}", 1..6),
        which: proptest::sample::Index,
        text in "[a-zäöü\n]{0,60}",
        after_data: bool,
        signature: bool,
        comment in "[ -~]{0,20}",
    ) {
        const NAMES: [&str; 6] = ["a", "b/c", "b/d.htm", "e", "f", "g"];
        let sizes = if after_data { Sizes::AfterData { signature } } else { Sizes::InHeader };
        let entries: Vec<Raw> =
            contents.iter().zip(NAMES).map(|(text, name)| Raw { sizes, ..raw(name, text.as_bytes()) }).collect();
        let which = which.index(entries.len());
        let bench = Bench::new();
        bench.write("a.zip", &build(&entries, comment.as_bytes()));
        let options = json!({"line-end": "lf"});
        bench.call("write-archive", json!({"path": "a.zip", "entry": NAMES[which], "text": text, "options": options})).unwrap();
        let mut expected = entries.clone();
        expected[which].data = text.into_bytes();
        prop_assert_eq!(bench.bytes("a.zip"), build(&expected, comment.as_bytes()));
    }

    #[test]
    fn damaged_archives_are_refused_without_panic(cut in 0_usize..600, place in 0_usize..600, byte: u8) {
        let mut bytes = war();
        let place = place % bytes.len();
        bytes[place] = byte;
        bytes.truncate(bytes.len() - cut % bytes.len());
        let bench = Bench::new();
        bench.write("a.zip", &bytes);
        let replies: [procedo_core::Result<Value>; 3] = [
            bench.call("list-archive", json!({"path": "a.zip"})),
            bench.call("read-archive", json!({"path": "a.zip", "entry": "last.js"})),
            bench.call("write-archive", json!({"path": "a.zip", "entry": "last.js", "text": "x"})),
        ];
        for reply in replies {
            if let Err(error) = reply {
                prop_assert!(["P0329", "P0330", "P0331", "P0338", "P0339", "P0319"].contains(&error.code.as_str()), "{}", error);
            }
        }
    }
}
