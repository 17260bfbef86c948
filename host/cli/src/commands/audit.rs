//! `audit`: whether the journal is as it was written, and exports that can be checked elsewhere.

use crate::args::Audit;
use crate::exit::Exit;
use crate::output::{Output, Style, err, msg};
use crate::site::Opened;
use procedo_core::Result;
use procedo_store::audit::{Report, export, verify, verify_against, verify_export};
use procedo_store::chain::Head;
use serde_json::json;
use std::io::{BufReader, Write};
use std::path::Path;

/// Checks or exports the journal.
pub fn audit(opened: &Opened, output: &Output, args: &Audit) -> Result<Exit> {
    match args {
        Audit::Verify { export, head } => {
            let report = match (export, head) {
                (Some(export), _) => of_export(export)?,
                (None, Some(head)) => verify_against(opened.store()?, &read_head(head)?)?,
                (None, None) => verify(opened.store()?)?,
            };
            tell(output, &report);
            Ok(if report.is_whole() {
                Exit::Done
            } else {
                Exit::Failed
            })
        }
        Audit::Export { run, output: file } => write_export(opened, output, run.as_deref(), file.as_deref()),
    }
}

fn of_export(file: &Path) -> Result<Report> {
    let opened = std::fs::File::open(file)
        .map_err(|error| err!(Invalid, "P0003", path = file.display(), reason = error))?;
    verify_export(&mut BufReader::new(opened), None)
}

/// A head as `audit verify --json` and `audit export` tell it: alone, or as the member `head`.
fn read_head(file: &Path) -> Result<Head> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| err!(Invalid, "P0003", path = file.display(), reason = error))?;
    let unfit = |error: serde_json::Error| err!(Invalid, "P0017", path = file.display(), reason = error);
    let value: serde_json::Value = serde_json::from_str(&text).map_err(unfit)?;
    serde_json::from_value(value.get("head").unwrap_or(&value).clone()).map_err(unfit)
}

fn tell(output: &Output, report: &Report) {
    if output.json {
        let mut document = serde_json::to_value(report).unwrap_or_default();
        document["whole"] = json!(report.is_whole());
        document["messages"] = report
            .findings
            .iter()
            .map(|finding| output.tell(&finding.message()))
            .collect();
        output.document(&document);
        return;
    }
    for finding in &report.findings {
        output.line(output.paint(Style::Bad, format!("✗ {}", output.tell(&finding.message()))));
    }
    for unsigned in &report.unsigned {
        let told = output.tell(&msg!(
            "audit-unsigned",
            run = unsigned.run,
            count = unsigned.entries,
            since = unsigned.since
        ));
        output.line(output.paint(Style::Warning, format!("  {told}")));
    }
    let checked = msg!(
        "audit-checked",
        runs = report.runs,
        entries = report.entries,
        heads = report.heads,
        blobs = report.blobs,
    );
    output.say(&checked);
    if report.is_whole() {
        output.line(output.paint(Style::Good, format!("✓ {}", output.word("audit-whole"))));
    }
    if let Some(head) = &report.head {
        output.say(&msg!(
            "audit-head",
            number = head.number,
            digest = head.hash.short()
        ));
    }
}

fn write_export(opened: &Opened, output: &Output, run: Option<&str>, file: Option<&Path>) -> Result<Exit> {
    let store = opened.store()?;
    let run = run.map(|run| opened.run(run)).transpose()?;
    let Some(file) = file else {
        let mut out = Sink::new(std::io::stdout().lock());
        let exported = export(store, run.as_ref(), &mut out);
        return match out.broken {
            // Whoever stopped reading has what they wanted.
            Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Exit::Done),
            Some(error) => Err(err!(Failed, "P0004", path = "-", reason = error)),
            None => exported.map(|_| Exit::Done),
        };
    };
    let unwritable = |error: std::io::Error| err!(Failed, "P0004", path = file.display(), reason = error);
    let mut out = Sink::new(std::io::BufWriter::new(
        std::fs::File::create(file).map_err(unwritable)?,
    ));
    let exported = export(store, run.as_ref(), &mut out);
    if let Some(error) = out.broken {
        return Err(unwritable(error));
    }
    let head = exported?;
    let mut out = out.inner;
    out.flush().map_err(unwritable)?;
    out.get_ref().sync_all().map_err(unwritable)?;
    if output.json {
        output.document(&json!({"file": file, "head": head}));
    } else {
        output.say(&msg!("audit-exported", path = file.display()));
        if let Some(head) = head {
            output.say(&msg!(
                "audit-head",
                number = head.number,
                digest = head.hash.short()
            ));
        }
    }
    Ok(Exit::Done)
}

/// Where an export goes; it keeps the error that a writer gave, so that it is not taken for one of the journal.
struct Sink<W> {
    inner: W,
    broken: Option<std::io::Error>,
}

impl<W: Write> Sink<W> {
    fn new(inner: W) -> Self {
        Self { inner, broken: None }
    }

    fn noting<T>(&mut self, result: std::io::Result<T>) -> std::io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            if kind != std::io::ErrorKind::Interrupted {
                self.broken.get_or_insert(error);
            }
            kind.into()
        })
    }
}

impl<W: Write> Write for Sink<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes);
        self.noting(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let flushed = self.inner.flush();
        self.noting(flushed)
    }
}
