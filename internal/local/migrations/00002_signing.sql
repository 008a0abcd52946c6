-- +goose Up

-- Acts of signing several documents, so that one that a crash cut short can be
-- taken up again where it stood.
CREATE TABLE sign_batches (
    id      TEXT PRIMARY KEY,
    unit    TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended   INTEGER NOT NULL DEFAULT 0, -- 0: under way, or cut short
    code    TEXT NOT NULL DEFAULT '',   -- what stopped it before its end
    why     TEXT NOT NULL DEFAULT '',
    details BLOB NOT NULL               -- sealed: who signed as what, with what
) WITHOUT ROWID;
CREATE INDEX sign_batches_started ON sign_batches (started);

CREATE TABLE sign_items (
    batch    TEXT NOT NULL REFERENCES sign_batches (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    command  TEXT NOT NULL UNIQUE, -- the one command that may carry this signature
    process  TEXT NOT NULL,
    document TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('waiting', 'handed', 'signed', 'failed')),
    code     TEXT NOT NULL DEFAULT '',
    why      TEXT NOT NULL DEFAULT '',
    labels   BLOB NOT NULL,        -- sealed: title, numbers
    envelope BLOB,                 -- sealed: the command that was handed in with a password
    PRIMARY KEY (batch, position)
) WITHOUT ROWID;
