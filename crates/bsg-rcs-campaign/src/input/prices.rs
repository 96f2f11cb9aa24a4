//! The price file: CSV `country,type,price,currency`, the country an ISO code or `*`.

use std::io::Read;

use bsg_rcs_domain::PriceList;
use bsg_rcs_domain::tariff::read_price;

use super::InputError;
use super::lines::{UnixLines, line_of};

/// The columns, in any order.
const COLUMNS: [&str; 4] = ["country", "type", "price", "currency"];

/// Reads a price file; `name` is what errors call it.
///
/// # Errors
/// [`InputError`] with the line: a missing column, a field that cannot be read, a second price for
/// the same country and type, a second currency, no price at all.
pub fn read_prices(name: &str, file: impl Read) -> Result<PriceList, InputError> {
    let refuse = |why: String| InputError::new(name, why);
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(UnixLines::new(file));
    let header = reader.headers().map_err(|why| refuse(why.to_string()))?.clone();
    let mut at = [0; COLUMNS.len()];
    for (place, column) in at.iter_mut().zip(COLUMNS) {
        let found = header
            .iter()
            .position(|name| name.trim_start_matches('\u{feff}').eq_ignore_ascii_case(column));
        let has = header.iter().collect::<Vec<_>>().join(", ");
        *place = found.ok_or_else(|| refuse(format!("no column {column}; it has: {has}")))?;
    }
    let mut list: Option<PriceList> = None;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|why| refuse(why.to_string()))? {
        let line = line_of(&reader, record.as_byte_record().as_slice());
        let refuse = |why: &str| InputError::new(name, format!("line {line}: {why}"));
        let [country, kind, price, currency] = at.map(|place| record.get(place).unwrap_or(""));
        let (country, kind, price) =
            read_price(country, kind, price, currency).map_err(|why| refuse(&why))?;
        let list = list.get_or_insert_with(|| PriceList::new(price.currency));
        if list.currency() != price.currency {
            return Err(refuse("a second currency: a price list has one"));
        }
        if !list.set(country, kind, price.amount) {
            return Err(refuse("a second price for the same country and type"));
        }
    }
    list.ok_or_else(|| refuse("it holds no price".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_file_is_refused_with_its_line() {
        for (file, why) in [
            ("", "no column country"),
            ("country,type,price\n", "no column currency; it has: country, type, price"),
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
        let file = "\u{feff}Currency;x\n";
        assert!(read_prices("p", file.as_bytes()).is_err());
        let good = "type,currency,price,country\r\ntext,EUR,0.05,*\r\n\"sms\",EUR,0.03,*\r\n";
        assert!(read_prices("p", good.as_bytes()).is_ok());
    }
}
