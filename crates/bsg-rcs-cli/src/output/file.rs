//! Files that are written whole or not at all, for their owner only: they may hold numbers.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::exit::Failure;

/// A file that is not there under its name before all of it is written.
pub(crate) struct File {
    path: PathBuf,
    writer: BufWriter<NamedTempFile>,
}

impl File {
    /// Begins a file that is to have this path.
    pub(crate) fn begin(path: &Path) -> Result<Self, Failure> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
        let file = file.map_err(|why| failed(path, &why))?;
        Ok(Self { path: path.to_owned(), writer: BufWriter::new(file) })
    }

    /// Puts the file in its place, and what was there before away.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        self.writer.flush().map_err(|why| failed(&self.path, &why))?;
        let file = self.writer.into_inner().map_err(|why| failed(&self.path, why.error()))?;
        file.persist(&self.path).map_err(|why| failed(&self.path, &why.error))?;
        Ok(())
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = File::begin(path)?;
    file.write_all(text.as_bytes()).map_err(|why| failed(path, &why))?;
    file.end()
}

/// Why a file is not there.
pub(crate) fn failed(path: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::input(format!("{} cannot be written: {why}", path.display()))
}
