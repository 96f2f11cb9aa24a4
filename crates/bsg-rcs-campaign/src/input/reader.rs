//! The thread that reads a list ahead and cuts it.
//!
//! Plain lines, which are nearly all, are cut where the delimiters stand. From the first line on that
//! holds a quote or a lone CR, the rest goes through the CSV reader, which knows what those mean. Both
//! say the same of every file; a property test of [`super::rows`] holds them to it.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::sync::mpsc::SyncSender;

use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::cut::{Block, Cut, Place, Stands, index, part, short};
use super::records::{RECORD_MAX, Records};
use super::sheet::{trim, trim_start};

/// Bytes that are read at once.
pub(super) const BLOCK: usize = 512 * 1024;
/// Rows of the CSV reader that are handed on at once.
const ROWS_AT_ONCE: usize = 4096;

/// What the thread says: rows, their end, or why there are no more.
pub(super) type Said = Result<Option<Block>, String>;

/// The thread's side.
pub(super) struct Reader {
    pub(super) file: Box<dyn Read + Send>,
    pub(super) cut: Cut,
    /// The line that comes next, from 1.
    pub(super) line: u64,
    pub(super) awaits_header: bool,
    pub(super) to: SyncSender<Said>,
}

/// What is not plain, to be read by the CSV reader: bytes that were read already.
struct NotPlain(Vec<u8>);

impl Reader {
    /// Reads to the end, or until the rows are no longer taken.
    pub(super) fn run(mut self) {
        let end = self.read().map(|()| None);
        // A receiver that is gone need not know.
        let _ = self.to.send(end);
    }

    fn read(&mut self) -> Result<(), String> {
        let mut rest = Vec::new();
        loop {
            let mut bytes = std::mem::take(&mut rest);
            let had = bytes.len();
            let limit = u64::try_from(BLOCK).unwrap_or(u64::MAX);
            let read = self.file.by_ref().take(limit).read_to_end(&mut bytes);
            let is_end = read.map_err(|why| why.to_string())? < BLOCK;
            // What was left over holds no end of a line.
            let fresh = bytes.get(had..).unwrap_or_default();
            match memrchr(b'\n', fresh) {
                _ if is_end => {}
                Some(end) => rest = bytes.split_off(had + end + 1),
                None if bytes.len() > RECORD_MAX => {
                    return Err(format!("line {} is longer than 16 MiB: it is no list", self.line));
                }
                None => {
                    rest = bytes;
                    continue;
                }
            }
            if let Err(NotPlain(mut from_here)) = self.plain(bytes)? {
                from_here.append(&mut rest);
                return self.csv(from_here);
            }
            if is_end {
                return Ok(());
            }
        }
    }

    /// Cuts whole lines; those from the first on that is not plain come back. The outer error is that the
    /// receiver is gone, which ends the thread.
    fn plain(&mut self, bytes: Vec<u8>) -> Result<Result<(), NotPlain>, String> {
        let plain_to = first_odd_line(&bytes);
        let (bytes, odd) = match plain_to {
            Some(from) => {
                let mut bytes = bytes;
                let odd = bytes.split_off(from);
                (bytes, Some(odd))
            }
            None => (bytes, None),
        };
        let block = match String::from_utf8(bytes) {
            Ok(text) => self.cut(text),
            Err(broken) => self.cut_broken(broken.as_bytes()),
        };
        // A block without rows says nothing; one that is not taken ends the reading.
        if !block.rows.is_empty() {
            self.say(block)?;
        }
        Ok(odd.map_or(Ok(()), |odd| Err(NotPlain(odd))))
    }

    /// Cuts lines of text.
    fn cut(&mut self, text: String) -> Block {
        let mut rows = Vec::with_capacity(text.len() / 16);
        let mut from = 0;
        let ends = memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len()));
        for end in ends {
            let line = text.get(from..end).unwrap_or_default();
            rows.extend(self.row(&text, from, line));
            self.line += u64::from(end < text.len());
            from = end + 1;
        }
        Block { text, rows, unreadable: Vec::new() }
    }

    /// Cuts lines of which some are no text: those are told.
    fn cut_broken(&mut self, bytes: &[u8]) -> Block {
        let mut block = Block::default();
        let mut from = 0;
        let ends = memchr_iter(b'\n', bytes).chain(std::iter::once(bytes.len()));
        for end in ends {
            let line = String::from_utf8_lossy(bytes.get(from..end).unwrap_or_default());
            let (begin, _) = block.push(&line);
            if let Some(row) = self.row(&block.text, index(begin), &line) {
                let is_altered =
                    |place| part(&block.text, place).contains(char::REPLACEMENT_CHARACTER);
                if matches!(line, Cow::Owned(_))
                    && (is_altered(row.written) || is_altered(row.label))
                {
                    block.unreadable.push(block.rows.len());
                }
                block.rows.push(row);
            }
            self.line += u64::from(end < bytes.len());
            from = end + 1;
        }
        block
    }

    /// The row of a line that begins at `from`, if it is one: a blank line is none, nor is the header.
    fn row(&mut self, text: &str, from: usize, line: &str) -> Option<Stands> {
        let bare = line.strip_suffix('\r').unwrap_or(line);
        if bare.is_empty() {
            // What stands behind the last end of a line is no line either.
            return None;
        }
        let written = self.field(from, bare, Some(self.cut.number));
        if part(text, written).is_empty() && self.is_blank(bare) {
            return None;
        }
        if std::mem::take(&mut self.awaits_header) {
            return None;
        }
        let label = self.field(from, bare, self.cut.label);
        let number = self.cut.numbers.clear(part(text, written));
        Some(Stands { line: self.line, number, written, label })
    }

    /// Whether all fields of a line are empty.
    fn is_blank(&self, line: &str) -> bool {
        line.split(char::from(self.cut.delimiter)).all(|field| trim(field).is_empty())
    }

    /// Where a field of a line stands that begins at `from`.
    fn field(&self, from: usize, line: &str, which: Option<usize>) -> Place {
        let Some(which) = which else { return (0, 0) };
        let mut begin = 0;
        for _ in 0..which {
            match memchr(self.cut.delimiter, line.as_bytes().get(begin..).unwrap_or_default()) {
                Some(at) => begin += at + 1,
                None => return (0, 0),
            }
        }
        let rest = line.get(begin..).unwrap_or_default();
        let end = memchr(self.cut.delimiter, rest.as_bytes()).unwrap_or(rest.len());
        let field = rest.get(..end).unwrap_or_default();
        let begin = from + begin + (field.len() - trim_start(field).len());
        (short(begin), short(begin + trim(field).len()))
    }

    /// Reads the rest as CSV.
    pub(super) fn csv(&mut self, from_here: Vec<u8>) -> Result<(), String> {
        let file = std::mem::replace(&mut self.file, Box::new(std::io::empty()));
        let rest = Cursor::new(from_here).chain(file);
        let mut records = Records::new(rest, self.cut.delimiter, self.line);
        let mut record = csv::ByteRecord::new();
        let mut block = Block::default();
        while let Some(line) = records.next(&mut record)? {
            if record.iter().all(|field| trim(&String::from_utf8_lossy(field)).is_empty())
                || std::mem::take(&mut self.awaits_header)
            {
                continue;
            }
            let mut is_altered = false;
            let mut field = |which: Option<usize>| {
                let field = which.and_then(|which| record.get(which)).unwrap_or_default();
                let text = String::from_utf8_lossy(field);
                is_altered |= matches!(text, Cow::Owned(_));
                block.push(trim(&text))
            };
            let (written, label) = (field(Some(self.cut.number)), field(self.cut.label));
            if is_altered {
                block.unreadable.push(block.rows.len());
            }
            let number = self.cut.numbers.clear(block.at(written));
            block.rows.push(Stands { line, number, written, label });
            if block.rows.len() >= ROWS_AT_ONCE {
                self.to_say(&mut block)?;
            }
        }
        self.to_say(&mut block)
    }

    /// Hands on what there is of a block.
    fn to_say(&self, block: &mut Block) -> Result<(), String> {
        self.say(std::mem::take(block))
    }

    /// Hands rows on; a receiver that is gone ends the reading.
    fn say(&self, block: Block) -> Result<(), String> {
        self.to.send(Ok(Some(block))).map_err(|_| "the rows are no longer taken".to_owned())
    }
}

/// Where the first line begins that holds a quote, or a CR that ends no line together with an LF.
fn first_odd_line(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr2(b'"', b'\r', bytes.get(from..)?)?;
        let is_end_of_line =
            bytes.get(at) == Some(&b'\r') && matches!(bytes.get(at + 1), Some(b'\n') | None);
        if !is_end_of_line {
            return Some(memrchr(b'\n', bytes.get(..at)?).map_or(0, |end| end + 1));
        }
        from = at + 1;
    }
}
