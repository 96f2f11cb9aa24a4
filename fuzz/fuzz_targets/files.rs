//! Files that people bring, of recipients and of prices: none panics, each row is counted once, and
//! what a file says does not depend on how it was encoded.
#![no_main]

use std::io::Cursor;

use bsg_rcs_campaign::input::prices::read_prices;
use bsg_rcs_campaign::input::recipients::{ReadOptions, RecipientsFile};
use bsg_rcs_domain::{Country, Intake};
use libfuzzer_sys::fuzz_target;

/// The rows of a list, with its counts; or why it is none.
fn read(file: Vec<u8>, options: &ReadOptions) -> Result<Vec<(u64, String, String)>, String> {
    let mut rows = Vec::new();
    let mut intake = Intake::default();
    let list = RecipientsFile::open_as("list", Cursor::new(file), options);
    let mut list = list.map_err(|why| why.to_string())?;
    while let Some(row) = list.next(&Intake::default()).map_err(|why| why.to_string())? {
        let _ = row.taken_into(&mut intake, Some(row.label));
        rows.push((row.line, row.written.to_owned(), row.label.to_owned()));
    }
    let counts = intake.counts();
    assert_eq!(counts.read, rows.len() as u64);
    assert_eq!(counts.read, counts.kept + counts.duplicates + counts.refused);
    Ok(rows)
}

fuzz_target!(|file: &[u8]| {
    let country = file.first().map(|byte| ["AT", "RU", "US", "AR", "JP"][usize::from(byte % 5)]);
    let country = country.and_then(|code| Country::known(code).ok());
    let options = ReadOptions { country, ..ReadOptions::default() };
    let rows = read(file.to_vec(), &options);
    if let Err(why) = &rows {
        assert!(why.len() < 4000 && !why.chars().any(char::is_control), "{why:?}");
    }
    if let Err(why) = read_prices("prices", Cursor::new(file.to_vec())) {
        let why = why.to_string();
        assert!(why.len() < 4000 && !why.chars().any(char::is_control), "{why:?}");
    }
    // The same text in UTF-16.
    if let Ok(text) = std::str::from_utf8(file)
        && !text.starts_with('\u{feff}')
        && !file.contains(&0)
    {
        let wide = format!("\u{feff}{text}");
        let wide = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(wide, &options), rows);
    }
});
