//! A database of the first version is brought up to date with all that it knows.

use std::time::Duration;

use bsg_rcs_domain::MessageId;
use bsg_rcs_store::prelude::*;
use bsg_rcs_store::{CampaignFilter, CampaignState, Outcome, UnknownWord};
use bsg_rcs_store_postgres::PostgresStore;

use crate::database::{self, execute};

const FIRST: &str = include_str!("../../src/migrations/1.sql");

const ROWS: &str = "
    INSERT INTO campaigns VALUES
        (1, 'campaign', NULL, 5, 'sending', decode(repeat('00', 16), 'hex'), 'p', 'a', '{}',
         false, 'digest', NULL, 2, 3, ''),
        (2, 'campaign', NULL, 6, 'preparing', decode(repeat('00', 16), 'hex'), 'p', 'a', '{}',
         false, '', NULL, 2, 0, '');
    INSERT INTO batches (campaign, number, first, count, state, changed_at) VALUES
        (1, 0, 0, 2, 'accepted', 7), (1, 1, 2, 1, 'planned', 7);
    INSERT INTO messages (campaign, idx, number, outcome, shown) VALUES
        (1, 0, 380661231231, NULL, 'sent'), (1, 1, 380661231232, 'rejected', NULL),
        (1, 2, 380661231233, NULL, NULL), (2, 0, 380661231234, NULL, NULL);
    INSERT INTO reports VALUES
        (1, 0, -7, 'sent', '', '', '2026-01-05 09:00:01', ''),
        (1, 0, -7, 'say \"hi\"', 'sms', '0.0100000 EUR', '', '2026-01-05 09:00:09');
    INSERT INTO changes (at, campaign, idx, shown, ended) VALUES (1, 1, 0, 'sent', false);
";

#[tokio::test]
async fn a_database_of_the_first_version_keeps_what_it_knows() {
    let Some(url) = database::url() else { return };
    let schema = database::schema();
    let sql = format!(
        "CREATE SCHEMA {schema}; SET search_path TO {schema}; \
         CREATE TABLE steps (version bigint PRIMARY KEY); {FIRST}; INSERT INTO steps VALUES (1); \
         {ROWS}"
    );
    execute(&url, &sql).await;
    let store = PostgresStore::open_in(&url, &schema).await.unwrap();
    let rows = store.campaigns(CampaignFilter::default()).await.unwrap();
    let found: Vec<_> =
        rows.iter().map(|row| (row.state, row.begun_at.map(|at| at.0), row.recipients)).collect();
    let expected = [(CampaignState::Preparing, None, 1), (CampaignState::Sending, Some(5), 3)];
    assert_eq!(found, expected, "what was sent was begun; what is prepared is counted");
    let id = rows[1].id;
    let reports = store.reports(id, 0).await.unwrap();
    let said: Vec<_> = reports.iter().map(|report| report.status.as_str().to_owned()).collect();
    assert_eq!(said, ["sent", "say \"hi\""]);
    assert!(reports.iter().all(|report| report.message == MessageId((-7_i64).cast_unsigned())));
    let snapshot = store.snapshot(id, Duration::ZERO).await.unwrap();
    let mut counted: Vec<_> =
        snapshot.tally.iter().map(|row| (row.outcome, row.count, row.overdue)).collect();
    counted.sort();
    let expected =
        [(Outcome::Pending, 1, false), (Outcome::Accepted, 1, true), (Outcome::Rejected, 1, true)];
    assert_eq!(counted, expected, "recipients are counted as they stand");
    let word = UnknownWord { word: "say \"hi\"".to_owned(), reports: 1 };
    assert_eq!(snapshot.unknown_words, [word]);
    let prepared = store.tally(rows[0].id, Duration::ZERO).await.unwrap();
    assert_eq!((prepared.len(), prepared[0].count), (1, 1));
    assert_eq!(store.changes(0, 9).await.unwrap().len(), 1, "the log stays");
    assert_eq!(store.ready().await.unwrap().schema_version, 2);
}
