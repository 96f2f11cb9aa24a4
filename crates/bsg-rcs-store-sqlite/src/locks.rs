//! Lock files in a folder beside the store: one for each claimed campaign, and one that is held
//! while the store is opened.
//!
//! The lock is the operating system's: it ends with its process, however that dies, and what the
//! file says does not matter. The file is removed when the lock ends, so that the folder does not
//! fill up. A lock on a file that was removed meanwhile keeps no other out: so after locking, the name must still lead to the locked file.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::{Claim, StoreError};

use crate::failure::backend;

/// How often to look whether another is through with opening the store, and how often at most: it
/// takes milliseconds, unless an earlier version's file is written anew.
const LOOK_EVERY: Duration = Duration::from_millis(1);
const LOOKS: u32 = 10_000;

/// The folder of a store's lock files.
pub(crate) fn folder_of(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push("-locks");
    PathBuf::from(name)
}

/// Claims a campaign. A few system calls that never wait, so it needs no thread of its own.
pub(crate) fn claim(folder: &Path, id: CampaignId) -> Result<Claim, StoreError> {
    match lock(folder, &id.to_string(), try_lock) {
        Ok(Some(held)) => Ok(Claim::new(held)),
        Ok(None) => Err(StoreError::Claimed(id)),
        Err(error) => Err(backend("claiming a campaign", error)),
    }
}

/// Waits until no other opens the store, and keeps others from it; `None` if another is at it for
/// longer than opening takes.
#[expect(clippy::disallowed_methods, reason = "nothing tells when another process is through")]
pub(crate) fn opening(folder: &Path) -> io::Result<Option<Held>> {
    for _ in 0..LOOKS {
        // No campaign is called so: an id has 13 characters.
        if let Some(held) = lock(folder, "opening", try_lock)? {
            return Ok(Some(held));
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(None)
}

/// Locks the file of this name; `None` if `acquire` says that it is locked.
fn lock(
    folder: &Path,
    name: &str,
    acquire: impl Fn(&File) -> io::Result<bool>,
) -> io::Result<Option<Held>> {
    create_private_folder(folder)?;
    let path = folder.join(name);
    // Each turn but the last means that another's lock ended just now.
    loop {
        let file = open_private(&path)?;
        if !acquire(&file)? {
            return Ok(None);
        }
        if is_still_at(&file, &path)? {
            return Ok(Some(Held { path, _locked: file }));
        }
    }
}

/// Makes the folder, if it is not there, for this user alone.
fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether the name leads to this very file.
#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (held.dev(), held.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere a file that is open keeps its name.
#[cfg(not(unix))]
fn is_still_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

/// A lock. When it is dropped, first the name goes, then, with the file, the lock.
pub(crate) struct Held {
    path: PathBuf,
    _locked: File,
}

impl Drop for Held {
    fn drop(&mut self) {
        // A file that stays is no harm: the next one locks it as it is.
        let _ = fs::remove_file(&self.path);
    }
}
