//! Rows of a list, read ahead by a thread of its own: whoever takes them has the other processor to itself.
//!
//! Plain lines, which are nearly all, are cut where the delimiters stand. From the first line on that holds a
//! quote or a lone CR, the rest goes through the CSV reader, which knows what those mean. Both say the same of
//! every file; a property test holds them to it.

use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use bsg_rcs_domain::{Intake, Msisdn};
use memchr::{memchr, memchr_iter, memchr2, memrchr};

use super::lines::{UnixLines, line_of};

/// Bytes that are read at once.
const BLOCK: usize = 512 * 1024;
/// The longest line: what is longer is no list.
const LINE_MAX: usize = 16 * 1024 * 1024;
/// Blocks that are read ahead.
const AHEAD: usize = 4;
/// Rows of the CSV reader that are handed on at once.
const ROWS_AT_ONCE: usize = 4096;
const MARK: &str = "\u{feff}";

/// How a list is cut into fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) delimiter: u8,
    pub(super) has_header: bool,
    /// Which field is the number, from 0.
    pub(super) number: usize,
    /// Which is the label.
    pub(super) label: Option<usize>,
}

/// What the thread says: rows, their end, or why there are no more.
type Said = Result<Option<Block>, String>;

/// Where a field stands in a block's text.
type Place = (u32, u32);

/// Rows that were read together.
#[derive(Debug, Default)]
struct Block {
    text: String,
    rows: Vec<Stands>,
}

/// Where a row stands in its block's text. Its number is read by the thread already, if it can be.
#[derive(Debug, Clone, Copy)]
struct Stands {
    line: u64,
    number: Option<Msisdn>,
    written: Place,
    label: Place,
}

/// One line of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'list> {
    /// Its line, from 1.
    pub line: u64,
    /// The number as it is written.
    pub written: &'list str,
    /// The number, if it can be read without knowing the country.
    pub number: Option<Msisdn>,
    /// The label; empty if there is none.
    pub label: &'list str,
}

/// Rows, one after another.
pub(super) struct Rows {
    blocks: Receiver<Said>,
    block: Block,
    next: usize,
}

impl Rows {
    /// Begins to read a file whose first line has this number.
    pub(super) fn of(file: Box<dyn Read + Send>, cut: Cut, line: u64) -> Result<Self, String> {
        let (to, blocks) = sync_channel(AHEAD);
        let reader = Reader { file, cut, line, awaits_header: cut.has_header, to };
        let began = thread::Builder::new().name("list-reader".into()).spawn(move || reader.run());
        began.map_err(|why| why.to_string())?;
        Ok(Self { blocks, block: Block::default(), next: 0 })
    }

    /// The next row. Once for some dozens of rows the intake hears the numbers of those that come next.
    pub(super) fn next(&mut self, intake: &Intake) -> Result<Option<Row<'_>>, String> {
        while self.next >= self.block.rows.len() {
            // Gone for good: after the end there is nothing either.
            (self.block, self.next) = (Block::default(), 0);
            match self.blocks.recv() {
                Ok(said) => match said? {
                    Some(block) => self.block = block,
                    None => return Ok(None),
                },
                Err(_) => return Err("it could not be read to its end".to_owned()),
            }
        }
        let coming = self.block.rows.get(self.next..).unwrap_or_default();
        if self.next.is_multiple_of(Intake::FORESEEN) {
            intake.expect(coming.iter().take(Intake::FORESEEN).filter_map(|row| row.number));
        }
        let row = coming.first().map(|Stands { line, number, written, label }| Row {
            line: *line,
            written: self.block.at(*written),
            number: *number,
            label: self.block.at(*label),
        });
        self.next += 1;
        Ok(row)
    }
}

impl Block {
    fn at(&self, place: Place) -> &str {
        part(&self.text, place)
    }

    /// Adds a text; where it stands.
    fn push(&mut self, text: &str) -> Place {
        let from = self.text.len();
        self.text.push_str(text);
        (short(from), short(self.text.len()))
    }
}

fn part(text: &str, (from, to): Place) -> &str {
    let index = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
    text.get(index(from)..index(to)).unwrap_or_default()
}

/// A place in a block. A block is some megabytes at most.
fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The thread's side.
struct Reader {
    file: Box<dyn Read + Send>,
    cut: Cut,
    /// The line that comes next, from 1.
    line: u64,
    awaits_header: bool,
    to: SyncSender<Said>,
}

/// What is not plain, to be read by the CSV reader: bytes that were read already.
struct NotPlain(Vec<u8>);

impl Reader {
    fn run(mut self) {
        let end = self.read().map(|()| None);
        // Whoever does not listen any more need not know.
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
                None if bytes.len() > LINE_MAX => {
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

    /// Cuts whole lines; those from the first on that is not plain come back. The outer error is that nobody
    /// listens, which ends the thread.
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
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(broken) => String::from_utf8_lossy(broken.as_bytes()).into_owned(),
        };
        let mut rows = Vec::with_capacity(text.len() / 16);
        let mut from = 0;
        let ends = memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len()));
        for end in ends {
            let line = text.get(from..end).unwrap_or_default();
            let is_last = end == text.len();
            let bare = line.strip_suffix('\r').unwrap_or(line);
            if bare.is_empty() {
                // A blank line is no row, and what stands behind the last end of a line is no line.
            } else if self.awaits_header {
                self.awaits_header = false;
            } else {
                let written = self.field(from, bare, Some(self.cut.number));
                let label = self.field(from, bare, self.cut.label);
                let number = Msisdn::normalise(part(&text, written)).ok();
                rows.push(Stands { line: self.line, number, written, label });
            }
            if !is_last {
                self.line += 1;
            }
            from = end + 1;
        }
        // A block without rows says nothing; one that nobody takes ends the reading.
        if !rows.is_empty() {
            self.say(Block { text, rows })?;
        }
        Ok(odd.map_or(Ok(()), |odd| Err(NotPlain(odd))))
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
        let unmarked = field.strip_prefix(MARK).unwrap_or(field);
        let begin = from + begin + (field.len() - unmarked.len());
        let trimmed = unmarked.trim_start();
        let begin = begin + (unmarked.len() - trimmed.len());
        (short(begin), short(begin + trimmed.trim_end().len()))
    }

    /// Reads the rest as CSV.
    fn csv(&mut self, from_here: Vec<u8>) -> Result<(), String> {
        let (quotes, since) = (Arc::<AtomicU64>::default(), Arc::<AtomicUsize>::default());
        // A blank line goes before, for the reader would pass over a byte-order mark at the beginning.
        let (first, mut spans) = (self.line - 1, 0);
        let file = std::mem::replace(&mut self.file, Box::new(std::io::empty()));
        let inner = Cursor::new(b"\n").chain(Cursor::new(from_here)).chain(file);
        let rest = Watched { inner, quotes: Arc::clone(&quotes), since: Arc::clone(&since) };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.cut.delimiter)
            .flexible(true)
            .has_headers(self.awaits_header)
            .from_reader(UnixLines::new(rest));
        let mut record = csv::ByteRecord::new();
        let mut block = Block::default();
        while reader.read_byte_record(&mut record).map_err(|why| why.to_string())? {
            let line = line_of(&reader, record.as_slice()) + first - 1;
            let mut field = |which: Option<usize>| {
                let field = which.and_then(|which| record.get(which)).unwrap_or_default();
                let field = field.strip_prefix(MARK.as_bytes()).unwrap_or(field);
                block.push(String::from_utf8_lossy(field).trim())
            };
            let (written, label) = (field(Some(self.cut.number)), field(self.cut.label));
            let number = Msisdn::normalise(block.at(written)).ok();
            block.rows.push(Stands { line, number, written, label });
            spans = count_lines(record.as_slice());
            since.store(0, Ordering::Relaxed);
            if block.rows.len() >= ROWS_AT_ONCE {
                self.to_say(&mut block)?;
            }
        }
        if spans > 0 && !quotes.load(Ordering::Relaxed).is_multiple_of(2) {
            let line = reader.position().line() + first - 1 - spans;
            return Err(format!(
                "a quote that is opened on line {line} or before is never closed: close it, or write it twice within a field"
            ));
        }
        self.to_say(&mut block)
    }

    /// Hands on what there is of a block.
    fn to_say(&self, block: &mut Block) -> Result<(), String> {
        self.say(std::mem::take(block))
    }

    /// Hands rows on; that nobody listens ends the reading.
    fn say(&self, block: Block) -> Result<(), String> {
        self.to.send(Ok(Some(block))).map_err(|_| "nobody takes the rows".to_owned())
    }
}

/// A reader of what is not plain: it counts quotes, and ends where a record is too long.
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
        if self.since.fetch_add(read, Ordering::Relaxed) > LINE_MAX {
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

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;

    type Read = Result<Vec<(u64, String, String)>, String>;

    fn rows(mut rows: Rows) -> Read {
        let mut all = Vec::new();
        while let Some(row) = rows.next(&Intake::default())? {
            assert_eq!(row.number, Msisdn::normalise(row.written).ok());
            all.push((row.line, row.written.to_owned(), row.label.to_owned()));
        }
        Ok(all)
    }

    /// As the CSV reader alone reads it.
    fn by_csv(file: &[u8], cut: Cut) -> Read {
        let (to, blocks) = sync_channel(1024);
        let file: Box<dyn std::io::Read + Send> = Box::new(Cursor::new(file.to_vec()));
        let mut reader = Reader { file, cut, line: 1, awaits_header: cut.has_header, to };
        let read = reader.csv(Vec::new());
        let _ = reader.to.send(read.map(|()| None));
        rows(Rows { blocks, block: Block::default(), next: 0 })
    }

    fn quick(file: &[u8], cut: Cut) -> Read {
        rows(Rows::of(Box::new(Cursor::new(file.to_vec())), cut, 1)?)
    }

    fn cut() -> impl Strategy<Value = Cut> {
        let delimiter = prop_oneof![Just(b','), Just(b';'), Just(b'\t')];
        (delimiter, any::<bool>(), 0_usize..3, prop::option::of(0_usize..3)).prop_map(
            |(delimiter, has_header, number, label)| Cut { delimiter, has_header, number, label },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn plain_or_not_a_file_says_the_same(
            pieces in prop::collection::vec(prop_oneof![
                8 => Just(&b"380661231231"[..]), 4 => Just(&b","[..]), 2 => Just(&b";"[..]), 1 => Just(&b"\t"[..]),
                4 => Just(&b"\n"[..]), 3 => Just(&b"\r\n"[..]), 1 => Just(&b"\r"[..]), 1 => Just(&b"\""[..]),
                1 => Just(&b"\"a,\nb\""[..]), 1 => Just(&b" "[..]), 1 => Just(&b"\xef\xbb\xbf"[..]), 1 => Just(&b"\xff"[..]),
                1 => Just("\u{e4}\u{a0}".as_bytes()), 1 => Just(&b"\0"[..]), 1 => Just(&b"label"[..]),
            ], 0..60),
            cut in cut(),
        ) {
            let file = pieces.concat();
            prop_assert_eq!(quick(&file, cut), by_csv(&file, cut), "{:?}", String::from_utf8_lossy(&file));
        }

        #[test]
        fn any_bytes_say_the_same(file in prop::collection::vec(any::<u8>(), 0..300), cut in cut()) {
            prop_assert_eq!(quick(&file, cut), by_csv(&file, cut));
        }
    }

    #[test]
    fn blocks_are_joined_where_they_were_torn() {
        let cut = Cut { delimiter: b',', has_header: true, number: 0, label: Some(1) };
        for (end, odd) in [("\n", ""), ("\r\n", ""), ("\n", "\"1\",\"quoted\nlabel\"\n")] {
            let mut file = String::from("phone,reference");
            for row in 0..80_000 {
                file.push_str(&format!("{end}{},label {row}", 380_661_000_000_u64 + row));
            }
            file.push_str(&format!("\n{odd}2,last"));
            assert!(file.len() > 3 * BLOCK);
            let read = quick(file.as_bytes(), cut).unwrap();
            assert_eq!(read.len(), 80_001 + usize::from(!odd.is_empty()));
            assert_eq!(Ok(read), by_csv(file.as_bytes(), cut));
        }
    }

    #[test]
    fn a_line_without_an_end_is_no_list() {
        let cut = Cut { delimiter: b',', has_header: false, number: 0, label: None };
        let endless: Box<dyn std::io::Read + Send> = Box::new(std::io::repeat(b'1'));
        let why = rows(Rows::of(endless, cut, 1).unwrap()).unwrap_err();
        assert!(why.contains("line 1 is longer than 16 MiB"), "{why}");
    }

    #[test]
    fn a_quote_that_is_never_closed_swallows_nobody() {
        let cut = Cut { delimiter: b',', has_header: true, number: 0, label: Some(1) };
        let why = quick(b"phone,name\n1,a\n2,\"Ann\n3,Bob\n4,Cy\n", cut).unwrap_err();
        assert!(why.contains("a quote that is opened on line 3"), "{why}");
        // One within a field is a sign as any other.
        assert_eq!(quick(b"phone,name\n1,5\" pipe\n2,b\n", cut).map(|rows| rows.len()), Ok(2));
        let endless: Box<dyn std::io::Read + Send> =
            Box::new(Cursor::new(&b"phone\n\""[..]).chain(std::io::repeat(b'1')));
        let why = rows(Rows::of(endless, cut, 1).unwrap()).unwrap_err();
        assert!(why.contains("longer than 16 MiB"), "{why}");
    }

    #[test]
    fn a_reader_that_breaks_is_no_end() {
        struct Breaks;
        impl std::io::Read for Breaks {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                panic!("it breaks");
            }
        }
        let cut = Cut { delimiter: b',', has_header: false, number: 0, label: None };
        assert!(rows(Rows::of(Box::new(Breaks), cut, 1).unwrap()).is_err());
    }
}
