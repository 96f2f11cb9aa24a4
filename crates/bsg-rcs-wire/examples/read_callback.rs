//! Reads callbacks as leniently as the platform writes them, and says what they mean.
//!
//! ```sh
//! cargo run -p bsg-rcs-wire --example read_callback
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use bsg_rcs_wire::Callback;
use bsg_rcs_wire::mapping::incoming;

const BODIES: [&str; 4] = [
    r#"{"id": 4419393338, "msisdn": 380661231231, "status": "DELIVERED", "price": "0.0175696", "currency": "EUR"}"#,
    // The same id as a string, and a word that nobody documents.
    r#"{"id": "4419393338", "msisdn": "380661231231", "status": "pondering", "more": [1, 2]}"#,
    r#"{"id": 4419393338, "text": "Book", "postbackData": "book", "timeClick": "2026-01-05 09:00:00"}"#,
    "no JSON",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for body in BODIES {
        match Callback::read(body.as_bytes()) {
            Ok(Callback::StatusReport(report)) => {
                let report = incoming::status_report(&report)?.report;
                println!("message {}: {:?}, {:?}", report.message.0, report.status, report.price);
            }
            Ok(Callback::Click(click)) => println!("a click: {:?}", click.postback),
            Err(why) => println!("kept, and not understood: {why}"),
        }
    }
    Ok(())
}
