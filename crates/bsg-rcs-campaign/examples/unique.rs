//! Reads a recipients' file, checks and deduplicates its numbers, and writes them in the order of the file.
//!
//! ```sh
//! cargo run --release -p bsg-rcs-campaign --example unique -- people.csv unique.txt
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::fs::File;
use std::io::{BufWriter, Write};

use bsg_rcs_campaign::input::recipients::RecipientsFile;
use bsg_rcs_domain::recipients::{Intake, Verdict};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut paths = std::env::args().skip(1);
    let (Some(from), Some(to)) = (paths.next(), paths.next()) else {
        return Err("name a file to read and a file to write".into());
    };
    let mut file = RecipientsFile::open(&from, File::open(&from)?)?;
    let mut unique = BufWriter::with_capacity(256 * 1024, File::create(to)?);
    let (mut intake, mut digits) = (Intake::default(), itoa::Buffer::new());
    while let Some(row) = file.next(&intake)? {
        if let Verdict::Kept(kept) = row.taken_into(&mut intake, None) {
            unique.write_all(digits.format(kept.number.as_u64()).as_bytes())?;
            unique.write_all(b"\n")?;
        }
    }
    unique.flush()?;
    let counts = intake.counts();
    println!("{} read, {} unique", counts.read, counts.kept);
    Ok(())
}
