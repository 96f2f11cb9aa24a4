-- Who works on a batch, and the how manieth lease of it that is; what it costs at worst ('' without
-- prices). The same plan is found by its digest.

ALTER TABLE batches ADD COLUMN worst TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN leases INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN leased_by INTEGER;
ALTER TABLE batches ADD COLUMN leased_until INTEGER NOT NULL DEFAULT 0;
CREATE INDEX campaigns_digest ON campaigns (digest) WHERE digest <> '';
