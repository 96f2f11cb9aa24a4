//! Ends of line, all made alike: CRLF and lone CR become LF, and the last line gets one too, so
//! that lines can be counted.

use std::io::{self, Read};

/// A reader whose every line ends in one LF.
pub(super) struct UnixLines<R> {
    inner: R,
    after_cr: bool,
    last: u8,
}

impl<R: Read> UnixLines<R> {
    pub(super) fn new(inner: R) -> Self {
        // Nothing was read yet: an empty file gets no line.
        Self { inner, after_cr: false, last: b'\n' }
    }

    /// Makes the ends of line in `bytes` alike, in place; answers how many bytes are left.
    fn unify(&mut self, bytes: &mut [u8]) -> usize {
        let mut kept = 0;
        for at in 0..bytes.len() {
            let byte = bytes[at];
            if byte == b'\n' && self.after_cr {
                self.after_cr = false;
                continue;
            }
            self.after_cr = byte == b'\r';
            self.last = if self.after_cr { b'\n' } else { byte };
            bytes[kept] = self.last;
            kept += 1;
        }
        kept
    }
}

impl<R: Read> Read for UnixLines<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.inner.read(into)?;
            let kept = self.unify(&mut into[..read]);
            if kept > 0 {
                return Ok(kept);
            }
            if read > 0 {
                // All of it was the second half of an end of line.
                continue;
            }
            return Ok(match into.first_mut() {
                Some(first) if self.last != b'\n' => {
                    self.last = b'\n';
                    *first = b'\n';
                    1
                }
                _ => 0,
            });
        }
    }
}

/// The line, from 1, on which a record begins that was just read, over [`UnixLines`]; `fields` are
/// its fields' bytes.
pub(super) fn line_of<R: Read>(reader: &csv::Reader<R>, fields: &[u8]) -> u64 {
    // The reader stands behind the record's last line; quoted fields may hold further ends of line.
    let breaks = fields.iter().filter(|byte| **byte == b'\n').count();
    let lines = u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1);
    reader.position().line().saturating_sub(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives out one byte at a time, so that every pair is torn apart.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = into.len().min(1);
            self.0.read(&mut into[..length])
        }
    }

    #[test]
    fn every_line_ends_in_one_lf() {
        for (text, unix) in [
            ("", ""),
            ("a", "a\n"),
            ("a\n", "a\n"),
            ("a\r\nb", "a\nb\n"),
            ("a\rb\r", "a\nb\n"),
            ("a\r\n\r\nb\n\n", "a\n\nb\n\n"),
        ] {
            let mut whole = String::new();
            UnixLines::new(text.as_bytes()).read_to_string(&mut whole).unwrap();
            assert_eq!(whole, unix, "{text:?}");
            let mut dropwise = String::new();
            UnixLines::new(Drops(text.as_bytes())).read_to_string(&mut dropwise).unwrap();
            assert_eq!(dropwise, unix, "{text:?}");
        }
    }
}
