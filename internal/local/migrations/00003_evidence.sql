-- +goose Up

-- When the central answered an entry (its time; 0: of a release that did not note
-- it), in which recovery the entry was given back, and whether a backup of the
-- central covers it.
ALTER TABLE outbox ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN given TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN covered INTEGER NOT NULL DEFAULT 0;

-- The events that an entry's receipt cites, whole, until a backup covers them.
CREATE TABLE records (
    id   TEXT PRIMARY KEY,
    body BLOB NOT NULL
) WITHOUT ROWID;

-- Events that the central recorded by itself and proved (0: others).
ALTER TABLE events ADD COLUMN issued INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN given TEXT NOT NULL DEFAULT '';
CREATE INDEX events_issued ON events (issued) WHERE issued > 0;

-- Files that a restored central lacks and this workstation has.
CREATE TABLE lacking (
    sha  TEXT PRIMARY KEY,
    size INTEGER NOT NULL
) WITHOUT ROWID;
