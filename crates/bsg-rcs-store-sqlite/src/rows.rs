//! Rows as columns and back. What no version of this program writes is refused as corrupt, never
//! guessed.

use bsg_rcs_domain::{CampaignId, Msisdn, ReferenceId, SealKey};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::columns::{
    optional_column, read_civil, read_ids, read_money, read_money_column, read_optional,
};
use bsg_rcs_store::sql::Standing;
use bsg_rcs_store::{BatchRow, CampaignRow, Leased, RecipientRow, Timestamp, WorkerId};
use rusqlite::Row;

use crate::failure::Failure;

/// The columns of [`read_campaign`].
pub(crate) const CAMPAIGN: &str = "id, kind, name, created_at, begun_at, state, note, key, \
    platform, account, message, alternative_channel, digest, start_at, batch_cap, recipients, \
    summary";

pub(crate) fn read_campaign(row: &Row<'_>) -> Result<CampaignRow, Failure> {
    Ok(CampaignRow {
        id: campaign_id(row.get("id")?),
        kind: Word::read(&text(row, "kind")?)?,
        name: row.get("name")?,
        created_at: Timestamp(row.get("created_at")?),
        begun_at: row.get::<_, Option<i64>>("begun_at")?.map(Timestamp),
        state: Word::read(&text(row, "state")?)?,
        note: row.get("note")?,
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

/// How many recipients of the batch of this row (of table `batches`) have no end yet.
pub(crate) const WITHOUT_END: &str = "(SELECT coalesce(sum(c.count), 0) FROM counts c \
    WHERE c.campaign = batches.campaign AND c.batch = batches.number \
    AND c.ended = 0 AND (c.shown <> '' OR c.outcome <> 'rejected'))";

/// The columns of [`read_batch`], of table `batches`.
pub(crate) fn batch_columns() -> String {
    format!(
        "number, first, count, state, attempts, changed_at, remotes, note, worst, leased_by, \
         leased_until, {WITHOUT_END} AS without_end"
    )
}

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
        worst: read_optional(&text(row, "worst")?, read_money)?,
        leased: optional(row.get("leased_by")?, |by: i64| {
            let until = Timestamp(row.get("leased_until")?);
            Ok(Leased { by: WorkerId(by.cast_unsigned()), until })
        })?,
        without_end: row.get("without_end")?,
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
    let Standing { outcome, shown, ended, sms, billed } = read_standing(row)?;
    Ok(RecipientRow {
        index: row.get("idx")?,
        number: number.map_err(|_| Failure::corrupt("phone number"))?,
        label: row.get("label")?,
        reference: optional(row.get("reference")?, reference)?,
        outcome,
        note: row.get("note")?,
        shown,
        ended,
        sms,
        billed,
    })
}

/// Reads how recipients stand, from columns of `messages` (NULL) or of `counts` ('').
pub(crate) fn read_standing(row: &Row<'_>) -> Result<Standing, Failure> {
    Ok(Standing {
        outcome: word(row.get("outcome")?)?,
        shown: word(row.get("shown")?)?,
        ended: row.get("ended")?,
        sms: row.get("sms")?,
        billed: read_money_column(&text(row, "billed")?)?,
    })
}

/// A word of the counts: '' where there is none.
pub(crate) fn count_word<W: Word>(word: Option<W>) -> String {
    optional_column(word.map(Word::word))
}

/// The batch of a recipient as the counts name it: -1 for none.
pub(crate) fn batch_column(batch: Option<u32>) -> i64 {
    batch.map_or(-1, i64::from)
}

/// The campaign whose bits these are.
pub(crate) fn campaign_id(column: i64) -> CampaignId {
    CampaignId(column.cast_unsigned())
}

/// A campaign's column: its bits as a signed number.
pub(crate) fn campaign_column(id: CampaignId) -> i64 {
    id.0.cast_signed()
}

/// A cursor or number of a body as its column, if any can be so great.
pub(crate) fn cursor_column(after: u64) -> Option<i64> {
    i64::try_from(after).ok()
}

/// A word that may be missing.
pub(crate) fn word<W: Word>(column: Option<String>) -> Result<Option<W>, Failure> {
    let said = column.filter(|word| !word.is_empty());
    optional(said, |word: String| Ok(W::read(&word)?))
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
