//! The folder of a simulated site: its content, and the address in its `procedo.toml`.

use crate::machine::make::{self, Password};
use crate::on_path;
use procedo_core::{Error, Kind, Result};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use toml_edit::DocumentMut;

/// The first port that a new lab tries.
const FIRST_PORT: u16 = 8480;
/// How many ports it tries before it takes any that is free.
const PORTS: u16 = 100;

/// The place of the port in the template of `procedo.toml`.
const PORT_MARK: &str = "@PORT@";

macro_rules! content {
    ($($path:literal),* $(,)?) => {
        /// All files of the site besides `procedo.toml`, byte for byte.
        pub const FILES: &[(&str, &[u8])] = &[$(($path, include_bytes!(concat!("../site/", $path)))),*];
    };
}

content![
    "translations/deutsch.csv",
    "translations/deutsch.po",
    "translations/español.po",
    "web/Default.htm",
    "web/HPWC.ini",
    "web/VXML/Initialize.vxml",
    "web/html/WCCallbackMain.htm",
    "web/html/WCMain.htm",
    "web/html/english/CallMePage.htm",
    "web/html/english/CaptureWCData.htm",
    "web/html/english/Help.htm",
    "web/html/english/Privacy.htm",
    "web/html/english/WCChat.htm",
    "web/html/english/WCHeader.htm",
    "web/html/english/WCSession.htm",
    "web/html/english/WebCallback.htm",
    "web/html/english/WebCallbackDone.htm",
    "web/html/english/check.js",
    "web/html/english/images/back.gif",
    "web/html/english/images/help.gif",
    "web/html/english/images/livehelp.png",
    "web/html/english/images/phone.gif",
    "web/html/english/styles.css",
    "web/images/english/banner.png",
    "web/images/logo.png",
];

/// A simulated site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lab {
    /// Its folder.
    pub dir: PathBuf,
    /// The port of its web server.
    pub port: u16,
}

impl Lab {
    /// Makes the site's folder: `procedo.toml`, the folder `web` with the web components, `translations`, and `machines` with
    /// the servers, whose programs are `program` with these arguments before their own. Tells the passwords that the
    /// servers' accounts have, which stand nowhere in the folder. The folder must be empty or not exist (`P0901`).
    pub fn create(dir: &Path, program: &Path, arguments: &[&str]) -> Result<(Self, Vec<Password>)> {
        match std::fs::read_dir(dir) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(Error::new(Kind::Conflict, "P0901").with("path", dir.display()));
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(on_path(dir)(error)),
        }
        for (path, bytes) in FILES {
            let path = dir.join(path);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(on_path(folder))?;
            }
            std::fs::write(&path, bytes).map_err(on_path(&path))?;
        }
        let port = free_port()?;
        // What the site's declarations say of the servers are absolute paths.
        let dir = &dir.canonicalize().map_err(on_path(dir))?;
        let failed = |reason| Error::new(Kind::Failed, "P0909").with("reason", reason);
        let passwords = make::passwords().map_err(failed)?;
        make::folders(dir, &passwords).map_err(failed)?;
        make::program(dir, program, arguments).map_err(failed)?;
        let declarations = include_str!("../site/procedo.toml").replace(PORT_MARK, &port.to_string());
        let declarations = declarations + &make::declarations(dir);
        // Last, so that a folder that was only half made is not taken for a site.
        replace(&dir.join("procedo.toml"), declarations.as_bytes())?;
        let lab = Self {
            dir: dir.to_owned(),
            port,
        };
        Ok((lab, passwords))
    }

    /// The lab whose site's folder this is (`P0902` if it is none).
    pub fn open(dir: &Path) -> Result<Self> {
        let port = port_in(&read(dir)?)
            .ok_or_else(|| Error::new(Kind::Invalid, "P0908").with("path", toml(dir).display()))?;
        if !dir.join("web").is_dir() {
            return Err(Error::new(Kind::NotFound, "P0902").with("path", dir.display()));
        }
        // The same lab by whatever name the folder is called.
        let dir = dir.canonicalize().map_err(on_path(dir))?;
        Ok(Self { dir, port })
    }

    /// Writes another port into `procedo.toml`, leaving everything else as it is.
    pub fn move_to(&mut self, port: u16) -> Result<()> {
        let mut document = read(&self.dir)?;
        document["resource"]["http"]["web"]["origin"] = toml_edit::value(origin(port));
        replace(&toml(&self.dir), document.to_string().as_bytes())?;
        self.port = port;
        Ok(())
    }

    /// The origin of its web server.
    pub fn origin(&self) -> String {
        origin(self.port)
    }
}

fn origin(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn toml(dir: &Path) -> PathBuf {
    dir.join("procedo.toml")
}

fn read(dir: &Path) -> Result<DocumentMut> {
    let path = toml(dir);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::new(Kind::NotFound, "P0902").with("path", dir.display()));
        }
        Err(error) => return Err(on_path(&path)(error)),
    };
    text.parse().map_err(|error| {
        Error::new(Kind::Invalid, "P0907")
            .with("path", path.display())
            .with("reason", error)
    })
}

/// The port of the lab's web server, if the site has one on loopback.
fn port_in(document: &DocumentMut) -> Option<u16> {
    let origin = document
        .get("resource")?
        .get("http")?
        .get("web")?
        .get("origin")?
        .as_str()?;
    origin
        .trim_end_matches('/')
        .strip_prefix("http://127.0.0.1:")?
        .parse()
        .ok()
}

/// Puts a file in place of another, whole or not at all.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let written = std::fs::File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(on_path(&new))?;
    std::fs::rename(&new, path).map_err(on_path(path))
}

fn free_port() -> Result<u16> {
    let try_port = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = (FIRST_PORT..FIRST_PORT + PORTS).find_map(|port| try_port(port).ok());
    let any = listener.map_or_else(|| try_port(0), Ok);
    let address = any.and_then(|listener| listener.local_addr());
    Ok(address
        .map_err(|error| Error::new(Kind::Unavailable, "P0903").with("reason", error))?
        .port())
}
