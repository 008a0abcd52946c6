-- +goose Up

-- Every key that receipts were ever sealed with: old receipts verify for ever.
CREATE TABLE receipt_keys (
    id        TEXT PRIMARY KEY,
    place     BIGINT NOT NULL UNIQUE, -- from 1, in the order of use
    announced TEXT NOT NULL,          -- wire.ReceiptKey, with the word of the key before for this one
    before    TEXT NOT NULL           -- ledger.Sealed: the word of this key for the one before; empty for the first
);

-- +goose Down
DROP TABLE receipt_keys;
