//! Rows as columns and back. What no version of this program writes is refused as corrupt, never
//! guessed.

use bsg_rcs_domain::{
    Amount, CampaignId, CivilDateTime, Currency, MessageId, Money, Msisdn, ReferenceId, Report,
    ReportedStatus, SealKey,
};
use bsg_rcs_store::{BatchRow, CampaignRow, RecipientRow, Timestamp};
use rusqlite::Row;

use crate::failure::Failure;
use crate::words::Word;

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
        start_at: optional(row.get("start_at")?, |at: String| read_civil(&at))?,
        batch_cap: row.get("batch_cap")?,
        recipients: row.get("recipients")?,
        summary: row.get("summary")?,
    })
}

/// The columns of [`read_batch`].
pub(crate) const BATCH: &str = "number, first, count, state, attempts, changed_at, remotes, note";

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
    })
}

/// The columns of [`read_recipient`].
pub(crate) const RECIPIENT: &str = "idx, number, label, reference, outcome, note, shown, ended";

pub(crate) fn read_recipient(row: &Row<'_>) -> Result<RecipientRow, Failure> {
    let number = Msisdn::from_u64(row.get::<_, i64>("number")?.cast_unsigned());
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
    })
}

/// The columns of [`read_report`].
pub(crate) const REPORT: &str = "message, status, channel, price, sent_at, reported_at";

pub(crate) fn read_report(row: &Row<'_>) -> Result<Report, Failure> {
    Ok(Report {
        message: MessageId(row.get::<_, i64>("message")?.cast_unsigned()),
        channel: said(&text(row, "channel")?, Word::read)?,
        status: ReportedStatus::from_word(&text(row, "status")?),
        price: said(&text(row, "price")?, read_money)?,
        sent_at: said(&text(row, "sent_at")?, read_civil)?,
        reported_at: said(&text(row, "reported_at")?, read_civil)?,
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
    optional(column, |word: String| W::read(&word))
}

/// A column of the set of reports: what was not said is ''.
pub(crate) fn unless_silent<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The platform's ids in one column, apart by spaces: each its bits as a signed number.
fn read_ids(column: &str) -> Result<Vec<u64>, Failure> {
    let id = |text: &str| text.parse().map(i64::cast_unsigned);
    let ids: Result<_, _> = column.split_whitespace().map(id).collect();
    ids.map_err(|_| Failure::corrupt("remote ids"))
}

/// Several amounts of money in one column, in the order that they have; '' for none.
pub(crate) fn money_column(billed: &[Money]) -> String {
    billed.iter().map(Money::to_string).collect::<Vec<_>>().join(", ")
}

pub(crate) fn read_money_column(column: &str) -> Result<Vec<Money>, Failure> {
    column.split(", ").filter(|text| !text.is_empty()).map(read_money).collect()
}

/// Reads `1.1000000 EUR` as [`Money`] writes it: exactly seven decimals, any number of digits.
fn read_money(text: &str) -> Result<Money, Failure> {
    let exact = || {
        let (amount, currency) = text.split_once(' ')?;
        let (whole, fraction) = amount.split_once('.')?;
        let digits = (fraction.len() == 7).then(|| format!("{whole}{fraction}"))?;
        let amount = Amount::from_ten_millionths(digits.parse().ok()?);
        Some(Money::new(amount, Currency::parse(currency).ok()?))
    };
    exact().ok_or_else(|| Failure::corrupt("amount of money"))
}

fn read_civil(text: &str) -> Result<CivilDateTime, Failure> {
    CivilDateTime::parse(text).map_err(|_| Failure::corrupt("date-time"))
}

fn text(row: &Row<'_>, column: &str) -> Result<String, Failure> {
    Ok(row.get(column)?)
}

fn said<T>(
    text: &str,
    read: impl FnOnce(&str) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

fn optional<S, T>(
    column: Option<S>,
    read: impl FnOnce(S) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    column.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_to_the_last_of_128_bits() {
        for ten_millionths in [0, 1, -1, 11_000_000, -5_000_000, i128::MAX, i128::MIN] {
            let money = Money::new(Amount::from_ten_millionths(ten_millionths), Currency::EUR);
            assert_eq!(read_money(&money.to_string()).unwrap(), money);
        }
        for text in ["", "1 EUR", "1.1 EUR", "1.1000000", "1.1000000 EURO", "1.10000000 EUR"] {
            read_money(text).unwrap_err();
        }
    }

    #[test]
    fn a_column_holds_several_amounts() {
        let euro = Money::new(Amount::from_ten_millionths(1), Currency::EUR);
        for billed in [vec![], vec![euro], vec![euro, euro]] {
            assert_eq!(read_money_column(&money_column(&billed)).unwrap(), billed);
        }
    }
}
