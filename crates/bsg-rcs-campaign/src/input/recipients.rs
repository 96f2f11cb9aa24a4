//! The recipients' file: CSV with a header, or one number a line. Read as a stream.
//!
//! What the first line is decides: a header if one of its fields is `phone`, `msisdn` or `number`;
//! else the first number of a plain list. Anything else is refused with what was found.

use std::io::{Cursor, Read};

use bsg_rcs_domain::Intake;
use bsg_rcs_domain::recipients::Verdict;

use super::InputError;
pub use super::rows::Row;
use super::rows::{Cut, Rows};

/// Names of the column that holds the number.
const NUMBER_COLUMNS: [&str; 3] = ["phone", "msisdn", "number"];
/// The name of the column that holds the label.
const LABEL_COLUMN: &str = "reference";
/// How much of the beginning is read at once.
const HEAD: usize = 64 * 1024;
/// How much is looked at before the file counts as none.
const HEAD_MAX: usize = 1024 * 1024;

/// The rows of a recipients' file, read one after another. A thread reads some two megabytes ahead.
pub struct RecipientsFile {
    name: String,
    rows: Rows,
}

impl RecipientsFile {
    /// Opens a file (or standard input); `name` is what errors call it.
    ///
    /// # Errors
    /// [`InputError`] if it is empty, no text, or has neither a number's column nor numbers.
    pub fn open(name: &str, file: impl Read + Send + 'static) -> Result<Self, InputError> {
        let mut file = file;
        let head = head(&mut file).map_err(|why| InputError::unreadable(name, why))?;
        let refuse = |why: String| InputError::new(name, why);
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
        check_text(text).map_err(|why| refuse(why.to_owned()))?;
        let (blank, text) = after_blank_lines(text);
        let first = text.split(|b| matches!(b, b'\n' | b'\r')).next();
        let first = first.filter(|line| !line.is_empty());
        let first = first.ok_or_else(|| refuse("it is empty".to_owned()))?;
        let delimiter = delimiter(first);
        let shape = shape(first, delimiter).map_err(refuse)?;
        let cut = Cut {
            delimiter,
            has_header: shape.has_header,
            number: shape.number,
            label: shape.label,
        };
        let rest: Box<dyn Read + Send> = Box::new(Cursor::new(text.to_vec()).chain(file));
        let rows = Rows::of(rest, cut, blank + 1).map_err(|why| InputError::new(name, why))?;
        Ok(Self { name: name.to_owned(), rows })
    }

    /// Reads the next row; `None` at the end. Blank lines are no rows. The intake that the rows are meant for hears
    /// which numbers come soon, which makes large lists faster ([`Intake::expect`]).
    ///
    /// # Errors
    /// [`InputError`] if the file cannot be read on, or has a line of more than 16 MiB.
    #[inline]
    pub fn next(&mut self, intake: &Intake) -> Result<Option<Row<'_>>, InputError> {
        self.rows.next(intake).map_err(|why| InputError::new(&self.name, why))
    }
}

impl Row<'_> {
    /// Takes the row's number in, with a label or without.
    #[inline]
    pub fn taken_into(&self, intake: &mut Intake, label: Option<&str>) -> Verdict {
        match self.number {
            Some(number) => intake.take_number(number, label),
            None => intake.take(self.written, label),
        }
    }
}

impl std::fmt::Debug for RecipientsFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecipientsFile({})", self.name)
    }
}

/// The beginning of a file: up to the end of its first line that is not blank, whatever a pipe delivers at once.
fn head(file: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut piece = vec![0; HEAD];
    loop {
        let read = match file.read(&mut piece) {
            Err(why) if why.kind() == std::io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        head.extend_from_slice(piece.get(..read).unwrap_or_default());
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
        let (_, text) = after_blank_lines(text);
        let has_line = text.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
        if read == 0 || has_line || head.len() >= HEAD_MAX {
            return Ok(head);
        }
    }
}

/// How many lines are blank before the first that is not, and what follows them.
fn after_blank_lines(text: &[u8]) -> (u64, &[u8]) {
    let (mut lines, mut rest) = (0, text);
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        let (line, from) = rest.split_at(end);
        if !line.trim_ascii().is_empty() {
            break;
        }
        lines += 1;
        rest = from.strip_prefix(b"\r\n").unwrap_or_else(|| from.get(1..).unwrap_or_default());
    }
    if rest.trim_ascii().is_empty() { (lines, &[]) } else { (lines, rest) }
}

fn check_text(head: &[u8]) -> Result<(), &'static str> {
    if head.starts_with(b"PK\x03\x04") {
        return Err("it is a spreadsheet or archive, not text: save it as CSV (UTF-8)");
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err("it is UTF-16 text: save it as CSV (UTF-8)");
    }
    let binary = |b: &u8| *b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c);
    if head.iter().any(binary) {
        return Err("it is a binary file, not text: give a CSV file or a list of numbers");
    }
    Ok(())
}

/// The character that parts the fields: the most frequent of comma, semicolon and tab.
fn delimiter(first: &[u8]) -> u8 {
    let count = |delimiter: u8| first.iter().filter(|b| **b == delimiter).count();
    // The last of equals wins: the comma.
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

struct Shape {
    has_header: bool,
    number: usize,
    label: Option<usize>,
}

fn shape(first: &[u8], delimiter: u8) -> Result<Shape, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(first);
    let mut record = csv::ByteRecord::new();
    reader.read_byte_record(&mut record).map_err(|why| why.to_string())?;
    let columns: Vec<String> =
        record.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect();
    let find = |name: &str| columns.iter().position(|column| column.eq_ignore_ascii_case(name));
    if let Some(number) = NUMBER_COLUMNS.into_iter().find_map(find) {
        return Ok(Shape { has_header: true, number, label: find(LABEL_COLUMN) });
    }
    let has_digits = |column: &String| column.bytes().any(|b| b.is_ascii_digit());
    match columns.as_slice() {
        [only] if has_digits(only) => Ok(Shape { has_header: false, number: 0, label: None }),
        // The first line may hold numbers: it is counted, not quoted.
        fields if fields.iter().any(has_digits) => Err(format!(
            "its first line has {} fields and is no header: name one of them phone, msisdn or number",
            fields.len()
        )),
        fields => Err(format!(
            "no column is named phone, msisdn or number; it has: {}",
            fields.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &[u8]) -> Result<Vec<(u64, String, String)>, String> {
        let mut rows = Vec::new();
        let mut file = RecipientsFile::open("list.csv", std::io::Cursor::new(file.to_vec()))
            .map_err(|why| why.to_string())?;
        while let Some(row) = file.next(&Intake::default()).map_err(|why| why.to_string())? {
            rows.push((row.line, row.written.to_owned(), row.label.to_owned()));
        }
        Ok(rows)
    }

    fn row(line: u64, number: &str, label: &str) -> (u64, String, String) {
        (line, number.to_owned(), label.to_owned())
    }

    #[test]
    fn every_ordinary_form_is_read_with_its_line() {
        for (file, rows) in [
            (&b"phone\n1\n2\n"[..], vec![row(2, "1", ""), row(3, "2", "")]),
            (b"phone\r\n1\r\n\r\n2", vec![row(2, "1", ""), row(4, "2", "")]),
            (b"\xef\xbb\xbfPhone,Reference\n1,a\n2,b\n", vec![row(2, "1", "a"), row(3, "2", "b")]),
            (b"name;msisdn\n\"Smith; J\";+1\n", vec![row(2, "+1", "")]),
            (b"reference\tnumber\nx\t1\n", vec![row(2, "1", "x")]),
            (
                b"phone,reference\n\"1\",\"a\nb\"\n2,c\n",
                vec![row(2, "1", "a\nb"), row(4, "2", "c")],
            ),
            (b"\xef\xbb\xbf1\n2\n", vec![row(1, "1", ""), row(2, "2", "")]),
            (b"\n\n+1 (2)\n", vec![row(3, "+1 (2)", "")]),
            (b"phone,reference\n1\n,x\n", vec![row(2, "1", ""), row(3, "", "x")]),
            (b"phone\n", vec![]),
            (b"phone\n\xff1\n", vec![row(2, "\u{fffd}1", "")]),
        ] {
            assert_eq!(read(file), Ok(rows), "{}", String::from_utf8_lossy(file));
        }
    }

    /// Gives out one byte at a time, as a slow pipe does.
    struct Drops(Vec<u8>);

    impl Read for Drops {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            match (self.0.is_empty(), into.first_mut()) {
                (false, Some(first)) => *first = self.0.remove(0),
                _ => return Ok(0),
            }
            Ok(1)
        }
    }

    #[test]
    fn what_a_pipe_delivers_at_once_does_not_matter() {
        for file in [
            "phone,reference\n1,a\n",
            "\n \n\u{feff}1\n",
            "\u{feff}\nPhone\n1\n",
            " \r\nphone\r\n1",
            "1",
        ] {
            let whole = read(file.as_bytes()).unwrap();
            let mut dropwise =
                RecipientsFile::open("list.csv", Drops(file.as_bytes().to_vec())).unwrap();
            let mut rows = Vec::new();
            while let Some(row) = dropwise.next(&Intake::default()).unwrap() {
                rows.push((row.line, row.written.to_owned(), row.label.to_owned()));
            }
            assert_eq!(rows, whole, "{file:?}");
            assert_eq!(rows.len(), 1, "{file:?}");
        }
        assert_eq!(read(b" \nphone,reference\n1,a\n"), Ok(vec![row(3, "1", "a")]));
    }

    #[test]
    fn what_is_no_list_is_refused_with_what_was_found() {
        for (file, why) in [
            (&b""[..], "it is empty"),
            (b"\xef\xbb\xbf\n \n", "it is empty"),
            (
                b"name,email\na,b\n",
                "no column is named phone, msisdn or number; it has: name, email",
            ),
            (b"email\n", "no column is named phone, msisdn or number; it has: email"),
            (b"380661231231,Ann\n", "its first line has 2 fields and is no header"),
            (b"phone\n1\0\n", "it is a binary file"),
            (b"PK\x03\x04rest", "it is a spreadsheet"),
            (b"\xff\xfep\0h\0", "it is UTF-16 text"),
        ] {
            let error = read(file).unwrap_err();
            assert!(error.starts_with(&format!("list.csv: {why}")), "{error}");
        }
    }
}
