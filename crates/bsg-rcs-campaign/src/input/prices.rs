//! The price file: CSV `country,type,price,currency`, the country an ISO code or `*`.

use std::io::Read;

use bsg_rcs_domain::PriceList;
use bsg_rcs_domain::tariff::read_price;

use super::InputError;
use super::quote::shown;
use super::records::Records;
use super::sheet::{Sheet, trim};
use super::text::Encoding;

/// The columns, in any order.
const COLUMNS: [&str; 4] = ["country", "type", "price", "currency"];

/// Reads a price file; `name` is what errors call it.
///
/// # Errors
/// [`InputError`] with the line: a missing column, a field that cannot be read, a country that is
/// none, a second price for the same country and type, a second currency, no price at all.
pub fn read_prices(name: &str, file: impl Read + Send + 'static) -> Result<PriceList, InputError> {
    read_prices_as(name, file, None)
}

/// Reads a price file that is written in this encoding, unless it begins with a byte-order mark.
///
/// # Errors
/// As [`read_prices`].
pub fn read_prices_as(
    name: &str,
    file: impl Read + Send + 'static,
    encoding: Option<Encoding>,
) -> Result<PriceList, InputError> {
    let refuse = |why: String| InputError::new(name, why);
    let sheet = Sheet::open(name, file, encoding, |column| COLUMNS.contains(&column))?;
    let columns = Columns::of(&sheet).map_err(refuse)?;
    let mut records = Records::new(sheet.rest, sheet.delimiter, sheet.line);
    let mut record = csv::ByteRecord::new();
    let mut list: Option<PriceList> = None;
    // The header is the first.
    records.next(&mut record).map_err(refuse)?;
    while let Some(line) = records.next(&mut record).map_err(refuse)? {
        let refuse = |why: String| InputError::new(name, format!("line {line}: {why}"));
        let fields: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
        let fields: Vec<&str> = fields.iter().map(|field| trim(field)).collect();
        if fields.iter().all(|field| field.is_empty()) {
            continue;
        }
        let [country, kind, price, currency] = columns.of_line(&fields).map_err(refuse)?;
        let (country, kind, price) = read_price(country, kind, price, currency).map_err(refuse)?;
        let list = list.get_or_insert_with(|| PriceList::new(price.currency));
        if list.currency() != price.currency {
            return Err(refuse("a second currency: a price list has one".to_owned()));
        }
        if !list.set(country, kind, price.amount) {
            return Err(refuse("a second price for the same country and type".to_owned()));
        }
    }
    list.ok_or_else(|| refuse("it holds no price".to_owned()))
}

/// Where the columns stand.
struct Columns {
    at: [usize; 4],
    /// How many fields the header has.
    count: usize,
}

impl Columns {
    fn of(sheet: &Sheet) -> Result<Self, String> {
        let mut at = [0; COLUMNS.len()];
        for (place, column) in at.iter_mut().zip(COLUMNS) {
            *place = sheet.only(column)?;
        }
        Ok(Self { at, count: sheet.first.len() })
    }

    /// The fields of a line that the columns name.
    fn of_line<'line>(&self, fields: &[&'line str]) -> Result<[&'line str; 4], String> {
        let more = fields.get(self.count..).unwrap_or_default();
        if more.iter().any(|field| !field.is_empty()) {
            return Err(format!(
                "it has {} fields and the header {}: was a decimal comma written? {DECIMAL_POINT}",
                fields.len(),
                self.count
            ));
        }
        let of_column = self.at.map(|place| fields.get(place).copied().unwrap_or_default());
        if of_column.iter().any(|field| field.contains(char::REPLACEMENT_CHARACTER)) {
            return Err(NO_TEXT.to_owned());
        }
        let [.., price, _] = of_column;
        if price.contains(',') {
            let price = shown(price);
            return Err(format!("price: {price} has a decimal comma. {DECIMAL_POINT}"));
        }
        Ok(of_column)
    }
}

/// What to do about bytes that are no text.
const NO_TEXT: &str =
    "it is not UTF-8 text: save the file as UTF-8, or name its encoding with --encoding";
/// What to do about a comma.
const DECIMAL_POINT: &str = "Write a decimal point, such as 0.05";

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_price_file_is_refused_with_its_line() {
        for (file, why) in [
            ("", "it is empty"),
            ("country,type,price\n", "no column is named currency; it has: country, type, price"),
            (
                "country,type,price,price,currency\n",
                "2 columns are named price: rename all but one",
            ),
            ("country,type,price,currency\n", "it holds no price"),
            ("country,type,price,currency\n*,text,0.05,EUR\nUA,mms,1,EUR\n", "line 3: type"),
            ("country,type,price,currency\n*,text,1,EUR\n*,TEXT,2,EUR\n", "line 3: a second price"),
            (
                "country,type,price,currency\n*,text,1,EUR\r\n\r\nUA,text,2,USD\n",
                "line 4: a second curr",
            ),
        ] {
            let error = read_prices("prices.csv", file.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("prices.csv: {why}")), "{error}");
        }
    }

    /// P1: a country that is none.
    #[test]
    fn a_country_that_is_none_is_refused_with_what_is_meant() {
        for (code, why) in [
            ("UK", "UK is not a country code: did you mean GB?"),
            ("EL", "EL is not a country code: did you mean GR?"),
            ("XX", "XX is not a country code of ISO 3166 that has phone numbers"),
        ] {
            let file =
                format!("country,type,price,currency\n*,text,0.02,EUR\n{code},text,0.5,EUR\n");
            let error = read_prices("p", Cursor::new(file)).unwrap_err().to_string();
            assert_eq!(error, format!("p: line 3: country: {why}"));
        }
    }

    /// P2: what spreadsheets make of a price list.
    #[test]
    fn every_dialect_is_read() {
        let good = "country,type,price,currency\n*,text,0.05,EUR\nUA,sms,0.03,EUR\n";
        let expected = format!("{:?}", read_prices("p", good.as_bytes()).unwrap());
        let utf16 = |text: &str| -> Vec<u8> {
            format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
        };
        for file in [
            good.replace('\n', "\r\n").into_bytes(),
            good.replace('\n', "\r").into_bytes(),
            good.replace(',', ";").into_bytes(),
            good.replace(',', "\t").into_bytes(),
            good.replace(',', "|").into_bytes(),
            good.replace('\n', ",\n").into_bytes(),
            good.replace('\n', ",,,\n").into_bytes(),
            format!("sep=;\n{}", good.replace(',', ";")).into_bytes(),
            format!("\u{feff}{good}").into_bytes(),
            utf16(good),
            format!("\n,,,\n{good},,,\n\n").into_bytes(),
            good.replace("country", "\u{200b}Country ").into_bytes(),
            good.replace("EUR", "\u{a0}eur").into_bytes(),
            good.replace("sms", "\"sms\"").into_bytes(),
            "currency,price,type,country,note\nEUR,0.05,text,*,\"a;b,\nc\"\nEUR,0.03,sms,UA\n"
                .into(),
        ] {
            let read = read_prices("p", Cursor::new(file.clone()));
            let text = String::from_utf8_lossy(&file).into_owned();
            assert_eq!(format!("{:?}", read.unwrap()), expected, "{text:?}");
        }
    }

    #[test]
    fn a_decimal_comma_is_refused_with_advice() {
        for (file, why) in [
            ("country;type;price;currency\n*;text;0,05;EUR\n", "price: 0,05 has a decimal comma"),
            (
                "country,type,price,currency\n*,text,\"0,05\",EUR\n",
                "price: 0,05 has a decimal comma",
            ),
            ("country,type,price,currency\n*,text,0,05,EUR\n", "it has 5 fields and the header 4"),
        ] {
            let error = read_prices("p", file.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("p: line 2: {why}")), "{error}");
            assert!(error.ends_with("Write a decimal point, such as 0.05"), "{error}");
        }
    }

    #[test]
    fn words_of_the_file_are_quoted_short() {
        let long = format!("{}\n", "x".repeat(900_000));
        let error = read_prices("p", Cursor::new(long)).unwrap_err().to_string();
        assert!(error.len() < 300 && error.contains("(900000 characters)"), "{error}");
        let file = b"country,type,price,currency\n*,text,0.05,EUR\xff\n";
        let error = read_prices("p", &file[..]).unwrap_err().to_string();
        assert!(error.starts_with("p: line 2: it is not UTF-8 text"), "{error}");
    }
}
