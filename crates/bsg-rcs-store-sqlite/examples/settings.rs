//! Opens a store in a file, and keeps a setting that the first writer decides, also among processes.
//!
//! ```sh
//! cargo run -p bsg-rcs-store-sqlite --example settings -- store.db
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use bsg_rcs_store::prelude::*;
use bsg_rcs_store_sqlite::SqliteStore;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a file")?;
    let store = SqliteStore::open(path.as_ref())?;
    for proposed in ["the first", "the second"] {
        println!("proposed {proposed:?}, kept {:?}", store.setting("example", proposed).await?);
    }
    println!(
        "{} campaigns are in it",
        store.campaigns(bsg_rcs_store::CampaignFilter::default()).await?.len()
    );
    Ok(())
}
