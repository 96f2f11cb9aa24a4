//! The beginning of a table that a person brings: what parts its fields, and what its columns are
//! called.

use std::io::{self, Cursor, Read};

use super::InputError;
use super::quote::columns;
use super::text::{self, Encoding};

/// How much of the beginning is read at once.
const HEAD: usize = 64 * 1024;
/// How much is looked at before the file counts as none.
const HEAD_MAX: usize = 1024 * 1024;
/// What may part fields, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A table whose first line was looked at.
pub(super) struct Sheet {
    /// What parts its fields.
    pub(super) delimiter: u8,
    /// The fields of its first line, as they are written.
    pub(super) first: Vec<String>,
    /// The line that they stand on, from 1.
    pub(super) line: u64,
    /// The table from that line on.
    pub(super) rest: Box<dyn Read + Send>,
}

impl Sheet {
    /// Opens a table; `name` is what errors call it, `is_known` whether a column can have a name
    /// (as [`column_name`] gives it). The delimiter is the one that makes a known column of a part
    /// of the first line.
    ///
    /// # Errors
    /// [`InputError`] if it cannot be read, is empty or no text.
    pub(super) fn open(
        name: &str,
        file: impl Read + Send + 'static,
        encoding: Option<Encoding>,
        is_known: impl Fn(&str) -> bool,
    ) -> Result<Self, InputError> {
        let unreadable = |why| InputError::unreadable(name, why);
        let mut file = text::stream(file, encoding).map_err(unreadable)?;
        let head = Head::read(&mut file).map_err(unreadable)?;
        let refuse = |why: &str| InputError::new(name, why);
        check_text(&head.bytes).map_err(refuse)?;
        let record = head.record();
        if record.is_empty() {
            return Err(refuse("it is empty"));
        }
        let delimiter = head.separator.unwrap_or_else(|| delimiter(record, is_known));
        let first = fields(record, delimiter);
        let Head { bytes, line, from, .. } = head;
        let mut rest = Cursor::new(bytes);
        rest.set_position(from as u64);
        Ok(Self { delimiter, first, line, rest: Box::new(rest.chain(file)) })
    }

    /// The names of its columns, as errors list them.
    pub(super) fn listed(&self) -> String {
        columns(self.first.iter().map(String::as_str))
    }

    /// Which columns have this name.
    pub(super) fn named(&self, name: &str) -> Vec<usize> {
        let name = column_name(name);
        let places = self.first.iter().enumerate();
        places.filter(|(_, column)| column_name(column) == name).map(|(at, _)| at).collect()
    }

    /// The one column that has this name.
    ///
    /// # Errors
    /// A sentence that lists the columns if there is none, or more than one.
    pub(super) fn only(&self, name: &str) -> Result<usize, String> {
        let shown = super::quote::shown(name);
        match self.named(name).as_slice() {
            [only] => Ok(*only),
            [] => Err(format!("no column is named {shown}; it has: {}", self.listed())),
            more => Err(format!("{} columns are named {shown}: rename all but one", more.len())),
        }
    }
}

/// A column's name as names are compared: in lower case, without what is not seen, one space where
/// spaces, underscores, dashes, dots or colons part its words.
pub(super) fn column_name(written: &str) -> String {
    let is_seen = |character: &char| !is_format(*character);
    let seen: String = written.chars().filter(is_seen).collect::<String>().to_lowercase();
    let parts = |c: char| c.is_whitespace() || matches!(c, '_' | '-' | '.' | ':' | '\u{2013}');
    seen.split(parts).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A field without the spaces and the characters that are not seen at its ends.
#[inline]
pub(super) fn trim(field: &str) -> &str {
    match field.as_bytes() {
        // As most are.
        [b'!'..=b'~', .., b'!'..=b'~'] => field,
        _ => field.trim_matches(is_unseen),
    }
}

/// A field without those at its beginning.
#[inline]
pub(super) fn trim_start(field: &str) -> &str {
    match field.as_bytes() {
        [b'!'..=b'~', ..] => field,
        _ => field.trim_start_matches(is_unseen),
    }
}

fn is_unseen(character: char) -> bool {
    character.is_whitespace() || is_format(character)
}

/// Characters that are not seen and part nothing.
fn is_format(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{feff}'
    )
}

/// The beginning of a file.
struct Head {
    bytes: Vec<u8>,
    /// Where the first line begins that says something.
    from: usize,
    /// Where its record ends.
    to: usize,
    /// Its line, from 1.
    line: u64,
    /// What a line `sep=;` before it named.
    separator: Option<u8>,
}

impl Head {
    /// Reads up to the end of the first record, however little a pipe delivers at once, and beyond
    /// the bytes that told the encoding: those come by themselves.
    fn read(file: &mut impl Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let mut piece = vec![0; HEAD];
        loop {
            let read = match file.read(&mut piece) {
                Err(why) if why.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            bytes.extend_from_slice(piece.get(..read).unwrap_or_default());
            let is_all = read == 0 || bytes.len() >= HEAD_MAX;
            let (from, line, separator) = beginning(&bytes, is_all);
            let rest = bytes.get(from..).unwrap_or_default();
            if let Some(length) = record_end(rest).filter(|_| is_all || bytes.len() > text::MARK) {
                return Ok(Self { bytes, from, to: from + length, line, separator });
            }
            if is_all {
                // Of a quote that is never closed, the first line is taken.
                let end = rest.iter().position(|byte| is_end(*byte)).unwrap_or(rest.len());
                return Ok(Self { bytes, from, to: from + end, line, separator });
            }
        }
    }

    fn record(&self) -> &[u8] {
        self.bytes.get(self.from..self.to).unwrap_or_default()
    }
}

/// Passes over blank lines and a line that names the delimiter: where the next line begins, its
/// number, and that delimiter. A last line without an end counts only if `is_all` was read.
fn beginning(bytes: &[u8], is_all: bool) -> (usize, u64, Option<u8>) {
    let (mut from, mut line, mut separator) = (0, 1, None);
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(end) = rest.iter().position(|byte| is_end(*byte)) else {
            let is_blank = is_all && is_blank(rest);
            return (if is_blank { bytes.len() } else { from }, line, separator);
        };
        let (text, behind) = rest.split_at(end);
        match named_separator(text).filter(|_| separator.is_none()) {
            Some(named) => separator = Some(named),
            None if is_blank(text) => {}
            None => return (from, line, separator),
        }
        line += 1;
        from += end + if behind.starts_with(b"\r\n") { 2 } else { 1 };
    }
}

/// The delimiter of a spreadsheet's line `sep=;`.
fn named_separator(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [name @ .., named] if name.eq_ignore_ascii_case(b"sep=") => Some(*named),
        // The tab was trimmed off.
        name if name.eq_ignore_ascii_case(b"sep=") => Some(b'\t'),
        _ => None,
    }
}

/// Whether nothing is written in a line: it holds spaces and delimiters only.
pub(super) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| byte.is_ascii_whitespace() || DELIMITERS.contains(byte) || *byte == b'"')
}

const fn is_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Where the first record ends: at an end of line that stands in no quotes.
fn record_end(bytes: &[u8]) -> Option<usize> {
    let (mut is_quoted, mut is_start) = (false, true);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if is_quoted => is_quoted = false,
            b'"' if is_start => is_quoted = true,
            byte if is_end(*byte) && !is_quoted => return Some(at),
            _ => {}
        }
        is_start = DELIMITERS.contains(byte);
    }
    None
}

/// Refuses what is no text.
fn check_text(head: &[u8]) -> Result<(), &'static str> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err("it is a spreadsheet or archive, not text: save it as CSV (UTF-8)");
    }
    let binary = |b: &u8| *b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c);
    if head.iter().any(binary) {
        return Err("it is a binary file, not text: give a CSV file or a list of numbers");
    }
    Ok(())
}

/// What parts the fields: what makes a known column of one of them; else what is most frequent
/// outside quotes. Of equals the likelier wins.
fn delimiter(record: &[u8], is_known: impl Fn(&str) -> bool) -> u8 {
    let known = |delimiter: u8| {
        let fields = fields(record, delimiter);
        fields.iter().filter(|field| is_known(&column_name(field))).count()
    };
    let most = |count: &dyn Fn(u8) -> usize| {
        DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
    };
    let likely = most(&|delimiter| fields(record, delimiter).len());
    let best = most(&known);
    if known(likely) == 0 && known(best) > 0 { best } else { likely }
}

/// The fields of a record.
fn fields(record: &[u8], delimiter: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(record);
    let mut fields = csv::ByteRecord::new();
    // Bytes in memory can be read.
    let _ = reader.read_byte_record(&mut fields);
    fields.iter().map(|field| trim(&String::from_utf8_lossy(field)).to_owned()).collect()
}
