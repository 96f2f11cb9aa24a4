//! Rows as columns and back. What no version of this program writes is refused as corrupt, never
//! guessed.

use bsg_rcs_domain::{CampaignId, Msisdn, ReferenceId, SealKey};
use bsg_rcs_store::columns::{read_civil, read_ids, read_money, read_money_column, said};
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{BatchRow, CampaignRow, Leased, RecipientRow, Timestamp, WorkerId};
use rusqlite::Row;

use crate::failure::Failure;

/// The columns of [`read_campaign`].
pub(crate) const CAMPAIGN: &str = "id, kind, name, created_at, state, key, platform, account, \
    message, alternative_channel, digest, start_at, batch_cap, recipients, summary";

pub(crate) fn read_campaign(row: &Row<'_>) -> Result<CampaignRow, Failure> {
    Ok(CampaignRow {
        id: campaign_id(row.get("id")?),
        kind: Word::read(&text(row, "kind")?)?,
        name: row.get("name")?,
        created_at: Timestamp(row.get("created_at")?),
        state: Word::read(&text(row, "state")?)?,
        key: SealKey::from_bytes(row.get("key")?),
        platform: row.get("platform")?,
        account: row.get("account")?,
        message: row.get("message")?,
        alternative_channel: row.get("alternative_channel")?,
        digest: row.get("digest")?,
        start_at: optional(row.get("start_at")?, |at: String| Ok(read_civil(&at)?))?,
        batch_cap: row.get("batch_cap")?,
        recipients: row.get("recipients")?,
        summary: row.get("summary")?,
    })
}

/// The columns of [`read_batch`].
pub(crate) const BATCH: &str = "number, first, count, state, attempts, changed_at, remotes, note, \
    worst, leased_by, leased_until";

pub(crate) fn read_batch(row: &Row<'_>) -> Result<BatchRow, Failure> {
    Ok(BatchRow {
        number: row.get("number")?,
        first: row.get("first")?,
        count: row.get("count")?,
        state: Word::read(&text(row, "state")?)?,
        attempts: row.get("attempts")?,
        changed_at: Timestamp(row.get("changed_at")?),
        remotes: read_ids(&text(row, "remotes")?)?,
        note: row.get("note")?,
        worst: said(&text(row, "worst")?, read_money)?,
        leased: optional(row.get("leased_by")?, |by: i64| {
            let until = Timestamp(row.get("leased_until")?);
            Ok(Leased { by: WorkerId(by.cast_unsigned()), until })
        })?,
    })
}

/// The columns of [`read_recipient`].
pub(crate) const RECIPIENT: &str = "idx, number, label, reference, outcome, note, shown, ended, \
    sms, billed";

pub(crate) fn read_recipient(row: &Row<'_>) -> Result<RecipientRow, Failure> {
    let number = match row.get::<_, i64>("number")?.cast_unsigned() {
        0 => Ok(None),
        digits => Msisdn::from_u64(digits).map(Some),
    };
    let reference = |text: String| {
        ReferenceId::parse(&text).map_err(|_| Failure::corrupt("recipient's reference"))
    };
    Ok(RecipientRow {
        index: row.get("idx")?,
        number: number.map_err(|_| Failure::corrupt("phone number"))?,
        label: row.get("label")?,
        reference: optional(row.get("reference")?, reference)?,
        outcome: word(row.get("outcome")?)?,
        note: row.get("note")?,
        shown: word(row.get("shown")?)?,
        ended: row.get("ended")?,
        sms: row.get("sms")?,
        billed: read_money_column(&text(row, "billed")?)?,
    })
}

/// The campaign whose bits these are.
pub(crate) fn campaign_id(column: i64) -> CampaignId {
    CampaignId(column.cast_unsigned())
}

/// A campaign's column: its bits as a signed number.
pub(crate) fn campaign_column(id: CampaignId) -> i64 {
    id.0.cast_signed()
}

/// A word that may be missing.
pub(crate) fn word<W: Word>(column: Option<String>) -> Result<Option<W>, Failure> {
    optional(column, |word: String| Ok(W::read(&word)?))
}

fn text(row: &Row<'_>, column: &str) -> Result<String, Failure> {
    Ok(row.get(column)?)
}

fn optional<S, T>(
    column: Option<S>,
    read: impl FnOnce(S) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    column.map(read).transpose()
}
