-- A batch of which a part was sent again has several remote campaigns; a recipient may have words of
-- its own.

ALTER TABLE batches ADD COLUMN remotes TEXT NOT NULL DEFAULT '';
UPDATE batches SET remotes = CAST(remote AS TEXT) WHERE remote IS NOT NULL;
ALTER TABLE batches DROP COLUMN remote;
ALTER TABLE messages ADD COLUMN note TEXT;
