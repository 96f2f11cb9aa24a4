//! The steps from an empty file to today's schema. A step that was released never changes; a new
//! one goes behind it, and its outcome into `schema.sql`.

use bsg_rcs_store::StoreError;
use rusqlite::{Connection, TransactionBehavior};

use crate::failure::Failure;

/// Marks a file as ours: `BRCS`.
pub(crate) const APPLICATION_ID: u32 = u32::from_be_bytes(*b"BRCS");

/// Step `n` leads from version `n` to `n + 1`.
const STEPS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
];

/// Brings a file of any earlier version to this one, step by step, each whole or not at all. Of
/// two processes that do so at once, each step is taken by one.
pub(crate) fn run(connection: &mut Connection, place: &str) -> Result<(), Failure> {
    // A look without a lock first: to open a store need not wait for who writes to it.
    while next_step(connection, place)?.is_some() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some((version, step)) = next_step(&transaction, place)? else { continue };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", version + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

/// The version of the file's schema.
pub(crate) fn version(connection: &Connection, place: &str) -> Result<u32, Failure> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(StoreError::Newer { place: place.to_owned(), found, known }.into());
    }
    Ok(found)
}

/// The file's version and the step that leads on from it; `None` if it is today's.
fn next_step(connection: &Connection, place: &str) -> Result<Option<(u32, &'static str)>, Failure> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let steps = STEPS.get(usize::try_from(found).unwrap_or(usize::MAX)..);
    let Some(steps) = steps else {
        let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
        return Err(StoreError::Newer { place: place.to_owned(), found, known }.into());
    };
    Ok(steps.first().map(|step| (found, *step)))
}

#[cfg(test)]
mod tests {
    use bsg_rcs_store::{CampaignFilter, Outcome, Timestamp, UnknownWord};

    use super::*;

    /// Name and definition of all that a database has, line breaks aside. SQLite's own stay for good, as the
    /// counter of AUTOINCREMENT that we once had.
    fn schema(connection: &Connection) -> Vec<(String, String)> {
        let sql = "SELECT name, coalesce(sql, '') FROM sqlite_schema \
            WHERE name NOT LIKE 'sqlite@_%' ESCAPE '@' ORDER BY name";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)));
        let plain =
            |sql: String| sql.replace('"', "").split_whitespace().collect::<Vec<_>>().join(" ");
        let plain = |sql| plain(sql).replace(" ,", ",").replace(" )", ")");
        rows.unwrap().map(|row| row.map(|(name, sql)| (name, plain(sql))).unwrap()).collect()
    }

    #[test]
    fn the_sum_of_the_migrations_is_the_schema() {
        let mut migrated = Connection::open_in_memory().unwrap();
        run(&mut migrated, "here").unwrap();
        let declared = Connection::open_in_memory().unwrap();
        declared.execute_batch(include_str!("schema.sql")).unwrap();
        assert_eq!(schema(&migrated), schema(&declared));
        assert!(schema(&migrated).len() >= 23, "twelve tables and eleven indexes");
    }

    #[test]
    fn running_them_twice_does_no_harm() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, "here").unwrap();
        let once = schema(&connection);
        connection.execute("INSERT INTO settings VALUES ('name', 'kept')", []).unwrap();
        run(&mut connection, "here").unwrap();
        assert_eq!(schema(&connection), once);
        let kept: String =
            connection.query_row("SELECT value FROM settings", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, "kept");
    }

    #[test]
    fn a_file_of_the_first_version_keeps_what_it_knows() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(STEPS[0]).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection
            .execute_batch(
                "INSERT INTO campaigns VALUES (1, 'campaign', NULL, 0, 'sending', x'00', '', '', \
                 '', 0, '', NULL, 1, 2, '');
                 INSERT INTO batches VALUES (1, 0, 0, 1, 'accepted', 1, 0, -7, 'a');
                 INSERT INTO batches VALUES (1, 1, 1, 1, 'planned', 0, 0, NULL, NULL);",
            )
            .unwrap();
        run(&mut connection, "here").unwrap();
        let mut statement =
            connection.prepare("SELECT remotes, note FROM batches ORDER BY number").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let rows: Vec<(String, Option<String>)> = rows.map(Result::unwrap).collect();
        assert_eq!(rows, [("-7".into(), Some("a".into())), (String::new(), None)]);
    }

    #[test]
    fn a_file_of_the_fourth_version_keeps_what_was_said() {
        let mut connection = Connection::open_in_memory().unwrap();
        STEPS[..4].iter().for_each(|step| connection.execute_batch(step).unwrap());
        connection.pragma_update(None, "user_version", 4).unwrap();
        connection
            .execute_batch(
                "INSERT INTO campaigns VALUES (1, 'campaign', NULL, 0, 'sending', x'00', '', '', \
                 '', 0, '', NULL, 1, 2, '');
                 INSERT INTO messages (campaign, idx, number) VALUES (1, 0, 380661231231), (1, 1, 0);
                 INSERT INTO reports VALUES
                   (1, 0, -7, 'sent', '', '', '2026-01-05 09:00:01', ''),
                   (1, 0, -7, 'say \"hi\"', 'sms', '0.0100000 EUR', '', '2026-01-05 09:00:09');
                 INSERT INTO changes VALUES (8, 1, 1, 0, 'sent', 0), (9, 2, 1, 0, 'sent', 1);
                 DELETE FROM changes WHERE cursor = 9;",
            )
            .unwrap();
        run(&mut connection, "here").unwrap();
        let columns = |idx: i64| -> String {
            let sql = "SELECT reports FROM messages WHERE idx = ?1";
            connection.query_row(sql, [idx], |row| row.get(0)).unwrap()
        };
        assert_eq!(columns(1), "", "nothing was said of it");
        let reports = bsg_rcs_store::sql::read_reports(&columns(0)).unwrap();
        let said: Vec<_> = reports.iter().collect();
        assert_eq!(said.len(), 2);
        assert!(said.iter().all(|report| report.message.0 == (-7_i64).cast_unsigned()));
        let (sent, odd) = (said[0].clone(), said[1].clone());
        assert_eq!(sent.status.as_str(), "sent", "{said:?}");
        assert_eq!(sent.sent_at.unwrap().to_string(), "2026-01-05 09:00:01");
        assert_eq!((sent.channel, sent.price, sent.reported_at), (None, None, None));
        assert_eq!(odd.status.as_str(), "say \"hi\"");
        assert_eq!(odd.price.unwrap().to_string(), "0.0100000 EUR");
        assert_eq!(odd.reported_at.unwrap().to_string(), "2026-01-05 09:00:09");
        assert_eq!((odd.channel, odd.sent_at), (Some(bsg_rcs_domain::Channel::Sms), None));
        let mut longer = columns(0);
        let read = bsg_rcs_domain::ReportedStatus::from_word("read");
        let late = bsg_rcs_domain::Report { status: read, ..sent };
        bsg_rcs_store::sql::add_report(&mut longer, &late).unwrap();
        let mut with_it = reports.clone();
        assert!(with_it.insert(late));
        assert_eq!(bsg_rcs_store::sql::read_reports(&longer).unwrap(), with_it, "{longer}");
        let transaction = connection.transaction().unwrap();
        let mut log =
            crate::changes::Log::begin(&transaction, bsg_rcs_store::Timestamp(3)).unwrap();
        log.add(bsg_rcs_domain::CampaignId(1), 0, bsg_rcs_store::Changed::Clicked).unwrap();
        let cursors = crate::changes::changes(&transaction, 7, 9).unwrap();
        let cursors: Vec<u64> = cursors.iter().map(|change| change.cursor).collect();
        assert_eq!(cursors, [8, 10], "9 was given already");
    }

    #[test]
    fn a_file_of_the_fifth_version_is_counted() {
        let mut connection = Connection::open_in_memory().unwrap();
        STEPS[..5].iter().for_each(|step| connection.execute_batch(step).unwrap());
        connection.pragma_update(None, "user_version", 5).unwrap();
        let rows = "
            INSERT INTO campaigns VALUES
                (1, 'campaign', NULL, 5, 'sending', x'00000000000000000000000000000000', '', '', '',
                 0, 'd', NULL, 2, 3, ''),
                (2, 'campaign', NULL, 6, 'preparing', x'00000000000000000000000000000000', '', '',
                 '', 0, '', NULL, 2, 0, '');
            INSERT INTO batches (campaign, number, first, count, state, attempts, changed_at)
                VALUES (1, 0, 0, 2, 'accepted', 1, 7), (1, 1, 2, 1, 'planned', 0, 7);
            INSERT INTO messages (campaign, idx, number, outcome, shown, reports) VALUES
                (1, 0, 9, NULL, 'sent', '[[7,\"sent\",null,null,null,null],'
                    || '[7,\"beamed\",null,null,null,null]]'),
                (1, 1, 9, 'rejected', NULL, ''), (1, 2, 9, NULL, NULL, 'damaged'),
                (2, 0, 9, NULL, NULL, '');
            INSERT INTO changes VALUES (8, 1, 1, 0, 'sent', 0);
            INSERT INTO removed VALUES (9);";
        connection.execute_batch(rows).unwrap();
        run(&mut connection, "here").unwrap();
        let tx = connection.transaction().unwrap();
        let listed = crate::campaigns::campaigns(&tx, &CampaignFilter::default()).unwrap();
        let found: Vec<_> = listed.iter().map(|row| (row.begun_at, row.recipients)).collect();
        assert_eq!(found, [(None, 1), (Some(Timestamp(5)), 3)], "what was sent was begun");
        let id = listed[1].id;
        let snapshot =
            crate::reports::snapshot(&tx, Timestamp(9), id, std::time::Duration::ZERO).unwrap();
        let mut counted: Vec<_> =
            snapshot.tally.iter().map(|row| (row.outcome, row.count, row.overdue)).collect();
        counted.sort();
        let expected = [
            (Outcome::Pending, 1, false),
            (Outcome::Accepted, 1, true),
            (Outcome::Rejected, 1, true),
        ];
        assert_eq!(counted, expected, "recipients are counted as they stand");
        let word = UnknownWord { word: "beamed".to_owned(), reports: 1 };
        assert_eq!(snapshot.unknown_words, [word]);
        let missed = crate::changes::changes(&tx, 6, 9).unwrap_err();
        assert!(matches!(missed, Failure::Store(StoreError::Pruned { first: 8 })), "{missed:?}");
        assert_eq!(crate::changes::changes(&tx, 7, 9).unwrap().len(), 1);
    }

    #[test]
    fn a_step_that_fails_leaves_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE settings (in_the_way)").unwrap();
        run(&mut connection, "here").unwrap_err();
        assert_eq!(schema(&connection).len(), 1, "the tables made before the failure are gone");
    }
}
