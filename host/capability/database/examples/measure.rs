//! Times level 0 and level 1 of a database: `measure FILE BACKUPS LEVEL`. For comparison with `sqlite3 FILE .backup`.

use procedo_core::capability::{Blobs, Context, Overlay, Stop};
use procedo_core::change::BlobId;
use procedo_core::run::RunId;
use procedo_core::{Error, Kind, Result};
use procedo_database::Sqlite;
use procedo_database::driver::Driver;
use std::time::Instant;

struct NoBlobs;

impl Blobs for NoBlobs {
    fn put(&self, _: &[u8]) -> Result<BlobId> {
        Err(Error::new(Kind::NotSupported, "P0115"))
    }
    fn get(&self, _: &BlobId) -> Result<Vec<u8>> {
        Err(Error::new(Kind::NotSupported, "P0115"))
    }
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, file, backups, level] = &args[..] else {
        return Err(Error::new(Kind::Invalid, "P1219").with("level", "–"));
    };
    let level = level
        .parse()
        .map_err(|_| Error::new(Kind::Invalid, "P1219").with("level", level))?;
    let run = RunId::fresh(jiff::Timestamp::now(), [0; 4]);
    let database = Sqlite::new("measured", file.into(), backups.into());
    let mut context = Context {
        run: &run,
        call: 1,
        overlay: &mut Overlay::default(),
        blobs: &NoBlobs,
        stop: &Stop::default(),
        notes: &[],
        ask: &|_, _| Err(Error::new(Kind::Failed, "P0133")),
        note: &mut |_| Ok(()),
        progress: &|_, _, _| {},
    };
    let plan = database.plan_backup(level, None)?;
    let began = Instant::now();
    let record = database.backup(&mut context, &plan)?;
    println!(
        "{} {} bytes {:.3} s",
        record.id,
        record.size,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}
