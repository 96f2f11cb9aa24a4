//! The recipients' file: CSV with a header, or one number a line. Read as a stream.
//!
//! What the first line is decides: a header if one of its fields has a name that columns of phone
//! numbers have, or the one that the user chose; else the first number of a plain list. Anything
//! else is refused with what was found.

use std::io::Read;
use std::sync::Arc;

use bsg_rcs_domain::recipients::{Refusal, Verdict};
use bsg_rcs_domain::{Country, Intake};

use super::cut::{Cut, Numbers};
use super::refused::RefusedRows;
pub use super::rows::Row;
use super::rows::Rows;
use super::sheet::Sheet;
use super::text::Encoding;
use super::{InputError, columns};

/// How a recipients' file is read, where its words leave that open.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Whose numbers those are that are written without a `+`, a `00` or a calling code.
    pub country: Option<Country>,
    /// The countries that numbers may belong to, others are refused; all if it is empty.
    pub countries: Vec<Country>,
    /// The name of the column that holds the numbers.
    pub column: Option<String>,
    /// The name of the column that holds the labels, instead of `reference`.
    pub label_column: Option<String>,
    /// How the file is written, if it is neither UTF-8 nor begins with a byte-order mark.
    pub encoding: Option<Encoding>,
    /// Where refused rows are written.
    pub refused: Option<Arc<RefusedRows>>,
}

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
        Self::open_as(name, file, &ReadOptions::default())
    }

    /// Opens a file as the options say.
    ///
    /// # Errors
    /// As [`RecipientsFile::open`]; [`InputError`], too, if a chosen column is not there.
    pub fn open_as(
        name: &str,
        file: impl Read + Send + 'static,
        options: &ReadOptions,
    ) -> Result<Self, InputError> {
        let refuse = |why: String| InputError::new(name, why);
        let chosen = options.column.as_deref();
        let is_known = |column: &str| columns::is_known(column, chosen);
        let sheet = Sheet::open(name, file, options.encoding, is_known)?;
        let number = columns::number_column(&sheet, chosen).map_err(refuse)?;
        let label = options.label_column.as_deref();
        let label = columns::label_column(&sheet, number.is_some(), label);
        let cut = Cut {
            delimiter: sheet.delimiter,
            has_header: number.is_some(),
            number: number.unwrap_or(0),
            label: label.map_err(refuse)?,
            numbers: Numbers {
                country: options.country,
                countries: options.countries.as_slice().into(),
                refused: options.refused.clone(),
            },
        };
        let rows = Rows::of(sheet.rest, cut, sheet.line).map_err(refuse)?;
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
        let verdict = match self.number {
            Some(number) if !self.is_unreadable => intake.take_number(number, label),
            _ => self.read_into(intake, label),
        };
        if let (Verdict::Refused(why), Some(refused)) = (&verdict, &self.numbers.refused) {
            refused.put(self.line, self.written, why);
        }
        verdict
    }

    fn read_into(&self, intake: &mut Intake, label: Option<&str>) -> Verdict {
        match self.numbers.read(self.written) {
            _ if self.is_unreadable => intake.refuse(Refusal::Encoding),
            Ok(reading) => intake.take_reading(Ok(reading), label),
            Err(why) => intake.refuse(why),
        }
    }
}

impl std::fmt::Debug for RecipientsFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecipientsFile({})", self.name)
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
            // A number behind a word is no header: it is refused where it stands.
            (b"Phone: 380661231231\n2\n", vec![row(1, "Phone: 380661231231", ""), row(2, "2", "")]),
            (b"phone\n\xff1\n", vec![row(2, "\u{fffd}1", "")]),
            // R5: a spreadsheet names its delimiter.
            (b"sep=;\nphone;reference\n1;a\n", vec![row(3, "1", "a")]),
            (b"\xef\xbb\xbf\"sep=\t\"\r\nphone\treference\r\n1\ta\r\n", vec![row(3, "1", "a")]),
            (b"SEP=,\n1\n", vec![row(2, "1", "")]),
            // R6: rows of empty fields.
            (
                b"phone,name,reference\n1,x,a\n,,\n , ,\n\"\",,\n2,y,b\n,,",
                vec![row(2, "1", "a"), row(6, "2", "b")],
            ),
            (b",,\n;;\nphone,reference\n1,a\n", vec![row(4, "1", "a")]),
            (b"phone,name\n,x\n", vec![row(2, "", "")]),
            // R4: what is not seen in a header.
            ("\u{200b}phone\u{a0},\u{200e}Reference\n1,a\n".as_bytes(), vec![row(2, "1", "a")]),
            // The delimiter is what makes a known column.
            (b"name, first;phone;a,b,c\nx;1;y\n", vec![row(2, "1", "")]),
            (b"\"a;b;c\",phone\nx,1\n", vec![row(2, "1", "")]),
            (b"phone|reference\n1|a\n", vec![row(2, "1", "a")]),
            (b"\"Phone\nnumber\",reference\n1,a\n", vec![row(3, "1", "a")]),
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
                "no column is named phone, mobile, msisdn or number: choose one with --column; it has: name, email",
            ),
            (
                b"email\n",
                "no column is named phone, mobile, msisdn or number: choose one with --column; it has: email",
            ),
            (b"380661231231,Ann\n", "its first line has 2 fields and is no header"),
            (b"380661231231;Ann\n", "its first line has 2 fields and is no header"),
            (b"phone\n1\0\n", "it is a binary file"),
            // A first line as short as a byte-order mark.
            (b"tel\n1\0\n", "it is a binary file"),
            (b"PK\x03\x04rest", "it is a spreadsheet"),
            (b"\xd0\xcf\x11\xe0rest", "it is a spreadsheet"),
            (
                b"\xff\xfen\0a\0m\0e\0",
                "no column is named phone, mobile, msisdn or number: choose one with --column; it has: name",
            ),
        ] {
            let error = read(file).unwrap_err();
            assert!(error.starts_with(&format!("list.csv: {why}")), "{error}");
        }
    }

    fn open(file: &[u8], options: &ReadOptions) -> Result<Vec<(u64, String, String)>, String> {
        let mut rows = Vec::new();
        let file = std::io::Cursor::new(file.to_vec());
        let mut file =
            RecipientsFile::open_as("list.csv", file, options).map_err(|why| why.to_string())?;
        while let Some(row) = file.next(&Intake::default()).map_err(|why| why.to_string())? {
            rows.push((row.line, row.written.to_owned(), row.label.to_owned()));
        }
        Ok(rows)
    }

    /// R8: names of columns.
    #[test]
    fn a_column_of_numbers_is_known_by_its_name() {
        for name in [
            "Phone 1 - Value",
            "Mobile",
            "Phone Number",
            "phone_number",
            "Телефон",
            "Telefon",
            "Handy",
            "Rufnummer",
            "MOBILE PHONE",
            "Tel.",
            "Номер телефона",
            "Number",
            "msisdn",
            "Phone2",
            "Mobile Phone:",
        ] {
            let file = format!("Name,{name},City\nAnn,1,Wien\n");
            assert_eq!(read(file.as_bytes()), Ok(vec![row(2, "1", "")]), "{name}");
        }
        // A customer's number beside a phone's.
        assert_eq!(read(b"Number,Mobile\n77,1\n"), Ok(vec![row(2, "1", "")]));
    }

    #[test]
    fn where_two_columns_can_be_meant_the_user_chooses() {
        let file = b"Phone 1 - Value,Phone 2 - Value,Customer 7\n1,2,x\n";
        let error = read(file).unwrap_err();
        let listed = "choose one with --column: Phone 1 - Value, Phone 2 - Value";
        assert!(error.ends_with(listed), "{error}");
        let chosen = |column: &str, label: Option<&str>| ReadOptions {
            column: Some(column.into()),
            label_column: label.map(str::to_owned),
            ..ReadOptions::default()
        };
        assert_eq!(open(file, &chosen("phone 2 - value", None)), Ok(vec![row(2, "2", "")]));
        let labelled = chosen("Phone 1 - Value", Some("Customer 7"));
        assert_eq!(open(file, &labelled), Ok(vec![row(2, "1", "x")]));
        let wrong = chosen("Phone 3", None);
        let error = open(file, &wrong).unwrap_err();
        assert!(error.contains("no column is named Phone 3; it has: Phone 1 - Value"), "{error}");
        let error = open(file, &chosen("Phone 1 - Value", Some("Label"))).unwrap_err();
        assert!(error.contains("no column is named Label; it has"), "{error}");
        let error = open(b"a,a\n1,2\n", &chosen("a", None)).unwrap_err();
        assert!(error.contains("2 columns are named a: rename all but one"), "{error}");
        // The chosen column tells the delimiter, too.
        let file = b"x,y,z;Kontakt\na;1\n";
        assert_eq!(open(file, &chosen("kontakt", None)), Ok(vec![row(2, "1", "")]));
        let options = ReadOptions { label_column: Some("x".into()), ..ReadOptions::default() };
        let error = open(b"380661231231\n", &options).unwrap_err();
        assert!(error.contains("it has no columns"), "{error}");
    }

    /// R7: a list in another encoding.
    #[test]
    fn what_is_not_utf_8_is_refused_or_decoded_and_never_altered() {
        let file = b"phone,reference,city\n380661231231,M\xfcller,Wien\n380661231232,Ann,K\xf6ln\n380661231233,\"M\xfcller\",Wien\n380661231234,Bob,Graz\n";
        let mut list = RecipientsFile::open("list.csv", &file[..]).unwrap();
        let mut intake = Intake::default();
        let mut refused = Vec::new();
        while let Some(row) = list.next(&Intake::default()).unwrap() {
            if let Verdict::Refused(why) = row.taken_into(&mut intake, Some(row.label)) {
                refused.push((row.line, why.rule().id));
            }
        }
        // A city is not read.
        assert_eq!(refused, [(2, "RCPT-ENCODING"), (4, "RCPT-ENCODING")]);
        assert_eq!((intake.counts().kept, intake.counts().refused), (2, 2));
        let encoding = Encoding::named("windows-1252").ok();
        let rows = open(file, &ReadOptions { encoding, ..ReadOptions::default() }).unwrap();
        assert_eq!(rows[0], row(2, "380661231231", "Müller"));
        let file: Vec<u8> = "\u{feff}phone;reference\r\n1;Müller\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read(&file), Ok(vec![row(2, "1", "Müller")]));
    }

    /// R11: text of the file in an error.
    #[test]
    fn a_header_is_quoted_short_and_escaped() {
        let error = read("x".repeat(900_000).as_bytes()).unwrap_err();
        assert!(error.len() < 300 && error.contains("(900000 characters)"), "{}", error.len());
        let error = read("pho\u{200b}ne\u{1b},b\n".as_bytes()).unwrap_err();
        assert!(error.contains("binary"), "{error}");
        let error = read("n\u{202e}ame,b\n".as_bytes()).unwrap_err();
        assert!(error.contains("n\\u{202e}ame, b"), "{error}");
        let many = (0..5000).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",");
        let error = read(many.as_bytes()).unwrap_err();
        assert!(error.ends_with("c19 and 4980 more"), "{error}");
    }

    /// A file that a test looks into.
    #[derive(Clone, Default)]
    struct Shared(Arc<std::sync::Mutex<Vec<u8>>>);

    impl std::io::Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn refused_rows_are_written_and_can_be_read_again() {
        let shared = Shared::default();
        let refused = Arc::new(RefusedRows::new(shared.clone()));
        let options = ReadOptions {
            countries: vec![Country::known("AT").unwrap(), Country::known("DE").unwrap()],
            refused: Some(refused.clone()),
            ..ReadOptions::default()
        };
        let list = "phone,reference\n+436641234567,a\n06641234568,b\n+380661231231,c\n=cmd(),d\n+43,e\n\"x,\"\"y\",f\n";
        let mut list = RecipientsFile::open_as("list.csv", list.as_bytes(), &options).unwrap();
        let mut intake = Intake::default();
        while let Some(row) = list.next(&Intake::default()).unwrap() {
            let _ = row.taken_into(&mut intake, Some(row.label));
        }
        assert_eq!((intake.counts().kept, intake.counts().refused), (1, 5));
        assert_eq!(refused.finish().unwrap(), 5);
        let text = String::from_utf8(shared.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "line,value,rule,why");
        assert!(lines[1].starts_with("3,06641234568,NUM-NATIONAL,"), "{text}");
        assert!(lines[2].starts_with("4,'+380661231231,RCPT-COUNTRY,"), "{text}");
        assert!(lines[3].starts_with("5,'=cmd(),NUM-CHAR,"), "{text}");
        assert!(lines[4].starts_with("6,'+43,NUM-LEN,"), "{text}");
        assert!(lines[5].starts_with("7,\"x,\"\"y\",NUM-CHAR,"), "{text}");
        let again = ReadOptions {
            column: Some("value".into()),
            country: Country::known("AT").ok(),
            ..ReadOptions::default()
        };
        let rows = open(text.as_bytes(), &again).unwrap();
        assert_eq!(rows[1], row(3, "'+380661231231", ""));
    }

    #[test]
    fn a_file_of_refused_rows_that_cannot_be_written_says_so() {
        struct Full;
        impl std::io::Write for Full {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let refused = RefusedRows::new(Full);
        assert!(refused.finish().is_err());
    }
}
