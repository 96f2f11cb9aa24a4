//! Which files are opened, which are refused, and how a connection behaves.
//!
//! A file that is not ours is not touched. A file of ours carries our mark from its first
//! transaction on, which is written before write-ahead logging is switched on and so stands in
//! the file itself: it can be looked for without locks, logs or recovery.
//!
//! No file of SQLite's is ever opened here by other means than SQLite's: closing it would end the
//! locks that another store of this process has on it, as POSIX will have it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bsg_rcs_store::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::failure::{Failure, refused};
use crate::migrations::{self, APPLICATION_ID};
use crate::private_file::create_private;
use crate::{failure, locks};

/// How often to look whether another process's transaction is over, and how often at most: ours
/// take milliseconds, and after ten seconds something is wrong.
const LOOK_EVERY: Duration = Duration::from_millis(1);
const LOOKS: i32 = 10_000;
/// The length of the smallest database: one page of the smallest size.
const SMALLEST: u64 = 512;
/// Bytes of a page of a new file. Callbacks come in no order, each to another page: larger pages are fewer writes
/// and fewer splits.
const PAGE: u32 = 8 * 1024;
/// Memory that a connection may use. Half of it keeps as many callbacks a second; a commit that split a page looks
/// through all of it.
const CACHE_KIB: i64 = 8 * 1024;
/// Pages that the log may have before they are carried over into the file, which all who write wait for: 20 to 30 ms
/// for 32 MiB, and then one callback in a hundred meets it.
const LOG_PAGES: u32 = 1000;
/// More statements than we have.
const STATEMENTS: usize = 64;

const BEING_OPENED: &str = "another process has been opening it for ten seconds, or brings it up \
    to date: wait until that is through";
const ANOTHERS: &str = "it is another program's SQLite database: name another file";

/// A file of ours: one connection that writes, one that reads.
pub(crate) struct Opened {
    /// Where the file really is.
    pub(crate) path: PathBuf,
    /// The folder of its locks, the same for every link that leads to the file.
    pub(crate) locks: PathBuf,
    pub(crate) writer: Connection,
    pub(crate) reader: Connection,
}

/// Opens a store, makes it if nothing is there, and brings it to today's schema.
pub(crate) fn open(path: &Path) -> Result<Opened, StoreError> {
    let place = path.display().to_string();
    let path = real_path(path).map_err(|why| refused(&place, why))?;
    ours_or_new(&path).map_err(|why| refused(&place, why))?;
    let locks = locks::folder_of(&path);
    // To switch write-ahead logging on fails, rather than waits, while another connection reads.
    let opening = locks::opening(&locks).map_err(|error| refused(&place, error.to_string()))?;
    let opening = opening.ok_or_else(|| refused(&place, BEING_OPENED))?;
    let failed = |failure: Failure| failure.into_store(&place, "opening the file");
    create(&path).map_err(|error| refused(&place, error.to_string()))?;
    let writer = open_writer(&path, &place).map_err(failed)?;
    let reader = open_reader(&path).map_err(failed)?;
    drop(opening);
    Ok(Opened { path, locks, writer, reader })
}

/// Makes the file, if it is not there, for this user alone: SQLite gives its log and its shared
/// memory the file's mode. It is closed before any connection has locks on it, as none is opened
/// meanwhile.
fn create(path: &Path) -> std::io::Result<()> {
    match create_private(path) {
        Ok(file) => drop(file),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Where the file really is or will be, from the root: SQLite reads more into `:memory:` and its
/// like than a name.
fn real_path(path: &Path) -> Result<PathBuf, String> {
    let said = |error: std::io::Error| error.to_string();
    let path = std::path::absolute(path).map_err(said)?;
    match path.canonicalize() {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        found => return found.map_err(said),
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err("it is no name of a file".into());
    };
    match folder.canonicalize() {
        Ok(folder) => Ok(folder.join(name)),
        Err(_) => Err("its folder is not there: make it, or name another".into()),
    }
}

/// Refuses, without touching it, what is there already and surely not ours; says what it is.
fn ours_or_new(path: &Path) -> Result<(), String> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err("it is a folder: name a file".into()),
        Ok(found) if !found.is_file() => return Err("it is no regular file".into()),
        Ok(found) if found.len() == 0 => return Ok(()),
        // SQLite would take a few bytes for an empty database, and write over them.
        Ok(found) if found.len() < SMALLEST => return Err(failure::NOT_A_DATABASE.into()),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.to_string()),
    }
    match mark_in_the_file(path) {
        Ok(APPLICATION_ID) => Ok(()),
        Ok(_) => Err(ANOTHERS.into()),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(failure::NOT_A_DATABASE.into())
        }
        // Read without locks, a file that is being written to looks damaged. Open it and see.
        Err(_) => Ok(()),
    }
}

/// The mark in a database's header, as the file itself has it. `immutable` says that no other
/// writes, so that SQLite neither locks nor recovers nor makes files beside it.
fn mark_in_the_file(path: &Path) -> rusqlite::Result<u32> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(immutable_uri(path), flags)?;
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

/// Whether the database is empty or has our mark, read as databases are.
fn is_ours_or_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let mark: u32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok(pages == 0 || mark == APPLICATION_ID)
}

fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    if !path.has_root() || cfg!(windows) {
        uri.push('/');
    }
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?immutable=1"
}

fn open_writer(path: &Path, place: &str) -> Result<Connection, Failure> {
    let mut connection = connect(path)?;
    if connection.is_readonly("main")? {
        return Err(refused(place, failure::READ_ONLY).into());
    }
    if !is_ours_or_empty(&connection)? {
        return Err(refused(place, ANOTHERS).into());
    }
    migrations::run(&mut connection, place)?;
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        let why = "its file system cannot share memory between processes, as the store needs";
        return Err(refused(place, why).into());
    }
    Ok(connection)
}

fn open_reader(path: &Path) -> Result<Connection, Failure> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

pub(crate) fn connect(path: &Path) -> Result<Connection, Failure> {
    // No SQLITE_OPEN_URI: a path is a path. No mutex: one thread has the connection.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(look_again))?;
    // A file that is there keeps the pages that it has.
    connection.pragma_update(None, "page_size", PAGE)?;
    // What was answered survives the machine's death too, not only the process's.
    connection.pragma_update(None, "synchronous", "full")?;
    // Only macOS heeds these: there a plain sync leaves what was written to the disk's own memory.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is removed holds numbers: it is overwritten, not only let go.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Waits for another process's transaction: SQLite's own handler looks ever more seldom, up to ten
/// times a second, and misses the gaps between the pieces of a long removal.
#[expect(clippy::disallowed_methods, reason = "nothing tells when another process is through")]
fn look_again(looks: i32) -> bool {
    std::thread::sleep(LOOK_EVERY);
    looks < LOOKS
}
