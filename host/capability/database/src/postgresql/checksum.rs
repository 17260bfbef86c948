//! Row counts and checksums of all tables, independent of the order of the rows and of where they lie.
//!
//! A row's digest is the BLAKE3 of the line that `COPY … TO STDOUT` writes for it; a table's is the sum of those of its rows,
//! modulo 2²⁵⁶. Tables that are not logged are left out, for no physical backup holds them, and so are foreign ones. A
//! partitioned table is told by its partitions.

use crate::driver::TableChecksum;
use crate::postgresql::connect::{ANY_TIME, Server};
use crate::postgresql::sql::begin_to_read;
use crate::sum::Sum;
use procedo_core::Result;
use procedo_core::capability::Stop;
use std::io::{self, BufRead, BufReader};

const TABLES: &str = "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c \
                      JOIN pg_namespace n ON n.oid = c.relnamespace \
                      WHERE c.relkind = 'r' AND c.relpersistence = 'p' \
                      AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1";

impl Server {
    /// All tables by name, in the state of one moment.
    pub(crate) fn checksums(&self, stop: &Stop) -> Result<Vec<TableChecksum>> {
        let mut session = self.open_to_read()?;
        let mut broken = None;
        let tables = self.interruptible(&mut session, stop, ANY_TIME, |client| {
            begin_to_read(client)?;
            let names = client.query(TABLES, &[])?;
            let mut tables = Vec::with_capacity(names.len());
            for name in names {
                let table: String = name.get(0);
                let lines = client.copy_out(&format!("COPY {table} TO STDOUT"))?;
                match sum(BufReader::with_capacity(1 << 16, lines)) {
                    Ok((rows, sum)) => tables.push(TableChecksum {
                        table,
                        rows,
                        digest: sum.to_string(),
                    }),
                    Err(error) => match error.downcast::<postgres::Error>() {
                        Ok(error) => return Err(error),
                        Err(error) => {
                            broken = Some(error.to_string());
                            return Ok(Vec::new());
                        }
                    },
                }
            }
            client.batch_execute("ROLLBACK")?;
            Ok(tables)
        })?;
        match broken {
            None => Ok(tables),
            Some(reason) => Err(self
                .error(procedo_core::Kind::Unavailable, "P1262")
                .with("reason", reason)),
        }
    }
}

/// The number of lines, and the sum of their digests. However long a line is, little of it is held.
fn sum(mut lines: impl BufRead) -> io::Result<(u64, Sum)> {
    let (mut rows, mut sum, mut hash) = (0, Sum::default(), blake3::Hasher::new());
    loop {
        let bytes = lines.fill_buf()?;
        if bytes.is_empty() {
            return Ok((rows, sum));
        }
        let used = match bytes.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                hash.update(&bytes[..end]);
                sum.add(&hash.finalize());
                hash.reset();
                rows += 1;
                end + 1
            }
            None => {
                hash.update(bytes);
                bytes.len()
            }
        };
        lines.consume(used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, buffer: usize) -> (u64, String) {
        let (rows, sum) = sum(BufReader::with_capacity(buffer, text.as_bytes())).expect("in memory");
        (rows, sum.to_string())
    }

    #[test]
    fn the_sum_depends_on_the_lines_and_neither_on_their_order_nor_on_how_they_arrive() {
        let one = of("a\t1\nbb\t2\n", 1);
        assert_eq!(one, of("bb\t2\na\t1\n", 3));
        assert_eq!(one.0, 2);
        assert_ne!(one, of("a\t1\nbb\t3\n", 3));
        assert_ne!(of("a\na\n", 2), of("a\n", 2));
        assert_eq!(of("", 1), (0, Sum::default().to_string()));
    }
}
