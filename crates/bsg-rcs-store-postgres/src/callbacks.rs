//! Callbacks as they came: which recipients they are of, what is kept of them by the letter, and
//! what is set aside.

use bsg_rcs_store::rows::ASIDE_MAX;
use bsg_rcs_store::sql::RecipientKey;
use bsg_rcs_store::{KeptBody, Received, SetAside, StoreError, Timestamp, Verdict};
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::report_writes::ReportWriter;
use crate::rows::{NOW, campaign_column, clean, cursor_column};

/// Keeps callbacks; how many rows of counts were appended.
pub(crate) async fn keep(tx: &Transaction<'_>, received: &[Received]) -> Result<usize, Failure> {
    let verdicts = || received.iter().map(|callback| &callback.verdict);
    let mut writer = ReportWriter::begin(tx, verdicts().filter_map(ours)).await?;
    for verdict in verdicts() {
        if let Verdict::Ours { campaign, index, callback } = verdict
            && writer.contains((*campaign, *index))
        {
            writer.add((*campaign, *index), callback)?;
        }
    }
    keep_bodies(tx, received, &writer).await?;
    writer.end().await
}

fn ours(verdict: &Verdict) -> Option<RecipientKey> {
    match verdict {
        Verdict::Ours { campaign, index, .. } => Some((*campaign, *index)),
        Verdict::SetAside { .. } => None,
    }
}

async fn keep_bodies(
    tx: &Transaction<'_>,
    received: &[Received],
    writer: &ReportWriter<'_>,
) -> Result<(), Failure> {
    let mut columns = Verdicts::default();
    let mut bodies: Vec<&[u8]> = Vec::with_capacity(received.len());
    for Received { body, verdict } in received {
        // What comes of a recipient that was forgotten is not kept by the letter.
        let is_forgotten = columns.push(verdict, writer);
        bodies.push(if is_forgotten { &[] } else { body });
    }
    let sql = format!(
        "INSERT INTO callbacks (received_at, body, campaign, idx, why) \
         SELECT now.at, body, campaign, idx, why \
         FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::text[]) \
         WITH ORDINALITY AS new (body, campaign, idx, why, place), (SELECT {NOW} AS at) AS now \
         ORDER BY place"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let Verdicts { campaigns, indices, whys, .. } = &columns;
    tx.execute(&statement, &[&bodies, campaigns, indices, whys]).await?;
    if whys.iter().any(Option::is_some) {
        // Of what is set aside, the latest stay.
        let sql = "DELETE FROM callbacks WHERE why IS NOT NULL AND id <= (SELECT id FROM callbacks \
            WHERE why IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET $1)";
        tx.execute(&tx.prepare_cached(sql).await?, &[&i64::from(ASIDE_MAX)]).await?;
    }
    Ok(())
}

/// Verdicts as columns: which recipient a body is of, or why it is set aside.
#[derive(Default)]
struct Verdicts {
    campaigns: Vec<Option<i64>>,
    indices: Vec<Option<i64>>,
    whys: Vec<Option<String>>,
    are_forgotten: Vec<bool>,
}

impl Verdicts {
    /// Adds a verdict; whether its recipient is forgotten.
    fn push(&mut self, verdict: &Verdict, writer: &ReportWriter<'_>) -> bool {
        let (key, why) = match verdict {
            Verdict::SetAside { why } => (None, Some(clean(why).into_owned())),
            Verdict::Ours { campaign, index, .. } if writer.contains((*campaign, *index)) => {
                (Some((*campaign, *index)), None)
            }
            Verdict::Ours { campaign, index, .. } => {
                (None, Some(StoreError::no_recipient(*campaign, *index).to_string()))
            }
        };
        let is_forgotten = key.is_some_and(|key| writer.is_forgotten(key));
        self.campaigns.push(key.map(|(campaign, _)| campaign_column(campaign)));
        self.indices.push(key.map(|(_, index)| i64::from(index)));
        self.whys.push(why);
        self.are_forgotten.push(is_forgotten);
        is_forgotten
    }
}

pub(crate) async fn judge_again(
    tx: &Transaction<'_>,
    judged: &[(u64, Verdict)],
) -> Result<usize, Failure> {
    let keys = judged.iter().filter_map(|(_, verdict)| ours(verdict));
    let mut writer = ReportWriter::begin(tx, keys).await?;
    let (mut ids, mut columns) = (Vec::new(), Verdicts::default());
    for (id, verdict) in judged {
        // Greater numbers than a column holds were never given.
        ids.push(cursor_column(*id).unwrap_or(0));
        columns.push(verdict, &writer);
    }
    let sql = "UPDATE callbacks c SET campaign = new.campaign, idx = new.idx, why = new.why, \
            body = CASE WHEN new.is_forgotten THEN ''::bytea ELSE c.body END \
        FROM (SELECT DISTINCT ON (id) * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], \
            $4::text[], $5::boolean[]) WITH ORDINALITY \
            AS all_new (id, campaign, idx, why, is_forgotten, place) ORDER BY id, place DESC) new \
        WHERE c.id = new.id RETURNING c.id";
    let statement = tx.prepare_cached(sql).await?;
    let Verdicts { campaigns, indices, whys, are_forgotten } = &columns;
    let found = tx.query(&statement, &[&ids, campaigns, indices, whys, are_forgotten]).await?;
    let found: std::collections::BTreeSet<i64> =
        found.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    for (id, (_, verdict)) in ids.iter().zip(judged) {
        if let Verdict::Ours { campaign, index, callback } = verdict
            && found.contains(id)
            && writer.contains((*campaign, *index))
        {
            writer.add((*campaign, *index), callback)?;
        }
    }
    writer.end().await
}

pub(crate) async fn bodies(
    tx: &Transaction<'_>,
    after: u64,
    limit: u32,
) -> Result<Vec<KeptBody>, Failure> {
    let Some(after) = cursor_column(after) else { return Ok(Vec::new()) };
    let sql = "SELECT id, body FROM callbacks WHERE id > $1 ORDER BY id LIMIT $2";
    let statement = tx.prepare_cached(sql).await?;
    let found = tx.query(&statement, &[&after, &i64::from(limit)]).await?;
    let read = |row: &Row| -> Result<KeptBody, Failure> {
        Ok(KeptBody { id: row.try_get::<_, i64>(0)?.cast_unsigned(), body: row.try_get(1)? })
    };
    found.iter().map(read).collect()
}

pub(crate) async fn set_aside(
    tx: &Transaction<'_>,
    after: u64,
    limit: u32,
) -> Result<Vec<SetAside>, Failure> {
    let Some(after) = cursor_column(after) else { return Ok(Vec::new()) };
    let sql = "SELECT id, received_at, why, body FROM callbacks \
        WHERE id > $1 AND why IS NOT NULL ORDER BY id LIMIT $2";
    let statement = tx.prepare_cached(sql).await?;
    let found = tx.query(&statement, &[&after, &i64::from(limit)]).await?;
    let read = |row: &Row| -> Result<SetAside, Failure> {
        Ok(SetAside {
            id: row.try_get::<_, i64>(0)?.cast_unsigned(),
            at: Timestamp(row.try_get(1)?),
            why: row.try_get(2)?,
            body: row.try_get(3)?,
        })
    };
    found.iter().map(read).collect()
}
