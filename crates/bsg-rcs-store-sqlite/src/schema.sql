-- The schema as it is now, for people to read. Nothing runs it but the test that compares it with the
-- sum of the migrations: change both.

-- 64-bit ids are kept as signed numbers of the same bits. Closed sets are words, moments are
-- milliseconds, money is text with seven decimals and its currency: never a float.

CREATE TABLE campaigns (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    key BLOB NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    message TEXT NOT NULL,
    alternative_channel INTEGER NOT NULL,
    digest TEXT NOT NULL,
    start_at TEXT,
    batch_cap INTEGER NOT NULL,
    recipients INTEGER NOT NULL,
    summary TEXT NOT NULL,
    begun_at INTEGER,
    note TEXT
) STRICT;

CREATE INDEX campaigns_digest ON campaigns (digest) WHERE digest <> '';
CREATE INDEX campaigns_listed ON campaigns (kind, state, created_at);
CREATE INDEX campaigns_noted ON campaigns (id) WHERE note IS NOT NULL;

-- The remotes are ids apart by spaces: one, or more where a part of the batch was sent again. The
-- holder of the `leases`-th lease may change the batch; no other is given it until `leased_until`.
CREATE TABLE batches (
    campaign INTEGER NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    number INTEGER NOT NULL,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    note TEXT,
    remotes TEXT NOT NULL DEFAULT '',
    worst TEXT NOT NULL DEFAULT '',
    leases INTEGER NOT NULL DEFAULT 0,
    leased_by INTEGER,
    leased_until INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX batches_first ON batches (campaign, first);
CREATE INDEX batches_open ON batches (campaign, first)
    WHERE state IN ('planned', 'sending', 'unknown');
CREATE INDEX batches_noted ON batches (campaign, number) WHERE note IS NOT NULL;

-- How many recipients of a batch stand alike; batch -1 while there are none yet. What is not said is
-- ''. A row may count none.
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

-- No index of the numbers: to keep one takes ten times as long as to write recipients without, and
-- a number is looked for seldom, by a reader, which nothing waits for.
--
-- A recipient, the set of its reports as JSON ('' for none; see bsg_rcs_store::sql), and beside it what is
-- derived of them: shown, ended, sms, billed, contradicted. A number that was forgotten is 0.
CREATE TABLE messages (
    campaign INTEGER NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    idx INTEGER NOT NULL,
    number INTEGER NOT NULL,
    label TEXT,
    reference TEXT,
    outcome TEXT,
    shown TEXT,
    ended INTEGER NOT NULL DEFAULT 0,
    sms INTEGER NOT NULL DEFAULT 0,
    billed TEXT NOT NULL DEFAULT '',
    note TEXT,
    contradicted INTEGER NOT NULL DEFAULT 0,
    reports TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (campaign, idx)
) STRICT, WITHOUT ROWID;

CREATE INDEX messages_reference ON messages (reference) WHERE reference IS NOT NULL;
CREATE INDEX messages_contradicted ON messages (campaign, idx) WHERE contradicted <> 0;

-- Status words that are none that we know, and in how many reports of the campaign.
CREATE TABLE unknown_words (
    campaign INTEGER NOT NULL,
    word TEXT NOT NULL,
    reports INTEGER NOT NULL,
    PRIMARY KEY (campaign, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE clicks (
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    message INTEGER NOT NULL,
    text TEXT,
    postback TEXT,
    clicked_at TEXT,
    FOREIGN KEY (campaign, idx) REFERENCES messages ON DELETE CASCADE
) STRICT;

-- The set of clicks. A button may say '', so what was not said is an empty blob here.
CREATE UNIQUE INDEX clicks_set ON clicks (
    campaign, idx, message,
    coalesce(text, x''), coalesce(postback, x''), coalesce(clicked_at, x'')
);

-- Bodies as they came. Which recipient it concerns, or why it is set aside; no foreign key, for it
-- stays.
CREATE TABLE callbacks (
    id INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    campaign INTEGER,
    idx INTEGER,
    why TEXT
) STRICT;

CREATE INDEX callbacks_aside ON callbacks (id) WHERE why IS NOT NULL;
CREATE INDEX callbacks_received ON callbacks (received_at);

-- One row, or none: the last number of a body when bodies were last removed, so that none is given
-- twice.
CREATE TABLE removed_bodies (id INTEGER PRIMARY KEY) STRICT;

-- The log of changes, whose order is that of the commits, since one writes at a time. A click shows ''.
-- Cursors go on from the last, there or removed.
CREATE TABLE changes (
    cursor INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    campaign INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    shown TEXT NOT NULL,
    ended INTEGER NOT NULL
) STRICT;

-- The last cursor that was given to a change that is not there any more: one row, or none.
CREATE TABLE removed (cursor INTEGER PRIMARY KEY) STRICT;

-- The last cursor that was removed with all before it, which a follower behind it has missed: one
-- row, or none.
CREATE TABLE pruned (cursor INTEGER PRIMARY KEY) STRICT;

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
