-- When a campaign was first begun, why it stands where it does, and when its planner last wrote to
-- it. Batches are found by their first recipients, since they can be cut.

ALTER TABLE campaigns ADD COLUMN begun_at bigint;
ALTER TABLE campaigns ADD COLUMN note text;
ALTER TABLE campaigns ADD COLUMN alive_at bigint NOT NULL DEFAULT 0;
UPDATE campaigns SET begun_at = created_at WHERE state NOT IN ('preparing', 'planned');
UPDATE campaigns SET recipients = (SELECT count(*) FROM messages WHERE campaign = id)
    WHERE state = 'preparing';
CREATE INDEX campaigns_listed ON campaigns (kind, state, created_at, id);
CREATE INDEX campaigns_noted ON campaigns (id) WHERE note IS NOT NULL;

CREATE UNIQUE INDEX batches_first ON batches (campaign, first);
CREATE INDEX batches_open ON batches (campaign, first)
    WHERE state IN ('planned', 'sending', 'unknown');
CREATE INDEX batches_noted ON batches (campaign, number) WHERE note IS NOT NULL;

-- A campaign is removed in pieces, by statements that name them: nothing is looked up row by row.
ALTER TABLE messages DROP CONSTRAINT messages_campaign_fkey;
ALTER TABLE clicks DROP CONSTRAINT clicks_campaign_idx_fkey;

-- Recipients that stand alike are counted where they change, in a table to which every transaction
-- only appends; now and then it is folded into the other. A count is the sum over both. Batch -1:
-- none yet. What is not said is ''.
CREATE TABLE counts (
    campaign bigint NOT NULL,
    batch bigint NOT NULL,
    outcome text NOT NULL,
    shown text NOT NULL,
    ended boolean NOT NULL,
    sms boolean NOT NULL,
    billed text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (campaign, batch, outcome, shown, ended, sms, billed)
);
CREATE TABLE count_changes (
    campaign bigint NOT NULL,
    batch bigint NOT NULL,
    outcome text NOT NULL,
    shown text NOT NULL,
    ended boolean NOT NULL,
    sms boolean NOT NULL,
    billed text NOT NULL,
    count bigint NOT NULL
);
CREATE INDEX count_changes_batch ON count_changes (campaign, batch);
CREATE VIEW all_counts AS SELECT * FROM counts UNION ALL SELECT * FROM count_changes;
INSERT INTO counts
    SELECT m.campaign, coalesce(b.number, -1), coalesce(m.outcome, ''), coalesce(m.shown, ''),
        m.ended, m.sms, m.billed, count(*)
    FROM messages m JOIN campaigns c ON c.id = m.campaign
    LEFT JOIN batches b ON b.campaign = c.id AND b.number = m.idx / c.batch_cap
    GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- Status words that are none that we know, and in how many reports: the sum over all rows of a word.
CREATE TABLE unknown_words (
    campaign bigint NOT NULL,
    word text NOT NULL,
    reports bigint NOT NULL
);
CREATE INDEX unknown_words_campaign ON unknown_words (campaign);
INSERT INTO unknown_words
    SELECT campaign, status, count(*) FROM reports
    WHERE status NOT IN ('scheduled', 'moderation', 'accepted', 'sending', 'sent', 'delivered',
        'read', 'expired', 'undelivered', 'failed', 'unknown', 'not_service_user')
    GROUP BY 1, 2;

-- The set of a recipient's reports is one column of it, as JSON ('' for none; see bsg_rcs_store::sql).
ALTER TABLE messages ADD COLUMN reports text NOT NULL DEFAULT '';
UPDATE messages m SET reports = r.reports FROM (
    SELECT campaign, idx, json_agg(json_build_array(message, status, nullif(channel, ''),
        nullif(price, ''), nullif(sent_at, ''), nullif(reported_at, '')))::text AS reports
    FROM reports GROUP BY campaign, idx
) r WHERE m.campaign = r.campaign AND m.idx = r.idx;
DROP TABLE reports;
CREATE INDEX messages_number ON messages (number) WHERE number <> 0;

CREATE INDEX callbacks_received ON callbacks (received_at);

-- Changes as they are written, without waiting for one another. Who reads the log gives them cursors
-- first, those that are committed, under a lock: so what is committed later stands behind.
CREATE TABLE fresh_changes (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    campaign bigint NOT NULL,
    idx bigint NOT NULL,
    shown text NOT NULL,
    ended boolean NOT NULL
);

-- One row, or none: the last cursor that was removed.
CREATE TABLE pruned (id smallint PRIMARY KEY, cursor bigint NOT NULL);
INSERT INTO pruned SELECT 0, min(cursor) - 1 FROM changes HAVING min(cursor) > 1;
