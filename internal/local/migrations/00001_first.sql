-- +goose Up

-- Single facts about the store: the vault, the workstation's identity, the session.
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE preferences (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE receipt_keys (
    id     TEXT PRIMARY KEY,
    public BLOB NOT NULL,
    since  INTEGER NOT NULL
) WITHOUT ROWID;

-- What the central sent, as it sent it; everything below "synced" is derived
-- from it and can be made anew.
CREATE TABLE buckets (
    bucket   TEXT PRIMARY KEY,
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    cursor   INTEGER NOT NULL DEFAULT 0,
    checksum BLOB NOT NULL,
    snapshot INTEGER NOT NULL DEFAULT 0, -- 1: stale rows wait to be replaced
    wanted   INTEGER NOT NULL DEFAULT 0  -- 1: pull once, though no index asks for it
) WITHOUT ROWID;
CREATE INDEX buckets_kind ON buckets (kind, id);
CREATE INDEX buckets_wanted ON buckets (bucket) WHERE wanted = 1;

CREATE TABLE synced (
    id      INTEGER PRIMARY KEY,
    bucket  TEXT NOT NULL,
    key     TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed  INTEGER NOT NULL,
    stale   INTEGER NOT NULL DEFAULT 0,
    body    BLOB NOT NULL,
    UNIQUE (bucket, key)
);

CREATE TABLE inbox (
    unit           TEXT NOT NULL,
    process        TEXT NOT NULL,
    bucket_version INTEGER NOT NULL,
    number         TEXT NOT NULL,
    type           INTEGER NOT NULL,
    specification  TEXT NOT NULL,
    level          INTEGER NOT NULL,
    open           INTEGER NOT NULL,
    received       INTEGER NOT NULL,
    generated      INTEGER NOT NULL,
    assigned       TEXT NOT NULL,
    since          INTEGER NOT NULL,
    last_event     INTEGER NOT NULL,
    folded         TEXT NOT NULL, -- what the list's filter looks at
    PRIMARY KEY (unit, process)
) WITHOUT ROWID;
CREATE INDEX inbox_process ON inbox (process);
CREATE INDEX inbox_recent ON inbox (unit, open, generated, last_event);

CREATE TABLE documents (
    id      TEXT PRIMARY KEY,
    process TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX documents_process ON documents (process);

CREATE TABLE cited (
    sha      TEXT NOT NULL,
    process  TEXT NOT NULL,
    document TEXT NOT NULL,
    size     INTEGER NOT NULL,
    mime     TEXT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (sha, process, document)
) WITHOUT ROWID;
CREATE INDEX cited_process ON cited (process, document);

-- Pictures that the texts of minutes cite; a unit's own, as the minutes are.
CREATE TABLE pictures (
    unit     TEXT NOT NULL,
    document TEXT NOT NULL,
    revision TEXT NOT NULL,
    sha      TEXT NOT NULL,
    process  TEXT NOT NULL,
    size     INTEGER NOT NULL,
    mime     TEXT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (unit, document, revision, sha)
) WITHOUT ROWID;
CREATE INDEX pictures_sha ON pictures (sha);
CREATE INDEX pictures_process ON pictures (process, unit);

CREATE TABLE events (
    process TEXT NOT NULL,
    version INTEGER NOT NULL,
    command TEXT NOT NULL,
    PRIMARY KEY (process, version)
) WITHOUT ROWID;

CREATE TABLE minutes (
    unit     TEXT NOT NULL,
    document TEXT NOT NULL,
    revision TEXT NOT NULL,
    process  TEXT NOT NULL,
    seq      INTEGER NOT NULL,
    head     INTEGER NOT NULL,
    PRIMARY KEY (unit, document, revision)
) WITHOUT ROWID;
CREATE INDEX minutes_document ON minutes (document, seq);
CREATE INDEX minutes_revision ON minutes (revision);
CREATE INDEX minutes_process ON minutes (process);

-- What was asked for here and what became of it.
CREATE TABLE outbox (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    kind           TEXT NOT NULL,
    process        TEXT NOT NULL,
    document       TEXT NOT NULL,
    unit           TEXT NOT NULL,
    title          TEXT NOT NULL,
    process_label  TEXT NOT NULL,
    document_label TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'accepted', 'refused', 'withdrawn')),
    why            TEXT NOT NULL DEFAULT '',
    code           TEXT NOT NULL DEFAULT '',
    created        INTEGER NOT NULL,
    settled        INTEGER NOT NULL DEFAULT 0,
    attempts       INTEGER NOT NULL DEFAULT 0,
    arrived        INTEGER NOT NULL DEFAULT 0, -- accepted, and its rows are here
    dismissed      INTEGER NOT NULL DEFAULT 0,
    envelope       BLOB NOT NULL, -- sealed command, sealed again under the data key
    receipt        BLOB           -- the same for the central's answer
);
CREATE INDEX outbox_state ON outbox (state, seq);
CREATE INDEX outbox_process ON outbox (process, seq);
CREATE INDEX outbox_document ON outbox (document, seq);

CREATE TABLE outbox_needs (
    id    TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    needs TEXT NOT NULL,
    PRIMARY KEY (id, needs)
) WITHOUT ROWID;
CREATE INDEX outbox_needs_back ON outbox_needs (needs);

CREATE TABLE outbox_blobs (
    id       TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    sha      TEXT NOT NULL,
    size     INTEGER NOT NULL,
    mime     TEXT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (id, position)
) WITHOUT ROWID;
CREATE INDEX outbox_blobs_sha ON outbox_blobs (sha);

-- Events that an accepted entry's receipt cites; when they are here, it leaves
-- the overlay.
CREATE TABLE awaited (
    id      TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    process TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (id, process, version)
) WITHOUT ROWID;

CREATE TABLE drafts (
    document TEXT PRIMARY KEY,
    process  TEXT NOT NULL,
    unit     TEXT NOT NULL,
    base     TEXT NOT NULL,
    updated  INTEGER NOT NULL,
    body     BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE texts (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT NOT NULL,
    at       INTEGER NOT NULL,
    hash     TEXT NOT NULL,
    origin   TEXT NOT NULL,
    body     BLOB NOT NULL
);
CREATE INDEX texts_document ON texts (document, id);

CREATE TABLE numbers (
    number   INTEGER PRIMARY KEY,
    state    TEXT NOT NULL CHECK (state IN ('free', 'taken', 'unused')),
    document TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX numbers_document ON numbers (document) WHERE document <> '';
CREATE INDEX numbers_state ON numbers (state, number);

-- Files.
CREATE TABLE blobs (
    sha   TEXT PRIMARY KEY,
    size  INTEGER NOT NULL,
    since INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE pins (
    sha    TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (sha, reason)
) WITHOUT ROWID;

CREATE TABLE uploaded (sha TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE not_given (
    document TEXT NOT NULL,
    sha      TEXT NOT NULL,
    why      TEXT NOT NULL,
    PRIMARY KEY (document, sha)
) WITHOUT ROWID;

-- Files to be erased once the transaction that unlinked them is on the disk.
CREATE TABLE erasures (sha TEXT PRIMARY KEY) WITHOUT ROWID;

-- The index holds words and places, never the text: that stands sealed beside it.
CREATE TABLE findable (
    id       INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL CHECK (kind IN ('process', 'document')),
    ref      TEXT NOT NULL,
    process  TEXT NOT NULL,
    title    BLOB NOT NULL,
    numbers  TEXT NOT NULL,
    body     BLOB,
    UNIQUE (kind, ref)
);
CREATE INDEX findable_process ON findable (process);

CREATE VIRTUAL TABLE search USING fts5 (
    title, numbers, body,
    content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4'
);
