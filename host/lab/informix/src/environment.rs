//! What the tools find in their environment, and the configuration file that it leads to.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Where a server is and how it is configured.
#[derive(Clone, Debug)]
pub struct Environment {
    /// `INFORMIXDIR`.
    pub dir: PathBuf,
    /// `INFORMIXSERVER`.
    pub server: String,
    /// `ONCONFIG`: the name of the configuration file in the folder `etc`.
    pub onconfig: String,
}

impl Environment {
    /// Reads it from the process's own environment.
    ///
    /// # Errors
    /// A sentence that names the variable which is missing.
    pub fn read() -> Result<Self, String> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let required = |name: &str| variable(name).ok_or_else(|| format!("{name} is not set"));
        Ok(Self {
            dir: required("INFORMIXDIR")?.into(),
            server: required("INFORMIXSERVER")?,
            onconfig: variable("ONCONFIG").unwrap_or_else(|| "onconfig".to_owned()),
        })
    }

    /// The configuration file.
    pub fn onconfig_file(&self) -> PathBuf {
        self.dir.join("etc").join(&self.onconfig)
    }

    /// The folder with the state of the simulated server.
    pub fn state_dir(&self) -> PathBuf {
        self.dir.join("lab").join(&self.server)
    }

    /// The parameters of the configuration file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn parameters(&self) -> io::Result<Parameters> {
        std::fs::read_to_string(self.onconfig_file()).map(|text| Parameters::parse(&text))
    }
}

/// The parameters of a configuration file.
#[derive(Clone, Debug, Default)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    fn parse(text: &str) -> Self {
        let parameter = |line: &str| {
            let line = line.split('#').next().unwrap_or_default();
            let (name, value) = line.trim().split_once(char::is_whitespace)?;
            Some((name.to_owned(), value.trim().to_owned()))
        };
        Self(text.lines().filter_map(parameter).collect())
    }

    /// A parameter, or its default.
    pub fn get<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        self.0.get(name).map_or(default, String::as_str)
    }

    /// A number, or its default.
    pub fn number(&self, name: &str, default: u64) -> u64 {
        self.0
            .get(name)
            .and_then(|value| value.parse().ok())
            .unwrap_or(default)
    }

    /// Where archives go.
    pub fn tapedev(&self) -> &Path {
        Path::new(self.get("TAPEDEV", "/dev/tapedev"))
    }
}
