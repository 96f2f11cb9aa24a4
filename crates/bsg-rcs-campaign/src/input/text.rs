//! The text of a file in any encoding: UTF-8 and UTF-16 are told by their marks, others by the
//! user. What cannot be read stays unreadable, so that it can be refused where it
//! stands.

use std::io::{self, Cursor, Read};

use encoding_rs::{Decoder, DecoderResult};

use super::InputError;

/// A byte that no UTF-8 text holds: it stands for what could not be decoded.
const UNREADABLE: u8 = 0xff;
/// Bytes that are decoded at once.
const PIECE: usize = 64 * 1024;
/// Bytes that tell an encoding.
pub(super) const MARK: usize = 4;

/// How a file is written that has no byte-order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// Reads a name as web pages use it: `windows-1252`, `cp1251`, `utf-16le`, `shift_jis`.
    ///
    /// # Errors
    /// [`UnknownEncoding`] if there is no such name.
    pub fn named(label: &str) -> Result<Self, UnknownEncoding> {
        let label = label.trim();
        let of = |label: &str| encoding_rs::Encoding::for_label_no_replacement(label.as_bytes());
        of(label).or_else(|| of(&format!("windows-{label}"))).map(Self).ok_or(UnknownEncoding)
    }
}

/// No encoding has that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no such encoding: write utf-8, windows-1252, windows-1251, iso-8859-2, utf-16le or another name that browsers know"
)]
pub struct UnknownEncoding;

/// A file as a stream of UTF-8 without a mark. A byte-order mark is believed more than `encoding`.
///
/// # Errors
/// What reading the first bytes says.
pub(super) fn stream(
    mut file: impl Read + Send + 'static,
    encoding: Option<Encoding>,
) -> io::Result<Box<dyn Read + Send>> {
    let mut first = Vec::with_capacity(MARK);
    // A pipe may deliver one byte at a time.
    file.by_ref().take(MARK as u64).read_to_end(&mut first)?;
    let (encoding, mark) = match encoding_rs::Encoding::for_bom(&first) {
        Some((encoding, mark)) => (encoding, mark),
        None => (encoding.map_or_else(|| unmarked(&first), |Encoding(named)| named), 0),
    };
    first.drain(..mark);
    let whole = Cursor::new(first).chain(file);
    Ok(match encoding {
        encoding if encoding == encoding_rs::UTF_8 => Box::new(whole),
        encoding => Box::new(Decoded {
            inner: whole,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: Vec::new(),
            at: 0,
            text: Vec::new(),
            given: 0,
            is_over: false,
        }),
    })
}

/// The whole text of a file; `name` is what errors call it, `size` the most bytes that it may have.
///
/// # Errors
/// [`InputError`] if it cannot be read, is longer, or is no text.
pub fn whole(
    name: &str,
    file: impl Read + Send + 'static,
    size: u64,
) -> Result<String, InputError> {
    let read = || {
        let mut bytes = Vec::new();
        stream(file, None)?.take(size.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|why| InputError::unreadable(name, why))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > size {
        return Err(InputError::new(name, format!("it is longer than {size} bytes")));
    }
    String::from_utf8(bytes)
        .map_err(|_| InputError::new(name, "it is not UTF-8 text: save it as UTF-8"))
}

/// UTF-16 without a mark, if the zeros of Latin letters stand there; else UTF-8.
fn unmarked(first: &[u8]) -> &'static encoding_rs::Encoding {
    match first {
        [one, 0, other, 0] if *one != 0 && *other != 0 => encoding_rs::UTF_16LE,
        [0, one, 0, other] if *one != 0 && *other != 0 => encoding_rs::UTF_16BE,
        _ => encoding_rs::UTF_8,
    }
}

/// A stream that is decoded while it is read.
struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    /// What was read and not decoded yet, from `at` on.
    raw: Vec<u8>,
    at: usize,
    /// What was decoded and not given out yet, from `given` on.
    text: Vec<u8>,
    given: usize,
    is_over: bool,
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.is_over {
            self.decode()?;
        }
        let mut rest = self.text.get(self.given..).unwrap_or_default();
        let read = rest.read(into)?;
        self.given += read;
        Ok(read)
    }
}

impl<R: Read> Decoded<R> {
    /// Decodes a piece, or less of it.
    fn decode(&mut self) -> io::Result<()> {
        if self.at == self.raw.len() {
            self.raw.resize(PIECE, 0);
            let read = self.inner.read(&mut self.raw)?;
            self.raw.truncate(read);
            self.at = 0;
        }
        let rest = self.raw.get(self.at..).unwrap_or_default();
        let last = rest.is_empty();
        self.text.resize(PIECE, 0);
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(rest, &mut self.text, last);
        self.text.truncate(written);
        self.given = 0;
        self.at += read;
        match result {
            DecoderResult::Malformed(..) => self.text.push(UNREADABLE),
            DecoderResult::InputEmpty => self.is_over = last,
            DecoderResult::OutputFull => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &[u8], encoding: Option<&str>) -> Vec<u8> {
        let encoding = encoding.map(|name| Encoding::named(name).unwrap());
        let mut text = Vec::new();
        stream(Cursor::new(file.to_vec()), encoding).unwrap().read_to_end(&mut text).unwrap();
        text
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn marks_and_names_tell_the_encoding() {
        let text = "phone,Имя 😀\n";
        let marked = format!("\u{feff}{text}");
        for (file, encoding) in [
            (text.as_bytes().to_vec(), None),
            (marked.as_bytes().to_vec(), None),
            (utf16(&marked, u16::to_le_bytes), None),
            (utf16(&marked, u16::to_be_bytes), None),
            (utf16(text, u16::to_le_bytes), None),
            (utf16(text, u16::to_be_bytes), None),
            (utf16(text, u16::to_le_bytes), Some("utf-16le")),
            // The mark is believed.
            (marked.as_bytes().to_vec(), Some("windows-1252")),
            (utf16(&marked, u16::to_be_bytes), Some("utf-8")),
        ] {
            assert_eq!(read(&file, encoding), text.as_bytes(), "{encoding:?} {file:x?}");
        }
        assert_eq!(read(b"M\xfcller", Some("1252")), "Müller".as_bytes());
        assert_eq!(read(b"\xc8\xe2\xe0\xed\xee\xe2", Some("cp1251")), "Иванов".as_bytes());
        assert_eq!(read(b"", None), b"");
        assert_eq!(read(b"1", Some("windows-1252")), b"1");
    }

    #[test]
    fn what_cannot_be_decoded_stays_unreadable() {
        assert_eq!(read(b"a\xffb", None), b"a\xffb");
        assert_eq!(read(b"\xff\xfea\0\0\xd8b\0", None), b"a\xffb");
        assert_eq!(read(b"\xff\xfea\0b", None), b"a\xff");
        assert_eq!(read(b"a\x81", Some("shift_jis")), b"a\xff");
    }

    #[test]
    fn a_long_file_is_decoded_piece_by_piece() {
        let text = "Ж😀a\n".repeat(100_000);
        assert_eq!(
            read(&utf16(&format!("\u{feff}{text}"), u16::to_le_bytes), None),
            text.as_bytes()
        );
    }

    #[test]
    fn a_name_that_is_no_encoding_is_refused() {
        for name in ["", "ansi", "utf-9", "replacement"] {
            assert_eq!(Encoding::named(name), Err(UnknownEncoding), "{name}");
        }
    }

    #[test]
    fn a_text_is_read_whole_or_not_at_all() {
        let read = |bytes: &[u8]| whole("a.toml", Cursor::new(bytes.to_vec()), 5);
        assert_eq!(read(b"\xef\xbb\xbfabcde").unwrap(), "abcde");
        let error = read(b"abcdef").unwrap_err().to_string();
        assert_eq!(error, "a.toml: it is longer than 5 bytes");
        let error = read(b"\xfc").unwrap_err().to_string();
        assert_eq!(error, "a.toml: it is not UTF-8 text: save it as UTF-8");
    }
}
