//! What archives are written to, checked before anything starts; and archives laid out for a restore, where `ontape` finds
//! them as it once wrote them, while what is there meanwhile waits beside.

use crate::driver::Mode;
use crate::informix::catalogue::{Catalogue, Entry};
use crate::informix::server::Server;
use crate::informix::settings::{Method, Onconfig};
use procedo_core::capability::{Context, Stop};
use procedo_core::{Error, Kind, Result};
use procedo_machine::{FileKind, Limits, Program};

/// Where something waits that had the name which `ontape` reads from.
fn aside(device: &str) -> String {
    format!("{device}.procedo-aside")
}

/// The name under which `ontape`, as it is configured now, looks for the archive of a backup.
pub(crate) fn device_of(entry: &Entry, onconfig: &Onconfig) -> String {
    let folder = onconfig.tapedev.trim_end_matches('/');
    match entry.device.rsplit_once('/') {
        Some((_, file)) if entry.method == "directory" => format!("{folder}/{file}"),
        _ => folder.to_owned(),
    }
}

impl Server {
    /// Checks what archives are written to, before anything is started.
    pub(crate) fn check_medium(&self, onconfig: &Onconfig) -> Result<()> {
        let device = onconfig.tapedev.as_str();
        let method = self.settings.method;
        let wrong = |code: &str| self.error(Kind::Conflict, code).with("device", device);
        if method == Method::Onbar {
            return match onconfig.activity_log {
                Some(_) => Ok(()),
                None => Err(self.misconfigured("BAR_ACT_LOG", "", "missing")),
            };
        }
        if self.leads_nowhere(device)? {
            return Err(self.misconfigured("TAPEDEV", device, "null"));
        }
        let found = self.machine.stat(device)?;
        let fits = match found.map(|found| found.kind) {
            None => false,
            Some(FileKind::Folder) => method == Method::Directory,
            Some(FileKind::Regular) => matches!(method, Method::File | Method::Tape),
            Some(FileKind::Special) => method == Method::Tape,
        };
        if !fits {
            let kind = match found.map(|found| found.kind) {
                None => "missing",
                Some(FileKind::Folder) => "folder",
                Some(FileKind::Regular) => "file",
                Some(FileKind::Special) => "device",
            };
            return Err(wrong("P1233").with("found", kind).with("method", method.name()));
        }
        if !self.is_writable(device)? {
            return Err(wrong("P1235"));
        }
        if method == Method::File {
            if onconfig.tapesize != "0" {
                return Err(self.misconfigured("TAPESIZE", &onconfig.tapesize, "unlimited"));
            }
            let size = found.map_or(0, |found| found.size);
            if size > 0 {
                return Err(wrong("P1234").with("bytes", size));
            }
        }
        Ok(())
    }

    /// Whether it is where bytes vanish: the server takes that for a backup, and there is none afterwards.
    fn leads_nowhere(&self, device: &str) -> Result<bool> {
        let program = Program::new("readlink").args(["-f", "--", device]);
        let output = self.machine.run(&program, &Limits::default(), &Stop::default())?;
        Ok(output.text().trim() == "/dev/null")
    }

    /// The server has to run for a backup.
    pub(crate) fn expect_running(&self, context: &Context<'_>) -> Result<String> {
        let report = self.report(context.stop)?;
        match report.mode {
            Mode::Online | Mode::Quiescent | Mode::Administration => Ok(report.version),
            _ => Err(self.not_running(&report.words)),
        }
    }

    pub(crate) fn not_running(&self, words: &str) -> Error {
        self.error(Kind::Unavailable, "P1240").with("words", words)
    }

    /// Makes the name that `ontape` reads from lead to the archive of a backup. Can be repeated, also for another archive.
    pub(crate) fn lay_out(&self, entry: &Entry, onconfig: &Onconfig) -> Result<()> {
        if !entry.is_file() {
            return Ok(());
        }
        let archive = Catalogue { server: self }.archive_of(entry);
        let device = &device_of(entry, onconfig);
        if !self.is_link(device)? && self.machine.stat(device)?.is_some() {
            self.rename(device, &aside(device), &Stop::default())?;
        }
        self.link(&archive, device)
    }

    /// Puts back what had the name before. Can be repeated.
    pub(crate) fn put_away(&self, entry: &Entry, onconfig: &Onconfig) -> Result<()> {
        if !entry.is_file() {
            return Ok(());
        }
        let device = &device_of(entry, onconfig);
        if self.is_link(device)? {
            self.remove(device)?;
        }
        if self.machine.stat(&aside(device))?.is_some() && self.machine.stat(device)?.is_none() {
            self.rename(&aside(device), device, &Stop::default())?;
        }
        Ok(())
    }
}
