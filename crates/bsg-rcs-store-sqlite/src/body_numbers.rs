//! The numbers of kept callbacks: none is given twice, though bodies are removed.

use rusqlite::Transaction;

use crate::failure::Failure;

/// The last number that a body was given, there or removed.
pub(crate) fn last_body(tx: &Transaction<'_>) -> Result<i64, Failure> {
    let sql = "SELECT max(coalesce((SELECT max(id) FROM callbacks), 0), \
        coalesce((SELECT max(id) FROM removed_bodies), 0))";
    Ok(tx.prepare_cached(sql)?.query_one([], |row| row.get(0))?)
}

/// Notes the last number that was given, before bodies are removed.
pub(crate) fn note_last_body(tx: &Transaction<'_>) -> Result<(), Failure> {
    let last = last_body(tx)?;
    tx.prepare_cached("DELETE FROM removed_bodies")?.execute([])?;
    tx.prepare_cached("INSERT INTO removed_bodies VALUES (?1)")?.execute([last])?;
    Ok(())
}
