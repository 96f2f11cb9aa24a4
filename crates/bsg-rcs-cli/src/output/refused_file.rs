//! The file of refused lines: there as a whole once the list was read, or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bsg_rcs_campaign::input::refused::RefusedRows;

use super::Output;
use super::file::{self, File};
use crate::exit::Failure;

/// A file of refused lines that is being written.
pub(crate) struct RefusedFile {
    path: PathBuf,
    file: Shared,
    rows: Arc<RefusedRows>,
}

impl RefusedFile {
    /// Begins the file, if one is asked for.
    pub(crate) fn begin(path: Option<&Path>) -> Result<Option<Self>, Failure> {
        let Some(path) = path else { return Ok(None) };
        let file = Shared(Arc::new(Mutex::new(Some(File::begin(path)?))));
        let rows = Arc::new(RefusedRows::new(file.clone()));
        Ok(Some(Self { path: path.to_owned(), file, rows }))
    }

    /// Where rows are written.
    pub(crate) fn rows(&self) -> Arc<RefusedRows> {
        Arc::clone(&self.rows)
    }

    /// Puts the file in its place, and says so.
    pub(crate) fn end(self, output: Output) -> Result<(), Failure> {
        let count = self.rows.finish().map_err(|why| file::failed(&self.path, &why))?;
        let file = self.file.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(file) = file {
            file.end()?;
        }
        output.note(&format!("{count} refused lines are written to {}", self.path.display()));
        Ok(())
    }
}

/// The file, shared with the rows' writer.
#[derive(Clone)]
struct Shared(Arc<Mutex<Option<File>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(file) => file.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(file) => file.flush(),
            None => Ok(()),
        }
    }
}
