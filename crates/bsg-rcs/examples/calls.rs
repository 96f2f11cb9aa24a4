//! Sends single messages, or whole campaigns, one after the other, and keeps nothing.
//!
//! ```sh
//! BSG_API_KEY=live_sandbox cargo run --release -p bsg-rcs --features reqwest --example calls -- http://127.0.0.1:8080 1000
//! BSG_API_KEY=live_sandbox cargo run --release -p bsg-rcs --features reqwest --example calls -- http://127.0.0.1:8080 20000 campaigns
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use bsg_rcs::{CampaignSend, Client, SendOutcome, SingleSend};
use bsg_rcs_domain::msisdn::NotANumber;
use bsg_rcs_domain::{Addressee, Batch, BatchCap, CampaignId, Message, Msisdn, SealKey};

/// The first number.
const FIRST: u64 = 380_500_000_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let url = words.next().ok_or("name the platform")?;
    let count: u64 = words.next().ok_or("say how many")?.parse()?;
    let client = Client::builder().base_url(&url).api_key(std::env::var("BSG_API_KEY")?).build()?;
    let message = Message::text("demo_agent", "Your table is ready.")?;
    let mut accepted = 0;
    if words.next().is_none() {
        for at in 0..count {
            let to = SingleSend::to(Msisdn::from_u64(FIRST + at)?);
            let outcome = client.messages().send(&message, &to).await?;
            accepted += u64::from(matches!(outcome, SendOutcome::Accepted(_)));
        }
    } else {
        let (campaign, key) = (CampaignId(9), SealKey::from_bytes([9; 16]));
        for first in (0..count).step_by(5000) {
            let to = (first..count.min(first + 5000)).map(|at| {
                let number = Msisdn::from_u64(FIRST + at / 90 * 100 + at % 90)?;
                let index = u32::try_from(at).unwrap_or(u32::MAX);
                Ok(Addressee { number, reference: key.mint(campaign, index, number) })
            });
            let to = to.collect::<Result<Vec<_>, NotANumber>>()?;
            let size = to.len() as u64;
            let send = CampaignSend::to(Batch::new(to, BatchCap::PLATFORM)?);
            let outcome = client.campaigns().send(&message, &send).await?;
            accepted += if matches!(outcome, SendOutcome::Accepted(_)) { size } else { 0 };
        }
    }
    println!("{accepted} of {count} accepted");
    Ok(())
}
