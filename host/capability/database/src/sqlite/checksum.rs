//! Row counts and checksums of tables, independent of the order of the rows and of where they lie.
//!
//! A row's digest is the BLAKE3 of its values, each as a letter for its type and its bytes (integers and reals as eight bytes,
//! big-endian; text and blobs after their length in eight bytes). A table's is the sum of those of its rows, modulo 2²⁵⁶.

use crate::driver::TableChecksum;
use crate::sqlite::open::{ANY_TIME, Place};
use crate::sum::Sum;
use procedo_core::Result;
use procedo_core::capability::Stop;
use rusqlite::types::ValueRef;

fn put(hash: &mut blake3::Hasher, cell: ValueRef<'_>) {
    let mut sized = |letter: &[u8], bytes: &[u8]| {
        hash.update(letter);
        hash.update(&(bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    match cell {
        ValueRef::Text(bytes) => sized(b"t", bytes),
        ValueRef::Blob(bytes) => sized(b"b", bytes),
        ValueRef::Null => drop(hash.update(b"n")),
        ValueRef::Integer(n) => drop(hash.update(b"i").update(&n.to_be_bytes())),
        ValueRef::Real(x) => drop(hash.update(b"r").update(&x.to_be_bytes())),
    }
}

/// All tables by name, in the state of one moment. Those of virtual tables are counted where their rows lie.
pub(crate) fn checksums(place: &Place, stop: &Stop) -> Result<Vec<TableChecksum>> {
    let connection = place.open_to_read()?;
    place.interruptible(&connection, stop, ANY_TIME, || {
        connection.execute_batch("BEGIN")?;
        let mut names = connection.prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND sql NOT LIKE 'create virtual%' ORDER BY name",
        )?;
        let names: Vec<String> = names
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut tables = Vec::new();
        for table in names {
            let sql = format!("SELECT * FROM \"{}\"", table.replace('"', "\"\""));
            let mut statement = connection.prepare(&sql)?;
            let columns = statement.column_count();
            let (mut rows, mut sum) = (0, Sum::default());
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                let mut hash = blake3::Hasher::new();
                for column in 0..columns {
                    put(&mut hash, row.get_ref(column)?);
                }
                sum.add(&hash.finalize());
                rows += 1;
            }
            let digest = sum.to_string();
            tables.push(TableChecksum { table, rows, digest });
        }
        Ok(tables)
    })
}
