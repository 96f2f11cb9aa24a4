-- The log of changes, whose order is that of the commits, since one writes at a time. Whose reports
-- contradict each other. A number that was forgotten is 0.

CREATE TABLE changes (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    shown TEXT NOT NULL,
    ended INTEGER NOT NULL
) STRICT;
ALTER TABLE messages ADD COLUMN contradicted INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_contradicted ON messages (campaign, idx) WHERE contradicted <> 0;
CREATE INDEX callbacks_aside ON callbacks (id) WHERE why IS NOT NULL;
