//! The steps from an empty database to today's schema. A step that was released never changes; a
//! new one goes behind it.

use bsg_rcs_store::StoreError;
use deadpool_postgres::{Client, GenericClient};

use crate::failure::Failure;

/// Step `n` leads from version `n` to `n + 1`.
const STEPS: &[&str] = &[include_str!("migrations/1.sql"), include_str!("migrations/2.sql")];

/// Held while a schema is brought up to date: `BRCS`.
const LOCK: i64 = 0x4252_4353;

/// Brings a schema of any earlier version to this one, all steps or none. Of many that do so at
/// once, one does.
pub(crate) async fn run(client: &mut Client, schema: &str, place: &str) -> Result<(), Failure> {
    // A look without a lock first: who only works in the schema needs no right to change it.
    let steps = format!("{schema}.steps");
    let row = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&steps]).await?;
    if row.try_get(0)? && missing(client, place).await?.1.is_empty() {
        return Ok(());
    }
    let tx = client.transaction().await?;
    // To write a large store anew takes longer than any call.
    tx.batch_execute("SET LOCAL lock_timeout TO 0; SET LOCAL statement_timeout TO 0").await?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    tx.batch_execute(&format!(
        "CREATE SCHEMA IF NOT EXISTS {schema}; \
         CREATE TABLE IF NOT EXISTS {schema}.steps (version bigint PRIMARY KEY)"
    ))
    .await?;
    let (found, steps) = missing(&tx, place).await?;
    for (version, step) in (1_i64..).skip(found).zip(steps) {
        tx.batch_execute(step).await?;
        tx.execute("INSERT INTO steps VALUES ($1)", &[&version]).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The version of the schema.
pub(crate) async fn version(client: &impl GenericClient, place: &str) -> Result<u32, Failure> {
    let (found, _) = missing(client, place).await?;
    Ok(u32::try_from(found).unwrap_or(u32::MAX))
}

/// The schema's version, and the steps that it lacks.
async fn missing(
    client: &impl GenericClient,
    place: &str,
) -> Result<(usize, &'static [&'static str]), Failure> {
    let row = client.query_one("SELECT coalesce(max(version), 0) FROM steps", &[]).await?;
    let found = usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or(usize::MAX);
    match STEPS.get(found..) {
        Some(steps) => Ok((found, steps)),
        None => {
            let version = |count| u32::try_from(count).unwrap_or(u32::MAX);
            let (found, known) = (version(found), version(STEPS.len()));
            Err(StoreError::Newer { place: place.to_owned(), found, known }.into())
        }
    }
}
