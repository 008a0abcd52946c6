-- +goose Up

-- What the central knows about itself: id, name, flags.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Answers. A command id is answered once; hash and content tell whether the
-- same command comes again.
CREATE TABLE commands (
    id         TEXT PRIMARY KEY,
    hash       BLOB NOT NULL,   -- of the sealed bytes
    content    BLOB NOT NULL,   -- of the command without its epoch
    kind       TEXT NOT NULL,
    process_id TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    unit_id    TEXT NOT NULL,
    device_id  TEXT NOT NULL,
    epoch      BIGINT NOT NULL,
    seal_key   TEXT NOT NULL,   -- the workstation's signature stays as proof
    seal_sig   BLOB NOT NULL,
    accepted   BOOLEAN NOT NULL,
    receipt    TEXT NOT NULL,   -- ledger.Sealed
    at         BIGINT NOT NULL  -- microseconds since 1970, UTC
);

-- The ledger: heads of the streams, headers, and payloads apart from them.
CREATE TABLE streams (
    name    TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    hash    BLOB NOT NULL
);

CREATE TABLE events (
    seq        INTEGER PRIMARY KEY,
    stream     TEXT NOT NULL REFERENCES streams (name),
    version    BIGINT NOT NULL,
    header     BLOB NOT NULL,   -- ledger.Header.Encode
    hash       BLOB NOT NULL,
    command_id TEXT NOT NULL,
    at         BIGINT NOT NULL,
    UNIQUE (stream, version)
);

CREATE TABLE event_payloads (
    seq     INTEGER PRIMARY KEY REFERENCES events (seq),
    salt    BLOB NOT NULL,
    payload BLOB NOT NULL
);

-- Folded state.
CREATE TABLE processes (
    id            TEXT PRIMARY KEY,
    number        TEXT NOT NULL UNIQUE,
    number_digits TEXT NOT NULL,
    former_digits TEXT NOT NULL, -- former numbers' digits between spaces
    specification TEXT NOT NULL, -- folded for searching
    state         TEXT NOT NULL, -- sei.Process without documents
    updated_at    BIGINT NOT NULL
);
CREATE INDEX processes_by_digits ON processes (number_digits);

CREATE TABLE documents (
    id         TEXT PRIMARY KEY,
    process_id TEXT NOT NULL REFERENCES processes (id),
    sei_number BIGINT UNIQUE,    -- NULL until known
    state      TEXT NOT NULL     -- sei.Document
);
CREATE INDEX documents_by_process ON documents (process_id);

CREATE TABLE qr_tokens (
    token       TEXT PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id),
    crc         TEXT NOT NULL
);

-- Minutes: texts outside the ledger.
CREATE TABLE revisions (
    id          TEXT PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id),
    process_id  TEXT NOT NULL,
    seq         BIGINT NOT NULL,
    head        BOOLEAN NOT NULL,
    merged      BOOLEAN NOT NULL,
    author_id   TEXT NOT NULL,
    author_name TEXT NOT NULL,
    at          BIGINT NOT NULL,
    hash        TEXT NOT NULL,
    revision    TEXT NOT NULL,   -- sei.Revision
    UNIQUE (document_id, seq)
);

CREATE TABLE revision_blobs (
    document_id TEXT NOT NULL REFERENCES documents (id),
    sha256      TEXT NOT NULL,
    PRIMARY KEY (document_id, sha256)
);

-- Numbers.
CREATE TABLE counters (
    scope TEXT NOT NULL,
    year  INTEGER NOT NULL,       -- 0 for sequences that never begin again
    value BIGINT NOT NULL,        -- the last number given
    PRIMARY KEY (scope, year)
);

-- Every Nº SEI that was leased; state is leased, used, returned or lost.
CREATE TABLE leased_numbers (
    number    BIGINT PRIMARY KEY,
    device_id TEXT NOT NULL,
    epoch     BIGINT NOT NULL,
    state     TEXT NOT NULL,
    at        BIGINT NOT NULL
);
CREATE INDEX leased_numbers_by_device ON leased_numbers (device_id, state);
CREATE INDEX leased_numbers_returned ON leased_numbers (number) WHERE state = 'returned';

-- Read models. A NULL body is looked up where the row's content lives.
CREATE TABLE buckets (
    name     TEXT PRIMARY KEY,
    version  BIGINT NOT NULL,
    checksum BLOB NOT NULL
);

CREATE TABLE bucket_rows (
    bucket  TEXT NOT NULL REFERENCES buckets (name),
    key     TEXT NOT NULL,
    version BIGINT NOT NULL,
    gone    BOOLEAN NOT NULL,
    body    TEXT,
    PRIMARY KEY (bucket, key)
);
CREATE UNIQUE INDEX bucket_rows_by_version ON bucket_rows (bucket, version);

-- People, sessions and workstations.
CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    agency_id     TEXT NOT NULL,
    login         TEXT NOT NULL,
    name          TEXT NOT NULL,
    cpf           TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change   BOOLEAN NOT NULL,
    disabled      BOOLEAN NOT NULL,
    created_at    BIGINT NOT NULL,
    UNIQUE (agency_id, login)
);

CREATE TABLE memberships (
    user_id    TEXT NOT NULL REFERENCES users (id),
    unit_id    TEXT NOT NULL,
    profile    TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to   BIGINT NOT NULL,   -- 0: without end
    PRIMARY KEY (user_id, unit_id, profile)
);
CREATE INDEX memberships_by_unit ON memberships (unit_id);

CREATE TABLE devices (
    id            TEXT PRIMARY KEY,
    user_id       TEXT NOT NULL REFERENCES users (id),
    public_key    BLOB NOT NULL,
    name          TEXT NOT NULL,
    epoch         BIGINT NOT NULL,
    push_current  BLOB NOT NULL,  -- SHA-256 of the token
    push_previous BLOB NOT NULL,
    enrolled_at   BIGINT NOT NULL
);

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    device_id  TEXT NOT NULL REFERENCES devices (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Uploads are the uploader's own: only who sent the bytes may cite them.
CREATE TABLE uploads (
    user_id  TEXT NOT NULL,
    sha256   TEXT NOT NULL,
    size     BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (user_id, sha256)
);

-- Refusals and reads of restricted content, by ids only.
CREATE TABLE audit (
    id       INTEGER PRIMARY KEY,
    at       BIGINT NOT NULL,
    act      TEXT NOT NULL,
    code     TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    unit_id  TEXT NOT NULL,
    device_id TEXT NOT NULL,
    subject  TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, at);

-- +goose Down
DROP TABLE audit;
DROP TABLE uploads;
DROP TABLE sessions;
DROP TABLE devices;
DROP TABLE memberships;
DROP TABLE users;
DROP TABLE bucket_rows;
DROP TABLE buckets;
DROP TABLE leased_numbers;
DROP TABLE counters;
DROP TABLE revision_blobs;
DROP TABLE revisions;
DROP TABLE qr_tokens;
DROP TABLE documents;
DROP TABLE processes;
DROP TABLE event_payloads;
DROP TABLE events;
DROP TABLE streams;
DROP TABLE commands;
DROP TABLE meta;
