-- When a campaign was first begun, and why it stands where it does. Batches are found by their first
-- recipients, since they can be cut. Recipients that stand alike are counted where they change.

ALTER TABLE campaigns ADD COLUMN begun_at INTEGER;
ALTER TABLE campaigns ADD COLUMN note TEXT;
UPDATE campaigns SET begun_at = created_at WHERE state NOT IN ('preparing', 'planned');
UPDATE campaigns SET recipients = (SELECT count(*) FROM messages WHERE campaign = id)
    WHERE state = 'preparing';
CREATE INDEX campaigns_listed ON campaigns (kind, state, created_at);
CREATE INDEX campaigns_noted ON campaigns (id) WHERE note IS NOT NULL;

CREATE UNIQUE INDEX batches_first ON batches (campaign, first);
CREATE INDEX batches_open ON batches (campaign, first)
    WHERE state IN ('planned', 'sending', 'unknown');
CREATE INDEX batches_noted ON batches (campaign, number) WHERE note IS NOT NULL;

CREATE INDEX callbacks_received ON callbacks (received_at);

CREATE TABLE counts (
    campaign INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    shown TEXT NOT NULL,
    ended INTEGER NOT NULL,
    sms INTEGER NOT NULL,
    billed TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (campaign, batch, outcome, shown, ended, sms, billed)
) STRICT, WITHOUT ROWID;
INSERT INTO counts
    SELECT m.campaign, coalesce(b.number, -1), coalesce(m.outcome, ''), coalesce(m.shown, ''),
        m.ended, m.sms, m.billed, count(*)
    FROM messages m JOIN campaigns c ON c.id = m.campaign
    LEFT JOIN batches b ON b.campaign = c.id AND b.number = m.idx / c.batch_cap
    GROUP BY 1, 2, 3, 4, 5, 6, 7;

CREATE TABLE unknown_words (
    campaign INTEGER NOT NULL,
    word TEXT NOT NULL,
    reports INTEGER NOT NULL,
    PRIMARY KEY (campaign, word)
) STRICT, WITHOUT ROWID;
INSERT INTO unknown_words
    SELECT m.campaign, json_extract(r.value, '$[1]'), count(*)
    FROM messages m, json_each(CASE WHEN json_valid(m.reports) THEN m.reports ELSE '[]' END) r
    WHERE json_extract(r.value, '$[1]') NOT IN ('scheduled', 'moderation', 'accepted', 'sending',
        'sent', 'delivered', 'read', 'expired', 'undelivered', 'failed', 'unknown',
        'not_service_user')
    GROUP BY 1, 2;

CREATE TABLE pruned (cursor INTEGER PRIMARY KEY) STRICT;
INSERT INTO pruned SELECT coalesce((SELECT min(cursor) - 1 FROM changes), cursor) FROM removed;

CREATE TABLE removed_bodies (id INTEGER PRIMARY KEY) STRICT;
