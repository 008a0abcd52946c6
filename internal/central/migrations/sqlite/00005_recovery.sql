-- +goose Up

-- What the last backup knew of the counter: no number is given that a central
-- restored from that backup could give again.
ALTER TABLE counters ADD COLUMN covered BIGINT NOT NULL DEFAULT 0;

-- Signed statements about backups, the latest last.
CREATE TABLE backups (
    id     INTEGER PRIMARY KEY,
    until  BIGINT NOT NULL,
    size   BIGINT NOT NULL,
    sealed TEXT NOT NULL,       -- ledger.Sealed of a ledger.BackupStatement
    at     BIGINT NOT NULL
);

-- One row for each time that this central came back from a backup.
CREATE TABLE recoveries (
    id          TEXT PRIMARY KEY,
    since       BIGINT NOT NULL,
    backup_at   BIGINT NOT NULL,
    until       BIGINT NOT NULL, -- acceptance time of the backup's last answer
    size        BIGINT NOT NULL, -- of the backup's log
    seen        BIGINT NOT NULL, -- size of the largest signed log that a desk has shown
    generation  INTEGER NOT NULL, -- how often that backup was restored
    finished_at BIGINT NOT NULL, -- 0 while it is open
    sealed      TEXT NOT NULL    -- ledger.Sealed of a ledger.RecoveryStatement, '' until it is signed
);

-- What desks gave back, and what became of it; item is kept while the act is not
-- in the ledger.
CREATE TABLE returned (
    id         TEXT PRIMARY KEY, -- of the command
    recovery   TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    device_id  TEXT NOT NULL,
    process_id TEXT NOT NULL,
    state      TEXT NOT NULL,    -- restored, staged, late, conflict
    why        TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    item       TEXT NOT NULL,    -- wire.GiveBackItem
    at         BIGINT NOT NULL
);
CREATE INDEX returned_by_process ON returned (state, process_id, accepted_at);

-- Files that acts which were taken back cite and that were not here then.
CREATE TABLE returned_files (
    sha256     TEXT NOT NULL,
    size       BIGINT NOT NULL,
    command_id TEXT NOT NULL,
    PRIMARY KEY (sha256, command_id)
);

-- Workstations that have given back all they had.
CREATE TABLE returned_desks (
    recovery  TEXT NOT NULL,
    device_id TEXT NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (recovery, device_id)
);

-- Ranges in which a number may be missing, because a recovery passed over it.
CREATE TABLE number_ranges (
    scope    TEXT NOT NULL,
    year     INTEGER NOT NULL,
    first    BIGINT NOT NULL,
    last     BIGINT NOT NULL,
    recovery TEXT NOT NULL,
    PRIMARY KEY (scope, year, first)
);

-- Receipts of the events that the central recorded by itself.
CREATE TABLE issued (
    command_id TEXT PRIMARY KEY,
    receipt    TEXT NOT NULL     -- ledger.Sealed
);

-- +goose Down
DROP TABLE issued;
DROP TABLE number_ranges;
DROP TABLE returned_desks;
DROP TABLE returned_files;
DROP TABLE returned;
DROP TABLE recoveries;
DROP TABLE backups;
ALTER TABLE counters DROP COLUMN covered;
