-- +goose Up

-- The whole subtrees of the Merkle tree over all headers, from level 1 up; the
-- leaves follow from events.hash. A whole subtree never changes.
CREATE TABLE log_nodes (
    level    INTEGER NOT NULL,
    position BIGINT NOT NULL,
    hash     BLOB NOT NULL,
    PRIMARY KEY (level, position)
) WITHOUT ROWID;

-- The signed heads of the log, by how many headers they cover.
CREATE TABLE checkpoints (
    size   BIGINT PRIMARY KEY,
    sealed TEXT NOT NULL,       -- ledger.Sealed of a ledger.Checkpoint
    at     BIGINT NOT NULL
);

-- +goose Down
DROP TABLE checkpoints;
DROP TABLE log_nodes;
