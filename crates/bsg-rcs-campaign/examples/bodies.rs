//! Checks and deduplicates the numbers of a file, mints their references, and writes the bodies of the campaigns
//! that they make.
//!
//! ```sh
//! cargo run --release -p bsg-rcs-campaign --example bodies -- people.csv bodies.json
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};

use bsg_rcs_campaign::input::recipients::RecipientsFile;
use bsg_rcs_domain::recipients::{Intake, Verdict};
use bsg_rcs_domain::{Addressee, Batch, BatchCap, CampaignId, Message, SealKey};
use bsg_rcs_wire::mapping::outgoing;

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args().skip(1);
    let (Some(from), Some(to)) = (paths.next(), paths.next()) else {
        return Err("name a file to read and a file to write".into());
    };
    let message = Message::text("demo_agent", "Your table is ready.")?;
    let (campaign, key) = (CampaignId(7), SealKey::from_bytes([7; 16]));
    let mut file = RecipientsFile::open(&from, File::open(&from)?)?;
    let mut bodies = BufWriter::new(File::create(to)?);
    let (mut intake, mut addressees) = (Intake::default(), Vec::with_capacity(5000));
    let (mut index, mut batches) = (0, 0);
    loop {
        let row = file.next(&intake)?;
        let more = row.is_some();
        if let Some(row) = row
            && let Verdict::Kept(kept) = row.taken_into(&mut intake, None)
        {
            let reference = key.mint(campaign, index, kept.number);
            addressees.push(Addressee { number: kept.number, reference });
            index += 1;
        }
        if addressees.len() == 5000 || (!more && !addressees.is_empty()) {
            let batch = Batch::new(std::mem::take(&mut addressees), BatchCap::PLATFORM)?;
            bodies.write_all(&outgoing::campaign_body(&message, &batch, None)?)?;
            bodies.write_all(b"\n")?;
            batches += 1;
        }
        if !more {
            break;
        }
    }
    bodies.flush()?;
    println!("{index} recipients in {batches} bodies");
    Ok(())
}
