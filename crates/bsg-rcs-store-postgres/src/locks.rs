//! What transactions wait for. Every one takes its locks in this order, so that none waits in a
//! circle:
//!
//! 1. the campaign's counts (an advisory lock): shared by those that change how recipients stand,
//!    alone by those that change which batch they are in
//! 2. the campaign's numbers (another): shared by a batch that begins to be sent, alone by
//!    forgetting
//! 3. the row of the campaign
//! 4. rows of batches
//! 5. rows of recipients, by campaign and index
//! 6. bodies of callbacks
//!
//! A client that hangs is cut off by the server after a few seconds (see `connect`), and its locks
//! are free.

use std::collections::BTreeSet;

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::sql::RecipientKey;
use deadpool_postgres::Transaction;

use crate::failure::Failure;
use crate::rows::campaign_column;

/// Sets the locks of counts apart from other advisory locks: `CNTS`.
const COUNTS: i64 = 0x434e_5453;
/// Sets the locks of numbers apart: `NMBR`.
const NUMBERS: i64 = 0x4e4d_4252;
/// Held while changes are given cursors: `CHNG`.
pub(crate) const LOG: i64 = 0x4348_4e47;
/// Held while counts are folded: `FOLD`.
pub(crate) const FOLD: i64 = 0x464f_4c44;

/// Until the transaction ends, recipients of these campaigns stay in their batches.
pub(crate) async fn share_counts(
    tx: &Transaction<'_>,
    campaigns: impl Iterator<Item = CampaignId>,
) -> Result<(), Failure> {
    let statement = tx.prepare_cached(SHARE_COUNTS).await?;
    tx.execute(&statement, &[&counts_keys(campaigns)]).await?;
    Ok(())
}

/// Shares the counts of campaigns with these [`counts_keys`], in their order.
pub(crate) const SHARE_COUNTS: &str =
    "SELECT pg_advisory_xact_lock_shared(key) FROM unnest($1::bigint[]) AS key";

/// The keys of the campaigns' counts, each once, in order.
pub(crate) fn counts_keys(campaigns: impl Iterator<Item = CampaignId>) -> Vec<i64> {
    let keys: BTreeSet<i64> = campaigns.map(|id| campaign_column(id) ^ COUNTS).collect();
    keys.into_iter().collect()
}

/// Until the transaction ends, no other changes how this campaign's recipients are counted.
pub(crate) async fn own_counts(tx: &Transaction<'_>, id: CampaignId) -> Result<(), Failure> {
    let statement = tx.prepare_cached("SELECT pg_advisory_xact_lock($1)").await?;
    tx.execute(&statement, &[&(campaign_column(id) ^ COUNTS)]).await?;
    Ok(())
}

/// Until the transaction ends, no number of this campaign is forgotten.
pub(crate) async fn share_numbers(tx: &Transaction<'_>, id: CampaignId) -> Result<(), Failure> {
    let statement = tx.prepare_cached("SELECT pg_advisory_xact_lock_shared($1)").await?;
    tx.execute(&statement, &[&(campaign_column(id) ^ NUMBERS)]).await?;
    Ok(())
}

/// Until the transaction ends, no batch of these campaigns begins to be sent.
pub(crate) async fn own_numbers(
    tx: &Transaction<'_>,
    campaigns: impl Iterator<Item = CampaignId>,
) -> Result<(), Failure> {
    let keys: BTreeSet<i64> = campaigns.map(|id| campaign_column(id) ^ NUMBERS).collect();
    let sql = "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key";
    let statement = tx.prepare_cached(sql).await?;
    tx.execute(&statement, &[&keys.into_iter().collect::<Vec<_>>()]).await?;
    Ok(())
}

/// Until the transaction ends, no other plans or begins a campaign of this digest.
pub(crate) async fn own_digest(tx: &Transaction<'_>, digest: &str) -> Result<(), Failure> {
    let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
    let statement = tx.prepare_cached(sql).await?;
    tx.execute(&statement, &[&digest]).await?;
    Ok(())
}

/// Locks recipients of these [`columns`] until the transaction ends, in the order of their keys.
pub(crate) const LOCK_RECIPIENTS: &str = "SELECT 1 FROM messages m \
    JOIN unnest($1::bigint[], $2::bigint[]) AS asked (campaign, idx) USING (campaign, idx) \
    ORDER BY m.campaign, m.idx FOR NO KEY UPDATE OF m";

/// Keys as two columns.
pub(crate) fn columns(keys: &BTreeSet<RecipientKey>) -> (Vec<i64>, Vec<i64>) {
    keys.iter().map(|(campaign, index)| (campaign_column(*campaign), i64::from(*index))).unzip()
}
