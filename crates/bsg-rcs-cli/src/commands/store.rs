//! `store backup`: a copy of the store that is whole.

use std::path::Path;

use bsg_rcs_store_sqlite::SqliteStore;
use serde::Serialize;

use crate::args::{Backup, General};
use crate::context;
use crate::exit::{Exit, Failure};
use crate::output::Output;

#[derive(Serialize)]
struct Copied {
    store: String,
    file: String,
}

/// Copies a SQLite store into a new file. PostgreSQL has tools of its own for that.
pub(super) async fn backup(
    general: &General,
    asked: &Backup,
    output: Output,
) -> Result<Exit, Failure> {
    let Some(path) = general.store.strip_prefix("sqlite:").filter(|path| !path.is_empty()) else {
        return Err(Failure::input(
            "only a store in a file (--store sqlite:PATH) is copied here: use pg_dump for PostgreSQL",
        ));
    };
    context::existing(Path::new(path))?;
    SqliteStore::open(Path::new(path))?.backup(&asked.file).await?;
    let copied = Copied { store: path.to_owned(), file: asked.file.display().to_string() };
    output.result(&copied, || format!("{path} is copied to {}", copied.file))?;
    Ok(Exit::Done)
}
