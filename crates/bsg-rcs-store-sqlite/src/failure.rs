//! What can go wrong between us and SQLite, until it is put into the words of a [`StoreError`].

use bsg_rcs_store::StoreError;
use rusqlite::ErrorCode;

/// A failure inside the store.
#[derive(Debug)]
pub(crate) enum Failure {
    /// SQLite said no.
    Sqlite(rusqlite::Error),
    /// It has its final words already.
    Store(StoreError),
    /// The job panicked, or its thread is gone.
    Gone,
}

impl Failure {
    /// A column holds what no version of this program writes.
    pub(crate) fn corrupt(what: &str) -> Self {
        Self::Store(StoreError::Corrupt(what.to_owned()))
    }

    /// The failure in words that name no backend. What concerns the file as a whole is said of
    /// the file, however late it shows.
    pub(crate) fn into_store(self, place: &str, doing: &'static str) -> StoreError {
        let error = match self {
            Self::Store(error) => return error,
            Self::Gone => return backend(doing, "the job panicked, and was undone"),
            Self::Sqlite(error) => error,
        };
        if let rusqlite::Error::InvalidColumnType(_, column, _) = error {
            return StoreError::Corrupt(column);
        }
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => backend(doing, DISK_FULL),
            // No room for the memory that processes share, which is a file beside the store.
            _ if extended == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) => backend(doing, DISK_FULL),
            code => match code.and_then(of_the_file) {
                Some(why) => refused(place, why),
                None => backend(doing, error),
            },
        }
    }
}

/// The store cannot be opened, and why.
pub(crate) fn refused(place: &str, why: impl Into<String>) -> StoreError {
    StoreError::Open { place: place.to_owned(), why: why.into() }
}

pub(crate) fn backend(
    doing: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Backend { doing, source: source.into() }
}

pub(crate) const NOT_A_DATABASE: &str = "it is no SQLite database: name another file";
const DISK_FULL: &str = "the disk is full: make room and run it again; what was kept is kept";
pub(crate) const READ_ONLY: &str = "it is read-only: give this user the right to write to it";

/// What is wrong with the file, where that is what the code says.
fn of_the_file(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::NotADatabase => Some(NOT_A_DATABASE),
        ErrorCode::ReadOnly => Some(READ_ONLY),
        ErrorCode::DatabaseCorrupt => Some("it is damaged: put a sound copy in its place"),
        ErrorCode::CannotOpen => {
            Some("the file system refuses: look whether its folder may be written to")
        }
        _ => None,
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
