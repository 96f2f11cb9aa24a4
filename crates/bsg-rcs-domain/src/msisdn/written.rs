//! A number as a person writes it, taken apart into digits and what stands between them.
//!
//! Separators are read where people write them: a plus before the digits, parentheses around some
//! of them, dashes, dots and slashes between them. Spaces and format characters may stand anywhere.

use core::ops::Range;

use super::NotANumber;

/// Digits that are kept: more than any number has.
const KEPT: usize = 32;

/// A number taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    digits: [u8; KEPT],
    count: usize,
    /// A plus stands before the digits.
    pub(super) marked: bool,
    /// The first digits that stand in parentheses.
    pub(super) in_parentheses: Option<Range<usize>>,
    /// How many digits stand before the first separator.
    pub(super) first_group: usize,
}

impl Written {
    /// Takes a text apart.
    ///
    /// # Errors
    /// `NUM-EMPTY`, `NUM-CHAR`, and `NUM-LEN` if it has more than 32 digits.
    pub(super) fn parse(text: &str) -> Result<Self, NotANumber> {
        let mut reader = Reader::default();
        for character in text.trim().chars() {
            match character {
                // As nearly all are.
                '0'..='9' => reader.push(u8::try_from(character).unwrap_or(0) & 0xf),
                character => reader.take(character)?,
            }
        }
        reader.finish()
    }

    /// The digits, 0 to 9 each.
    pub(super) fn digits(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }
}

/// What was read so far.
#[derive(Default)]
struct Reader {
    digits: [u8; KEPT],
    count: usize,
    marked: bool,
    quoted: bool,
    /// Where an open parenthesis stands, in digits before it.
    open: Option<usize>,
    in_parentheses: Option<Range<usize>>,
    first_group: Option<usize>,
    /// A separator that more digits must follow.
    pending: Option<char>,
    dots: usize,
    /// Digits before the last dot.
    before_dot: usize,
}

impl Reader {
    #[inline]
    fn push(&mut self, digit: u8) {
        self.pending = None;
        if let Some(place) = self.digits.get_mut(self.count) {
            *place = digit;
        }
        self.count = self.count.saturating_add(1);
    }

    fn take(&mut self, character: char) -> Result<(), NotANumber> {
        if let Some(digit) = digit(character) {
            self.push(digit);
            return Ok(());
        }
        match kind(character) {
            Kind::Format => {}
            Kind::Plus if self.count == 0 && !self.marked => self.marked = true,
            Kind::Apostrophe if self.is_fresh() => self.quoted = true,
            Kind::Open if self.open.is_none() => {
                self.open = Some(self.count);
                self.end_group();
            }
            Kind::Close => return self.close(character),
            Kind::Space => self.end_group(),
            Kind::Between if self.count > 0 => {
                self.pending = Some(character);
                self.end_group();
                if is_dot(character) {
                    self.dots = self.dots.saturating_add(1);
                    self.before_dot = self.count;
                }
            }
            _ => return Err(NotANumber::Character(character)),
        }
        Ok(())
    }

    fn is_fresh(&self) -> bool {
        self.count == 0 && !self.marked && !self.quoted && self.open.is_none()
    }

    fn end_group(&mut self) {
        if self.count > 0 && self.first_group.is_none() {
            self.first_group = Some(self.count);
        }
    }

    fn close(&mut self, character: char) -> Result<(), NotANumber> {
        match self.open.take() {
            Some(from) if from < self.count => {
                self.end_group();
                self.in_parentheses.get_or_insert(from..self.count);
                Ok(())
            }
            _ => Err(NotANumber::Character(character)),
        }
    }

    fn finish(mut self) -> Result<Written, NotANumber> {
        if self.open.is_some() {
            return Err(NotANumber::Character('('));
        }
        if let Some(separator) = self.pending {
            return Err(NotANumber::Character(separator));
        }
        if self.count == 0 {
            let is_empty = !self.marked && !self.quoted;
            return Err(if is_empty { NotANumber::Empty } else { NotANumber::Length(0) });
        }
        if self.count > KEPT {
            return Err(NotANumber::Length(self.count));
        }
        self.drop_decimals()?;
        Ok(Written {
            digits: self.digits,
            count: self.count,
            marked: self.marked,
            in_parentheses: self.in_parentheses,
            first_group: self.first_group.unwrap_or(self.count),
        })
    }

    /// A spreadsheet writes a number as `491711234567.0`: what stands behind a single dot is no
    /// part of it if it is one 0 or two, and makes it no number otherwise.
    fn drop_decimals(&mut self) -> Result<(), NotANumber> {
        let behind = self.digits.get(self.before_dot..self.count).unwrap_or_default();
        let are_zeros = behind.iter().all(|digit| *digit == 0);
        match behind.len() {
            _ if self.dots != 1 => {}
            1 | 2 if are_zeros => self.count = self.before_dot,
            1 | 2 => return Err(NotANumber::Character('.')),
            // More zeros than money has: neither a group of digits nor a number for certain.
            _ if are_zeros => return Err(NotANumber::Character('.')),
            _ => {}
        }
        Ok(())
    }
}

/// What a character that is no digit does in a number.
enum Kind {
    Plus,
    Apostrophe,
    Open,
    Close,
    Space,
    Between,
    Format,
    Foreign,
}

fn kind(character: char) -> Kind {
    match character {
        '+' | '\u{ff0b}' => Kind::Plus,
        // A spreadsheet's mark of a text.
        '\'' | '\u{2019}' => Kind::Apostrophe,
        '(' | '\u{ff08}' => Kind::Open,
        ')' | '\u{ff09}' => Kind::Close,
        ' ' => Kind::Space,
        '-' | '.' | '/' | '\u{ff0e}' | '\u{ff0f}' => Kind::Between,
        '\0'..='\u{7f}' => Kind::Foreign,
        _ if is_dash(character) => Kind::Between,
        _ if is_space(character) => Kind::Space,
        _ if is_format(character) => Kind::Format,
        _ => Kind::Foreign,
    }
}

/// The value of a digit, beyond those of ASCII, of the scripts that telephones are labelled in.
fn digit(character: char) -> Option<u8> {
    /// The zeros: Arabic-Indic, extended Arabic-Indic, Devanagari, Bengali, full-width.
    const ZEROS: [char; 5] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{ff10}'];
    if character.is_ascii() {
        return None;
    }
    let value = |zero: &char| u32::from(character).checked_sub(u32::from(*zero));
    let value = ZEROS.iter().filter_map(value).find(|value| *value < 10)?;
    u8::try_from(value).ok()
}

fn is_dot(character: char) -> bool {
    matches!(character, '.' | '\u{ff0e}')
}

/// The dashes of Unicode, and what is typed for one.
fn is_dash(character: char) -> bool {
    matches!(
        character,
        '\u{58a}' | '\u{5be}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2212}'
                | '\u{301c}'
                | '\u{3030}'
                | '\u{30a0}'
                | '\u{30fc}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
    )
}

/// The spaces of Unicode; tabs and ends of line are none.
fn is_space(character: char) -> bool {
    character.is_whitespace()
        && !character.is_control()
        && !matches!(character, '\u{2028}' | '\u{2029}')
}

/// Characters that are not seen: copied along from a web page or a contact.
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
            | '\u{fff9}'..='\u{fffb}'
    )
}
