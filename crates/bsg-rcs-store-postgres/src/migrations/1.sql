-- 64-bit ids are kept as signed numbers of the same bits. Closed sets are words, moments are
-- milliseconds, money is text with seven decimals and its currency: never a float. Text holds no
-- NUL: it is written as U+FFFD.

CREATE TABLE campaigns (
    id bigint PRIMARY KEY,
    kind text NOT NULL,
    name text,
    created_at bigint NOT NULL,
    state text NOT NULL,
    key bytea NOT NULL,
    platform text NOT NULL,
    account text NOT NULL,
    message text NOT NULL,
    alternative_channel boolean NOT NULL,
    digest text NOT NULL DEFAULT '',
    start_at text,
    batch_cap integer NOT NULL,
    recipients bigint NOT NULL DEFAULT 0,
    summary text NOT NULL DEFAULT ''
);

CREATE INDEX campaigns_digest ON campaigns (digest) WHERE digest <> '';

-- The remotes are ids apart by spaces: one, or more where a part of the batch was sent again. Whose
-- lease is the `leases`-th may change the batch; nobody else is given it until `leased_until`.
CREATE TABLE batches (
    campaign bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    number bigint NOT NULL,
    first bigint NOT NULL,
    count bigint NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL DEFAULT 0,
    changed_at bigint NOT NULL,
    note text,
    remotes text NOT NULL DEFAULT '',
    worst text NOT NULL DEFAULT '',
    leases bigint NOT NULL DEFAULT 0,
    leased_by bigint,
    leased_until bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign, number)
);

-- A recipient, and beside it what is derived of its reports: shown, ended, sms, billed, contradicted.
-- A number that was forgotten is 0. Every message is changed a few times and never moves: room is
-- left for it in its page.
CREATE TABLE messages (
    campaign bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    idx bigint NOT NULL,
    number bigint NOT NULL,
    label text,
    reference text,
    outcome text,
    note text,
    shown text,
    ended boolean NOT NULL DEFAULT false,
    sms boolean NOT NULL DEFAULT false,
    billed text NOT NULL DEFAULT '',
    contradicted boolean NOT NULL DEFAULT false,
    PRIMARY KEY (campaign, idx)
) WITH (fillfactor = 70);

CREATE INDEX messages_contradicted ON messages (campaign, idx) WHERE contradicted;

CREATE INDEX messages_reference ON messages (reference) WHERE reference IS NOT NULL;

-- The set. What was not said is '', since NULLs would differ from each other. A status is a word of
-- any length, and an index takes short ones only: it has the word's digest.
CREATE TABLE reports (
    campaign bigint NOT NULL,
    idx bigint NOT NULL,
    message bigint NOT NULL,
    status text NOT NULL,
    channel text NOT NULL,
    price text NOT NULL,
    sent_at text NOT NULL,
    reported_at text NOT NULL,
    FOREIGN KEY (campaign, idx) REFERENCES messages ON DELETE CASCADE
);

CREATE UNIQUE INDEX reports_set ON reports (
    campaign, idx, message, md5(status), channel, price, sent_at, reported_at
);

CREATE TABLE clicks (
    campaign bigint NOT NULL,
    idx bigint NOT NULL,
    message bigint NOT NULL,
    text text,
    postback text,
    clicked_at text,
    FOREIGN KEY (campaign, idx) REFERENCES messages ON DELETE CASCADE
);

-- The set of clicks. A button may say '', which is not the same as nothing.
CREATE UNIQUE INDEX clicks_set ON clicks (
    campaign, idx, message,
    coalesce(md5(text), ''), coalesce(md5(postback), ''), coalesce(clicked_at, '')
);

-- Bodies as they came. Whom it concerns, or why it is set aside; no foreign key, for it stays.
CREATE TABLE callbacks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at bigint NOT NULL,
    body bytea NOT NULL,
    campaign bigint,
    idx bigint,
    why text
);

CREATE INDEX callbacks_aside ON callbacks (id) WHERE why IS NOT NULL;

-- The log of changes. Who writes to it holds a lock until the commit, so that the order of the log is
-- that of the commits. A click shows ''.
CREATE TABLE changes (
    cursor bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    campaign bigint NOT NULL,
    idx bigint NOT NULL,
    shown text NOT NULL,
    ended boolean NOT NULL
);

CREATE TABLE settings (
    name text PRIMARY KEY,
    value text NOT NULL
);
