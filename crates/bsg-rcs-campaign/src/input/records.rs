//! Records of a CSV file with the lines that they stand on, over any ends of line.

use std::io::{Chain, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use memchr::memchr_iter;

use super::lines::{UnixLines, line_of};

/// The longest line and the longest record: what is longer is no list.
pub(super) const RECORD_MAX: usize = 16 * 1024 * 1024;

/// A file behind a blank line.
type AfterBlank<R> = Chain<Cursor<&'static [u8]>, R>;

/// Records, one after another.
pub(super) struct Records<R> {
    reader: csv::Reader<UnixLines<Watched<AfterBlank<R>>>>,
    quotes: Arc<AtomicU64>,
    since: Arc<AtomicUsize>,
    /// The line that the first record may stand on.
    first: u64,
    /// Ends of line within the record that was read last.
    spans: u64,
}

impl<R: Read> Records<R> {
    /// Records of a file whose first line has this number, from 1.
    pub(super) fn new(file: R, delimiter: u8, line: u64) -> Self {
        let (quotes, since) = (Arc::<AtomicU64>::default(), Arc::<AtomicUsize>::default());
        // A blank line goes before, for the reader would pass over a byte-order mark at the beginning.
        let inner = Cursor::new(&b"\n"[..]).chain(file);
        let watched = Watched { inner, quotes: Arc::clone(&quotes), since: Arc::clone(&since) };
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(UnixLines::new(watched));
        Self { reader, quotes, since, first: line, spans: 0 }
    }

    /// Reads the next record; the line that it begins on, or `None` at the end.
    ///
    /// # Errors
    /// A sentence if the file cannot be read on, a record is longer than 16 MiB, or a quote is never
    /// closed.
    pub(super) fn next(&mut self, record: &mut csv::ByteRecord) -> Result<Option<u64>, String> {
        if self.reader.read_byte_record(record).map_err(|why| why.to_string())? {
            self.spans = count_lines(record.as_slice());
            self.since.store(0, Ordering::Relaxed);
            let line = line_of(&self.reader, record.as_slice());
            return Ok(Some(self.in_file(line)));
        }
        if self.spans > 0 && !self.quotes.load(Ordering::Relaxed).is_multiple_of(2) {
            let line = self.in_file(self.reader.position().line().saturating_sub(self.spans));
            return Err(format!(
                "a quote that is opened on line {line} or before is never closed: close it, or write it twice within a field"
            ));
        }
        Ok(None)
    }

    /// A line of the reader as one of the file: the reader counts the blank one, too.
    const fn in_file(&self, line: u64) -> u64 {
        (line + self.first).saturating_sub(2)
    }
}

/// A reader that counts quotes, and ends where a record is too long.
struct Watched<R> {
    inner: R,
    quotes: Arc<AtomicU64>,
    /// Bytes since the last record was whole.
    since: Arc<AtomicUsize>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        let bytes = into.get(..read).unwrap_or_default();
        let quotes = u64::try_from(memchr_iter(b'"', bytes).count()).unwrap_or(0);
        self.quotes.fetch_add(quotes, Ordering::Relaxed);
        if self.since.fetch_add(read, Ordering::Relaxed) > RECORD_MAX {
            return Err(std::io::Error::other(
                "a row is longer than 16 MiB: is a quote not closed?",
            ));
        }
        Ok(read)
    }
}

/// Ends of lines within a record.
fn count_lines(fields: &[u8]) -> u64 {
    u64::try_from(memchr_iter(b'\n', fields).count()).unwrap_or(u64::MAX)
}
