//! Rows of a list, read ahead by a thread of its own: what takes them has the other processor to itself.

use std::io::Read;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use bsg_rcs_domain::{Intake, Msisdn};

use super::cut::{Block, Cut, Numbers, Stands};
use super::reader::{Reader, Said};

/// Blocks that are read ahead.
const AHEAD: usize = 4;

/// One line of a list.
#[derive(Debug, Clone, Copy)]
pub struct Row<'list> {
    /// Its line, from 1.
    pub line: u64,
    /// The number as it is written.
    pub written: &'list str,
    /// The number, if it can be read and how it is written leaves no doubt.
    pub number: Option<Msisdn>,
    /// The label; empty if there is none.
    pub label: &'list str,
    /// The number or the label holds bytes that are no text in the file's encoding; they are shown
    /// as U+FFFD.
    pub is_unreadable: bool,
    /// How its list is read.
    pub(super) numbers: &'list Numbers,
}

/// Rows, one after another.
pub(super) struct Rows {
    blocks: Receiver<Said>,
    block: Block,
    next: usize,
    numbers: Numbers,
}

impl Rows {
    /// Begins to read a file whose first line has this number.
    pub(super) fn of(file: Box<dyn Read + Send>, cut: Cut, line: u64) -> Result<Self, String> {
        let (to, blocks) = sync_channel(AHEAD);
        let numbers = cut.numbers.clone();
        let reader = Reader { file, awaits_header: cut.has_header, cut, line, to };
        let began = thread::Builder::new().name("list-reader".into()).spawn(move || reader.run());
        began.map_err(|why| why.to_string())?;
        Ok(Self { blocks, block: Block::default(), next: 0, numbers })
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
            numbers: &self.numbers,
            is_unreadable: self.block.unreadable.binary_search(&self.next).is_ok(),
        });
        self.next += 1;
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use proptest::prelude::*;

    use super::super::reader::BLOCK;
    use super::*;

    type Read = Result<Vec<(u64, String, String, bool)>, String>;

    fn rows(mut rows: Rows) -> Read {
        let mut all = Vec::new();
        while let Some(row) = rows.next(&Intake::default())? {
            assert_eq!(row.number, Msisdn::normalise(row.written).ok());
            let is_unreadable = row.is_unreadable;
            all.push((row.line, row.written.to_owned(), row.label.to_owned(), is_unreadable));
        }
        Ok(all)
    }

    /// As the CSV reader alone reads it.
    fn by_csv(file: &[u8], cut: Cut) -> Read {
        let (to, blocks) = sync_channel(1024);
        let file: Box<dyn std::io::Read + Send> = Box::new(Cursor::new(file.to_vec()));
        let mut reader = Reader { file, awaits_header: cut.has_header, cut, line: 1, to };
        let read = reader.csv(Vec::new());
        let _ = reader.to.send(read.map(|()| None));
        rows(Rows { blocks, block: Block::default(), next: 0, numbers: Numbers::default() })
    }

    fn quick(file: &[u8], cut: Cut) -> Read {
        rows(Rows::of(Box::new(Cursor::new(file.to_vec())), cut, 1)?)
    }

    fn cut() -> impl Strategy<Value = Cut> {
        let delimiter = prop_oneof![Just(b','), Just(b';'), Just(b'\t')];
        (delimiter, any::<bool>(), 0_usize..3, prop::option::of(0_usize..3)).prop_map(
            |(delimiter, has_header, number, label)| Cut {
                delimiter,
                has_header,
                number,
                label,
                numbers: Numbers::default(),
            },
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
            prop_assert_eq!(quick(&file, cut.clone()), by_csv(&file, cut), "{:?}", String::from_utf8_lossy(&file));
        }

        #[test]
        fn any_bytes_say_the_same(file in prop::collection::vec(any::<u8>(), 0..300), cut in cut()) {
            prop_assert_eq!(quick(&file, cut.clone()), by_csv(&file, cut.clone()));
        }
    }

    #[test]
    fn blocks_are_joined_where_they_were_torn() {
        let cut = Cut {
            delimiter: b',',
            has_header: true,
            number: 0,
            label: Some(1),
            numbers: Numbers::default(),
        };
        for (end, odd) in [("\n", ""), ("\r\n", ""), ("\n", "\"1\",\"quoted\nlabel\"\n")] {
            let mut file = String::from("phone,reference");
            for row in 0..80_000 {
                file.push_str(&format!("{end}{},label {row}", 380_661_000_000_u64 + row));
            }
            file.push_str(&format!("\n{odd}2,last"));
            assert!(file.len() > 3 * BLOCK);
            let read = quick(file.as_bytes(), cut.clone()).unwrap();
            assert_eq!(read.len(), 80_001 + usize::from(!odd.is_empty()));
            assert_eq!(Ok(read), by_csv(file.as_bytes(), cut.clone()));
        }
    }

    #[test]
    fn a_line_without_an_end_is_no_list() {
        let cut = Cut {
            delimiter: b',',
            has_header: false,
            number: 0,
            label: None,
            numbers: Numbers::default(),
        };
        let endless: Box<dyn std::io::Read + Send> = Box::new(std::io::repeat(b'1'));
        let why = rows(Rows::of(endless, cut.clone(), 1).unwrap()).unwrap_err();
        assert!(why.contains("line 1 is longer than 16 MiB"), "{why}");
    }

    #[test]
    fn a_quote_that_is_never_closed_swallows_no_recipient() {
        let cut = Cut {
            delimiter: b',',
            has_header: true,
            number: 0,
            label: Some(1),
            numbers: Numbers::default(),
        };
        let why = quick(b"phone,name\n1,a\n2,\"Ann\n3,Bob\n4,Cy\n", cut.clone()).unwrap_err();
        assert!(why.contains("a quote that is opened on line 3"), "{why}");
        // One within a field is a sign as any other.
        assert_eq!(
            quick(b"phone,name\n1,5\" pipe\n2,b\n", cut.clone()).map(|rows| rows.len()),
            Ok(2)
        );
        let endless: Box<dyn std::io::Read + Send> =
            Box::new(Cursor::new(&b"phone\n\""[..]).chain(std::io::repeat(b'1')));
        let why = rows(Rows::of(endless, cut.clone(), 1).unwrap()).unwrap_err();
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
        let cut = Cut {
            delimiter: b',',
            has_header: false,
            number: 0,
            label: None,
            numbers: Numbers::default(),
        };
        assert!(rows(Rows::of(Box::new(Breaks), cut.clone(), 1).unwrap()).is_err());
    }
}
