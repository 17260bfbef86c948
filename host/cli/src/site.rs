//! The site that a command works on: finding it, and putting its parts together as far as the command needs them.

use crate::library::{self, SiteLibrary};
use crate::output::err;
use crate::people::{self, Person};
use procedo_core::caller::Guest;
use procedo_core::capability::Capability;
use procedo_core::message::Texts;
use procedo_core::run::RunId;
use procedo_core::site::Site;
use procedo_core::{Error, Result};
use procedo_database::Database;
use procedo_engine::operations::Operations;
use procedo_engine::schedule::operations::Schedules;
use procedo_engine::{Engine, Library, Secrets};
use procedo_files::Files;
use procedo_http::{Http, TrustStore};
use procedo_interface::{Signature, Table};
use procedo_machine::{MachineCapability, Machines};
use procedo_service::Services;
use procedo_store::{KeySource, Serving, SqliteStore, Store};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The file that makes a folder a site.
pub const DECLARATIONS: &str = "procedo.toml";
/// The folder of a site that holds its store.
pub const STORE: &str = ".procedo";

/// A site's folder with its declarations.
pub struct Place {
    pub dir: PathBuf,
    pub site: Site,
}

impl Place {
    /// Finds the site: the folder given, else the present one or the nearest above it that is a site.
    ///
    /// # Errors
    /// `P0001` if there is none, `P0002` if its declarations are refused, `P0003` if they cannot be read.
    pub fn find(given: Option<&Path>) -> Result<Self> {
        let start = match given {
            Some(dir) => dir.to_owned(),
            None => {
                std::env::current_dir().map_err(|error| err!(Failed, "P0003", path = ".", reason = error))?
            }
        };
        let absent = || err!(NotFound, "P0001", dir = start.display());
        let dir = match given {
            Some(dir) => dir.join(DECLARATIONS).is_file().then_some(dir),
            None => start.ancestors().find(|dir| dir.join(DECLARATIONS).is_file()),
        };
        let dir = dir.ok_or_else(absent)?;
        let dir = dir
            .canonicalize()
            .map_err(|error| err!(Failed, "P0003", path = dir.display(), reason = error))?;
        let site = read(&dir)?;
        Ok(Self { dir, site })
    }

    /// The file with the declarations.
    pub fn file(&self) -> PathBuf {
        self.dir.join(DECLARATIONS)
    }
}

/// Reads the declarations of the site in a folder.
pub fn read(dir: &Path) -> Result<Site> {
    let file = dir.join(DECLARATIONS);
    let text = std::fs::read_to_string(&file)
        .map_err(|error| err!(Invalid, "P0003", path = file.display(), reason = error))?;
    Site::parse(&text).map_err(|error| {
        err!(
            Invalid,
            "P0002",
            path = file.display(),
            excerpt = format!("\n{}", error.0.trim_end())
        )
    })
}

/// A site that is worked on. Its parts are made when they are first used.
pub struct Opened {
    pub place: Place,
    pub person: Person,
    texts: Arc<Texts>,
    store: OnceLock<Arc<SqliteStore>>,
    table: OnceLock<Arc<Table>>,
    library: OnceLock<Arc<SiteLibrary>>,
    engine: OnceLock<Engine>,
}

impl Opened {
    /// The site with whoever is behind the command.
    pub fn new(place: Place, token_file: Option<&Path>, texts: Arc<Texts>) -> Result<Self> {
        let person = people::present(&place.site, token_file)?;
        Ok(Self {
            place,
            person,
            texts,
            store: OnceLock::new(),
            table: OnceLock::new(),
            library: OnceLock::new(),
            engine: OnceLock::new(),
        })
    }

    /// The same site in the same store with other declarations, or with the procedures as they are now.
    pub fn with_declarations(&self, site: Site) -> Self {
        let dir = self.place.dir.clone();
        Self {
            place: Place { dir, site },
            person: self.person.clone(),
            texts: Arc::clone(&self.texts),
            store: self.store.clone(),
            table: self.table.clone(),
            library: OnceLock::new(),
            engine: OnceLock::new(),
        }
    }

    pub fn site(&self) -> &Site {
        &self.place.site
    }

    /// The store, made if the site has none yet.
    pub fn store(&self) -> Result<&Arc<SqliteStore>> {
        once(&self.store, || {
            let dir = self.place.dir.join(STORE);
            SqliteStore::open(&dir, KeySource::from_env()).map(Arc::new)
        })
    }

    /// The functions that procedures can call.
    pub fn table(&self) -> Result<&Arc<Table>> {
        once(&self.table, || Table::of_host().map(Arc::new))
    }

    /// The procedures of the site, and those that come with Procedo.
    pub fn library(&self) -> Result<&Arc<SiteLibrary>> {
        once(&self.library, || {
            let cache = self.place.dir.join(STORE).join("cache");
            let folders = library::folders(&self.place.dir);
            Ok(Arc::new(SiteLibrary::new(
                Arc::clone(self.table()?),
                cache,
                folders,
            )))
        })
    }

    /// The engine over all of it.
    ///
    /// # Errors
    /// Those of the parts; `P0805` to `P0807` if a function of the interface has no handler of its shape.
    pub fn engine(&self) -> Result<&Engine> {
        once(&self.engine, || {
            let store: Arc<dyn Store> = Arc::clone(self.store()?) as Arc<dyn Store>;
            let schedules = Schedules::new(
                &self.place.site,
                Arc::clone(self.store()?) as Arc<dyn Serving>,
                Arc::new(Shared(Arc::clone(self.library()?))),
            );
            let operations = operations(&self.place, &store, &schedules)?;
            self.table()?.check(&signatures(&operations))?;
            let library = Box::new(Shared(Arc::clone(self.library()?)));
            Ok(Engine::new(
                self.place.site.clone(),
                store,
                operations,
                library,
                Arc::clone(&self.texts),
            ))
        })
    }

    /// A run by its identifier, or by the end of it if no other run ends so.
    ///
    /// # Errors
    /// `P0008` if the text cannot be an identifier, `P0009` if several runs end so, `P0202` if there is no such run.
    pub fn run(&self, text: &str) -> Result<RunId> {
        let store = self.store()?;
        let run = RunId::parse(text).ok_or_else(|| err!(Invalid, "P0008", value = text))?;
        if store.row(&run)?.is_some() {
            return Ok(run);
        }
        let rows = store.rows(usize::MAX, false)?;
        let mut found = rows.iter().filter(|row| row.run.as_str().ends_with(text));
        match (found.next(), found.next()) {
            (Some(row), None) => Ok(row.run.clone()),
            (None, _) => Err(err!(NotFound, "P0202", run = run)),
            (Some(one), Some(other)) => Err(err!(
                Invalid,
                "P0009",
                value = text,
                one = one.run,
                other = other.run
            )),
        }
    }

    /// The texts of a procedure, if it is still there and can be read.
    pub fn texts_of(&self, procedure: &str) -> Option<Texts> {
        let guest = self.library().ok()?.find(procedure).ok()??;
        guest.manifest().catalogues().ok()
    }
}

/// Like `OnceLock::get_or_try_init`, which is not stable. Commands have one thread while they put a site together.
fn once<T>(cell: &OnceLock<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if cell.get().is_none() {
        let made = make()?;
        let _ = cell.set(made);
    }
    cell.get().ok_or_else(|| err!(Failed, "P0070"))
}

/// The operations of all capabilities.
fn operations(place: &Place, store: &Arc<dyn Store>, schedules: &Schedules) -> Result<Operations> {
    let none = Default::default();
    let declared = |capability: &str| place.site.resource.get(capability).unwrap_or(&none);
    let known = ["database", "files", "http", "machine", "secrets", "service"];
    if let Some(other) = place
        .site
        .resource
        .keys()
        .find(|name| !known.contains(&name.as_str()))
    {
        return Err(err!(
            Invalid,
            "P0024",
            capability = other,
            known = known.join(", ")
        ));
    }
    let logins: Arc<dyn procedo_machine::Secrets> = Arc::new(Logins(Arc::clone(store)));
    let machines = Machines::open(declared("machine"), &place.dir, &logins)?;
    let files = Files::open(declared("files"), &place.dir, &machines)?;
    let http = declared("http");
    let trust = if http.is_empty() {
        TrustStore::empty()
    } else {
        TrustStore::read(&place.dir.join("trust"))?
    };
    let http = Http::open(http, trust)?;
    let service = Services::open(declared("service"), &machines)?;
    let database = Database::open(declared("database"), &place.dir, &machines, &logins)?;
    let machine = MachineCapability(machines);
    let secrets = Secrets::new(Arc::clone(store));
    let capabilities: [&dyn Capability; 7] =
        [&database, &files, &http, &machine, schedules, &secrets, &service];
    Ok(Operations::new(&capabilities))
}

/// The passwords and passphrases of machines: secrets of the site, in their present version.
struct Logins(Arc<dyn Store>);

impl procedo_machine::Secrets for Logins {
    fn value(&self, name: &str) -> Result<String> {
        let version = self.0.secret_version(name)?;
        let value = version.map(|version| self.0.secret(name, version)).transpose()?;
        value
            .flatten()
            .ok_or_else(|| err!(NotFound, "P1024", name = name))
    }
}

/// What the handlers say of themselves.
pub fn signatures(operations: &Operations) -> Vec<Signature> {
    let turned = |own: procedo_engine::operations::Signature| Signature {
        capability: own.capability,
        function: own.function,
        args_schema: own.args_schema,
        reply_schema: own.reply_schema,
    };
    operations.signatures().into_iter().map(turned).collect()
}

/// The library as the engine takes it.
struct Shared(Arc<SiteLibrary>);

impl Library for Shared {
    fn find(&self, id: &str) -> Result<Option<Arc<dyn Guest>>, Error> {
        self.0.find(id)
    }
}
