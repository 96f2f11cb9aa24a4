//! Opens a store in a PostgreSQL database, and keeps a setting that the first writer decides, on whatever machine.
//!
//! ```sh
//! cargo run -p bsg-rcs-store-postgres --example shared_settings       # the URL is in BSG_RCS_STORE
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use bsg_rcs_store::prelude::*;
use bsg_rcs_store_postgres::PostgresStore;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A URL holds a password, so it is no argument.
    let url = std::env::var("BSG_RCS_STORE").map_err(|_| "set BSG_RCS_STORE")?;
    let store = PostgresStore::open(&url).await?;
    for proposed in ["the first", "the second"] {
        println!("proposed {proposed:?}, kept {:?}", store.setting("example", proposed).await?);
    }
    println!(
        "{} campaigns are in it",
        store.campaigns(bsg_rcs_store::CampaignFilter::default()).await?.len()
    );
    Ok(())
}
