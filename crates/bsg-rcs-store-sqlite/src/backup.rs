//! A copy of the store in a new file, made by a connection of its own, beside other calls.

use std::io;
use std::path::{Path, PathBuf};
use std::thread;

use bsg_rcs_store::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::failure::backend;
use crate::open;
use crate::private_file::create_private;

const DOING: &str = "writing a copy of the store";

/// Copies the store at `from` into a new file `to`.
pub(crate) async fn write(from: PathBuf, to: PathBuf) -> Result<(), StoreError> {
    let (reply, answer) = oneshot::channel();
    let work = move || drop(reply.send(copy(&from, &to)));
    let started = thread::Builder::new().name("store-backup".into()).spawn(work);
    started.map_err(|error| backend(DOING, error))?;
    answer.await.map_err(|_| backend(DOING, "its thread is gone"))?
}

fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    // SQLite fills a file that is there and empty, and keeps the mode that it has.
    match create_private(to) {
        Ok(file) => drop(file),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(StoreError::Exists(format!("file {}", to.display())));
        }
        Err(error) => return Err(backend(DOING, error)),
    }
    let copied = open::connect(from).and_then(|connection| vacuum_into(&connection, to));
    copied.map_err(|failure| {
        // What is not whole is no copy.
        let _ = std::fs::remove_file(to);
        failure.into_store(&from.display().to_string(), DOING)
    })
}

fn vacuum_into(connection: &Connection, to: &Path) -> Result<(), crate::failure::Failure> {
    let to = to
        .to_str()
        .ok_or_else(|| crate::failure::Failure::Store(backend(DOING, "name the copy in UTF-8")))?;
    connection.execute("VACUUM INTO ?1", [to])?;
    Ok(())
}
