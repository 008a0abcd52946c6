-- +goose Up

-- Signatures with a signed file that may still gain proof (a timestamp,
-- validation data) by the central's own work.
CREATE TABLE raisings (
    signature_id TEXT PRIMARY KEY,   -- the command that made the signature
    document_id  TEXT NOT NULL,
    tries        INTEGER NOT NULL,   -- that failed
    due_at       BIGINT NOT NULL,
    code         TEXT NOT NULL       -- of the last failure, '' for none
) WITHOUT ROWID;
CREATE INDEX raisings_due ON raisings (due_at);

-- +goose Down
DROP TABLE raisings;
