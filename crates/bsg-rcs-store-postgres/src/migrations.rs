//! The steps from an empty database to today's schema. A step that was released never changes; a
//! new one goes behind it.

use bsg_rcs_store::StoreError;
use deadpool_postgres::Client;

use crate::failure::Failure;

/// Step `n` leads from version `n` to `n + 1`.
const STEPS: &[&str] = &[include_str!("migrations/1.sql")];

/// Who brings a schema up to date holds this lock: `BRCS`.
const LOCK: i64 = 0x4252_4353;

/// Brings a schema of any earlier version to this one, all steps or none. Of many that do so at
/// once, one does.
pub(crate) async fn run(client: &mut Client, schema: &str, place: &str) -> Result<(), Failure> {
    let tx = client.transaction().await?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    tx.batch_execute(&format!(
        "CREATE SCHEMA IF NOT EXISTS {schema}; \
         CREATE TABLE IF NOT EXISTS {schema}.steps (version bigint PRIMARY KEY)"
    ))
    .await?;
    let row = tx.query_one("SELECT coalesce(max(version), 0) FROM steps", &[]).await?;
    let found = usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or(usize::MAX);
    let Some(steps) = STEPS.get(found..) else {
        let version = |count| u32::try_from(count).unwrap_or(u32::MAX);
        let (found, known) = (version(found), version(STEPS.len()));
        return Err(StoreError::Newer { place: place.to_owned(), found, known }.into());
    };
    for (version, step) in (1_i64..).skip(found).zip(steps) {
        tx.batch_execute(step).await?;
        tx.execute("INSERT INTO steps VALUES ($1)", &[&version]).await?;
    }
    tx.commit().await?;
    Ok(())
}
