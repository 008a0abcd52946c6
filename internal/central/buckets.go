package central

import (
	"encoding/json"
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// bucket is a read model being changed in one transaction. Its version is
// allocated under its own row, so that no reader's cursor can pass a change
// that is committed later.
type bucket struct {
	w       *writer
	name    string
	version int64
	sum     ledger.Hash
}

// openBucket reads the bucket's row, making it when there is none.
func openBucket(w *writer, name wire.Bucket) (*bucket, error) {
	b := &bucket{w: w, name: string(name)}
	if err := w.exec("INSERT INTO buckets (name, version, checksum) VALUES (?, 0, ?) ON CONFLICT (name) DO NOTHING", b.name, b.sum[:]); err != nil {
		return nil, err
	}
	var sum []byte
	if err := w.row("SELECT version, checksum FROM buckets WHERE name = ?", b.name).Scan(&b.version, &sum); err != nil {
		return nil, fmt.Errorf("opening bucket: %w", err)
	}
	if copy(b.sum[:], sum) != ledger.HashSize {
		return nil, fmt.Errorf("bucket %s has a checksum of %d bytes", b.name, len(sum))
	}
	return b, nil
}

// put gives the row a new version. A nil body means that the content stands
// elsewhere and is looked up when it is pulled.
func (b *bucket) put(key string, body any) error {
	var data any
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encoding row %s: %w", key, err)
		}
		data = string(encoded)
	}
	return b.set(key, data, false)
}

// remove leaves a tombstone.
func (b *bucket) remove(key string) error {
	var gone bool
	err := b.w.row("SELECT gone FROM bucket_rows WHERE bucket = ? AND key = ?", b.name, key).Scan(&gone)
	if found, err := noRows(err); !found || gone || err != nil {
		return err
	}
	return b.set(key, nil, true)
}

func (b *bucket) set(key string, body any, gone bool) error {
	var before int64
	var wasGone bool
	err := b.w.row("SELECT version, gone FROM bucket_rows WHERE bucket = ? AND key = ?", b.name, key).Scan(&before, &wasGone)
	found, err := noRows(err)
	if err != nil {
		return fmt.Errorf("reading row %s: %w", key, err)
	}
	if found && !wasGone {
		b.sum = wire.RemoveRow(b.sum, key, before)
	}
	b.version++
	if !gone {
		b.sum = wire.AddRow(b.sum, key, b.version)
	}
	return b.w.exec(`INSERT INTO bucket_rows (bucket, key, version, gone, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (bucket, key) DO UPDATE SET version = excluded.version, gone = excluded.gone, body = excluded.body`,
		b.name, key, b.version, gone, body)
}

// save stores the bucket's own row; the commit then tells its subscribers.
func (b *bucket) save() error {
	b.w.changed[b.name] = true
	return b.w.exec("UPDATE buckets SET version = ?, checksum = ? WHERE name = ?", b.version, b.sum[:], b.name)
}

// changeBucket opens, changes and saves a bucket.
func changeBucket(w *writer, name wire.Bucket, change func(*bucket) error) (version int64, err error) {
	b, err := openBucket(w, name)
	if err != nil {
		return 0, err
	}
	if err := change(b); err != nil {
		return 0, fmt.Errorf("bucket %s: %w", name, err)
	}
	return b.version, b.save()
}
