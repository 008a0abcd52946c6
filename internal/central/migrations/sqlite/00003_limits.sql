-- +goose Up

-- Whether a command of the uploader cited the file. What nobody cites counts
-- against the uploader's quota and is swept; what was there before stays.
ALTER TABLE uploads ADD COLUMN cited BOOLEAN NOT NULL DEFAULT TRUE;
CREATE INDEX uploads_uncited ON uploads (user_id, at) WHERE NOT cited;
CREATE INDEX uploads_by_content ON uploads (sha256);

-- Uploads that have begun and are not whole: they take room too.
CREATE TABLE open_uploads (
    user_id TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    size    BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (user_id, sha256)
);

-- Content that lost its last upload. Its bytes go a while later, unless
-- something cites them then.
CREATE TABLE abandoned_files (
    sha256 TEXT PRIMARY KEY,
    at     BIGINT NOT NULL
);

-- Failed tries by what was tried and by whom, the name as a hash.
CREATE TABLE attempts (
    kind  TEXT NOT NULL,
    key   TEXT NOT NULL,
    count INTEGER NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_user ON audit (user_id, at);

-- +goose Down
DROP INDEX audit_by_user;
DROP INDEX audit_by_time;
DROP TABLE attempts;
DROP TABLE abandoned_files;
DROP TABLE open_uploads;
DROP INDEX uploads_by_content;
DROP INDEX uploads_uncited;
ALTER TABLE uploads DROP COLUMN cited;
