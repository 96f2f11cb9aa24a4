//! Files that other users of the machine cannot read, from their first byte on.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a new file that this user alone may read.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
