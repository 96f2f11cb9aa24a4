-- The set of a recipient's reports is one column of it, not rows of another table. Cursors are counted by
-- us, not by AUTOINCREMENT.

ALTER TABLE messages ADD COLUMN reports TEXT NOT NULL DEFAULT '';
UPDATE messages SET reports = (
    SELECT json_group_array(json_array(
        message, status, nullif(channel, ''), nullif(price, ''), nullif(sent_at, ''), nullif(reported_at, '')
    ))
    FROM reports AS r WHERE r.campaign = messages.campaign AND r.idx = messages.idx
)
WHERE (campaign, idx) IN (SELECT campaign, idx FROM reports);
DROP TABLE reports;

CREATE TABLE removed (cursor INTEGER PRIMARY KEY) STRICT;
INSERT INTO removed SELECT seq FROM sqlite_sequence WHERE name = 'changes';
CREATE TABLE logged (
    cursor INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    shown TEXT NOT NULL,
    ended INTEGER NOT NULL
) STRICT;
INSERT INTO logged SELECT * FROM changes;
DROP TABLE changes;
ALTER TABLE logged RENAME TO changes;
