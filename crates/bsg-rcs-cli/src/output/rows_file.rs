//! One row a recipient, as CSV that a spreadsheet may open.

use std::io;

use bsg_rcs_campaign::breakdown::Line;
use bsg_rcs_store::column_enums::Word;

const HEADER: [&str; 11] = [
    "recipient",
    "number",
    "reference",
    "outcome",
    "status",
    "sms",
    "failure",
    "country",
    "type",
    "billed",
    "currency",
];

/// A file of rows.
pub(crate) struct RowsFile<W: io::Write>(csv::Writer<W>);

impl<W: io::Write> RowsFile<W> {
    /// A file with its header.
    pub(crate) fn begin(to: W) -> csv::Result<Self> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
        writer.write_record(HEADER)?;
        Ok(Self(writer))
    }

    /// Adds a recipient.
    pub(crate) fn add(&mut self, line: &Line) -> csv::Result<()> {
        let row = &line.row;
        let text = |text: Option<&str>| harmless(text.unwrap_or(""));
        let amounts: Vec<_> = row.billed.iter().map(|money| money.amount.to_string()).collect();
        let currencies: Vec<_> =
            row.billed.iter().map(|money| money.currency.to_string()).collect();
        self.0.write_record([
            row.index.to_string(),
            row.number.map(|number| number.digits().to_string()).unwrap_or_default(),
            text(row.label.as_deref()),
            line.outcome.word().to_owned(),
            row.shown.map(|shown| shown.as_str().to_owned()).unwrap_or_default(),
            if row.sms { "yes" } else { "no" }.to_owned(),
            text(line.failure().as_deref()),
            line.country.map(|country| country.to_string()).unwrap_or_default(),
            line.kind.as_str().to_owned(),
            amounts.join(" + "),
            currencies.join(" + "),
        ])
    }

    /// Ends the file.
    pub(crate) fn end(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Signs with which a formula begins.
const FORMULAS: [char; 11] = ['=', '+', '-', '@', '|', '\u{2212}', '＝', '＋', '－', '＠', '%'];
/// Where a cell ends, in one spreadsheet or another.
const ENDS: [char; 5] = ['\t', '\r', '\n', ';', ','];

/// A text that no spreadsheet takes for a formula: where a cell may begin, such a sign is put behind an apostrophe.
fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    let mut begins = true;
    for c in text.chars() {
        if begins && FORMULAS.contains(&c) {
            harmless.push('\'');
        }
        let is_nothing =
            c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '"');
        begins = ENDS.contains(&c) || (begins && is_nothing);
        harmless.push(c);
    }
    harmless
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_formula() {
        for (text, expected) in [
            ("a;=1+1;b", "a;'=1+1;b"),
            ("a\n=1", "a\n'=1"),
            ("\u{200b}=1", "\u{200b}'=1"),
            ("\u{2212}1", "'\u{2212}1"),
            ("\t=1", "\t'=1"),
            (" +1", " '+1"),
            ("\"=1", "\"'=1"),
        ] {
            assert_eq!(harmless(text), expected);
        }
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "|calc", "＝1"] {
            assert!(harmless(text).starts_with('\''), "{text:?}");
        }
        for text in ["", "table 1", "a=b", "380661231231", "'quoted"] {
            assert_eq!(harmless(text), text);
        }
    }
}
