//! Laying out archives for a restore: `ontape` finds them where it once wrote them, and what is there meanwhile comes back.

use crate::informix::catalogue::{Catalogue, Entry};
use crate::informix::server::Server;
use crate::informix::settings::Onconfig;
use procedo_core::Result;
use procedo_core::capability::Stop;

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
