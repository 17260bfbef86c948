//! The plugins of a process: what they share, and how one is loaded.

use crate::cache::Cache;
use crate::engine::{Admitted, Engines};
use crate::guest::{Failure, Living, Procedure, State};
use crate::limits::{FILE, Limits};
use crate::manifest::{ProcedureInfo, manifests};
use crate::refusal::{self, Circumstances};
use crate::wasi;
use procedo_core::Result;
use procedo_core::caller::{Caller, Ended, Guest};
use procedo_core::manifest::Manifest;
use procedo_core::value::Digest;
use procedo_interface::Table;
use procedo_interface::component::check;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use wasmtime::component::{Component, InstancePre};
use wasmtime::{Engine, PoolConcurrencyLimitError};

/// The plugins of a process. It costs next to nothing to have: wasmtime starts with the first plugin that is compiled or
/// run, and a plugin that was loaded before is listed without it.
pub struct PluginHost {
    shared: Arc<Shared>,
}

struct Shared {
    table: Arc<Table>,
    cache: Cache,
    limits: Limits,
    engines: OnceLock<Result<Engines>>,
}

impl PluginHost {
    /// Plugins that call the functions of a table. Compiled ones are kept in a folder that is made on first use, and that
    /// only the owner of this process may reach.
    pub fn new(table: Arc<Table>, cache: impl Into<PathBuf>) -> Self {
        Self::with_limits(table, cache, Limits::default())
    }

    /// The same with other limits.
    pub fn with_limits(table: Arc<Table>, cache: impl Into<PathBuf>, limits: Limits) -> Self {
        let cache = Cache::new(cache.into());
        Self {
            shared: Arc::new(Shared {
                table,
                cache,
                limits,
                engines: OnceLock::new(),
            }),
        }
    }

    /// The procedures of a plugin.
    ///
    /// # Errors
    /// `P0701` to `P0713` for a file that cannot be a plugin of this host; `P0720` to `P0731` for one that misbehaves while
    /// it lists its procedures.
    pub fn load(&self, path: &Path) -> Result<Vec<Arc<dyn Guest>>> {
        let plugin = Arc::new(Plugin::read(self.shared.clone(), path)?);
        let manifests = plugin.manifests()?;
        Ok(manifests
            .into_iter()
            .map(|manifest| {
                Arc::new(Procedure {
                    plugin: plugin.clone(),
                    manifest,
                }) as Arc<dyn Guest>
            })
            .collect())
    }
}

impl Shared {
    fn engines(&self) -> Result<&Engines> {
        let start = || Engines::new(&self.table).map_err(|error| refusal::broken(&error));
        self.engines.get_or_init(start).as_ref().map_err(Clone::clone)
    }
}

/// A plugin's file, as it was when it was read.
pub struct Plugin {
    shared: Arc<Shared>,
    file: PathBuf,
    path: String,
    digest: Digest,
    ready: OnceLock<Result<Ready>>,
}

/// A component ready to be instantiated. One of the two is there at once; the plain one also on demand.
struct Ready {
    pooled: Option<InstancePre<State>>,
    plain: OnceLock<Result<InstancePre<State>>>,
}

impl Plugin {
    fn read(shared: Arc<Shared>, file: &Path) -> Result<Self> {
        let path = file.display().to_string();
        let bytes = bytes_of(file, &path)?;
        refusal::recognise(&path, &bytes)?;
        let plugin = Self {
            shared,
            file: file.to_owned(),
            path,
            digest: Digest::of(&bytes),
            ready: OnceLock::new(),
        };
        Ok(plugin)
    }

    /// The path of its file, for messages.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What a run of one of its procedures pins.
    pub fn pins(&self) -> Vec<(String, Digest)> {
        let interface = format!("{}@{}", self.shared.table.package, self.shared.table.version);
        vec![
            ("plugin".to_owned(), self.digest),
            ("interface".to_owned(), Digest::of(interface.as_bytes())),
            ("limits".to_owned(), self.shared.limits.digest()),
        ]
    }

    /// What it says about its procedures, asked once for each file and version of the interface.
    fn manifests(&self) -> Result<Vec<Manifest>> {
        let name = format!("{}-{}.manifests", self.digest, self.shared.table.version);
        let kept = self
            .shared
            .cache
            .get(&name)
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if let Some(manifests) = kept {
            return Ok(manifests);
        }
        let infos = self.list()?;
        let manifests = manifests(infos)
            .map_err(|(procedure, reason)| refusal::bad_manifest(&self.path, &procedure, &reason))?;
        if let Ok(bytes) = serde_json::to_vec(&manifests) {
            self.shared.cache.put(&name, &bytes);
        }
        Ok(manifests)
    }

    fn list(&self) -> Result<Vec<ProcedureInfo>> {
        let failed = |ended| match ended {
            Ended::Failed(error) => error,
            // Nobody can stop a guest without a run.
            Ended::Stopped => refusal::broken(&procedo_interface::component::Stopped.into()),
        };
        let mut living = self.instance(None).map_err(failed)?;
        let not_exported = |export: &str, error| refusal::not_exported(&self.path, export, &error);
        // Both exports are looked at, so that a plugin that cannot run is refused before anybody relies on it.
        living
            .instance
            .get_typed_func::<(&str, &str), (std::result::Result<String, Failure>,)>(&mut living.store, "run")
            .map_err(|error| not_exported("run", error))?;
        let procedures = living
            .instance
            .get_typed_func::<(), (Vec<ProcedureInfo>,)>(&mut living.store, "procedures")
            .map_err(|error| not_exported("procedures", error))?;
        match procedures.call(&mut living.store, ()) {
            Ok((infos,)) => Ok(infos),
            Err(error) => Err(failed(living.ended(&error, &self.path))),
        }
    }

    /// Runs one of its procedures.
    pub fn run(
        &self,
        caller: Arc<dyn Caller>,
        id: &str,
        params: &str,
    ) -> std::result::Result<std::result::Result<String, Failure>, Ended> {
        self.instance(Some(caller))?.run(id, params, &self.path)
    }

    /// An instance: in the pool, or beside it when the pool is full.
    fn instance(&self, caller: Option<Arc<dyn Caller>>) -> std::result::Result<Living, Ended> {
        let engines = self.shared.engines().map_err(Ended::Failed)?;
        let ready = self
            .ready
            .get_or_init(|| self.prepare(engines))
            .as_ref()
            .map_err(|error| Ended::Failed(error.clone()))?;
        let limits = &self.shared.limits;
        let ended = |error: wasmtime::Error, starved| {
            refusal::ended(
                &error,
                &Circumstances {
                    path: &self.path,
                    limits,
                    starved,
                    made: false,
                },
            )
        };
        let mut admitted: Admitted = engines
            .admit(caller.as_deref())
            .map_err(|error| ended(error, false))?;
        if let (Some(place), Some(pre)) = (&engines.pooled, &ready.pooled) {
            match Living::make(pre, place, admitted, caller.clone(), limits) {
                Ok(living) => return Ok(living),
                Err(unmade) if unmade.error.is::<PoolConcurrencyLimitError>() => admitted = unmade.admitted,
                Err(unmade) => return Err(ended(unmade.error, unmade.starved)),
            }
        }
        let pre = ready.plain.get_or_init(|| self.beside(engines, ready)).as_ref();
        let pre = pre.map_err(|error| Ended::Failed(error.clone()))?;
        Living::make(pre, &engines.plain, admitted, caller, limits)
            .map_err(|unmade| ended(unmade.error, unmade.starved))
    }

    /// Loads the compiled component, or compiles it.
    fn prepare(&self, engines: &Engines) -> Result<Ready> {
        let name = format!("{}-{}.cwasm", self.digest, engines.code_name());
        let kept = self.shared.cache.get(&name);
        if let Some(ready) = kept.and_then(|code| self.link(engines, &code).ok()) {
            return Ok(ready);
        }
        let bytes = bytes_of(&self.file, &self.path)?;
        if Digest::of(&bytes) != self.digest {
            return Err(refusal::replaced(&self.path));
        }
        let code = engines
            .plain
            .engine
            .precompile_component(&bytes)
            .map_err(|error| refusal::damaged(&self.path, &error))?;
        let ready = self.link(engines, &code)?;
        self.shared.cache.put(&name, &code);
        self.shared
            .cache
            .forget_others(&format!("{}-", self.digest), ".cwasm", &name);
        Ok(ready)
    }

    /// Makes code ready to be instantiated, in the pool if it fits there.
    fn link(&self, engines: &Engines, code: &[u8]) -> Result<Ready> {
        if let Some(place) = &engines.pooled
            && let Ok(component) = revive(&place.engine, code)
        {
            return Ok(Ready {
                pooled: Some(self.bind(&component, place)?),
                plain: OnceLock::new(),
            });
        }
        let component =
            revive(&engines.plain.engine, code).map_err(|error| refusal::damaged(&self.path, &error))?;
        let plain = OnceLock::from(Ok(self.bind(&component, &engines.plain)?));
        Ok(Ready { pooled: None, plain })
    }

    /// The component of the pool once more, outside it.
    fn beside(&self, engines: &Engines, ready: &Ready) -> Result<InstancePre<State>> {
        let component = ready.pooled.as_ref().map(|pre| {
            let code = pre.component().serialize()?;
            revive(&engines.plain.engine, &code)
        });
        let component = component.unwrap_or_else(|| Err(wasmtime::Error::msg("a component that is nowhere")));
        self.bind(
            &component.map_err(|error| refusal::broken(&error))?,
            &engines.plain,
        )
    }

    /// Compares what the component imports with what this host has, and binds it.
    fn bind(&self, component: &Component, place: &crate::engine::Place) -> Result<InstancePre<State>> {
        let ty = component.component_type();
        check(&ty, &place.engine, &self.shared.table)
            .map_err(|found| refusal::mismatch(&self.path, found))?;
        let damaged = |error: wasmtime::Error| refusal::damaged(&self.path, &error);
        match wasi::linked(&place.linker, &place.engine, &ty).map_err(damaged)? {
            Some(linker) => linker.instantiate_pre(component),
            None => place.linker.instantiate_pre(component),
        }
        .map_err(damaged)
    }
}

/// Turns compiled code into a component.
#[allow(unsafe_code)]
fn revive(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `deserialize` must get what `precompile_component` or `serialize` made. Every caller has it from one of the
    // two directly, or from the cache, which gives only files whose keyed digest is right: files that this host wrote, from
    // what `precompile_component` made. The bytes are in memory, so nobody can alter them after the check. wasmtime itself
    // refuses code of another version or configuration.
    unsafe { Component::deserialize(engine, code) }
}

fn bytes_of(file: &Path, path: &str) -> Result<Vec<u8>> {
    let unreadable = |error| refusal::unreadable(path, &error);
    let opened = File::open(file).map_err(unreadable)?;
    // A hint only: it saves making room again and again.
    let size = opened.metadata().map_or(0, |known| known.len().min(FILE));
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    // One byte more than allowed tells a file that is too large, also one that grows or has no size.
    opened
        .take(FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    match u64::try_from(bytes.len()) {
        Ok(size) if size <= FILE => Ok(bytes),
        _ => Err(refusal::oversized(path)),
    }
}
