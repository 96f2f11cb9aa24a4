//! Rows as columns and back. What no version of this program writes is refused as corrupt, never
//! guessed.

use std::borrow::Cow;

use bsg_rcs_domain::{CampaignId, Msisdn, ReferenceId, SealKey};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::columns::{
    optional_column, read_civil, read_ids, read_money, read_money_column, read_optional,
};
use bsg_rcs_store::sql::Standing;
use bsg_rcs_store::{BatchRow, CampaignRow, Leased, RecipientRow, StoreError, Timestamp, WorkerId};
use tokio_postgres::Row;

use crate::failure::Failure;

/// The server's clock, in the middle of a statement.
pub(crate) const NOW: &str = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// The columns of [`read_campaign`].
pub(crate) const CAMPAIGN: &str = "id, kind, name, created_at, begun_at, state, note, key, \
    platform, account, message, alternative_channel, digest, start_at, batch_cap, recipients, \
    summary";

pub(crate) fn read_campaign(row: &Row) -> Result<CampaignRow, Failure> {
    let key: Vec<u8> = row.try_get("key")?;
    let key = key.try_into().map_err(|_| Failure::corrupt("key of a campaign"))?;
    let start_at: Option<String> = row.try_get("start_at")?;
    Ok(CampaignRow {
        id: campaign_id(row.try_get("id")?),
        kind: Word::read(row.try_get("kind")?)?,
        name: row.try_get("name")?,
        created_at: Timestamp(row.try_get("created_at")?),
        begun_at: row.try_get::<_, Option<i64>>("begun_at")?.map(Timestamp),
        state: Word::read(row.try_get("state")?)?,
        note: row.try_get("note")?,
        key: SealKey::from_bytes(key),
        platform: row.try_get("platform")?,
        account: row.try_get("account")?,
        message: row.try_get("message")?,
        alternative_channel: row.try_get("alternative_channel")?,
        digest: row.try_get("digest")?,
        start_at: start_at.map(|at| read_civil(&at)).transpose()?,
        batch_cap: small(i64::from(row.try_get::<_, i32>("batch_cap")?), "batch cap")?,
        recipients: small(row.try_get("recipients")?, "count of recipients")?,
        summary: row.try_get("summary")?,
    })
}

/// How many recipients of the batch of this row (of table `batches`) have no end yet.
pub(crate) const WITHOUT_END: &str = "(SELECT coalesce(sum(c.count), 0)::bigint FROM all_counts c \
    WHERE c.campaign = batches.campaign AND c.batch = batches.number \
    AND NOT c.ended AND (c.shown <> '' OR c.outcome <> 'rejected'))";

/// The columns of [`read_batch`], of table `batches`.
pub(crate) fn batch_columns() -> String {
    format!(
        "number, first, count, state, attempts, changed_at, remotes, note, worst, leased_by, \
         leased_until, {WITHOUT_END} AS without_end"
    )
}

pub(crate) fn read_batch(row: &Row) -> Result<BatchRow, Failure> {
    let until = Timestamp(row.try_get("leased_until")?);
    let by: Option<i64> = row.try_get("leased_by")?;
    Ok(BatchRow {
        number: small(row.try_get("number")?, "number of a batch")?,
        first: small(row.try_get("first")?, "first of a batch")?,
        count: small(row.try_get("count")?, "count of a batch")?,
        state: Word::read(row.try_get("state")?)?,
        attempts: small(row.try_get("attempts")?, "attempts of a batch")?,
        changed_at: Timestamp(row.try_get("changed_at")?),
        remotes: read_ids(row.try_get("remotes")?)?,
        note: row.try_get("note")?,
        worst: read_optional(row.try_get("worst")?, read_money)?,
        leased: by.map(|by| Leased { by: WorkerId(by.cast_unsigned()), until }),
        without_end: small(row.try_get("without_end")?, "count of recipients")?,
    })
}

/// The columns of [`read_recipient`].
pub(crate) const RECIPIENT: &str = "idx, number, label, reference, outcome, note, shown, ended, \
    sms, billed";

pub(crate) fn read_recipient(row: &Row) -> Result<RecipientRow, Failure> {
    let number = match row.try_get::<_, i64>("number")?.cast_unsigned() {
        0 => Ok(None),
        digits => Msisdn::from_u64(digits).map(Some),
    };
    let reference: Option<&str> = row.try_get("reference")?;
    let reference = reference.map(ReferenceId::parse).transpose();
    let Standing { outcome, shown, ended, sms, billed } = read_standing(row)?;
    Ok(RecipientRow {
        index: small(row.try_get("idx")?, "index of a recipient")?,
        number: number.map_err(|_| Failure::corrupt("phone number"))?,
        label: row.try_get("label")?,
        reference: reference.map_err(|_| Failure::corrupt("recipient's reference"))?,
        outcome,
        note: row.try_get("note")?,
        shown,
        ended,
        sms,
        billed,
    })
}

/// Reads how recipients stand, from columns of `messages` (NULL) or of counts ('').
pub(crate) fn read_standing(row: &Row) -> Result<Standing, Failure> {
    Ok(Standing {
        outcome: word(row.try_get("outcome")?)?,
        shown: word(row.try_get("shown")?)?,
        ended: row.try_get("ended")?,
        sms: row.try_get("sms")?,
        billed: read_money_column(row.try_get("billed")?)?,
    })
}

/// A word of the counts: '' where there is none.
pub(crate) fn count_word<W: Word>(word: Option<W>) -> String {
    optional_column(word.map(Word::word))
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
pub(crate) fn word<W: Word>(column: Option<&str>) -> Result<Option<W>, StoreError> {
    column.filter(|word| !word.is_empty()).map(W::read).transpose()
}

/// A number that fits, as no other is written.
pub(crate) fn small<T: TryFrom<i64>>(column: i64, what: &str) -> Result<T, Failure> {
    T::try_from(column).map_err(|_| Failure::corrupt(what))
}

/// Text of others, which may hold what a column cannot.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}
